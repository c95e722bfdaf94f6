"""The lesson on the way back, used as a reader uses it."""

import re

import numpy as np
import pytest

from ui import backward_lesson as lesson

from nncore import (
    L_model_backward,
    L_model_forward,
    relu_backward,
    sigmoid_backward,
    update_parameters,
)
from nncore.cases import cases
from tests.test_case import as_number, explored, printed
from tests.test_pages import open_app, text_of

PAGE = "backward_and_update"


@pytest.mark.parametrize("id", lesson.CASES)
def test_each_case_has_a_link(id: str) -> None:
    app = open_app(PAGE, case=id)
    assert cases()[id].call in text_of(app)
    names = {re.sub(r"\[.*", "", name) for name in printed(app)}
    assert names >= set(cases()[id].expected)
    assert not app.error


def test_a_gradient_goes_back_through_both_activations() -> None:
    app = open_app(PAGE)
    app.text_area(key="demo_dA").set_value("2 -3 5").run()
    app.text_area(key="demo_Z").set_value("0 1 -1").run()
    assert not app.error
    dA, Z = np.array([[2.0, -3.0, 5.0]]), np.array([[0.0, 1.0, -1.0]])
    numbers = explored(app)
    assert np.array_equal(numbers["dZ relu"], relu_backward(dA, Z))
    assert np.array_equal(numbers["dZ sigmoid"], sigmoid_backward(dA, Z))
    assert "exactly 0" in text_of(app)


@pytest.mark.parametrize("text", ["", "x", "1 2; 3", "1 2", "1e300 1e300 1e300 1e300", "0 0 0 0"])
def test_no_text_breaks_the_demo(text: str) -> None:
    app = open_app(PAGE)
    for key in ("demo_dA", "demo_Z"):
        before = app.text_area(key=key).value
        app.text_area(key=key).set_value(text).run()
        assert not app.exception
        assert len(app.error) == (text in ("", "x", "1 2; 3", "1 2"))
        app.text_area(key=key).set_value(before).run()


def test_a_nudge_changes_the_cost_as_dw_says_and_as_da_divided_by_m() -> None:
    X, Y, parameters = lesson.forward_case()
    AL, caches = L_model_forward(X, parameters)
    grads = L_model_backward(AL, Y, caches)
    assert np.abs(grads["dA1"]).min() > 0.01  # so that a missing 1/m would be seen
    table = lesson.one_over_m_table()
    assert table in text_of(open_app(PAGE))
    weights = re.findall(r"^\| `W2\[.*?\]` \| (\S+) \| (\S+) \| +\| (\S+) \|", table, re.M)
    assert len(weights) == grads["dW2"].size
    for nudge, analytic, gap in weights:
        assert as_number(nudge) == as_number(analytic)
        assert as_number(gap) < 1e-8
    numbers = re.findall(r"^\| `A1\[.*?\]` \| (\S+) \| (\S+) \| (\S+) \|", table, re.M)
    assert len(numbers) == grads["dA1"].size
    for nudge, whole, divided in numbers:
        assert as_number(nudge) == pytest.approx(as_number(whole) / 2, abs=2e-4)
        assert as_number(nudge) == pytest.approx(as_number(divided), abs=2e-4)


def test_the_shortcut_fails_the_documented_case_and_holds_in_a_network() -> None:
    assert lesson.shortcut_gap() < 1e-14
    assert "misses the documented `dW2` by up to **1." in text_of(open_app(PAGE))


def test_both_editions_names_stand_side_by_side() -> None:
    table = lesson.names_table()
    rows = re.findall(r"\| `(\w+)` \| \**`(\w+)`\** \| :material/check:", table)
    assert rows == [
        ("dA1", "dA2"), ("dW2", "dW2"), ("db2", "db2"),
        ("dA0", "dA1"), ("dW1", "dW1"), ("db1", "db1"),
    ]  # fmt: skip
    assert table in text_of(open_app(PAGE))


def test_the_update_follows_the_learning_rate() -> None:
    app = open_app(PAGE)
    assert {"W1[0, 0]", "b1[2, 0]", "W2[0, 2]", "b2[0, 0]"} <= set(printed(app))
    app.slider(key="update_rate").set_value(0.5).run()
    assert not app.exception
    assert "W1[0, 0]" not in printed(app)
    assert "learning rate of 0.1" in text_of(app)
    inputs = cases()["update_parameters"].inputs()
    parameters = {name: array for name, array in inputs.items() if name[0] != "d"}
    grads = {name: array for name, array in inputs.items() if name[0] == "d"}
    new = update_parameters(parameters, grads, 0.5)["W1"]
    assert np.array_equal(explored(app)["W1"], new)


@pytest.mark.parametrize("maker", lesson.MAKERS, ids=lambda maker: maker.__name__)
def test_questions_always_make_sense(maker) -> None:
    asked = {maker(np.random.RandomState(seed)).text for seed in range(60)}
    assert len(asked) > 2


def test_the_sign_of_the_first_gradient() -> None:
    for seed in range(20):
        question = lesson.ask_for_a_sign(np.random.RandomState(seed))
        right = next(option.text for option in question.options if option.right)
        a = float(re.search(r"says (0\.\d)", question.text).group(1))
        label = "a cat" in question.text
        assert as_number(right) == pytest.approx(a - label)


def test_a_question_is_answered_wrong_and_right() -> None:
    app = open_app(PAGE)
    question = lesson.ask_for_a_sign(np.random.RandomState(0))
    right = next(option.text for option in question.options if option.right)
    radio = app.radio(key=f"answer_{PAGE}_0")
    place = radio.options.index(right)
    radio.set_value((place + 1) % 3).run()
    assert app.warning
    app.radio(key=f"answer_{PAGE}_0").set_value(place).run()
    assert app.success


def test_the_way_leads_from_the_update_to_a_whole_iteration() -> None:
    app = open_app("backward_and_update", part="update")
    app.slider(key="update_rate").set_value(0.5).run()
    app.switch_page("pages/one_iteration.py").run()
    assert not app.exception
