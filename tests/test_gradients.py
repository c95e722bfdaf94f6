"""The gradient is right: every parameter nudged both ways, networks of depth 1 to 5."""

import numpy as np
import pytest

from nncore import L_model_backward, L_model_forward, compute_cost
from nncore.parameters import draw_parameters
from nncore.types import FloatArray, Parameters

EPSILON = 1e-5


def numeric_gradient(X: FloatArray, Y: FloatArray, parameters: Parameters, name: str) -> FloatArray:
    """Central differences of the cost J, entry by entry."""
    gradient = np.zeros_like(parameters[name])
    for index in np.ndindex(gradient.shape):
        costs = []
        for sign in (1, -1):
            nudged = {key: array.copy() for key, array in parameters.items()}
            nudged[name][index] += sign * EPSILON
            costs.append(float(compute_cost(L_model_forward(X, nudged)[0], Y)))
        gradient[index] = (costs[0] - costs[1]) / (2 * EPSILON)
    return gradient


def network_away_from_kinks(depth: int, outputs: int) -> tuple[FloatArray, FloatArray, Parameters]:
    """Draw networks until no hidden Z is so near 0 that a nudge could switch its unit."""
    for seed in range(1000):
        stream = np.random.RandomState(seed)
        dims = [4, *([5, 4, 3, 4][: depth - 1]), outputs]
        parameters = draw_parameters(dims, "he", stream)
        for layer in range(1, depth + 1):
            parameters[f"b{layer}"] = 0.2 * stream.randn(dims[layer], 1)
        X = stream.randn(4, 6)
        Y = (stream.rand(outputs, 6) > 0.5).astype(float)
        _, caches = L_model_forward(X, parameters)
        hidden = [Z for _, Z in caches[:-1]]
        if all(np.abs(Z).min() > 1e-3 for Z in hidden) and all((Z > 0).any() for Z in hidden):
            return X, Y, parameters
    raise AssertionError("no network away from kinks")


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
def test_every_gradient_agrees_with_central_differences(depth: int, outputs: int) -> None:
    X, Y, parameters = network_away_from_kinks(depth, outputs)
    AL, caches = L_model_forward(X, parameters)
    grads = L_model_backward(AL, Y, caches)
    analytic = np.concatenate([grads[f"d{name}"].ravel() for name in parameters])
    numeric = np.concatenate(
        [numeric_gradient(X, Y, parameters, name).ravel() for name in parameters]
    )
    difference = np.linalg.norm(analytic - numeric)
    relative = difference / (np.linalg.norm(analytic) + np.linalg.norm(numeric))
    assert np.linalg.norm(analytic) > 1e-3
    assert relative < 1e-7


def test_da_is_the_gradient_of_the_sum_so_m_times_that_of_the_cost() -> None:
    X, Y, parameters = network_away_from_kinks(3, 1)
    AL, caches = L_model_forward(X, parameters)
    dA0 = L_model_backward(AL, Y, caches)["dA0"]
    m = X.shape[1]
    for index in ((0, 0), (2, 3), (3, 5)):
        costs = []
        for sign in (1, -1):
            nudged = X.copy()
            nudged[index] += sign * EPSILON
            costs.append(float(compute_cost(L_model_forward(nudged, parameters)[0], Y)))
        slope = (costs[0] - costs[1]) / (2 * EPSILON)
        assert dA0[index] / m == pytest.approx(slope, rel=1e-6, abs=1e-10)
