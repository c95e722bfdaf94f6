"""A race: the same training in three ways, each with its clock; and why the numbers are the same."""

import time
from dataclasses import dataclass

import numpy as np
import streamlit as st

from ui import store
from ui.frame import TEXT_WIDTH
from ui.matrix import scientific
from ui.room import NoRoomError
from ui.text import _, plain, prose

from nncore.data.dataset import Dataset
from nncore.history import Settings
from nncore.parameters import draw_parameters
from nncore.race import Lane, Line, Race, count_operations, why_exact
from nncore.types import FloatArray, Parameters

SLICE = 0.2  # seconds of work between two looks at the screen
TICK = 0.25  # seconds between two looks: more than a slice and the drawing together
NETWORKS = 3  # that a race holds: where all start, where the loop stands, where the textbook stands

TITLES = {
    "loop": _("One picture at a time, in a loop"),
    "textbook": _("The textbook: all pictures at once"),
    "gram": _("This program: the same sums in another order"),
}


@dataclass(eq=False)
class Running:
    """The race of this session, and what it is about."""

    race: Race
    settings: Settings
    waited: float = (
        0.0  # seconds, of the last step, for others who train; no lane's clock runs then
    )


def race(dataset: Dataset | None, settings: Settings | None) -> None:
    """Show the race: its buttons, its lanes, what came out, and why.

    Parameters
    ----------
    dataset : Dataset or None
    settings : Settings or None
        What the next race is run with; None where the choices do not fit.
    """
    st.header(_("A race"), anchor=False)
    st.markdown(prose("race", "lead"), width=TEXT_WIDTH)
    if dataset is None or settings is None:
        st.caption(_("The race needs data and a network: the choices do not make one yet."))
    running = _control(dataset, settings)
    _lanes(running)
    if dataset is not None and settings is not None:
        _why(dataset, settings)


# The buttons --------------------------------------------------------------------------------------


def _control(dataset: Dataset | None, settings: Settings | None) -> Running | None:
    """Do what was pressed; show the two buttons; return the race, under way or over."""
    pressed = st.session_state.pop("race_pressed", None)
    running: Running | None = st.session_state.get("race_running")
    if pressed == "stop" and running is not None:
        with store.TURN:
            running.race.stop()
    if pressed == "go" and dataset is not None and settings is not None and not _under_way(running):
        try:
            running = st.session_state["race_running"] = _begin(dataset, settings)
        except NoRoomError as error:
            st.error(plain(str(error)))
    busy = _under_way(running)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            _("Race"),
            key="race",
            icon=":material/sports_score:",
            on_click=_press,
            args=("go",),
            disabled=busy or settings is None or dataset is None,
            width=150,
        )
        st.button(
            _("Stop the race"),
            key="race_stop",
            icon=":material/stop:",
            on_click=_press,
            args=("stop",),
            disabled=not busy,
            width=160,
        )
        if busy and _waits():
            st.caption(_("The race waits: the run above is under way."))
    return running


def _press(said: str) -> None:
    st.session_state["race_pressed"] = said


def _under_way(running: Running | None) -> bool:
    return running is not None and not running.race.finished


def _waits() -> bool:
    """Say whether the session's own run is going on: two at once would disturb each other's clocks."""
    live = store.live_run()
    return live is not None and live.state == "running"


def _begin(dataset: Dataset, settings: Settings) -> Running:
    X, Y, parameters = _problem(dataset, settings)
    race = Race(
        X,
        Y,
        parameters,
        learning_rate=settings.learning_rate,
        num_iterations=settings.num_iterations,
    )
    store.make_room(race, NETWORKS * sum(array.nbytes for array in parameters.values()))
    return Running(race, settings)


def _problem(dataset: Dataset, settings: Settings) -> tuple[FloatArray, FloatArray, Parameters]:
    start = draw_parameters(
        settings.layers_dims, settings.init, np.random.RandomState(settings.seed)
    )
    return dataset.train_x, dataset.train_labels.astype(np.float64), start


# The lanes ----------------------------------------------------------------------------------------


def _lanes(running: Running | None) -> None:
    if running is None:
        return
    settings = running.settings
    st.caption(
        _("{sizes} on the {data}, learning rate {rate:g}, seed {seed}").format(
            sizes=store.sizes_text(settings),
            data=plain(store.data_name(settings.dataset)),
            rate=settings.learning_rate,
            seed=settings.seed,
        )
    )
    moving = _under_way(running) and not _waits()

    @st.fragment(run_every=TICK if moving else None)
    def tick() -> None:
        # Draw first, then work: where the drawing waits for the work, Streamlit can take an element
        # for gone and mount it anew.
        _draw(running.race)
        if not moving:
            return
        if running.waited > SLICE:
            st.caption(
                _("Others are training too: you take turns, and the clocks stand meanwhile.")
            )
        asked = time.perf_counter()
        with store.TURN:
            running.waited = time.perf_counter() - asked
            running.race.advance(SLICE)
        if running.race.finished:
            st.rerun()  # the buttons belong to the whole page

    tick()
    st.caption(prose("race", "measured"), width=TEXT_WIDTH)


def _draw(race: Race) -> None:
    lanes = race.lanes()
    for name, lane in lanes.items():
        st.progress(
            lane.reached / lane.total,
            text=f"**{TITLES[name]}** · {describe(lane, race.stage == name)}",
        )
    st.markdown("\n".join(f"- {sentence}" for sentence in result(race)), width=TEXT_WIDTH)


def describe(lane: Lane, its_turn: bool) -> str:
    """Say where a lane stands, and what of that was measured."""
    if not lane.measured:
        return _("not begun yet") if not its_turn else _("under way")
    parts = [
        _("iteration {n} of {total}").format(n=f"{lane.reached:,.0f}", total=f"{lane.total:,}")
    ]
    if its_turn:
        parts.append(_("{time} so far").format(time=duration(lane.seconds)))
    elif not lane.extrapolated:
        parts.append(_("{time}, measured").format(time=duration(lane.seconds)))
    else:
        parts.append(
            _("{time} for all, extrapolated from {n} iterations in {measured}").format(
                time=duration(lane.whole),
                n=f"{lane.measured:,}",
                measured=duration(lane.seconds),
            )
        )
    return " · ".join(parts)


def result(race: Race) -> list[str]:
    """Say in sentences what the race has shown so far: from its own clocks and costs."""
    if race.diverged_at is not None:
        return [
            _(
                "With this learning rate the numbers stop being finite after iteration {i}: the steps "
                "are too large, in whatever order they are computed. Choose a smaller one."
            ).format(i=f"{race.diverged_at - 1:,}")
        ]
    loop, textbook, gram = race.lanes().values()
    if not textbook.measured:
        stopped = _("Stopped before the textbook began: there is nothing to compare.")
        return [stopped] if race.finished else []
    return [
        _("In another order: **{time}**.").format(time=duration(gram.whole)),
        _("The textbook: **{time}**{how}, **{times} times** as long.").format(
            time=duration(textbook.whole), how=_how(textbook), times=times(textbook, gram)
        ),
        _("The loop over pictures: **{time}**{how}, **{times} times** as long.").format(
            time=duration(loop.whole), how=_how(loop), times=times(loop, gram)
        ),
        _(
            "And the costs are the same: after iteration {n} the textbook has {cost}, and none of its "
            "costs on the way is further than {d} from the one computed in another order. For the "
            "{k} iterations of the loop the difference is {e}."
        ).format(
            n=f"{textbook.measured:,}",
            cost=f"{textbook.cost:.4g}",
            d=scientific(textbook.difference),
            k=loop.measured,
            e=scientific(loop.difference),
        ),
    ]


def _how(lane: Lane) -> str:
    if not lane.extrapolated:
        return ""
    return _(" (extrapolated: measured on {n} iterations)").format(n=f"{lane.measured:,}")


def times(lane: Lane, other: Lane) -> str:
    """Say how many times as long a lane takes as another, to two digits."""
    ratio = float(f"{lane.whole / other.whole:.2g}")
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:g}"


def duration(seconds: float) -> str:
    """Write a time as a person would say it.

    >>> duration(0.274), duration(6.31), duration(20.4), duration(372), duration(10_000)
    ('0.27 s', '6.3 s', '20 s', '6.2 min', '2.8 h')
    """
    if seconds < 1:
        return _("{n:.2g} s").format(n=seconds)
    for unit, most, text in ((1, 120, _("{n} s")), (60, 7200, _("{n} min"))):
        if seconds < most:
            return text.format(n=_digits(seconds / unit))
    return _("{n} h").format(n=_digits(seconds / 3600))


def _digits(value: float) -> str:
    """Write a number of at least 1 with one decimal below 10, and none above."""
    return f"{value:.1f}" if value < 9.95 else f"{value:,.0f}"


# Why the numbers are the same ---------------------------------------------------------------------


def _why(dataset: Dataset, settings: Settings) -> None:
    opened = st.expander(_("Why the numbers are the same"), on_change="rerun", key="race_why")
    if not opened.open:
        return
    with opened:
        try:
            lines = _checked_lines(dataset, settings)
        except ValueError as error:
            st.warning(plain(str(error)))
            return
        st.markdown(prose("race", "why"), width=TEXT_WIDTH)
        for k, line in enumerate(lines, start=1):
            st.markdown(f"{k}. {_(line.sentence)}", width=TEXT_WIDTH)
            st.latex(line.statement, width=TEXT_WIDTH)
            st.caption(agreement(line))
        st.markdown(_operations(dataset, settings), width=TEXT_WIDTH)
        st.markdown(prose("race", "why_notice"), width=TEXT_WIDTH)


def _checked_lines(dataset: Dataset, settings: Settings) -> list[Line]:
    """Compute the lines, or return those of the last look at the same run."""
    kept = st.session_state.get("race_lines")
    if kept is None or kept[0] is not dataset or kept[1] != settings:
        with store.TURN:
            lines = why_exact(
                *_problem(dataset, settings), settings.learning_rate, X_test=dataset.test_x
            )
        kept = st.session_state["race_lines"] = (dataset, settings, lines)
    lines = kept[2]
    return lines


def agreement(line: Line) -> str:
    """Say how far the two sides of a line are apart."""
    size = " × ".join(f"{n:,}" for n in line.shape) or _("one number")
    largest = f"{line.scale:,.4g}" if line.scale < 1000 else f"{line.scale:,.0f}"
    return _("Computed both ways ({size}): largest difference {d}, largest entry {scale}").format(
        size=size, d=scientific(line.difference), scale=largest
    )


def _operations(dataset: Dataset, settings: Settings) -> str:
    n0, n1 = settings.layers_dims[:2]
    m = dataset.train_x.shape[1]
    textbook, gram = count_operations(n0, n1, m)
    return _(
        "In numbers: layer 1 costs the textbook $6 \\, n^{{[1]}} n^{{[0]}} m$ = {textbook:,} "
        "additions and multiplications an iteration; here it is $2 \\, n^{{[1]}} m^2$ = {gram:,}, "
        "**{times:,.0f} times fewer**. The bill is paid once, before the first iteration: "
        "$2 \\, n^{{[0]}} m^2$ = {once:,} for $X^T X$."
    ).format(textbook=textbook, gram=gram, times=textbook / gram, once=2 * n0 * m * m)
