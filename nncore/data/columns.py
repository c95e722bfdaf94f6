"""From pictures to columns: which row holds which pixel, and the two ways in which it goes wrong.

`to_columns`, beside the record of a data set, is the right way. Here are the wrong ones, to be looked
at: `reshape(-1, m)`, which gives the right shape and scrambles the pictures, and 0 to 255 left as is.
"""

import random
from dataclasses import dataclass, replace

import numpy as np

from nncore.cost import compute_cost
from nncore.data.dataset import Dataset, to_columns
from nncore.forward import L_model_forward
from nncore.layers import SURE
from nncore.parameters import sizes_of
from nncore.training import fit
from nncore.types import FloatArray, IntArray, Parameters, UInt8Array

GRID = 25  # pictures in the notebook's grid, 5 by 5
GRID_SEED = 101
FIRST_STEPS = 1000


def draw_grid(m: int, seed: int = GRID_SEED, count: int = GRID) -> list[int]:
    """Draw which of m pictures stand in a grid, as the notebook does; one may come twice.

    The notebook seeds Python's own `random` and calls `randint(0, m)`, which may give m: one past the
    last picture. Here the generator is one of our own, and m is drawn again.

    Raises
    ------
    ValueError
        If there is no picture.

    References
    ----------
    Notebook 5, section 4.2.6.

    Examples
    --------
    >>> draw_grid(209)[:3]
    [148, 49, 138]
    """
    if m < 1:
        raise ValueError(f"m is {m}: to draw from, there needs to be at least one picture.")
    stream = random.Random(seed)
    drawn: list[int] = []
    while len(drawn) < count:
        index = stream.randint(0, m)
        if index < m:
            drawn.append(index)
    return drawn


def rows_of(row: int, column: int, side: int) -> tuple[int, int, int]:
    """Return the rows of X that hold red, green and blue of a pixel, counted from 0.

    >>> rows_of(0, 0, 64), rows_of(63, 63, 64)
    ((0, 1, 2), (12285, 12286, 12287))
    """
    first = 3 * (side * row + column)
    return first, first + 1, first + 2


def scramble(images: UInt8Array) -> UInt8Array:
    """Return what a network would see as its pictures, were they flattened by `reshape(-1, m)`.

    The shape comes out right, (n[0], m), and that is the trap: the numbers of all pictures are dealt
    out like cards, so that column i is every m-th number of the whole stack.

    Parameters
    ----------
    images : ndarray of shape (m, height, width, 3), uint8

    Returns
    -------
    ndarray of shape (m, height, width, 3), uint8
        Column i of the wrong X, as a picture.
    """
    m = images.shape[0]
    X = images.reshape(-1, m)  # (height * width * 3, m)
    return np.ascontiguousarray(X.T).reshape(images.shape)


def scrambled(dataset: Dataset) -> Dataset:
    """Return a data set flattened wrongly, training and test pictures alike; the labels stay."""
    return replace(
        dataset,
        name=f"{dataset.name}, scrambled",
        train_images=scramble(dataset.train_images),
        test_images=scramble(dataset.test_images),
        documented=False,
    )


@dataclass(frozen=True)
class Start:
    """How a network starts on pictures, divided by 255 or not.

    Attributes
    ----------
    sums : tuple of float
        For each layer the usual size of Z, its root mean square over units and pictures.
    sure : float
        The share of answers within 0.01 of 0 or 1, where the sigmoid is flat.
    slope : float
        The mean slope of the sigmoid at its answers, a (1 - a): 0.25 at most.
    cost, later : float
        The cost before the first step, and after `FIRST_STEPS` of them.
    one_answer : bool
        Whether after these steps every picture gets the same answer.
    """

    sums: tuple[float, ...]
    sure: float
    slope: float
    cost: float
    later: float
    one_answer: bool


def start(
    images: UInt8Array, labels: IntArray, parameters: Parameters, rate: float, *, divide: bool
) -> Start:
    """Measure the first forward pass, and train a few steps, with the division by 255 or without.

    Parameters
    ----------
    images : ndarray of shape (m, height, width, 3), uint8
    labels : ndarray of shape (1, m)
    parameters : dict
        The first weights.
    rate : float
    divide : bool
    """
    X = to_columns(images) if divide else raw_columns(images)
    Y = labels.astype(np.float64)
    AL, caches = L_model_forward(X, parameters)
    history = fit(
        X,
        Y,
        sizes_of(parameters),
        learning_rate=rate,
        num_iterations=FIRST_STEPS,
        init=parameters,
    )
    said = history.answers["train"][-1] > 127
    return Start(
        sums=tuple(float(np.sqrt(np.mean(np.square(Z)))) for _linear, Z in caches),
        sure=float(np.mean((AL < SURE) | (AL > 1 - SURE))),
        slope=float(np.mean(AL * (1 - AL))),
        cost=float(compute_cost(AL, Y)),
        later=float(history.costs[-1]),
        one_answer=bool(said.all() or not said.any()),
    )


@dataclass(frozen=True)
class Answers:
    """What a trained network says of pictures.

    Attributes
    ----------
    right, total : int
    sure : int
        How many answers are within 0.01 of 0 or 1.
    largest : float
        The largest Z of the last layer, without its sign.
    """

    right: int
    total: int
    sure: int
    largest: float


def ask(images: UInt8Array, labels: IntArray, parameters: Parameters, *, divide: bool) -> Answers:
    """Ask a trained network about pictures, divided by 255 as those it has learned from, or not.

    Parameters
    ----------
    images : ndarray of shape (m, height, width, 3), uint8
    labels : ndarray of shape (1, m)
    parameters : dict
    divide : bool
    """
    X = to_columns(images) if divide else raw_columns(images)
    AL, caches = L_model_forward(X, parameters)
    return Answers(
        right=int(np.sum((AL > 0.5) == (labels == 1))),
        total=AL.shape[1],
        sure=int(np.sum((AL < SURE) | (AL > 1 - SURE))),
        largest=float(np.abs(caches[-1][1]).max()),
    )


def raw_columns(images: UInt8Array) -> FloatArray:
    """Flatten pictures as `to_columns` does, but leave their numbers from 0 to 255."""
    return images.reshape(len(images), -1).T.astype(np.float64)  # (height * width * 3, m)
