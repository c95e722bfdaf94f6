"""Small changes to a picture at which nobody would change the answer. Does the network?

Each change is a function from pictures to pictures, uint8 (m, height, width, 3) both; `stresses` is
the table of them all. A change of any strength begins at one that changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nncore.types import IntArray, UInt8Array

EDGES = ("wrap", "repeat", "black")
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # how bright red, green and blue look
NOISE_SEED = 1


def mirror(pictures: UInt8Array) -> UInt8Array:
    """Exchange left and right.

    Parameters
    ----------
    pictures : ndarray of shape (m, height, width, 3), uint8
    """
    _require_pictures(pictures)
    return np.ascontiguousarray(pictures[:, :, ::-1])


def shift(pictures: UInt8Array, right: int = 0, down: int = 0, edge: str = "wrap") -> UInt8Array:
    """Move what is to be seen by whole pixels; below 0 to the left and up.

    Parameters
    ----------
    pictures : ndarray of shape (m, height, width, 3), uint8
    right, down : int
    edge : str
        What comes in at the other side: "wrap", what leaves the picture; "repeat", the outermost
        pixels again and again; "black".

    Raises
    ------
    ValueError
        If these are no pictures, or `edge` is another.
    """
    _require_pictures(pictures)
    if edge not in EDGES:
        raise ValueError(f"edge is {edge!r}: it needs to be one of {', '.join(EDGES)}.")
    height, width = pictures.shape[1:3]
    rows, columns = np.arange(height) - down, np.arange(width) - right  # where each comes from
    if edge == "wrap":
        return pictures[:, (rows % height)[:, np.newaxis], columns % width]
    moved = pictures[:, _within(rows, height)[:, np.newaxis], _within(columns, width)]
    if edge == "black":
        moved[:, (rows < 0) | (rows >= height)] = 0
        moved[:, :, (columns < 0) | (columns >= width)] = 0
    return moved


def _within(places: IntArray, size: int) -> IntArray:
    return np.clip(places, 0, size - 1)


def brighten(pictures: UInt8Array, factor: float) -> UInt8Array:
    """Multiply every number, and cut off at 255; below 1 the picture gets darker.

    Parameters
    ----------
    pictures : ndarray of shape (m, height, width, 3), uint8
    factor : float
    """
    _require_pictures(pictures)
    return _to_bytes(np.arange(256) * factor)[pictures]  # 256 products do for all pictures


def add_noise(pictures: UInt8Array, size: float, seed: int = NOISE_SEED) -> UInt8Array:
    """Add to every number one of its own, normally distributed; cut off at 0 and 255.

    Parameters
    ----------
    pictures : ndarray of shape (m, height, width, 3), uint8
    size : float
        Standard deviation, in steps of 0 to 255.
    seed : int
        The same seed is the same noise, at any size louder or softer.
    """
    _require_pictures(pictures)
    noise = np.random.default_rng(seed).standard_normal(pictures.shape, dtype=np.float32)
    return _to_bytes(pictures + np.float32(size) * noise)


def fade_to_grey(pictures: UInt8Array, share: float = 1.0) -> UInt8Array:
    """Take the colours away; what looked equally bright is the same grey.

    Parameters
    ----------
    pictures : ndarray of shape (m, height, width, 3), uint8
    share : float
        0 leaves the colours, 1 leaves only grey.
    """
    _require_pictures(pictures)
    grey = (pictures @ LUMA)[..., np.newaxis]  # (m, height, width, 1)
    return _to_bytes(pictures + np.float32(share) * (grey - pictures))


def swap_colours(pictures: UInt8Array) -> UInt8Array:
    """Exchange red and blue: a file of one order of colours (RGB) read in the other (BGR).

    Parameters
    ----------
    pictures : ndarray of shape (m, height, width, 3), uint8
    """
    _require_pictures(pictures)
    return np.ascontiguousarray(pictures[..., ::-1])


def _to_bytes(values: Any) -> UInt8Array:
    values = np.clip(np.rint(values), 0, 255)
    return np.asarray(values, dtype=np.uint8)


def _require_pictures(pictures: Any) -> None:
    if (
        not isinstance(pictures, np.ndarray)
        or pictures.dtype != np.uint8
        or pictures.ndim != 4
        or pictures.shape[3] != 3
    ):
        given = (
            f"{pictures.dtype} of shape {pictures.shape}"
            if isinstance(pictures, np.ndarray)
            else f"a {type(pictures).__name__}"
        )
        raise ValueError(
            f"pictures is {given}: it needs to be uint8 of shape (m, height, width, 3), as a data "
            f"set's test_images. One picture alone: try picture[np.newaxis]."
        )


# The table ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stress:
    """One change.

    Attributes
    ----------
    id : str
    does : str
        What it does, as a sentence.
    apply : callable
        From pictures and a strength to pictures; where there is no strength it is not looked at.
    strengths : tuple of float
        Those to try, from the one that changes nothing on; empty where there is no more or less.
    usual : float
        One of them, to begin with.
    """

    id: str
    does: str
    apply: Callable[[UInt8Array, float], UInt8Array]
    strengths: tuple[float, ...] = ()
    usual: float = 1.0


PIXELS = tuple(float(n) for n in (*range(9), 10, 12, 14, 16))


def stresses(edge: str = "wrap") -> dict[str, Stress]:
    """Return all changes by their id.

    Parameters
    ----------
    edge : str
        What comes in at the edge of a picture that is shifted, see `shift`.
    """
    if edge not in EDGES:
        raise ValueError(f"edge is {edge!r}: it needs to be one of {', '.join(EDGES)}.")

    def to(right: int, down: int) -> Callable[[UInt8Array, float], UInt8Array]:
        return lambda pictures, n: shift(pictures, right * int(n), down * int(n), edge)

    table = (
        Stress("mirror", "Left and right exchanged.", lambda pictures, _: mirror(pictures)),
        Stress("right", "Moved to the right.", to(1, 0), PIXELS, 4),
        Stress("left", "Moved to the left.", to(-1, 0), PIXELS, 4),
        Stress("down", "Moved down.", to(0, 1), PIXELS, 4),
        Stress("up", "Moved up.", to(0, -1), PIXELS, 4),
        Stress(
            "brighter",
            "Every number multiplied, and cut off at 255.",
            brighten,
            (1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.75, 2, 2.5, 3),
            1.5,
        ),
        Stress(
            "darker",
            "Every number multiplied.",
            brighten,
            (1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1),
            0.5,
        ),
        Stress(
            "noise",
            "A random number added to every number, the same ones at each look.",
            add_noise,
            (0, 5, 10, 15, 20, 25, 30, 40, 50, 60, 80),
            25,
        ),
        Stress(
            "grey",
            "The colours taken away.",
            fade_to_grey,
            (0, 0.2, 0.4, 0.6, 0.8, 1),
            1,
        ),
        Stress(
            "swap",
            "Red and blue exchanged, as where RGB is read as BGR.",
            lambda pictures, _: swap_colours(pictures),
        ),
    )
    return {stress.id: stress for stress in table}
