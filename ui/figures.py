"""Charts: data in, chart out (one of them Plotly's, to zoom into and save), no Streamlit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ui.components.chart import Axis, Bars, Chart, Dash, Ink, Mark, Panel, Points, Rule
from ui.style import palette, template
from ui.text import _

from nncore.cases import DocumentedRun
from nncore.history import History
from nncore.types import FloatArray, IntArray

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def cost_curve(history: History, documented: DocumentedRun | None, theme: str) -> "Figure":
    """Draw the cost of a run at every iteration, with the documented costs as points."""
    import plotly.graph_objects as go  # here: a visitor who never opens a chart need not wait for it

    colour = palette(theme)
    figure = go.Figure(layout={"template": template(theme), "height": 420})
    figure.add_scatter(
        x=history.iterations,
        y=history.costs,
        mode="lines",
        name=_("this run"),
        line={"color": colour["text"], "width": 1.5},
        hovertemplate=_("iteration %{x:,}<br>cost %{y:.16g}<extra></extra>"),
    )
    if documented:
        figure.add_scatter(
            x=list(documented.costs),
            y=list(documented.costs.values()),
            mode="markers",
            name=_("documented"),
            marker={"symbol": "circle-open", "color": colour["data"], "size": 8},
            hovertemplate=_("iteration %{x:,}<br>documented %{y}<extra></extra>"),
        )
    figure.update_xaxes(title_text=_("iteration"))
    figure.update_yaxes(title_text=_("cost"), rangemode="tozero")
    return figure


def accuracy_over_strength(
    strengths: Sequence[float],
    right: Sequence[int],
    total: int,
    chosen: float,
    baseline: tuple[str, float],
    axis: str,
) -> Chart:
    """Draw how many answers stay right as a change of the pictures gets stronger.

    Parameters
    ----------
    strengths : sequence of float
        The first changes nothing.
    right : sequence of int
        How many answers are right at each of them,
    total : int
        and of how many.
    chosen : float
        The strength that is looked at.
    baseline : (str, float)
        What an answer that looks at no picture gets: its name, and the fraction.
    axis : str
        Title of the x axis.
    """
    fractions = [count / total for count in right]
    name, height = baseline
    low, high = min([*fractions, height]), max([*fractions, height])
    room = 0.04 * (strengths[-1] - strengths[0])
    here = [strength == chosen for strength in strengths]
    marks = (
        # The name of the line stands above all: beside it, the curve may run anywhere.
        Rule(y=height, name=f"{name} {height:.1%}", dash="dash", legend=True),
        Points(
            x=strengths,
            y=fractions,
            width=1.5,
            sign="circle",
            says=_("{x}: {more} of {total} ({y})").replace("{total}", str(total)),
            more=[str(count) for count in right],
        ),
        Points(
            x=[strength for strength, lit in zip(strengths, here, strict=True) if lit],
            y=[fraction for fraction, lit in zip(fractions, here, strict=True) if lit],
            sign="diamond",
            size=14,
        ),
    )
    return Chart(
        Axis(axis, ends=(strengths[0] - room, strengths[-1] + room)),
        [
            Panel(
                Axis(_("test pictures right"), ends=(low - 0.06, high + 0.04), percent=True), marks
            )
        ],
        height=300,
    )


# Several runs together ----------------------------------------------------------------------------

DASHES: tuple[Dash, ...] = (
    "solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "fine", "coarse",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Line:
    """One run in a chart of several.

    Attributes
    ----------
    label : str
        A few characters that stand at the end of its line. Ours, never a visitor's.
    name : str
        What it is called where the pointer rests on it. May be what a visitor typed.
    x : ndarray of shape (k,)
    y : ndarray of shape (k,)
    strong : bool
        The one that the others are held against.
    broken : bool
        It ends because its numbers stopped being finite.
    """

    label: str
    name: str
    x: IntArray
    y: FloatArray
    strong: bool = False
    broken: bool = False


def compared(
    panels: Sequence[tuple[str, Sequence[Line]]],
    *,
    log: bool = False,
    percent: bool = False,
    end: int = 0,
    height: int = 420,
) -> Chart:
    """Draw the curves of several runs, each with its label at its end, in one or more panels.

    Which line is whose is said by the labels and by dashes; none has a colour, for colours mean
    something else here.

    Parameters
    ----------
    panels : sequence of (str, sequence of Line)
        From the top: the title of the axis, and the lines.
    log : bool
        Whether the axes are logarithmic.
    percent : bool
        Whether the values are fractions, shown as percentages.
    end : int
        Right end of the x axis where there is no line yet.
    height : int
        In pixels, of the whole figure.
    """
    end = max([end, 1, *(int(line.x[-1]) for _, lines in panels for line in lines)])
    drawn = []
    for title, lines in panels:
        low, high, cut = _limits([line.y for line in lines], log, percent)
        marks = [
            Points(
                x=line.x,
                y=line.y,
                name=line.name,
                ink="text" if line.strong else "data",
                width=3 if line.strong else 1.3,
                dash="solid" if line.strong else DASHES[i % len(DASHES)],
                says=_("{name}\niteration {x}: {y}"),
                end=f"{line.label} ✗" if line.broken else line.label,
                level=int(line.strong),
            )
            for i, line in enumerate(lines)
        ]
        title = _("{title}, cut off").format(title=title) if cut else title
        drawn.append(Panel(Axis(title, ends=(low, high), log=log, percent=percent), marks))
    return Chart(Axis(_("iteration"), ends=(0, end)), drawn, height)


def smooth(y: FloatArray) -> FloatArray:
    """Take the spikes from a curve of some hundred points: the median of 13, then the mean of 13.

    Both ends stay exactly where they are.
    """
    reach = len(y) // 50
    for middle in (np.median, np.mean) if reach else ():
        padded = np.pad(y, reach, mode="reflect", reflect_type="odd")
        y = middle(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1), axis=-1)
    return y


def _limits(curves: Sequence[FloatArray], log: bool, percent: bool) -> tuple[float, float, bool]:
    """Return the ends of an axis, and whether short spikes rise above it."""
    if not curves:
        return (0.5, 1.0, False) if percent else (0.001 if log else 0.0, 1.0, False)
    top = max(float(y.max()) for y in curves)
    if percent:
        return max(0.0, min(float(y.min()) for y in curves) - 0.02), min(1.02, top + 0.02), False
    if log:
        return min(float(y[y > 0].min(initial=1.0)) for y in curves) / 1.2, top * 1.2, False
    # What all of a run is about, and not one spike of it, says how high the axis needs to be.
    most = max(max(float(np.quantile(y, 0.95)), float(y[0]), float(y[-1])) for y in curves)
    return (0.0, top * 1.05, False) if top <= most * 1.3 else (0.0, most * 1.1, True)


@dataclass(frozen=True)
class Score:
    """How many answers of one run are right, and whether the others are held against it."""

    label: str
    right: int
    total: int
    strong: bool = False


def spread(scores: Sequence[Score], baseline: tuple[str, int, int]) -> Chart:
    """Draw the scores of several runs as numbered dots over one axis, beside a baseline.

    Parameters
    ----------
    scores : sequence of Score
    baseline : (str, int, int)
        What it is called, how many are right, and of how many.
    """
    name, right, total = baseline
    values = [score.right / score.total for score in scores]
    low, high = min([*values, right / total]) - 0.03, max([*values, right / total]) + 0.03
    rows = _stacked(values, (high - low) * 24 / 260)  # 24 pixels a dot, 260 on the narrowest phone
    top = max(rows, default=0)
    marks: list[Mark] = [
        # In the legend, for it may be long: beside its line there is not always room.
        Rule(x=right / total, name=f"{name} {right / total:.1%}", dash="dash", legend=True)
    ]
    marks += [
        Points(
            x=[value],
            y=[row],
            name=score.label,
            sign="circle",
            size=24,
            hollow=not score.strong,
            texts=[score.label],
            says=_("seed {name}\n{more} ({x})"),
            more=[_("{right} of {total}").format(right=score.right, total=score.total)],
        )
        for score, value, row in zip(scores, values, rows, strict=True)
    ]
    return Chart(
        Axis(_("test pictures right"), ends=(low, high), percent=True),
        [Panel(Axis(ends=(-0.6, top + 0.6), hidden=True), marks)],
        height=110 + 26 * (top + 1),
    )


def class_histogram(
    classes: tuple[str, str], counts: Sequence[tuple[int, int]], names: Sequence[str]
) -> Chart:
    """Draw how many pictures of each class there are: a pair of bars for each set.

    Parameters
    ----------
    classes : tuple of str
        What labels 0 and 1 are called: may be a visitor's text.
    counts : sequence of (int, int)
        For each set, how many of label 0 and of label 1.
    names : sequence of str
        What the sets are called.
    """
    pairs: tuple[tuple[int, Ink, float], ...] = ((1, "cat", -0.2), (0, "non_cat", 0.2))
    bars = [
        Bars(
            x=[place + aside for place in range(len(names))],
            y=[pair[label] for pair in counts],
            breadth=0.4,
            name=classes[label],
            ink=ink,
            striped=label == 0,
            texts=[f"{pair[label]:,}" for pair in counts],
            says=_("{name}, {x}: {y}"),
            legend=True,
        )
        for label, ink, aside in pairs
    ]
    most = max(max(pair) for pair in counts)
    return Chart(
        Axis(names=names),
        [Panel(Axis(_("pictures"), ends=(0, 1.1 * (most or 1))), bars)],
        height=300,
    )


def _stacked(values: Sequence[float], width: float) -> list[int]:
    """Give each dot the lowest row in which it touches no other."""
    rows: list[int] = []
    for i, value in enumerate(values):
        taken = {rows[j] for j in range(i) if abs(values[j] - value) < width}
        rows.append(next(row for row in range(len(values)) if row not in taken))
    return rows
