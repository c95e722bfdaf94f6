"""The page that recomputes everything: the count, each case by its link, the slips and their proofs."""

import re
from dataclasses import replace

import numpy as np
import pytest

from ui import notebooks

from nncore import cases as table
from nncore import errata
from nncore.cases import cases
from tests.test_case import as_number, printed
from tests.test_pages import open_app, text_of


def test_the_count_and_a_row_for_every_case(no_photos) -> None:
    app = open_app("notebook_numbers")
    assert app.metric[0].value == "18 of 18"
    said = text_of(app)
    for name in cases():
        assert f"?case={name}" in said
    assert said.count("agrees") >= 20  # 18 cases and 2 runs
    assert "26 of 26" in said


def test_a_wrong_function_is_seen_on_the_page(no_photos, monkeypatch) -> None:
    case = cases()["compute_cost_v3"]
    wrong = replace(case, compute=lambda **i: {"cost": case.compute(**i)["cost"] + 1e-9})
    monkeypatch.setattr(notebooks, "cases", lambda: {**cases(), case.id: wrong})
    agreeing, rows = notebooks.case_table()
    assert agreeing == 17
    assert re.search(r"differs.*compute_cost_v3", rows)


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
