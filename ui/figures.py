"""Charts to hover, zoom and save: data in, Plotly figure out, no Streamlit."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

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
    theme: str,
) -> "Figure":
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
    theme : str
    """
    import plotly.graph_objects as go

    colour = palette(theme)
    fractions = [count / total for count in right]
    name, height = baseline
    figure = go.Figure(
        layout={
            "template": template(theme),
            "height": 300,
            "margin": {"l": 56, "r": 16, "t": 40, "b": 48},
            # The name of the line stands above all: beside it, the curve may run anywhere.
            "showlegend": True,
            "legend": {"x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom"},
        }
    )
    figure.add_hline(
        y=height,
        line={"color": colour["data"], "width": 1.5, "dash": "dash"},
        name=f"{name} {height:.0%}",
        showlegend=True,
    )
    figure.add_scatter(
        x=strengths,
        y=fractions,
        mode="lines+markers",
        showlegend=False,
        customdata=right,
        line={"color": colour["text"], "width": 1.5},
        marker={
            "size": [14 if strength == chosen else 7 for strength in strengths],
            "symbol": ["diamond" if strength == chosen else "circle" for strength in strengths],
            "color": colour["text"],
        },
        hovertemplate=_("%{x:g}: %{customdata} of {total} (%{y:.0%})<extra></extra>").replace(
            "{total}", str(total)
        ),
    )
    low, high = min([*fractions, height]), max([*fractions, height])
    figure.update_xaxes(
        title_text=axis, autorange="reversed" if strengths[-1] < strengths[0] else True
    )
    figure.update_yaxes(
        title_text=_("test pictures right"), tickformat=".0%", range=[low - 0.06, high + 0.04]
    )
    return figure


# Several runs together ----------------------------------------------------------------------------

GAP = 16  # pixels between two labels, and between two rows of dots
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "2px,5px", "12px,3px")


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
    theme: str,
    *,
    log: bool = False,
    percent: bool = False,
    end: int = 0,
    height: int = 420,
) -> "Figure":
    """Draw the curves of several runs, each with its label at its end, in one or more panels.

    Which line is whose is said by the labels and by dashes; none has a colour, for colours mean
    something else here.

    Parameters
    ----------
    panels : sequence of (str, sequence of Line)
        From the top: the title of the axis, and the lines.
    theme : str
    log : bool
        Whether the axes are logarithmic.
    percent : bool
        Whether the values are fractions, shown as percentages.
    end : int
        Right end of the x axis where there is no line yet.
    height : int
        In pixels, of the whole figure.
    """
    import plotly.graph_objects as go

    colour = palette(theme)
    margin = {"l": 56, "r": 60, "t": 12, "b": 48}
    between = 0.06  # of the height, from one panel to the next
    share = (1 - between * (len(panels) - 1)) / len(panels)
    room = (height - margin["t"] - margin["b"]) * share
    end = max([end, 1, *(int(line.x[-1]) for _, lines in panels for line in lines)])
    hover = _("iteration") + " %{x:,}<br>" + ("%{y:.1%}" if percent else "%{y:.4g}")
    data, notes, axes = [], [], {}
    for row, (title, lines) in enumerate(panels):
        n = "" if row == 0 else str(row + 1)
        low, high, cut = _limits([line.y for line in lines], log, percent)
        data += [
            {
                "type": "scatter",
                "x": line.x,
                "y": line.y,
                "xaxis": f"x{n}",
                "yaxis": f"y{n}",
                "mode": "lines",
                "meta": escape(line.name, quote=False),  # Plotly's own markup knows links
                "line": {
                    "color": colour["text" if line.strong else "data"],
                    "width": 3 if line.strong else 1.3,
                    "dash": "solid" if line.strong else DASHES[i % len(DASHES)],
                },
                "zorder": 1 if line.strong else 0,
                "hovertemplate": f"%{{meta}}<br>{hover}<extra></extra>",
            }
            for i, line in enumerate(lines)
        ]
        notes += [
            {**note, "xref": f"x{n}", "yref": f"y{n}"}
            for note in _end_labels(lines, (low, high), room, log, colour)
        ]
        last = row == len(panels) - 1
        top = 1 - row * (share + between)
        axes[f"xaxis{n}"] = {
            "range": [0, end],
            "nticks": 6,
            "anchor": f"y{n}",
            "matches": None if row == 0 else "x",
            "showticklabels": last,
            "title": {"text": _("iteration") if last else ""},
        }
        axes[f"yaxis{n}"] = {
            "domain": [max(0.0, top - share), top],
            "anchor": f"x{n}",
            "title": {"text": _("{title}, cut off").format(title=title) if cut else title},
            "range": np.log10((low, high)).tolist() if log else [low, high],
            **({"type": "log", "dtick": "D2", "tickformat": "~g"} if log else {}),
            **({"tickformat": ".0%"} if percent else {}),
        }
    return go.Figure(
        data=data,
        layout={
            "template": template(theme),
            "height": height,
            "margin": margin,
            "showlegend": False,
            "annotations": notes,
            **axes,
        },
    )


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


def _end_labels(
    lines: Sequence[Line],
    limits: tuple[float, float],
    room: float,
    log: bool,
    colour: dict[str, str],
) -> list[dict[str, Any]]:
    """Place each label beside the end of its line, moved up or down where two would overlap."""
    low, high = np.log10(limits) if log else limits
    notes = []
    by_end = sorted(lines, key=lambda line: int(line.x[-1]))
    for x, group in groupby(by_end, key=lambda line: int(line.x[-1])):
        heights = [
            (float(np.clip(np.log10(line.y[-1]) if log else line.y[-1], low, high)), line)
            for line in group
        ]
        heights.sort(key=lambda pair: pair[0])
        wanted = [(height - low) / (high - low) * room for height, _line in heights]
        for (height, line), want, place in zip(heights, wanted, apart(wanted, room), strict=True):
            text = f"{line.label} ✗" if line.broken else line.label
            notes.append(
                {
                    "x": x,
                    "y": height,
                    "ax": 14,
                    "ay": want - place,  # pixels, downwards
                    "text": f"<b>{text}</b>" if line.strong else text,
                    "font": {"size": 13, "color": colour["text"]},
                    "xanchor": "left",
                    "showarrow": True,
                    "arrowhead": 0,
                    "arrowwidth": 1,
                    "arrowcolor": colour["data"],
                    "standoff": 2,
                }
            )
    return notes


def apart(wanted: Sequence[float], room: float) -> list[float]:
    """Move places, ascending, so far apart that labels fit; near where they were, within the room.

    >>> apart([10, 12, 100], 200)
    [10.0, 26.0, 100.0]
    >>> apart([195, 196], 200)
    [184.0, 200.0]
    """
    places = [float(place) for place in wanted]
    for i in range(1, len(places)):
        places[i] = max(places[i], places[i - 1] + GAP)
    ceiling = float(room)
    for i in reversed(range(len(places))):
        places[i] = min(places[i], ceiling)
        ceiling = places[i] - GAP
    return places


@dataclass(frozen=True)
class Score:
    """How many answers of one run are right, and whether the others are held against it."""

    label: str
    right: int
    total: int
    strong: bool = False


def spread(scores: Sequence[Score], baseline: tuple[str, int, int], theme: str) -> "Figure":
    """Draw the scores of several runs as numbered dots over one axis, beside a baseline.

    Parameters
    ----------
    scores : sequence of Score
    baseline : (str, int, int)
        What it is called, how many are right, and of how many.
    theme : str
    """
    import plotly.graph_objects as go

    colour = palette(theme)
    name, right, total = baseline
    values = [score.right / score.total for score in scores]
    low, high = min([*values, right / total]), max([*values, right / total])
    low, high = low - 0.03, high + 0.03
    rows = _stacked(values, (high - low) * 24 / 260)  # 24 pixels a dot, 260 on the narrowest phone
    figure = go.Figure(
        layout={
            "template": template(theme),
            "height": 116 + 26 * (max(rows, default=0) + 1),
            "margin": {"l": 16, "r": 16, "t": 34, "b": 48},
            "showlegend": False,
        }
    )
    figure.add_vline(x=right / total, line={"color": colour["data"], "width": 1.5, "dash": "dash"})
    figure.add_annotation(
        text=f"{name} {right / total:.0%}",
        x=right / total,
        y=1,
        yref="paper",
        yanchor="bottom",
        xanchor="left" if right / total < (low + high) / 2 else "right",
        showarrow=False,
    )
    figure.add_scatter(
        x=values,
        y=rows,
        mode="markers+text",
        text=[f"<b>{score.label}</b>" if score.strong else score.label for score in scores],
        customdata=[[score.right, score.total] for score in scores],
        textfont={"color": [colour["background" if s.strong else "text"] for s in scores]},
        marker={
            "size": 24,
            "color": [colour["text" if score.strong else "background"] for score in scores],
            "line": {"color": colour["text"], "width": 1.5},
        },
        hovertemplate=_("seed %{text}<br>%{customdata[0]} of %{customdata[1]}")
        + " (%{x:.1%})<extra></extra>",
    )
    figure.update_xaxes(
        title_text=_("test pictures right"), tickformat=".0%", range=[low, high], nticks=7
    )
    figure.update_yaxes(visible=False, range=[-0.6, max(rows, default=0) + 0.6])
    return figure


def class_histogram(
    classes: tuple[str, str],
    counts: Sequence[tuple[int, int]],
    names: Sequence[str],
    theme: str,
) -> "Figure":
    """Draw how many pictures of each class there are: a pair of bars for each set.

    Parameters
    ----------
    classes : tuple of str
        What labels 0 and 1 are called: may be a visitor's text.
    counts : sequence of (int, int)
        For each set, how many of label 0 and of label 1.
    names : sequence of str
        What the sets are called.
    theme : str
    """
    import plotly.graph_objects as go

    colour = palette(theme)
    figure = go.Figure(layout={"template": template(theme), "height": 300, "barmode": "group"})
    for label, meaning, pattern in ((1, "cat", ""), (0, "non_cat", "/")):
        values = [pair[label] for pair in counts]
        figure.add_bar(
            x=list(names),
            y=values,
            name=escape(classes[label], quote=False),
            text=[f"{value:,}" for value in values],
            textposition="outside",
            cliponaxis=False,
            marker={"color": colour[meaning], "pattern": {"shape": pattern}},
            hovertemplate="%{x}: %{y:,}<extra>%{fullData.name}</extra>",
        )
    figure.update_yaxes(title_text=_("pictures"), rangemode="tozero", nticks=6)
    return figure


def _stacked(values: Sequence[float], width: float) -> list[int]:
    """Give each dot the lowest row in which it touches no other."""
    rows: list[int] = []
    for i, value in enumerate(values):
        taken = {rows[j] for j in range(i) if abs(values[j] - value) < width}
        rows.append(next(row for row in range(len(values)) if row not in taken))
    return rows
