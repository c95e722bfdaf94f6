"""The matrices of one step as they stand in its formula; every entry says where it came from.

Hovering, tapping or walking over an entry of the output lights what it is made of, and the terms
stand below, ending in the number itself. All of that happens in the browser, from the numbers that
were sent. Matrices too large to send are shown by an overview and a window; moving the window is the
one thing that asks the server again.
"""

import base64
import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ui.address import Cell
from ui.components import component, source, told
from ui.style import diverging_scale
from ui.text import _
from ui.view import current

from nncore.activations import GREATEST_PROBABILITY, LEAST_PROBABILITY

KINDS = (
    "product", "relu", "sigmoid", "relu_backward", "sigmoid_backward", "cost", "dAL", "update",
)  # fmt: skip
PHASES = ("", "forward", "cost", "backward", "update")
AXES = ("i", "j", "k", "l")  # row and column of the output, what is summed, rows of a cost

MOST_COLUMNS, MOST_ROWS = 8, 12  # an axis no longer than this is shown whole
WIDTH, ROWS, LEAST = 900, 8, 3  # room for windows: in pixels, in rows, in columns of one matrix
MOST_TERMS = 6  # of a sum that is longer than its window
MOST_FED = 6  # entries that one entry goes into, at first
MOST_OVERVIEW = 128  # rows and columns of an overview
MOST_PICTURES = 24
SAMPLE = 10_000  # numbers that decide how a matrix is written

_EXPLORER = component(
    "matrix_explorer",
    html='<div class="explorer"></div>',
    js=source("dom.js", "matrix_explorer.js"),
    css=source("live.css", "matrix_explorer.css"),
)

Data = dict[str, Any]
Array = NDArray[Any]


class RuleLike(Protocol):
    """How one output comes about, entry by entry; `nncore.trace.Rule` is one."""

    @property
    def output(self) -> str:
        """The name of the output."""

    @property
    def kind(self) -> str:
        """One of `KINDS`."""

    @property
    def factors(self) -> tuple[tuple[str, str], ...]:
        """Names and index patterns, as ("W1", "ik"): i, j of the output, k summed, 0 fixed."""

    @property
    def addend(self) -> tuple[str, str] | None:
        """What is added to a product."""

    @property
    def scale(self) -> float | None:
        """1/m before a sum, or the learning rate of an update."""


@dataclass(frozen=True)
class Pinned:
    """The entry that the reader has pinned.

    Attributes
    ----------
    name : str
        An output.
    row, column : int
        Counted from 0.
    value : float
    """

    name: str
    row: int
    column: int
    value: float


@dataclass(frozen=True, eq=False)
class _Panel:
    """One matrix as it stands in the formula, perhaps transposed."""

    name: str
    part: str  # "factor", "addend" or "output"; of functions, what the argument is: "Z", "Y", ...
    rows: str  # the axis that its rows are: i, j, k, l, or 0 where there is but one
    columns: str
    transposed: bool
    array: Array  # as it stands in the formula, two axes
    shape: tuple[int, ...]  # as it is stored


def matrix_explorer(
    *,
    key: str,
    rules: Sequence[RuleLike],
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any],
    phase: str = "",
    axes: Mapping[str, tuple[str, str]] | None = None,
    names: Mapping[str, str] | None = None,
    pinned: Cell | None = None,
    arrive: bool = False,
    pictures: bool = False,
    height: int | None = None,
    elsewhere: Mapping[str, str] | None = None,
    on_leave: Callable[[Cell, Cell | None], None] | None = None,
) -> Pinned | None:
    """Show the matrices of a step, formula by formula, and return the entry that is pinned.

    Parameters
    ----------
    key : str
        The Streamlit key; one explorer, one key.
    rules : sequence of RuleLike
        One formula for each output; with several, the reader chooses.
    inputs, outputs : mapping of str to ndarray
        The very arrays of the step. A factor that is no input is looked for among the outputs, so
        that a step may go through Z to A.
    phase : {"", "forward", "cost", "backward", "update"}
        Decides the accent.
    axes : mapping of str to (str, str), optional
        What the rows and the columns of an array are, in the singular, where it is not what the
        course's names say: ``{"A0": ("pixel value", "example")}``.
    names : mapping of str to str, optional
        How a name is written, where otherwise.
    pinned : (str, int, int), optional
        The entry that is pinned until the reader pins or releases one.
    arrive : bool
        Whether the reader comes for that entry, so that it is brought into view.
    pictures : bool
        Whether the rows of W1 or dW1 can be seen as pictures.
    height : int, optional
        In pixels; by default what the matrices need at desktop width. Where lines break, the
        component grows by itself.
    elsewhere : mapping of str to str, optional
        Inputs that were made before, outside of these formulas, and where: ``{"A1": "step 2"}``.
    on_leave : callable, optional
        Called, before the page is drawn anew, with the entry of one of them that shall be seen made,
        and the entry that was on the screen, if there was one.

    Raises
    ------
    ValueError
        If a rule names an array that is not there, or shapes do not fit each other.
    """
    view = _stored(key)
    asked = _led_to(key, view)
    if asked is not None:
        view = (view or {}) | {"pinned": asked, "windows": {}}
    data = explorer_data(
        rules=rules,
        inputs=inputs,
        outputs=outputs,
        phase=phase,
        axes=axes,
        names=names,
        view=view if view is not None else {"pinned": pinned},
        pictures=pictures,
        elsewhere=elsewhere,
    )
    data |= {"key": key, "height": height or data["height"]}
    # What is held already does not change what is on the screen.
    shown = data | {"images": data["images"]["id"]}
    data["hash"] = hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]
    data["echo"] = echo(view)
    data["arrive"], data["present"] = arrive, current().present
    data["led"] = st.session_state.get(f"{key} led", 0)
    data["pinned"] = checked_pin(view.get("pinned") if view is not None else pinned, rules, outputs)

    def leave() -> None:
        left = _left(key, elsewhere or {}, rules, inputs, outputs)
        if left is not None and on_leave is not None:
            on_leave(*left)

    _EXPLORER(
        key=key,
        data=data,
        height=data["height"],
        on_view_change=_nothing,
        on_leave_change=leave,
    )
    if data["pinned"] is None:
        return None
    name, row, column = data["pinned"]
    return Pinned(name, row, column, float(np.atleast_2d(outputs[name])[row, column]))


def lead_to(key: str, cell: Cell) -> None:
    """Pin an entry of the explorer with this key at its next run, and bring it into view."""
    st.session_state[f"{key} led"] = st.session_state.get(f"{key} led", 0) + 1
    st.session_state[f"{key} asked"] = (cell, echo(_stored(key)))


def _led_to(key: str, view: Mapping[str, Any] | None) -> Cell | None:
    """Return the entry that `lead_to` asked for, until the browser says something newer."""
    cell, at = st.session_state.get(f"{key} asked", (None, 0))
    if cell is not None and echo(view) != at:
        del st.session_state[f"{key} asked"]
        return None
    return cell


def _left(
    key: str,
    elsewhere: Mapping[str, str],
    rules: Sequence[RuleLike],
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any],
) -> tuple[Cell, Cell | None] | None:
    """Return the entry that the browser wants to see made, and that from which it comes."""
    said = told(key, "leave")
    goal = said.get("to") if isinstance(said, Mapping) else None
    if not isinstance(goal, list | tuple) or len(goal) != 3 or goal[0] not in [*elsewhere]:
        return None
    rows, columns = np.atleast_2d(inputs[goal[0]]).shape
    row, column = _whole(goal[1], rows), _whole(goal[2], columns)
    if row is None or column is None:
        return None
    came = checked_pin(said.get("from"), rules, outputs)
    return (goal[0], row, column), None if came is None else (came[0], came[1], came[2])


def _nothing() -> None:
    """The state is read at the next run; nothing needs to happen in between."""


def _stored(key: str) -> dict[str, Any] | None:
    """Return what the browser sent last, as far as it is a dict; None before it sent anything."""
    view = told(key, "view")
    return dict(view) if isinstance(view, Mapping) else None


# ---- what the browser sends is checked, never trusted ----------------------------------------------


def _whole(value: Any, n: int) -> int | None:
    """Return a whole number from 0 to n - 1, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value) if value == int(value) and 0 <= value < n else None


def echo(view: Any) -> int:
    """Return the number that the browser gave its last message, 0 where there is none."""
    return _whole(view.get("n"), 2**31) or 0 if isinstance(view, Mapping) else 0


def checked_pin(
    pin: Any, rules: Sequence[RuleLike], outputs: Mapping[str, Any]
) -> list[Any] | None:
    """Return [name, row, column] of an entry of an output that has a rule, or None.

    >>> checked_pin(["Z1", 9, 0], [], {})
    """
    if not isinstance(pin, list | tuple) or len(pin) != 3:
        return None
    name = pin[0]
    if not isinstance(name, str) or name not in {rule.output for rule in rules}:
        return None
    rows, columns = np.atleast_2d(outputs[name]).shape
    row, column = _whole(pin[1], rows), _whole(pin[2], columns)
    return None if row is None or column is None else [name, row, column]


def _wanted(view: Mapping[str, Any], output: str) -> dict[str, int]:
    """Return where the windows of a formula shall begin, as far as the browser said something."""
    windows = view.get("windows")
    starts = windows.get(output) if isinstance(windows, Mapping) else None
    found = {}
    for axis, start in starts.items() if isinstance(starts, Mapping) else ():
        whole = _whole(start, 2**31)
        if axis in AXES and whole is not None:
            found[axis] = whole
    return found


# ---- what the browser needs -------------------------------------------------------------------------


def explorer_data(
    *,
    rules: Sequence[RuleLike],
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any],
    phase: str = "",
    axes: Mapping[str, tuple[str, str]] | None = None,
    names: Mapping[str, str] | None = None,
    view: Mapping[str, Any] | None = None,
    pictures: bool = False,
    elsewhere: Mapping[str, str] | None = None,
) -> Data:
    """Return what the browser needs to show the formulas, ready for JSON.

    The parameters are those of `matrix_explorer`; `view` is what the browser sent last.
    """
    if not rules:
        raise ValueError("There is no rule: an explorer needs one for each output.")
    if phase not in PHASES:
        raise ValueError(f"{phase!r} is no phase: it needs to be one of {PHASES}.")
    view = view or {}
    pin = checked_pin(view.get("pinned"), rules, outputs)
    formulas = [
        _formula(rule, inputs, outputs, axes or {}, names or {}, view, pin, pictures)
        for rule in rules
    ]
    made = {formula["output"]: k for k, formula in enumerate(formulas)}
    for formula in formulas:
        for panel in formula["panels"]:
            of = made.get(panel["name"])  # an input that another of these formulas makes
            is_output = panel["part"] == "output"
            panel["madeBy"] = None if is_output or panel["name"] in inputs else of
            panel["madeIn"] = None if is_output else (elsewhere or {}).get(panel["name"])
    blobs = _blobs(formulas)
    known = hashlib.sha256("".join(blobs.values()).encode()).hexdigest()[:16]
    return {
        "phase": phase,
        "formulas": formulas,
        "images": {"id": known, "blobs": None if view.get("images") == known else blobs},
        "signs": {theme: [stop[1] for stop in diverging_scale(theme)] for theme in _THEMES},
        "text": _text(),
        "height": _height(formulas),
    }


_THEMES = ("light", "dark")


def _blobs(formulas: Sequence[Data]) -> dict[str, str]:
    """Take the images out of the formulas, where their names stay: the same one is sent once."""
    names: dict[str, str] = {}
    for formula in formulas:
        for panel in formula["panels"]:
            for image in filter(None, (panel["overview"], panel["pictures"])):
                image["image"] = names.setdefault(image["image"], f"{len(names)}")
    return {name: blob for blob, name in names.items()}


def _formula(
    rule: RuleLike,
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any],
    nouns: Mapping[str, tuple[str, str]],
    names: Mapping[str, str],
    view: Mapping[str, Any],
    pin: list[Any] | None,
    pictures: bool,
) -> Data:
    """Describe one formula: its matrices, its axes, and the terms that the browser cannot know."""
    panels = _panels(rule, inputs, outputs)
    sizes = _sizes(panels)
    lengths = window_lengths(panels, sizes)
    starts = _wanted(view, rule.output)
    if pin and pin[0] == rule.output and not starts:
        ahead = panels[-1]
        starts = {axis: at - lengths[axis] // 2
                  for axis, at in ((ahead.rows, pin[1]), (ahead.columns, pin[2]))
                  if axis in lengths}  # fmt: skip
    windows = {
        axis: [max(0, min(starts.get(axis, 0), sizes[axis] - lengths[axis])), lengths[axis]]
        for axis in sizes
    }
    label = {panel.name: names.get(panel.name, panel.name) for panel in panels}
    again = any(panel.name == rule.output for panel in panels[:-1])
    described = [
        {
            "name": panel.name,
            "label": label[panel.name],
            "new": again and panel.part == "output",  # W1 on both sides of its update
            "part": panel.part,
            "transposed": panel.transposed,
            "rows": panel.rows,
            "columns": panel.columns,
            "shape": [int(n) for n in panel.shape],
            "size": [int(n) for n in panel.array.shape],
            "tone": _tone(panel.name),
            "limit": limit,
            **_written(panel.array),
            "values": _numbers(_window(panel, windows)),
            "overview": _overview(panel, windows, limit),
            "pictures": _pictures(panel) if pictures else None,
        }
        for panel, limit in zip(panels, _limits(rule, panels), strict=True)
    ]
    m = round(1 / abs(rule.scale)) if rule.scale else 0
    fraction = rule.kind in ("product", "cost") and m > 0 and abs(rule.scale or 0) == 1 / m
    return {
        "output": rule.output,
        "kind": rule.kind,
        "equation": _equation(rule, panels, label),
        "scale": rule.scale,
        "m": m if fraction else None,
        "panels": described,
        "axes": {axis: _axis(axis, n, panels, nouns) for axis, n in sizes.items()},
        "windows": windows,
        "sums": _sums(rule, panels, windows),
    }


def _panels(rule: RuleLike, inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> list[_Panel]:
    """Put the matrices in the order of the formula, the output last, each the way round it needs."""
    if rule.kind not in KINDS:
        raise ValueError(f"{rule.kind!r} is no kind of rule: it needs to be one of {KINDS}.")
    panels = []
    for name, pattern in rule.factors:
        panels.append(_panel(rule, name, pattern, _part(rule, name), inputs, outputs))
    if rule.addend is not None:
        panels.append(_panel(rule, *rule.addend, "addend", inputs, outputs))
    pattern = "00" if rule.kind == "cost" else "ij"
    if rule.kind == "product":  # a plain sum along rows or columns leaves one column or row
        letters = "".join(pattern for _name, pattern in rule.factors)
        pattern = ("i" if "i" in letters else "0") + ("j" if "j" in letters else "0")
    if rule.output not in outputs:
        raise ValueError(f"{rule.output} is not among the outputs {sorted(outputs)}.")
    panels.append(_panel(rule, rule.output, pattern, "output", {}, outputs))
    return panels


def _part(rule: RuleLike, name: str) -> str:
    """Say which argument of a function an array is; of a product or an update, a factor."""
    if rule.kind in ("cost", "dAL"):
        return "Y" if name.startswith("Y") else "AL"
    if rule.kind in ("relu_backward", "sigmoid_backward"):
        return "dA" if name.startswith("d") else "A" if name.startswith("A") else "Z"
    if rule.kind == "update":
        return "change" if name.startswith("d") else "parameter"
    return "factor"


def _panel(
    rule: RuleLike,
    name: str,
    pattern: str,
    part: str,
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any],
) -> _Panel:
    if name not in inputs and name not in outputs:
        raise ValueError(f"{name} of the rule for {rule.output} is not among the arrays.")
    stored = np.asarray(inputs[name] if name in inputs else outputs[name])
    if stored.ndim > 2:
        raise ValueError(f"{name} has shape {stored.shape}: an explorer needs one or two axes.")
    array = np.atleast_2d(stored)
    if rule.kind == "cost" and part != "output":
        pattern = "lk"  # every entry is summed
    elif rule.kind not in ("product", "cost"):
        pattern = "ij"  # entry by entry
    transposed = pattern in ("ki", "jk", "ji")
    rows, columns = (pattern[::-1] if transposed else pattern)[:2]
    return _Panel(
        name, part, rows, columns, transposed, array.T if transposed else array, stored.shape
    )


def _sizes(panels: Sequence[_Panel]) -> dict[str, int]:
    """Return the length of each axis; all matrices must agree on it."""
    sizes: dict[str, int] = {}
    for panel in panels:
        for axis, n in zip((panel.rows, panel.columns), panel.array.shape, strict=True):
            if n == 0:
                raise ValueError(f"{panel.name} has shape {panel.shape}: there is no entry.")
            expected = 1 if axis == "0" else sizes.setdefault(axis, n)
            if n != expected:
                shapes = ", ".join(f"{p.name} {p.shape}" for p in panels)
                raise ValueError(
                    f"{panel.name} has {n} along {axis} where {expected} is needed: {shapes}."
                )
    return sizes


def window_lengths(panels: Sequence[_Panel], sizes: Mapping[str, int]) -> dict[str, int]:
    """Return how much of each axis is shown: all of a short one, of a long one what has room."""
    used = {panel.columns for panel in panels}
    lengths = {
        axis: n if n <= (MOST_COLUMNS if axis in used else MOST_ROWS) else ROWS
        for axis, n in sizes.items()
    }
    long = [axis for axis, n in sizes.items() if lengths[axis] < n and axis in used]
    cells = [(panel.columns, _cell_width(panel.array)) for panel in panels]

    def width() -> float:
        return sum(46 + lengths.get(axis, 1) * cell for axis, cell in cells)

    while width() > WIDTH:
        widest = max(long, key=lambda axis: lengths[axis], default=None)
        if widest is None or lengths[widest] <= LEAST:
            break
        lengths[widest] -= 1
    return lengths


def _cell_width(array: Array) -> float:
    """Estimate how wide the numbers of a matrix are written, in pixels."""
    written = _written(array)
    whole = len(str(int(largest(array) / 10.0 ** written["power"])))
    return 6.5 * (1 + whole + written["decimals"]) + 16


def _span(axis: str, windows: Mapping[str, Sequence[int]]) -> slice:
    start, n = windows.get(axis, (0, 1))
    return slice(start, start + n)


def _window(panel: _Panel, windows: Mapping[str, Sequence[int]]) -> Array:
    return panel.array[_span(panel.rows, windows), _span(panel.columns, windows)]


def _numbers(array: Array) -> list[list[float | str]]:
    """Return rows of numbers for JSON, which knows no NaN and no infinity: these become words."""
    return [[_number(value) for value in row] for row in array]


def _number(value: Any) -> float | str:
    value = float(value)
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _finite(array: Array) -> Array:
    values = np.asarray(array, dtype=np.float64)
    return values if np.isfinite(values).all() else values[np.isfinite(values)]


def largest(array: Array) -> float:
    """Return the largest size of a finite number; 0 where there is none."""
    values = _finite(array)
    return float(max(values.max(), -values.min(), 0.0)) if values.size else 0.0


def _limits(rule: RuleLike, panels: Sequence[_Panel]) -> list[float]:
    """Return the limit of each matrix's colours; matrices to be compared share one."""
    limits = [largest(panel.array) for panel in panels]
    together = {"relu": "factor", "relu_backward": "dA", "update": "parameter"}.get(rule.kind)
    if together:
        pair = [k for k, panel in enumerate(panels) if panel.part in (together, "output")]
        both = max(limits[k] for k in pair)
        return [both if k in pair else limit for k, limit in enumerate(limits)]
    return limits


def _written(array: Array) -> dict[str, int]:
    """Return how the numbers of a matrix are written: decimals, and a common power of ten.

    Four significant digits for a typical number; a power of ten where that would take many zeros.
    """
    flat = _finite(array).ravel()
    sizes = np.abs(flat[:: max(1, flat.size // SAMPLE)])
    sizes = sizes[sizes > 0]
    top = largest(array)
    if top == 0 or not sizes.size or (top < 1e6 and bool(np.all(sizes == np.round(sizes)))):
        return {"decimals": 0, "power": 0}
    if 1e-3 <= top < 1e5:
        typical = max(float(np.median(sizes)), top / 100)
        whole = max(1, math.floor(math.log10(top)) + 1)
        decimals = 3 - math.floor(math.log10(typical))
        return {"decimals": max(0, min(decimals, 5, 8 - whole)), "power": 0}
    return {"decimals": 3, "power": math.floor(math.log10(top))}


def _tone(name: str) -> str:
    """Say what a name is drawn in: what goes forward, what comes backward, what is neither."""
    return "backward" if name.startswith("d") else "forward" if name[0] in "AZ" else "ink"


# ---- axes ------------------------------------------------------------------------------------------


def _axis(
    axis: str, n: int, panels: Sequence[_Panel], nouns: Mapping[str, tuple[str, str]]
) -> Data:
    """Say what an axis counts: the first matrix that was named knows, else W, else the others."""
    known = [panel for panel in panels if panel.name in nouns]
    weights = [panel for panel in panels if panel.name.lstrip("d")[0] in "Wb"]
    for panel in (*known, *weights, *panels):
        both = nouns.get(panel.name) or _nouns(panel.name)
        stored = both[::-1] if panel.transposed else both
        for letter, noun in zip((panel.rows, panel.columns), stored, strict=True):
            if letter == axis and noun:
                return {"n": n, "one": _(noun), "many": _plural(noun)}
    return {"n": n, "one": _("row"), "many": _("rows")}


def _nouns(name: str) -> tuple[str, str]:
    """Say what rows and columns are, by the course's letters."""
    letter = name.lstrip("d")[0]
    if letter == "W":
        return "unit", "input"
    if letter == "b":
        return "unit", ""
    if name in ("X", "A0", "dA0") or name.endswith("_prev"):
        return "input", "example"
    return ("unit", "example") if letter in "AZY" else ("row", "column")


def _plural(noun: str) -> str:
    known = {
        "unit": _("units"),
        "input": _("inputs"),
        "example": _("examples"),
        "row": _("rows"),
        "column": _("columns"),
    }
    return known.get(noun, noun + "s")


def _equation(rule: RuleLike, panels: Sequence[_Panel], label: Mapping[str, str]) -> str:
    """Write the formula in one line of plain text, as it is read aloud."""
    out = label[rule.output]
    names = {panel.part: label[panel.name] for panel in panels}
    match rule.kind:
        case "product":
            factors = [p for p in panels if p.part == "factor"]
            marked = [label[p.name] + ("ᵀ" if p.transposed else "") for p in factors]
            total = marked[0] if len(marked) > 1 else f"Σ {marked[0]}"
            right = " · ".join([total, *marked[1:]])
            if rule.scale is not None:
                right = f"1/m · {right}"
            return f"{out} = {right}" + (f" + {names['addend']}" if rule.addend else "")
        case "relu":
            return f"{out} = max(0, {names['factor']})"
        case "sigmoid":
            return f"{out} = σ({names['factor']})"
        case "relu_backward":
            return f"{out} = {names['dA']} {_('where')} {names.get('Z', names.get('A'))} > 0"
        case "sigmoid_backward":
            s = f", s = σ({names['Z']})" if "Z" in names else ""
            return f"{out} = {names['dA']} ∗ s (1 − s){s}"
        case "update":
            return f"{out} := {names['parameter']} − α · {names['change']}"
        case "dAL":
            a, y = names["AL"], names["Y"]
            return f"{out} = −({y} / {a} − (1 − {y}) / (1 − {a}))"
        case _:
            a, y = names["AL"], names["Y"]
            return f"J = −1/m · Σ ({y} log {a} + (1 − {y}) log(1 − {a}))"


# ---- what is too large to send ----------------------------------------------------------------------


def _sums(
    rule: RuleLike, panels: Sequence[_Panel], windows: Mapping[str, Sequence[int]]
) -> list[list[Data]] | None:
    """Explain each entry of the output's window where the sum reaches beyond its own window.

    A sum is told by its largest terms, each with where it stands and its numbers, and by what all
    others come to. None where the browser has every number of it.
    """
    factors = [panel for panel in panels if panel.part not in ("output", "addend")]
    summed = {axis for panel in factors for axis in (panel.rows, panel.columns)} - {"i", "j", "0"}
    n = {axis: panel.array.shape[where] for panel in factors
         for where, axis in enumerate((panel.rows, panel.columns)) if axis in summed}  # fmt: skip
    if all(windows[axis][1] == n[axis] for axis in n):
        return None
    out = panels[-1]
    rows = range(*_span(out.rows, windows).indices(out.array.shape[0]))
    columns = range(*_span(out.columns, windows).indices(out.array.shape[1]))
    return [[_sum(rule, factors, i, j) for j in columns] for i in rows]


def _sum(rule: RuleLike, factors: Sequence[_Panel], i: int, j: int) -> Data:
    """Explain one entry by its largest terms."""
    at = {"i": i, "j": j, "0": 0}
    parts = [
        np.asarray(
            panel.array[at.get(panel.rows, slice(None)), at.get(panel.columns, slice(None))],
            dtype=np.float64,
        ).ravel()
        for panel in factors
    ]
    terms = term_values(rule.kind, [panel.part for panel in factors], parts)
    with np.errstate(all="ignore"):
        sizes = np.nan_to_num(np.abs(terms), nan=np.inf)
        shown = np.argpartition(-sizes, min(MOST_TERMS, len(terms) - 1))[:MOST_TERMS]
        shown = shown[np.argsort(-sizes[shown], kind="stable")]
        rest = float(np.sum(np.delete(terms, shown)))
    wide = factors[0].array.shape[1]  # of a cost, whose terms stand in rows and columns
    places = [divmod(int(t), wide) if rule.kind == "cost" else (0, int(t)) for t in shown]
    return {
        "at": [list(place) for place in places],
        "parts": [[_number(part[t]) for part in parts] for t in shown],
        "others": len(terms) - len(shown),
        "rest": _number(rest),
    }


def term_values(kind: str, names: Sequence[str], parts: Sequence[Array]) -> Array:
    """Return the terms of a sum: products, or of a cost what each label and answer come to."""
    with np.errstate(all="ignore"):
        if kind == "cost":
            named = dict(zip(names, parts, strict=True))
            a, y = named["AL"], named["Y"]
            a = np.where(a == 0, LEAST_PROBABILITY, np.where(a == 1, GREATEST_PROBABILITY, a))
            return y * np.log(a) + (1 - y) * np.log(1 - a)
        return np.asarray(math.prod(parts[1:], start=parts[0]))


def overview(array: Array, most: int = MOST_OVERVIEW) -> Array:
    """Make a matrix no larger than most × most: of each block, the number of the largest size.

    >>> overview(np.array([[1.0, -3.0, 2.0, 0.0]]), most=2)
    array([[-3.,  2.]])
    """
    values = np.asarray(array, dtype=np.float64)
    if not np.isfinite(values).all():
        values = np.nan_to_num(values, posinf=0.0, neginf=0.0)
    # The long axis first: what lies in between is small then.
    for axis in np.argsort(-np.array(values.shape), kind="stable"):
        n = values.shape[axis]
        if n > most:
            starts = np.arange(most) * n // most
            high = np.maximum.reduceat(values, starts, axis=axis)
            low = np.minimum.reduceat(values, starts, axis=axis)
            values = np.where(high >= -low, high, low)
    return values


def indices(values: Array, limit: float) -> NDArray[np.uint8]:
    """Scale signed numbers to 1 to 255 with zero at 128."""
    scaled = np.nan_to_num(values / (limit or 1.0))
    return np.asarray(128 + np.round(127 * np.clip(scaled, -1, 1)), dtype=np.uint8)


def _packed(values: Array, limit: float) -> str:
    return base64.b64encode(indices(values, limit).tobytes()).decode()


def _overview(panel: _Panel, windows: Mapping[str, Sequence[int]], limit: float) -> Data | None:
    """Draw the whole of a matrix of which only a window is sent."""
    if _window(panel, windows).shape == panel.array.shape:
        return None
    small = overview(panel.array)
    rows, columns = small.shape
    return {"rows": rows, "columns": columns, "image": _packed(small, limit)}


def _pictures(panel: _Panel) -> Data | None:
    """Draw each row of W1 or dW1 as a picture: of each pixel, the mean over its three channels."""
    if len(panel.shape) != 2:
        return None
    side = math.isqrt(panel.shape[-1] // 3)
    fits = side >= 8 and len(panel.shape) == 2 and 3 * side * side == panel.shape[1]
    if not fits or panel.name.lstrip("d")[0] != "W" or panel.transposed:
        return None
    rows = _finite(panel.array[:MOST_PICTURES]).reshape(-1, side * side, 3).mean(axis=2)
    limit = largest(rows)
    return {"side": side, "count": len(rows), "limit": limit, "image": _packed(rows, limit)}


# ---- room and words ---------------------------------------------------------------------------------

HEAD, ABOVE, ROW, BELOW, TOLD, JUMP = 52, 92, 30, 28, 68, 48  # as in the CSS
TERM, CHOICE, ACROSS = 70, 41, 820  # a line of terms or of buttons, and how wide it is


def _height(formulas: Sequence[Data]) -> int:
    """Return the height in pixels that the tallest formula needs where nothing wraps."""
    tallest = 0
    for formula in formulas:
        rows = max(len(panel["values"]) for panel in formula["panels"])
        moving = [panel for panel in formula["panels"] if panel["overview"]]
        extra = JUMP if moving else 0
        extra += max((88 if panel["size"][0] > 16 else 28 for panel in moving), default=0)
        tallest = max(tallest, ABOVE + rows * ROW + BELOW + extra + TOLD + _told(formula))
    return _head(formulas) + tallest


def _head(formulas: Sequence[Data]) -> int:
    """Estimate the height of the buttons that choose a formula."""
    lines, across = 1, 0.0
    for formula in formulas:
        width = 8.4 * len(formula["equation"]) + 32
        if across and across + width > ACROSS:
            lines, across = lines + 1, 0.0
        across += width
    return HEAD + (lines - 1) * CHOICE


def _told(formula: Data) -> int:
    """Estimate the height that the terms of any entry of a formula need, pinned ones with all digits.

    The browser measures it; what is right here already does not move the page.
    """
    if formula["kind"] not in ("product", "cost"):
        return 124
    k = formula["axes"].get("k", {"n": 1})["n"]
    terms = min(k, MOST_TERMS + 1 if formula["sums"] else k)
    made = 8 + TERM * math.ceil((terms + 1) * 290 / ACROSS)
    out = formula["panels"][-1]
    into = 40
    for panel in formula["panels"]:
        if panel["part"] == "factor":
            fed = out["size"][1] if panel["rows"] == "i" else out["size"][0]
            into = max(into, 62 + TERM * math.ceil(min(fed, MOST_FED) * 250 / ACROSS))
    return max(made, into)


def _text() -> dict[str, str]:
    """Return the short strings; what stands in braces is filled in by the browser."""
    return {
        "new": _("new"),
        "formula": _("Formula"),
        "row": _("row"),
        "column": _("column"),
        "of": _("of"),
        "fromOne": _("counted from 1"),
        "pin": _("Click, tap or Enter pins it"),
        "keep": _("Click, tap or Enter keeps it"),
        "pinned": _("Pinned"),
        "release": _("Release"),
        "numbers": _("Numbers"),
        "pictures": _("As pictures"),
        "pictureNote": _("each pixel: the mean of its red, green and blue number; ±{limit}"),
        "others": _("the other {n} terms together"),
        "rounding": _("rounding"),
        "roundingNote": _("Added in another order than NumPy does, the last digit can differ."),
        "colour": _("colour: ±{limit}"),
        "feeds": _("It goes into {n} entries of {output}, all of {where}."),
        "feedsOne": _("It goes into one entry of {output}: {where}."),
        "feedsAdded": _("It is added to {n} entries of {output}, all of {where}."),
        "feedsAll": _("It goes into every one of the {n} entries of {output}."),
        "feedsIt": _("It goes into {output}."),
        "where": _("where"),
        "more": _("and {n} more"),
        "passes": _("{z} > 0: the gradient passes"),
        "stops": _("{z} ≤ 0: the gradient stops"),
        "kept": _("{z} > 0: it stays"),
        "cut": _("{z} ≤ 0: it becomes 0"),
        "madeBy": _("How {name} was made"),
        "madeIn": _("How {name} was made, in {step}"),
        "showIt": _("Show {name}"),
        "chain": _("The whole chain"),
        "largest": _("the largest term is followed"),
        "given": _("Here the way ends: no formula above makes {names}."),
        "trail": _("The way come"),
        "jump": _("Go to"),
        "overview": _(
            "All of {name}; the frame shows rows {a} to {b}, columns {c} to {d}. Drag it."
        ),
        "grid": _("{name}, {rows} × {columns}"),
        "plus": _("plus"),
        "times": _("times"),
        "equals": _("equals"),
        "term": _("See these in the matrices"),
    }
