"""What the notebooks get wrong, what is right, and, where it can be computed, the proof.

A proof is computed when it is asked for, from the functions of this package, and returned as a
sentence with its numbers. At the end, what learners get wrong: the documented cases with one of the
usual mistakes in them, so that a number can be recognised.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from nncore import pretrained
from nncore.activations import relu, relu_backward, sigmoid_backward
from nncore.backward import L_model_backward, linear_activation_backward, linear_backward
from nncore.cases import Case, cases, check, documented, runs
from nncore.data.dataset import Dataset
from nncore.forward import L_model_forward
from nncore.gradcheck import check_entry
from nncore.parameters import draw_parameters
from nncore.run import Run
from nncore.training import count_correct, gradient_descent
from nncore.types import FloatArray

EDITIONS = ("N1", "N2", "N3", "N4", "N5")


@dataclass(frozen=True)
class Slip:
    """One thing that a notebook says and that is not so.

    Attributes
    ----------
    id : str
    where, says, right : str
        In which notebook and section, what stands there, and what is true.
    """

    id: str
    where: str
    says: str
    right: str


@cache
def slips() -> tuple[Slip, ...]:
    """Return every known slip of the notebooks."""
    return tuple(
        Slip(entry["id"], entry["where"], entry["says"], entry["is"])
        for entry in documented()["errata"]
    )


@cache
def editions() -> tuple[tuple[str, dict[str, str]], ...]:
    """Return what differs between the notebooks: what it is about, and what each does."""
    return tuple(
        (entry["about"], {name: entry[name] for name in EDITIONS})
        for entry in documented()["editions"]
    )


def proof(slip_id: str, photos: Dataset | None = None) -> str | None:
    """Compute the proof that a slip is one; None where there is nothing to compute.

    Parameters
    ----------
    slip_id : str
    photos : Dataset, optional
        The course's photos, which some proofs need.
    """
    if slip_id in _PROOFS:
        return _PROOFS[slip_id]()
    if slip_id in _PROOFS_ON_PHOTOS and photos is not None:
        return _PROOFS_ON_PHOTOS[slip_id](photos)
    return None


def needs_photos(slip_id: str) -> bool:
    """Say whether the proof of a slip needs the photos."""
    return slip_id in _PROOFS_ON_PHOTOS


# Proofs that need nothing -------------------------------------------------------------------------


def _rand_or_randn() -> str:
    case = cases()["initialize_parameters_deep"]
    printed = float(case.expected["W1"][0, 0])
    uniform = np.random.RandomState(3).rand(4, 5)[0, 0] * 0.01
    normal = np.random.RandomState(3).randn(4, 5)[0, 0] * 0.01
    negative = int(np.sum(case.expected["W1"] < 0))
    return (
        f"W1[0, 0] is printed as {printed}; randn gives {normal:.8f}, rand {uniform:.8f}. And rand "
        f"is never negative, while {negative} of the {case.expected['W1'].size} printed weights are."
    )


def _cost_rises() -> str:
    costs = runs()["four_layer"].costs
    history = pretrained.load("four_layer")
    rises = int(np.sum(np.diff(history.costs) > 0))
    return (
        f"The printed cost goes from {costs[800]:.6f} at 800 to {costs[900]:.6f} at 900. In the run "
        f"that ships here, {rises:,} of {len(history.costs) - 1:,} steps raise the cost."
    )


def _randint_end() -> str:
    stream = random.Random(101)
    train = [stream.randint(0, 209) for _ in range(25)]
    stream = random.Random(101)
    test = [stream.randint(0, 50) for _ in range(25)]
    place = test.index(50) + 1
    return (
        f"random.seed(101), then randint(0, 50) twenty-five times: draw {place} is {test[place - 1]}, "
        f"and the last test picture is number 49. The training grid begins {train[0]}, {train[1]}, "
        f"{train[2]}."
    )


def _four_or_five_layers() -> str:
    dims = runs()["four_layer"].settings.layers_dims
    layers = len(pretrained.load("four_layer").parameters) // 2
    return f"{list(dims)} has {len(dims)} sizes and {layers} layers with weights, W1 to W{layers}."


def _off_by_one() -> str:
    dims = [5, 4, 3]
    parameters = draw_parameters(dims, "small", np.random.RandomState(3))
    return (
        f"For layer_dims = {dims}, len(layer_dims) is {len(dims)}, and there are "
        f"{len(parameters) // 2} layers with weights: {', '.join(parameters)}."
    )


def _loss_or_cost() -> str:
    case = cases()["L_model_forward_1hidden"].inputs()
    X, parameters = case.pop("X"), case
    Y = np.array([[1.0, 0.0]])
    AL, caches = L_model_forward(X, parameters)
    grads = L_model_backward(AL, Y, caches)

    row, column = np.unravel_index(np.argmax(np.abs(grads["dW2"])), grads["dW2"].shape)
    at = (int(row), int(column))
    weight = check_entry(X, Y, parameters, "W2", *at)
    pixel = check_entry(X, Y, parameters, "A0", 0, 0)
    m = X.shape[1]
    return (
        f"On a small network with m = {m}: nudging W2{list(at)} changes J by {weight.numeric:.6f} a "
        f"unit, and dW2{list(at)} is {grads['dW2'][at]:.6f}, the same. Nudging X[0, 0] changes J by "
        f"{pixel.numeric:.6f}, and dA0[0, 0] is {grads['dA0'][0, 0]:.6f}, {m} times that."
    )


def _and_before_or() -> str:
    print_cost, i, num_iterations = False, 2499, 2500
    value = print_cost and i % 100 == 0 or i == num_iterations - 1  # noqa: RUF021  the slip itself
    return f"With print_cost = False and i = {i}, the condition is {value}: it prints."


def _caches_counted() -> str:
    case = cases()["L_model_forward_2hidden"]
    found = {comparison.name: comparison for comparison in check(case)}["len(caches)"]
    return (
        f"For the network with two hidden layers, L = 3, caches has {int(found.computed)} entries, "
        f"0 to {int(found.computed) - 1}."
    )


# Proofs on the photos -----------------------------------------------------------------------------


def _labels_swapped(photos: Dataset) -> str:
    cats, total = photos.count_cats("train")
    return (
        f"{cats} of the {total} training pictures have label 1, the first of them picture "
        f"{photos.first('cat')}: look at it, and it is a cat."
    )


def _forgot_255(photos: Dataset) -> str:
    parameters = pretrained.load("four_layer").parameters
    right, _ = L_model_forward(photos.test_x, parameters)
    forgot, _ = L_model_forward(photos.test_x * 255, parameters)
    flipped = int(np.sum((right > 0.5) != (forgot > 0.5)))
    sure = int(np.sum((forgot < 1e-15) | (forgot > 1 - 1e-15)))
    return (
        f"The documented 4-layer network on the {photos.test_x.shape[1]} test pictures, not divided "
        f"by 255: {flipped} answers change, and {sure} probabilities are 0 or 1 to 15 digits."
    )


def _x_transposed(photos: Dataset) -> str:
    return f"X of the training pictures has shape {photos.train_x.shape}: one picture is a column."


def _silent_initialiser(photos: Dataset) -> str:
    settings = runs()["four_layer"].settings
    parameters = draw_parameters(settings.layers_dims, "small", np.random.RandomState(3))
    Y = photos.train_labels.astype(np.float64)
    steps = list(
        gradient_descent(
            photos.train_x, Y, parameters, learning_rate=settings.learning_rate, num_iterations=100
        )
    )
    right, total = count_correct(photos.test_x, photos.test_labels, steps[-1].parameters)
    return (
        f"With seed 3 and 0.01 the cost is {float(steps[0].cost):.5f} at the start and "
        f"{float(steps[-1].cost):.5f} after {steps[-1].iteration} iterations, still falling towards "
        f"the cost of one answer for all; {right} of {total} test pictures are right. With the "
        f"application's own start it is {runs()['four_layer'].costs[100]:.5f} by then."
    )


def _early_stopping(photos: Dataset) -> str:
    said = []
    for name in ("two_layer", "four_layer"):
        run = Run(photos, runs()[name].settings)
        run.advance()
        history = run.history()
        total = history.correct["test"][1]
        right = np.rint(history.test_accuracy * total).astype(int)
        best = int(np.argmax(right))
        said.append(
            f"{name.replace('_', '-')}, {right[1500]} of {total} test pictures after 1,500 "
            f"iterations, {right[-1]} after {history.last:,}, at most {right[best]}, after {best:,}"
        )
    return "Both documented runs again: " + "; ".join(said) + "."


_PROOFS: dict[str, Callable[[], str]] = {
    "rand_or_randn": _rand_or_randn,
    "cost_rises": _cost_rises,
    "randint_end": _randint_end,
    "four_or_five_layers": _four_or_five_layers,
    "off_by_one_L": _off_by_one,
    "loss_or_cost": _loss_or_cost,
    "and_before_or": _and_before_or,
    "caches_counted": _caches_counted,
}
_PROOFS_ON_PHOTOS: dict[str, Callable[[Dataset], str]] = {
    "labels_swapped": _labels_swapped,
    "forgot_255": _forgot_255,
    "x_transposed": _x_transposed,
    "silent_initialiser": _silent_initialiser,
    "early_stopping": _early_stopping,
}


# Usual mistakes of a learner's own functions -------------------------------------------------------


def mistakes(case: Case) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Compute a documented case as it comes out with one of the usual mistakes in the function.

    Yields
    ------
    sentence : str
        What is wrong; a clause that goes on after "if".
    outputs : mapping of str to ndarray
        By the names of `case.expected`; an array of another shape is what the mistake makes of it.
    """
    made = _MISTAKES.get(case.function)
    if made is not None and case.expected:
        yield from made(case, case.inputs())


_GRADIENTS = ("dA_prev", "dW", "db")
Mistakes = Iterator[tuple[str, Mapping[str, Any]]]
Inputs = dict[str, Any]


def _in_initialising(case: Case, inputs: Inputs) -> Mistakes:
    outputs = case.compute(**inputs)
    yield "the factor 0.01 is missing", {name: W / 0.01 for name, W in outputs.items()}
    if case.id == "initialize_parameters_deep_unseeded":
        return
    dims = inputs.get("layer_dims", list(inputs.values()))
    seed = 1 if case.function == "initialize_parameters" else 3
    stream = np.random.RandomState(seed)
    yield (
        "rand (uniform) stands where randn (normal) should",
        {
            f"W{layer}": stream.rand(n, n_prev) * 0.01
            for layer, (n_prev, n) in enumerate(pairwise(dims), start=1)
        },
    )
    yield (
        "the initialiser is the application's: seed 1, divided by the root of n[l-1]",
        draw_parameters(dims, "scaled", np.random.RandomState(1)),
    )


def _in_forward(case: Case, inputs: Inputs) -> Mistakes:
    unbiased = {
        name: value * 0 if name.startswith("b") else value for name, value in inputs.items()
    }
    yield "b is not added", case.compute(**unbiased)
    if case.function == "L_model_forward":
        parameters = {name: value for name, value in inputs.items() if name != "X"}
        Z = L_model_forward(inputs["X"], parameters)[1][-1][1]
        yield "the last activation is ReLU, not the sigmoid", {"AL": relu(Z)[0]}
        yield "the last activation is missing", {"AL": Z}


def _in_cost(case: Case, inputs: Inputs) -> Mistakes:
    AL, Y = inputs["AL"], inputs["Y"]
    cost = case.compute(**inputs)["cost"]
    yield "the minus is missing", {"cost": -cost}
    yield "the 1/m is missing", {"cost": cost * Y.shape[1]}
    if not Y.all():
        half = -np.mean(Y * np.log(AL))
        yield "the second term, (1 - Y) log(1 - AL), is missing", {"cost": half}


def _in_a_layer_backward(case: Case, inputs: Inputs) -> Mistakes:
    outputs = {name: v for name, v in case.compute(**inputs).items() if name in _GRADIENTS}
    A_prev = inputs["A_prev" if "A_prev" in inputs else "A"]
    cache = (A_prev, inputs["W"], inputs["b"])
    dZ = inputs.get("dZ")
    if dZ is None:
        slope = relu_backward if case.id.endswith("relu") else sigmoid_backward
        dZ = slope(inputs["dA"], inputs["Z"])
    m = dZ.shape[1]
    of_parameters = {name: outputs[name] for name in ("dW", "db")}
    yield from _with_another_m(of_parameters, m, dict.fromkeys(of_parameters, len(A_prev)))
    yield "dA_prev is divided by m, which only dW and db are", {"dA_prev": outputs["dA_prev"] / m}
    yield from _in_summing("db", dZ)
    if case.function == "linear_activation_backward":
        yield (
            "dA is not multiplied by the slope of the activation",
            dict(zip(_GRADIENTS, linear_backward(inputs["dA"], cache), strict=True)),
        )


def _in_all_backward(case: Case, inputs: Inputs) -> Mistakes:
    AL, Y, Z1 = inputs["AL"], inputs["Y"], inputs["Z1"]
    first, last = ((inputs[f"A{k}"], inputs[f"W{k}"], inputs[f"b{k}"]) for k in (1, 2))
    outputs = case.compute(**inputs)
    m = AL.shape[1]
    of_parameters = {name: v for name, v in outputs.items() if name[:2] != "dA"}
    rows = {name: len(inputs[f"A{name[2:]}"]) for name in of_parameters}
    yield from _with_another_m(of_parameters, m, rows)
    dAL = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    yield from _in_summing("db1", relu_backward(outputs["dA1"], Z1))
    yield from _in_summing("db2", sigmoid_backward(dAL, inputs["Z2"]))

    def of_layer_1(dA0: FloatArray, dW1: FloatArray, db1: FloatArray) -> Mapping[str, Any]:
        return {"dA0": dA0, "dW1": dW1, "db1": db1}

    yield (
        "layer 1 lacks the slope of its ReLU: dA passes where Z1 is negative, too",
        of_layer_1(*linear_backward(outputs["dA1"], first)),
    )
    yield (
        "layer 1 has the slope of the sigmoid, not that of the ReLU",
        of_layer_1(*linear_activation_backward(outputs["dA1"], (first, Z1), "sigmoid")),
    )
    A1, W1, b1 = first
    yield (
        "Z1 is computed anew as W1 A1 + b1: this test case brings one of its own in the cache",
        of_layer_1(*linear_activation_backward(outputs["dA1"], (first, W1 @ A1 + b1), "relu")),
    )
    yield "the minus before dAL is missing", {name: -v for name, v in outputs.items()}
    dA1, dW2, db2 = linear_backward(AL - Y, last)
    yield (
        "dZ of the output is AL - Y, right in a network, but this test case is none",
        {
            **of_layer_1(*linear_activation_backward(dA1, (first, Z1), "relu")),
            "dA1": dA1,
            "dW2": dW2,
            "db2": db2,
        },
    )


def _with_another_m(of_parameters: Inputs, m: int, rows: Mapping[str, int]) -> Mistakes:
    """With 1/m in another way; `rows` are those of A_prev, for each gradient."""
    yield "the 1/m is missing", {name: m * v for name, v in of_parameters.items()}
    yield "1/m is multiplied twice", {name: v / m for name, v in of_parameters.items()}
    yield (
        "m is the number of rows of A_prev, shape[0], not of its columns, shape[1]",
        {name: v * m / rows[name] for name, v in of_parameters.items()},
    )


def _in_summing(name: str, dZ: FloatArray) -> Mistakes:
    """The sum of dZ in a wrong direction, which makes a db of another shape."""
    m = dZ.shape[1]
    wrong = {
        f"{name} is the sum over axis 0, the units, not over axis 1, the examples": dZ.sum(axis=0)
    }
    if len(dZ) > 1:
        wrong[f"np.sum has no axis for {name}, and sums all units"] = dZ.sum()
    for sentence, total in wrong.items():
        yield sentence, {name: np.asarray(total / m)}
        yield f"{sentence}; and the 1/m is missing", {name: np.asarray(total)}


def _in_update(case: Case, inputs: Inputs) -> Mistakes:
    def with_gradients(factor: float) -> Mapping[str, Any]:
        changed = {k: factor * v if k.startswith("d") else v for k, v in inputs.items()}
        return case.compute(**changed)

    yield "the gradient is added, not subtracted", with_gradients(-1)
    yield "the learning rate is missing", with_gradients(1 / 0.1)


_MISTAKES: dict[str, Callable[[Case, Inputs], Mistakes]] = {
    "initialize_parameters": _in_initialising,
    "initialize_parameters_deep": _in_initialising,
    "linear_forward": _in_forward,
    "linear_activation_forward": _in_forward,
    "L_model_forward": _in_forward,
    "compute_cost": _in_cost,
    "linear_backward": _in_a_layer_backward,
    "linear_activation_backward": _in_a_layer_backward,
    "L_model_backward": _in_all_backward,
    "update_parameters": _in_update,
}
