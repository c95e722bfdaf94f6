import json

import numpy as np
import pytest

from ui.components.chart import Axis, Bars, Chart, Note, Panel, Points, Rule, describe


def described(*marks, x=None, y=None) -> dict:
    chart = Chart(x or Axis(), [Panel(y or Axis(), marks)], height=300)
    return json.loads(json.dumps(describe(chart), allow_nan=False))  # it can be sent


def test_an_axis_without_ends_has_room_for_all_marks() -> None:
    drawn = described(Points(x=[1, 3], y=[0.5, -2]), Rule(y=4), Note(text="far", x=99, y=99))
    y = drawn["panels"][0]["y"]
    assert y["low"] < -2 < 4 < y["high"] < 5
    assert 0 < drawn["x"]["low"] < 1 < 3 < drawn["x"]["high"] < 4
    drawn = described(Points(x=[1, 10], y=[1e-6, 1]), y=Axis(log=True))
    y = drawn["panels"][0]["y"]
    assert 1e-7 < y["low"] < 1e-6 < 1 < y["high"] < 10
    named = described(Bars(x=[0, 1, 2], y=[1, 2, 3], breadth=0.5), x=Axis(names="abc"))["x"]
    assert (named["low"], named["high"], named["names"]) == (-0.5, 2.5, ["a", "b", "c"])


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("y", [[], [0.0], [3.0, 3.0], [1e17, 1e17], [np.nan, np.inf]])
def test_an_axis_has_two_ends_whatever_there_is_to_draw(y, log) -> None:
    axis = described(Points(x=range(len(y)), y=y), y=Axis(log=log))["panels"][0]["y"]
    assert axis["low"] < axis["high"]
    assert not log or axis["low"] > 0


def test_what_is_not_finite_is_left_out() -> None:
    drawn = described(
        Rule(y=np.nan),
        Note(text="lost", x=np.inf, y=0),
        Points(x=[1], y=[2]),
        y=Axis(ends=(0, np.nan)),
    )["panels"][0]
    assert [mark["kind"] for mark in drawn["marks"]] == ["points"]
    assert drawn["y"]["low"] < 2 < drawn["y"]["high"]


def test_ends_may_be_turned_round() -> None:
    axis = described(y=Axis(ends=(3.5, -0.8)))["panels"][0]["y"]
    assert (axis["low"], axis["high"]) == (3.5, -0.8)


def test_what_is_no_number_is_a_gap_and_what_is_empty_is_not_sent() -> None:
    (mark,) = described(Points(x=[0, 1, 2], y=[0.1234567891, np.nan, np.inf], width=2))["panels"][
        0
    ]["marks"]
    assert mark == {
        "kind": "points", "x": [0, 1, 2], "y": [0.123457, None, None], "ink": "text", "width": 2,
        "dash": "solid", "size": 7,
    }  # fmt: skip
    drawn = described(Rule(x=1e-7), Note(text="here", x=0.5, y=0, of_panel=True))
    rule, note = drawn["panels"][0]["marks"]
    assert (rule["x"], rule["y"], rule["ink"], rule["level"]) == (1e-7, None, "data", -1)
    assert (note["x"], note["y"], note["of_panel"]) == (0.5, 0, True)
