"""How good is a network? Counts, what they could be by luck, and what they are held against.

A score alone says little. Of 50 test pictures 40 are right: another 50 pictures might have given 36 or
43 (`wilson`), and 33 of these are cats, so that always answering "cat" is right on 33 (`constant`).
Where the line is drawn between the two answers is a choice, too: `count_answers` counts for one
threshold, `roc_curve` for all of them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nncore.checks import require_binary, require_examples, require_finite, require_same_shape
from nncore.types import FloatArray, IntArray

NORMAL_95 = 1.959963984540054  # 95% of a normal distribution lies within so many deviations


class Interval(NamedTuple):
    """Between which fractions the true one probably lies."""

    low: float
    high: float

    def holds(self, fraction: float) -> bool:
        """Say whether a fraction lies within."""
        return self.low <= fraction <= self.high


def wilson(right: int, total: int, z: float = NORMAL_95) -> Interval:
    """Return the interval in which the true fraction lies, where so many of a sample were right.

    By Wilson: all fractions p for which the observed one is no further than z standard deviations of
    a sample of that size from p. The ends therefore solve

        (right/total - p)^2 = z^2 p (1 - p) / total

    It holds for 0 and for all of a few, where the usual "plus or minus" gives nonsense.

    Parameters
    ----------
    right, total : int
    z : float
        1.96 for 95%.

    Raises
    ------
    ValueError
        If there is no sample, or more are right than there are.

    Examples
    --------
    >>> "from {:.3f} to {:.3f}".format(*wilson(40, 50))
    'from 0.670 to 0.888'
    """
    if total < 1 or not 0 <= right <= total:
        raise ValueError(
            f"right is {right} and total is {total}: an interval needs at least one picture, and no "
            f"more right than there are."
        )
    p, spread = right / total, z * z / total
    middle = (p + spread / 2) / (1 + spread)
    half = z * math.sqrt((p * (1 - p) + spread / 4) / total) / (1 + spread)
    # The ends of 0 and of all are exactly 0 and 1; rounding may miss them.
    low = 0.0 if right == 0 else max(0.0, middle - half)
    return Interval(low, 1.0 if right == total else min(1.0, middle + half))


@dataclass(frozen=True)
class Score:
    """How many answers are right, and of how many."""

    right: int
    total: int

    @property
    def fraction(self) -> float:
        """From 0 to 1."""
        return self.right / self.total

    @property
    def interval(self) -> Interval:
        """Where the fraction of right answers to ever more such pictures lies, with 95%."""
        return wilson(self.right, self.total)


def constant(Y: IntArray, answer: int) -> Score:
    """Score who gives the same answer to every picture: the least that a network must beat.

    Parameters
    ----------
    Y : ndarray of shape (1, m)
    answer : int
        0 or 1.
    """
    require_examples(Y, "Y")
    return Score(int(np.sum(np.equal(Y, answer))), Y.shape[1])


@dataclass(frozen=True)
class Counts:
    """The answers at one threshold, counted by what is true: the confusion matrix.

    "Positive" is the class with label 1, the one that is looked for (cat).

    Attributes
    ----------
    true_positive : int
        1 and answered 1: found.
    false_negative : int
        1 and answered 0: a miss.
    false_positive : int
        0 and answered 1: a false alarm.
    true_negative : int
        0 and answered 0.
    """

    true_positive: int
    false_negative: int
    false_positive: int
    true_negative: int

    @property
    def score(self) -> Score:
        """The right ones of all."""
        right = self.true_positive + self.true_negative
        return Score(right, right + self.false_positive + self.false_negative)

    @property
    def answered(self) -> int:
        """How many were answered 1."""
        return self.true_positive + self.false_positive

    @property
    def positives(self) -> int:
        """How many are 1."""
        return self.true_positive + self.false_negative

    @property
    def precision(self) -> float | None:
        """Of those answered 1, the fraction that is 1; None where none was answered so."""
        return self.true_positive / self.answered if self.answered else None

    @property
    def recall(self) -> float | None:
        """Of those that are 1, the fraction that was found; None where there is none."""
        return self.true_positive / self.positives if self.positives else None


def count_answers(AL: FloatArray, Y: IntArray, threshold: float = 0.5) -> Counts:
    """Count right and wrong answers, where a probability over the threshold is answered 1.

    Parameters
    ----------
    AL : ndarray of shape (1, m)
        Probabilities.
    Y : ndarray of shape (1, m)
        Labels, 0 or 1.
    threshold : float
        As `predict` has it, 0.5 itself is answered 0.

    Raises
    ------
    ValueError
        If the shapes differ, or the numbers are no probabilities and labels.
    """
    _require_answers(AL, Y)
    says, is_one = np.greater(AL, threshold), np.equal(Y, 1)
    return Counts(
        true_positive=int(np.sum(says & is_one)),
        false_negative=int(np.sum(~says & is_one)),
        false_positive=int(np.sum(says & ~is_one)),
        true_negative=int(np.sum(~says & ~is_one)),
    )


def _require_answers(AL: FloatArray, Y: IntArray) -> None:
    require_same_shape("AL", AL, "Y", Y)
    require_examples(AL, "AL")
    require_finite("AL", AL)
    require_binary("Y", Y)


@dataclass(frozen=True, eq=False)
class Roc:
    """What every threshold gives: how many are found, against how many false alarms.

    Attributes
    ----------
    lowest : ndarray of shape (k,)
        For each point the lowest probability that is still answered 1; at first infinity, where
        nothing is.
    alarms : ndarray of shape (k,)
        Of those that are 0, the fraction answered 1, from 0 to 1. It never falls.
    found : ndarray of shape (k,)
        Of those that are 1, the fraction answered 1, from 0 to 1. It never falls.
    """

    lowest: FloatArray
    alarms: FloatArray
    found: FloatArray

    @property
    def area(self) -> float:
        """The area below the curve, by trapezoids.

        It is how often a picture that is 1 gets a higher probability than one that is 0, over all
        such pairs, a tie being half: 1 where a threshold parts the two, 1/2 for a guess.
        """
        widths = np.diff(self.alarms)  # (k - 1,)
        return float(np.sum(widths * (self.found[1:] + self.found[:-1]) / 2))


def roc_curve(AL: FloatArray, Y: IntArray) -> Roc:
    """Go through all thresholds, from the one above every probability down.

    Parameters
    ----------
    AL : ndarray of shape (1, m)
        Probabilities.
    Y : ndarray of shape (1, m)
        Labels, 0 or 1.

    Raises
    ------
    ValueError
        If a class is missing: then there is nothing to find, or nothing to be wrong about.
    """
    _require_answers(AL, Y)
    ones = int(Y.sum())
    zeros = Y.shape[1] - ones
    if not ones or not zeros:
        raise ValueError(
            f"Of {Y.shape[1]} labels {ones} are 1 and {zeros} are 0: a curve of found against false "
            f"alarms needs both."
        )
    order = np.argsort(-AL[0], kind="stable")
    answers, labels = AL[0, order], Y[0, order]  # (m,), the most certain first
    ends = np.flatnonzero(np.append(np.diff(answers) != 0, True))  # the last of equal ones
    found, answered = np.cumsum(labels)[ends], ends + 1
    return Roc(
        lowest=np.append(np.inf, answers[ends]),
        alarms=np.append(0.0, (answered - found) / zeros),
        found=np.append(0.0, found / ones),
    )


@dataclass(frozen=True)
class Answer:
    """What one picture was answered.

    Attributes
    ----------
    index : int
        Which picture of its set, from 0.
    label : int
        What it is, 0 or 1.
    says : int
        What was answered, 0 or 1.
    probability : float
        That it is 1.
    """

    index: int
    label: int
    says: int
    probability: float

    @property
    def right(self) -> bool:
        """Whether the answer is the label."""
        return self.says == self.label

    @property
    def confidence(self) -> float:
        """The probability of the answer that was given."""
        return self.probability if self.says else 1 - self.probability

    @property
    def kind(self) -> str:
        """Return "miss" for a 1 answered 0, "alarm" for a 0 answered 1, else "right"."""
        return "right" if self.right else "miss" if self.label else "alarm"


def answers(AL: FloatArray, Y: IntArray, threshold: float = 0.5) -> list[Answer]:
    """Return the answer to every picture, in the order of the set.

    Parameters
    ----------
    AL : ndarray of shape (1, m)
        Probabilities.
    Y : ndarray of shape (1, m)
        Labels, 0 or 1.
    threshold : float

    Raises
    ------
    ValueError
        As `count_answers`.
    """
    _require_answers(AL, Y)
    return [
        Answer(index, int(label), int(probability > threshold), float(probability))
        for index, (probability, label) in enumerate(zip(AL[0], Y[0], strict=True))
    ]


def sure(given: Sequence[Answer], confidence: float = 0.9) -> Score | None:
    """Score the answers that were given with more than this confidence; None where there is none."""
    right = [answer.right for answer in given if answer.confidence > confidence]
    return Score(sum(right), len(right)) if right else None
