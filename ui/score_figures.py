"""The charts of the scores: data in, chart out, no Streamlit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ui.components.chart import Axis, Chart, Ink, Mark, Note, Panel, Points
from ui.text import _

from nncore.scores import Counts, Roc, Score


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


def intervals(bars: Sequence[Bar]) -> Chart:
    """Draw scores as dots on one axis, each within its interval; from the top, as they come."""
    marks: list[Mark] = []
    for row, bar in enumerate(bars):
        low, high = bar.score.interval
        ink: Ink = "text" if bar.strong else "data"
        marks += [
            Points(x=[low, high], y=[row, row], ink=ink, width=4, faint=True),
            Points(
                x=[bar.score.fraction],
                y=[row],
                name=bar.name,
                ink=ink,
                sign="circle",
                size=13,
                hollow=not bar.strong,
                says="{name}\n{more}",
                more=[
                    _("{right} of {total} ({p:.1%})\n95%: {low:.1%} – {high:.1%}").format(
                        right=bar.score.right,
                        total=bar.score.total,
                        p=bar.score.fraction,
                        low=low,
                        high=high,
                    )
                ],
            ),
            Note(text=bar.name, x=0.01, y=row - 0.42, strong=bar.strong),
        ]
    return Chart(
        Axis(_("pictures right"), ends=(0, 1.01), percent=True),
        [Panel(Axis(ends=(len(bars) - 0.5, -0.8), hidden=True), marks)],
        height=70 + 44 * len(bars),
    )


def roc_figure(roc: Roc, counts: Counts, threshold: float) -> Chart:
    """Draw what every threshold gives, with a point where the reader's is.

    Parameters
    ----------
    roc : Roc
    counts : Counts
        At the reader's threshold.
    threshold : float
    """
    alarms = counts.false_positive / (counts.false_positive + counts.true_negative)
    found = counts.true_positive / counts.positives
    lowest = np.where(np.isfinite(roc.lowest), roc.lowest, 1.0)
    says = "{more}\n" + _("found {y}, false alarms {x}")
    marks = (
        Points(x=[0, 1], y=[0, 1], ink="data", width=1.5, dash="dash", level=-1),
        Points(
            x=roc.alarms,
            y=roc.found,
            width=2.5,
            says=says,
            more=[_("from a probability of {p:.4g}").format(p=p) for p in lowest],
        ),
        Points(
            x=[alarms],
            y=[found],
            sign="circle",
            size=15,
            hollow=True,
            says=says,
            more=[_("threshold {t:.2f}").format(t=threshold)],
            level=1,
        ),
        Note(
            text=f"{threshold:.2f}",
            x=alarms + (0.04 if alarms < 0.7 else -0.04),
            y=found - 0.05 if found > 0.1 else found + 0.05,
            anchor="start" if alarms < 0.7 else "end",
            strong=True,
            level=1,
        ),
        Note(text=_("area {area:.3f}").format(area=roc.area), x=0.98, y=0.06, anchor="end"),
    )
    ends = (-0.02, 1.02)
    return Chart(
        Axis(_("false alarms (false positive rate)"), ends=ends, percent=True),
        [Panel(Axis(_("found (true positive rate)"), ends=ends, percent=True), marks)],
        height=400,
    )
