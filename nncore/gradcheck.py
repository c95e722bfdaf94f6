"""Is the gradient right? Nudge a number both ways, run the network again, watch the cost.

(J(w + epsilon) - J(w - epsilon)) / (2 epsilon), the central difference, knows nothing of the chain
rule, so where it agrees with the backward pass both are right. Three things keep them apart:

- the nudge is finite: the difference errs by about epsilon squared (truncation);
- J has 16 digits, of which the subtraction cancels most: it errs by about 1e-16 / epsilon (rounding);
- between the two runs a ReLU may switch. There J has a kink, and no slope; this is found and said.

dW and db are gradients of J, dA and dZ of the SUM of the losses, so these are divided by m first. A0 is
X, and AL is A of the last layer.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nncore.activations import relu, relu_backward, sigmoid, sigmoid_backward
from nncore.backward import L_model_backward
from nncore.checks import (
    require_entry,
    require_finite,
    require_input,
    require_labels,
    require_positive,
    require_same_shape,
)
from nncore.cost import compute_cost
from nncore.forward import L_model_forward, linear_activation_forward, linear_forward
from nncore.types import FloatArray, Gradients, Parameters

GOOD = 1e-7  # the relative difference below which a gradient counts as right
MOST_ENTRIES = 10_000  # checked unasked; each costs two runs of the network


class Kink(NamedTuple):
    """A hidden unit whose Z has another sign in the one run than in the other (all from 0)."""

    layer: int
    unit: int
    example: int


@dataclass(frozen=True)
class EntryCheck:
    """One number, nudged both ways.

    Attributes
    ----------
    name : str
        Of the array: "W1", "b1", "Z1", "A1".
    i, j : int
    epsilon : float
    cost_plus, cost_minus : float
        J with the number larger, and smaller, by epsilon.
    analytic : float
        What the backward pass says; already divided by m where it is an entry of dA or dZ.
    rounding : float
        How far about `numeric` can be off because the costs are rounded.
    kinks : tuple of Kink
        Where there are any, numeric and analytic need not agree.
    """

    name: str
    i: int
    j: int
    epsilon: float
    cost_plus: float
    cost_minus: float
    analytic: float
    rounding: float
    kinks: tuple[Kink, ...] = ()

    @property
    def numeric(self) -> float:
        """The central difference."""
        return (self.cost_plus - self.cost_minus) / (2 * self.epsilon)

    @property
    def relative_error(self) -> float:
        """|numeric - analytic| / (|numeric| + |analytic|); 0 where both are 0."""
        return relative_difference(self.numeric, self.analytic)

    @property
    def agreeing_digits(self) -> int:
        """To how many significant digits the two agree, 16 at most; 0 where one is no number."""
        if self.numeric == self.analytic:
            return 16
        off = abs(self.numeric - self.analytic) / max(abs(self.numeric), abs(self.analytic))
        return int(np.clip(np.floor(-np.log10(off)), 0, 16)) if np.isfinite(off) else 0

    @property
    def agrees(self) -> bool:
        """Whether the two are apart by less than a ten-millionth, or by rounding alone."""
        off = abs(self.numeric - self.analytic)
        return self.relative_error < GOOD or off <= self.rounding


@dataclass(frozen=True, eq=False)
class GradientReport:
    """Every parameter, or a sample of them, nudged both ways.

    Attributes
    ----------
    entries : tuple of EntryCheck
    total : int
        How many parameters the network has.
    """

    entries: tuple[EntryCheck, ...]
    total: int

    @cached_property
    def smooth(self) -> tuple[EntryCheck, ...]:
        """The entries whose nudge met no kink: those that are compared."""
        return tuple(entry for entry in self.entries if not entry.kinks)

    @cached_property
    def kinked(self) -> tuple[EntryCheck, ...]:
        """The entries whose nudge met a kink: they are no errors, and not compared."""
        return tuple(entry for entry in self.entries if entry.kinks)

    @cached_property
    def relative_difference(self) -> float:
        """|numeric - analytic| / (|numeric| + |analytic|) of the whole gradient as one vector."""
        return _difference_of(self.smooth)

    @cached_property
    def by_array(self) -> dict[str, float]:
        """The same for each of W1, b1, ..., where an entry of it could be compared."""
        names = dict.fromkeys(entry.name for entry in self.smooth)
        return {
            name: _difference_of([entry for entry in self.smooth if entry.name == name])
            for name in names
        }

    def worst(self, n: int = 5) -> tuple[EntryCheck, ...]:
        """Return the n entries where numeric and analytic are furthest apart.

        By their plain difference: the relative one of a tiny slope is mostly rounding.
        """
        furthest = sorted(self.smooth, key=lambda entry: -abs(entry.numeric - entry.analytic))
        return tuple(furthest[:n])


@dataclass(frozen=True, eq=False)
class ErrorCurve:
    """One number, nudged by several epsilons: truncation on the one side, rounding on the other.

    Attributes
    ----------
    analytic : float
    epsilons, numeric, relative_errors : ndarray of shape (k,)
    kinked : ndarray of shape (k,), bool
        Where a nudge met a kink.
    """

    analytic: float
    epsilons: FloatArray
    numeric: FloatArray
    relative_errors: FloatArray
    kinked: NDArray[np.bool_]


def check_gradients(
    X: FloatArray,
    Y: FloatArray,
    parameters: Parameters,
    epsilon: float = 1e-7,
    *,
    grads: Gradients | None = None,
    at_most: int | None = None,
    seed: int = 0,
) -> GradientReport:
    """Compare the gradient of every W and b with central differences of the cost.

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
    Y : ndarray of shape (n[L], m)
    parameters : dict
    epsilon : float
    grads : dict, optional
        Your own dW1, db1, ..., dWL, dbL to be checked; else those of L_model_backward.
    at_most : int, optional
        Check only so many entries of each array, drawn at random; for large networks.
    seed : int
        Of that draw.

    Returns
    -------
    GradientReport

    Raises
    ------
    ValueError
        If shapes do not fit, a gradient is missing, or there are over 10,000 parameters and no
        `at_most`.
    """
    network = _Network(X, Y, parameters)
    total = sum(array.size for array in parameters.values())
    if at_most is None and total > MOST_ENTRIES:
        raise ValueError(
            f"The network has {total:,} parameters, and each costs two runs of it: above "
            f"{MOST_ENTRIES:,} a sample needs to do. Try at_most=20, that many of each array."
        )
    if grads is not None:
        network.use(grads)
    stream = np.random.default_rng(seed)
    checks = []
    for name, array in parameters.items():
        places = np.arange(array.size)
        if at_most is not None and at_most < array.size:
            places = np.sort(stream.choice(array.size, at_most, replace=False))
        rows, columns = np.unravel_index(places, array.shape)
        checks += [
            network.check(name, int(i), int(j), epsilon) for i, j in zip(rows, columns, strict=True)
        ]
    return GradientReport(tuple(checks), total)


def check_entry(
    X: FloatArray,
    Y: FloatArray,
    parameters: Parameters,
    name: str,
    i: int,
    j: int,
    epsilon: float = 1e-7,
) -> EntryCheck:
    """Nudge one number of the network both ways, and compare with what the backward pass says.

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
    Y : ndarray of shape (n[L], m)
    parameters : dict
    name : str
        W1, b1, Z1, A1 and so on; A0 is X, AL the answers. A nudged Z or A is not computed from what
        is before it: the network runs on from there.
    i, j : int
        Row and column, from 0.
    epsilon : float

    Raises
    ------
    ValueError
        If shapes do not fit, there is no such entry, epsilon is not above 0, or a nudged AL is no
        probability.
    """
    return _Network(X, Y, parameters).check(name, i, j, epsilon)


def error_against_epsilon(
    X: FloatArray,
    Y: FloatArray,
    parameters: Parameters,
    name: str,
    i: int,
    j: int,
    epsilons: Sequence[float] | FloatArray,
) -> ErrorCurve:
    """Nudge one number by each of several epsilons; arguments are those of `check_entry`."""
    network = _Network(X, Y, parameters)
    checks = [network.check(name, i, j, float(epsilon)) for epsilon in epsilons]
    return ErrorCurve(
        analytic=network.slope(name, i, j),
        epsilons=np.array(epsilons, dtype=np.float64),
        numeric=np.array([check.numeric for check in checks]),
        relative_errors=np.array([check.relative_error for check in checks]),
        kinked=np.array([bool(check.kinks) for check in checks]),
    )


def relative_difference(numeric: Any, analytic: Any) -> float:
    """|numeric - analytic| / (|numeric| + |analytic|) of two vectors or numbers; 0 where both are 0."""
    numeric, analytic = np.atleast_1d(numeric), np.atleast_1d(analytic)
    size = np.linalg.norm(numeric) + np.linalg.norm(analytic)
    return float(np.linalg.norm(numeric - analytic) / size) if size else 0.0


def _difference_of(entries: Sequence[EntryCheck]) -> float:
    return relative_difference(
        [entry.numeric for entry in entries], [entry.analytic for entry in entries]
    )


class _Network:
    """One pass forward and back, from the middle of which nudged runs start."""

    def __init__(self, X: FloatArray, Y: FloatArray, parameters: Parameters) -> None:
        L = require_input(X, parameters)
        require_labels(X, Y, parameters[f"W{L}"].shape[0])
        require_finite("X", X)
        require_finite("Y", Y)
        self.Y, self.L = Y, L
        self.AL, self.caches = L_model_forward(X, parameters)
        self.grads = L_model_backward(self.AL, Y, self.caches)
        self.grads[f"dA{L}"] = -(np.divide(Y, self.AL) - np.divide(1 - Y, 1 - self.AL))

    def use(self, grads: Mapping[str, Any]) -> None:
        """Check these dW and db in place of ours."""
        for name in [name for name in self.grads if name[1] in "Wb"]:
            if name not in grads:
                raise ValueError(f"grads has no {name}: it needs one gradient for each W and b.")
            require_same_shape(name, grads[name], name[1:], self.grads[name])
            self.grads[name] = grads[name]

    def place(self, name: str) -> tuple[str, int]:
        """Return letter and layer of a name."""
        found = re.fullmatch(r"([WbZA])(\d+|L)", str(name))
        letter, number = found.groups() if found else ("", "0")
        layer = self.L if number == "L" else int(number)
        if not letter or not (0 if letter == "A" else 1) <= layer <= self.L:
            raise ValueError(
                f"name is {name!r}: it needs to be W, b, Z or A and a layer from 1 to {self.L}, for "
                f'example "W1", or "A0" for X.'
            )
        return letter, layer

    def array(self, letter: str, layer: int) -> FloatArray:
        if letter == "A":
            return self.AL if layer == self.L else self.caches[layer][0][0]
        (_, W, b), Z = self.caches[layer - 1]
        arrays: dict[str, FloatArray] = {"W": W, "b": b, "Z": Z}
        return arrays[letter]

    def slope(self, name: str, i: int, j: int) -> float:
        """Return the slope of J that the backward pass gives."""
        letter, layer = self.place(name)
        if letter in "Wb":
            return float(self.grads[f"d{letter}{layer}"][i, j])
        gradient: FloatArray = self.grads[f"dA{layer}"]
        if letter == "Z":
            backward = sigmoid_backward if layer == self.L else relu_backward
            gradient = backward(gradient, self.array("Z", layer))
        m = self.Y.shape[1]
        return float(gradient[i, j] / m)  # a gradient of the sum of losses, and J is their mean

    def check(self, name: str, i: int, j: int, epsilon: float) -> EntryCheck:
        letter, layer = self.place(name)
        array = self.array(letter, layer)
        require_entry(name, array, i, j)
        require_positive("epsilon", epsilon)
        if letter == "A" and layer == self.L and not epsilon <= array[i, j] <= 1 - epsilon:
            raise ValueError(
                f"{name}[{i}, {j}] is {array[i, j]} and epsilon is {epsilon}: a nudged answer needs to "
                f"stay between 0 and 1. Try a smaller epsilon, or nudge Z{self.L}."
            )
        plus, Z_plus = self.run(letter, layer, i, j, epsilon)
        minus, Z_minus = self.run(letter, layer, i, j, -epsilon)
        kinks = tuple(
            Kink(hidden, int(unit), int(example))
            for hidden in range(1, self.L)
            if hidden in Z_plus
            for unit, example in np.argwhere(np.sign(Z_plus[hidden]) != np.sign(Z_minus[hidden]))
        )
        slope, rounding = self.slope(name, i, j), self.rounding_of_cost / epsilon
        return EntryCheck(name, i, j, epsilon, plus, minus, slope, rounding, kinks)

    @cached_property
    def rounding_of_cost(self) -> float:
        """How far about J is off by rounding: two of the last digit of it, of its logarithms, of ZL.

        1 - AL has 16 digits after the point, so its logarithm is off by 1e-16 / (1 - AL): where a
        wrong answer is nearly certain, J is known to few digits.
        """
        AL, Y, (_, Z) = self.AL, self.Y, self.caches[-1]
        logarithms = np.spacing(1.0) * (np.abs(Y) + np.abs(1 - Y) / (1 - AL))
        answers = np.spacing(np.abs(Z)) * np.abs(AL - Y)
        cost = np.spacing(compute_cost(AL, Y))
        return float(2 * (np.sum(logarithms + answers) / Y.shape[1] + cost))

    def run(
        self, letter: str, layer: int, i: int, j: int, nudge: float
    ) -> tuple[float, dict[int, FloatArray]]:
        """Nudge an entry and run on from its layer; return J and every Z computed on the way."""
        nudged = np.array(self.array(letter, layer), dtype=np.float64)
        nudged[i, j] += nudge
        Z_of = {}
        if letter == "A":
            A = nudged
        else:
            (A_prev, W, b), _ = self.caches[layer - 1]
            if letter == "W":
                Z_of[layer], _ = linear_forward(A_prev, nudged, b)
            elif letter == "b":
                Z_of[layer], _ = linear_forward(A_prev, W, nudged)
            else:
                Z_of[layer] = nudged
            A, _ = (sigmoid if layer == self.L else relu)(Z_of[layer])
        for later in range(layer + 1, self.L + 1):
            (_, W, b), _ = self.caches[later - 1]
            activation = "sigmoid" if later == self.L else "relu"
            A, (_, Z_of[later]) = linear_activation_forward(A, W, b, activation)
        return float(compute_cost(A, self.Y)), Z_of
