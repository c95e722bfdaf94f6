"""Why a network gives every picture the same answer."""

import numpy as np
import pytest

from ui.silent import silent_columns, silent_layer, why_one_answer

from nncore.training import fit

STREAM = np.random.RandomState(2)
X = STREAM.rand(30, 40)
Y = (STREAM.rand(1, 40) < 0.3).astype(float)


def test_steps_that_were_too_long_are_named() -> None:
    history = fit(X, Y, [30, 5, 1], learning_rate=50.0, num_iterations=20, init="he")
    assert silent_layer(X, history.parameters_at(0)) is None
    assert silent_layer(X, history.parameters) == 1
    said = why_one_answer(history, X)
    assert "wakes any unit of layer 1" in said
    assert "Try a smaller learning rate than 50." in said


def test_first_weights_that_cannot_learn_are_named() -> None:
    history = fit(X, Y, [30, 5, 4, 1], learning_rate=0.1, num_iterations=20, init="zeros")
    assert "It was so from the start" in why_one_answer(history, X)


def test_where_units_are_awake_nothing_more_is_said() -> None:
    history = fit(X, Y, [30, 5, 1], learning_rate=1e-4, num_iterations=1, init="he")
    assert why_one_answer(history, X).endswith("has learned nothing.")


@pytest.mark.filterwarnings("error")
def test_a_network_near_infinity_is_looked_at_without_a_warning() -> None:
    huge = {"W1": np.full((2, 30), 1e308), "b1": np.zeros((2, 1)), "W2": np.ones((1, 2))}
    assert silent_layer(X, {**huge, "b2": np.zeros((1, 1))}) is None


def test_pictures_that_are_not_heard_are_those_that_wake_no_unit_of_a_layer() -> None:
    parameters = fit(X, Y, [30, 2, 2, 1], learning_rate=0.5, num_iterations=9, init="he").parameters
    columns = np.random.RandomState(3).randn(30, 60)
    one_by_one = [silent_layer(column[:, None], parameters) is not None for column in columns.T]
    assert set(one_by_one) == {True, False}
    np.testing.assert_array_equal(silent_columns(columns, parameters), one_by_one)
    assert not silent_columns(X, {"W1": np.ones((1, 30)), "b1": np.zeros((1, 1))}).any()
