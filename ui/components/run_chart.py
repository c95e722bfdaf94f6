"""The training curve of a run: it grows while training goes on and can be read when it is done.

The drawing is ``run_chart.js`` on a canvas, not Plotly, because Plotly replaces its whole chart
whenever the data change; this one keeps its canvas and only adds to the line.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from ui.text import _

HERE = Path(__file__).parent
MOST_POINTS = 400  # what goes over the wire at each tick; a phone has fewer pixels than that

HTML = """
<div class="run-chart">
  <div class="header">
    <div class="legend">
      <span class="item" data-series="run"><i class="line"></i><b></b></span>
      <span class="item" data-series="documented"><i class="ring"></i><b></b></span>
      <span class="item" data-series="previous"><i class="line faint"></i><b></b></span>
    </div>
    <div class="side"><span class="status"></span><button type="button" hidden></button></div>
  </div>
  <div class="plot">
    <canvas tabindex="0" role="img"></canvas>
    <div class="readout" role="status" hidden></div>
  </div>
</div>
"""

WORDS = {
    "cost": _("cost"),
    "iteration": _("iteration"),
    "run": _("this run"),
    "documented": _("documented"),
    "previous": _("previous run"),
    "difference": _("difference"),
    "full": _("in full"),
    "broken": _("not finite from iteration"),
    "play": _("Play"),
    "again": _("Play again"),
    "keys": _("The left and right arrow keys read single points, with Shift the documented ones."),
}

_mount = st.components.v2.component(
    "run_chart",
    html=HTML,
    css=(HERE / "run_chart.css").read_text(encoding="utf-8"),
    js=(HERE / "run_chart.js").read_text(encoding="utf-8"),
)


def run_chart(
    *,
    key: str,
    iterations: Sequence[int],
    costs: Sequence[float],
    num_iterations: int,
    documented: Mapping[int, float] | None = None,
    previous: tuple[Sequence[int], Sequence[float]] | None = None,
    status: str = "",
    height: int = 320,
    animate: bool = False,
    alt: str = "",
) -> None:
    """Draw the cost of a run against its iterations.

    Call it again and again with a longer curve under the same `key` and the curve grows in place;
    nothing is sent back to Python. A new curve under the same key simply replaces the old one.

    Parameters
    ----------
    key : str
        Which chart this is; stable as long as it should stay in place.
    iterations, costs : sequences of the same length
        The curve so far. It stops at the first cost that is None, not a number or infinite.
    num_iterations : int
        Right end of the x axis, fixed from the start so that nothing rescales as the curve grows.
    documented : mapping of int to float, optional
        Documented costs by iteration (a few dozen), drawn as hollow points.
    previous : tuple of iterations and costs, optional
        Another run, drawn as a faint line behind this one.
    status : str, optional
        One short line at the top right.
    height : int, optional
        Height of the whole component in CSS pixels, reserved before the browser has drawn anything.
    animate : bool, optional
        Draw the curve progressively once, when it first comes into view, and offer to play again.
    alt : str, optional
        What the chart shows, for screen readers; by default the first and the last cost.
    """
    documented = dict(documented or {})
    xs, ys = decimate(iterations, costs, num_iterations, keep=tuple(documented))
    reached = dict(zip(map(int, iterations), costs, strict=True)) if documented else {}
    _mount(
        key=key,
        height=height,
        data={
            "x": xs,
            "y": [_short(y) for y in ys],
            "numIterations": int(num_iterations),
            # iteration, documented cost, this run's cost: in full, so that they can be compared
            "documented": [
                [int(i), float(c), _finite(reached.get(i))] for i, c in sorted(documented.items())
            ],
            "previous": _line(previous, num_iterations),
            "status": status,
            "animate": animate,
            "alt": alt or _describe(xs, ys),
            "words": WORDS,
        },
    )


def decimate(
    iterations: Sequence[int],
    costs: Sequence[float],
    num_iterations: int,
    keep: Sequence[int] = (),
) -> tuple[list[int], list[float | None]]:
    """Thin a curve to at most `MOST_POINTS` points without losing a spike.

    The first and the last point stay, the iterations in `keep`, and the smallest and the largest
    cost of each bucket. The buckets divide the whole x axis rather than the points so far:
    what has been drawn once stays as it is while the curve grows. A cost that is not finite ends
    the curve and is returned as None, the way JSON can carry it.
    """
    x = np.asarray(iterations, dtype=np.int64)  # (points,)
    y = np.asarray(costs, dtype=np.float64)  # (points,), None becomes nan
    broken = np.flatnonzero(~np.isfinite(y))
    end = [int(x[broken[0]])] if broken.size else []
    if broken.size:
        x, y = x[: broken[0]], y[: broken[0]]
    if x.size:
        buckets = max(1, (MOST_POINTS - 3 - len(keep)) // 2)
        bucket = np.minimum(x * buckets // (num_iterations + 1), buckets - 1)
        order = np.lexsort((y, bucket))  # bucket by bucket, in each from the smallest cost up
        border = np.flatnonzero(np.diff(bucket[order]))
        smallest, largest = order[np.r_[0, border + 1]], order[np.r_[border, -1]]
        kept = np.flatnonzero(np.isin(x, keep))
        chosen = np.unique(np.concatenate([smallest, largest, kept, [0, x.size - 1]]))
        x, y = x[chosen], y[chosen]
    return x.tolist() + end, y.tolist() + [None] * len(end)


def _line(
    run: tuple[Sequence[int], Sequence[float]] | None, num_iterations: int
) -> list[list[float | None]] | None:
    if run is None or len(run[0]) == 0:
        return None
    xs, ys = decimate(*run, num_iterations)
    return [xs, [_short(y) for y in ys]]


def _short(cost: float | None) -> float | None:
    """Round to what a pixel and four digits need; the documented costs travel in full."""
    return None if cost is None else float(f"{cost:.6g}")


def _finite(cost: float | None) -> float | None:
    return float(cost) if cost is not None and np.isfinite(cost) else None


def _describe(xs: list[int], ys: list[float | None]) -> str:
    points = [(x, y) for x, y in zip(xs, ys, strict=True) if y is not None]
    if not points:
        return _("Training curve, still without a cost.")
    (first, start), (last, end) = points[0], points[-1]
    return _(
        "Training curve: cost {start:.4g} at iteration {first:,}, {end:.4g} at iteration {last:,}."
    ).format(start=start, first=first, end=end, last=last)
