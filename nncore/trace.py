r"""One iteration of training as a list of steps, and where any number in it came from.

`trace_iteration` runs the very functions that train and writes down each call: formula, code, what went
in, what came out. `explain` takes one entry of one of those arrays apart into the terms that made it.

Names are the course's. A0 is X, AL is A of the last layer, dA, dZ, dW and db are gradients of what the
name says: dA and dZ of the SUM of the losses, dW and db of the cost J (see `nncore.backward`). The
update writes W1, b1, ... anew.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nncore.activations import relu, relu_backward, sigmoid, sigmoid_backward
from nncore.backward import linear_backward
from nncore.checks import (
    require_entry,
    require_finite,
    require_input,
    require_labels,
    require_number,
)
from nncore.cost import compute_cost
from nncore.forward import linear_forward
from nncore.parameters import update_parameters
from nncore.types import FloatArray, IntArray, Parameters

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Rule:
    """How each entry of one output follows from entries of the inputs.

    An index pattern holds two letters, for row and column: i and j are those of the output's entry, k
    is summed over, 0 is the only column there is. So Z1 = W1 A0 + b1 is
    Rule("Z1", "product", (("W1", "ik"), ("A0", "kj")), addend=("b1", "i0")).

    Attributes
    ----------
    output : str
    kind : str
        "product": scale times the sum over k of the product of the factors, plus the addend.
        "cost": scale times the sum over all i and j of Y log AL + (1 - Y) log(1 - AL).
        "update": the first factor minus scale times the second.
        "relu", "sigmoid", "relu_backward", "sigmoid_backward", "dAL": entry by entry, as the function
        of that name.
    factors : tuple of (name, pattern)
        In the order W, A for "product", dA, Z for the ways back, AL, Y for "cost" and "dAL".
    addend : (name, pattern), optional
    scale : float, optional
        1/m for dW and db, -1/m for the cost, the learning rate for "update"; else 1 is meant.
    """

    output: str
    kind: str
    factors: tuple[tuple[str, str], ...]
    addend: tuple[str, str] | None = None
    scale: float | None = None


@dataclass(frozen=True, eq=False)
class Step:
    """One call of one iteration; its arrays are read-only.

    Attributes
    ----------
    index : int
        Its place in the iteration, from 0.
    phase : {"forward", "cost", "backward", "update"}
    layer : int, or None
        None for the cost and its derivative dAL, which belong to no layer.
    name : str
        The function that ran: "linear_forward", "relu", "sigmoid", "compute_cost", "sigmoid_backward",
        "relu_backward", "linear_backward", "update_parameters"; "dAL" is the first line of
        L_model_backward.
    equation : str
        In LaTeX.
    code : str
        One to three lines that make the outputs, to the last bit, from the inputs and `np` alone.
    inputs, outputs : mapping of str to ndarray
        A scalar (m, learning_rate, cost) has shape ().
    rules : tuple of Rule
        One for each output.
    kept : tuple of str
        Arrays that the step puts into the cache of its layer.
    recalled : tuple of str
        Arrays that the step takes out of it. (b lies in the cache, but nobody needs it.)
    """

    index: int
    phase: str
    layer: int | None
    name: str
    equation: str
    code: str
    inputs: Arrays
    outputs: Arrays
    rules: tuple[Rule, ...]
    kept: tuple[str, ...] = ()
    recalled: tuple[str, ...] = ()


# One iteration ------------------------------------------------------------------------------------


def trace_iteration(
    X: FloatArray, Y: FloatArray, parameters: Parameters, learning_rate: float
) -> list[Step]:
    """Run one iteration of gradient descent and keep every array of it.

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
        Shared, not copied, where it is read-only; else copied once. So are Y and the parameters.
    Y : ndarray of shape (n[L], m)
    parameters : dict
        W1, b1, ..., WL, bL.
    learning_rate : float

    Returns
    -------
    list of Step
        5 L + 2 of them: forward two a layer, then the cost and dAL, back two a layer, and the update of
        each layer.

    Raises
    ------
    ValueError
        If shapes do not fit or a number is not finite.

    Examples
    --------
    >>> X, Y = np.array([[1.0, 2.0]]), np.array([[0.0, 1.0]])
    >>> steps = trace_iteration(X, Y, {"W1": np.array([[0.5]]), "b1": np.array([[0.0]])}, 0.1)
    >>> [step.code for step in steps][0]
    'Z1 = W1 @ A0 + b1'
    """
    L = require_input(X, parameters)
    require_labels(X, Y, parameters[f"W{L}"].shape[0])
    require_number("learning_rate", learning_rate)
    for name, array in {"X": X, "Y": Y, **parameters}.items():
        require_finite(name, array)
    X, Y = _kept(X), _kept(Y)
    parameters = {name: _kept(array) for name, array in parameters.items()}
    scalars = {"m": np.array(X.shape[1]), "learning_rate": np.array(float(learning_rate))}
    scalars = {name: _locked(array) for name, array in scalars.items()}
    writer = _Writer(L, {"A0": X, "Y": Y, **parameters, **scalars})

    caches = []
    A = X
    for layer in range(1, L + 1):
        Z, linear_cache = linear_forward(A, parameters[f"W{layer}"], parameters[f"b{layer}"])
        writer.write("linear_forward", layer, Z)
        if layer < L:
            A, activation_cache = relu(Z)
            writer.write("relu", layer, A)
        else:
            A, activation_cache = sigmoid(Z)
            writer.write("sigmoid", layer, A)
        caches.append((linear_cache, activation_cache))

    writer.write("compute_cost", None, compute_cost(A, Y))
    dA = -(np.divide(Y, A) - np.divide(1 - Y, 1 - A))
    writer.write("dAL", None, dA)

    grads = {}
    for layer in range(L, 0, -1):
        linear_cache, activation_cache = caches[layer - 1]
        if layer == L:
            dZ = sigmoid_backward(dA, activation_cache)
            writer.write("sigmoid_backward", layer, dZ)
        else:
            dZ = relu_backward(dA, activation_cache)
            writer.write("relu_backward", layer, dZ)
        dA, grads[f"dW{layer}"], grads[f"db{layer}"] = linear_backward(dZ, linear_cache)
        writer.write("linear_backward", layer, grads[f"dW{layer}"], grads[f"db{layer}"], dA)

    updated = update_parameters(parameters, grads, learning_rate)
    for layer in range(1, L + 1):
        writer.write("update_parameters", layer, updated[f"W{layer}"], updated[f"b{layer}"])
    return writer.steps


def _kept(array: NDArray[Any]) -> FloatArray:
    """Return an array that nobody can change: the one given where that is so, else a copy."""
    array = np.asarray(array, dtype=np.float64)
    if array.flags.writeable or not array.flags.forc:
        array = array.copy(order="K")
    return _locked(array)


def _locked(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array


# What each function does --------------------------------------------------------------------------


@dataclass(frozen=True)
class _Form:
    """A step of any layer, in the course's letters without numbers."""

    phase: str
    equation: str
    code: str
    rules: tuple[Rule, ...]
    kept: tuple[str, ...] = ()
    recalled: tuple[str, ...] = ()


# As `nncore.activations.sigmoid` does it: exp(709) is near the largest float, and a probability stays
# between the least positive normal float and the greatest below 1.
_SIGMOID = "1 / (1 + np.exp(np.minimum(-Z, 709)))"
_LIMITS = "2.0**-1022, 1 - 2.0**-53"

_FORMS = {
    "linear_forward": _Form(
        "forward",
        "Z = W A_prev + b",
        "Z = W @ A_prev + b",
        (Rule("Z", "product", (("W", "ik"), ("A_prev", "kj")), addend=("b", "i0")),),
        kept=("A_prev", "W", "b"),
    ),
    "relu": _Form(
        "forward",
        r"A = \mathrm{ReLU}(Z) = \max(0, Z)",
        "A = np.maximum(0, Z)",
        (Rule("A", "relu", (("Z", "ij"),)),),
        kept=("Z",),
    ),
    "sigmoid": _Form(
        "forward",
        r"A = \sigma(Z) = \frac{1}{1 + e^{-Z}}",
        f"A = {_SIGMOID}\nA = np.clip(A, {_LIMITS})",
        (Rule("A", "sigmoid", (("Z", "ij"),)),),
        kept=("Z",),
    ),
    "compute_cost": _Form(
        "cost",
        r"J = -\frac{1}{m} \sum \big( Y \log A + (1 - Y) \log (1 - A) \big)",
        "cost = -(1 / m) * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))",
        (Rule("cost", "cost", (("A", "ij"), ("Y", "ij"))),),
    ),
    "dAL": _Form(
        "backward",
        r"dA = -\Big( \frac{Y}{A} - \frac{1 - Y}{1 - A} \Big)",
        "dA = -(np.divide(Y, A) - np.divide(1 - Y, 1 - A))",
        (Rule("dA", "dAL", (("A", "ij"), ("Y", "ij"))),),
    ),
    "sigmoid_backward": _Form(
        "backward",
        r"dZ = dA * s (1 - s), \quad s = \sigma(Z)",
        f"s = np.clip({_SIGMOID}, {_LIMITS})\ndZ = dA * s * (1 - s)",
        (Rule("dZ", "sigmoid_backward", (("dA", "ij"), ("Z", "ij"))),),
        recalled=("Z",),
    ),
    "relu_backward": _Form(
        "backward",
        r"\begin{aligned} dZ &= dA * g'(Z) \\"
        r" g'(Z) &= 1 \text{ where } Z > 0 \text{, else } 0 \end{aligned}",
        "dZ = np.where(Z > 0, dA, 0.0)",
        (Rule("dZ", "relu_backward", (("dA", "ij"), ("Z", "ij"))),),
        recalled=("Z",),
    ),
    "linear_backward": _Form(
        "backward",
        r"\begin{aligned} dW &= \tfrac{1}{m} \, dZ \, A_prev^T \\"
        r" db &= \tfrac{1}{m} \textstyle\sum_{i=1}^{m} dZ^(i) \\"
        r" dA_prev &= W^T \, dZ \end{aligned}",
        "dW = 1 / m * (dZ @ A_prev.T)\n"
        "db = 1 / m * np.sum(dZ, axis=1, keepdims=True)\n"
        "dA_prev = W.T @ dZ",
        (
            Rule("dW", "product", (("dZ", "ik"), ("A_prev", "jk"))),
            Rule("db", "product", (("dZ", "ik"),)),
            Rule("dA_prev", "product", (("W", "ki"), ("dZ", "kj"))),
        ),
        recalled=("A_prev", "W"),
    ),
    "update_parameters": _Form(
        "update",
        r"\begin{aligned} W &:= W - \alpha \, dW \\ b &:= b - \alpha \, db \end{aligned}",
        "W = W - learning_rate * dW\nb = b - learning_rate * db",
        (
            Rule("W", "update", (("W", "ij"), ("dW", "ij"))),
            Rule("b", "update", (("b", "ij"), ("db", "ij"))),
        ),
    ),
}


class _Writer:
    """Writes steps down: fills in their forms, and knows the latest array of each name."""

    def __init__(self, L: int, board: dict[str, NDArray[Any]]) -> None:
        self.L = L
        self.board = board
        m, rate = board["A0"].shape[1], float(board["learning_rate"])
        self.scales = {"dW": 1 / m, "db": 1 / m, "cost": -1 / m, "W": rate, "b": rate}
        self.steps: list[Step] = []

    def write(self, name: str, layer: int | None, *results: FloatArray) -> None:
        """Add the step that the function `name` was; results are in the order of its rules."""
        form = _FORMS[name]
        number = self.L if layer is None else layer  # the cost is about the last layer's answers

        def named(letters: str) -> str:
            return _in_code(letters, number, self.L)

        def placed(pair: tuple[str, str]) -> tuple[str, str]:
            return named(pair[0]), pair[1]

        rules = tuple(
            Rule(
                named(rule.output),
                rule.kind,
                tuple(placed(factor) for factor in rule.factors),
                placed(rule.addend) if rule.addend else None,
                self.scales.get(rule.output),
            )
            for rule in form.rules
        )
        code = named(form.code)
        read = [word for word in dict.fromkeys(re.findall(r"\w+", code)) if word in self.board]
        outputs = {rule.output: _locked(a) for rule, a in zip(rules, results, strict=True)}
        step = Step(
            index=len(self.steps),
            phase=form.phase,
            layer=layer,
            name=name,
            equation=_in_latex(form.equation, number),
            code=code,
            inputs={word: self.board[word] for word in read},
            outputs=outputs,
            rules=rules,
            kept=tuple(map(named, form.kept)),
            recalled=tuple(map(named, form.recalled)),
        )
        self.steps.append(step)
        self.board |= outputs


_LETTERS = re.compile(r"\b(d?)([WbAZ])(_prev)?\b(?:\^(T|\(i\)))?")


def _in_code(text: str, layer: int, L: int) -> str:
    """Put numbers to letters: A_prev of layer 2 is A1, dA of the last layer dAL."""

    def numbered(found: re.Match[str]) -> str:
        d, letter, prev, _ = found.groups()
        number = layer - 1 if prev else layer
        return f"{d}{letter}{'L' if letter == 'A' and number == L else number}"

    return _LETTERS.sub(numbered, text)


def _in_latex(text: str, layer: int) -> str:
    """Put the layer on top: A_prev^T of layer 2 is A^{[1]T}."""

    def numbered(found: re.Match[str]) -> str:
        d, letter, prev, mark = found.groups()
        return f"{d}{letter}^{{[{layer - 1 if prev else layer}]{mark or ''}}}"

    return _LETTERS.sub(numbered, text)


# One entry ----------------------------------------------------------------------------------------


class Entry(NamedTuple):
    """One number, and where it stands (rows and columns are counted from 0)."""

    name: str
    row: int
    column: int
    value: float


@dataclass(frozen=True, eq=False)
class Part:
    """The entries of one input that take part, one for each term.

    Attributes
    ----------
    name : str
    rows, columns : ndarray of shape (k,)
    values : ndarray of shape (k,)
    """

    name: str
    rows: IntArray
    columns: IntArray
    values: FloatArray

    def entry(self, term: int) -> Entry:
        """Return the entry that takes part in a term."""
        row, column = int(self.rows[term]), int(self.columns[term])
        return Entry(self.name, row, column, float(self.values[term]))


@dataclass(frozen=True, eq=False)
class Explanation:
    """How one entry of an output came about: scale * (the sum of the terms) + addend.

    Attributes
    ----------
    entry : Entry
        The entry that is explained, with its value as the step computed it.
    rule : Rule
    parts : tuple of Part
        Where the terms come from.
    terms : ndarray of shape (k,)
        "product": the product of the parts. "cost": Y log AL + (1 - Y) log(1 - AL) of each label.
        "update": the gradient. Else the one value itself.
    scale : float
        1/m for dW and db, -1/m for the cost, minus the learning rate for "update", else 1.
    addend : Entry, or None
        The bias for linear_forward, the old parameter for "update".
    quantities : mapping of str to float
        What is computed on the way, by its formula: "exp(-Z)" for "sigmoid"; "s" (the sigmoid of Z)
        and "s (1 - s)" for "sigmoid_backward"; "Y / AL" and "(1 - Y) / (1 - AL)" for "dAL".
    branch : str, or None
        For ReLU and its way back: "Z > 0: passes", "Z = 0: stopped" or "Z < 0: stopped".
    """

    entry: Entry
    rule: Rule
    parts: tuple[Part, ...]
    terms: FloatArray
    scale: float = 1.0
    addend: Entry | None = None
    quantities: Mapping[str, float] = field(default_factory=dict)
    branch: str | None = None

    @property
    def value(self) -> float:
        """The entry as the step computed it."""
        return self.entry.value

    @property
    def total(self) -> float:
        """What the terms add up to, one after the other."""
        return self.scale * float(np.sum(self.terms)) + (self.addend.value if self.addend else 0.0)

    @property
    def remainder(self) -> float:
        """Value minus total: nothing but rounding, which depends on the order of a sum."""
        return self.value - self.total

    def sources(self, term: int) -> tuple[Entry, ...]:
        """Return the entries of the inputs that made a term."""
        return tuple(part.entry(term) for part in self.parts)

    def largest(self, n: int) -> tuple[IntArray, float]:
        """Return which n terms weigh most, the heaviest first, and the sum of all other terms."""
        order = np.argsort(-np.abs(self.terms), kind="stable")
        return order[:n], float(np.sum(self.terms[order[n:]]))


def explain(step: Step, name: str, i: int = 0, j: int = 0) -> Explanation:
    """Say how entry (i, j) of an output of a step came about.

    Parameters
    ----------
    step : Step
    name : str
        One of the outputs of the step.
    i, j : int
        Row and column, from 0; for the cost, which is one number, 0 and 0.

    Raises
    ------
    ValueError
        If the step has no such output, or the output no such entry.

    Examples
    --------
    >>> X, Y = np.array([[1.0, 2.0]]), np.array([[0.0, 1.0]])
    >>> steps = trace_iteration(X, Y, {"W1": np.array([[0.5]]), "b1": np.array([[3.0]])}, 0.1)
    >>> found = explain(steps[0], "Z1", 0, 1)
    >>> found.value, found.terms, found.addend.value
    (4.0, array([1.]), 3.0)
    """
    rule = next((rule for rule in step.rules if rule.output == name), None)
    if rule is None:
        raise ValueError(
            f"{name!r} is no output of step {step.index}, {step.name}: it needs to be one of "
            f"{', '.join(step.outputs)}."
        )
    output = np.atleast_2d(step.outputs[name])
    require_entry(name, output, i, j)
    entry = Entry(name, int(i), int(j), float(output[i, j]))
    at = {"0": 0} if rule.kind == "cost" else {"i": i, "j": j, "0": 0}  # other letters are summed
    parts = [_part(step.inputs, factor, at) for factor in rule.factors]
    added = _part(step.inputs, rule.addend, at) if rule.addend else None
    scale = 1.0 if rule.scale is None else rule.scale
    if rule.kind == "update":
        added, parts, scale = parts[0], parts[1:], -scale
    values = [part.values for part in parts]
    quantities = _on_the_way(rule.kind, *values)
    return Explanation(
        entry=entry,
        rule=rule,
        parts=tuple(parts),
        terms=_TERMS[rule.kind](*values),
        scale=scale,
        addend=added.entry(0) if added else None,
        quantities={what: float(value[0]) for what, value in quantities.items()},
        branch=_branch(values[-1][0]) if rule.kind in ("relu", "relu_backward") else None,
    )


def _part(inputs: Arrays, factor: tuple[str, str], at: Mapping[str, int]) -> Part:
    """Look up the entries that an index pattern means; a letter that is not in `at` runs."""
    name, pattern = factor
    array = inputs[name]
    places = [
        np.array([at[letter]]) if letter in at else np.arange(size)
        for letter, size in zip(pattern, array.shape, strict=True)
    ]
    rows, columns = (place.ravel() for place in np.broadcast_arrays(*np.ix_(*places)))
    return Part(name, rows, columns, array[rows, columns])


# The terms, from the values of the parts; the derivatives are those of `nncore.activations`.
_TERMS: Mapping[str, Callable[..., FloatArray]] = {
    "product": lambda first, second=1.0: first * second,
    "update": lambda gradient: gradient,
    "cost": lambda AL, Y: Y * np.log(AL) + (1 - Y) * np.log(1 - AL),
    "dAL": lambda AL, Y: -(Y / AL - (1 - Y) / (1 - AL)),
    "relu": lambda Z: relu(Z)[0],
    "sigmoid": lambda Z: sigmoid(Z)[0],
    "relu_backward": lambda dA, Z: relu_backward(dA[None], Z[None])[0],
    "sigmoid_backward": lambda dA, Z: sigmoid_backward(dA[None], Z[None])[0],
}


def _on_the_way(kind: str, *values: FloatArray) -> dict[str, FloatArray]:
    match kind, values:
        case "sigmoid", (Z,):
            return {"exp(-Z)": np.exp(np.minimum(-Z, 709))}
        case "sigmoid_backward", (_, Z):
            s, _ = sigmoid(Z)
            return {"s": s, "s (1 - s)": s * (1 - s)}
        case "dAL", (AL, Y):
            return {"Y / AL": Y / AL, "(1 - Y) / (1 - AL)": (1 - Y) / (1 - AL)}
        case _:
            return {}


def _branch(z: float) -> str:
    if z > 0:
        return "Z > 0: passes"
    return "Z = 0: stopped" if z == 0 else "Z < 0: stopped"
