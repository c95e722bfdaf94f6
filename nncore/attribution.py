"""Which pixels made the answer? For a network of ReLUs that has an exact answer.

At one picture x every hidden unit either passes its Z on or sends 0. With these switches held as they
are, the network up to any Z is one linear map, the active map of x:

    Z[l] = M[l] x + c[l]        M[1] = W1                    c[1] = b1
                                M[l] = W[l] D[l-1] M[l-1]    c[l] = W[l] D[l-1] c[l-1] + b[l]

where D[l] is diagonal, 1 for the units of layer l that pass and 0 for the others. So the logit, the
number that the last sigmoid is given, is a sum over the numbers of the picture and one bias, and over
nothing else. This is no heuristic heat map: add it up and the logit comes out.

The map is the same for all pictures near x at which the same units pass; `switches` says how near.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from nncore.activations import sigmoid
from nncore.backward import L_model_backward
from nncore.checks import require_entry, require_finite, require_input, require_labels
from nncore.forward import L_model_forward
from nncore.types import FloatArray, Parameters


class ActiveMap(NamedTuple):
    """What a layer's Z is of x, as long as no unit below it switches: Z = M x + c.

    Attributes
    ----------
    layer : int
        From 1 to L.
    M : ndarray of shape (n[l], n[0])
    c : ndarray of shape (n[l], 1)
    Z : ndarray of shape (n[l], 1)
        As the forward pass computes it.
    """

    layer: int
    M: FloatArray
    c: FloatArray
    Z: FloatArray


@dataclass(frozen=True, eq=False)
class PixelLedger:
    """A logit as a sum: `contributions` and `bias` add up to `logit`, but for rounding.

    Attributes
    ----------
    contributions : ndarray of shape (n[0],)
        What each number of the picture adds, its value times its active weight: above 0 it speaks
        for the class of the unit (cat), below 0 against it.
    bias : float
        What is there before any pixel.
    logit : float
        Z of the unit, from the forward pass.
    weights : ndarray of shape (n[0],)
        The active weight of each number: what one more of it would add.
    """

    contributions: FloatArray
    bias: float
    logit: float
    weights: FloatArray

    @property
    def speaks_for(self) -> float:
        """The sum of the contributions above 0."""
        return float(self.contributions[self.contributions > 0].sum())

    @property
    def speaks_against(self) -> float:
        """The sum of the contributions below 0."""
        return float(self.contributions[self.contributions < 0].sum())

    @property
    def pixels(self) -> float:
        """What all numbers of the picture add together."""
        return self.speaks_for + self.speaks_against

    @property
    def total(self) -> float:
        """What speaks for, what speaks against and the bias, added up."""
        return self.speaks_for + self.speaks_against + self.bias

    @property
    def remainder(self) -> float:
        """What the sum leaves of the logit: rounding."""
        return self.logit - self.total


class Switch(NamedTuple):
    """A hidden unit, and how far the picture may move before it begins or ceases to pass.

    Attributes
    ----------
    layer, unit : int
        The layer from 1, the unit from 0.
    Z : float
        Above 0 the unit passes.
    distance : float
        The length of the shortest change of x (as a straight line through all inputs) that reaches
        Z = 0 while the units below stay as they are.
    every_value : float
        The least d such that changing every number of x by at most d reaches Z = 0.
    one_value : float
        The least change of a single number of x that reaches Z = 0.
    """

    layer: int
    unit: int
    Z: float
    distance: float
    every_value: float
    one_value: float


def active_maps(x: FloatArray, parameters: Parameters) -> Iterator[ActiveMap]:
    """Yield the active map of each layer at one picture, from layer 1 to L.

    Parameters
    ----------
    x : ndarray of shape (n[0], 1)
    parameters : dict
        W1, b1, ..., WL, bL.

    Raises
    ------
    ValueError
        If x is not one column that fits the first layer, or holds NaN or infinity.
    """
    require_input(x, parameters)
    if x.shape[1] != 1:
        raise ValueError(
            f"x has shape {x.shape}: the active map belongs to one picture, so it needs to be one "
            f"column. Try x[:, [0]]."
        )
    require_finite("x", x)
    _, caches = L_model_forward(x, parameters)
    (_, M, c), Z = caches[0]
    yield ActiveMap(1, M, c, Z)
    for layer, ((_, W, b), Z_next) in enumerate(caches[1:], start=2):
        W = W * (Z > 0).T  # W D, (n[l], n[l-1])
        M, c, Z = W @ M, W @ c + b, Z_next  # (n[l], n[0]), (n[l], 1), (n[l], 1)
        yield ActiveMap(layer, M, c, Z)


def pixel_ledger(
    x: FloatArray, parameters: Parameters, *, layer: int | None = None, unit: int = 0
) -> PixelLedger:
    """Say what each number of a picture adds to the answer.

    Parameters
    ----------
    x : ndarray of shape (n[0], 1)
    parameters : dict
    layer : int, optional
        Of the unit that is asked about, from 1; by default the last, whose Z is the logit.
    unit : int
        From 0.

    Raises
    ------
    ValueError
        As `active_maps`, or if there is no such unit.

    Examples
    --------
    >>> parameters = {"W1": np.array([[1.0, -1.0], [1.0, 1.0]]), "b1": np.zeros((2, 1)),
    ...               "W2": np.array([[3.0, 5.0]]), "b2": np.array([[0.5]])}
    >>> ledger = pixel_ledger(np.array([[1.0], [2.0]]), parameters)  # the first unit does not pass
    >>> ledger.contributions.tolist(), ledger.bias, ledger.logit
    ([5.0, 10.0], 0.5, 15.5)
    """
    maps = list(active_maps(x, parameters))
    layer = len(maps) if layer is None else layer
    if layer not in range(1, len(maps) + 1):
        raise ValueError(
            f"layer is {layer!r}: this network has layers 1 to {len(maps)}, so it needs to be one of "
            f"them."
        )
    _, M, c, Z = maps[layer - 1]
    require_entry("Z", Z, unit, 0)
    return PixelLedger(M[unit] * x[:, 0], float(c[unit, 0]), float(Z[unit, 0]), M[unit])


class LayerBias(NamedTuple):
    """What the biases of one layer add to the logit of a picture.

    Attributes
    ----------
    layer : int
        From 1 to L.
    adds : float
        What arrives of them at the end, through the units that pass.
    passing, units : int
        How many units of the layer pass, of how many; the last unit always does.
    """

    layer: int
    adds: float
    passing: int
    units: int


def bias_by_layer(x: FloatArray, parameters: Parameters) -> list[LayerBias]:
    """Return what each layer's biases add to the bias of a picture's ledger, from layer 1 to L.

    It differs from picture to picture, for only what the passing units send on arrives.

    Parameters
    ----------
    x : ndarray of shape (n[0], 1)
    parameters : dict
        Of a network with one output.
    """
    maps = list(active_maps(x, parameters))
    L = len(maps)
    way = np.ones((1, 1))  # from Z[l] to the logit, (1, n[l])
    found = []
    for layer in range(L, 0, -1):
        passes = maps[layer - 1].Z > 0 if layer < L else np.ones((1, 1), bool)  # (n[l], 1)
        way = way * passes.T
        adds = float((way @ parameters[f"b{layer}"])[0, 0])
        found.append(LayerBias(layer, adds, int(passes.sum()), passes.size))
        way = way @ parameters[f"W{layer}"]  # (1, n[l-1])
    return found[::-1]


def region_sums(contributions: FloatArray, side: int, size: int) -> FloatArray:
    """Add up what the pixels of each square region add, all colours together.

    Parameters
    ----------
    contributions : ndarray of shape (side * side * 3,)
    side : int
        Of the picture.
    size : int
        Of a region; where it does not divide the side, the last ones are smaller.

    Returns
    -------
    ndarray of shape (k, k)
        With k = side / size, rounded up.
    """
    pixels = contributions.reshape(side, side, 3).sum(axis=2)
    starts = np.arange(0, side, size)
    sums: FloatArray = np.add.reduceat(np.add.reduceat(pixels, starts, axis=0), starts, axis=1)
    return sums


def strongest_regions(sums: FloatArray, direction: int, most: int) -> list[tuple[int, int]]:
    """Return the regions that speak most in one direction, the strongest first.

    Parameters
    ----------
    sums : ndarray of shape (k, k)
        From `region_sums`.
    direction : {1, -1}
        1 for the class of the unit (cat), -1 against it.
    most : int
        How many at most; fewer where fewer speak that way.
    """
    order = np.argsort(-direction * sums, axis=None, kind="stable")[:most]
    places = [divmod(int(at), sums.shape[1]) for at in order]
    return [place for place in places if direction * sums[place] > 0]


Decider = Literal["bias", "pixels", "each", "together"]


def decider(ledger: PixelLedger, threshold: float = 0.5) -> Decider:
    """Say what decides an answer: which of pixels and bias, each taken alone, would give the same.

    Parameters
    ----------
    ledger : PixelLedger
    threshold : float
        The probability over which the answer is the class of the unit.

    Returns
    -------
    {"bias", "pixels", "each", "together"}
        "bias" and "pixels" if only that one would; "together" if neither would.
    """
    alone = np.array([[ledger.logit, ledger.bias, ledger.pixels]])
    answer, by_bias, by_pixels = (sigmoid(alone)[0][0] > threshold).tolist()
    if by_bias == by_pixels:
        return "each" if by_bias == answer else "together"
    return "bias" if by_bias == answer else "pixels"


def input_gradient(x: FloatArray, y: FloatArray, parameters: Parameters) -> FloatArray:
    """Return the gradient of the loss of one picture with respect to its numbers: dA0.

    The course's backward pass computes it and nobody reads it. It says what a small change of a pixel
    would do to the loss; the ledger says what the pixel as it is has done to the logit.

    Parameters
    ----------
    x : ndarray of shape (n[0], 1)
    y : ndarray of shape (n[L], 1)
        The label against which the loss is taken.

    Returns
    -------
    ndarray of shape (n[0],)
    """
    L = require_input(x, parameters)
    require_labels(x, y, parameters[f"W{L}"].shape[0], ("x", "y"))
    AL, caches = L_model_forward(x, parameters)
    gradient: FloatArray = L_model_backward(AL, y, caches)["dA0"][:, 0]
    return gradient


def switches(x: FloatArray, parameters: Parameters) -> list[Switch]:
    """Return every hidden unit that x reaches with the distance to its switch, the nearest first.

    Until the first of them is reached the active map of x holds exactly. Behind it the distances of
    the units above the one that switched are others.

    Parameters
    ----------
    x : ndarray of shape (n[0], 1)
    parameters : dict
    """
    hidden = list(active_maps(x, parameters))[:-1]
    found = []
    for layer, M, _, Z in hidden:
        with np.errstate(divide="ignore", invalid="ignore"):
            to_zero = np.abs(Z[:, 0])
            straight = to_zero / np.linalg.norm(M, axis=1)
            every = to_zero / np.abs(M).sum(axis=1)
            one = to_zero / np.abs(M).max(axis=1)
        found += [
            Switch(
                layer,
                unit,
                float(Z[unit, 0]),
                *map(float, (straight[unit], every[unit], one[unit])),
            )
            for unit in range(len(Z))
            if M[unit].any()  # a unit with no way to x is where its biases put it, whatever x is
        ]
    return sorted(found, key=lambda switch: switch.every_value)


def move_toward(x: FloatArray, parameters: Parameters, switch: Switch, share: float) -> FloatArray:
    """Change every number of a picture by the same amount, straight at the switch of one unit.

    Parameters
    ----------
    x : ndarray of shape (n[0], 1)
    parameters : dict
    switch : Switch
        Of this picture.
    share : float
        How far: 0 is x, 1 the switch, 2 as far again behind it.

    Returns
    -------
    ndarray of shape (n[0], 1)
        It may leave the range that pixels have.
    """
    active = next(m for m in active_maps(x, parameters) if m.layer == switch.layer)
    row = active.M[switch.unit][:, np.newaxis]  # (n[0], 1)
    way = -1 if switch.Z > 0 else 1
    moved: FloatArray = x + way * share * switch.every_value * np.sign(row)
    return moved
