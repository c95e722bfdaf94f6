"""The lesson on the way forward, used as a reader uses it."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ui import forward_lesson as lesson
from ui.curves import activation_curve, loss

from nncore.cases import cases
from nncore.cost import compute_cost
from tests.conftest import charts
from tests.test_case import explored, printed
from tests.test_pages import open_app, text_of

PAGE = "forward_and_cost"


@pytest.mark.parametrize("id", lesson.CASES)
def test_each_case_has_a_link(id: str) -> None:
    app = open_app(PAGE, case=id)
    assert cases()[id].call in text_of(app)
    assert len(printed(app)) == sum(array.size for array in cases()[id].expected.values())
    assert not app.error


def test_another_case_is_chosen_and_every_formula_of_it_can_be_followed() -> None:
    app = open_app(PAGE)
    app.selectbox(key="case").set_value("L_model_forward_2hidden").run()
    assert not app.exception
    inputs = cases()["L_model_forward_2hidden"].inputs()
    Z1 = inputs["W1"] @ inputs["X"] + inputs["b1"]
    numbers = explored(app)
    assert list(numbers) == ["Z1", "A1", "Z2", "A2", "Z3", "AL"]
    assert np.allclose(numbers["Z1"], Z1, rtol=1e-15)


def test_inputs_are_read_from_the_address() -> None:
    app = open_app(PAGE, case="compute_cost_v3", **{"compute_cost_v3.AL": "0.5 0.5 0.5"})
    assert not app.exception
    assert explored(app)["cost"] == pytest.approx(np.log(2))
    assert "no longer apply" in text_of(app)


@pytest.mark.parametrize(
    "query", [{"case": "moon"}, {"given": "7", "m_mean": "x"}, {"cell": "Z.99.1"}]
)
def test_strange_addresses_fall_back_to_defaults(query: dict[str, str]) -> None:
    app = open_app(PAGE, **query)
    assert not app.error


def test_two_linear_layers_are_one_until_relu_stands_between() -> None:
    app = open_app(PAGE)
    assert "rounding" in text_of(app)
    app.toggle(key="bent").set_value(True).run()
    assert not app.exception
    assert "no single layer does the same" in text_of(app)


def metrics(app: AppTest) -> list[str]:
    return [metric.value for metric in app.metric]


def test_one_mistake_costs_what_compute_cost_says() -> None:
    app = open_app(PAGE)
    app.slider(key="given").set_value(0.01).run()
    app.slider(key="m_mean").set_value(10).run()
    answers, cats = np.full((1, 10), 0.9), np.ones((1, 10))
    calm = float(compute_cost(answers, cats))
    answers[0, 0] = 0.01
    cost = float(compute_cost(answers, cats))
    assert metrics(app) == [f"{-np.log(0.01):.4f}", f"{cost:.4f}", f"{calm:.4f}"]
    app.slider(key="given").set_value(0.0).run()
    assert not app.exception
    assert metrics(app)[0] == f"{loss(0.0, 1):.4f}"
    assert "that a float holds" in text_of(app)
    app.slider(key="m_mean").set_value(1).run()
    assert metrics(app)[0] == metrics(app)[1]


def test_the_curves_are_those_of_the_functions() -> None:
    app = open_app(PAGE)
    assert len(charts(app)) == 3
    A, slope = activation_curve("relu").panels[0].marks
    assert list(slope.y[np.asarray(slope.x) <= 0]) == [0.0] * 121
    assert max(activation_curve("sigmoid").panels[0].marks[1].y) == pytest.approx(0.25)
    assert (A.ink, slope.ink) == ("forward", "backward")


@pytest.mark.parametrize("maker", lesson.MAKERS, ids=lambda maker: maker.__name__)
def test_questions_always_make_sense(maker) -> None:
    asked = {maker(np.random.RandomState(seed)).text for seed in range(60)}
    assert len(asked) > 2


def test_a_question_is_answered_wrong_and_right() -> None:
    app = open_app(PAGE)
    radio = app.radio(key=f"answer_{PAGE}_0")
    right = radio.options.index("0")
    radio.set_value((right + 1) % 4).run()
    assert app.warning
    app.radio(key=f"answer_{PAGE}_0").set_value(right).run()
    assert app.success
    app.button(key=f"another_{PAGE}").click().run()
    assert not app.exception
    assert "What is the shape" in app.radio(key=f"answer_{PAGE}_1").label
