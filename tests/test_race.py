"""The race: its clocks and its words; and the algebra of the fast engine, line by line."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ui import race as page
from ui import store

from nncore import data
from nncore import race as core
from nncore.backward import L_model_backward
from nncore.cases import runs
from nncore.forward import L_model_forward
from nncore.history import Settings
from nncore.parameters import draw_parameters, update_parameters
from nncore.race import LANES, Lane, Race, count_operations, one_by_one, why_exact
from nncore.run import Run
from nncore.training import fit
from nncore.types import FloatArray, Parameters


def problem(
    sizes: tuple[int, ...] = (30, 6, 4, 1), m: int = 12
) -> tuple[FloatArray, FloatArray, Parameters]:
    stream = np.random.RandomState(3)
    X = stream.rand(sizes[0], m)
    Y = (stream.rand(sizes[-1], m) > 0.5).astype(float)
    return X, Y, draw_parameters(sizes, "he", stream)


@pytest.mark.parametrize("sizes", [(30, 6, 4, 1), (30, 1), (5, 8, 3)])
@pytest.mark.parametrize("m", [1, 12])
def test_one_by_one_is_the_vectorised_step(sizes: tuple[int, ...], m: int) -> None:
    X, Y, start = problem(sizes, m)
    before = {name: array.copy() for name, array in start.items()}
    ours = one_by_one(X, Y, start, 0.3)
    AL, caches = L_model_forward(X, start)
    textbook = update_parameters(start, L_model_backward(AL, Y, caches), 0.3)
    assert list(ours) == list(textbook)
    for name in textbook:
        np.testing.assert_allclose(ours[name], textbook[name], rtol=0, atol=1e-15)
        np.testing.assert_array_equal(start[name], before[name])
        assert name.startswith("b") or not np.array_equal(ours[name], start[name])


@pytest.mark.parametrize("wrong", [{"X": np.ones((4, 12))}, {"Y": np.ones((1, 5))}])
def test_data_that_do_not_fit_are_refused(wrong: dict[str, FloatArray]) -> None:
    X, Y, start = problem()
    data = {"X": X, "Y": Y, **wrong}
    for function in (one_by_one, why_exact):
        with pytest.raises(ValueError, match=r"shape|rows"):
            function(data["X"], data["Y"], start, 0.1)


# Why the numbers are the same ---------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(30, 6, 4, 1), (30, 1), (5, 8, 3)])
@pytest.mark.parametrize("t", [1, 4])
def test_every_line_of_the_algebra_holds(sizes: tuple[int, ...], t: int) -> None:
    X, Y, start = problem(sizes)
    start["b1"] += 0.1  # or a bias left out would not be missed
    lines = why_exact(
        X, Y, start, 0.3, num_iterations=t, X_test=np.random.RandomState(9).rand(sizes[0], 7)
    )
    names = ["forward", "step", "next", "products", "steps", "any", "test", "cost"]
    assert [line.name for line in lines] == names
    n1 = sizes[1]
    shapes = [(n1, 12), (n1, sizes[0]), (n1, 12), (12, 12), (n1, sizes[0]), (n1, 12), (n1, 7), ()]
    assert [line.shape for line in lines] == shapes
    for line in lines:
        assert line.difference <= 2e-15 * max(line.scale, 1), line.name
        assert line.statement.count("{") == line.statement.count("}")
        assert "=" in line.statement
        assert line.sentence.endswith(".")
    assert [line.name for line in why_exact(X, Y, start, 0.3)] == [*names[:-2], "cost"]


def test_a_line_that_is_wrong_would_show(monkeypatch: pytest.MonkeyPatch) -> None:
    class WithoutTheOnes(core.Products):
        def __init__(self, X: FloatArray, X_test: FloatArray | None = None) -> None:
            super().__init__(X, X_test)
            self.K -= 1
            self.K_test -= 1

    monkeypatch.setattr(core, "Products", WithoutTheOnes)
    X, Y, start = problem()
    lines = why_exact(X, Y, start, 0.3, X_test=X)
    wrong = {line.name for line in lines if line.difference > 1e-6}
    assert wrong == {"next", "products", "any", "test", "cost"}


def test_the_algebra_says_when_the_numbers_blow_up() -> None:
    X, Y, start = problem()
    with pytest.raises(ValueError, match=r"learning_rate is 1e\+300: .* Try a smaller one"):
        why_exact(X, Y, start, 1e300)
    with pytest.raises(ValueError, match="num_iterations is 0"):
        why_exact(X, Y, start, 0.1, num_iterations=0)


def test_operations_are_counted() -> None:
    textbook, gram = count_operations(12288, 20, 209)
    assert textbook == 3 * (2 * 20 * 12288 * 209)
    assert textbook / gram == pytest.approx(3 * 12288 / 209)


# The race -----------------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A clock that goes on by 0.01 s whenever somebody looks."""
    now = iter(np.arange(1, 10**6) / 100)
    monkeypatch.setattr(core, "time", SimpleNamespace(perf_counter=lambda: float(next(now))))
    return


def run_race(race: Race) -> list[str]:
    """Run a race to its end; return whose turn it was, each named once."""
    stages: list[str] = []
    for _ in range(10_000):
        if race.finished:
            return stages
        stages += [race.stage] if race.stage not in stages else []
        race.advance(0.0)
    raise AssertionError("it does not end")


def test_a_race_ends_with_the_same_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "LEAST_SECONDS", 60.0)  # so that the slowest lane ends, too
    X, Y, start = problem()
    race = Race(X, Y, start, learning_rate=0.3, num_iterations=40)
    assert all(lane.measured == 0 and np.isnan(lane.cost) for lane in race.lanes().values())
    assert run_race(race) == ["gram", "loop", "textbook"]
    lanes = race.lanes()
    assert tuple(lanes) == LANES
    whole = fit(X, Y, (30, 6, 4, 1), learning_rate=0.3, num_iterations=40, init=start)
    for lane in (lanes["textbook"], lanes["gram"]):
        assert (lane.measured, lane.reached, lane.extrapolated) == (40, 40, False)
        assert lane.whole == lane.seconds > 0
        assert lane.cost == pytest.approx(whole.costs[-1], rel=1e-12)
    assert lanes["gram"].difference == 0
    assert lanes["textbook"].difference < 1e-13
    assert (lanes["loop"].measured, lanes["loop"].cost) == (40, pytest.approx(whole.costs[-1]))
    race.advance(1.0)  # nothing is left to do
    assert race.lanes() == lanes


def test_the_loop_is_measured_and_then_extrapolated(clock) -> None:
    X, Y, start = problem(m=20)
    race = Race(X, Y, start, learning_rate=0.3, num_iterations=500)
    stages = []
    while race.stage != "textbook":
        race.advance(0.0)
        stages.append(race.stage)
    assert stages.count("loop") >= 40  # a slice can end within an iteration
    loop = race.lanes()["loop"]
    assert 2 <= loop.measured < 500
    assert loop.seconds >= 0.4
    assert loop.reached == loop.measured
    assert loop.difference < 1e-15
    assert loop.whole == pytest.approx(loop.seconds / loop.measured * 500)
    for _ in range(200):
        race.advance(0.0)
    lanes = race.lanes()
    assert lanes["textbook"].measured < 500
    pace = loop.seconds / loop.measured
    expected = max(loop.measured, lanes["textbook"].seconds / pace)
    assert expected > loop.measured
    assert lanes["loop"].reached == pytest.approx(expected)
    assert lanes["loop"].seconds == loop.seconds  # each clock runs only while its lane works
    race.stop()
    stopped = race.lanes()
    assert race.finished
    assert stopped == lanes
    assert stopped["textbook"].whole == pytest.approx(
        stopped["textbook"].seconds * 500 / stopped["textbook"].measured
    )


def test_costs_that_differ_would_be_said() -> None:
    X, Y, start = problem()
    race = Race(X, Y, start, learning_rate=0.3, num_iterations=40)
    while race.stage == "gram":
        race.advance(0.0)
    race._gram_costs = race._gram_costs + np.linspace(0, 0.04, 41)
    run_race(race)
    lanes = race.lanes()
    assert lanes["textbook"].difference == pytest.approx(0.04)
    assert lanes["loop"].difference == pytest.approx(0.001 * lanes["loop"].measured)


def test_a_race_that_blows_up_ends() -> None:
    X, Y, start = problem()
    race = Race(X, Y, start, learning_rate=1e200, num_iterations=40)
    assert run_race(race) == ["gram"]
    assert race.diverged_at is not None
    assert "stop being finite" in page.result(race)[0]


# Its words ----------------------------------------------------------------------------------------


def lane(name: str, measured: int, seconds: float, reached: float = 0, **more: float) -> Lane:
    return Lane(
        name, measured, seconds, 2500, reached or measured, 0.345678, **{"difference": 0, **more}
    )


def test_what_came_out_is_said_from_the_numbers() -> None:
    lanes = {
        "loop": lane("loop", 2, 0.3, 45),
        "textbook": lane("textbook", 1312, 10.6, difference=3.3e-16),
        "gram": lane("gram", 2500, 0.27),
    }
    race = SimpleNamespace(lanes=lambda: lanes, stage="textbook", diverged_at=None, finished=False)
    said = page.result(race)  # type: ignore[arg-type]
    assert said[:3] == [
        "In another order: **0.27 s**.",
        "The textbook: **20 s** (extrapolated: measured on 1,312 iterations), **75 times** as long.",
        "The loop over pictures: **6.2 min** (extrapolated: measured on 2 iterations), "
        "**1,400 times** as long.",
    ]
    assert "after iteration 1,312 the textbook has 0.3457" in said[3]
    assert "further than 3.3e−16" in said[3]
    assert "difference is 0." in said[3]
    lanes["textbook"] = lane("textbook", 2500, 20.2)
    assert page.result(race)[1] == "The textbook: **20 s**, **75 times** as long."  # type: ignore[arg-type]
    assert page.describe(lanes["gram"], False) == "iteration 2,500 of 2,500 · 0.27 s, measured"
    assert page.describe(lanes["loop"], False) == (
        "iteration 45 of 2,500 · 6.2 min for all, extrapolated from 2 iterations in 0.3 s"
    )
    assert page.describe(lane("textbook", 10, 0.2), True) == "iteration 10 of 2,500 · 0.2 s so far"
    assert page.describe(lane("textbook", 0, 0.0), False) == "not begun yet"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.274, "0.27 s"), (0.00312, "0.0031 s"), (0.999, "1 s"), (6.31, "6.3 s"), (9.97, "10 s"),
     (20.4, "20 s"), (130, "2.2 min"), (1000, "17 min"), (10_000, "2.8 h")],
)  # fmt: skip
def test_durations_are_said_as_a_person_would(seconds: float, said: str) -> None:
    assert page.duration(seconds) == said


def test_ratios_have_two_digits() -> None:
    ten = lane("gram", 2500, 10.0)
    said = [page.times(lane("loop", 2500, s), ten) for s in (10.0, 12.34, 99.7, 756.0, 13_970.0)]
    assert said == ["1", "1.2", "10", "76", "1,400"]


# On the screen ------------------------------------------------------------------------------------


def one_page() -> None:
    import streamlit as st

    from ui import store
    from ui.race import race

    settings = st.session_state.get("chosen")
    race(store.dataset("doodles") if settings else None, settings)


SETTINGS = replace(
    runs()["four_layer"].settings, num_iterations=3, layers_dims=(12288, 4, 1), dataset="doodles"
)


def open_race(settings: object = SETTINGS) -> AppTest:
    app = AppTest.from_function(one_page, default_timeout=60)
    app.session_state["chosen"] = settings
    app.run()
    assert not app.exception
    return app


def bars(app: AppTest) -> list[tuple[str, int]]:
    return [(bar.proto.text, bar.proto.value) for bar in app.get("progress")]


def go_on(app: AppTest) -> AppTest:
    for _ in range(200):
        if app.button(key="race_stop").disabled:
            return app
        app.run()
    raise AssertionError("the race does not end")


def test_a_race_runs_to_its_end_and_again(no_photos: Path) -> None:
    app = open_race()
    assert not bars(app)
    assert app.button(key="race_stop").disabled
    app.button(key="race").click().run()
    go_on(app)
    assert not app.exception
    texts, values = zip(*bars(app), strict=True)
    assert values[0] >= 66  # on a busy machine the loop is measured on two of the three
    assert values[1:] == (100, 100)
    assert [text.split("**")[1] for text in texts] == list(page.TITLES.values())
    said = "\n".join(str(part.value) for part in app.markdown)
    assert "after iteration 3 the textbook has" in said
    assert "12,288 – 4 – 1 on the doodles" in "\n".join(str(part.value) for part in app.caption)
    first = app.session_state["race_running"]
    assert first.race._training is None  # its arrays are let go
    app.run()
    assert app.session_state["race_running"] is first
    app.button(key="race").click().run()
    assert app.session_state["race_running"] is not first
    go_on(app)


def test_a_race_can_be_stopped_and_survives_other_settings(no_photos: Path) -> None:
    app = open_race(replace(SETTINGS, num_iterations=20_000))
    app.button(key="race").click().run()
    assert app.button(key="race").disabled
    running = app.session_state["race_running"]
    app.session_state["chosen"] = SETTINGS  # the reader looks at other settings
    while not running.race.lanes()["textbook"].measured:
        app.run()
    assert app.session_state["race_running"] is running
    app.button(key="race_stop").click().run()
    assert not app.exception
    assert running.race.finished
    assert not app.button(key="race").disabled
    said = "\n".join(str(part.value) for part in app.markdown)
    assert "extrapolated: measured on" in said
    app.session_state["chosen"] = None
    app.run()
    assert not app.exception
    assert len(bars(app)) == 3
    assert app.button(key="race").disabled


def test_without_settings_there_is_a_sentence(no_photos: Path) -> None:
    app = open_race(None)
    assert "do not make one yet" in "\n".join(str(part.value) for part in app.caption)
    assert app.button(key="race").disabled


def test_the_race_waits_for_the_run_above(no_photos: Path) -> None:
    app = open_race()
    app.button(key="race").click().run()
    race = app.session_state["race_running"].race
    settings = Settings((12288, 2, 1), 0.0075, 400, "scaled", 1, "doodles")
    app.session_state["live_run"] = store.LiveRun(Run(data.load("doodles"), settings))
    reached = race.lanes()
    app.run()
    assert not app.exception
    assert race.lanes() == reached
    assert "The race waits" in "\n".join(str(part.value) for part in app.caption)
    app.session_state["live_run"].state = "paused"
    go_on(app)


def test_why_it_is_exact_is_shown_with_its_numbers(no_photos: Path) -> None:
    app = open_race()
    assert not app.get("latex")
    app.session_state["race_why"] = True
    app.run()
    assert not app.exception
    lines = app.session_state["race_lines"][2]
    shown = [latex.value.strip("$\n ") for latex in app.get("latex")]
    assert shown == [line.statement for line in lines]
    captions = [str(part.value) for part in app.caption]
    for line in lines:
        assert page.agreement(line) in captions
    said = "\n".join(str(part.value) for part in app.markdown)
    assert f"{6 * 4 * 12288 * 209:,}" in said
    assert "176 times fewer" in said
    app.run()
    assert app.session_state["race_lines"][2] is lines  # not computed again
    app.session_state["chosen"] = replace(SETTINGS, learning_rate=1e305)
    app.run()
    assert not app.exception
    assert "Try a smaller one" in app.warning[0].value
