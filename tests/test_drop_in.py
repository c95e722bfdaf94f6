"""A course notebook, and its test files, run with our functions in place of the learner's.

The course's test files compare the type of every output with the type of what they expect, walk dicts
by the keys of the result, pass `activation` by name and everything else by place, and train on
whatever numbers are at hand.
"""

import types

import numpy as np
import pytest

import nncore
from nncore import dnn_app_utils

ASSIGNMENT = {
    "sigmoid": "(Z)",
    "relu": "(Z)",
    "sigmoid_backward": "(dA, cache)",
    "relu_backward": "(dA, cache)",
    "initialize_parameters": "(n_x, n_h, n_y)",
    "initialize_parameters_deep": "(layer_dims)",
    "linear_forward": "(A, W, b)",
    "linear_activation_forward": "(A_prev, W, b, activation)",
    "L_model_forward": "(X, parameters)",
    "compute_cost": "(AL, Y)",
    "linear_backward": "(dZ, cache)",
    "linear_activation_backward": "(dA, cache, activation)",
    "L_model_backward": "(AL, Y, caches)",
    "update_parameters": "(parameters, grads, learning_rate)",
    "two_layer_model": "(X, Y, layers_dims, learning_rate, num_iterations, print_cost)",
    "L_layer_model": "(X, Y, layers_dims, learning_rate, num_iterations, print_cost)",
    "predict": "(X, y, parameters)",
    "print_mislabeled_images": "(classes, X, y, p)",
    "load_data": "()",
}


@pytest.mark.parametrize("module", [nncore, dnn_app_utils])
def test_names_and_order_of_arguments(module: types.ModuleType) -> None:
    import inspect

    assert set(module.__all__) == set(ASSIGNMENT)
    for name, expected in ASSIGNMENT.items():
        parameters = inspect.signature(getattr(module, name)).parameters.values()
        places = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        assert f"({', '.join(places)})" == expected, name
        assert getattr(module, name).__doc__


def test_a_star_import_gives_the_applications_initialiser() -> None:
    notebook: dict[str, object] = {}
    exec("from nncore.dnn_app_utils import *", notebook)
    assert notebook["initialize_parameters_deep"] is dnn_app_utils.initialize_parameters_deep
    assert notebook["initialize_parameters_deep"] is not nncore.initialize_parameters_deep
    assert notebook["linear_forward"] is nncore.linear_forward


def same_types(given: object, expected: object) -> bool:
    """Compare as the course does: container by container, array by array."""
    if isinstance(given, dict):
        assert isinstance(expected, dict)
        return all(same_types(given[key], expected[key]) for key in given)
    if isinstance(given, tuple | list):
        assert type(given) is type(expected)
        return all(same_types(g, e) for g, e in zip(given, expected, strict=True))
    return isinstance(given, type(expected)) and given.dtype == np.float64


ARRAY = np.array(0.0)


def test_types_of_every_output() -> None:
    stream = np.random.RandomState(1)
    A, W, b = stream.randn(3, 2), stream.randn(1, 3), stream.randn(1, 1)
    assert same_types(nncore.linear_forward(A, W, b), (ARRAY, (ARRAY, ARRAY, ARRAY)))
    for activation in ("sigmoid", "relu"):
        out = nncore.linear_activation_forward(A, W, b, activation=activation)
        assert same_types(out, (ARRAY, ((ARRAY, ARRAY, ARRAY), ARRAY)))
        back = nncore.linear_activation_backward(stream.randn(1, 2), out[1], activation=activation)
        assert same_types(back, (ARRAY, ARRAY, ARRAY))
    assert same_types(nncore.compute_cost(np.array([[0.8]]), np.array([[1]])), ARRAY)
    parameters = nncore.initialize_parameters(3, 2, 1)
    assert same_types(parameters, dict.fromkeys(("W1", "b1", "W2", "b2"), ARRAY))
    AL, caches = nncore.L_model_forward(A, parameters)
    layer = ((ARRAY, ARRAY, ARRAY), ARRAY)
    assert same_types((AL, caches), (ARRAY, [layer, layer]))
    grads = nncore.L_model_backward(AL, np.array([[1, 0]]), caches)
    keys = ("dA1", "dW2", "db2", "dA0", "dW1", "db1")
    assert same_types(grads, dict.fromkeys(keys, ARRAY))
    updated = nncore.update_parameters(parameters, grads, 0.1)
    assert same_types(updated, dict.fromkeys(("W1", "b1", "W2", "b2"), ARRAY))


@pytest.mark.parametrize("labels", ["zeros and ones", "normal numbers"])
@pytest.mark.parametrize("dims", [(10, 4, 1), (10, 5, 6, 1)])
def test_models_take_any_finite_labels(dims: tuple[int, ...], labels: str) -> None:
    np.random.seed(1)
    X = np.random.randn(10, 12)
    Y = np.random.randn(1, 12)
    if labels == "zeros and ones":
        Y = (Y > 0).astype(int)
    model = nncore.two_layer_model if len(dims) == 3 else nncore.L_layer_model
    result = model(X, Y, dims, 0.0075, 201, False)
    assert isinstance(result, tuple)
    parameters, costs = result
    assert isinstance(costs, list)
    assert len(costs) == 3
    assert all(type(cost) is np.ndarray and cost.shape == () for cost in costs)
    assert set(parameters) == {f"{s}{k}" for s in "Wb" for k in range(1, len(dims))}


def test_costs_are_kept_at_0_100_200_printed_or_not(capsys: pytest.CaptureFixture[str]) -> None:
    X, Y = np.random.RandomState(0).randn(4, 6), np.array([[1, 0, 1, 1, 0, 0]])
    for iterations, kept in ((0, 0), (1, 1), (100, 1), (101, 2)):
        _, quiet = nncore.two_layer_model(X, Y, (4, 3, 1), num_iterations=iterations)
        assert len(quiet) == kept
    assert capsys.readouterr().out == ""
    _, loud = nncore.two_layer_model(X, Y, (4, 3, 1), num_iterations=151, print_cost=True)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        f"Cost after iteration {i}" for i in (0, 100, 150)
    ]
    assert lines[1] == f"Cost after iteration 100: {loud[1]}"


def test_models_start_where_the_course_starts() -> None:
    X, Y = np.random.RandomState(0).randn(4, 6), np.ones((1, 6))
    parameters, _ = nncore.two_layer_model(X, Y, (4, 3, 1), num_iterations=0)
    np.testing.assert_array_equal(parameters["W1"], nncore.initialize_parameters(4, 3, 1)["W1"])
    parameters, _ = nncore.L_layer_model(X, Y, [4, 3, 1], num_iterations=0)
    start = dnn_app_utils.initialize_parameters_deep([4, 3, 1])
    np.testing.assert_array_equal(parameters["W1"], start["W1"])
    with pytest.raises(ValueError, match="three sizes"):
        nncore.two_layer_model(X, Y, (4, 3, 2, 1))


def test_predict_prints_the_accuracy_and_returns_floats(capsys: pytest.CaptureFixture[str]) -> None:
    parameters = {"W1": np.array([[1.0]]), "b1": np.array([[0.0]])}
    X = np.array([[-1.0, 0.0, 1.0]])
    p = nncore.predict(X, np.array([[0, 1, 1]]), parameters)
    np.testing.assert_array_equal(p, [[0.0, 0.0, 1.0]])  # exactly 0.5 is not over 0.5
    assert p.dtype == np.float64
    assert capsys.readouterr().out == f"Accuracy: {2 / 3}\n"
    nncore.predict(X, None, parameters)
    assert capsys.readouterr().out == ""
    nncore.predict(X[:, 2:], [1], parameters)  # the course's last cell: my_label_y = [1]
    assert capsys.readouterr().out == "Accuracy: 1.0\n"
    with pytest.raises(ValueError, match="y has shape"):
        nncore.predict(X, np.array([0, 1, 1]).reshape(3, 1), parameters)
    with pytest.raises(ValueError, match="X holds nan"):
        nncore.predict(X * np.nan, None, parameters)


def test_print_mislabeled_images(capsys: pytest.CaptureFixture[str]) -> None:
    y, p = np.array([[1, 0, 1]]), np.array([[1.0, 1.0, 0.0]])
    indices = nncore.print_mislabeled_images(
        np.array([b"non-cat", b"cat"]), np.zeros((12, 3)), y, p
    )
    np.testing.assert_array_equal(indices, [1, 2])
    assert capsys.readouterr().out.splitlines() == [
        "Picture 1: predicted cat, true non-cat",
        "Picture 2: predicted non-cat, true cat",
    ]
