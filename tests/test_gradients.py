"""The gradient is right: every parameter nudged both ways, networks of depth 1 to 5.

That the nudging itself is right is proved in test_gradcheck.py.
"""

import numpy as np
import pytest

from nncore import L_model_backward, L_model_forward
from nncore.gradcheck import check_entry, check_gradients
from nncore.parameters import draw_parameters
from nncore.types import FloatArray, Parameters

EPSILON = 1e-5


def living_network(depth: int, outputs: int) -> tuple[FloatArray, FloatArray, Parameters]:
    """Draw networks until each hidden layer has a unit that passes something on."""
    for seed in range(1000):
        stream = np.random.RandomState(seed)
        dims = [4, *([5, 4, 3, 4][: depth - 1]), outputs]
        parameters = draw_parameters(dims, "he", stream)
        for layer in range(1, depth + 1):
            parameters[f"b{layer}"] = 0.2 * stream.randn(dims[layer], 1)
        X = stream.randn(4, 6)
        Y = (stream.rand(outputs, 6) > 0.5).astype(float)
        _, caches = L_model_forward(X, parameters)
        if all((Z > 0).any() for _, Z in caches[:-1]):
            return X, Y, parameters
    raise AssertionError("no living network")


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
def test_every_gradient_agrees_with_central_differences(depth: int, outputs: int) -> None:
    X, Y, parameters = living_network(depth, outputs)
    report = check_gradients(X, Y, parameters, EPSILON)
    assert len(report.smooth) == report.total
    assert np.linalg.norm([entry.analytic for entry in report.entries]) > 1e-3
    assert report.relative_difference < 1e-7


def test_da_is_the_gradient_of_the_sum_so_m_times_that_of_the_cost() -> None:
    X, Y, parameters = living_network(3, 1)
    AL, caches = L_model_forward(X, parameters)
    dA0 = L_model_backward(AL, Y, caches)["dA0"]
    m = X.shape[1]
    for i, j in ((0, 0), (2, 3), (3, 5)):
        slope = check_entry(X, Y, parameters, "A0", i, j, EPSILON).numeric
        assert dA0[i, j] / m == pytest.approx(slope, rel=1e-6, abs=1e-10)
