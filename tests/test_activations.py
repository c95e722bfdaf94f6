import warnings

import numpy as np
import pytest

from nncore import relu, relu_backward, sigmoid, sigmoid_backward


def test_sigmoid_is_the_textbook_formula_and_its_cache_is_z() -> None:
    Z = np.linspace(-30, 30, 121).reshape(11, 11)
    A, cache = sigmoid(Z)
    assert cache is Z
    np.testing.assert_array_max_ulp(A, 1 / (1 + np.exp(-Z)), maxulp=1)


@pytest.mark.parametrize(
    "z", [0.0, 36.0, 37.0, 40.0, 708.0, 710.0, 1e4, 1e300, np.finfo(float).max]
)
def test_sigmoid_never_reaches_0_or_1_and_never_warns(z: float) -> None:
    with warnings.catch_warnings(), np.errstate(over="raise", divide="raise", invalid="raise"):
        warnings.simplefilter("error")
        A, _ = sigmoid(np.array([[z, -z]]))
        assert np.isfinite([np.log(A), np.log(1 - A), 1 / A, 1 / (1 - A)]).all()
    assert A.min() >= np.finfo(float).tiny
    assert A.max() <= 1 - 2.0**-53


@pytest.mark.parametrize("kind", [np.uint8, np.float16, np.float32, np.int64, bool])
def test_sigmoid_of_other_kinds_of_numbers(kind: type) -> None:
    A, _ = sigmoid(np.array([[0, 1, 200]]).astype(kind))
    assert A.dtype == np.float64
    expected = 1 / (1 + np.exp(-np.array([[0, 1, 1 if kind is bool else 200]])))
    np.testing.assert_allclose(A, np.minimum(expected, 1 - 2.0**-53), rtol=1e-15)


def test_relu_keeps_what_is_positive() -> None:
    Z = np.array([[-1.5, 0.0, 2.0]])
    A, cache = relu(Z)
    assert cache is Z
    np.testing.assert_array_equal(A, [[0.0, 0.0, 2.0]])


def test_relu_backward_stops_at_exactly_zero() -> None:
    Z = np.array([[-1.0, 0.0, 1e-300, 2.0]])
    dZ = relu_backward(np.array([[1.0, 2.0, 3.0, 4.0]]), Z)
    np.testing.assert_array_equal(dZ, [[0.0, 0.0, 3.0, 4.0]])


def test_sigmoid_backward_is_the_slope() -> None:
    Z = np.array([[-2.0, 0.0, 3.0]])
    h = 1e-6
    slope = (sigmoid(Z + h)[0] - sigmoid(Z - h)[0]) / (2 * h)
    np.testing.assert_allclose(sigmoid_backward(np.ones((1, 3)), Z), slope, rtol=1e-8)


@pytest.mark.parametrize("backward", [relu_backward, sigmoid_backward])
def test_backward_leaves_its_input_alone(backward) -> None:
    dA, Z = np.array([[1.0, 2.0]]), np.array([[-1.0, 1.0]])
    dA.setflags(write=False)
    Z.setflags(write=False)
    dZ = backward(dA, Z)
    assert dZ is not dA
    assert not np.shares_memory(dZ, dA)


@pytest.mark.parametrize("backward", [relu_backward, sigmoid_backward])
def test_backward_says_which_shapes_differ(backward) -> None:
    with pytest.raises(ValueError, match=r"dA has shape \(1, 3\) and Z has shape \(3, 1\)"):
        backward(np.ones((1, 3)), np.ones((3, 1)))
