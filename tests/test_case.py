"""The one component that shows a documented case: true to the documented numbers, and hard to break."""

import inspect
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ui import matrix
from ui.address import read_cell
from ui.case import IN_ONE_ITERATION, cache_tree
from ui.formulas import can_explore
from ui.iteration import FIXTURE, case_names
from ui.listing import source_of

import nncore
from nncore import L_model_forward
from nncore.cases import EQUATIONS, cases
from tests.conftest import components
from tests.test_pages import formulas_of


def alone(id: str) -> None:
    """Show one case and nothing else."""
    from ui.case import show_case

    from nncore.cases import cases

    show_case(cases()[id])


def open_case(id: str) -> AppTest:
    app = AppTest.from_function(alone, args=(id,), default_timeout=60).run()
    assert not app.exception
    return app


def printed(app: AppTest) -> dict[str, tuple[str, str]]:
    """Read the table of documented and computed numbers from the page."""
    rows = [row for part in components(app) if "say" in part for row in part["rows"]]
    assert all(row["agrees"] and row["sign"] == "✓" for row in rows)
    return {row["name"]: (row["cells"][0], row["cells"][1]) for row in rows}


def explored(app: AppTest) -> dict[str, np.ndarray]:
    """Read from all explorers of the page the outputs that are sent to the browser."""
    found = {}
    for part in components(app):
        for formula in part.get("formulas", []):
            rows = formula["panels"][-1]["values"]
            found[formula["output"]] = np.array([[float(value) for value in row] for row in rows])
    return found


def as_number(text: str) -> float:
    return float(text.replace("−", "-"))


@pytest.mark.parametrize("id", cases())
def test_every_documented_number_is_on_the_screen_beside_ours(id: str) -> None:
    case = cases()[id]
    rows = printed(open_case(id))
    outputs = case.compute(**case.inputs())
    expected = {}
    for name, documented in case.expected.items():
        for index in np.ndindex(documented.shape):
            place = f"[{', '.join(map(str, index))}]" if index else ""
            expected[f"{name}{place}"] = (documented[index], np.asarray(outputs[name])[index])
    assert rows.keys() == expected.keys()
    for name, (documented, ours) in expected.items():
        assert as_number(rows[name][0]) == documented
        assert as_number(rows[name][1]) == pytest.approx(
            ours, rel=0, abs=0.51 * 10.0 ** -(case.decimals + 2)
        )


@pytest.mark.parametrize("id", cases())
def test_the_outputs_on_the_screen_are_the_function_s(id: str) -> None:
    case = cases()[id]
    app = open_case(id)
    latex = formulas_of(app)
    inputs = case.inputs()
    numbers = explored(app)
    assert bool(numbers) == can_explore(case)
    for name, value in case.compute(**inputs).items():
        if name in numbers:
            assert np.array_equal(numbers[name], np.atleast_2d(value))  # the very float64
        elif not (name in inputs and can_explore(case)):  # what went in stands in the formula
            assert matrix.bracketed(np.asarray(value)) in latex
    for line in EQUATIONS[case.function]:
        assert line in latex
    assert not app.error
    assert not app.info


@pytest.mark.parametrize("id", [id for id in cases() if not can_explore(cases()[id])])
def test_an_initialiser_shows_what_it_has_drawn(id: str) -> None:
    case = cases()[id]
    app = open_case(id)
    latex = formulas_of(app)
    text = "\n".join(str(part.value) for part in app.markdown)
    for name, array in case.compute(**case.inputs()).items():
        if name[0] == "W":
            assert f"randn({array.shape[0]}, {array.shape[1]})" in text
            assert matrix.bracketed(array / 0.01) in latex


BAD = {
    "empty": "",
    "a letter": "x",
    "ragged": "1 2; 3",
    "7x7": "\n".join(["1 2 3 4 5 6 7"] * 7),
    "zeros": None,  # of the shape that it had
    "1e300": None,
    "Markdown": "![x](http://evil.test/a.png)",
}


def replacement(kind: str, value: Any) -> str:
    if BAD[kind] is not None:
        return BAD[kind]
    entry = 0.0 if kind == "zeros" else 1e300
    return matrix.write(np.full(np.atleast_2d(np.asarray(value)).shape, entry))


@pytest.mark.parametrize("id", cases())
def test_no_input_breaks_the_page(id: str) -> None:
    case = cases()[id]
    app = open_case(id)
    for name, value in case.inputs().items():
        original = matrix.write(value)
        for kind in BAD:
            text = replacement(kind, value)
            app.text_area(key=f"{id}.{name}").set_value(text).run()
            assert not app.exception, (name, kind)
            assert app.text_area(key=f"{id}.{name}").value == text  # what was typed stays
            same = text.split() == original.split()
            assert same or len(app.error) == 1 or len(app.info) == 1, (name, kind)
            if kind in ("empty", "a letter", "ragged", "Markdown"):
                assert len(app.error) == 1
                assert app.error[0].value.replace("\\", "").startswith(f"{name}: ")
                assert "![x]" not in app.error[0].value
        app.button(key=f"restore.{id}").click().run()
        assert app.text_area(key=f"{id}.{name}").value == original
    assert len(printed(app)) == sum(array.size for array in case.expected.values())


def test_a_case_that_numbers_inputs_after_their_layer_says_so() -> None:
    said = {id: " ".join(part.value for part in open_case(id).caption) for id in cases()}
    warned = {id for id, text in said.items() if "Mind the names" in text}
    assert warned == {"L_model_backward"}
    assert "`A1` is $A^{[0]}$, `A2` is $A^{[1]}$" in said["L_model_backward"]
    assert "`dA1` is the gradient of `A2`" in said["L_model_backward"]
    inputs = cases()["L_model_backward"].inputs()
    made = cases()["L_model_backward"].compute(**inputs)
    assert made["dA1"].shape == inputs["A2"].shape


def test_an_edit_is_followed_and_the_documented_numbers_step_back() -> None:
    app = open_case("linear_forward")
    app.text_area(key="linear_forward.A").set_value("1 2\n3 4\n5 6").run()
    case = cases()["linear_forward"]
    inputs = case.inputs() | {"A": np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])}
    assert np.array_equal(explored(app)["Z"], case.compute(**inputs)["Z"])
    assert not printed(app)
    assert "no longer apply" in app.info[0].value
    app.text_area(key="linear_forward.W").set_value("1 2").run()
    assert "W needs 3 columns" in app.error[0].value
    assert not explored(app)
    app.button(key="restore.linear_forward").click().run()
    assert len(printed(app)) == 2
    assert not app.error
    assert not app.info


def test_what_is_not_finite_is_told() -> None:
    app = open_case("linear_forward")
    app.text_area(key="linear_forward.A").set_value("1e300 1\n1e300 1\n1 1").run()
    app.text_area(key="linear_forward.W").set_value("1e300 1 1").run()
    assert not app.exception
    assert "not a finite number" in app.warning[0].value


def pinned(app: AppTest) -> list[Any] | None:
    (part,) = (part for part in components(app) if "formulas" in part)
    return part["pinned"]


@pytest.mark.parametrize("id", [id for id in cases() if can_explore(cases()[id])])
def test_each_documented_number_leads_to_its_entry(id: str) -> None:
    app = open_case(id)
    case = cases()[id]
    outputs = case.compute(**case.inputs())
    explained = explored(app)
    for part in components(app):
        for row in part.get("rows", []):
            name = row["name"].split("[")[0]
            assert (row["id"] is not None) == (name in explained)
            if row["id"] is not None:
                cell = read_cell(row["id"])
                assert cell is not None
                assert cell[0] == name
                shown = as_number(row["cells"][1])
                assert shown == pytest.approx(np.atleast_2d(outputs[name])[cell[1:]], abs=1e-7)


def test_the_page_of_one_iteration_has_the_cases_that_lead_there() -> None:
    there = {id for id, case in cases().items() if case.function in IN_ONE_ITERATION}
    assert there == set(case_names()) - {FIXTURE}


def test_the_pinned_entry_is_read_from_the_address_and_stays_within_the_array() -> None:
    app = AppTest.from_function(alone, args=("linear_backward_v4",), default_timeout=60)
    app.query_params["cell"] = "dA_prev.5.4"
    app.run()
    assert pinned(app) == ["dA_prev", 4, 3]
    app.text_area(key="linear_backward_v4.W").set_value("1 2; 3 4; 5 6").run()
    app.text_area(key="linear_backward_v4.A_prev").set_value("1 2 3 4; 5 6 7 8").run()
    assert not app.error
    assert pinned(app) is None  # there is no fifth row any more
    assert "cell" not in app.query_params


@pytest.mark.parametrize("cell", ["dW.9.1", "dW.0.1", "dW", "dZ.1.1", "dW.1.1.1", "moon", "dW.x.1"])
def test_a_cell_that_is_none_is_forgotten(cell: str) -> None:
    app = AppTest.from_function(alone, args=("linear_backward_v4",), default_timeout=60)
    app.query_params["cell"] = cell
    app.run()
    assert not app.exception
    assert pinned(app) is None
    assert "cell" not in app.query_params


def test_a_pin_belongs_to_its_case() -> None:
    def two() -> None:
        import streamlit as st

        from ui.case import choose_case, show_case

        show_case(
            choose_case(["linear_backward_v3", "linear_backward_v4", "initialize_parameters"])
        )
        st.text(str(st.query_params.get("cell")))

    app = AppTest.from_function(two, default_timeout=60)
    app.query_params["cell"] = "dW.1.2"
    app.run()
    assert pinned(app) == ["dW", 0, 1]
    app.selectbox(key="case").set_value("linear_backward_v4").run()
    assert pinned(app) is None
    assert app.text[0].value == "None"
    app.selectbox(key="case").set_value("initialize_parameters").run()
    assert app.text[0].value == "None"
    app.selectbox(key="case").set_value("linear_backward_v3").run()
    assert pinned(app) == ["dW", 0, 1]  # it was kept
    assert app.text[0].value == "dW.1.2"
    app.selectbox(key="case").set_value("initialize_parameters").run()
    assert app.text[0].value == "None"  # nothing of it can be pinned


def test_the_cache_tree_has_the_shapes_of_the_real_cache() -> None:
    case = cases()["L_model_forward_2hidden"]
    inputs = case.inputs()
    tree = cache_tree(case, inputs)
    caches = L_model_forward(inputs["X"], {k: v for k, v in inputs.items() if k != "X"})[1]
    for k, (linear_cache, Z) in enumerate(caches):
        part = tree.split(f"caches[{k}]")[1]
        assert f"W {linear_cache[1].shape}" in part
        assert f"Z {Z.shape}" in part
    assert tree.count("relu_backward") == 2
    assert tree.count("sigmoid_backward") == 1
    assert cache_tree(cases()["update_parameters"], {}) == ""


def test_the_code_shown_is_the_code_that_runs() -> None:
    from nncore.forward import linear_forward

    shown = source_of(linear_forward)
    assert "Z = W @ A + b" in shown
    assert '"""' not in shown


def test_every_function_of_the_table_has_its_equation() -> None:
    assert {case.function for case in cases().values()} == set(EQUATIONS)


def test_the_code_comes_when_it_is_asked_for() -> None:
    app = open_case("linear_backward_v4")
    assert not app.code
    app.session_state["code_that_runs"] = True
    app.run()
    assert [block.language for block in app.code] == ["python"]
    shown = app.code[0].value
    assert shown.startswith("def linear_backward(")
    assert '"""' not in shown
    body = inspect.getsource(nncore.linear_backward)
    assert shown.splitlines()[-1] == body.splitlines()[-1]
