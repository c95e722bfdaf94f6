"""What a network looks like inside, layer by layer: which units wake, how large, what they look for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nncore.backward import L_model_backward
from nncore.checks import require_entry, require_input
from nncore.forward import L_model_forward
from nncore.types import BoolArray, FloatArray, IntArray, Parameters, UInt8Array

SURE = 0.01  # a sigmoid this near to 0 or 1 hardly passes a gradient any more


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer of a network, on given examples.

    Attributes
    ----------
    number : int
        From 1 to L.
    units, inputs : int
    awake : ndarray of shape (units,)
        For each unit of a hidden layer the fraction of the examples at which ReLU lets it pass.
    sure : float or None
        Of the last layer, the fraction of answers within 0.01 of 0 or 1: saturated.
    weight, gradient : float
        Root mean square of W and of dW: the size of a usual entry.
    largest_gradient : float
        The largest entry of dW, without its sign.
    """

    number: int
    units: int
    inputs: int
    awake: FloatArray
    sure: float | None
    weight: float
    gradient: float
    largest_gradient: float

    @property
    def dead(self) -> BoolArray:
        """Which units pass at no example, (units,): no gradient reaches them any more."""
        never: BoolArray = self.awake == 0
        return never


def look_inside(X: FloatArray, Y: FloatArray, parameters: Parameters) -> list[Layer]:
    """Go forward and backward once, and describe every layer.

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
    Y : ndarray of shape (n[L], m)
    parameters : dict
    """
    with np.errstate(over="ignore", invalid="ignore"):  # the last network of a run that blew up
        AL, caches = L_model_forward(X, parameters)
        grads = L_model_backward(AL, Y, caches)
    L = len(caches)
    return [
        Layer(
            number=layer,
            units=W.shape[0],
            inputs=W.shape[1],
            awake=np.mean(Z > 0, axis=1) if layer < L else np.ones(W.shape[0]),
            sure=None if layer < L else float(np.mean((AL < SURE) | (AL > 1 - SURE))),
            weight=_usual(W),
            gradient=_usual(grads[f"dW{layer}"]),
            largest_gradient=float(np.abs(grads[f"dW{layer}"]).max()),
        )
        for layer, ((_, W, _), Z) in enumerate(caches, start=1)
    ]


def _usual(array: FloatArray) -> float:
    largest = float(np.abs(array).max()) or 1.0
    if not np.isfinite(largest):
        return float("inf")
    return largest * float(np.sqrt(np.mean(np.square(array / largest))))  # no square overflows


def as_pictures(W: FloatArray) -> tuple[UInt8Array, float]:
    """Show each row of first-layer weights as the picture that it looks for.

    All rows share one scale: middle grey is 0, full red, green or blue the largest weight, none of it
    the largest negative one.

    Parameters
    ----------
    W : ndarray of shape (n[1], side * side * 3)
        Its columns in the order of `nncore.data.dataset.to_columns`.

    Returns
    -------
    pictures : ndarray of shape (n[1], side, side, 3), uint8
    limit : float
        The weight at the ends of the scale.

    Raises
    ------
    ValueError
        If the columns are no square picture of three colours.
    """
    side = round((W.shape[1] / 3) ** 0.5)
    if side * side * 3 != W.shape[1]:
        raise ValueError(
            f"W has shape {W.shape}: a row makes a picture where it has side * side * 3 weights, "
            f"for example 64 * 64 * 3 = 12288."
        )
    limit = float(np.abs(W).max())
    shades = np.rint(127.5 + 127.5 * W / (limit or 1.0)).astype(np.uint8)
    return shades.reshape(-1, side, side, 3), limit


# What the units of a hidden layer do --------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Activity:
    """The units of one hidden layer, on given pictures.

    Attributes
    ----------
    layer : int
        From 1 to L - 1.
    Z, A : ndarray of shape (n[l], m)
    labels : ndarray of shape (m,)
    push : ndarray of shape (n[l],) or None
        Of the last hidden layer the weights W[L] with which the logit takes up each A: A is never
        below 0, so above 0 the unit speaks for label 1, below 0 against it. Elsewhere None: a unit
        may speak for a cat by one way and against it by another.
    """

    layer: int
    Z: FloatArray
    A: FloatArray
    labels: IntArray
    push: FloatArray | None

    @property
    def awake(self) -> FloatArray:
        """For each unit the fraction of the pictures that it passes, (n[l],)."""
        fractions: FloatArray = np.mean(self.Z > 0, axis=1)
        return fractions

    @property
    def means(self) -> FloatArray:
        """For each unit the mean of A on label 0 and on label 1, (n[l], 2); NaN where there is none."""
        return np.stack(
            [
                self.A[:, self.labels == label].mean(axis=1)
                if (self.labels == label).any()
                else np.full(len(self.A), np.nan)
                for label in (0, 1)
            ],
            axis=1,
        )

    @property
    def apart(self) -> FloatArray:
        """How far each unit's two means lie apart, counted in its standard deviations, (n[l],).

        Above 0 where it wakes more for label 1; 0 where A is always the same, NaN without both labels.
        """
        spread = self.A.std(axis=1)
        gap = self.means[:, 1] - self.means[:, 0]
        counted: FloatArray = np.divide(gap, spread, out=0 * gap, where=spread > 0)
        return counted

    def strongest(self, unit: int, most: int = 5) -> IntArray:
        """Return the pictures at which a unit is most awake, in order; fewer where it sleeps."""
        require_entry("A", self.A, unit, 0)
        order = np.argsort(-self.A[unit], kind="stable")[:most]
        found: IntArray = order[self.A[unit, order] > 0]
        return found


def activity(X: FloatArray, Y: Any, parameters: Parameters, layer: int) -> Activity:
    """Go forward once, and keep what the units of one hidden layer do.

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
    Y : ndarray of shape (1, m)
    parameters : dict
    layer : int
        From 1 to L - 1.

    Raises
    ------
    ValueError
        If there is no such hidden layer.
    """
    L = _require_hidden(X, parameters, layer)
    with np.errstate(over="ignore", invalid="ignore"):  # as in `look_inside`
        _, caches = L_model_forward(X, parameters)
    (A, _, _), _ = caches[layer]  # what the next layer read
    return Activity(
        layer=layer,
        Z=caches[layer - 1][1],
        A=A,
        labels=Y[0],
        push=parameters[f"W{L}"][0] if layer == L - 1 else None,
    )


def active_rows(
    X: FloatArray, parameters: Parameters, layer: int, units: Sequence[int] | IntArray
) -> FloatArray:
    """Return what units of a hidden layer look for, each at a picture of its own.

    It is the unit's row of the picture's active map (`nncore.attribution.active_maps`): by how much
    each number of the picture changes Z, as long as no unit below switches. It is found from the unit
    backwards, for all units at once, and no map is made whole. In layer 1 it is the unit's row of W1,
    whatever the picture.

    Parameters
    ----------
    X : ndarray of shape (n[0], k)
        One picture for each of the units.
    parameters : dict
    layer : int
        From 1 to L - 1.
    units : sequence of k int
        From 0.

    Returns
    -------
    ndarray of shape (k, n[0])

    Raises
    ------
    ValueError
        If there is no such hidden layer, or not one picture for each of its units.
    """
    _require_hidden(X, parameters, layer)
    W = parameters[f"W{layer}"]
    for unit in units:
        require_entry(f"W{layer}", W, unit, 0)
    if X.shape[1] != len(units):
        raise ValueError(
            f"X has shape {X.shape} and {len(units)} units are asked about: X needs as many columns, "
            f"one picture for each unit."
        )
    rows = W[np.asarray(units, dtype=np.intp)]  # (k, n[l-1]); a tuple would name one entry
    _, caches = L_model_forward(X, parameters)
    for below in range(layer - 1, 0, -1):
        passing = caches[below - 1][1] > 0  # (n[below], k)
        rows = (rows * passing.T) @ parameters[f"W{below}"]  # (k, n[below-1])
    return rows


def _require_hidden(X: FloatArray, parameters: Parameters, layer: int) -> int:
    L = require_input(X, parameters)
    if layer not in range(1, L):
        hidden = f"hidden layers 1 to {L - 1}" if L > 1 else "no hidden layer"
        raise ValueError(
            f"layer is {layer!r}: this network has {hidden}, and it needs to be one of them."
        )
    return L
