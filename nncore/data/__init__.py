"""Where pictures come from: one registry of sources, each a function that returns a `Dataset`."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nncore.data import doodles, photos
from nncore.data.dataset import Dataset, to_columns
from nncore.data.photos import DataError
from nncore.types import IntArray, UInt8Array

__all__ = ["SOURCES", "DataError", "Dataset", "load", "load_data", "preferred", "to_columns"]

SOURCES: dict[str, Callable[[], Dataset]] = {
    "photos": photos.load,
    "doodles": doodles.load,
}


def load(name: str) -> Dataset:
    """Return a data set by its name in `SOURCES`.

    Parameters
    ----------
    name : str
        "doodles" (always there) or "photos" (see `nncore.data.photos`).

    Raises
    ------
    DataError
        If there is no such source, or it cannot be read.
    """
    if name not in SOURCES:
        raise DataError(f"There is no data set {name!r}: it needs to be {' or '.join(SOURCES)}.")
    return SOURCES[name]()


def preferred() -> str:
    """Return "photos" when they are present, else "doodles"."""
    return "photos" if photos.present() else "doodles"


_told: set[str] = set()


def load_data() -> tuple[UInt8Array, IntArray, UInt8Array, IntArray, Any]:
    """Return the course's five arrays: photos when they are present, else doodles (said once).

    Returns
    -------
    train_x_orig : ndarray of shape (209, 64, 64, 3), uint8
    train_y : ndarray of shape (1, 209)
    test_x_orig : ndarray of shape (50, 64, 64, 3), uint8
    test_y : ndarray of shape (1, 50)
    classes : ndarray of two bytes strings, b"non-cat" and b"cat"

    Raises
    ------
    DataError
        If the photos are named by NNCORE_DATASETS but missing or broken.

    References
    ----------
    Notebook 1 part 2, section 2.
    """
    name = preferred()
    if name == "doodles" and name not in _told:
        _told.add(name)
        print(f"The course's photos are not here; these are drawings. {photos.advice()}")
    data = load(name)
    return (
        data.train_images,
        data.train_labels,
        data.test_images,
        data.test_labels,
        np.array([name.encode() for name in data.classes]),
    )
