"""The pixel ledger adds up; the active map holds until the first switch, and no further."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nncore.activations import sigmoid
from nncore.attribution import (
    PixelLedger,
    active_maps,
    bias_by_layer,
    decider,
    input_gradient,
    move_toward,
    pixel_ledger,
    region_sums,
    strongest_regions,
    switches,
)
from nncore.cost import compute_cost
from nncore.forward import L_model_forward
from nncore.parameters import draw_parameters
from nncore.pretrained import load


def network(sizes, seed, scale="he"):
    generator = np.random.RandomState(seed)
    parameters = draw_parameters(sizes, scale, generator)
    for layer in range(1, len(sizes)):
        parameters[f"b{layer}"] = generator.randn(sizes[layer], 1)
    return parameters, generator.randn(sizes[0], 1)


def logit(x, parameters):
    _, caches = L_model_forward(x, parameters)
    return caches[-1][1]


nets = st.tuples(
    st.lists(st.integers(1, 12), min_size=1, max_size=5), st.integers(0, 2**31 - 1)
).map(lambda drawn: network((*drawn[0], 1), drawn[1]))


@given(nets)
def test_contributions_and_bias_add_up_to_the_logit_on_random_nets(net) -> None:
    parameters, x = net
    ledger = pixel_ledger(x, parameters)
    assert ledger.logit == logit(x, parameters)[0, 0]
    assert abs(ledger.remainder) <= 1e-10 * max(1, abs(ledger.logit))
    assert ledger.contributions.shape == (x.shape[0],)
    assert ledger.speaks_for >= 0 >= ledger.speaks_against
    np.testing.assert_array_equal(ledger.weights * x[:, 0], ledger.contributions)


@given(nets)
def test_the_biases_of_the_layers_add_up_to_that_of_the_ledger(net) -> None:
    parameters, x = net
    layers = bias_by_layer(x, parameters)
    bias = pixel_ledger(x, parameters).bias
    assert sum(layer.adds for layer in layers) == pytest.approx(bias, rel=1e-10, abs=1e-10)
    assert [layer.layer for layer in layers] == list(range(1, len(layers) + 1))
    for layer, active in zip(layers[:-1], active_maps(x, parameters), strict=False):
        assert (layer.passing, layer.units) == ((active.Z > 0).sum(), len(active.Z))
    assert layers[-1][1:] == (parameters[f"b{len(layers)}"][0, 0], 1, 1)


@pytest.mark.parametrize(("side", "size"), [(1, 1), (7, 4), (8, 8), (9, 4), (64, 8)])
def test_regions_add_up_what_their_pixels_add(side: int, size: int) -> None:
    contributions = np.random.RandomState(side).randn(side * side * 3)
    sums = region_sums(contributions, side, size)
    picture = contributions.reshape(side, side, 3)
    assert sums.shape == (-(-side // size),) * 2
    for row, column in np.ndindex(sums.shape):
        part = picture[row * size : (row + 1) * size, column * size : (column + 1) * size]
        assert sums[row, column] == pytest.approx(part.sum())


def test_the_strongest_regions_speak_the_way_that_is_asked_for() -> None:
    sums = np.array([[3.0, -1.0], [0.0, -2.0]])
    assert strongest_regions(sums, 1, 2) == [(0, 0)]
    assert strongest_regions(sums, -1, 2) == [(1, 1), (0, 1)]
    assert strongest_regions(sums, -1, 1) == [(1, 1)]
    assert strongest_regions(np.abs(sums), -1, 2) == []


@pytest.mark.parametrize(
    ("pixels", "bias", "threshold", "said"),
    [
        (1.0, -2.0, 0.5, "bias"),
        (-1.0, 2.0, 0.5, "bias"),
        (2.0, -1.0, 0.5, "pixels"),
        (-2.0, 1.0, 0.5, "pixels"),
        (1.0, -1.0, 0.5, "bias"),  # 0.5 is not over 0.5
        (1.0, 1.0, 0.5, "each"),
        (-1.0, -1.0, 0.5, "each"),
        (1.0, 1.0, 0.8, "together"),
        (-1.0, -1.0, 0.2, "together"),
    ],
)
def test_who_decides(pixels: float, bias: float, threshold: float, said: str) -> None:
    ledger = PixelLedger(np.array([pixels]), bias, pixels + bias, np.array([pixels]))
    assert decider(ledger, threshold) == said


@given(nets)
def test_the_active_map_holds_for_every_unit(net) -> None:
    parameters, x = net
    for layer, M, c, Z in active_maps(x, parameters):
        np.testing.assert_allclose(M @ x + c, Z, rtol=1e-10, atol=1e-10)
        for unit in range(len(Z)):
            ledger = pixel_ledger(x, parameters, layer=layer, unit=unit)
            assert ledger.logit == Z[unit, 0]
            assert abs(ledger.remainder) <= 1e-10 * max(1, abs(ledger.logit))


@pytest.mark.parametrize("name", ["two_layer", "four_layer"])
def test_it_adds_up_on_every_test_picture(name, photo_set) -> None:
    parameters = load(name).parameters
    AL, _ = L_model_forward(photo_set.test_x, parameters)
    for i in range(photo_set.test_x.shape[1]):
        ledger = pixel_ledger(photo_set.test_x[:, [i]], parameters)
        total = ledger.contributions.sum() + ledger.bias
        assert abs(total - ledger.logit) < 1e-10
        assert abs(sigmoid(np.array([[total]]))[0][0, 0] - AL[0, i]) < 1e-10


@given(nets, st.integers(0, 2**31 - 1))
@settings(max_examples=60)
def test_the_map_holds_up_to_the_first_switch_and_fails_behind_it(net, seed) -> None:
    parameters, x = net
    near = switches(x, parameters)
    if not near or not 1e-6 < near[0].every_value < 1e6:
        return
    *_, last = active_maps(x, parameters)
    d = near[0].every_value
    inside = x + 0.999 * d * np.random.RandomState(seed).uniform(-1, 1, x.shape)
    np.testing.assert_allclose(
        last.M @ inside + last.c, logit(inside, parameters), rtol=1e-9, atol=1e-9
    )
    # Straight at the nearest switch, and a little over it, that unit has turned.
    first = near[0]
    moved = [move_toward(x, parameters, first, share) for share in (0.999, 1.001)]
    assert np.abs(moved[0] - x).max() == pytest.approx(0.999 * d)
    before, after = (
        next(m for m in active_maps(there, parameters) if m.layer == first.layer) for there in moved
    )
    assert (before.Z[first.unit, 0] > 0) == (first.Z > 0)
    assert (after.Z[first.unit, 0] > 0) != (first.Z > 0)


def test_the_straight_distance_is_the_shortest() -> None:
    parameters, x = network((6, 4, 3, 1), 7)
    for layer, unit, Z, distance, every_value, one_value in switches(x, parameters):
        row = next(m for m in active_maps(x, parameters) if m.layer == layer).M[unit]
        step = -Z * row / (row @ row)
        assert np.linalg.norm(step) == pytest.approx(distance)
        assert every_value <= distance + 1e-15
        assert distance <= one_value + 1e-15
        assert one_value == pytest.approx(abs(Z) / abs(row).max())
    found = [switch.every_value for switch in switches(x, parameters)]
    assert found == sorted(found)
    assert len(found) == 7


def test_a_unit_that_no_pixel_reaches_is_no_switch() -> None:
    parameters, x = network((3, 2, 2, 1), 1)
    parameters["b1"] = np.full((2, 1), -1e3)  # both units of layer 1 are off: layer 2 hears nothing
    assert {switch.layer for switch in switches(x, parameters)} == {1}
    ledger = pixel_ledger(x, parameters)
    assert not ledger.contributions.any()
    assert ledger.bias == ledger.logit


def test_logistic_regression_has_no_switches() -> None:
    parameters, x = network((5, 1), 3)
    assert switches(x, parameters) == []
    np.testing.assert_allclose(
        pixel_ledger(x, parameters).contributions, parameters["W1"][0] * x[:, 0]
    )


def test_the_input_gradient_is_the_slope_of_the_loss() -> None:
    parameters, x = network((5, 4, 1), 11)
    y = np.array([[1.0]])
    gradient = input_gradient(x, y, parameters)
    for k in range(5):
        nudge = np.zeros_like(x)
        nudge[k] = 1e-5
        costs = [compute_cost(L_model_forward(x + s * nudge, parameters)[0], y) for s in (1, -1)]
        assert (costs[0] - costs[1]) / 2e-5 == pytest.approx(gradient[k], abs=1e-8)


def test_what_does_not_fit_is_said() -> None:
    parameters, x = network((3, 2, 1), 0)
    with pytest.raises(ValueError, match=r"one column. Try x\[:, \[0\]\]"):
        pixel_ledger(np.hstack([x, x]), parameters)
    with pytest.raises(ValueError, match="X needs 3 rows"):
        pixel_ledger(x[:2], parameters)
    with pytest.raises(ValueError, match="layers 1 to 2"):
        pixel_ledger(x, parameters, layer=3)
    with pytest.raises(ValueError, match="row 2 of Z"):
        pixel_ledger(x, parameters, layer=1, unit=2)
    with pytest.raises(ValueError, match="finite"):
        pixel_ledger(x * np.nan, parameters)
    with pytest.raises(ValueError, match="y needs shape"):
        input_gradient(x, np.ones((1, 2)), parameters)
