"""Every number that the course's notebooks print, as data: what is called, and what must come out.

One table, `cases()` and `runs()`, feeds the tests, the pages and the command line. The printed numbers
stand in `documented.json`, with the notebooks they are from; this file says how the inputs are made
and which function is called.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.backward import L_model_backward, linear_activation_backward, linear_backward
from nncore.cost import compute_cost
from nncore.forward import L_model_forward, linear_activation_forward, linear_forward
from nncore.history import History, Settings
from nncore.parameters import (
    initialize_parameters,
    initialize_parameters_deep,
    update_parameters,
)
from nncore.types import FloatArray

Arrays = dict[str, Any]

# What each function computes, in LaTeX, under the names that the cases give to their arrays.
EQUATIONS: Mapping[str, tuple[str, ...]] = {
    "initialize_parameters": (r"W^{[l]} = 0.01 \cdot \text{normal draws}", r"b^{[l]} = 0"),
    "initialize_parameters_deep": (r"W^{[l]} = 0.01 \cdot \text{normal draws}", r"b^{[l]} = 0"),
    "linear_forward": (r"Z = W A + b",),
    "linear_activation_forward": (r"Z = W A^{\text{prev}} + b", r"A = g(Z)"),
    "L_model_forward": (
        r"A^{[0]} = X",
        r"Z^{[l]} = W^{[l]} A^{[l-1]} + b^{[l]}",
        r"A^{[l]} = \mathrm{ReLU}(Z^{[l]}), \; l < L",
        r"A^{[L]} = \sigma(Z^{[L]})",
    ),
    "compute_cost": (
        r"J = -\frac{1}{m} \sum_{i=1}^{m} \Big( y^{(i)} \log a^{[L](i)}",
        r"\qquad + \, (1 - y^{(i)}) \log (1 - a^{[L](i)}) \Big)",
    ),
    "numpy.sum": (
        r"\text{axis 1: } \textstyle\sum_k A_{i,k}",
        r"\text{axis 0: } \textstyle\sum_k A_{k,j}",
    ),
    "linear_backward": (
        r"dW = \tfrac{1}{m} \, dZ \, (A^{\text{prev}})^T",
        r"db = \tfrac{1}{m} \textstyle\sum_{i=1}^{m} dZ^{(i)}",
        r"dA^{\text{prev}} = W^T \, dZ",
    ),
    "linear_activation_backward": (
        r"dZ = dA * g'(Z)",
        r"dW = \tfrac{1}{m} \, dZ \, A^T",
        r"db = \tfrac{1}{m} \textstyle\sum_{i=1}^{m} dZ^{(i)}",
        r"dA^{\text{prev}} = W^T \, dZ",
    ),
    "L_model_backward": (
        r"dA^{[L]} = -\Big( \frac{Y}{A^{[L]}} - \frac{1 - Y}{1 - A^{[L]}} \Big)",
        r"dZ^{[l]} = dA^{[l]} * g'(Z^{[l]})",
        r"dW^{[l]} = \tfrac{1}{m} \, dZ^{[l]} A^{[l-1]T}",
        r"db^{[l]} = \tfrac{1}{m} \textstyle\sum_{i=1}^{m} dZ^{[l](i)}",
        r"dA^{[l-1]} = W^{[l]T} dZ^{[l]}",
    ),
    "update_parameters": (
        r"W^{[l]} := W^{[l]} - \alpha \, dW^{[l]}",
        r"b^{[l]} := b^{[l]} - \alpha \, db^{[l]}",
    ),
}

RUN_TOLERANCE = 1e-9  # on a cost: rounding adds up over thousands of steps


@dataclass(frozen=True, eq=False)
class Case:
    """One documented call.

    Attributes
    ----------
    id, function, call, draws : str
        Its name, the function it is about, the call and the making of its inputs, in words.
    expected : mapping of str to ndarray
        The printed outputs by name.
    decimals : int
        How many decimals are printed.
    sources : tuple of str
        The notebooks and sections that print them.
    note : str
    inputs : callable
        Makes fresh inputs, by name.
    compute : callable
        Takes the inputs by name and returns the outputs by name.
    """

    id: str
    function: str
    call: str
    draws: str
    expected: Mapping[str, NDArray[Any]]
    decimals: int
    sources: tuple[str, ...]
    note: str
    inputs: Callable[[], Arrays]
    compute: Callable[..., Arrays]

    @property
    def tolerance(self) -> float:
        """Half a unit of the last printed digit, but no less than 1e-15."""
        return max(0.5 * 10.0**-self.decimals, 1e-15)


@dataclass(frozen=True, eq=False)
class Comparison:
    """One output of a case, documented against computed.

    Attributes
    ----------
    name : str
    documented, computed : ndarray
    difference : float
        The largest over the entries; infinite where shapes differ or a number is not finite.
    worst : tuple of int, or None
        The entry with that difference; None where shapes differ.
    agrees : bool
    """

    name: str
    documented: NDArray[Any]
    computed: NDArray[Any]
    difference: float
    worst: tuple[int, ...] | None
    agrees: bool


def check(case: Case) -> list[Comparison]:
    """Compute a case afresh and compare each documented output with ours."""
    return compare(case, case.compute(**case.inputs()))


def compare(case: Case, outputs: Mapping[str, Any]) -> list[Comparison]:
    """Compare each documented output of a case with the one of the same name in `outputs`."""
    return [
        _compare(name, documented, np.asarray(outputs[name]), case.tolerance)
        for name, documented in case.expected.items()
    ]


def _compare(
    name: str, documented: NDArray[Any], computed: NDArray[Any], tolerance: float
) -> Comparison:
    if documented.shape != computed.shape:
        return Comparison(name, documented, computed, float("inf"), None, False)
    differences = np.abs(documented - computed)
    differences = np.where(np.isfinite(differences), differences, np.inf)
    worst = tuple(int(k) for k in np.unravel_index(np.argmax(differences), differences.shape))
    difference = float(differences[worst])
    return Comparison(name, documented, computed, difference, worst, difference <= tolerance)


# How the inputs are made ------------------------------------------------------------------------


def _draws(seed: int, **shapes: tuple[int, int]) -> Arrays:
    """Draw standard normal arrays, in this order, as after np.random.seed(seed)."""
    stream = np.random.RandomState(seed)
    return {name: stream.randn(*shape) for name, shape in shapes.items()}


_GLOBAL_STREAM = threading.Lock()


@contextmanager
def _global_stream() -> Iterator[None]:
    """Lend NumPy's global stream to a function that seeds it, to one thread at a time."""
    with _GLOBAL_STREAM:
        state = np.random.get_state()
        try:
            yield
        finally:
            np.random.set_state(state)


def _initialize(layer_dims: list[int]) -> Arrays:
    with _global_stream():
        return initialize_parameters_deep(layer_dims)


def _initialize_two_layer(n_x: int, n_h: int, n_y: int) -> Arrays:
    with _global_stream():
        return initialize_parameters(n_x, n_h, n_y)


def _initialize_again(layer_dims: list[int]) -> Arrays:
    """Notebook 2: the same cell once more, with nothing seeded in between."""
    with _global_stream():
        initialize_parameters_deep(layer_dims, seed=3)
        return initialize_parameters_deep(layer_dims, seed=None)


def _forward_cache(A: FloatArray, W: FloatArray, b: FloatArray) -> Arrays:
    _, cache = linear_forward(A, W, b)
    return dict(zip(("A", "W", "b"), cache, strict=True))


def _model_forward(X: FloatArray, **parameters: FloatArray) -> Arrays:
    AL, caches = L_model_forward(X, parameters)
    return {"X": X, "AL": AL, "len(caches)": len(caches)}


def _cost_inputs(*labels: int) -> Callable[[], Arrays]:
    return lambda: {"AL": np.array([[0.8, 0.9, 0.4]]), "Y": np.array([labels])}


def _sums(A: FloatArray) -> Arrays:
    return {
        f"axis={axis}, keepdims={keep}": np.sum(A, axis=axis, keepdims=keep)
        for axis in (1, 0)
        for keep in (True, False)
    }


def _gradients(dA_prev: FloatArray, dW: FloatArray, db: FloatArray) -> Arrays:
    return {"dA_prev": dA_prev, "dW": dW, "db": db}


def _linear_backward(dZ: FloatArray, A_prev: FloatArray, W: FloatArray, b: FloatArray) -> Arrays:
    return {"dZ": dZ, **_gradients(*linear_backward(dZ, (A_prev, W, b)))}


def _activation_forward(activation: str) -> Callable[..., Arrays]:
    return lambda A_prev, W, b: {"A": linear_activation_forward(A_prev, W, b, activation)[0]}


def _activation_backward(activation: str) -> Callable[..., Arrays]:
    return lambda dA, A, W, b, Z: _gradients(
        *linear_activation_backward(dA, ((A, W, b), Z), activation)
    )


def _backward_inputs() -> Arrays:
    drawn = _draws(
        3, AL=(1, 2), A1=(4, 2), W1=(3, 4), b1=(3, 1), Z1=(3, 2), A2=(3, 2), W2=(1, 3), b2=(1, 1),
        Z2=(1, 2),
    )  # fmt: skip
    return {"AL": drawn.pop("AL"), "Y": np.array([[1, 0]]), **drawn}


def _model_backward(
    AL: FloatArray, Y: FloatArray, A1: FloatArray, W1: FloatArray, b1: FloatArray, Z1: FloatArray,
    A2: FloatArray, W2: FloatArray, b2: FloatArray, Z2: FloatArray,
) -> Arrays:  # fmt: skip
    return dict(L_model_backward(AL, Y, [((A1, W1, b1), Z1), ((A2, W2, b2), Z2)]))


def _update_inputs() -> Arrays:
    shapes = {"W1": (3, 4), "b1": (3, 1), "W2": (1, 3), "b2": (1, 1)}
    return {
        **_draws(2, **shapes),
        **_draws(3, **{f"d{name}": shape for name, shape in shapes.items()}),
    }


def _update(**arrays: FloatArray) -> Arrays:
    parameters = {name: array for name, array in arrays.items() if not name.startswith("d")}
    grads = {name: array for name, array in arrays.items() if name.startswith("d")}
    return dict(update_parameters(parameters, grads, 0.1))


_LINEAR_FORWARD = {"A": (3, 2), "W": (1, 3), "b": (1, 1)}
_ACTIVATION_FORWARD = {"A_prev": (3, 2), "W": (1, 3), "b": (1, 1)}
_ACTIVATION_BACKWARD = {"dA": (1, 2), "A": (3, 2), "W": (1, 3), "b": (1, 1), "Z": (1, 2)}

# id: (how the inputs are made, what is called with them)
_RECIPES: dict[str, tuple[Callable[[], Arrays], Callable[..., Arrays]]] = {
    "initialize_parameters": (lambda: {"n_x": 3, "n_h": 2, "n_y": 1}, _initialize_two_layer),
    "initialize_parameters_deep": (lambda: {"layer_dims": [5, 4, 3]}, _initialize),
    "initialize_parameters_deep_unseeded": (lambda: {"layer_dims": [5, 4, 3]}, _initialize_again),
    "linear_forward": (
        lambda: _draws(1, **_LINEAR_FORWARD),
        lambda A, W, b: {"Z": linear_forward(A, W, b)[0]},
    ),
    "linear_forward_cache": (lambda: _draws(1, **_LINEAR_FORWARD), _forward_cache),
    "linear_activation_forward_sigmoid": (
        lambda: _draws(2, **_ACTIVATION_FORWARD),
        _activation_forward("sigmoid"),
    ),
    "linear_activation_forward_relu": (
        lambda: _draws(2, **_ACTIVATION_FORWARD),
        _activation_forward("relu"),
    ),
    "L_model_forward_1hidden": (
        lambda: _draws(1, X=(4, 2), W1=(3, 4), b1=(3, 1), W2=(1, 3), b2=(1, 1)),
        _model_forward,
    ),
    "L_model_forward_2hidden": (
        lambda: _draws(
            6, X=(5, 4), W1=(4, 5), b1=(4, 1), W2=(3, 4), b2=(3, 1), W3=(1, 3), b3=(1, 1)
        ),
        _model_forward,
    ),
    "compute_cost_v3": (_cost_inputs(1, 1, 1), lambda AL, Y: {"cost": compute_cost(AL, Y)}),
    "compute_cost_v4": (_cost_inputs(1, 1, 0), lambda AL, Y: {"cost": compute_cost(AL, Y)}),
    "sum_axis_keepdims": (lambda: {"A": np.array([[1, 2], [3, 4]])}, _sums),
    "linear_backward_v3": (
        lambda: _draws(1, dZ=(1, 2), A_prev=(3, 2), W=(1, 3), b=(1, 1)),
        _linear_backward,
    ),
    "linear_backward_v4": (
        lambda: _draws(1, dZ=(3, 4), A_prev=(5, 4), W=(3, 5), b=(3, 1)),
        _linear_backward,
    ),
    "linear_activation_backward_sigmoid": (
        lambda: _draws(2, **_ACTIVATION_BACKWARD),
        _activation_backward("sigmoid"),
    ),
    "linear_activation_backward_relu": (
        lambda: _draws(2, **_ACTIVATION_BACKWARD),
        _activation_backward("relu"),
    ),
    "L_model_backward": (_backward_inputs, _model_backward),
    "update_parameters": (_update_inputs, _update),
}


# The table --------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class DocumentedRun:
    """One documented training run.

    Attributes
    ----------
    id : str
        "two_layer" or "four_layer".
    settings : Settings
    costs : mapping of int to float
        The printed costs by iteration.
    correct : mapping
        For "train" and "test", how many answers are right, and of how many.
    sources : tuple of str
    note : str
    """

    id: str
    settings: Settings
    costs: Mapping[int, float]
    correct: Mapping[str, tuple[int, int]]
    sources: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class RunComparison:
    """A run against its documented numbers.

    Attributes
    ----------
    compared : int
        How many documented costs the run has reached.
    difference : float
        The largest difference of a cost, and at which iteration; 0 where none is reached.
    iteration : int
    agrees : bool
        Whether all costs and both accuracies are reached and agree.
    """

    compared: int
    difference: float
    iteration: int
    agrees: bool


def check_run(run: DocumentedRun, history: History) -> RunComparison:
    """Compare a run, recorded at every iteration, with the documented one as far as it goes."""
    computed = dict(zip(history.iterations.tolist(), history.costs.tolist(), strict=True))
    differences = {
        i: abs(computed[i] - documented) for i, documented in run.costs.items() if i in computed
    }
    worst = max(differences, key=differences.__getitem__, default=0)
    difference = differences.get(worst, 0.0)
    return RunComparison(
        compared=len(differences),
        difference=difference,
        iteration=worst,
        agrees=(
            len(differences) == len(run.costs)
            and difference <= RUN_TOLERANCE
            and dict(history.correct) == dict(run.correct)
        ),
    )


def documented_run(settings: Settings) -> DocumentedRun | None:
    """Return the documented run that has exactly these settings, data included, if there is one."""
    return next((run for run in runs().values() if run.settings == settings), None)


@cache
def documented() -> dict[str, Any]:
    """Return what stands in documented.json, as it stands there."""
    path = Path(__file__).with_name("documented.json")
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


@cache
def cases() -> dict[str, Case]:
    """Return every documented case by its id, in the order of the lesson."""
    table = {}
    for entry in documented()["cases"]:
        inputs, compute = _RECIPES[entry["id"]]
        table[entry["id"]] = Case(
            id=entry["id"],
            function=entry["function"],
            call=entry["call"],
            draws=entry["draws"],
            expected={name: np.array(value) for name, value in entry["expected"].items()},
            decimals=entry["decimals"],
            sources=tuple(entry["sources"]),
            note=entry["note"],
            inputs=inputs,
            compute=compute,
        )
    return table


@cache
def runs() -> dict[str, DocumentedRun]:
    """Return the documented training runs by their id."""
    table = {}
    for entry in documented()["runs"]:
        table[entry["id"]] = DocumentedRun(
            id=entry["id"],
            settings=Settings(
                layers_dims=tuple(entry["layers_dims"]),
                learning_rate=entry["learning_rate"],
                num_iterations=entry["num_iterations"],
                init=entry["init"],
                seed=entry["seed"],
                dataset=entry["dataset"],
            ),
            costs={int(i): cost for i, cost in entry["costs"].items()},
            correct={
                "train": tuple(entry["train_correct"]),
                "test": tuple(entry["test_correct"]),
            },
            sources=tuple(entry["sources"]),
            note=entry["note"],
        )
    return table
