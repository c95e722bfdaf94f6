"""Proof by nudging: the number is moved both ways, the network is run, and the costs say its slope."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from ui.address import Cell
from ui.components.matrix_explorer import Pinned
from ui.frame import TEXT_WIDTH
from ui.iteration import Iteration, Key, heavily
from ui.matrix import scientific
from ui.stepper import go
from ui.style import QUIET, palette, template
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

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

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
    theme = st.context.theme.type or "light"
    st.plotly_chart(
        curve_figure(curve, epsilon, theme), theme=None, key="error_figure", config=QUIET,
        alt=_("The relative error against epsilon: it falls, reaches a best place, and rises."),
    )  # fmt: skip
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


def curve_figure(curve: ErrorCurve, epsilon: float, theme: str) -> "Figure":
    """Draw error against epsilon, with what truncation and rounding alone would be."""
    import plotly.graph_objects as go_

    colour = palette(theme)
    figure = go_.Figure(layout={"template": template(theme), "height": 380})
    errors = np.maximum(curve.relative_errors, LEAST)
    smooth = ~curve.kinked
    figure.add_scatter(
        x=curve.epsilons[smooth], y=errors[smooth], mode="lines+markers", name=_("error"),
        line={"color": colour["backward"], "width": 1.5}, marker={"size": 6},
        hovertemplate="ε = %{x:.2e}<br>" + _("error") + " %{y:.2e}<extra></extra>",
    )  # fmt: skip
    if curve.kinked.any():
        figure.add_scatter(
            x=curve.epsilons[curve.kinked], y=errors[curve.kinked], mode="markers",
            name=_("meets a kink"),
            marker={"color": colour["backward"], "size": 7, "symbol": "circle-open"},
            hovertemplate="ε = %{x:.2e}<br>%{y:.2e}<extra></extra>",
        )  # fmt: skip
    best = best_of(curve)
    if best is not None:
        figure.add_scatter(
            x=[curve.epsilons[best]], y=[errors[best]], mode="markers+text", name=_("best"),
            text=[_("best")], textposition="bottom center",
            marker={"color": colour["text"], "size": 11, "symbol": "diamond"},
            hovertemplate="ε = %{x:.2e}<br>%{y:.2e}<extra></extra>",
        )  # fmt: skip
    for at, text, side in (
        (epsilon, _("your ε"), "left"),
        (1e-7, _("the course's 1e−7"), "right"),
    ):
        figure.add_vline(x=at, line={"color": colour["text"], "width": 1, "dash": "dot"})
        figure.add_annotation(
            x=np.log10(at), y=1.0, yref="paper", text=text, showarrow=False, yanchor="top",
            xanchor=side, xshift=4 if side == "left" else -4,
        )  # fmt: skip
    for text, x, anchor in ((_("← rounding"), 0.02, "left"), (_("truncation →"), 0.98, "right")):
        figure.add_annotation(
            x=x, xref="paper", y=0.4, yref="paper", text=f"<b>{text}</b>", showarrow=False,
            xanchor=anchor, font={"color": colour["data"]},
        )  # fmt: skip
    figure.update_xaxes(title_text=_("ε, how far it is nudged"), type="log", exponentformat="power",
                        dtick=1)  # fmt: skip
    figure.update_yaxes(title_text=_("relative error"), type="log", exponentformat="power", dtick=2)
    figure.update_layout(showlegend=False)
    return figure


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
    theme = st.context.theme.type or "light"
    chart, worst = st.columns([5, 6], gap="medium")
    with chart:
        st.plotly_chart(
            bars_figure(report, theme), theme=None, key="check_figure", config=QUIET,
            alt=_("The relative difference of each parameter array, as a bar."),
        )  # fmt: skip
    with worst:
        st.markdown(_("**Furthest apart**"))
        lines = [_("| entry | numeric | analytic | apart |"), "|:--|--:|--:|--:|"]
        lines += [
            f"| `d{e.name}[{e.i}, {e.j}]` | {short(e.numeric)} | {short(e.analytic)} "
            f"| {scientific(abs(e.numeric - e.analytic))} |"
            for e in report.worst(5)
        ]
        st.markdown("\n".join(lines))


def short(value: float) -> str:
    """Write a number with four digits."""
    return f"{value:.4g}".replace("-", "−")


def bars_figure(report: GradientReport, theme: str) -> "Figure":
    """Draw a bar for each parameter array."""
    import plotly.graph_objects as go_

    colour = palette(theme)
    names = list(report.by_array)
    differences = [report.by_array[name] for name in names]
    figure = go_.Figure(layout={"template": template(theme), "height": 300})
    floor = 1e-16
    figure.add_bar(
        x=[f"d{name}" for name in names],
        y=[max(value, 1.5 * floor) for value in differences],
        customdata=[scientific(value) for value in differences],
        marker={"color": colour["backward"]},
        hovertemplate="%{x}: %{customdata}<extra></extra>",
    )
    figure.add_hline(
        y=1e-7, line={"color": colour["text"], "dash": "dot", "width": 1},
        annotation_text=_("good: below 1e−7"), annotation_position="top left",
    )  # fmt: skip
    figure.update_yaxes(
        title_text=_("relative difference"), type="log", exponentformat="power", dtick=2,
        range=[-16, min(0.5, max(-6, float(np.log10(max(*differences, 1e-16))) + 1))],
    )  # fmt: skip
    return figure
