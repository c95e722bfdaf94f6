"""A formula with its numbers in: how one entry of an output came about, term by term, in LaTeX.

Terms have the colour of the array that they come from: what goes forward, what comes backward.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ui.matrix import number
from ui.style import palette

from nncore.activations import relu_backward, sigmoid, sigmoid_backward
from nncore.backward import L_model_backward, linear_backward
from nncore.cases import Case
from nncore.cost import compute_cost
from nncore.forward import L_model_forward, linear_activation_forward, linear_forward
from nncore.types import FloatArray

MOST_TERMS = 8


@dataclass(frozen=True, eq=False)
class Working:
    """How the entries of one output come about.

    Attributes
    ----------
    shape : tuple of int
        Rows and columns of the output.
    entry : callable
        Takes row and column, counted from 0, and returns LaTeX.
    """

    shape: tuple[int, ...]
    entry: Callable[[int, int], str]


class Pen:
    """Writes names and numbers in the colours of a theme."""

    def __init__(self, theme: str) -> None:
        self.colours = palette(theme)

    def ink(self, name: str, latex: str) -> str:
        """Colour what comes from an array: gradients as backward, activations as forward."""
        meaning = "backward" if name.startswith("d") else "forward" if name[0] in "AZ" else "text"
        return rf"\textcolor{{{self.colours[meaning]}}}{{{latex}}}"

    def name(self, name: str, *index: int | str) -> str:
        """Write the name of an array, or of one entry, with the layer on top.

        Rows and columns come counted from 0 and are written from 1, as in the course's formulas.
        """
        base, layer = re.fullmatch(r"(.*?)(\d*)", name).groups()  # type: ignore[union-attr]
        if base.endswith("_prev"):
            base = base.removesuffix("_prev") + r"^{\text{prev}}"
        elif base in ("AL", "dAL"):
            base = base[:-1] + "^{[L]}"
        elif layer:
            base = f"{base}^{{[{layer}]}}"
        places = (str(k + 1) if isinstance(k, int) else k for k in index)
        below = f"_{{{','.join(places)}}}" if index else ""
        return self.ink(name, base + below)

    def value(self, name: str, value: float) -> str:
        """Write a number that comes from an array; a negative one in brackets."""
        written = number(float(value))
        return self.ink(name, f"({written})" if written.startswith("-") else written)


def aligned(*lines: str) -> str:
    """Put lines below each other, aligned at their &."""
    return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"


def total(head: str, terms: Sequence[str], result: float, factor: str = "") -> list[str]:
    """Write a sum with a term on each line, and what it comes to."""
    if len(terms) > MOST_TERMS:
        terms = [*terms[: MOST_TERMS - 2], r"\cdots", terms[-1]]
    opening, closing = (rf"{factor} \big( ", r" \big)") if factor else ("", "")
    gap = r"\qquad " if factor else r"\quad "
    lines = [f"{head} &= {opening}{terms[0]}"]
    lines += [f"&{gap}+ {term}" for term in terms[1:]]
    lines[-1] += closing
    return [*lines, f"&= {number(float(result))}"]


def workings(case: Case, inputs: Mapping[str, Any], theme: str) -> dict[str, Working]:
    """Return, for each number worth following in a case, how its entries come about.

    Parameters
    ----------
    case : Case
    inputs : mapping
        By name; such that the case can be computed with them.
    theme : str
        "light" or "dark".

    Returns
    -------
    dict of str to Working
        By the name of the array; what the function is about comes first.
    """
    return _MAKERS[case.function](Pen(theme), case, inputs)


def _linear(
    pen: Pen, Z: FloatArray, A: FloatArray, W: FloatArray, b: FloatArray, names: str
) -> Working:
    Z_, A_, W_, b_ = names.split()

    def entry(i: int, j: int) -> str:
        terms = [
            rf"{pen.value(W_, w)} \cdot {pen.value(A_, a)}"
            for w, a in zip(W[i], A[:, j], strict=True)
        ]
        symbols = (
            rf"{pen.name(Z_, i, j)} &= \textstyle\sum_k {pen.name(W_, i, 'k')} \, "
            rf"{pen.name(A_, 'k', j)} + {pen.name(b_, i)}"
        )
        return aligned(symbols, *total("", [*terms, pen.value(b_, b[i, 0])], Z[i, j]))

    return Working(Z.shape, entry)


def _activation(pen: Pen, A: FloatArray, Z: FloatArray, activation: str, names: str) -> Working:
    A_, Z_ = names.split()

    def entry(i: int, j: int) -> str:
        z = pen.value(Z_, Z[i, j])
        if activation == "sigmoid":
            symbols = rf"{pen.name(A_, i, j)} &= \sigma({pen.name(Z_, i, j)})"
            numbers = rf"&= \frac{{1}}{{1 + e^{{-{z}}}}}"
        else:
            symbols = rf"{pen.name(A_, i, j)} &= \max(0, {pen.name(Z_, i, j)})"
            numbers = rf"&= \max(0, {z})"
        return aligned(symbols, numbers, f"&= {number(float(A[i, j]))}")

    return Working(A.shape, entry)


def _linear_forward(pen: Pen, case: Case, inputs: Mapping[str, Any]) -> dict[str, Working]:
    A, W, b = (inputs[name] for name in ("A", "W", "b"))
    Z, _ = linear_forward(A, W, b)
    return {"Z": _linear(pen, Z, A, W, b, "Z A W b")}


def _linear_activation_forward(
    pen: Pen, case: Case, inputs: Mapping[str, Any]
) -> dict[str, Working]:
    A_prev, W, b = (inputs[name] for name in ("A_prev", "W", "b"))
    activation = case.id.rsplit("_", 1)[-1]
    A, (_, Z) = linear_activation_forward(A_prev, W, b, activation)
    linear = _linear(pen, Z, A_prev, W, b, "Z A_prev W b")
    return {"A": _activation(pen, A, Z, activation, "A Z"), "Z": linear}


def _model_forward(pen: Pen, case: Case, inputs: Mapping[str, Any]) -> dict[str, Working]:
    parameters = {name: value for name, value in inputs.items() if name != "X"}
    AL, caches = L_model_forward(inputs["X"], parameters)
    L = len(caches)
    found: dict[str, Working] = {}
    for layer in range(L, 0, -1):
        (A_prev, W, b), Z = caches[layer - 1]
        A = AL if layer == L else caches[layer][0][0]
        before = f"A{layer - 1}" if layer > 1 else "X"
        activation = "sigmoid" if layer == L else "relu"
        found[f"A{layer}"] = _activation(pen, A, Z, activation, f"A{layer} Z{layer}")
        found[f"Z{layer}"] = _linear(pen, Z, A_prev, W, b, f"Z{layer} {before} W{layer} b{layer}")
    return found


def _cost(pen: Pen, case: Case, inputs: Mapping[str, Any]) -> dict[str, Working]:
    AL, Y = inputs["AL"], inputs["Y"]
    m = Y.shape[1]
    losses = [
        float(compute_cost(np.array([[a]]), np.array([[y]])))
        for a, y in zip(AL.ravel(), Y.ravel(), strict=True)
    ]

    def entry(_i: int, _j: int) -> str:
        lines = []
        pairs = list(zip(AL.ravel(), Y.ravel(), losses, strict=True))
        for k, (a, y, loss) in enumerate(pairs, start=1):
            if MOST_TERMS <= k < len(pairs):
                lines += [r"&\;\vdots"] if k == MOST_TERMS else []
                continue
            a_ = pen.value("A", a)
            log_a, log_rest = rf"\log {a_}", rf"\log(1 - {a_})"
            if y == 1:
                formula = f"-{log_a}"
            elif y == 0:
                formula = f"-{log_rest}"
            else:
                y_ = pen.value("Y", y)
                formula = rf"-({y_} {log_a} + (1 - {y_}) {log_rest})"
            lines.append(rf"y^{{({k})}} = {number(float(y))}: \quad {formula} &= {number(loss)}")
        cost = float(compute_cost(AL, Y))
        mean = rf"J = \tfrac{{1}}{{{m}}} \cdot {number(sum(losses))} &= {number(cost)}"
        return aligned(*lines, mean)

    return {"cost": Working((), entry)}


def _linear_backward_workings(
    pen: Pen, dZ: FloatArray, A_prev: FloatArray, W: FloatArray, b: FloatArray, names: str
) -> dict[str, Working]:
    """Follow dA_prev, dW and db; `names` are those of dZ, A_prev, W, and of the three results."""
    dZ_, A_, W_, dA_prev_, dW_, db_ = names.split()
    dA_prev, dW, db = linear_backward(dZ, (A_prev, W, b))
    m = dZ.shape[1]
    part = rf"\tfrac{{1}}{{{m}}}"

    def input_entry(i: int, j: int) -> str:
        terms = [
            rf"{pen.value(W_, w)} \cdot {pen.value(dZ_, d)}"
            for w, d in zip(W[:, i], dZ[:, j], strict=True)
        ]
        symbols = (
            rf"{pen.name(dA_prev_, i, j)} &= \textstyle\sum_k {pen.name(W_, 'k', i)} \, "
            rf"{pen.name(dZ_, 'k', j)}"
        )
        return aligned(symbols, *total("", terms, dA_prev[i, j]))

    def weight_entry(i: int, j: int) -> str:
        terms = [
            rf"{pen.value(dZ_, d)} \cdot {pen.value(A_, a)}"
            for d, a in zip(dZ[i], A_prev[j], strict=True)
        ]
        symbols = (
            rf"{pen.name(dW_, i, j)} &= \tfrac{{1}}{{m}} \textstyle\sum_k "
            rf"{pen.name(dZ_, i, 'k')} \, {pen.name(A_, j, 'k')}"
        )
        return aligned(symbols, *total("", terms, dW[i, j], part))

    def bias_entry(i: int, _j: int) -> str:
        terms = [pen.value(dZ_, d) for d in dZ[i]]
        symbols = (
            rf"{pen.name(db_, i)} &= \tfrac{{1}}{{m}} \textstyle\sum_k {pen.name(dZ_, i, 'k')}"
        )
        return aligned(symbols, *total("", terms, db[i, 0], part))

    return {
        dW_: Working(dW.shape, weight_entry),
        db_: Working(db.shape, bias_entry),
        dA_prev_: Working(dA_prev.shape, input_entry),
    }


def _linear_backward(pen: Pen, case: Case, inputs: Mapping[str, Any]) -> dict[str, Working]:
    arrays = (inputs[name] for name in ("dZ", "A_prev", "W", "b"))
    return _linear_backward_workings(pen, *arrays, "dZ A_prev W dA_prev dW db")


def _activation_backward(
    pen: Pen, dA: FloatArray, Z: FloatArray, activation: str, names: str
) -> tuple[FloatArray, Working]:
    dZ_, dA_, Z_ = names.split()
    sigmoidal = activation == "sigmoid"
    dZ = (sigmoid_backward if sigmoidal else relu_backward)(dA, Z)
    s, _ = sigmoid(Z)

    def entry(i: int, j: int) -> str:
        head, d, z = pen.name(dZ_, i, j), pen.value(dA_, dA[i, j]), pen.value(Z_, Z[i, j])
        result = f"&= {number(float(dZ[i, j]))}"
        if sigmoidal:
            s_ = pen.value("A", s[i, j])
            return aligned(
                rf"s &= \sigma({pen.name(Z_, i, j)}) = \sigma({z}) = {s_}",
                rf"{head} &= {pen.name(dA_, i, j)} \cdot s \, (1 - s)",
                rf"&= {d} \cdot {s_} \cdot (1 - {s_})",
                result,
            )
        if Z[i, j] > 0:
            return aligned(rf"{pen.name(Z_, i, j)} &= {z} > 0", rf"{head} &= {d}")
        return aligned(rf"{pen.name(Z_, i, j)} &= {z} \le 0", rf"{head} &= 0")

    return dZ, Working(dZ.shape, entry)


def _linear_activation_backward(
    pen: Pen, case: Case, inputs: Mapping[str, Any]
) -> dict[str, Working]:
    activation = case.id.rsplit("_", 1)[-1]
    dZ, working = _activation_backward(pen, inputs["dA"], inputs["Z"], activation, "dZ dA Z")
    arrays = (inputs[name] for name in ("A", "W", "b"))
    return {"dZ": working} | _linear_backward_workings(pen, dZ, *arrays, "dZ A W dA_prev dW db")


def _model_backward(pen: Pen, case: Case, inputs: Mapping[str, Any]) -> dict[str, Working]:
    AL, Y = inputs["AL"], inputs["Y"]
    caches = [
        ((inputs[f"A{layer}"], inputs[f"W{layer}"], inputs[f"b{layer}"]), inputs[f"Z{layer}"])
        for layer in (1, 2)
    ]
    grads = L_model_backward(AL, Y, caches)
    dAL = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))

    def first_entry(i: int, j: int) -> str:
        a, y = pen.value("A", AL[i, j]), number(float(Y[i, j]))
        return aligned(
            rf"{pen.name('dAL', i, j)} &= -\Big( \frac{{{y}}}{{{a}}} - "
            rf"\frac{{1 - {y}}}{{1 - {a}}} \Big)",
            f"&= {number(float(dAL[i, j]))}",
        )

    found = {"dAL": Working(dAL.shape, first_entry)}
    for layer, dA, name, activation in (
        (2, dAL, "dAL", "sigmoid"),
        (1, grads["dA1"], "dA1", "relu"),
    ):
        (A_prev, W, b), Z = caches[layer - 1]
        dZ, working = _activation_backward(pen, dA, Z, activation, f"dZ{layer} {name} Z{layer}")
        found[f"dZ{layer}"] = working
        # The case calls A1 what the cache of layer 1 keeps: the INPUT of layer 1.
        found |= _linear_backward_workings(
            pen, dZ, A_prev, W, b,
            f"dZ{layer} A{layer} W{layer} dA{layer - 1} dW{layer} db{layer}",
        )  # fmt: skip
    return found


def _update(pen: Pen, case: Case, inputs: Mapping[str, Any]) -> dict[str, Working]:
    updated = case.compute(**inputs)
    return {
        name: of_update(pen, name, inputs[name], inputs[f"d{name}"], updated[name], 0.1)
        for name in updated
    }


def of_update(
    pen: Pen, name: str, old: FloatArray, gradient: FloatArray, new: FloatArray, rate: float
) -> Working:
    """Follow one parameter through its update."""

    def entry(i: int, j: int) -> str:
        g = pen.value(f"d{name}", gradient[i, j])
        return aligned(
            rf"{pen.name(name, i, j)} &:= {pen.name(name, i, j)} - \alpha \, "
            rf"{pen.name(f'd{name}', i, j)}",
            rf"&= {number(float(old[i, j]))} - {rate:g} \cdot {g}",
            f"&= {number(float(new[i, j]))}",
        )

    return Working(new.shape, entry)


def _initialize(pen: Pen, case: Case, inputs: Mapping[str, Any]) -> dict[str, Working]:
    def of(name: str, array: FloatArray) -> Working:
        def entry(i: int, j: int) -> str:
            draw = f"{number(array[i, j] / 0.01)} \\cdot 0.01" if name[0] == "W" else "0"
            return aligned(f"{pen.name(name, i, j)} &= {draw}", f"&= {number(array[i, j])}")

        return Working(array.shape, entry)

    return {name: of(name, array) for name, array in case.compute(**inputs).items()}


def _sum(pen: Pen, case: Case, inputs: Mapping[str, Any]) -> dict[str, Working]:
    A = np.asarray(inputs["A"])

    def along(axis: int) -> Working:
        sums = np.sum(A, axis=axis, keepdims=True)

        def entry(i: int, j: int) -> str:
            numbers = A[i] if axis == 1 else A[:, j]
            return aligned(*total(r"\text{sum}", [pen.value("b", a) for a in numbers], sums[i, j]))

        return Working(sums.shape, entry)

    return {"axis=1": along(1), "axis=0": along(0)}


_MAKERS: dict[str, Callable[[Pen, Case, Mapping[str, Any]], dict[str, Working]]] = {
    "initialize_parameters": _initialize,
    "initialize_parameters_deep": _initialize,
    "linear_forward": _linear_forward,
    "linear_activation_forward": _linear_activation_forward,
    "L_model_forward": _model_forward,
    "compute_cost": _cost,
    "numpy.sum": _sum,
    "linear_backward": _linear_backward,
    "linear_activation_backward": _linear_activation_backward,
    "L_model_backward": _model_backward,
    "update_parameters": _update,
}
