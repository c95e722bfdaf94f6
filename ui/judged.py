"""What the parts of the results are about: a network, the pictures it is judged on, its answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from ui import store
from ui.text import _, plain

from nncore.data.dataset import Dataset
from nncore.history import History
from nncore.neighbours import distances
from nncore.scores import Answer, Counts, Score, answers, count_answers
from nncore.types import FloatArray, IntArray, UInt8Array

PLACES = {"test": _("test"), "train": _("training")}  # the parts of a data set, as they are called


@dataclass(frozen=True, eq=False)
class Judged:
    """A network and its answers.

    Attributes
    ----------
    network : History
    dataset : Dataset
    AL : mapping
        For each part ("train", "test") the probability of every picture, (1, m).
    threshold : float
        Over which the answer is the second class.
    """

    network: History
    dataset: Dataset
    AL: Mapping[str, FloatArray]
    threshold: float

    def labels(self, part: str) -> IntArray:
        """Return the labels of a part, (1, m)."""
        return self.dataset.train_labels if part == "train" else self.dataset.test_labels

    def images(self, part: str) -> UInt8Array:
        """Return the pictures of a part, (m, height, width, 3)."""
        return self.dataset.train_images if part == "train" else self.dataset.test_images

    def counts(self, part: str) -> Counts:
        """Return right and wrong answers, counted."""
        return count_answers(self.AL[part], self.labels(part), self.threshold)

    def answers(self, part: str) -> list[Answer]:
        """Return the answer to every picture."""
        return answers(self.AL[part], self.labels(part), self.threshold)

    def name(self, label: int) -> str:
        """Return the name of a class in quotes, as Markdown: it may be a visitor's."""
        return f"“{plain(self.dataset.classes[label])}”"


def apart(dataset: Dataset, part: str) -> FloatArray:
    """Return how far each training picture lies from each of a part, (m, m_part); computed once."""
    return store.made("apart", dataset, lambda: _all_apart(dataset))[part]


def _all_apart(dataset: Dataset) -> dict[str, FloatArray]:
    products = store.products(dataset)
    return {part: distances(products, part) for part in ("train", "test")}


def percent(fraction: float) -> str:
    """Write a fraction with one decimal, which any two that are compared share.

    >>> percent(0.8), percent(206 / 209), percent(1.0)
    ('80.0%', '98.6%', '100.0%')
    """
    return f"{fraction:.1%}"


def of(score: Score) -> str:
    """Write a score: how many of how many, and the percentage."""
    return _("{right} of {total} ({percent})").format(
        right=score.right, total=score.total, percent=percent(score.fraction)
    )
