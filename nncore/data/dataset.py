"""The record of a data set: pictures as they were taken, columns as the network reads them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nncore.digest import arrays_digest
from nncore.types import FloatArray, IntArray, UInt8Array


def to_columns(images: UInt8Array) -> FloatArray:
    """Flatten pictures into one column each, and scale them from 0..255 to 0..1.

    Parameters
    ----------
    images : ndarray of shape (m, height, width, 3), uint8

    Returns
    -------
    ndarray of shape (height * width * 3, m), float64
        Column i is picture i read row by row, red, green and blue of each pixel together.

    References
    ----------
    Notebook 1 part 2, section 2; notebook 5, sections 4.2.7 and 4.2.8.
    """
    m = images.shape[0]
    return images.reshape(m, -1).T / 255.0  # (height * width * 3, m)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled pictures, split into a training and a test set.

    The arrays are read-only, so that one copy can serve every session of a server.

    Attributes
    ----------
    name : str
        "doodles", "photos" (exactly the course's) or "own photos" (others, in the course's files).
        A run keeps it, so that documented numbers are held against documented data only.
    title : str
        What a person calls it, as "the course's cat photos".
    source, licence : str
        Where it is from, and on what terms.
    train_images, test_images : ndarray of shape (m, height, width, 3), uint8
    train_labels, test_labels : ndarray of shape (1, m), int64
        1 is the second class (cat), 0 the first.
    classes : tuple of str
        The names of labels 0 and 1.
    documented : bool
        Whether the arrays are exactly those of the course, to which its printed numbers belong.
    """

    name: str
    title: str
    source: str
    licence: str
    train_images: UInt8Array
    train_labels: IntArray
    test_images: UInt8Array
    test_labels: IntArray
    classes: tuple[str, str] = ("non-cat", "cat")
    documented: bool = False

    def __post_init__(self) -> None:
        for array in (self.train_images, self.train_labels, self.test_images, self.test_labels):
            array.setflags(write=False)

    @cached_property
    def train_x(self) -> FloatArray:
        """The training pictures as columns, (n[0], m), made on first use."""
        return _read_only(to_columns(self.train_images))

    @cached_property
    def test_x(self) -> FloatArray:
        """The test pictures as columns, (n[0], m_test), made on first use."""
        return _read_only(to_columns(self.test_images))

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of all pictures and labels: the same wherever the data set is the same."""
        return arrays_digest(
            self.train_images, self.train_labels, self.test_images, self.test_labels
        )

    def count_cats(self, part: str) -> tuple[int, int]:
        """Count the cats among the "train" or "test" pictures: what always answering "cat" gets."""
        labels = self.train_labels if part == "train" else self.test_labels
        return int(labels.sum()), labels.shape[1]

    def first(self, class_name: str) -> int:
        """Return the index of the first training picture of a class."""
        return int(np.argmax(self.train_labels[0] == self.classes.index(class_name)))


def _read_only(array: FloatArray) -> FloatArray:
    array = np.ascontiguousarray(array)
    array.setflags(write=False)
    return array
