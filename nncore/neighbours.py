"""Which training pictures a picture is most like, number by number.

How far two columns lie apart follows from their inner products, of which training has the table
already (`nncore.gram.Products`):

    |x - x'|^2 = x.x + x'.x' - 2 x.x'

The table holds every inner product plus 1; the ones cancel in this sum.
"""

import math
from dataclasses import dataclass

import numpy as np

from nncore.gram import Products
from nncore.scores import Score
from nncore.types import FloatArray, IntArray, UInt8Array


@dataclass(frozen=True)
class Neighbour:
    """A training picture, and how far it lies from the one in question.

    Attributes
    ----------
    index : int
        Of the training picture, from 0.
    distance : float
        The Euclidean distance of the two columns.
    """

    index: int
    distance: float


def distances(products: Products, part: str) -> FloatArray:
    """Return the distance of every training picture to every picture of a part, (m, m_part).

    Parameters
    ----------
    products : Products
        Of a data set's pictures.
    part : str
        "train" or "test".

    Raises
    ------
    ValueError
        If there is no such part.
    """
    if part not in ("train", "test"):
        raise ValueError(f'part is {part!r}: it needs to be "train" or "test".')
    K = products.K
    own = np.diagonal(K)  # x.x + 1 of each training picture, (m,)
    if part == "train":
        K_part, own_part = K, own
    else:
        X_test = products.X_test
        K_part = products.K_test
        own_part = np.einsum("ij,ij->j", X_test, X_test) + 1  # (m_test,)
    squares = own[:, np.newaxis] + own_part - 2 * K_part
    if part == "train":
        np.fill_diagonal(squares, 0.0)  # of a picture to itself, rounding is all there is
    return np.sqrt(np.maximum(squares, 0.0))


def distances_to(image: UInt8Array, images: UInt8Array) -> FloatArray:
    """Return the distance of every training picture to a picture of no set, (m, 1).

    In whole numbers to the last step, one picture at a time: no columns have to be made.

    Parameters
    ----------
    image : ndarray of shape (height, width, 3), uint8
    images : ndarray of shape (m, height, width, 3), uint8

    Raises
    ------
    ValueError
        If the picture has another size than the training pictures.
    """
    if image.shape != images.shape[1:]:
        raise ValueError(
            f"The picture has shape {image.shape}, the training pictures {images.shape[1:]}: they need "
            f"to be of one size."
        )
    own = image.astype(np.int32)
    squares = [int(np.square(other - own).sum(dtype=np.int64)) for other in images]
    apart: FloatArray = np.sqrt(np.array(squares, dtype=np.float64))[:, np.newaxis] / 255
    return apart


def nearest(apart: FloatArray, index: int, count: int, *, itself: bool) -> list[Neighbour]:
    """Return the training pictures most like one picture, the nearest first.

    Parameters
    ----------
    apart : ndarray of shape (m, m_part)
        From `distances`.
    index : int
        Which picture of the part.
    count : int
    itself : bool
        Whether the picture is a training picture itself, and so no neighbour of its own.

    Raises
    ------
    ValueError
        If there is no such picture.
    """
    if not 0 <= index < apart.shape[1]:
        raise ValueError(f"index is {index}: it needs to be from 0 to {apart.shape[1] - 1}.")
    column = apart[:, index]
    order = [int(i) for i in np.argsort(column, kind="stable") if not (itself and i == index)]
    return [Neighbour(i, float(column[i])) for i in order[:count]]


def nearest_label(apart: FloatArray, Y: IntArray, Y_part: IntArray) -> Score:
    """Score who answers with the label of the most similar training picture, and learns nothing.

    Parameters
    ----------
    apart : ndarray of shape (m, m_part)
        From `distances`, of a part other than the training pictures.
    Y : ndarray of shape (1, m)
        Labels of the training pictures.
    Y_part : ndarray of shape (1, m_part)
    """
    guesses = Y[0, np.argmin(apart, axis=0)]  # (m_part,)
    return Score(int(np.sum(guesses == Y_part[0])), Y_part.shape[1])


def levels(distance: float, n: int) -> float:
    """Return a distance as how far two pictures differ, of 255, at each of their n numbers.

    The root of the mean square, so that a few large differences count for more than many small ones.

    >>> levels(distance=1.0, n=4)
    127.5
    """
    return 255 * distance / math.sqrt(n)
