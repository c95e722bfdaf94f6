"""What the first weights do, measured, and the lesson as a reader uses it."""

import numpy as np
import pytest

from ui import initialise_lesson
from ui.initialise_lesson import NAMES
from ui.matrix import bracketed

from nncore import data
from nncore.backward import L_model_backward
from nncore.cases import cases, check
from nncore.forward import L_model_forward
from nncore.initial import (
    cost_of_one_answer,
    first_iterations,
    histograms,
    through_depth,
)
from nncore.parameters import SCALES, draw_parameters
from nncore.training import count_correct, gradient_descent
from tests.conftest import charts, points
from tests.test_case import as_number, printed
from tests.test_pages import open_app, text_of

DIMS = (60, 5, 4, 1)


@pytest.fixture
def problem():
    stream = np.random.RandomState(5)
    X = stream.rand(60, 12)
    Y = (np.arange(12) % 3 == 0).astype(float).reshape(1, 12)
    return X, Y


def test_a_pass_is_measured_at_every_layer(problem) -> None:
    X, Y = problem
    parameters = draw_parameters(DIMS, "he", np.random.RandomState(1))
    AL, caches = L_model_forward(X, parameters)
    grads = L_model_backward(AL, Y, caches)
    depth = through_depth(X, Y, parameters)
    assert list(depth.activations) == ["A0", "A1", "A2", "A3"]
    assert list(depth.gradients) == ["dA2", "dA1", "dA0"]
    assert depth.activations["A0"] == X.std()
    assert depth.activations["A1"] == caches[1][0][0].std()
    assert depth.activations["A3"] == AL.std()
    assert depth.gradients["dA0"] == grads["dA0"].std()
    assert depth.largest["dW2"] == np.abs(grads["dW2"]).max()
    assert list(depth.largest) == ["dW1", "db1", "dW2", "db2", "dW3", "db3"]


@pytest.mark.parametrize("scale", list(NAMES))
def test_the_fast_training_is_the_textbook_training(problem, scale) -> None:
    X, Y = problem
    start = draw_parameters(DIMS, scale, np.random.RandomState(2))
    fast = first_iterations(X, Y, {"it": start}, learning_rate=0.2, num_iterations=50)["it"]
    steps = list(gradient_descent(X, Y, start, learning_rate=0.2, num_iterations=50))
    np.testing.assert_allclose(fast.costs, [float(s.cost) for s in steps], rtol=0, atol=1e-12)
    assert fast.correct == count_correct(X, Y, steps[-1].parameters)


def test_zeros_move_the_last_bias_alone(problem) -> None:
    X, Y = problem
    starts = {s: draw_parameters(DIMS, s, np.random.RandomState(1)) for s in ("zeros", "scaled")}
    found = first_iterations(X, Y, starts, learning_rate=0.1, num_iterations=5)
    assert [name for name, moved in found["zeros"].moved.items() if moved] == ["b3"]
    assert all(found["scaled"].moved.values())


def test_one_answer_for_all_costs_what_small_weights_stall_at() -> None:
    doodles = data.load("doodles")
    p, cost = cost_of_one_answer(doodles.train_labels)
    assert p == 72 / 209
    assert cost == pytest.approx(0.64397, abs=5e-6)


def test_histograms_count_every_weight() -> None:
    arrays = {"a": np.array([[-1.0, 0.0, 0.5]]), "b": np.zeros((2, 2))}
    middles, counts = histograms(arrays, bins=5)
    np.testing.assert_allclose(middles, [-0.8, -0.4, 0, 0.4, 0.8], atol=1e-15)
    assert counts["a"].tolist() == [1, 0, 1, 1, 0]
    assert counts["b"].tolist() == [0, 0, 4, 0, 0]


def test_every_scale_is_in_the_lesson() -> None:
    assert set(NAMES) == set(SCALES)


@pytest.fixture
def short(monkeypatch, no_photos):
    """A training short enough for a test, on a machine without photos."""
    monkeypatch.setattr(initialise_lesson, "ITERATIONS", 12)
    initialise_lesson._trained.clear()
    yield
    initialise_lesson._trained.clear()


def test_the_page_shows_what_is_measured(short) -> None:
    app = open_app("initialise")
    assert not app.error
    doodles = data.load("doodles")
    X, Y = doodles.train_x, doodles.train_labels.astype(float)
    dims = (12288, 20, 7, 5, 1)
    start = draw_parameters(dims, "small", np.random.RandomState(1))
    depth = through_depth(X, Y, start)
    forward, backward, weights, costs = charts(app)
    assert forward["x"]["names"] == list(depth.activations)
    lit = {name: points(drawn)[1] for name, drawn in (("A", forward), ("dA", backward))}
    assert lit["A"]["name"] == lit["dA"]["name"] == NAMES["small"]
    assert (lit["A"]["ink"], lit["dA"]["ink"]) == ("forward", "backward")
    np.testing.assert_allclose(lit["A"]["y"], list(depth.activations.values()), rtol=1e-5)
    np.testing.assert_allclose(lit["dA"]["y"], list(depth.gradients.values()), rtol=1e-5)
    top = max(points(costs), key=lambda mark: mark.get("level", 0))
    assert top["name"] == NAMES["small"]
    steps = list(gradient_descent(X, Y, start, learning_rate=0.0075, num_iterations=2))
    np.testing.assert_allclose(
        initialise_lesson.trained(doodles, 1)["small"].costs[:3],
        [float(step.cost) for step in steps],
        atol=1e-12,
    )
    assert len(weights["panels"]) == len(NAMES)
    assert "| **zeros** | 0.6931 |" in text_of(app)
    assert "137 of 209 | b4 |" in text_of(app)


def test_a_scale_and_a_seed_from_the_address_and_by_hand(short) -> None:
    app = open_app("initialise", scale="he", seed_of_draws="2", layer="W1")
    assert app.query_params["scale"] == "He, √(2/n)"  # a link made now shows the same
    assert app.segmented_control(key="scale").value == "he"
    assert app.number_input(key="seed_of_draws").value == 2
    (lit,) = [mark for mark in points(charts(app)[0]) if mark.get("ink") == "forward"]
    assert lit["name"] == NAMES["he"]
    assert "W1 (20, 12288)" in text_of(app)
    app.segmented_control(key="scale").set_value("zeros").run()
    assert not app.exception
    assert "With **zeros**: A4 has a spread of 0" in text_of(app)
    app = open_app("initialise", scale="huge", seed_of_draws="-3", layer="W9", case="../x")
    assert not app.error
    assert app.segmented_control(key="scale").value == "small"


@pytest.mark.parametrize("id", list(initialise_lesson.CASES))
def test_the_documented_numbers_are_on_the_screen(short, id) -> None:
    app = open_app("initialise", case=id)
    assert app.selectbox(key="case").value == id
    rows = printed(app)
    for name, documented in cases()[id].expected.items():
        for (i, j), value in np.ndenumerate(documented):
            assert as_number(rows[f"{name}[{i}, {j}]"][0]) == value


def test_the_unseeded_case_is_told_with_its_numbers(short) -> None:
    app = open_app("initialise")
    shown = [part.value for part in app.latex]
    for id in ("initialize_parameters_deep", "initialize_parameters_deep_unseeded"):
        computed = check(cases()[id])[0].computed
        assert any(bracketed(computed, 4) in latex for latex in shown)
    assert "32 draws lie between" in text_of(app)


def test_pages_leave_the_shared_random_numbers_alone(short) -> None:
    np.random.seed(7)
    expected = np.random.RandomState(7).randn(3)
    open_app("initialise")
    np.testing.assert_array_equal(np.random.randn(3), expected)


def test_broken_photos_are_told_and_the_doodles_stand_in(short, tmp_path, monkeypatch) -> None:
    (tmp_path / "train_catvnoncat.h5").write_bytes(b"version https://git-lfs")
    monkeypatch.setenv("NNCORE_DATASETS", str(tmp_path))
    app = open_app("initialise")
    assert len(app.error) == 1
    assert "on the doodles" in text_of(app)


@pytest.mark.parametrize("make", initialise_lesson.MAKERS)
def test_questions_hold_for_many_numbers(make) -> None:
    assert len({make(np.random.RandomState(seed)).text for seed in range(40)}) > 1


def test_answers_right_and_wrong_are_explained(short) -> None:
    app = open_app("initialise")
    seen = set()
    for k in range(len(app.radio(key="answer_initialise_0").options)):
        app.radio(key="answer_initialise_0").set_value(k).run()
        assert not app.exception
        seen.add((len(app.success), len(app.warning)))
    assert seen == {(1, 0), (0, 1)}
    assert "initialise" in app.session_state["answered"]
