"""One iteration: every source, every step of it, the proofs, the links, and what makes no sense."""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from nncore.cases import cases, documented
from nncore.cost import compute_cost
from nncore.data import load
from nncore.forward import L_model_forward
from nncore.gradcheck import check_entry, error_against_epsilon
from nncore.trace import explain
from tests.conftest import charts, listings, points
from tests.test_pages import open_app, text_of

SOURCES = {
    "one hidden layer": {"what": "case", "case": "L_model_forward_1hidden"},
    "two hidden layers": {"what": "case", "case": "L_model_forward_2hidden"},
    "fixture": {"what": "case", "case": "one_layer"},
    "small": {"what": "small"},
    "small, two outputs": {"what": "small", "units": "2, 3, 2", "examples": "2", "draw": "5"},
    "cats": {"what": "cat"},
}


def open_page(**query: str) -> AppTest:
    app = open_app("one_iteration", **query)
    assert not app.exception
    return app


def steps_of(app: AppTest) -> int:
    return len(app.select_slider(key="walk_step").options)


def asked(app: AppTest, name: str) -> str:
    """What the address says."""
    value = app.query_params[name]
    return value if isinstance(value, str) else value[-1]


def tell_all(app: AppTest) -> str:
    return "\n".join([text_of(app), *(str(part.value) for part in (*app.warning, *app.success))])


@pytest.fixture
def on_doodles(no_photos: Path) -> None:
    """A machine without photos."""


# The walk -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", SOURCES.values(), ids=list(SOURCES))
def test_every_step_shows_its_formula_its_numbers_and_its_code(query, on_doodles) -> None:
    app = open_page(**query)
    n = steps_of(app)
    layers = (n - 2) // 5
    seen = []
    for index in range(n):
        assert not app.exception
        assert not app.error
        assert app.select_slider(key="walk_step").value == index
        assert asked(app, "step") == str(index + 1)
        symbols, numbers = (part.value for part in app.latex[:2])
        assert "=" in symbols
        assert "=" in numbers
        seen.append(listings(app)[0])
        if index + 1 < n:
            app.button(key="walk_next").click().run()
    assert app.button(key="walk_next").disabled
    assert len(set(seen)) == n
    assert seen[0] == ("Z1 = W1 @ A0 + b1" if layers >= 1 else "")
    assert "The updated network was run" in text_of(app)
    app.button(key="walk_back").click().run()
    assert app.select_slider(key="walk_step").value == n - 2


def test_the_numbers_are_those_of_the_documented_network(on_doodles) -> None:
    inputs = cases()["L_model_forward_1hidden"].inputs()
    X = inputs.pop("X")
    AL, _caches = L_model_forward(X, inputs)
    cost = float(compute_cost(AL, np.array([[0.0, 1.0]])))
    app = open_page(
        what="case", case="L_model_forward_1hidden", labels_L_model_forward_1hidden="0 1", step="5"
    )
    assert f"**{cost:.4g}**" in text_of(app)
    assert f"{AL[0, 0]:.3f}" in app.latex[1].value


def test_the_fixture_is_whole() -> None:
    from ui.iteration import iterate

    fixture = {k: np.array(v) for k, v in documented()["fixtures"]["one_layer"].items()}
    parameters = {name: fixture[name] for name in ("W1", "b1")}
    made = iterate(fixture["A0"], fixture["Y"].astype(float), parameters, 0.1)
    np.testing.assert_allclose(made.output("Z1"), fixture["Z1"], atol=5e-9)
    np.testing.assert_allclose(made.output("AL"), fixture["AL"], atol=5e-9)


def test_the_cache_is_seen_kept_and_read_again() -> None:
    from ui.iteration import draw_small, iterate
    from ui.stepper import said_of_cache, shelf

    arrays = draw_small((3, 4, 1), 2, 1)
    parameters = {name: arrays[name] for name in ("W1", "b1", "W2", "b2")}
    made = iterate(arrays["X"], arrays["Y"], parameters, 0.1)

    def marked(index: int, state: str) -> list[str]:
        return re.findall(rf'class="{state}"[^>]*>(\w+) ', shelf(made, index))

    assert marked(0, "now") == ["A0", "W1", "b1"]
    assert marked(0, "in") == []
    assert marked(1, "now") == ["Z1"]
    assert marked(1, "in") == ["A0", "W1", "b1"]
    by_name = {step.index: step for step in made.steps}
    for index, step in by_name.items():
        assert marked(index, "read") == [
            name for name in ("A0", "A1", "W1", "W2", "Z1", "Z2") if name in step.recalled
        ]
        if index >= 4:
            assert len(marked(index, "in")) + len(marked(index, "read")) == 8
    back = made.maker("dW2")
    assert said_of_cache(back) == "Read again from the cache of layer 2: A1, W2."


def test_cost_before_and_after_are_computed() -> None:
    from ui.iteration import draw_small, iterate
    from ui.stepper import sentence

    arrays = draw_small((2, 3, 1), 4, 2)
    parameters = {name: arrays[name] for name in ("W1", "b1", "W2", "b2")}
    for rate, word in ((0.1, "lower by"), (0.0, "unchanged"), (60.0, "higher by")):
        made = iterate(arrays["X"], arrays["Y"], parameters, rate)
        updated = {name: made.steps[-1 if "2" in name else -2].outputs[name] for name in parameters}
        after = float(compute_cost(L_model_forward(arrays["X"], updated)[0], arrays["Y"]))
        assert made.cost_after == after
        assert word in sentence(made, made.steps[-1])


def test_only_what_is_a_gradient_of_the_mean_is_written_with_1_over_m() -> None:
    from ui.iteration import draw_small, iterate
    from ui.stepper import in_numbers

    arrays = draw_small((3, 4, 2, 1), 3, 1)
    made = iterate(
        arrays["X"], arrays["Y"], {n: a for n, a in arrays.items() if n not in "XY"}, 0.1
    )
    divided = {
        rule.output
        for step in made.steps
        for rule in step.rules
        if r"\tfrac{1}{3}" in in_numbers(step, rule, made.L)
    }
    assert divided == {"cost", "dW1", "db1", "dW2", "db2", "dW3", "db3"}


def test_the_whole_chain_goes_back_to_the_inputs_by_the_largest_terms(on_doodles) -> None:
    from ui.iteration import draw_small, iterate
    from ui.stepper import chain

    arrays = draw_small((3, 4, 2, 1), 3, 1)
    made = iterate(
        arrays["X"], arrays["Y"], {n: a for n, a in arrays.items() if n not in "XY"}, 0.1
    )
    last = made.steps[-1]
    way = chain(made.steps, last.index, ("W3", 0, 1))
    assert [found.entry.name for _k, found in way] == [
        "W3", "dW3", "dZ3", "dAL", "AL", "Z3", "A2", "Z2", "A1", "Z1",
    ]  # fmt: skip
    for (k, found), (before, source) in pairwise(way):
        assert before < k
        heaviest = int(np.argmax(np.abs(found.terms)))
        assert source.entry in found.sources(heaviest)

    app = open_page(what="case", case="L_model_forward_2hidden", step="14", cell="dW1.2.3")
    app.session_state["walk_chain"] = True
    app.run()
    assert "from `dZ1[1, 2]` = 0.2412 and `A0[2, 2]` = 2.631: the largest of 4 terms" in tell_all(
        app
    )
    app.button(key="walk_chain_2").click().run()
    assert (asked(app, "step"), asked(app, "cell")) == ("12", "dA1.2.3")
    assert app.button(key="walk_trail_1").label == "`dZ1[1, 2]` in step 13"


def test_play_is_a_button_that_keeps_its_place(on_doodles) -> None:
    app = open_page()
    assert app.button(key="walk_play").label == "Play"
    app.button(key="walk_play").click().run()
    assert app.button(key="walk_play").label == "Pause"
    app.button(key="walk_next").click().run()
    assert app.button(key="walk_play").label == "Play"


def test_what_the_map_sends_is_checked(on_doodles) -> None:
    import streamlit as st

    from ui.components.iteration_map import walked

    for told in (None, 3, {}, {"index": "2"}, {"index": 99}, {"index": -1}, {"index": float("nan")},
                 {"index": True}, {"index": 1.5}):  # fmt: skip
        st.session_state["a_map"] = {"at": told}
        assert walked("a_map", 10) is None
    st.session_state["a_map"] = {"at": {"index": 2, "playing": True, "n": 4}}
    found = walked("a_map", 10)
    assert found is not None
    assert (found.index, found.playing) == (2, True)


# Proof by nudging ---------------------------------------------------------------------------------


def the_network(labels: str = "1 0 1 0"):
    inputs = cases()["L_model_forward_2hidden"].inputs()
    X = inputs.pop("X")
    return X, np.array([[float(label) for label in labels.split()]]), inputs


@pytest.mark.parametrize("cell", ["dW3.1.2", "db3.1.1", "dA2.2.1"])
def test_nudging_any_gradient_of_the_step(cell: str, on_doodles) -> None:
    name, i, j = cell.split(".")
    check = check_entry(*the_network(), name[1:], int(i) - 1, int(j) - 1, 1e-5)
    app = open_page(case="L_model_forward_2hidden", step="10", cell=cell)
    said = tell_all(app)
    for value in (check.cost_plus, check.cost_minus, check.numeric, check.analytic):
        assert repr(value).replace("-", "−") in said
    assert "They agree" in said
    assert app.metric[0].value == str(check.agreeing_digits)
    assert ("gradient of the **sum** of the losses" in said) == (name[1] in "AZ")


def test_the_verdict_depends_on_epsilon_and_is_that_of_the_check(on_doodles) -> None:
    app = open_page(case="L_model_forward_2hidden", step="10", cell="dW3.1.2", epsilon="1e-1")
    check = check_entry(*the_network(), "W3", 0, 1, 1e-1)
    assert not check.agrees
    assert "this ε is too coarse" in tell_all(app)
    app.select_slider(key="epsilon").set_value("1e-12").run()
    check = check_entry(*the_network(), "W3", 0, 1, 1e-12)
    assert check.agrees
    assert "as far as the rounding" in tell_all(app)


def test_a_kink_is_said_in_words(on_doodles) -> None:
    X, Y, parameters = the_network()
    kinked = next(
        (i, j)
        for i, j in np.ndindex(parameters["W1"].shape)
        if check_entry(X, Y, parameters, "W1", i, j, 0.1).kinks
    )
    i, j = kinked
    app = open_page(
        case="L_model_forward_2hidden", step="14", cell=f"dW1.{i + 1}.{j + 1}", epsilon="1e-1"
    )
    assert "A kink lies between the two runs" in tell_all(app)


def test_a_step_without_a_gradient_offers_one(on_doodles) -> None:
    app = open_page(case="L_model_forward_2hidden", step="1")
    assert "This step makes no gradient" in app.info[0].value
    app.button(key="to_gradient").click().run()
    assert asked(app, "step") == "10"
    assert asked(app, "cell") == "dW3.1.1"
    assert "They agree" in tell_all(app)


def test_the_error_against_epsilon_has_its_best_place_in_between(on_doodles) -> None:
    from ui.matrix import scientific
    from ui.nudge import best_of, epsilons

    curve = error_against_epsilon(*the_network(), "W3", 0, 1, epsilons())
    best = best_of(curve)
    assert best is not None
    assert 1e-7 < curve.epsilons[best] < 1e-3
    assert curve.relative_errors[0] > 100 * curve.relative_errors[best]
    assert curve.relative_errors[-1] > 100 * curve.relative_errors[best]

    app = open_page(case="L_model_forward_2hidden", step="10", cell="dW3.1.2")
    assert not charts(app)  # tried at 30 values of ε only when asked for
    app.session_state["error_curve"] = True
    app.run()
    error, lowest = points(charts(app)[0])
    assert len(error["x"]) == len(curve.epsilons)
    assert lowest["x"] == pytest.approx([curve.epsilons[best]], rel=1e-5)
    assert f"ε = {scientific(curve.epsilons[best])}" in text_of(app)


# Derivation and gradient check ----------------------------------------------------------------------


@pytest.mark.parametrize("query", SOURCES.values(), ids=list(SOURCES))
def test_each_line_of_the_derivation_can_be_checked(query, on_doodles) -> None:
    app = open_page(**query, proof="derivation")
    layers = (steps_of(app) - 2) // 5
    for step in ("1", str(5 * layers + 1)):
        app.select_slider(key="walk_step").set_value(int(step) - 1).run()
        for k in range(5):
            app.button(key=f"check_line_{k}").click().run()
            assert not app.exception
            assert "cell" in app.query_params
            assert len(app.latex) == 12


def test_the_derivation_speaks_of_the_pinned_entry() -> None:
    from ui.components.matrix_explorer import Pinned
    from ui.derivation import derive, places
    from ui.iteration import draw_small, iterate

    arrays = draw_small((3, 4, 2, 1), 3, 1)
    made = iterate(
        arrays["X"], arrays["Y"], {n: a for n, a in arrays.items() if n not in "XY"}, 0.1
    )
    assert places(made, 2, Pinned("dW2", 1, 3, 0.0)) == (1, 3, 0)
    assert places(made, 2, Pinned("dA1", 3, 2, 0.0)) == (0, 3, 2)
    assert places(made, 3, Pinned("dAL", 0, 2, 0.0)) == (0, 0, 2)
    assert places(made, 3, Pinned("dW1", 3, 2, 0.0)) == (0, 0, 0)
    for layer in (1, 2, 3):
        lines = derive(made, layer, Pinned(f"dW{layer}", 0, 1, 0.0))
        assert [line.cell[0].rstrip("0123456789L") for line in lines] == [
            "dA", "dZ", "dW", "db", "dA",
        ]  # fmt: skip
        for line in lines:
            explained = explain(made.steps[line.index], *line.cell)
            from ui.matrix import number

            assert number(explained.value) in line.numbers


def test_the_gradient_check_has_a_bar_for_each_array(on_doodles) -> None:
    app = open_page(case="L_model_forward_2hidden", proof="check")
    assert charts(app)[0]["x"]["names"] == ["dW1", "db1", "dW2", "db2", "dW3", "db3"]
    assert "all 43 parameters" in app.success[0].value
    assert "The way back is right" in app.success[0].value


def test_of_the_cat_network_a_sample_is_checked_and_it_says_so(on_doodles) -> None:
    app = open_page(what="cat", proof="check")
    assert "a sample: " in tell_all(app)
    assert "of 245,973 parameters" in tell_all(app)


# Cases that are no network --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("linear_backward_v3", "dZ was drawn"),
        ("linear_activation_backward_relu", "W A + b is"),
        ("L_model_backward", "no probability is above 1"),
    ],
)
def test_cases_of_no_network_say_why_nothing_can_be_proved(case, reason, on_doodles) -> None:
    app = open_page(what="case", case=case)
    assert "These numbers belong to no network" in app.info[0].value
    assert reason in app.info[0].value


# Links ----------------------------------------------------------------------------------------------


def test_a_link_brings_the_view_back(on_doodles) -> None:
    app = open_page(what="small", units="2, 3, 1", examples="2", draw="7", step="10",
                    cell="dW1.3.2", proof="nudge", epsilon="1e-6")  # fmt: skip
    assert app.segmented_control(key="what").value == "small"
    assert app.select_slider(key="walk_step").value == 9
    assert asked(app, "cell") == "dW1.3.2"
    assert app.select_slider(key="epsilon").value == "1e-6"
    assert "`W1[2, 1]` larger by ε" in text_of(app)
    app.button(key="walk_next").click().run()
    assert "cell" not in app.query_params  # it was pinned in the other step
    app.button(key="walk_back").click().run()
    assert asked(app, "cell") == "dW1.3.2"


def test_the_step_is_still_there_after_another_page(on_doodles) -> None:
    app = open_page(case="L_model_forward_2hidden", step="10", cell="dW3.1.2")
    app.switch_page("pages/train.py").run()
    app.switch_page("pages/one_iteration.py").run()
    assert not app.exception
    assert app.select_slider(key="walk_step").value == 9
    assert asked(app, "cell") == "dW3.1.2"


@pytest.mark.parametrize(
    "query",
    [
        {"step": "99"},
        {"step": "0"},
        {"step": "x", "cell": "dW9.1.1"},
        {"step": "10", "cell": "dW3.7.7"},
        {"step": "10", "cell": "../..1"},
        {"what": "moon", "case": "none", "epsilon": "7", "proof": "none"},
        {"what": "small", "units": "3,4,1", "examples": "99", "draw": "-3"},
        {"what": "cat", "looked_into": "session", "iteration_doodles_2500": "-4"},
        {"step": "²"},
    ],
)
def test_strange_addresses_show_the_page_all_the_same(query, on_doodles) -> None:
    app = open_page(**query)
    assert not app.error
    assert app.latex


# What makes no sense ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "labels", ["", "1", "1 0 1 0 1", "1 0 2 0", "cat", "1 0\n1 0", "nan 1 0 1"]
)
def test_bad_labels_get_a_sentence(labels: str, on_doodles) -> None:
    app = open_page(what="case", case="L_model_forward_2hidden")
    app.text_input(key="labels_L_model_forward_2hidden").set_value(labels).run()
    assert not app.exception
    assert len(app.error) == 1
    app.text_input(key="labels_L_model_forward_2hidden").set_value("1 1 1 1").run()
    assert not app.error
    assert app.latex


@pytest.mark.parametrize(
    "sizes", ["", "3", "3, 99, 1", "1,1,1,1,1,1,1", "3, x", "![x](http://e.t/)"]
)
def test_bad_sizes_get_a_sentence(sizes: str, on_doodles) -> None:
    app = open_page(what="small")
    app.text_input(key="units").set_value(sizes).run()
    assert not app.exception
    assert len(app.error) == 1
    assert "![" not in app.error[0].value


@pytest.mark.parametrize(
    ("name", "text"),
    [("W1", "1 2"), ("X", "a b c"), ("Y", "0.5 1 0"), ("b1", ""), ("W2", "1e300 1 1 1; 1 1 1 1")],
)
def test_bad_numbers_get_a_sentence_and_good_ones_are_followed(name, text, on_doodles) -> None:
    app = open_page(what="small")
    key = f"3-4-2-1.3.1.{name}"
    before = app.latex[1].value
    app.text_area(key=key).set_value(text).run()
    assert not app.exception
    assert len(app.error) == 1
    app.button(key="restore_small").click().run()
    assert not app.error
    assert app.latex[1].value == before
    app.text_area(key="3-4-2-1.3.1.b1").set_value("1; 2; 3; 4").run()
    assert app.latex[1].value != before


@pytest.mark.parametrize("pictures", ["209", "-1", "x", "", "1.5", " ".join(map(str, range(30)))])
def test_bad_pictures_get_a_sentence(pictures: str, on_doodles) -> None:
    app = open_page(what="cat")
    app.text_input(key="pictures_doodles").set_value(pictures).run()
    assert not app.exception
    assert len(app.error) == 1


def test_an_earlier_iteration_is_trained_again_and_looked_at(on_doodles) -> None:
    app = open_page(what="cat")
    app.number_input(key="iteration_doodles_2500").set_value(0).run(timeout=120)
    assert not app.exception
    app.select_slider(key="walk_step").set_value(8).run()
    assert "**0.7" in text_of(app)  # the first cost of the run: nothing is learned yet


# Memory -----------------------------------------------------------------------------------------------


def test_traces_share_what_is_large_and_are_kept_within_a_limit() -> None:
    from ui.iteration import Iteration, Source, Traces, iterate

    doodles = load("doodles")
    X = doodles.train_x
    parameters = {"W1": np.full((1, 12288), 1e-4), "b1": np.zeros((1, 1))}
    for array in parameters.values():
        array.flags.writeable = False
    made = iterate(X, doodles.train_labels.astype(float), parameters, 0.1)
    assert made.X is X
    assert made.steps[0].inputs["W1"] is parameters["W1"]
    asked: list[int] = []

    def source(k: int) -> Source:
        def make() -> Iteration:
            asked.append(k)
            return made

        return Source(("a", k), make)

    traces = Traces(most_bytes=2 * made.nbytes)
    for k in (0, 1, 0, 2, 0, 1):
        assert traces.get(source(k)) is made
    assert asked == [0, 1, 2, 1]
    assert len(traces.kept) == 2


def test_pictures_are_read_as_a_person_writes_them() -> None:
    from ui.iteration import read_pictures

    assert read_pictures(" 3, 1; 3 ", 5) == (3, 1)
    assert read_pictures("ALL", 5) == ()
