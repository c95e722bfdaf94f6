"""The drawing of a network, which can play one iteration of training as a short film.

What is drawn comes from the network at hand: its sizes, its own numbers, its own picture. Only the
numbers of the units that are drawn (at most twelve a layer) travel to the browser, so the first
layer may have 12,288 units. Everything after that happens in the browser: stepping, playing and
hovering cost no rerun.
"""

import base64
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike, NDArray

from ui.components import component, source
from ui.style import diverging_scale
from ui.text import _

PHASES = ("input", "forward", "cost", "backward", "update")
HEAD, TAIL = 6, 5
MOST_UNITS = 12
MOST_PIXELS = 72  # a larger picture is made smaller: it is drawn no larger than about 130 points
BELOW = 105  # a caption of two lines and the controls; see network.css
ON_PHONE = """<style>@media (max-width: 640px) {{
  .st-key-{key}, .st-key-{key} .stBidiComponent, .st-key-{key} .stBidiComponent div {{
    height: {height}px !important; flex-basis: {height}px !important; }}
}}</style>"""
STRIP_ROWS = 256  # the column of pixels, as a strip of this many rows

_NETWORK = component(
    "network",
    html='<div class="network"></div>',
    js=source("dom.js", "network.js") + "const render = drawNetwork",
)


@dataclass(frozen=True)
class Scene:
    """One scene of the film: one part of the network is lit, one sentence says what happens.

    Attributes
    ----------
    phase : {"input", "forward", "cost", "backward", "update"}
        The part of the iteration.
    layer : int
        The layer that is active, from 0 (the input) to L; L for the cost. An update of layer 0
        means all layers, one after the other.
    caption : str
        One sentence of plain text.
    """

    phase: str
    layer: int
    caption: str


def network_drawing(
    *,
    key: str,
    layers_dims: Sequence[int],
    activations: Sequence[NDArray[Any]] | None = None,
    gradients: Sequence[NDArray[Any] | None] | None = None,
    weights: Sequence[NDArray[Any]] | None = None,
    picture: NDArray[np.uint8] | None = None,
    scenes: Sequence[Scene] = (),
    autoplay: bool = True,
    height: int = 380,
    phone_height: int | None = None,
    alt: str = "",
) -> None:
    """Draw a network and, if there are scenes, the controls that play them.

    The film plays by itself once, when it comes into view, and never where the reader asked for
    less motion. A rerun with the same numbers changes nothing on the screen; with other numbers,
    the film stays at its scene if the scenes are of the same kind.

    Parameters
    ----------
    key : str
        The Streamlit key; one drawing, one key.
    layers_dims : sequence of int
        The number of units of each layer, the input first: ``(12288, 20, 7, 5, 1)``.
    activations : sequence of L + 1 ndarrays of shape (n[l],), optional
        A0 to AL of ONE example; they shade the units, and AL is written beside the output.
    gradients : sequence of L + 1 ndarrays of shape (n[l],), optional
        One signed number for each unit, such as dZ of that example; an entry may be None.
    weights : sequence of L ndarrays of shape (n[l], n[l-1]), optional
        W1 to WL: the sign is the colour of an edge, the size its strength, layer by layer.
    picture : ndarray of shape (h, w, 3), optional
        The input picture as uint8, drawn at the left with the column that it becomes.
    scenes : sequence of Scene
        The film; empty for a still drawing without controls.
    autoplay : bool
        Whether the film starts by itself.
    height : int
        The height of the drawing in pixels. Under a film come 105 more, for the caption and the
        controls; where these need more (on a phone, say), the drawing takes less.
    phone_height : int, optional
        The same on a phone, where it is another.
    alt : str
        What the drawing shows, in words.

    Raises
    ------
    ValueError
        If an array does not fit the sizes, or a scene names an unknown phase or layer.
    """
    data = network_data(
        layers_dims=layers_dims,
        activations=activations,
        gradients=gradients,
        weights=weights,
        picture=picture,
        scenes=scenes,
    )
    below = BELOW if scenes else 0
    total, on_phone = height + below, (phone_height or height) + below
    if on_phone != total:
        st.html(ON_PHONE.format(key=key, height=on_phone))
    data |= {
        "key": key, "height": total, "onPhone": on_phone, "autoplay": autoplay, "alt": alt
    }  # fmt: skip
    data["hash"] = hashlib.sha256(json.dumps(data).encode()).hexdigest()[:16]
    # A height in pixels is kept free from the first paint; "content" would jump once it is loaded.
    _NETWORK(key=key, data=data, height=total)


def network_data(
    *,
    layers_dims: Sequence[int],
    activations: Sequence[NDArray[Any]] | None = None,
    gradients: Sequence[NDArray[Any] | None] | None = None,
    weights: Sequence[NDArray[Any]] | None = None,
    picture: NDArray[np.uint8] | None = None,
    scenes: Sequence[Scene] = (),
) -> dict[str, Any]:
    """Return what the browser needs to draw: a small dict, ready for JSON.

    The parameters are those of `network_drawing`.
    """
    dims = [int(n) for n in layers_dims]
    last = len(dims) - 1
    if last < 1 or min(dims) < 1:
        raise ValueError(f"A network needs two or more layers of one or more units, not {dims}.")
    a = _per_layer("activations", activations, [(n,) for n in dims])
    g = _per_layer("gradients", gradients, [(n,) for n in dims])
    w = _per_layer("weights", weights, list(zip(dims[1:], dims[:-1], strict=True)))
    for scene in scenes:
        if scene.phase not in PHASES or not 0 <= scene.layer <= last:
            raise ValueError(f"{scene} needs a phase of {PHASES} and a layer from 0 to {last}.")

    drawn = [drawn_units(n) for n in dims]
    if picture is not None:  # the whole column is in sight beside the units: show all along it
        drawn[0] = drawn_units(dims[0], spread=True)
    layers = [
        _layer(layer, dims, drawn[layer], a and a[layer], g and g[layer])
        for layer in range(last + 1)
    ]
    edges = [
        {
            "shape": f"({dims[k + 1]}, {dims[k]})",
            "w": w and _strengths(w[k], drawn[k + 1], drawn[k]),
        }
        for k in range(last)
    ]
    return {
        "layers": layers,
        "edges": edges,
        "picture": None if picture is None else _picture(picture, dims[0]),
        "scenes": [{"phase": s.phase, "layer": s.layer, "caption": s.caption} for s in scenes],
        "signs": {theme: _ends(theme) for theme in ("light", "dark")},
        "text": _text(),
    }


def drawn_units(n: int, *, spread: bool = False) -> list[int]:
    """Return which of the n units of a layer are drawn.

    >>> drawn_units(20)
    [0, 1, 2, 3, 4, 5, 15, 16, 17, 18, 19]
    >>> drawn_units(12288, spread=True)[:3]
    [0, 1117, 2234]
    """
    if n <= MOST_UNITS:
        return list(range(n))
    if spread:
        return [round(k * (n - 1) / (MOST_UNITS - 1)) for k in range(MOST_UNITS)]
    return [*range(HEAD), *range(n - TAIL, n)]


def significant(value: float) -> str:
    """Return a number that is not negative with four significant digits.

    >>> significant(0.73118), significant(0.9999999), significant(1.2344e-7)
    ('0.7312', '1.000', '1.234×10⁻⁷')
    """
    if value == 0:
        return "0"
    if 1e-4 <= value < 1e4:
        return f"{value:#.4g}"
    digits, exponent = f"{value:.3e}".split("e")
    return f"{digits}×10{str(int(exponent)).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


def _per_layer(
    name: str, arrays: Sequence[ArrayLike | None] | None, shapes: list[tuple[int, ...]]
) -> list[NDArray[np.float64] | None] | None:
    """Check one list of arrays against the sizes of the network; vectors may be columns."""
    if arrays is None:
        return None
    if len(arrays) != len(shapes):
        raise ValueError(f"{name} needs {len(shapes)} arrays for this network, not {len(arrays)}.")
    checked: list[NDArray[np.float64] | None] = []
    for array, shape in zip(arrays, shapes, strict=True):
        value = None if array is None else np.asarray(array, dtype=np.float64)
        if value is not None and len(shape) == 1 and value.shape == (*shape, 1):
            value = value[:, 0]
        if value is not None and value.shape != shape:
            raise ValueError(f"{name}: an array of shape {value.shape} was given, {shape} needed.")
        checked.append(None if value is None else np.nan_to_num(value))
    return checked


def _layer(
    layer: int,
    dims: list[int],
    units: list[int],
    a: NDArray[np.float64] | None,
    g: NDArray[np.float64] | None,
) -> dict[str, Any]:
    """Describe one layer: its labels, and the numbers of its drawn units, raw and scaled."""
    n, last = dims[layer], len(dims) - 1
    kind = _("input") if layer == 0 else ("sigmoid" if layer == last else "ReLU")
    counted = f"{n:,} " + (_("unit") if n == 1 else _("units"))
    # Pixels and probabilities have a scale of their own, from 0 to 1; ReLU has none.
    top = 0.0 if a is None else float(np.max(np.abs(a)))
    top = 1.0 if layer in (0, last) and top <= 1 else top
    steepest = 0.0 if g is None else float(np.max(np.abs(g)))
    return {
        "label": f"{kind} {n:,}" if layer == 0 else f"{counted} · {kind}",
        "short": [f"{n:,}", kind],
        "units": units,
        "gap": len(units) == HEAD + TAIL and n > MOST_UNITS,
        "a": None if a is None else [float(a[i]) for i in units],
        "shade": None if a is None else _scaled(np.abs(a[units]), top),
        "g": None if g is None else [float(g[i]) for i in units],
        "sign": None if g is None else _scaled(g[units], steepest),
        "limits": [significant(top), significant(steepest)],  # full ink, full colour
        "result": None if a is None or layer < last else [significant(float(a[i])) for i in units],
    }


def _scaled(values: NDArray[np.float64], top: float) -> list[float]:
    return [round(float(v), 3) for v in values / (top or 1.0)]


def _strengths(
    w: NDArray[np.float64] | None, rows: list[int], columns: list[int]
) -> list[list[float]] | None:
    """Scale the weights between drawn units to the largest of them."""
    if w is None:
        return None
    part = w[np.ix_(rows, columns)]
    top = float(np.max(np.abs(part)))
    return [_scaled(row, top) for row in part]


def _picture(picture: NDArray[np.uint8], n_inputs: int) -> dict[str, Any]:
    """Pack the picture, and the strip that it becomes when its rows are put one below another."""
    h, w = picture.shape[:2]
    pixels = picture.reshape(-1, 3)  # (h * w, 3), row by row, as in X_orig.reshape(m, -1).T
    rows = np.array_split(pixels, min(STRIP_ROWS, len(pixels)))
    strip = np.stack([row.mean(axis=0) for row in rows])[:, np.newaxis].astype(np.uint8)
    shape = f"{h} × {w} × 3"
    return {
        "image": _png(picture, MOST_PIXELS),
        "strip": _png(strip, STRIP_ROWS),
        "ratio": round(w / h, 4),
        "shape": shape if h * w * 3 == n_inputs else "",
    }


def _png(pixels: NDArray[np.uint8], most: int) -> str:
    """Return pixels of shape (h, w, 3) as the data URI of a PNG."""
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(pixels, dtype=np.uint8))
    if max(image.size) > most:
        image.thumbnail((most, most))
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _ends(theme: str) -> list[str]:
    """Return the two ends, negative and positive, of the scale that every figure uses."""
    scale = diverging_scale(theme)
    return [scale[0][1], scale[-1][1]]


def _text() -> dict[str, Any]:
    """Return the short strings of the controls."""
    phases = (_("input"), _("forward"), _("cost"), _("backward"), _("update"))
    return {
        "phases": dict(zip(PHASES, phases, strict=True)),
        "play": _("Play"),
        "pause": _("Pause"),
        "again": _("Play again"),
        "back": _("Back"),
        "next": _("Next"),
        "step": _("Step"),
        "of": _("of"),
        "layer": _("layer"),
        "unit": _("unit"),
        "activation": _("activation"),
        "gradient": _("gradient"),
    }
