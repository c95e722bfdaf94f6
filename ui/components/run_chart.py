"""The training curves of a run: growing while training goes on, at rest, or replayed at 60 Hz.

The drawing is JavaScript on a canvas, not Plotly, because Plotly replaces its whole chart whenever
the data change; this one keeps its canvas and only adds to the line. `run_chart` shows a run that
grows or is done, `replay` all of a run under a scrubber. Both draw with the same component, so one
key may show a run first live and then replayed.

What goes over the wire is packed: curves as base64 of little-endian float32, iterations as three
numbers where they are evenly spaced. The pictures of a replay and what the network says of them are
most of it; when the reader stops, the browser says which it has, and they are not sent again.
"""

import base64
import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ui.components import component, source, told
from ui.text import _

MOST_POINTS = 400  # of a line that is only looked at; a phone has fewer pixels than that
HEIGHT, HEIGHT_WITH_TILES = 480, 960  # of a replay

HTML = """
<div class="run-chart">
  <div class="header">
    <div class="legend"></div>
    <div class="side">
      <span class="status"></span><button class="again" type="button" hidden></button>
    </div>
  </div>
  <div class="plot">
    <canvas></canvas>
    <div class="readout" role="status" hidden></div>
  </div>
  <div class="scrubber" hidden><input type="range" step="1"></div>
  <div class="bar" hidden>
    <div class="controls">
      <button class="play" type="button">
        <svg viewBox="0 0 12 12" aria-hidden="true"><path></path></svg><span></span>
      </button>
      <select class="speed"></select>
    </div>
    <dl class="figures"></dl>
  </div>
  <div class="tiles" hidden></div>
  <div class="told" role="status" hidden><canvas></canvas><span></span></div>
</div>
"""

WORDS = {
    "cost": _("cost"),
    "accuracy": _("accuracy"),
    "iteration": _("iteration"),
    "run": _("this run"),
    "documented": _("documented"),
    "nearest": _("nearest at"),
    "difference": _("difference"),
    "off": _("off"),
    "full": _("in full"),
    "broken": _("not finite from iteration"),
    "again": _("Play again"),
    "play": _("Play"),
    "pause": _("Pause"),
    "speed": _("Speed"),
    "keys": _("The left and right arrow keys read single points, with Shift the documented ones."),
    "train": _("training"),
    "test": _("test"),
    "trainCost": _("training cost"),
    "testCost": _("test cost"),
    "trainRight": _("training right"),
    "testRight": _("test right"),
    "best": _("best test cost"),
    "of": _("of"),
    "tiles": {
        "train": _("training"),
        "test": _("test"),
        "right": _("right"),
        "wrong": _("wrong"),
        "hint": _("outlined, ✗: wrong · bar: probability of “{cat}”"),
        "picture": {"train": _("training picture"), "test": _("test picture")},
        "says": _("network says"),
        "keys": _("The arrow keys go from picture to picture."),
    },
}

_mount = component(
    "run_chart",
    html=HTML,
    # One module: state and input, drawing, tiles.
    js=source("dom.js", "run_chart.js", "axes.js", "run_chart_drawing.js", "run_chart_tiles.js"),
)


@dataclass(frozen=True, eq=False)
class Curves:
    """The recorded curves of one run.

    Attributes
    ----------
    label : str
        What the run is called beside its line.
    iterations : sequence or ndarray of shape (k,)
        When the values were recorded, ascending, counted from the run's own beginning.
    costs : sequence or ndarray of shape (k,)
        Training costs. The run ends at the first that is None, not a number or infinite.
    test_costs : sequence or ndarray of shape (k,), optional
        None or not a number where none was taken.
    train_accuracy, test_accuracy : sequence or ndarray of shape (k,), optional
        Fractions, from 0 to 1.
    offset : int
        For a branch: the iteration of its parent at which it begins, so where it is drawn.
    """

    label: str
    iterations: Sequence[int] | NDArray[Any]
    costs: Sequence[float | None] | NDArray[Any]
    test_costs: Sequence[float | None] | NDArray[Any] | None = None
    train_accuracy: Sequence[float | None] | NDArray[Any] | None = None
    test_accuracy: Sequence[float | None] | NDArray[Any] | None = None
    offset: int = 0


@dataclass(frozen=True, eq=False)
class Tiles:
    """All pictures of a run, to show which ones are right while the replay goes on.

    Attributes
    ----------
    sprite : bytes
        One JPEG, PNG or WebP with all thumbnails, row by row.
    size : int
        Width and height of a thumbnail in pixels; tiles are drawn no larger.
    across : int
        How many thumbnails stand in a row of the sprite.
    labels : sequence of int
        1 for the second class, 0 for the first: first all training pictures, then all test pictures.
    train : int
        How many of them are training pictures.
    iterations : sequence of int, length f
        When the probabilities were taken, ascending, counted as the run's own.
    probabilities : ndarray of shape (f, number of pictures), uint8
        What the network said, 0 to 255 for 0 to 1: from 128 on it says the second class.
    classes : tuple of str
        What labels 0 and 1 are called: of own pictures, a visitor's text.
    """

    sprite: bytes
    size: int
    across: int
    labels: Sequence[int] | NDArray[Any]
    train: int
    iterations: Sequence[int] | NDArray[Any]
    probabilities: NDArray[np.uint8]
    classes: tuple[str, str] = ("non-cat", "cat")

    @cached_property
    def compressed(self) -> str:
        """The probabilities as they travel, a third as large; made once, for it takes a while."""
        return _base64(zlib.compress(np.ascontiguousarray(self.probabilities).tobytes(), 6))


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
    run = Curves(_("this run"), iterations, costs)
    xs, ys = decimate(iterations, costs, num_iterations, keep=tuple(documented or ()))
    ghosts = [] if previous is None else [Curves(_("previous run"), *previous)]
    _mount(
        key=key,
        height=height,
        data={
            "replay": False,
            "run": _pack_run(Curves(run.label, xs, ys)),
            "ghosts": [_pack_ghost(ghost, num_iterations) for ghost in ghosts],
            "numIterations": int(num_iterations),
            "documented": _compared(documented, run),
            "status": status,
            "animate": animate,
            "alt": alt or _describe(xs, ys),
            "words": WORDS,
        },
    )


def replay(
    *,
    key: str,
    run: Curves,
    num_iterations: int,
    documented: Mapping[int, float] | None = None,
    ghosts: Sequence[Curves] = (),
    best: int | None = None,
    at: int | None = None,
    tiles: Tiles | None = None,
    totals: tuple[int, int] | None = None,
    status: str = "",
    height: int | None = None,
    alt: str = "",
) -> int | None:
    """Draw all of a run under a scrubber, to be played in the browser without a message.

    Python learns where the reader stopped: when the replay is paused or ends, when the scrubber is
    let go or has not been moved by a key for 80 ms, and four times a second while it is dragged.
    A rerun that brings the same data disturbs nothing, and does not bring the large part of it that
    the browser has said it has. A new run under the same `key` replaces the old one and keeps the
    reader's place; who was at the end stays at the end.

    Iterations (`documented`, `best`, `at`, those of the tiles, the returned one) are counted from
    the beginning of `run`; a branch is drawn, and read out, shifted by its offset.

    Parameters
    ----------
    key : str
        Which chart this is; stable as long as it should stay in place.
    run : Curves
        The run to replay.
    num_iterations : int
        Right end of the x axis; more if `run` goes on longer.
    documented : mapping of int to float, optional
        Documented costs by iteration (a few dozen), drawn as hollow points.
    ghosts : sequence of Curves, optional
        Other runs: their costs are drawn as faint lines with their labels.
    best : int, optional
        The iteration with the best test cost; it gets a ring and a label.
    at : int, optional
        Where to begin; the end if None. A change of it to another number moves the scrubber there.
        Not for what this function returned: the component knows that.
    tiles : Tiles, optional
        All pictures, right or wrong at the nearest recorded iteration up to the scrubber.
    totals : tuple of int, optional
        How many training and how many test pictures there are, to say "206 of 209" instead of a
        percentage. Known from `tiles` if there are any.
    status : str, optional
        One short line at the top right.
    height : int, optional
        Height of the whole component in CSS pixels; by default 480, with tiles 960. The tiles are
        drawn as large as this allows, down to 16 pixels; then their area scrolls.
    alt : str, optional
        What the chart shows, for screen readers; by default the first and the last cost.

    Returns
    -------
    int or None
        The iteration at which the reader stopped; None at the end of the run, so also before
        anything was touched.

    Raises
    ------
    ValueError
        If curves or tiles do not fit together.
    """
    packed = _pack_run(run)
    first, last = _ends(run)
    if totals is None and tiles is not None:
        totals = (tiles.train, len(tiles.labels) - tiles.train)
    shift = run.offset
    result = _mount(
        key=key,
        height=height or (HEIGHT_WITH_TILES if tiles else HEIGHT),
        default={"view": {"iteration": None if at is None else int(at) + shift, "kept": []}},
        on_view_change=_nothing,
        data={
            "replay": True,
            "run": packed,
            "ghosts": [_pack_ghost(ghost, num_iterations) for ghost in ghosts],
            "numIterations": max(int(num_iterations), last),
            "documented": _compared(documented, run),
            "best": None if best is None else int(best) + shift,
            "at": None if at is None else int(at) + shift,
            "totals": totals and [int(total) for total in totals],
            "tiles": None if tiles is None else _pack_tiles(tiles, shift, _kept(key)),
            "status": status,
            "alt": alt or _describe(run.iterations, run.costs),
            "words": WORDS,
        },
    )
    stopped = result.view.get("iteration") if isinstance(result.view, Mapping) else None
    if not isinstance(stopped, int | float) or stopped >= last:  # a browser may send anything
        return None
    return int(max(stopped, first)) - shift


def decimate(
    iterations: Sequence[int] | NDArray[Any],
    costs: Sequence[float | None] | NDArray[Any],
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


# ---- packing: what run_chart.js unpacks -----------------------------------------------------------


def _pack_run(run: Curves) -> dict[str, Any]:
    """Pack all recorded points of a run; iterations as they stand on the axis."""
    x = np.asarray(run.iterations, dtype=np.int64) + run.offset  # (k,)
    costs = np.asarray(run.costs, dtype=np.float64)  # (k,), None becomes nan
    curves = {
        "cost": costs,
        "testCost": run.test_costs,
        "trainAccuracy": run.train_accuracy,
        "testAccuracy": run.test_accuracy,
    }
    for name, values in curves.items():
        if values is not None and len(values) != len(x):
            raise ValueError(f"{run.label}: {len(x)} iterations, but {len(values)} of {name}.")
    if np.any(np.diff(x) <= 0):
        raise ValueError(f"{run.label}: the iterations need to ascend.")
    broken = np.flatnonzero(~np.isfinite(costs))
    end = broken[0] if broken.size else len(x)
    return {
        "label": run.label,
        "x": _pack_iterations(x[:end]),
        **{name: None if y is None else _pack_floats(y[:end]) for name, y in curves.items()},
        "broken": int(x[end]) if broken.size else None,
    }


def _pack_ghost(run: Curves, num_iterations: int) -> dict[str, Any]:
    """Pack the costs of a run that is only looked at: no more points than pixels."""
    x = np.asarray(run.iterations, dtype=np.int64) + run.offset

    def line(costs: ArrayLike) -> dict[str, Any]:
        y = np.asarray(costs, dtype=np.float64)
        taken = np.isfinite(y)
        xs, ys = decimate(x[taken], y[taken], num_iterations)
        return {"x": _pack_iterations(np.array(xs, dtype=np.int64)), "y": _pack_floats(ys)}

    return {
        "label": run.label,
        "cost": line(run.costs),
        "testCost": None if run.test_costs is None else line(run.test_costs),
    }


def _kept(key: str) -> tuple[str, ...]:
    """Return the ids of what the browser has, as far as it said so."""
    view = told(key, "view")
    ids = view.get("kept") if isinstance(view, Mapping) else None
    return tuple(id for id in ids if isinstance(id, str)) if isinstance(ids, list | tuple) else ()


def _unless_kept(text: str, kept: Sequence[str]) -> dict[str, str | None]:
    id = hashlib.sha256(text.encode()).hexdigest()[:16]
    return {"id": id, "text": None if id in kept else text}


def _pack_tiles(tiles: Tiles, shift: int, kept: Sequence[str]) -> dict[str, Any]:
    labels = np.asarray(tiles.labels).ravel()
    iterations = np.asarray(tiles.iterations, dtype=np.int64)
    said = np.asarray(tiles.probabilities)  # (frames, pictures)
    if said.shape != (len(iterations), len(labels)) or said.dtype != np.uint8 or not len(said):
        raise ValueError(
            f"The tiles need probabilities of shape ({len(iterations)}, {len(labels)}), uint8: "
            f"iterations by pictures. These are {said.shape}, {said.dtype}."
        )
    return {
        "sprite": _unless_kept(
            f"data:{_media_type(tiles.sprite)};base64,{_base64(tiles.sprite)}", kept
        ),
        "size": int(tiles.size),
        "across": int(tiles.across),
        "labels": "".join("1" if label else "0" for label in labels),
        "classes": list(tiles.classes),
        "train": int(tiles.train),
        "x": _pack_iterations(iterations + shift),
        "probabilities": _unless_kept(tiles.compressed, kept),
        "end": _base64(said[-1].tobytes()),
    }


def _pack_iterations(x: NDArray[np.int64]) -> list[int] | str:
    """Return first, step and count where the iterations are evenly spaced, else base64 of int32.

    >>> _pack_iterations(np.arange(100, 2501, 100))
    [100, 100, 25]
    >>> _pack_iterations(np.array([0, 1, 5]))
    'AAAAAAEAAAAFAAAA'
    """
    step = int(x[1] - x[0]) if len(x) > 1 else 1
    if np.all(np.diff(x) == step):
        return [int(x[0]) if len(x) else 0, step, len(x)]
    return _base64(x.astype("<i4").tobytes())


def _pack_floats(y: ArrayLike) -> str:
    """Return base64 of float32: seven digits, more than a pixel or the four digits shown need."""
    return _base64(np.asarray(y, dtype=np.float64).astype("<f4").tobytes())


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _media_type(image: bytes) -> str:
    if image.startswith(b"\x89PNG"):
        return "image/png"
    return "image/webp" if image[8:12] == b"WEBP" else "image/jpeg"


def _compared(
    documented: Mapping[int, float] | None, run: Curves
) -> list[tuple[int, float, float | None]]:
    """Return iteration, documented cost and this run's cost, in full: they are to be compared."""
    if not documented:
        return []
    reached = dict(zip(map(int, run.iterations), run.costs, strict=True))
    return [
        (int(i) + run.offset, float(cost), _finite(reached.get(i)))
        for i, cost in sorted(documented.items())
    ]


def _finite(cost: float | None) -> float | None:
    return float(cost) if cost is not None and np.isfinite(cost) else None


def _ends(run: Curves) -> tuple[int, int]:
    """Return the first and the last iteration with a finite cost, on the axis."""
    x = np.asarray(run.iterations, dtype=np.int64)
    broken = np.flatnonzero(~np.isfinite(np.asarray(run.costs, dtype=np.float64)))
    x = x[: broken[0]] if broken.size else x
    return (int(x[0]) + run.offset, int(x[-1]) + run.offset) if len(x) else (0, 0)


def _describe(iterations: ArrayLike, costs: ArrayLike) -> str:
    x, y = np.asarray(iterations), np.asarray(costs, dtype=np.float64)  # None becomes nan
    known = np.flatnonzero(np.isfinite(y))
    if not known.size:
        return _("Training curve, still without a cost.")
    first, last = known[0], known[-1]
    return _(
        "Training curve: cost {start:.4g} at iteration {first:,}, {end:.4g} at iteration {last:,}."
    ).format(start=y[first], first=x[first], end=y[last], last=x[last])


def _nothing() -> None:
    """Do nothing: a state of a component needs a callback to be known by its name."""
