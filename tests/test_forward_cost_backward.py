"""Properties and messages of the three steps; their documented numbers are in test_cases.py."""

import numpy as np
import pytest
from hypothesis import given, settings

from nncore import (
    L_model_backward,
    L_model_forward,
    compute_cost,
    linear_activation_backward,
    linear_activation_forward,
    linear_backward,
    linear_forward,
    relu,
    sigmoid,
)
from tests.networks import networks


def test_the_cache_holds_the_very_arrays() -> None:
    A, W, b = np.ones((3, 2)), np.ones((1, 3)), np.ones((1, 1))
    _, cache = linear_forward(A, W, b)
    assert isinstance(cache, tuple)
    assert all(kept is given for kept, given in zip(cache, (A, W, b), strict=True))


@given(networks(outputs=None))
@settings(max_examples=60, deadline=None)
def test_shapes_of_everything(network) -> None:
    X, Y, parameters = network
    L = len(parameters) // 2
    AL, caches = L_model_forward(X, parameters)
    assert AL.shape == Y.shape
    assert isinstance(caches, list)
    assert len(caches) == L
    grads = L_model_backward(AL, Y, caches)
    assert set(grads) == {f"dA{k}" for k in range(L)} | {f"d{name}" for name in parameters}
    for name, array in parameters.items():
        assert grads[f"d{name}"].shape == array.shape
    for layer, (linear_cache, Z) in enumerate(caches, start=1):
        assert grads[f"dA{layer - 1}"].shape == linear_cache[0].shape
        assert Z.shape == (parameters[f"W{layer}"].shape[0], X.shape[1])
    assert all(array.dtype == np.float64 for array in grads.values())


@given(networks())
@settings(max_examples=40, deadline=None)
def test_each_example_is_on_its_own(network) -> None:
    """A batch is its columns: forward one by one, and gradients of the cost as the mean."""
    X, Y, parameters = network
    AL, caches = L_model_forward(X, parameters)
    grads = L_model_backward(AL, Y, caches)
    m = X.shape[1]
    mean = {name: np.zeros_like(array) for name, array in parameters.items()}
    for i in range(m):
        one, one_caches = L_model_forward(X[:, i : i + 1], parameters)
        np.testing.assert_allclose(one, AL[:, i : i + 1], rtol=1e-12)
        one_grads = L_model_backward(one, Y[:, i : i + 1], one_caches)
        np.testing.assert_allclose(
            one_grads["dA0"][:, 0], grads["dA0"][:, i], rtol=1e-9, atol=1e-13
        )
        for name in mean:
            mean[name] += one_grads[f"d{name}"] / m
    for name in mean:
        np.testing.assert_allclose(grads[f"d{name}"], mean[name], rtol=1e-9, atol=1e-13)


@given(networks())
@settings(max_examples=40, deadline=None)
def test_old_names_are_the_same_arrays(network) -> None:
    X, Y, parameters = network
    AL, caches = L_model_forward(X, parameters)
    new = L_model_backward(AL, Y, caches)
    old = L_model_backward(AL, Y, caches, old_names=True)
    for layer in range(1, len(caches) + 1):
        np.testing.assert_array_equal(old[f"dA{layer}"], new[f"dA{layer - 1}"])
    assert "dA0" not in old


def test_one_layer_composes_its_halves() -> None:
    stream = np.random.RandomState(0)
    A, W, b = stream.randn(3, 4), stream.randn(2, 3), stream.randn(2, 1)
    for name, function in (("relu", relu), ("sigmoid", sigmoid)):
        out, (linear_cache, Z) = linear_activation_forward(A, W, b, activation=name)
        np.testing.assert_array_equal(out, function(W @ A + b)[0])
        np.testing.assert_array_equal(Z, W @ A + b)
        assert linear_cache == (A, W, b)


def test_cost_is_a_0d_array_and_finite_at_the_ends() -> None:
    Y = np.array([[1.0, 0.0, 1.0]])
    cost = compute_cost(np.array([[0.0, 1.0, 1.0]]), Y)
    assert type(cost) is np.ndarray
    assert cost.shape == ()
    assert np.isfinite(cost)
    assert float(cost) == pytest.approx((708.396 + 36.737) / 3, rel=1e-4)


def test_cost_of_anything_else_is_the_plain_formula() -> None:
    AL, Y = np.array([[1e-310, 0.3, 1 - 2**-53]]), np.array([[1, 0, 1]])
    plain = -(1 / 3) * np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL))
    assert float(compute_cost(AL, Y)) == plain


def test_cost_of_several_outputs_is_their_sum() -> None:
    AL, Y = np.array([[0.2, 0.6], [0.9, 0.5]]), np.array([[0, 1], [1, 1]])
    parts = compute_cost(AL[:1], Y[:1]) + compute_cost(AL[1:], Y[1:])
    assert float(compute_cost(AL, Y)) == pytest.approx(float(parts), rel=1e-15)


def test_a_saturated_network_still_has_finite_gradients() -> None:
    X = np.array([[1e6, -1e6]])
    parameters = {"W1": np.array([[5.0]]), "b1": np.array([[0.0]])}
    AL, caches = L_model_forward(X, parameters)
    grads = L_model_backward(AL, np.array([[0.0, 1.0]]), caches)
    assert all(np.isfinite(array).all() for array in grads.values())


ONES = np.ones


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: linear_forward(ONES((5, 2)), ONES((3, 4)), ONES((3, 1))),
            r"W has shape \(3, 4\) and A has shape \(5, 2\): W needs 5 columns, one for each row of A",
        ),
        (
            lambda: linear_forward(ONES((4, 2)), ONES((3, 4)), ONES((1, 3))),
            r"b has shape \(1, 3\).*b needs shape \(3, 1\)",
        ),
        (
            lambda: linear_forward([[1.0]], ONES((1, 1)), ONES((1, 1))),
            r"A is a list.*np.array\(A\)",
        ),
        (
            lambda: linear_forward(ONES(4), ONES((1, 4)), ONES((1, 1))),
            r"A has shape \(4,\): it needs two axes",
        ),
        (
            lambda: linear_forward(ONES((2, 1)).astype(np.uint8), ONES((1, 2)), ONES((1, 1))),
            "A holds uint8 values, whose products overflow.*A / 255",
        ),
        (
            lambda: linear_backward(ONES((1, 0)), (ONES((3, 0)), ONES((1, 3)), ONES((1, 1)))),
            "at least one example",
        ),
        (
            lambda: linear_backward(
                ONES((1, 2)), ((ONES((3, 2)), ONES((1, 3)), ONES((1, 1))), ONES((1, 2)))
            ),
            r"cache is a tuple of 2 parts: linear_backward needs linear_cache.*try cache\[0\]",
        ),
        (
            lambda: linear_activation_backward(
                ONES((1, 2)), (ONES((3, 2)), ONES((1, 3)), ONES((1, 1))), "relu"
            ),
            "cache is a tuple of 3 parts: linear_activation_backward needs the cache of a whole layer",
        ),
        (lambda: L_model_backward(ONES((1, 2)) / 2, ONES((1, 2)), None), "caches is a NoneType"),
        (
            lambda: L_model_forward(ONES((3, 1)), {"W1": ONES((0, 3)), "b1": ONES((0, 1))}),
            "every layer needs 1 unit or more",
        ),
        (
            lambda: linear_forward(ONES((1, 1)), ONES((1, 1)).astype(str), ONES((1, 1))),
            r"W holds <U\d+ values",
        ),
        (
            lambda: linear_activation_forward(ONES((2, 2)), ONES((1, 2)), ONES((1, 1)), "ReLU"),
            r"activation is 'ReLU': it needs to be \"relu\" or \"sigmoid\"",
        ),
        (
            lambda: linear_backward(ONES((2, 2)), (ONES((3, 2)), ONES((1, 3)), ONES((1, 1)))),
            r"dZ has shape \(2, 2\).*dZ needs shape \(1, 2\)",
        ),
        (
            lambda: linear_activation_backward(
                ONES((1, 2)), ((ONES((3, 2)), ONES((1, 3)), ONES((1, 1))), ONES((1, 2))), "tanh"
            ),
            "activation is 'tanh'",
        ),
        (lambda: compute_cost(ONES((1, 3)) / 2, ONES((3, 1))), r"AL has shape \(1, 3\) and Y has"),
        (lambda: compute_cost(ONES((1, 0)), ONES((1, 0))), "at least one example"),
        (lambda: compute_cost(ONES((1, 2)) * 1.79, ONES((1, 2))), r"AL holds 1.79.*sigmoid"),
        (lambda: L_model_backward(ONES((1, 2)) / 2, ONES((1, 2)), []), "caches is empty"),
        (
            lambda: L_model_backward(
                ONES((1, 1)),
                ONES((1, 1)),
                [((ONES((1, 1)), ONES((1, 1)), ONES((1, 1))), ONES((1, 1)))],
            ),
            "AL is exactly 0 or 1",
        ),
        (lambda: L_model_forward(ONES((2, 2)), {}), "parameters has the keys"),
        (
            lambda: L_model_forward(ONES((2, 2)), {"W1": ONES((1, 3)), "b1": ONES((1, 1))}),
            r"X has shape \(2, 2\) and W1 has shape \(1, 3\): X needs 3 rows",
        ),
        (
            lambda: L_model_forward(ONES((3, 0)), {"W1": ONES((1, 3)), "b1": ONES((1, 1))}),
            "at least one example",
        ),
        (
            lambda: L_model_forward(
                ONES((3, 1)),
                {"W1": ONES((2, 3)), "b1": ONES((2, 1)), "W2": ONES((1, 3)), "b2": ONES((1, 1))},
            ),
            r"W2 has shape \(1, 3\) and layer 1 has 2 units: W2 needs 2 columns",
        ),
    ],
)
def test_messages_name_what_is_wrong(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
