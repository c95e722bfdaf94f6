"""What a network looks like inside, layer by layer: which units wake, how large, what they look for."""

from dataclasses import dataclass

import numpy as np

from nncore.backward import L_model_backward
from nncore.forward import L_model_forward
from nncore.types import BoolArray, FloatArray, Parameters, UInt8Array

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
