"""A documented case on the screen: the formula, its matrices with every number explained, the code.

Every lesson shows its cases with `documented_case`. Inputs can be changed, and everything follows. The
entry that is pinned stands in the address: ``?case=linear_backward_v4&cell=dW.2.1``.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

import ui.matrix as matrix
from ui import view
from ui.address import choice, read_cell, write_cell
from ui.components import picked
from ui.components.matrix_explorer import lead_to
from ui.components.numbers_table import numbers_table
from ui.formulas import activation_of, can_explore, explained, explore_case, formulas
from ui.frame import TEXT_WIDTH
from ui.listing import offer_code, show_lines
from ui.matrix import scientific
from ui.text import _, plain
from ui.worked import aligned

import nncore
from nncore.activations import sigmoid
from nncore.cases import EQUATIONS, Case, Comparison, cases, compare
from nncore.forward import L_model_forward

MOST_UNITS, MOST_SIZES = 20, 8  # of a layer, and of layers, to look at
IN_ONE_ITERATION = (  # functions whose cases that page shows, too
    "L_model_forward", "linear_backward", "linear_activation_backward", "L_model_backward",
)  # fmt: skip
FEW = 8  # so many documented numbers are shown at once; more of them stand one click away

# Formulas a little larger than prose; on a phone small enough for a matrix of five columns.
STYLE = """
<style>
.stMainBlockContainer .katex-display { margin: 0.3em 0 0.7em; }
.stMainBlockContainer p + .katex-display { margin-top: -0.5em; } /* its name belongs to it */
.stMainBlockContainer .katex-display:last-child { margin-bottom: 1.3em; }
.stMainBlockContainer .katex-display > .katex { font-size: 1.1em; }
.stElementContainer[width="fit-content"] .katex-display > .katex { text-align: left; }
@media (max-width: 640px) {
  .stMainBlockContainer .katex-display > .katex { font-size: 0.9em; }
}
</style>
"""


@st.fragment
def documented_case(
    ids: Sequence[str], before: Callable[[Case], None] = lambda _case: None
) -> None:
    """Let the reader choose a documented case, and show it: a change runs this part of a page alone.

    Parameters
    ----------
    ids : sequence of str
        The first is shown where nothing was chosen.
    before : callable
        Shows what stands between the choice and the case.
    """
    with st.container(key="documented_case"):
        case = choose_case(ids)
        if "controls" in view.current().hidden:  # and the choice, which names it
            st.subheader(title(case), anchor=False)
        before(case)
        show_case(case)


def choose_case(ids: Sequence[str]) -> Case:
    """Let the reader choose a documented case; what was looked at in One iteration stays there."""
    id = choice(
        st.selectbox,
        _("Documented case"),
        case_titles(ids),
        key="case",
        default=ids[0],
        foreign=was_chosen_elsewhere("lesson"),
    )
    return cases()[id]


def was_chosen_elsewhere(kind: str) -> bool:
    """Say whether the session's case was chosen on a page of another kind; it now is of this one.

    There are two kinds, "lesson" and "iteration". What the address names is meant for its page.
    """
    before = st.session_state.get("case_of", "lesson")
    st.session_state["case_of"] = kind
    return before != kind and "case" not in st.query_params


def case_titles(ids: Iterable[str] | None = None) -> dict[str, str]:
    """Return the names of these cases, or of all, by their ids."""
    return {id: title(cases()[id]) for id in (cases() if ids is None else ids)}


def title(case: Case) -> str:
    """Name a case as a person would: the function, and what sets this case apart."""
    variant = case.id.removeprefix(case.function).strip("_").replace("_", " ")
    named = {
        "1hidden": _("one hidden layer"),
        "2hidden": _("two hidden layers"),
        "v3": _("edition 3"),
        "v4": _("edition 4"),
        "cache": _("the cache"),
        "relu": "ReLU",
    }
    variant = "" if case.function == "numpy.sum" else named.get(variant, variant)
    return f"{case.function} ({variant})" if variant else case.function


def show_case(case: Case) -> None:
    """Show a documented case, to be followed and changed.

    Parameters
    ----------
    case : Case
        From `nncore.cases.cases()`.
    """
    st.caption(
        _("`{call}`, with {draws}. Printed in {sources}.").format(
            call=case.call, draws=plain(case.draws), sources=", ".join(case.sources)
        ),
        width=TEXT_WIDTH,
        help=_(
            "N1 and N3 are the assignment in its edition 3, N2 and N4 in edition 4; N1 holds the cat "
            "application, too, and N5 is that alone. The number behind it is the section."
        ),
    )
    st.html(STYLE)
    formula = aligned(*(f"& {line}" for line in EQUATIONS[case.function]))
    st.markdown(matrix.together(_("**The formula**"), matrix.display(formula)), width="content")
    inputs, changed = _inputs(case)
    outputs = _outputs(case, inputs) if inputs else {}
    if outputs:
        st.markdown(
            _("**With your numbers in**") if changed else _("**With this case's numbers in**")
        )
        if can_explore(case):
            explore(case, inputs)
            _note_what_was_drawn(inputs)
            note_names(inputs)
            _way_to_iteration(case)
            _show_rest(case, inputs, outputs)
        else:
            _show_draws(inputs, outputs)
            _write_pin(None)
        if not _finite(outputs):
            st.warning(
                _(
                    "An output is not a finite number: somewhere on the way a number grew beyond "
                    "the largest float, about 1.8e308, or 0 was divided by 0."
                )
            )
        if changed:
            st.info(
                _(
                    "The inputs are yours now, so the documented numbers no longer apply: what you "
                    "see is what the function makes of your inputs."
                )
            )
        else:
            show_comparisons(compare(case, outputs), case, explorer_key(case))
    tree = cache_tree(case, inputs) if outputs else ""
    if tree:
        with st.expander(_("What the cache keeps, and who will read it")):
            show_lines(tree)
            st.caption(
                _(
                    "`linear_backward` reads the linear cache: `A_prev` for `dW`, `W` for `dA_prev`; "
                    "of `b` it needs the shape alone. The activation's own way back reads `Z`, for "
                    "the slope. The cache holds the very arrays, not copies."
                )
            )
    title = _("The code that runs")
    if case.function == "numpy.sum":
        calls = "\n".join(f"np.sum(A, {name})" for name in case.expected)
        offer_code(title, "code_that_runs", calls)
    else:
        offer_code(
            title,
            "code_that_runs",
            getattr(nncore, case.function),
            note=_(
                "The function of nncore itself, read from its file; only its docstring is left out."
            ),
        )


# What goes in --------------------------------------------------------------------------------------


def _key(case: Case, name: str) -> str:
    return f"{case.id}.{name}"


def _inputs(case: Case) -> tuple[dict[str, Any], bool]:
    """Let the reader change the inputs; return them (empty if they make no sense), and if they differ.

    What is left as it was stays the documented array itself, not what its text would read as.
    """
    documented = case.inputs()
    texts = {name: matrix.write(value) for name, value in documented.items()}
    inputs: dict[str, Any] = {}
    errors = []

    def restore() -> None:
        for name, text in texts.items():
            st.session_state[_key(case, name)] = text

    with st.expander(_("Change the inputs"), key="controls_inputs"):
        st.caption(_("Rows on lines of their own, or with ; between them. Everything follows."))
        wide = any(np.ndim(value) == 2 and value.shape[1] > 3 for value in documented.values())
        across = 1 if wide else 2
        for k, (name, value) in enumerate(documented.items()):
            if k % across == 0:  # row by row, so that a phone keeps their order
                row = st.columns(across)
            text = row[k % across].text_area(
                f"{name} {_shape(value)}",
                value=texts[name],
                height=max(68, 34 + 26 * (texts[name].count("\n") + 1)),
                max_chars=4000,
                key=_key(case, name),
                bind="query-params",
                persist_state="session",
            )
            if text.split() == texts[name].split():
                inputs[name] = value
                continue
            try:
                inputs[name] = _read(name, text, value)
            except ValueError as error:
                errors.append(f"{name}: {error}")
        changed = errors or any(inputs[name] is not documented[name] for name in documented)
        st.button(
            _("Back to the documented inputs"),
            key=f"restore.{case.id}",
            icon=":material/undo:",
            on_click=restore,
            disabled=not changed,
        )
    for error in errors:
        st.error(plain(error))
    return ({} if errors else inputs), bool(changed)


def _read(name: str, text: str, like: Any) -> Any:
    """Read an input: a matrix, or for an initialiser one or several whole numbers."""
    array = matrix.read(text)
    if isinstance(like, np.ndarray):
        return array
    most = 1 if isinstance(like, int) else MOST_SIZES
    sizes = array.ravel()
    if len(array) > 1 or len(sizes) > most:
        raise ValueError(
            _("{n} numbers are too many: it needs {most} here, on one line.").format(
                n=len(sizes), most=_("one") if most == 1 else _("two to {n}").format(n=most)
            )
        )
    if not all(size == int(size) and 0 <= size <= MOST_UNITS for size in sizes):
        raise ValueError(
            _("A size needs to be a whole number; up to {most} can be looked at here.").format(
                most=MOST_UNITS
            )
        )
    whole = [int(size) for size in sizes]
    return whole[0] if isinstance(like, int) else whole


def _outputs(case: Case, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Compute the case; where the shapes cannot work, say so and return nothing."""
    try:
        with np.errstate(all="ignore"):  # what is not finite is told in words
            return case.compute(**inputs)
    except ValueError as error:
        st.error(plain(str(error)))
        return {}


def _finite(outputs: Mapping[str, Any]) -> bool:
    return all(bool(np.isfinite(np.asarray(value)).all()) for value in outputs.values())


# What is shown -------------------------------------------------------------------------------------


def _shape(value: Any) -> str:
    return matrix.shape_of(value) if np.ndim(value) else ""


def show_arrays(arrays: Mapping[str, Any], decimals: int = 4) -> None:
    """Show matrices side by side, each with its name and shape; below each other on a phone."""
    row = st.container(horizontal=True, gap="medium")
    for name, value in arrays.items():
        numbers = matrix.display(matrix.bracketed(np.asarray(value), decimals))
        row.markdown(matrix.together(f"`{name}` {_shape(value)}", numbers), width="content")


def explorer_key(case: Case) -> str:
    """Return the key of the explorer of a case; "" where nothing of it can be explored."""
    return f"explorer_{case.id}" if can_explore(case) else ""


@st.fragment
def explore(case: Case, inputs: Mapping[str, Any]) -> None:
    """Show the matrices of the formula; a pin changes this part of the page, and the address."""
    pins: dict[str, Any] = st.session_state.setdefault("pins", {})
    asked = st.query_params.get("cell", "")
    followed = asked not in ("", st.session_state.get("pin_written"))  # a link
    if followed:
        pins[case.id] = read_cell(asked)
        if pins[case.id]:
            lead_to(explorer_key(case), pins[case.id])
    # The A of numpy.sum is any matrix: its rows are no units, its columns no examples.
    axes = {"A": ("row", "column")} if case.function == "numpy.sum" else None
    with np.errstate(all="ignore"):  # what is not finite is told in words
        pinned = explore_case(
            case,
            inputs,
            key=explorer_key(case),
            pinned=pins.get(case.id),
            axes=axes,
            arrive=followed and pins[case.id] is not None,
        )
    cell = pinned and (pinned.name, pinned.row, pinned.column)
    pins[case.id] = cell
    _write_pin(None if cell is None else write_cell(*cell))


def _write_pin(text: str | None) -> None:
    st.session_state["pin_written"] = text
    if text is not None and st.query_params.get("cell") != text:
        st.query_params["cell"] = text
    elif text is None and "cell" in st.query_params:
        del st.query_params["cell"]


def _way_to_iteration(case: Case) -> None:
    """Lead to the page that walks through one iteration, to the entry that is pinned here."""
    if case.function not in IN_ONE_ITERATION:
        return
    if st.button(
        _("The same in One iteration"), key=f"iterate.{case.id}", type="tertiary",
        icon=":material/arrow_forward:", icon_position="right",
    ):  # fmt: skip
        cell = st.session_state["pins"].get(case.id)
        there = {"what": "case"} | ({"cell": write_cell(*cell)} if cell else {})
        st.session_state["case_of"] = "iteration"  # the case stays
        st.switch_page("pages/one_iteration.py", query_params=view.current().query | there)


def _show_draws(inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
    """Show what an initialiser draws, beside what it makes of it, layer by layer."""
    show_arrays(inputs)
    for layer in range(1, len(outputs) // 2 + 1):
        W, b = outputs[f"W{layer}"], outputs[f"b{layer}"]
        draws = f"randn({', '.join(map(str, W.shape))})"
        show_arrays({draws: W / 0.01, f"W{layer}": W, f"b{layer}": b})


def _note_what_was_drawn(inputs: Mapping[str, Any]) -> None:
    """Say where the answers of a case are not those of its network: it looks like an error of ours."""
    last = max((name for name in inputs if re.fullmatch(r"Z\d", name)), default="")
    if not last or "AL" not in inputs or np.shape(inputs[last]) != np.shape(inputs["AL"]):
        return
    if not np.allclose(sigmoid(np.asarray(inputs[last], dtype=np.float64))[0], inputs["AL"]):
        st.caption(
            _(
                "`AL` and `{Z}` of this case were drawn one by one: in a network `AL` would be "
                "σ(`{Z}`), and here it is another number."
            ).format(Z=last),
            width=TEXT_WIDTH,
        )


def note_names(inputs: Mapping[str, Any]) -> None:
    """Say where a case calls the input of a layer after that layer, as its cache is numbered."""
    layers = [k for k in range(1, MOST_SIZES) if f"A{k}" in inputs and f"W{k}" in inputs]
    if not layers or any(len(inputs[f"A{k}"]) != np.shape(inputs[f"W{k}"])[1] for k in layers):
        return
    named = ", ".join(f"`A{k}` is $A^{{[{k - 1}]}}$" for k in layers)
    st.caption(
        _(
            "Mind the names of this case: what the cache of a layer keeps is the layer's input, so "
            "{named} of the formula; and `dA{k}` is the gradient of `A{l}`."
        ).format(named=named, k=layers[-1] - 1, l=layers[-1]),
        width=TEXT_WIDTH,
    )


def _show_rest(case: Case, inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
    """Show those outputs that the formulas above do not end in."""
    # What a notebook prints beside the outputs, out of a cache or of the inputs, is no output.
    echoes = [name for name in outputs if outputs[name] is inputs.get(name)]
    with np.errstate(all="ignore"):
        made = formulas(case.function, inputs).outputs
    rest = {name: value for name, value in outputs.items() if name not in (*echoes, *made)}
    if rest:
        st.markdown(_("**What else comes out**"))
        show_arrays(rest)
    if echoes:
        st.caption(_("The notebook also prints {names}, an input.").format(names=", ".join(echoes)))


def show_comparisons(comparisons: Sequence[Comparison], case: Case, explorer: str = "") -> None:
    """Show the documented numbers beside ours, with the difference and the tolerance.

    Parameters
    ----------
    comparisons : sequence of Comparison
    case : Case
    explorer : str
        The key of the explorer of this case, to which its numbers lead, if there is one.
    """
    count = sum(comparison.documented.size for comparison in comparisons)
    right = sum(
        int((np.abs(comparison.documented - comparison.computed) <= case.tolerance).sum())
        for comparison in comparisons
        if comparison.documented.shape == comparison.computed.shape
    )
    sign = ":material/check_circle:" if right == count else ":material/cancel:"
    said = [
        _("**Documented, and ours**"),
        f"{sign} " + _("{right} of {n} documented numbers agree.").format(right=right, n=count),
    ]
    if count > FEW:
        said.append(_summary(comparisons))
    st.markdown(matrix.together(*said))
    if count > FEW:
        with st.expander(_("All {n} numbers, one by one").format(n=count)):
            _every_number(comparisons, case, explorer)
    else:
        _every_number(comparisons, case, explorer)
    st.caption(
        _(
            "{digits} decimals are printed, so the tolerance is {tolerance}: half a unit of the "
            "last of them."
        ).format(digits=case.decimals, tolerance=scientific(case.tolerance))
        if case.decimals < 15
        else _("All digits are printed: the tolerance, {tolerance}, allows for rounding.").format(
            tolerance=scientific(case.tolerance)
        ),
        width=TEXT_WIDTH,
    )


def _summary(comparisons: Sequence[Comparison]) -> str:
    lines = [
        _("| output | numbers | differ by | |"),
        "|---|--:|--:|---|",
    ]
    lines += [
        f"| `{comparison.name}` {_shape(comparison.documented)} | {comparison.documented.size} "
        f"| {scientific(comparison.difference)} | {_sign(comparison.agrees)} |"
        for comparison in comparisons
    ]
    return "\n".join(lines)


def _every_number(comparisons: Sequence[Comparison], case: Case, explorer: str) -> None:
    """Show each number beside ours; those that the explorer explains lead there."""
    leading = explained(case.id) if explorer else frozenset()
    rows: list[dict[str, Any]] = []
    cells = {}
    for comparison in comparisons:
        if comparison.documented.shape != comparison.computed.shape:
            shapes = [_shape(comparison.documented), _shape(comparison.computed), ""]
            rows.append(_row(comparison.name, None, shapes, False))
            continue
        for index in np.ndindex(comparison.documented.shape):
            theirs = float(comparison.documented[index])
            ours = float(comparison.computed[index])
            gap = abs(theirs - ours)
            place = f"[{', '.join(str(k) for k in index)}]" if index else ""
            cell = (comparison.name, *(0,) * (2 - len(index)), *index)
            id = write_cell(*cell) if comparison.name in leading else None
            if id:
                cells[id] = cell
            shown = [
                _printed(theirs, case.decimals), _printed(ours, case.decimals + 2), scientific(gap),
            ]  # fmt: skip
            rows.append(_row(f"{comparison.name}{place}", id, shown, gap <= case.tolerance))
    key = f"numbers_{case.id}_{explorer}"

    def lead() -> None:
        cell = cells.get(picked(key) or "")
        if cell:
            lead_to(explorer, cell)

    numbers_table(
        key=key,
        head=[_("number"), _("documented"), _("ours"), _("difference"), ""],
        rows=rows,
        say=_("{name}: how it was made"),
        on_pick=lead,
    )


def _row(name: str, id: str | None, cells: list[str], agrees: bool) -> dict[str, Any]:
    sign = "✓" if agrees else f"✗ {_('differs')}"
    return {"name": name, "id": id, "cells": cells, "agrees": agrees, "sign": sign}


def _printed(value: float, decimals: int) -> str:
    """Write a number as the notebooks print it, with a true minus sign; a signed zero is 0."""
    if value == int(value):
        return str(int(value)).replace("-", "−")
    written = repr(value) if decimals >= 16 else f"{value:.{decimals}f}"
    return written.replace("-", "−")


def _sign(agrees: bool) -> str:
    return ":material/check:" if agrees else ":material/close: " + _("differs")


# The cache -----------------------------------------------------------------------------------------


def cache_tree(case: Case, inputs: Mapping[str, Any]) -> str:
    """Draw what a forward function keeps, with shapes and with who will read it; "" for the others."""
    if case.function == "linear_forward":
        A, W, b = (inputs[name] for name in ("A", "W", "b"))
        return "\n".join(("cache", *_linear_branch((A, W, b), "A", "")))
    if case.function == "linear_activation_forward":
        arrays = (inputs[name] for name in ("A_prev", "W", "b"))
        activation = activation_of(case)
        cache = nncore.linear_activation_forward(*arrays, activation)[1]
        return "\n".join(("cache", *_layer_branch(cache, "A_prev", activation, "")))
    if case.function == "L_model_forward":
        parameters = {name: value for name, value in inputs.items() if name != "X"}
        with np.errstate(all="ignore"):
            caches = L_model_forward(inputs["X"], parameters)[1]
        lines = ["caches"]
        for k, cache in enumerate(caches):
            last = k == len(caches) - 1
            lines.append(f"{'└' if last else '├'} caches[{k}], {_('layer')} {k + 1}")
            name, activation = f"A_prev={f'A{k}' if k else 'X'}", "sigmoid" if last else "relu"
            lines += _layer_branch(cache, name, activation, "  " if last else "│ ")
        return "\n".join(lines)
    return ""


def _linear_branch(cache: Any, A_name: str, before: str) -> list[str]:
    readers = (_("→ dW"), _("→ dA_prev"), _("→ its shape"))
    names = (A_name, "W", "b")
    lines = []
    for k, (name, array, reader) in enumerate(zip(names, cache, readers, strict=True)):
        branch = "└" if k == len(names) - 1 else "├"
        lines.append(f"{before}{branch} {f'{name} {_shape(array)}':<15} {reader}")
    return lines


def _layer_branch(cache: Any, A_name: str, activation: str, before: str) -> list[str]:
    linear_cache, Z = cache
    return [
        f"{before}├ linear_cache",
        *_linear_branch(linear_cache, A_name, f"{before}│ "),
        f"{before}└ activation_cache",
        f"{before}  └ Z {_shape(Z)} → {activation}_backward",
    ]
