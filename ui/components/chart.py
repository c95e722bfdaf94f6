"""Charts: lines, bars and signs over one axis, in one panel or in several below each other.

They are drawn in SVG by chart.js. Plotly keeps a browser busy for the better part of a second before
it draws its first line (`benchmarks.pages`), and Streamlit replaces its whole chart whenever the data
change; these stand in first screens and follow a slider. What is to be zoomed into is Plotly's.

A chart is told what things mean, not how they look: the browser gives each ink its colour, so that a
change of theme, or a projector's, needs no answer from here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from ui.components import component, source
from ui.text import _

Ink = Literal["text", "data", "forward", "backward", "cat", "non_cat"]
Sign = Literal["", "circle", "square", "diamond", "x"]
Dash = Literal["solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "fine", "coarse"]
DIGITS = 6  # of a coordinate on its way to the browser: no screen has a million pixels

_CHART = component(
    "chart",
    html="""
<div class="chart">
  <div class="legend"></div>
  <div class="plot" tabindex="0" role="application"><svg aria-hidden="true"></svg></div>
  <div class="tip" aria-hidden="true" hidden></div>
  <div class="live" aria-live="polite"></div>
</div>
""",
    js=source("dom.js", "axes.js", "chart.js"),
    css=source("live.css", "chart.css"),
)


@dataclass(frozen=True)
class Axis:
    """One axis.

    Attributes
    ----------
    title : str
    ends : (float, float), optional
        Where it begins and ends; the first may be the larger. Without them, as the marks need.
    log : bool
    percent : bool
        Whether the values are fractions, to be written as percentages.
    names : sequence of str
        What the places 0, 1, ... are called, where they are no numbers.
    hidden : bool
        Of a y axis: neither numbers nor lines.
    """

    title: str = ""
    ends: tuple[float, float] | None = None
    log: bool = False
    percent: bool = False
    names: Sequence[str] = ()
    hidden: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Points:
    """Places with a line through them, a sign at each, or both.

    Attributes
    ----------
    x, y : array_like of shape (k,)
        Where y is not finite, or not positive on a logarithmic axis, the line has a gap.
    name : str
        For the legend, and where the pointer rests; may be a visitor's.
    ink : str
    width : float
        Of the line, in pixels; 0 for none.
    dash : str
    sign : str
    size : float
        Of the signs, in pixels.
    hollow : bool
    faint : bool
    texts : sequence of str
        What stands in each sign, or, where there are none, nothing.
    says : str
        What is said of a point: {name}, {x}, {y} and {more} are filled in. Empty: nothing, and the
        pointer passes it by.
    more : sequence of str
        For each point, what else can be said of it.
    end : str
        What stands beside the last point.
    legend : bool
        Whether it stands in the legend.
    level : int
        What has more is drawn above; the legend keeps the order in which marks are given.
    """

    x: ArrayLike
    y: ArrayLike
    name: str = ""
    ink: Ink = "text"
    width: float = 0
    dash: Dash = "solid"
    sign: Sign = ""
    size: float = 7
    hollow: bool = False
    faint: bool = False
    texts: Sequence[str] = ()
    says: str = ""
    more: Sequence[str] = ()
    end: str = ""
    legend: bool = False
    level: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Bars:
    """Bars from the foot of the panel; their attributes are those of `Points`.

    Attributes
    ----------
    x, y : array_like of shape (k,)
    breadth : float
        Of a bar, in units of x.
    striped : bool
        A second sign of whose they are, beside the ink.
    texts : sequence of str
        What stands above each.
    """

    x: ArrayLike
    y: ArrayLike
    breadth: float
    name: str = ""
    ink: Ink = "text"
    faint: bool = False
    striped: bool = False
    texts: Sequence[str] = ()
    says: str = ""
    more: Sequence[str] = ()
    legend: bool = False
    level: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Rule:
    """A line across the panel at one x or one y, with a text at its end.

    Attributes
    ----------
    x, y : float, optional
        One of them.
    text : str
        Above the right end of a level line; beside the upper end of an upright one.
    before : bool
        Left of an upright line, not right of it.
    """

    x: float | None = None
    y: float | None = None
    text: str = ""
    before: bool = False
    name: str = ""
    ink: Ink = "data"
    width: float = 1.5
    dash: Dash = "solid"
    legend: bool = False
    level: int = -1


@dataclass(frozen=True, kw_only=True, eq=False)
class Note:
    """A few words in the panel.

    Attributes
    ----------
    text : str
    x, y : float
        In units of the axes; or, with `of_panel`, as fractions of the panel from its upper left corner.
    anchor : {"start", "middle", "end"}
    strong : bool
    """

    text: str
    x: float
    y: float
    of_panel: bool = False
    anchor: Literal["start", "middle", "end"] = "start"
    strong: bool = False
    ink: Ink = "text"
    level: int = 0


Mark = Points | Bars | Rule | Note


@dataclass(frozen=True, eq=False)
class Panel:
    """What is drawn over one y axis."""

    y: Axis
    marks: Sequence[Mark]


@dataclass(frozen=True, eq=False)
class Chart:
    """A chart: panels from the top, all over one x axis.

    Attributes
    ----------
    x : Axis
    panels : sequence of Panel
    height : int
        In pixels, legend and all.
    """

    x: Axis
    panels: Sequence[Panel]
    height: int


def show_chart(chart: Chart, *, key: str, alt: str) -> None:
    """Show a chart.

    Parameters
    ----------
    chart : Chart
    key : str
    alt : str
        What it shows, for who does not see it. Every point can be heard, too: by the arrow keys.
    """
    words = {"alt": alt, "kind": _("chart"), "keys": _("The arrow keys go from point to point.")}
    _CHART(key=key, data=describe(chart) | words, height=chart.height)


def describe(chart: Chart) -> dict[str, Any]:
    """Return a chart as the browser is told of it, in what JSON knows."""
    marks = [mark for panel in chart.panels for mark in panel.marks]
    return {
        "x": _axis(chart.x, marks, "x"),
        "panels": [
            {
                "y": _axis(panel.y, panel.marks, "y"),
                "marks": [_mark(mark) for mark in panel.marks if _has_a_place(mark)],
            }
            for panel in chart.panels
        ],
    }


def _has_a_place(mark: Mark) -> bool:
    """Say whether a rule or a note stands at numbers; the others may have gaps."""
    if not isinstance(mark, Note | Rule):
        return True
    return all(value is None or np.isfinite(value) for value in (mark.x, mark.y))


def _axis(axis: Axis, marks: Sequence[Mark], letter: str) -> dict[str, Any]:
    ends = axis.ends
    if ends is None or not np.isfinite(ends).all():
        ends = _ends(axis, marks, letter)
    return {
        "title": axis.title,
        "low": float(ends[0]),
        "high": float(ends[1]),
        "log": axis.log,
        "percent": axis.percent,
        "names": list(axis.names),
        "hidden": axis.hidden,
    }


def _ends(axis: Axis, marks: Sequence[Mark], letter: str) -> tuple[float, float]:
    """Return ends between which all marks have room."""
    if axis.names:
        return -0.5, len(axis.names) - 0.5
    values = np.concatenate(
        [
            np.ravel(np.asarray(value, dtype=np.float64))
            for mark in marks
            if not isinstance(mark, Note) and (value := getattr(mark, letter)) is not None
        ]
        or [np.zeros(0)]
    )
    values = values[np.isfinite(values) & ((values > 0) | (not axis.log))]
    if not len(values):
        return (0.1, 1.0) if axis.log else (0.0, 1.0)
    if axis.log:
        low, high = np.log10(values.min()), np.log10(values.max())
        room = 0.06 * (high - low) or 0.5
        return float(10 ** (low - room)), float(10 ** (high + room))
    low, high = float(values.min()), float(values.max())
    room = 0.05 * (high - low) or 0.05 * abs(high) or 0.5
    return low - room, high + room


def _mark(mark: Mark) -> dict[str, Any]:
    """Return a mark as the browser is told of it: without what is empty, false or 0."""
    told: dict[str, Any] = {"kind": type(mark).__name__.lower()}
    for name in type(mark).__dataclass_fields__:
        value = getattr(mark, name)
        if name in ("x", "y"):
            told[name] = value if value is None or np.isscalar(value) else _numbers(value)
        elif value:
            told[name] = value if np.isscalar(value) else list(value)
    return told


def _numbers(values: ArrayLike) -> list[float | None]:
    """Return numbers for JSON, none of them longer than a screen can show."""
    return [
        float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None
        for value in np.asarray(values, dtype=np.float64).tolist()
    ]
