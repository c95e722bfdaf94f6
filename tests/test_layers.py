from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nncore.attribution import active_maps
from nncore.data.dataset import to_columns
from nncore.forward import L_model_forward
from nncore.layers import active_rows, activity, as_pictures, look_inside
from nncore.parameters import draw_parameters
from tests.networks import networks


def test_a_dead_unit_and_its_size_are_seen() -> None:
    stream = np.random.RandomState(4)
    X, Y = stream.rand(6, 9), (np.arange(9) % 2).astype(float)[None]
    parameters = draw_parameters((6, 4, 3, 1), "he", stream)
    parameters["b1"][2] = -50.0
    parameters["b1"][1] = 50.0
    parameters["b3"][0] = 40.0
    first, second, last = look_inside(X, Y, parameters)
    assert first.dead.tolist() == [False, False, True, False]
    assert first.awake[1] == 1
    assert (first.units, first.inputs, second.inputs, last.number) == (4, 6, 4, 3)
    assert first.sure is second.sure is None
    assert last.sure == 1
    assert first.weight == pytest.approx(np.sqrt((parameters["W1"] ** 2).mean()))
    assert first.largest_gradient >= first.gradient > 0


def test_weights_are_pictures_in_the_order_of_the_columns() -> None:
    images = np.random.RandomState(0).randint(0, 256, (3, 4, 4, 3)).astype(np.uint8)
    columns = to_columns(images)  # (48, 3)
    pictures, limit = as_pictures(columns.T * 2 - 1)
    assert limit == np.abs(columns * 2 - 1).max()
    # As brightness grows, so does the shade: the pictures come back, in their order.
    assert pictures.shape == images.shape
    for picture, image in zip(pictures, images, strict=True):
        order = np.argsort(image.ravel(), kind="stable")
        assert (np.diff(picture.ravel()[order].astype(int)) >= 0).all()
    assert as_pictures(np.zeros((1, 12)))[0].tolist() == [[[[128] * 3] * 2] * 2]
    with pytest.raises(ValueError, match="side \\* side"):
        as_pictures(np.zeros((2, 10)))


@settings(max_examples=50, deadline=None)
@given(networks(most_layers=5), st.integers(0, 10_000))
def test_what_units_look_for_is_their_row_of_the_active_map(problem, draw: int) -> None:
    X, _, parameters = problem
    L = len(parameters) // 2
    for layer in range(1, L):
        n = parameters[f"W{layer}"].shape[0]
        stream = np.random.RandomState(draw)
        units = stream.randint(0, n, 3)
        places = stream.randint(0, X.shape[1], 3)
        rows = active_rows(X[:, places], parameters, layer, units)
        for row, unit, place in zip(rows, units, places, strict=True):
            M = list(active_maps(X[:, [place]], parameters))[layer - 1].M
            np.testing.assert_allclose(row, M[unit], rtol=1e-12, atol=1e-14)


@settings(max_examples=50, deadline=None)
@given(networks(most_layers=5))
def test_what_units_do_is_what_the_forward_pass_says(problem) -> None:
    X, Y, parameters = problem
    L = len(parameters) // 2
    _, caches = L_model_forward(X, parameters)
    inside = look_inside(X, Y, parameters)
    for layer in range(1, L):
        units = activity(X, Y, parameters, layer)
        A = np.maximum(0, caches[layer - 1][1])
        np.testing.assert_array_equal(units.A, A)
        np.testing.assert_array_equal(units.awake, inside[layer - 1].awake)
        for unit in range(len(A)):
            strongest = units.strongest(unit, most=3)
            assert (A[unit, strongest] > 0).all()
            assert len(strongest) == min(3, (A[unit] > 0).sum())
            rest = np.delete(A[unit], strongest)
            assert (np.diff(A[unit, strongest]) <= 0).all()
            assert len(strongest) == 0 or rest.max(initial=0) <= A[unit, strongest].min()
        for label in (0, 1):
            mean = [A[:, i] for i in range(X.shape[1]) if Y[0, i] == label]
            expected = np.mean(mean, axis=0) if mean else np.full(len(A), np.nan)
            np.testing.assert_allclose(units.means[:, label], expected)
        if 0 < Y.sum() < Y.shape[1]:
            spread = A.std(axis=1)
            np.testing.assert_allclose(units.apart * spread, units.means @ [-1, 1], atol=1e-12)
            # Where a unit is stretched it tells no more than before.
            stretched = replace(units, A=A * 7)
            np.testing.assert_allclose(stretched.apart, units.apart, rtol=1e-9, atol=1e-12)
        else:
            assert np.isnan(units.apart).all()
        assert (units.push is None) == (layer < L - 1)
        if units.push is not None:  # louder, and the logit follows its sign
            np.testing.assert_allclose(
                units.push @ A + parameters[f"b{L}"][0], caches[-1][1][0], atol=1e-12
            )


def test_layers_and_units_that_are_not_there_are_refused() -> None:
    parameters = draw_parameters((6, 4, 3, 1), "he", np.random.RandomState(4))
    X, Y = np.ones((6, 2)), np.ones((1, 2))
    for layer in (0, 3, "1"):
        with pytest.raises(ValueError, match="hidden layers 1 to 2"):
            activity(X, Y, parameters, layer)
    with pytest.raises(ValueError, match="no hidden layer"):
        activity(X, Y, {"W1": np.ones((1, 6)), "b1": np.ones((1, 1))}, 1)
    with pytest.raises(ValueError, match="one picture for each unit"):
        active_rows(X, parameters, 2, [0])
    with pytest.raises(ValueError, match="from 0 to 2"):
        active_rows(X, parameters, 2, [0, 3])


@pytest.mark.parametrize("layer", [1, 2])
def test_units_can_come_in_any_sequence(layer: int) -> None:
    parameters = draw_parameters((6, 4, 3, 1), "he", np.random.RandomState(4))
    X = np.random.RandomState(5).rand(6, 2)
    rows = active_rows(X, parameters, layer, [0, 1])
    assert rows.shape == (2, 6)
    for units in ((0, 1), np.array([0, 1])):
        np.testing.assert_array_equal(active_rows(X, parameters, layer, units), rows)
