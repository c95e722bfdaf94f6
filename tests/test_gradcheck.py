"""The nudging is right: known slopes, kinks that are said, and wrong gradients that are found."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nncore import L_model_backward, L_model_forward, compute_cost, data, pretrained
from nncore.gradcheck import (
    EntryCheck,
    Kink,
    check_entry,
    check_gradients,
    error_against_epsilon,
    relative_difference,
)
from nncore.trace import trace_iteration
from nncore.types import FloatArray, Gradients, Parameters
from tests.networks import networks
from tests.test_trace import documented, exact_zeros, one_layer

Network = tuple[FloatArray, FloatArray, Parameters]


def gradients(network: Network) -> Gradients:
    X, Y, parameters = network
    AL, caches = L_model_forward(X, parameters)
    return L_model_backward(AL, Y, caches)


@pytest.mark.parametrize(
    "network",
    [
        one_layer(),
        documented("L_model_forward_1hidden"),
        documented("L_model_forward_2hidden"),
    ],
    ids=["one layer", "1 hidden", "2 hidden"],
)
def test_the_documented_networks(network: Network) -> None:
    report = check_gradients(*network)
    assert report.smooth == report.entries
    assert len(report.entries) == report.total == sum(a.size for a in network[2].values())
    assert report.relative_difference < 1e-7
    assert set(report.by_array) == set(network[2])
    assert max(report.by_array.values()) < 1e-6
    sharper = check_gradients(*network, epsilon=1e-5)
    assert max(sharper.by_array.values()) < 1e-8


def test_the_cat_network_by_a_sample() -> None:
    doodles = data.load("doodles")
    network = doodles.train_x, doodles.train_labels, dict(pretrained.load("doodles").parameters)
    with pytest.raises(ValueError, match=r"has 245,973 parameters.*Try at_most=20"):
        check_gradients(*network)
    report = check_gradients(*network, at_most=4, epsilon=1e-6)
    assert len(report.entries) == 4 * 7 + 1  # of b4 there is only one
    assert report.total == 245_973
    assert report.relative_difference < 1e-7
    again = check_gradients(*network, at_most=1, seed=1)
    other = check_gradients(*network, at_most=1, seed=2)
    assert [(e.i, e.j) for e in again.entries] != [(e.i, e.j) for e in other.entries]


@given(networks(outputs=None))
@settings(max_examples=40, deadline=None)
def test_any_network_away_from_its_kinks(network: Network) -> None:
    report = check_gradients(*network)
    assert all(entry.agrees for entry in report.smooth)
    sharper = check_gradients(*network, epsilon=1e-5)
    slopes = np.linalg.norm([entry.analytic for entry in sharper.smooth])
    rounding = np.linalg.norm([entry.rounding for entry in sharper.smooth])
    assume(rounding < 1e-8 * slopes)  # no answer is nearly certain and wrong
    assert sharper.relative_difference < 1e-7


@given(networks(outputs=None), st.data())
@settings(max_examples=40, deadline=None)
def test_z_and_a_in_the_middle_of_any_network(network: Network, draw: st.DataObject) -> None:
    """The slope of J by Z or A is dZ / m or dA / m, with dZ and dA as the trace has them."""
    m = network[0].shape[1]
    steps = trace_iteration(*network, 0.1)
    traced = {name: array for step in steps for name, array in step.outputs.items()}
    names = [name[1:] for name in traced if name.startswith(("dZ", "dA"))]
    name = draw.draw(st.sampled_from(names))
    gradient = traced[f"d{name}"]
    i = draw.draw(st.integers(0, gradient.shape[0] - 1))
    j = draw.draw(st.integers(0, gradient.shape[1] - 1))
    assume(name != "AL" or 1e-3 < traced["AL"][i, j] < 1 - 1e-3)
    found = check_entry(*network, name, i, j)
    assert found.analytic == gradient[i, j] / m
    assert found.agrees or found.kinks


def test_a_nudge_runs_the_network_with_that_number_changed() -> None:
    """The runs from the middle cost, to the last bit, what whole runs cost."""
    X, Y, parameters = documented("L_model_forward_2hidden")
    for name in parameters:
        for sign, side in ((1, "cost_plus"), (-1, "cost_minus")):
            nudged = {**parameters, name: parameters[name].copy()}
            nudged[name][-1, 0] += sign * 1e-4
            cost = compute_cost(L_model_forward(X, nudged)[0], Y)
            last = parameters[name].shape[0] - 1
            assert getattr(check_entry(X, Y, parameters, name, last, 0, 1e-4), side) == cost
    moved = X.copy()
    moved[2, 1] += 1e-4
    cost = compute_cost(L_model_forward(moved, parameters)[0], Y)
    assert check_entry(X, Y, parameters, "A0", 2, 1, 1e-4).cost_plus == cost


def test_al_is_another_name_of_the_last_a() -> None:
    network = one_layer()
    found, same = (check_entry(*network, name, 0, 1) for name in ("AL", "A1"))
    assert (found.numeric, found.analytic) == (same.numeric, same.analytic)
    assert found.analytic == pytest.approx(-1 / 0.87182628 / 2)


# Kinks --------------------------------------------------------------------------------------------


def test_a_kink_at_exactly_zero_is_said_and_no_error() -> None:
    X, Y, parameters = exact_zeros()
    found = check_entry(X, Y, parameters, "b1", 0, 0)
    assert Kink(1, 0, 0) in found.kinks  # Z1[0, 0] is 0
    assert found.relative_error > 1e-3  # half of the slope on the one side
    report = check_gradients(X, Y, parameters)
    assert found in report.kinked
    assert found not in report.worst(100)
    assert set(report.smooth) | set(report.kinked) == set(report.entries)
    assert report.relative_difference < 1e-7
    assert {e.name for e in report.smooth} >= {"W3", "b3"}
    assert check_entry(X, Y, parameters, "Z1", 0, 0).kinks[0] == (1, 0, 0)
    assert check_entry(X, Y, parameters, "W3", 0, 0).kinks == ()


def test_a_kink_within_the_nudge_is_said() -> None:
    X, Y = np.array([[1.0, 2.0]]), np.array([[1.0, 0.0]])
    parameters = {
        "W1": np.array([[1.0]]), "b1": np.array([[-1 + 1e-4]]),
        "W2": np.array([[2.0]]), "b2": np.array([[0.1]]),
    }  # fmt: skip
    assert check_entry(X, Y, parameters, "W1", 0, 0, 1e-3).kinks == ((1, 0, 0),)
    assert check_entry(X, Y, parameters, "A0", 0, 1, 1e-3).kinks == ()
    smooth = check_entry(X, Y, parameters, "W1", 0, 0, 1e-5)
    assert smooth.kinks == ()
    assert smooth.relative_error < 1e-9
    curve = error_against_epsilon(X, Y, parameters, "W1", 0, 0, [1e-2, 1e-3, 1e-5])
    assert curve.kinked.tolist() == [True, True, False]


def test_a_sigmoid_has_no_kink() -> None:
    Z_is_zero = {"W1": np.array([[1.0]]), "b1": np.array([[-1.0]])}
    found = check_entry(np.ones((1, 1)), np.ones((1, 1)), Z_is_zero, "W1", 0, 0)
    assert found.kinks == ()
    assert found.numeric == pytest.approx(-0.5)


def test_a_wrong_and_certain_answer_leaves_few_digits() -> None:
    """log(1 - AL) of an AL near 1: the slope is right, and the nudging cannot see it."""
    X, Y, parameters = np.array([[1.0]]), np.array([[0.0]]), {"W1": np.array([[36.0]])}
    found = check_entry(X, Y, {**parameters, "b1": np.array([[0.0]])}, "W1", 0, 0)
    assert found.analytic == pytest.approx(1.0)
    assert found.relative_error > 1e-2
    assert found.rounding > abs(found.numeric - found.analytic)
    assert found.agrees


# Wrong gradients ----------------------------------------------------------------------------------


@given(networks(outputs=None), st.data())
@settings(max_examples=40, deadline=None)
def test_a_planted_error_is_found_by_name(network: Network, draw: st.DataObject) -> None:
    X, Y, parameters = network
    grads = {name: array for name, array in gradients(network).items() if name[1] != "A"}
    name = draw.draw(st.sampled_from(sorted(parameters)))
    i, j = (draw.draw(st.integers(0, size - 1)) for size in parameters[name].shape)
    grads[f"d{name}"] = grads[f"d{name}"].copy()
    grads[f"d{name}"][i, j] += 0.01
    report = check_gradients(X, Y, parameters, 1e-5, grads=grads)
    assume((name, i, j) in {(entry.name, entry.i, entry.j) for entry in report.smooth})
    assume(max(entry.rounding for entry in report.smooth) < 1e-3)  # else 0.01 may drown in it
    worst = report.worst(1)[0]
    assert (worst.name, worst.i, worst.j) == (name, i, j)
    assert not worst.agrees
    assert report.by_array[name] >= report.relative_difference > 1e-6


@pytest.mark.parametrize("forgotten", ["1/m", "the way through ReLU", "keepdims", "b3"])
def test_mistakes_of_learners_are_found(forgotten: str) -> None:
    X, Y, parameters = documented("L_model_forward_2hidden")
    grads = gradients((X, Y, parameters))
    if forgotten == "1/m":
        grads["dW2"] = grads["dW2"] * X.shape[1]
        assert check_gradients(X, Y, parameters, grads=grads).by_array["W2"] > 0.1
    elif forgotten == "the way through ReLU":
        grads["dW1"] = grads["dA1"] @ X.T / X.shape[1]
        grads["db1"] = np.mean(grads["dA1"], axis=1, keepdims=True)
        report = check_gradients(X, Y, parameters, grads=grads)
        assert {entry.name for entry in report.worst()} <= {"W1", "b1"}
    elif forgotten == "keepdims":
        grads["db1"] = grads["db1"].ravel()
        with pytest.raises(ValueError, match=r"db1 has shape \(4,\)"):
            check_gradients(X, Y, parameters, grads=grads)
    else:
        del grads["db3"]
        with pytest.raises(ValueError, match="grads has no db3"):
            check_gradients(X, Y, parameters, grads=grads)


# Numbers about numbers ----------------------------------------------------------------------------


def test_digits_and_errors() -> None:
    def entry(numeric: float, analytic: float) -> EntryCheck:
        return EntryCheck("W1", 0, 0, 0.5, numeric, 0.0, analytic, rounding=1e-3)

    assert entry(1.5, 1.5).agreeing_digits == 16
    assert entry(0, 0).relative_error == 0
    assert entry(1.0, 1.0000001).agreeing_digits == 7
    assert entry(1.0, -1.0).agreeing_digits == 0
    assert entry(1.0, float("nan")).agreeing_digits == 0
    assert entry(1.0, -1.0).relative_error == 1
    assert entry(1.0, 1.00000001).agrees
    assert entry(1.0, 1.0009).agrees  # rounding alone may do that
    assert not entry(1.0, 1.0011).agrees
    assert relative_difference([3.0, 0.0], [0.0, 4.0]) == pytest.approx(5 / 7)
    assert relative_difference([], []) == 0


def test_truncation_on_the_one_side_rounding_on_the_other() -> None:
    """The error first falls with epsilon squared, then rises again."""
    epsilons = np.logspace(-1, -12, 12)
    curve = error_against_epsilon(*one_layer(), "W1", 0, 1, epsilons)
    assert not curve.kinked.any()
    assert curve.analytic == gradients(one_layer())["dW1"][0, 1]
    np.testing.assert_array_equal(curve.epsilons, epsilons)
    assert 50 < curve.relative_errors[0] / curve.relative_errors[1] < 200
    best = int(np.argmin(curve.relative_errors))
    assert 3 <= best <= 7
    assert curve.relative_errors[best] < 1e-9
    assert curve.relative_errors[-1] > 1e-6
    off = np.abs(curve.numeric - curve.analytic) / (np.abs(curve.numeric) + abs(curve.analytic))
    np.testing.assert_allclose(off, curve.relative_errors)


@pytest.mark.parametrize("name", ["W0", "W2", "dW1", "b", "A2", "X", "cost", ""])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(ValueError, match=r"needs to be W, b, Z or A and a layer from 1 to 1"):
        check_entry(*one_layer(), name, 0, 0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("W1", 1, 0), "row 1 of W1"),
        (("W1", 0, 0, 0.0), "epsilon is 0.0: it needs to be a finite number above 0"),
        (("AL", 0, 0, 0.5), r"AL\[0, 0\] is 0.60.* Try a smaller epsilon, or nudge Z1"),
    ],
)
def test_what_cannot_be_nudged_is_said(given, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_entry(*one_layer(), *given)


def test_whole_numbers_can_be_nudged() -> None:
    X = np.array([[1, 2], [0, 1]])
    parameters = {"W1": np.array([[1, -1]]), "b1": np.array([[0]])}
    found = check_entry(X, np.array([[1, 0]]), parameters, "W1", 0, 1)
    assert found.relative_error < 1e-6
    assert X.tolist() == [[1, 2], [0, 1]]


def test_nothing_given_is_changed() -> None:
    X, Y, parameters = exact_zeros()
    for array in (X, Y, *parameters.values()):
        array.flags.writeable = False
    check_gradients(X, Y, parameters)
