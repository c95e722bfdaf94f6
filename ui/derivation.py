"""The chain rule, written out for one layer: in symbols, and beside it the same line in numbers."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from ui.address import Cell
from ui.components.matrix_explorer import Pinned
from ui.frame import TEXT_WIDTH
from ui.iteration import Iteration
from ui.matrix import number
from ui.stepper import go
from ui.text import _, prose
from ui.worked import Pen, aligned

from nncore.trace import Explanation, Step, explain

MOST_TERMS = 3  # of a sum that is written out; the others stand as one number
PAGE = "one_iteration"


@dataclass(frozen=True)
class Line:
    """One line of the derivation.

    Attributes
    ----------
    words : str
    symbols, numbers : str
        LaTeX.
    index : int
        The step that computes it,
    cell : (str, int, int)
        and the entry there.
    """

    words: str
    symbols: str
    numbers: str
    index: int
    cell: Cell


def show_derivation(iteration: Iteration, step: Step, pinned: Pinned | None) -> None:
    """Show how the gradients of the layer of this step follow from the chain rule."""
    layer = step.layer or iteration.L
    st.markdown(prose(PAGE, "derivation"), width=TEXT_WIDTH)
    st.markdown(
        _("**Layer {l} of {L}**, followed for {what}").format(
            l=layer, L=iteration.L, what=_said(*places(iteration, layer, pinned))
        )
    )
    with st.container(key="derived"):
        for k, line in enumerate(derive(iteration, layer, pinned)):
            st.markdown(line.words)
            symbols, numbers, check = st.columns(
                [5, 6, 0.7], vertical_alignment="center", gap="small"
            )
            symbols.latex(line.symbols, width="content")
            numbers.latex(line.numbers, width="content")
            name, i, j = line.cell
            check.button(
                "", key=f"check_line_{k}", icon=":material/my_location:", type="tertiary",
                help=_("Check it: show {name}[{i}, {j}] in the explorer").format(
                    name=name, i=i, j=j
                ),
                on_click=go, args=(line.index, line.cell),
            )  # fmt: skip


def _said(unit: int, before: int, example: int) -> str:
    return _("unit {i}, its input {j} and example {k}, counted from 1 as in the formulas").format(
        i=unit + 1, j=before + 1, k=example + 1
    )


def places(iteration: Iteration, layer: int, pinned: Pinned | None) -> tuple[int, int, int]:
    """Return which unit of the layer, which unit before it and which example are followed."""
    unit = before = example = 0
    if pinned is not None:
        letters = pinned.name.rstrip("0123456789L")
        number_ = (
            iteration.L if pinned.name.endswith("L") else int("0" + pinned.name[len(letters) :])
        )
        if letters in ("dW", "W") and number_ == layer:
            unit, before = pinned.row, pinned.column
        elif letters in ("db", "b") and number_ == layer:
            unit = pinned.row
        elif letters in ("dZ", "dA", "Z", "A") and number_ == layer:
            unit, example = pinned.row, pinned.column
        elif letters in ("dA", "A") and number_ == layer - 1:
            before, example = pinned.row, pinned.column
    sizes = iteration.sizes
    m = iteration.X.shape[1]
    return min(unit, sizes[layer] - 1), min(before, sizes[layer - 1] - 1), min(example, m - 1)


LOSS, SUM = r"\mathcal{L}", r"\textstyle\sum"


def _part(of: str, by: str) -> str:
    return rf"\frac{{\partial {of}}}{{\partial {by}}}"


def derive(iteration: Iteration, layer: int, pinned: Pinned | None = None) -> list[Line]:
    """Return the lines of one layer, in the order of the way back."""
    last = layer == iteration.L
    i, j, k = places(iteration, layer, pinned)
    m = iteration.X.shape[1]
    pen = Pen(st.context.theme.type or "light")
    dA, dA_prev = f"d{'AL' if last else f'A{layer}'}", f"dA{layer - 1}"
    dZ, dW, db = (f"d{letter}{layer}" for letter in "ZWb")

    # Letters of this unit, with the layer on top.
    a, z, b = (f"{letter}^{{[{layer}]}}_{{{i + 1}}}" for letter in "azb")
    w = f"w^{{[{layer}]}}_{{{i + 1},{j + 1}}}"
    a_prev = f"a^{{[{layer - 1}]}}_{{{j + 1}}}"
    z_u, z_next = f"z^{{[{layer}]}}_u", f"z^{{[{layer + 1}]}}_u"
    dz_u, dz_next = (pen.ink("d", f"dz^{{[{at}]}}_u") for at in (layer, layer + 1))
    dz_k = pen.ink("d", r"dz^{(k)}")

    def line(words: str, name: str, row: int, column: int, *lines: str, numbers: str = "") -> Line:
        maker = iteration.maker(name)
        made = explain(maker, name, row, column)
        head = pen.ink("d", f"{_named(name, iteration.L)}_{{{row + 1},{column + 1}}}")
        symbols = aligned(f"{head} &= {lines[0]}", *(f"&= {rest}" for rest in lines[1:]))
        numbers = numbers or _sum(pen, made, m if name in (dW, db) else None)
        return Line(words, symbols, numbers, maker.index, (name, row, column))

    return [
        line(
            _("The loss, by its answer"), dA, i, k,
            _part(LOSS, a), r"-\Big(\frac{y}{a} - \frac{1 - y}{1 - a}\Big)",
            numbers=_loss_in_numbers(pen, iteration, i, k),
        )
        if last
        else line(
            _("From the layer after it, where every unit reads this one"), dA, i, k,
            rf"{_part(LOSS, a)} = {SUM}_u {_part(LOSS, z_next)} {_part(z_next, a)}",
            rf"{SUM}_u {dz_next} \, w^{{[{layer + 1}]}}_{{u,{i + 1}}}",
        ),
        line(
            _("Through the activation: times its slope"), dZ, i, k,
            rf"{_part(LOSS, a)} {_part(a, z)}",
            pen.ink("d", "da") + r" \cdot " + ("a (1 - a)" if last else f"g'({z})"),
            numbers=_slope_in_numbers(pen, iteration, layer, i, k),
        ),
        line(
            _("A weight: the slope of z is what it weighs. J is a mean, hence 1/m"), dW, i, j,
            rf"{_part('J', w)} = \tfrac1m {SUM}_k {_part(LOSS + '^{(k)}', z)} {_part(z, w)}",
            rf"\tfrac1m {SUM}_k {dz_k} \, {pen.ink('A', a_prev + '{}^{(k)}')}",
        ),
        line(
            _("The bias: the slope of z is 1"), db, i, 0,
            rf"{_part('J', b)} = \tfrac1m {SUM}_k {dz_k} \cdot 1",
        ),
        line(
            _("The inputs: nobody needs that gradient")
            if layer == 1
            else _("What came in, which every unit here reads"), dA_prev, j, k,
            rf"{_part(LOSS, a_prev)} = {SUM}_u {_part(LOSS, z_u)} {_part(z_u, a_prev)}",
            rf"{SUM}_u {dz_u} \, w^{{[{layer}]}}_{{u,{j + 1}}}",
        ),
    ]  # fmt: skip


def _loss_in_numbers(pen: Pen, iteration: Iteration, i: int, k: int) -> str:
    y = number(float(iteration.Y[i, k]))
    a = pen.value("A", float(iteration.output("AL")[i, k]))
    made = pen.ink("d", number(float(iteration.output("dAL")[i, k])))
    return aligned(rf"& -\Big(\frac{{{y}}}{{{a}}} - \frac{{1 - {y}}}{{1 - {a}}}\Big)", f"&= {made}")


def _slope_in_numbers(pen: Pen, iteration: Iteration, layer: int, i: int, k: int) -> str:
    last = layer == iteration.L
    name = f"dZ{layer}"
    made = explain(iteration.maker(name), name, i, k)
    arriving = pen.value("d", made.sources(0)[0].value)
    result = pen.ink("d", number(made.value))
    if last:
        a = pen.value("A", made.quantities["s"])
        y = number(float(iteration.Y[i, k]))
        return aligned(rf"& {arriving} \cdot {a} (1 - {a})", rf"&= {result} = {a} - {y}")
    z = float(iteration.output(f"Z{layer}")[i, k])
    slope, sign = ("1", ">") if z > 0 else ("0", r"\le")
    return aligned(
        rf"& {arriving} \cdot {slope} = {result}",
        rf"& \text{{as }} z = {pen.ink('Z', number(z))} {sign} 0",
    )


def _named(name: str, L: int) -> str:
    """Write the name of an array with its layer on top."""
    letters = name.rstrip("0123456789L")
    layer = name[len(letters) :]
    return f"{letters}^{{[{L if layer == 'L' else layer}]}}"


def _sum(pen: Pen, made: Explanation, m: int | None = None) -> str:
    """Write a sum with its largest terms, and the others as one number."""
    n = len(made.terms)
    shown = n if n <= MOST_TERMS + 1 else MOST_TERMS
    order, rest = made.largest(shown)
    order = np.sort(order)
    terms = [
        r" \cdot ".join(pen.value(entry.name, entry.value) for entry in made.sources(int(t)))
        for t in order
    ]
    if n > shown:
        terms.append(rf"\underbrace{{{number(rest)}}}_{{{n - shown}\ \text{{others}}}}")
    total = pen.ink("d", number(made.value))
    head, close = (rf"\tfrac{{1}}{{{m}}} \big(", r"\big)") if m else ("", "")
    lines = [" + ".join(terms[at : at + 2]) for at in range(0, len(terms), 2)]
    lines = [rf"& {head}{lines[0]}", *(rf"&\quad + {rest}" for rest in lines[1:])]
    lines[-1] += close
    if m == 1:
        lines = [f"& {terms[0]}"]
    return aligned(*lines, f"&= {total}")
