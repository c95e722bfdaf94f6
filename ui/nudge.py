"""Proof by nudging: the number is moved both ways, the network is run, and the costs say its slope."""

import numpy as np
import streamlit as st

from ui.address import Cell
from ui.components.chart import Axis, Bars, Chart, Mark, Note, Panel, Points, Rule, show_chart
from ui.components.matrix_explorer import Pinned
from ui.frame import TEXT_WIDTH
from ui.iteration import Iteration, Key, heavily
from ui.matrix import scientific, short
from ui.stepper import go
from ui.text import _, plain, prose

from nncore.gradcheck import (
    EntryCheck,
    ErrorCurve,
    GradientReport,
    check_entry,
    check_gradients,
    error_against_epsilon,
)
from nncore.trace import Step

EPSILONS = tuple(f"1e-{k}" for k in range(1, 13))
PER_DECADE = 3
SAMPLE = 20  # entries of each array, of a network with more parameters than can be checked
MOST_CHECKED = 2_000
PAGE = "one_iteration"


def choose_epsilon() -> float:
    """Let the reader choose how far a number is nudged."""
    return float(
        st.select_slider(
            _("Nudge by ε"),
            EPSILONS,
            value="1e-5",
            key="epsilon",
            bind="query-params",
            persist_state="session",
        )
    )


def gradient_of(step: Step, pinned: Pinned | None) -> Cell | None:
    """Return the gradient entry that is meant: the pinned one, else the first that the step makes."""
    if step.phase != "backward":
        return None
    if pinned is not None:
        return pinned.name, pinned.row, pinned.column
    return next(iter(step.outputs)), 0, 0


def show_nudge(iteration: Iteration, key: Key, step: Step, pinned: Pinned | None) -> None:
    """Nudge the number that an entry is the gradient of."""
    st.markdown(prose(PAGE, "nudge"), width=TEXT_WIDTH)
    cell = gradient_of(step, pinned)
    L = iteration.L
    name = f"dW{L}"
    there = iteration.maker(name).index
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    with left:
        if cell is None:
            st.info(
                _(
                    "This step makes no gradient. Go to a step of the way back, pin a number "
                    "there, and it is put to the test here."
                )
            )
        else:
            epsilon = choose_epsilon()
    with right:
        st.button(
            _("Take the first number of {name}").format(name=name), key="to_gradient",
            on_click=go, args=(there, (name, 0, 0)), disabled=cell == (name, 0, 0),
        )  # fmt: skip
    if cell is None:
        return
    array, i, j = cell
    try:
        check = _checked(iteration, key, array[1:], i, j, epsilon)
    except ValueError as error:
        st.warning(plain(str(error)))
        return
    _show_check(iteration, cell, check)
    opened = st.expander(
        _("The error against ε, for this number"), on_change="rerun", key="error_curve"
    )
    if opened.open:
        with opened:
            _show_curve(iteration, key, cell, epsilon)


def _kept(what: str, key: tuple[object, ...], make):  # type: ignore[no-untyped-def]
    """Return the last result of a kind, or make it: a session keeps one of each."""
    kept = st.session_state.get(f"kept_{what}")
    if kept is None or kept[0] != key:
        kept = (key, heavily(make))
        st.session_state[f"kept_{what}"] = kept
    return kept[1]


def _checked(
    iteration: Iteration, key: Key, name: str, i: int, j: int, epsilon: float
) -> EntryCheck:
    arrays = (iteration.X, iteration.Y, iteration.parameters)
    found: EntryCheck = _kept(
        "check", (key, name, i, j, epsilon), lambda: check_entry(*arrays, name, i, j, epsilon)
    )
    return found


def _show_check(iteration: Iteration, cell: Cell, check: EntryCheck) -> None:
    array, i, j = cell
    place = f"{check.name}[{i}, {j}]"
    of_cost = array[1] in "Wb"
    m = iteration.Y.shape[1]
    lines = [
        _("| what was run | what came out |"),
        "|:--|--:|",
        _("| cost with `{p}` larger by ε | `{v}` |").format(p=place, v=full(check.cost_plus)),
        _("| cost with `{p}` smaller by ε | `{v}` |").format(p=place, v=full(check.cost_minus)),
        _("| **numeric**: their difference, divided by 2ε | `{v}` |").format(v=full(check.numeric)),
    ]
    if of_cost:
        lines.append(
            _("| **analytic**: `{a}[{i}, {j}]`, from the way back | `{v}` |").format(
                a=array, i=i, j=j, v=full(check.analytic)
            )
        )
    else:
        value = float(iteration.maker(array).outputs[array][i, j])
        lines.append(
            _("| **analytic**: `{a}[{i}, {j}]` / m = {value} / {m} | `{v}` |").format(
                a=array, i=i, j=j, v=full(check.analytic), value=short(value), m=m
            )
        )
    table, verdict = st.columns([3, 2], gap="medium")
    with table:
        st.markdown("\n".join(lines))
        if not of_cost:
            st.caption(
                _(
                    "`{a}` is a gradient of the **sum** of the losses, the cost is their mean over "
                    "{m} examples: hence the division by m. dW and db carry it already."
                ).format(a=array, m=m)
            )
    with verdict:
        left, right = st.columns(2)
        left.metric(_("Agreeing digits"), check.agreeing_digits)
        right.metric(_("Relative error"), scientific(check.relative_error))
        if check.kinks:
            where = check.kinks[0]
            st.warning(
                _(
                    "A kink lies between the two runs: ReLU of unit {u} in layer {l} switches at "
                    "example {k} (counted from 1){more}. There the cost has no slope, so the two need "
                    "not agree. Try a smaller ε."
                ).format(
                    u=where.unit + 1,
                    l=where.layer,
                    k=where.example + 1,
                    more=_(", and {n} others").format(n=len(check.kinks) - 1)
                    if len(check.kinks) > 1
                    else "",
                ),
                icon=":material/turn_sharp_right:",
            )
        elif check.numeric == check.analytic == 0:
            st.info(
                _(
                    "Both are 0: nudging this number changes no answer. A unit that ReLU switches "
                    "off has no part in them."
                )
            )
        elif check.agrees:
            st.success(
                _("They agree: running the network says what the chain rule says.")
                if check.relative_error < 1e-7
                else _("They agree as far as the rounding of the two costs allows."),
                icon=":material/check_circle:",
            )
        else:
            st.warning(
                _(
                    "They agree to {n} digits only. The way back is right; this ε is too coarse. "
                    "Try one nearer 1e-5."
                ).format(n=check.agreeing_digits),
                icon=":material/straighten:",
            )


def full(value: float) -> str:
    """Write all digits of a number."""
    return repr(float(value)).replace("-", "−")


# Error against epsilon ------------------------------------------------------------------------------


def epsilons() -> np.ndarray:
    """Return the nudges of the picture, from 1e-1 to 1e-12."""
    return 10.0 ** -(np.arange(PER_DECADE, 12 * PER_DECADE + 1) / PER_DECADE)


def _show_curve(iteration: Iteration, key: Key, cell: Cell, epsilon: float) -> None:
    array, i, j = cell

    def draw() -> ErrorCurve:
        arrays = (iteration.X, iteration.Y, iteration.parameters)
        steps = epsilons()
        if array == "dAL":
            a = float(iteration.output("AL")[i, j])
            steps = steps[steps < min(a, 1 - a)]
        return error_against_epsilon(*arrays, array[1:], i, j, steps)

    with st.spinner(_("Nudging by many ε")):
        curve = _kept("curve", (key, *cell), draw)
    best = best_of(curve)
    if best is None:
        st.info(
            _(
                "There is nothing to draw: numeric and analytic are both 0, or every nudge meets a "
                "kink. Pin another number."
            )
        )
        return
    show_chart(
        curve_figure(curve, epsilon),
        key="error_figure",
        alt=_("The relative error against epsilon: it falls, reaches a best place, and rises."),
    )
    course = int(np.argmin(np.abs(np.log10(curve.epsilons) + 7)))
    st.markdown(
        _(
            "Tried at {n} values of ε. The best here is **ε = {best}**, with an error of {error}; "
            "at 1e−7, which the course uses, it is {course}. Left of the best, the costs are too "
            "alike and their **rounding** is what is seen; right of it, the nudge is too coarse: "
            "the error grows with ε², the **truncation**."
        ).format(
            n=len(curve.epsilons),
            best=scientific(curve.epsilons[best]),
            error=scientific(curve.relative_errors[best]),
            course=scientific(curve.relative_errors[course]),
        ),
        width=TEXT_WIDTH,
    )
    if curve.kinked.any():
        st.caption(
            _("Hollow: {n} nudges meet a kink of ReLU, and are no errors.").format(
                n=int(curve.kinked.sum())
            )
        )


def best_of(curve: ErrorCurve) -> int | None:
    """Return where the error is least, away from kinks; None where there is nothing to compare."""
    if curve.analytic == 0 and not curve.numeric.any():
        return None
    errors = np.where(curve.kinked, np.inf, curve.relative_errors)
    return int(np.argmin(errors)) if np.isfinite(errors).any() else None


LEAST = 1e-17  # drawn in place of an error of exactly 0


def curve_figure(curve: ErrorCurve, epsilon: float) -> Chart:
    """Draw error against epsilon, with what truncation and rounding alone would be."""
    errors = np.maximum(curve.relative_errors, LEAST)
    says = _("{name}\nε = {x}: error {y}")
    marks: list[Mark] = [
        Rule(x=epsilon, text=_("your ε"), ink="text", width=1, dash="dot"),
        Rule(
            x=1e-7, text=_("the course's 1e−7"), before=True, ink="text", width=1, dash="dot",
        ),
        Note(text=_("← rounding"), x=0.02, y=0.6, of_panel=True, strong=True, ink="data"),
        Note(
            text=_("truncation →"), x=0.98, y=0.6, of_panel=True, anchor="end", strong=True,
            ink="data",
        ),
        Points(
            x=curve.epsilons[~curve.kinked], y=errors[~curve.kinked], name=_("numeric, analytic"),
            ink="text", width=1.5, sign="circle", size=6, says=says,
        ),
    ]  # fmt: skip
    if curve.kinked.any():
        marks.append(
            Points(
                x=curve.epsilons[curve.kinked], y=errors[curve.kinked], name=_("meets a kink"),
                ink="text", sign="circle", hollow=True, says=says,
            )
        )  # fmt: skip
    best = best_of(curve)
    if best is not None:
        at, error = float(curve.epsilons[best]), float(errors[best])
        marks += [
            Points(x=[at], y=[error], name=_("best"), sign="diamond", size=11, says=says, level=1),
            Note(text=_("best"), x=at, y=error / 4, anchor="middle"),
        ]
    lowest = min(float(errors.min()), 1.0 if best is None else float(errors[best]) / 10)
    return Chart(
        Axis(_("ε, how far it is nudged"), log=True),
        [
            Panel(
                Axis(_("relative error"), log=True, ends=(lowest / 2, 2 * float(errors.max()))),
                marks,
            )
        ],
        height=380,
    )


# The whole network ----------------------------------------------------------------------------------


def show_gradient_check(iteration: Iteration, key: Key) -> None:
    """Check every parameter, or a sample of each array, and draw how far they are apart."""
    st.markdown(prose(PAGE, "gradient_check"), width=TEXT_WIDTH)
    epsilon = choose_epsilon()
    total = sum(array.size for array in iteration.parameters.values())
    at_most = SAMPLE if total > MOST_CHECKED else None

    def check() -> GradientReport:
        return check_gradients(
            iteration.X, iteration.Y, iteration.parameters, epsilon, at_most=at_most
        )

    with st.spinner(_("Checking, two runs of the network for each parameter")):
        report: GradientReport = _kept("report", (key, epsilon), check)
    n, difference = len(report.entries), report.relative_difference
    checked = (
        _("all {n} parameters").format(n=f"{n:,}")
        if n == report.total
        else _("a sample: {n} of {total} parameters, at most {most} of each array").format(
            n=f"{n:,}", total=f"{report.total:,}", most=SAMPLE
        )
    )
    if not report.smooth:
        st.warning(_("Every nudge meets a kink of ReLU. Try a smaller ε."))
        return
    said = _(
        "Checked: {checked}. As one vector, numeric and analytic gradient differ by **{d}** of "
        "their size."
    ).format(checked=checked, d=scientific(difference))
    agree = all(entry.agrees for entry in report.smooth)
    if difference < 1e-7 or agree:
        st.success(said + " " + _("The way back is right."), icon=":material/check_circle:")
    else:
        st.warning(
            said + " " + _("At this ε that says more of ε than of the way back: try 1e-5."),
            icon=":material/straighten:",
        )
    if report.kinked:
        st.caption(
            _("Left out: {n} entries whose nudge meets a kink of ReLU; they are no errors.").format(
                n=len(report.kinked)
            )
        )
    chart, worst = st.columns([5, 6], gap="medium")
    with chart:
        show_chart(
            bars_figure(report),
            key="check_figure",
            alt=_("The relative difference of each parameter array, as a bar."),
        )
    with worst:
        st.markdown(_("**Furthest apart**"))
        lines = [_("| entry | numeric | analytic | apart |"), "|:--|--:|--:|--:|"]
        lines += [
            f"| `d{e.name}[{e.i}, {e.j}]` | {short(e.numeric)} | {short(e.analytic)} "
            f"| {scientific(abs(e.numeric - e.analytic))} |"
            for e in report.worst(5)
        ]
        st.markdown("\n".join(lines))


def bars_figure(report: GradientReport) -> Chart:
    """Draw a bar for each parameter array."""
    differences = list(report.by_array.values())
    floor = 1e-16
    top = min(10**0.5, max(1e-6, 10 * max(*differences, floor)))
    marks = (
        Bars(
            x=range(len(differences)),
            y=[max(value, 1.5 * floor) for value in differences],
            breadth=0.7,
            ink="data",
            says="{x}: {more}",
            more=[scientific(value) for value in differences],
        ),
        Rule(y=1e-7, text=_("good: below 10⁻⁷"), ink="text", width=1, dash="dot", level=1),
    )
    return Chart(
        Axis(names=[f"d{name}" for name in report.by_array]),
        [Panel(Axis(_("relative difference"), log=True, ends=(floor, top)), marks)],
        height=300,
    )
