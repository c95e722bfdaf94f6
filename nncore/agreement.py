"""Two sets of answers to the same pictures: where they agree, where not, and what that says.

The two may be those of two networks, or of one network before and after the pictures were changed.
"""

from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np

from nncore.checks import require_matrix, require_same_shape
from nncore.forward import L_model_forward
from nncore.types import BoolArray, FloatArray, IntArray, Parameters


@dataclass(frozen=True, eq=False)
class Agreement:
    """First and second answers to the same m pictures.

    Attributes
    ----------
    first, second : ndarray of shape (m,)
        Probabilities.
    labels : ndarray of shape (m,)
        1 or 0.
    """

    first: FloatArray
    second: FloatArray
    labels: IntArray

    @property
    def first_right(self) -> BoolArray:
        """Where the first answer is right, (m,): over 0.5 says 1."""
        return _right(self.first, self.labels)

    @property
    def second_right(self) -> BoolArray:
        """Where the second answer is right, (m,)."""
        return _right(self.second, self.labels)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """How many pictures both have right, only the first, only the second, and neither."""
        a, b = self.first_right, self.second_right
        return int((a & b).sum()), int((a & ~b).sum()), int((b & ~a).sum()), int((~a & ~b).sum())

    def differing(self) -> IntArray:
        """Return the pictures that get two answers, the furthest apart in probability first."""
        apart = np.abs(self.first - self.second)
        places = np.flatnonzero(self.first_right != self.second_right)
        return places[np.argsort(-apart[places], kind="stable")]

    def sign_test(self) -> float:
        """Ask how surprising the difference would be if neither were better, see `sign_test`."""
        _both, first, second, _neither = self.counts
        return sign_test(first, second)


def _right(answers: FloatArray, labels: IntArray) -> BoolArray:
    right: BoolArray = (answers > 0.5) == (labels == 1)
    return right


def compare(first: FloatArray, second: FloatArray, Y: Any) -> Agreement:
    """Hold two sets of answers against each other.

    Parameters
    ----------
    first, second : ndarray of shape (1, m)
        Answers AL.
    Y : ndarray of shape (1, m)
        Labels.

    Raises
    ------
    ValueError
        If they are not answers to the same pictures.
    """
    require_same_shape("first", first, "second", second)
    require_same_shape("first", first, "Y", Y)
    if first.shape[0] != 1:
        raise ValueError(
            f"first has shape {first.shape}: right or wrong is asked of networks with one output, so "
            f"it needs one row."
        )
    return Agreement(first[0], second[0], Y[0])


def compare_networks(X: FloatArray, Y: Any, first: Parameters, second: Parameters) -> Agreement:
    """Ask two networks about the same pictures.

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
    Y : ndarray of shape (1, m)
    first, second : dict
        Parameters, W1, b1, ..., of any depth.
    """
    require_matrix("X", X)
    return compare(L_model_forward(X, first)[0], L_model_forward(X, second)[0], Y)


def sign_test(first: int, second: int) -> float:
    """Return how likely so uneven a split is, or a more uneven one, where both sides are as likely.

    McNemar's test of two classifiers, exactly: of the pictures that one has right and the other wrong
    each falls to either side like a coin. Pictures that both have right, or both wrong, say nothing.

    Parameters
    ----------
    first, second : int
        How many pictures only the first has right, and how many only the second.

    Returns
    -------
    float
        1 where both are the same.

    Examples
    --------
    >>> sign_test(5, 0), sign_test(4, 4)
    (0.0625, 1.0)
    """
    for name, count in (("first", first), ("second", second)):
        if not isinstance(count, int | np.integer) or count < 0:
            raise ValueError(f"{name} is {count!r}: it needs to be a whole number, 0 or more.")
    n = int(first) + int(second)
    tail = sum(comb(n, k) for k in range(min(int(first), int(second)) + 1))  # of 2**n, exactly
    return float(min(1.0, 2 * tail / 2**n))
