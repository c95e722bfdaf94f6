"""The charts of the scores: data in, Plotly figure out, no Streamlit."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from ui.style import palette, template
from ui.text import _

from nncore.scores import Counts, Roc, Score

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


@dataclass(frozen=True)
class Bar:
    """One score in the chart of intervals.

    Attributes
    ----------
    name : str
        May be a visitor's.
    score : Score
    strong : bool
        Whether it is the one that the others are held against.
    """

    name: str
    score: Score
    strong: bool = False


def intervals(bars: Sequence[Bar], theme: str) -> "Figure":
    """Draw scores as dots on one axis, each within its interval; from the top, as they come."""
    import plotly.graph_objects as go  # here: who never opens a chart need not wait for it

    colour = palette(theme)
    names = [escape(bar.name, quote=False) for bar in bars]  # Plotly's own markup knows links
    rows = list(range(len(bars)))
    figure = go.Figure(
        layout={
            "template": template(theme),
            "height": 84 + 44 * len(bars),
            "margin": {"l": 8, "r": 16, "t": 8, "b": 48},
            "showlegend": False,
        }
    )
    for row, bar in enumerate(bars):
        low, high = bar.score.interval
        figure.add_scatter(
            x=[low, high],
            y=[row, row],
            mode="lines",
            line={"color": colour["text" if bar.strong else "data"], "width": 4},
            opacity=0.45,
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=[bar.score.fraction for bar in bars],
        y=rows,
        mode="markers",
        marker={
            "size": 14,
            "symbol": ["circle" if bar.strong else "circle-open" for bar in bars],
            "color": [colour["text" if bar.strong else "data"] for bar in bars],
            "line": {"width": 2},
        },
        meta=names,
        customdata=[[b.score.right, b.score.total, *b.score.interval] for b in bars],
        hovertemplate=_("%{customdata[0]} of %{customdata[1]}")
        + " (%{x:.1%})<br>95%: %{customdata[2]:.1%} – %{customdata[3]:.1%}<extra></extra>",
    )
    figure.add_scatter(
        x=[0] * len(bars),
        y=[row - 0.42 for row in rows],
        mode="text",
        text=[
            f"<b>{name}</b>" if bar.strong else name for name, bar in zip(names, bars, strict=True)
        ],
        textposition="middle right",
        textfont={"color": colour["text"], "size": 13},
        hoverinfo="skip",
        cliponaxis=False,
    )
    figure.update_xaxes(title_text=_("pictures right"), tickformat=".0%", range=[0, 1.01], nticks=6)
    figure.update_yaxes(visible=False, range=[len(bars) - 0.5, -0.8])
    return figure


def roc_figure(roc: Roc, counts: Counts, threshold: float, theme: str) -> "Figure":
    """Draw what every threshold gives, with a point where the reader's is.

    Parameters
    ----------
    roc : Roc
    counts : Counts
        At the reader's threshold.
    threshold : float
    theme : str
    """
    import plotly.graph_objects as go

    colour = palette(theme)
    figure = go.Figure(
        layout={
            "template": template(theme),
            "height": 400,
            "margin": {"l": 56, "r": 12, "t": 12, "b": 48},
            "showlegend": False,
        }
    )
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": colour["data"], "dash": "dash", "width": 1.5},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=roc.alarms,
        y=roc.found,
        mode="lines",
        line={"color": colour["text"], "width": 2.5},
        customdata=np.where(np.isfinite(roc.lowest), roc.lowest, 1.0),
        hovertemplate=_("from a probability of %{customdata:.4g}")
        + "<br>"
        + _("found %{y:.1%}, false alarms %{x:.1%}")
        + "<extra></extra>",
    )
    alarms = counts.false_positive / (counts.false_positive + counts.true_negative)
    figure.add_scatter(
        x=[alarms],
        y=[counts.recall],
        mode="markers+text",
        text=[f"<b>{threshold:.2f}</b>"],
        textposition="bottom right" if alarms < 0.7 else "bottom left",
        textfont={"color": colour["text"], "size": 15},
        marker={
            "size": 15,
            "color": colour["background"],
            "line": {"color": colour["text"], "width": 4},
        },
        hovertemplate=_("threshold {t:.2f}").format(t=threshold)
        + "<br>"
        + _("found %{y:.1%}, false alarms %{x:.1%}")
        + "<extra></extra>",
        cliponaxis=False,
    )
    figure.add_annotation(
        x=0.98,
        y=0.06,
        xanchor="right",
        text=_("area {area:.3f}").format(area=roc.area),
        showarrow=False,
        font={"size": 15, "color": colour["text"]},
    )
    axis = {"range": [-0.02, 1.02], "tickformat": ".0%", "nticks": 6}
    figure.update_xaxes(title_text=_("false alarms (false positive rate)"), **axis)
    figure.update_yaxes(title_text=_("found (true positive rate)"), **axis)
    return figure
