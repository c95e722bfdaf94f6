"""A trace is true: its code makes its numbers, its arrays hang together, its terms add up."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nncore import (
    L_model_backward,
    L_model_forward,
    compute_cost,
    data,
    pretrained,
    update_parameters,
)
from nncore.cases import cases
from nncore.trace import Rule, Step, explain, trace_iteration
from nncore.types import FloatArray, Parameters
from tests.networks import networks

Network = tuple[FloatArray, FloatArray, Parameters]


def one_layer() -> Network:
    """The network that notebook 3 traces by hand, with AL that really is sigmoid(Z)."""
    A0 = [[0.20445225, 0.87811744], [0.02738759, 0.67046751], [0.4173048, 0.55868983]]
    W1 = [[1.78862847, 0.43650985, 0.09649747]]
    return np.array(A0), np.ones((1, 2)), {"W1": np.array(W1), "b1": np.zeros((1, 1))}


def exact_zeros() -> Network:
    """Z is exactly 0 in both hidden layers, where > and >= differ; biases are not zero."""
    X = np.array([[1.0, 2.0, -1.0], [1.0, 0.0, 3.0]])
    parameters = {
        "W1": np.array([[1.0, -1.0], [2.0, 1.0]]),
        "b1": np.array([[0.0], [-3.0]]),
        "W2": np.array([[1.0, -2.0], [1.0, 1.0]]),
        "b2": np.array([[0.0], [0.5]]),
        "W3": np.array([[0.5, -1.0], [1.0, 2.0], [-3.0, 0.25]]),
        "b3": np.array([[0.25], [-0.5], [1.0]]),
    }
    return X, np.array([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0], [1.0, 1.0, 0.0]]), parameters


def saturated() -> Network:
    """Answers at both limits of the sigmoid."""
    X = np.array([[1.0, -1.0, 1.0, -1.0, 0.5]])
    parameters = {"W1": np.array([[5000.0]]), "b1": np.array([[0.5]])}
    return X, np.array([[1.0, 0.0, 0.0, 1.0, 1.0]]), parameters


def documented(case: str) -> Network:
    parameters = cases()[case].inputs()
    X = parameters.pop("X")
    return X, (np.arange(X.shape[1])[None] % 2).astype(float), parameters


def shipped(name: str) -> Network:
    doodles = data.load("doodles")
    return doodles.train_x, doodles.train_labels, dict(pretrained.load(name).parameters)


FIXTURES = {
    "one layer": one_layer,
    "exact zeros": exact_zeros,
    "saturated": saturated,
    "1 hidden": lambda: documented("L_model_forward_1hidden"),
    "2 hidden": lambda: documented("L_model_forward_2hidden"),
    "cats": lambda: shipped("four_layer"),
}
on_fixtures = pytest.mark.parametrize("make", FIXTURES.values(), ids=FIXTURES)


def assert_true(network: Network, learning_rate: float = 0.3) -> list[Step]:
    """The four proofs."""
    X, Y, parameters = network
    steps = trace_iteration(X, Y, parameters, learning_rate)
    assert_replays(steps)
    assert_hangs_together(steps, network, learning_rate)
    assert_read_only(steps)
    assert_is_the_plain_iteration(steps, network, learning_rate)
    return steps


def assert_replays(steps: list[Step]) -> None:
    for step in steps:
        assert 1 <= len(step.code.splitlines()) <= 3
        space = dict(step.inputs)
        exec(step.code, {"np": np, "__builtins__": {}}, space)
        for name, output in step.outputs.items():
            assert np.shape(space[name]) == output.shape, (step.code, name)
            np.testing.assert_array_equal(space[name], output, err_msg=step.code)
            assert np.result_type(space[name]) == output.dtype


def assert_hangs_together(steps: list[Step], network: Network, learning_rate: float) -> None:
    X, Y, parameters = network
    latest = {"A0": X, "Y": Y, **parameters}
    latest |= {"m": np.array(X.shape[1]), "learning_rate": np.array(learning_rate)}
    written: dict[str, FloatArray] = {}
    caches: dict[int | None, set[str]] = {}
    for step in steps:
        for name, array in step.inputs.items():
            np.testing.assert_array_equal(array, latest[name], err_msg=name)
            assert array is written.setdefault(name, array), name  # one array, no copy
        written |= step.outputs
        latest |= step.outputs
        cache = caches.setdefault(step.layer, set())
        cache |= set(step.kept)
        assert set(step.kept) <= set(step.inputs) | set(step.outputs)
        assert set(step.recalled) <= set(step.inputs) & cache
        assert [rule.output for rule in step.rules] == list(step.outputs)
        read = {name for rule in step.rules for name, _ in (*rule.factors, rule.addend or ("", ""))}
        assert read - {""} == set(step.inputs) - {"m", "learning_rate"}
    assert [step.index for step in steps] == list(range(len(steps)))


def assert_read_only(steps: list[Step]) -> None:
    for step in steps:
        for array in (*step.inputs.values(), *step.outputs.values()):
            assert type(array) is np.ndarray
            assert array.flags.forc
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0


def assert_is_the_plain_iteration(
    steps: list[Step], network: Network, learning_rate: float
) -> None:
    X, Y, parameters = network
    AL, caches = L_model_forward(X, parameters)
    grads = L_model_backward(AL, Y, caches)
    updated = update_parameters(parameters, grads, learning_rate)
    traced = {name: array for step in steps for name, array in step.outputs.items()}
    assert set(grads) | set(updated) < set(traced)
    for name, array in {**grads, **updated, "AL": AL, "cost": compute_cost(AL, Y)}.items():
        np.testing.assert_array_equal(traced[name], array, err_msg=name)


@on_fixtures
def test_a_trace_of_a_fixture_is_true(make) -> None:
    assert_true(make())


@given(networks(outputs=None), st.floats(0, 3))
@settings(max_examples=60, deadline=None)
def test_a_trace_of_any_network_is_true(network: Network, learning_rate: float) -> None:
    assert_true(network, learning_rate)


def test_the_order_is_the_course_s() -> None:
    steps = trace_iteration(*exact_zeros(), 0.1)
    assert [(step.phase, step.layer, step.name) for step in steps] == [
        ("forward", 1, "linear_forward"),
        ("forward", 1, "relu"),
        ("forward", 2, "linear_forward"),
        ("forward", 2, "relu"),
        ("forward", 3, "linear_forward"),
        ("forward", 3, "sigmoid"),
        ("cost", None, "compute_cost"),
        ("backward", None, "dAL"),
        ("backward", 3, "sigmoid_backward"),
        ("backward", 3, "linear_backward"),
        ("backward", 2, "relu_backward"),
        ("backward", 2, "linear_backward"),
        ("backward", 1, "relu_backward"),
        ("backward", 1, "linear_backward"),
        ("update", 1, "update_parameters"),
        ("update", 2, "update_parameters"),
        ("update", 3, "update_parameters"),
    ]
    assert steps[9].equation.startswith(
        r"\begin{aligned} dW^{[3]} &= \tfrac{1}{m} \, dZ^{[3]} \, A^{[2]T}"
    )
    assert steps[0].rules == (
        Rule("Z1", "product", (("W1", "ik"), ("A0", "kj")), addend=("b1", "i0")),
    )
    assert steps[5].outputs.keys() == {"AL"}
    assert (steps[13].kept, steps[13].recalled) == ((), ("A0", "W1"))


def test_the_trace_of_one_layer_has_the_printed_numbers() -> None:
    steps = trace_iteration(*one_layer(), 0.1)
    np.testing.assert_allclose(steps[0].outputs["Z1"], [[0.41791293, 1.91720367]], atol=5e-9)
    np.testing.assert_allclose(steps[1].outputs["AL"], [[0.60298372, 0.87182628]], atol=5e-9)


def test_what_nobody_can_change_is_shared_and_the_rest_copied() -> None:
    X, Y, parameters = exact_zeros()
    X.flags.writeable = False
    parameters["W1"].flags.writeable = False
    steps = trace_iteration(X, Y, parameters, 0.1)
    assert steps[0].inputs["A0"] is X
    assert steps[0].inputs["W1"] is parameters["W1"]
    before = steps[2].inputs["W2"].copy()
    parameters["W2"] += 1  # ours to change: the trace stays what it was
    np.testing.assert_array_equal(steps[2].inputs["W2"], before)
    sliced = np.repeat(X, 2, axis=1)[:, ::2]
    sliced.flags.writeable = False  # nobody can change it, but it lies scattered
    steps = trace_iteration(sliced, Y[::-1], parameters, 0.1)
    assert_replays(steps)
    assert_read_only(steps)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": np.ones((3, 3))}, "Is X transposed"),
        ({"Y": np.ones((1, 3))}, "Y needs shape"),
        ({"X": np.array([[1.0, np.nan, 1.0]] * 2)}, "X holds nan"),
        ({"learning_rate": np.inf}, "learning_rate is inf"),
    ],
)
def test_what_cannot_be_traced_is_said(change, message: str) -> None:
    X, Y, parameters = exact_zeros()
    given = {"X": X, "Y": Y, "parameters": parameters, "learning_rate": 0.1, **change}
    with pytest.raises(ValueError, match=message):
        trace_iteration(**given)


# One entry ----------------------------------------------------------------------------------------


def assert_adds_up(steps: list[Step], only: int | None = None) -> None:
    """Each entry of each output is what its terms add up to, and they come from the inputs."""
    for step in steps:
        for name, output in step.outputs.items():
            places = list(np.ndindex(np.atleast_2d(output).shape))
            for i, j in places[:only]:
                found = explain(step, name, i, j)
                assert found.value == np.atleast_2d(output)[i, j]
                size = abs(found.scale) * np.abs(found.terms).sum()
                size += abs(found.addend.value) if found.addend else 0
                few = 8 + np.sqrt(len(found.terms))
                assert abs(found.remainder) <= few * np.finfo(float).eps * size, (step.code, name)
                for part in found.parts:
                    array = step.inputs[part.name]
                    np.testing.assert_array_equal(array[part.rows, part.columns], part.values)
                for n in (0, 1, 3):
                    heaviest, rest = found.largest(n)
                    again = found.scale * (found.terms[heaviest].sum() + rest)
                    again += found.addend.value if found.addend else 0
                    assert abs(again - found.value) <= few * np.finfo(float).eps * size


@given(networks(outputs=None))
@settings(max_examples=40, deadline=None)
@example(exact_zeros())
@example(saturated())
@example(one_layer())
def test_terms_add_up_to_every_entry(network: Network) -> None:
    assert_adds_up(trace_iteration(*network, 0.3))


def test_terms_add_up_where_there_are_12288_of_them() -> None:
    assert_adds_up(trace_iteration(*shipped("doodles"), 0.0075), only=3)


def test_an_entry_of_the_linear_step() -> None:
    step = trace_iteration(*exact_zeros(), 0.1)[0]
    found = explain(step, "Z1", 1, 2)  # 2 * -1 + 1 * 3 - 3
    assert found.value == -2
    assert found.terms.tolist() == [-2, 3]
    assert found.sources(1) == (("W1", 1, 1, 1.0), ("A0", 1, 2, 3.0))
    assert found.addend == ("b1", 1, 0, -3.0)
    heaviest, rest = found.largest(1)
    assert (heaviest.tolist(), rest) == ([1], -2.0)
    other = explain(step, "Z1", 0, 2)  # 1 * -1 - 1 * 3
    assert other.terms.tolist() == [-1, -3]
    assert other.largest(2)[0].tolist() == [1, 0]  # by magnitude, whatever the sign


def test_entries_of_the_way_back() -> None:
    X, Y, parameters = exact_zeros()
    step = trace_iteration(X, Y, parameters, 0.1)[-4]
    dZ1 = step.inputs["dZ1"]
    dW = explain(step, "dW1", 1, 0)
    np.testing.assert_array_equal(dW.terms, dZ1[1] * X[0])
    assert (dW.scale, dW.addend) == (1 / 3, None)
    db = explain(step, "db1", 1, 0)
    np.testing.assert_array_equal(db.terms, dZ1[1])
    dA0 = explain(step, "dA0", 1, 2)
    np.testing.assert_array_equal(dA0.terms, parameters["W1"][:, 1] * dZ1[:, 2])
    assert dA0.scale == 1


def test_branches_of_relu_and_exactly_zero() -> None:
    steps = trace_iteration(*exact_zeros(), 0.1)
    forward, backward = steps[1], steps[-5]
    assert [forward.inputs["Z1"][0, j] for j in range(3)] == [0, 2, -4]
    branches = ["Z = 0: stopped", "Z > 0: passes", "Z < 0: stopped"]
    assert [explain(forward, "A1", 0, j).branch for j in range(3)] == branches
    assert [explain(backward, "dZ1", 0, j).branch for j in range(3)] == branches
    assert backward.inputs["dA1"][0, 0] != 0
    assert explain(backward, "dZ1", 0, 0).value == 0


def test_what_is_computed_on_the_way() -> None:
    steps = trace_iteration(*one_layer(), 0.1)
    assert explain(steps[1], "AL", 0, 0).quantities["exp(-Z)"] == pytest.approx(
        np.exp(-0.41791293), abs=1e-8
    )
    on_the_way = explain(steps[4], "dZ1", 0, 0).quantities
    assert on_the_way["s"] == pytest.approx(0.60298372, abs=5e-9)
    assert on_the_way["s (1 - s)"] == on_the_way["s"] * (1 - on_the_way["s"])
    start = explain(steps[3], "dAL", 0, 1)
    assert start.value == -(start.quantities["Y / AL"] - start.quantities["(1 - Y) / (1 - AL)"])
    cost = explain(steps[2], "cost")
    np.testing.assert_allclose(cost.terms, np.log([0.60298372, 0.87182628]), atol=1e-8)
    assert cost.scale == -0.5


def test_an_entry_of_the_update() -> None:
    step = trace_iteration(*exact_zeros(), 0.1)[-1]
    found = explain(step, "W3", 0, 1)
    assert found.addend == ("W3", 0, 1, -1.0)
    assert found.scale == -0.1
    assert found.sources(0) == (("dW3", 0, 1, step.inputs["dW3"][0, 1]),)


@pytest.mark.parametrize(
    ("name", "i", "j", "message"),
    [
        ("A1", 0, 0, "'A1' is no output of step 0, linear_forward: it needs to be one of Z1"),
        ("Z1", 2, 0, r"row 2 of Z1 .* shape is \(2, 3\): rows .* from 0 to 1"),
        ("Z1", 0, -1, "column -1 of Z1 .* from 0 to 2"),
        ("Z1", 0.5, 0, "row 0.5 of Z1"),
    ],
)
def test_no_such_entry(name: str, i, j, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        explain(trace_iteration(*exact_zeros(), 0.1)[0], name, i, j)
