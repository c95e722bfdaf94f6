"""The page that recomputes everything: the count, each case by its link, the slips and their proofs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import streamlit as st

from ui import notebooks

from nncore import cases as table
from nncore import errata
from nncore.cases import cases, runs
from tests.test_case import as_number, printed
from tests.test_pages import open_app, text_of


def test_the_count_and_a_row_for_every_case(no_photos) -> None:
    app = open_app("notebook_numbers")
    assert app.metric[0].value == "18 of 18"
    assert text_of(app).count("agrees") == 2  # runs
    assert "26 of 26" in text_of(app)
    rows = notebooks.case_rows()
    assert [row["id"] for row in rows] == list(cases())
    assert all(row["agrees"] and row["said"] == "agrees" for row in rows)


def test_who_comes_for_a_case_sees_it_first_each_time_anew(no_photos) -> None:
    app = open_app("notebook_numbers")
    assert not app.session_state["came_for_a_case"]
    app.selectbox(key="case").set_value("linear_forward").run()
    assert not app.session_state["came_for_a_case"]  # it stays where it is
    app.switch_page("pages/start.py").run()
    app.switch_page("pages/notebook_numbers.py")
    app.query_params["case"] = "compute_cost_v3"
    app.run()
    assert app.session_state["came_for_a_case"]
    assert app.selectbox(key="case").value == "compute_cost_v3"


def test_answers_that_are_not_those_of_the_network_are_said_to_be_drawn(no_photos) -> None:
    app = open_app("notebook_numbers")
    for case, said in (("L_model_backward", True), ("L_model_forward_2hidden", False)):
        app.selectbox(key="case").set_value(case).run()
        assert ("were drawn one by one" in text_of(app)) is said


@pytest.mark.parametrize(
    ("sent", "shown"),
    [("update_parameters", "update_parameters"), ("moon", "linear_forward"), (3, "linear_forward")],
)
def test_what_is_picked_in_the_table_is_shown(sent, shown, monkeypatch) -> None:
    state = {"cases": {"pick": sent}, "case": "linear_forward"}
    monkeypatch.setattr(st, "session_state", state)
    notebooks.choose_picked()
    assert state["case"] == shown


def test_a_wrong_function_is_seen_on_the_page(no_photos, monkeypatch) -> None:
    case = cases()["compute_cost_v3"]
    wrong = replace(case, compute=lambda **i: {"cost": case.compute(**i)["cost"] + 1e-9})
    monkeypatch.setattr(notebooks, "cases", lambda: {**cases(), case.id: wrong})
    differing = [row for row in notebooks.case_rows() if not row["agrees"]]
    assert [(row["id"], row["said"]) for row in differing] == [("compute_cost_v3", "differs")]


@pytest.mark.parametrize("name", list(cases()))
def test_each_case_is_reached_by_its_link(name: str, no_photos) -> None:
    app = open_app("notebook_numbers", case=name)
    assert app.selectbox(key="case").value == name
    documented = {
        f"{output}{list(index) if index else ''}": value
        for output, array in cases()[name].expected.items()
        for index, value in np.ndenumerate(array)
    }
    shown = {place: as_number(row[0]) for place, row in printed(app).items()}
    assert shown == documented


def test_slips_are_told_and_proved(photo_set) -> None:
    assert len(errata.slips()) == 24
    proofs = {slip.id: errata.proof(slip.id, photo_set) for slip in errata.slips()}
    assert sum(proof is not None for proof in proofs.values()) >= 12
    assert "randn gives 0.01788628, rand 0.00550798" in proofs["rand_or_randn"]
    assert "1,135 of 2,500 steps" in proofs["cost_rises"]
    assert "draw 15 is 50" in proofs["randint_end"]
    assert "148, 49, 138" in proofs["randint_end"]
    assert "7 answers change, and 44" in proofs["forgot_255"]
    assert "condition is True" in proofs["and_before_or"]
    assert "0.69315" in proofs["silent_initialiser"]


def test_proofs_that_need_photos_wait_for_them() -> None:
    waiting = [slip.id for slip in errata.slips() if errata.needs_photos(slip.id)]
    assert waiting
    assert all(errata.proof(name) is None for name in waiting)


def test_runs_recomputed_take_the_place_of_the_shipped(photo_set, monkeypatch) -> None:
    short = {
        name: replace(run, settings=replace(run.settings, num_iterations=2))
        for name, run in table.runs().items()
    }
    monkeypatch.setattr(notebooks, "runs", lambda: short)
    app = open_app("notebook_numbers")
    app.button(key="recompute").click().run()
    assert not app.exception
    assert "recomputed" in text_of(app)
    assert "1 of 26" in text_of(app)


@pytest.mark.parametrize("turn", range(30))
def test_every_question_has_one_right_answer(turn: int) -> None:
    for maker in notebooks.MAKERS:
        maker(np.random.RandomState(turn))


def test_every_printed_cost_stands_in_a_table(no_photos: Path) -> None:
    app = open_app("notebook_numbers")
    assert "Every printed cost, one by one" in [each.label for each in app.expander]
    app.session_state["all_costs"] = True
    app.run()
    assert not app.exception
    (table,) = [each.value for each in app.markdown if "2-layer, printed" in str(each.value)]
    lines = table.splitlines()
    for run in runs().values():
        for i, cost in run.costs.items():
            (row,) = [line for line in lines if line.startswith(f"| {i:,} |")]
            assert f" {cost} " in row
