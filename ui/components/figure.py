"""The course's figures, drawn anew from the network at hand.

A figure is plain data: nodes with lines of text, arrows and frames between them, and one or more
layouts that say which cell of a grid each node takes. The browser takes the first layout that has
room (the last one is for a phone), so that text keeps its size at every width. In a line, `code`,
*variables* and ^{superscripts} are marked as written here.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from ui.components import component, source
from ui.text import _

MOST_LAYERS = 4  # of a deeper network, layers 1, 2 and L are drawn
CHANNELS = ["R", "G", "B"]

_FIGURE = component(
    "figure",
    html='<div class="figure"></div>',
    js=source("dom.js", "figure.js"),
)

Data = dict[str, Any]
Cells = dict[str, list[float]]  # row and column; row 0.5 is halfway between rows 0 and 1


def outline_figure(*, key: str) -> None:
    """Draw which function calls which, and how one iteration follows the other."""
    _FIGURE(key=key, data=outline())


def picture_to_column_figure(
    *, key: str, height: int = 64, width: int = 64, channels: int = 3
) -> None:
    """Draw how the planes of a picture become one column, and m columns become X."""
    _FIGURE(key=key, data=picture_to_column(height, width, channels))


def architecture_figure(*, key: str, layers_dims: Sequence[int]) -> None:
    """Draw the network as blocks, LINEAR and activation, with the shapes of W and A."""
    _FIGURE(key=key, data=architecture(layers_dims))


def blocks_figure(*, key: str, layers_dims: Sequence[int]) -> None:
    """Draw the forward and the backward block of each layer, and the cache between the two."""
    _FIGURE(key=key, data=blocks(layers_dims))


def linear_backward_figure(*, key: str, n: int, n_prev: int, m: int) -> None:
    """Draw what goes into `linear_backward` and what comes out, with the shapes."""
    _FIGURE(key=key, data=linear_backward_box(n, n_prev, m))


def backward_pass_figure(*, key: str, layers_dims: Sequence[int], old_names: bool = False) -> None:
    """Draw the way back through the layers, with the names that an edition gives the gradients.

    With `old_names`, the gradient of the input of layer l is called dA{l}, as in notebooks 1 and 3.
    """
    _FIGURE(key=key, data=backward_pass(layers_dims, old_names=old_names))


# ---- the figures as data --------------------------------------------------------------------------


def outline() -> Data:
    """Describe the functions of the course and how they nest."""
    nodes = {
        "start": _node("data", "`initialize_parameters`"),
        "parameters": _node("data", "`parameters`", look="plain"),
        "linear": _node("forward", "`linear_forward`"),
        "activation": _node("forward", "`relu`,", "lastly `sigmoid`"),
        "cost": _node("data", "`compute_cost`"),
        "activation_back": _node("backward", "`sigmoid_backward`,", "then `relu_backward`"),
        "linear_back": _node("backward", "`linear_backward`"),
        "update": _node("update", "`update_parameters`"),
    }
    arrows = [
        _arrow("start", "parameters", "data"),
        _arrow("parameters", "linear", "forward"),
        _arrow("linear", "activation", "forward", "`Z`"),
        _arrow("activation", "cost", "forward", "`AL`"),
        _arrow("cost", "activation_back", "backward", "`dAL`"),
        _arrow("activation_back", "linear_back", "backward", "`dZ`"),
        _arrow("linear_back", "update", "backward", "`grads`"),
        _arrow("update", "parameters", "update", _("repeat")),
    ]
    frames = [
        _frame("forward", "`linear_activation_forward` × *L*", "linear", "activation"),
        _frame("backward", "`linear_activation_backward` × *L*", "linear_back", "activation_back"),
        _frame("forward", "`L_model_forward`", "linear", "activation"),
        _frame("backward", "`L_model_backward`", "linear_back", "activation_back"),
    ]
    there, back = (
        ("start", "parameters", "linear", "activation"),
        ("update", "linear_back", "activation_back"),
    )
    cells: Cells = {name: [0, column] for column, name in enumerate(there)}
    cells |= {name: [1, column] for column, name in enumerate(back, start=1)} | {"cost": [0.5, 4]}
    alt = _(
        "Outline of the functions. initialize_parameters gives the parameters. L_model_forward calls "
        "linear_activation_forward L times, each time linear_forward and an activation. Then "
        "compute_cost. L_model_backward calls linear_activation_backward L times, each time the "
        "activation backward and linear_backward. update_parameters changes the parameters, and "
        "all but the initialisation repeats."
    )
    return _figure(alt, nodes, arrows, [cells, _turned(cells)], frames)


def picture_to_column(height: int, width: int, channels: int) -> Data:
    """Describe a picture as planes, as one column of n numbers, and m columns side by side."""
    if min(height, width) < 1 or not 1 <= channels <= 4:
        raise ValueError(
            "A picture has one or more rows and columns, and one to four channels: "
            f"{height} × {width} × {channels} was given."
        )
    pixels, n = height * width, height * width * channels
    names = CHANNELS if channels == 3 else [str(c + 1) for c in range(channels)]
    nodes = {
        "planes": _node(
            "data", f"{height} × {width} × {channels}", _("one picture"), look="planes"
        ),
        "column": _node("data", f"*x*  ({n}, 1)", _("one column"), look="column"),
        "matrix": _node("data", f"*X*  ({n}, *m*)", _("*m* pictures"), look="matrix"),
    }
    for node in nodes.values():
        node["channels"] = names
    nodes["column"]["pixels"] = [_("pixel {k}").format(k=f"{k:,}") for k in (1, 2, pixels)][:pixels]
    arrows = [_arrow("planes", "column", "data"), _arrow("column", "matrix", "data")]
    wide: Cells = {"planes": [0, 0], "column": [0, 1], "matrix": [0, 2]}
    narrow: Cells = {"planes": [0, 0], "column": [0, 1], "matrix": [1, 0]}
    alt = _(
        "A picture of {height} × {width} pixels in {channels} planes is read pixel by pixel into "
        "one column x of {n} numbers; m such columns side by side are X, of shape ({n}, m)."
    ).format(height=height, width=width, channels=channels, n=n)
    return _figure(alt, nodes, arrows, [wide, narrow])


def architecture(layers_dims: Sequence[int]) -> Data:
    """Describe the network as a chain of LINEAR and activation blocks."""
    dims = _checked(layers_dims)
    last = len(dims) - 1
    shown = _shown(last)
    nodes = {"X": _node("data", "*X*", under=(f"({dims[0]}, *m*)",), look="plain")}
    frames, groups = [], []
    for layer in shown:
        if layer is None:
            nodes["dots"] = _node("forward", "· · ·", look="plain")
            groups.append(["dots"])
            continue
        n, n_prev = dims[layer], dims[layer - 1]
        linear, active = f"linear{layer}", f"active{layer}"
        nodes[linear] = _node("forward", "LINEAR", under=(_sup("W", layer), f"({n}, {n_prev})"))
        name = "SIGMOID" if layer == last else "RELU"
        nodes[active] = _node("forward", name, under=(_sup("A", layer), f"({n}, *m*)"))
        frames.append(_frame("forward", _("layer {layer}").format(layer=layer), linear, active))
        groups.append([linear, active])
    nodes["answer"] = _node("data", _("answer"), look="plain")
    arrows = [_arrow(a, b, "forward") for a, b in pairwise(nodes)]
    halves = [_in_rows(groups, 2)] if len(groups) > 2 else []
    layouts = [_in_rows(groups, len(groups)), *halves, _stacked(groups)]
    chain = ", ".join(
        f"LINEAR W{layer} {(n, n_prev)}, {'SIGMOID' if layer == last else 'RELU'} A{layer} ({n}, m)"
        for layer, (n_prev, n) in enumerate(pairwise(dims), start=1)
    )
    alt = _("Network of {last} layers: X ({n}, m), {chain}, answer.").format(
        last=last, n=dims[0], chain=chain
    )
    return _figure(alt, nodes, arrows, layouts, frames)


def blocks(layers_dims: Sequence[int]) -> Data:
    """Describe the forward and backward blocks of each layer, and the caches between them."""
    dims = _checked(layers_dims)
    last = len(dims) - 1
    nodes = {
        "X": _node("data", f"*X* = {_sup('A', 0)}", look="plain"),
        "caches": _node("data", _("caches"), look="plain"),
        "dX": _node("backward", _sup("dA", 0), look="plain"),
    }
    arrows: list[Data] = []
    cells: Cells = {"X": [0, 0], "caches": [1, 0], "dX": [2, 0]}
    before, before_back, column = "X", "dX", 1
    for layer in _shown(last):
        f, c, b, g = (f"{name}{layer}" for name in ("forward", "cache", "backward", "gradients"))
        cells |= {f: [0, column], b: [2, column]}
        if layer is None:
            nodes |= {f: _node("forward", "· · ·", look="plain")}
            nodes |= {b: _node("backward", "· · ·", look="plain")}
        else:
            cells |= {c: [1, column], g: [3, column]}
            name = "SIGMOID" if layer == last else "RELU"
            a, w = _sup("A", layer - 1), _sup("W", layer)
            nodes[f] = _node("forward", f"LINEAR → {name}", f"{w}, {_sup('b', layer)}")
            nodes[c] = _node("data", f"{_sup('Z', layer)}, {a}", f"{w}, {_sup('b', layer)}")
            nodes[b] = _node("backward", f"{name} → LINEAR", _sup("dZ", layer))
            nodes[g] = _node("backward", _sup("dW", layer), _sup("db", layer), look="plain")
            arrows += [_arrow(f, c, "data"), _arrow(c, b, "data"), _arrow(b, g, "backward")]
        into = layer - 1 if layer else 2
        arrows.append(_arrow(before, f, "forward", _sup("A", into) if into else ""))
        arrows.append(_arrow(b, before_back, "backward", _sup("dA", into) if into else ""))
        before, before_back, column = f, b, column + 1
    nodes["cost"] = _node("data", _("cost"), "*J*")
    cells["cost"] = [1, column]
    arrows += [
        _arrow(before, "cost", "forward", _sup("A", last)),
        _arrow("cost", before_back, "backward", _sup("dA", last)),
    ]
    alt = _(
        "Forward and backward blocks of {last} layers of {sizes} units. Forward, layer l turns A[l-1] "
        "into A[l] with W[l] and b[l], and keeps Z[l], A[l-1], W[l] and b[l] in its cache. From the "
        "cost, backward block l reads that cache and turns dA[l] into dA[l-1], dW[l] and db[l]."
    ).format(last=last, sizes=", ".join(map(str, dims[1:])))
    return _figure(alt, nodes, arrows, [cells, _turned(cells)])


def linear_backward_box(n: int, n_prev: int, m: int) -> Data:
    """Describe `linear_backward` by its inputs and outputs."""
    if min(n, n_prev, m) < 1:
        raise ValueError(f"Sizes are 1 or more, not n = {n}, n_prev = {n_prev}, m = {m}.")
    a, w, b = f"({n_prev}, {m})", f"({n}, {n_prev})", f"({n}, 1)"
    nodes = {
        "dZ": _node("backward", "`dZ`", f"({n}, {m})"),
        "A_prev": _node("data", "`A_prev`", a),
        "W": _node("data", "`W`", w),
        "b": _node("data", "`b`", b),
        "box": _node("backward", "`linear_backward`", look="wide"),
        "dA_prev": _node("backward", "`dA_prev`", a, under=("*W*^{T} *dZ*",)),
        "dW": _node("backward", "`dW`", w, under=("*dZ* *A*_{prev}^{T} / *m*",)),
        "db": _node("backward", "`db`", b, under=("Σ *dZ* / *m*",)),
    }
    outputs = ("dA_prev", "dW", "db")
    arrows = [_arrow("dZ", "box", "backward")]
    arrows += [_arrow(name, "box", "data") for name in ("A_prev", "W", "b")]
    arrows += [_arrow("box", name, "backward") for name in outputs]
    cells: Cells = {name: [row, 0] for row, name in enumerate(("dZ", "A_prev", "W", "b"))}
    cells |= {name: [row + 0.5, 2] for row, name in enumerate(outputs)} | {"box": [1.5, 1]}
    alt = _(
        "linear_backward takes dZ {z} and the cache, A_prev {a}, W {w} and b {b}. "
        "It gives dA_prev {a}, dW {w} and db {b}."
    ).format(z=f"({n}, {m})", a=a, w=w, b=b)
    frames = [_frame("data", "`cache`", "A_prev", "W", "b")]
    return _figure(alt, nodes, arrows, [cells], frames)


def backward_pass(layers_dims: Sequence[int], *, old_names: bool = False) -> Data:
    """Describe the way back: per layer the activation, then linear_backward."""
    last = len(_checked(layers_dims)) - 1
    shift = 0 if old_names else 1  # the names of L_model_backward
    shown = _shown(last)
    column = len(shown)
    nodes = {"dAL": _node("backward", "`dAL`", look="plain")}
    cells: Cells = {"dAL": [0, column + 1]}
    arrows: list[Data] = []
    before, name = "dAL", ""
    for layer in reversed(shown):
        active, linear, out = (f"{part}{layer}" for part in ("active", "linear", "out"))
        cells[active] = [0, column]
        arrows.append(_arrow(before, active, "backward", name))
        if layer is None:
            nodes[active] = _node("backward", "· · ·", look="plain")
            before, name = active, f"`dA{3 - shift}`"
        else:
            kind = "sigmoid" if layer == last else "relu"
            nodes[active] = _node("backward", f"`{kind}_backward`")
            nodes[linear] = _node("backward", "`linear_backward`")
            nodes[out] = _node("backward", f"`dW{layer}`", f"`db{layer}`", look="plain")
            cells |= {linear: [1, column], out: [2, column]}
            arrows.append(_arrow(active, linear, "backward", f"`dZ{layer}`"))
            arrows.append(_arrow(linear, out, "backward"))
            before, name = linear, f"`dA{layer - shift}`"
        column -= 1
    nodes["end"] = _node("backward", name, look="plain")
    cells["end"] = [1, 0]
    arrows.append(_arrow(before, "end", "backward"))
    gradients = ", ".join(
        f"dA{layer - shift}, dW{layer}, db{layer}" for layer in range(last, 0, -1)
    )
    alt = _(
        "The backward pass of {last} layers, from dAL through sigmoid_backward and linear_backward, "
        "then relu_backward and linear_backward of each earlier layer. The gradients, in this order: "
        "{gradients}."
    ).format(last=last, gradients=gradients)
    end = len(shown) + 1
    down: Cells = {name: [end - column, row] for name, (row, column) in cells.items()}
    return _figure(alt, nodes, arrows, [cells, down])


# ---- their parts ----------------------------------------------------------------------------------


def _figure(
    alt: str, nodes: Data, arrows: list[Data], layouts: list[Cells], frames: Sequence[Data] = ()
) -> Data:
    """Put a figure together; the first layout turns corners sideways, the others downwards."""
    turns = ["h", *"v" * (len(layouts) - 1)]
    grids = [{"turn": turn, "cells": cells} for turn, cells in zip(turns, layouts, strict=True)]
    return {"alt": alt, "nodes": nodes, "arrows": arrows, "frames": [*frames], "layouts": grids}


def _node(kind: str, *lines: str, under: Sequence[str] = (), look: str = "box") -> Data:
    return {"kind": kind, "lines": list(lines), "under": list(under), "look": look}


def _arrow(start: str, end: str, kind: str, label: str = "") -> Data:
    return {"from": start, "to": end, "kind": kind, "label": label}


def _frame(kind: str, label: str, *members: str) -> Data:
    return {"kind": kind, "label": label, "members": list(members)}


def _sup(name: str, layer: int) -> str:
    """Write a name of the course with its layer: A^[1], as a mathematician does."""
    return f"*{name}*^{{[{layer}]}}"


def _turned(cells: Cells) -> Cells:
    """Return the layout with rows and columns exchanged: what went across goes down."""
    return {name: [column, row] for name, (row, column) in cells.items()}


def _in_rows(groups: list[list[str]], per_row: int) -> Cells:
    """Lay out the groups (of two nodes, or the dots) in rows of so many; X before, answer after."""
    cells: Cells = {"X": [0, 0]}
    column = row = 0
    for k, group in enumerate(groups):
        row, column = k // per_row, (column if k % per_row else 0)
        for name in group:
            column += 1
            cells[name] = [row, column]
    return cells | {"answer": [row, column + 1]}


def _stacked(groups: list[list[str]]) -> Cells:
    """Lay out one group below the other, for a phone."""
    cells: Cells = {"X": [0, 0], "answer": [len(groups) + 1, 1]}
    for k, group in enumerate(groups):
        cells |= {name: [k + 1, p] for p, name in enumerate(group)}
    return cells


def _shown(last: int) -> list[int | None]:
    """Return which layers are drawn; None stands for those left out.

    >>> _shown(3), _shown(6)
    ([1, 2, 3], [1, 2, None, 6])
    """
    return [*range(1, last + 1)] if last <= MOST_LAYERS else [1, 2, None, last]


def _checked(layers_dims: Sequence[int]) -> list[int]:
    dims = [int(n) for n in layers_dims]
    if len(dims) < 2 or min(dims) < 1:
        raise ValueError(f"A network needs two or more layers of one or more units, not {dims}.")
    return dims
