"""Is an answer steady? A picture moved by a few pixels, or mirrored, still shows the same thing."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Literal, NamedTuple

import numpy as np

from nncore.data.dataset import to_columns
from nncore.forward import L_model_forward
from nncore.stress import mirror, shift
from nncore.types import BoolArray, FloatArray, Parameters, UInt8Array

MOVES = (-4, -2, -1, 0, 1, 2, 4)  # pixels, of 64

Grade = Literal["all", "most", "wavers", "half", "few"]


class Move(NamedTuple):
    """A look at a picture: mirrored or not, then moved by pixels to the right and down."""

    mirrored: bool
    down: int
    right: int


@dataclass(frozen=True, eq=False)
class Steadiness:
    """The answers to one picture, moved and mirrored.

    Attributes
    ----------
    moves : tuple of int
        By how many pixels, each way; 0 among them.
    probabilities : ndarray of shape (2, k, k), float64
        Of the second class (cat): as it is and mirrored, moved down by `moves` and right by `moves`.
    one_look : bool
        Whether moving and mirroring leave the picture as it is, so that all looks are the same.
    """

    moves: tuple[int, ...]
    probabilities: FloatArray
    one_look: bool = False

    def at(self, move: Move) -> float:
        """Return the probability for one look."""
        row, column = self.moves.index(move.down), self.moves.index(move.right)
        return float(self.probabilities[int(move.mirrored), row, column])

    @property
    def answer(self) -> float:
        """The probability for the picture as it is."""
        return self.at(Move(False, 0, 0))

    @cached_property
    def agrees(self) -> BoolArray:
        """Which of the answers are that to the picture as it is, (2, k, k)."""
        same: BoolArray = (self.probabilities > 0.5) == (self.answer > 0.5)
        return same

    @property
    def count(self) -> tuple[int, int]:
        """How many of the answers are that to the picture as it is, and of how many."""
        return int(self.agrees.sum()), self.agrees.size

    @property
    def grade(self) -> Grade:
        """How many of the looks get this answer.

        "all", "most" (four in five or more), "wavers" (three in five or more), "half" (two in five or
        more: about as many get the other answer) or "few".
        """
        same, total = self.count
        if same == total:
            return "all"
        fifths: tuple[tuple[int, Grade], ...] = ((4, "most"), (3, "wavers"), (2, "half"))
        return next((grade for n, grade in fifths if 5 * same >= n * total), "few")

    @property
    def nearest_flip(self) -> Move | None:
        """The smallest move that gets the other answer, not mirrored if that can be; None if none."""
        flips = [
            Move(bool(side), self.moves[row], self.moves[column])
            for side, row, column in np.argwhere(~self.agrees)
        ]
        return min(flips, key=lambda m: (m.mirrored, abs(m.down) + abs(m.right), m), default=None)


def look(small: UInt8Array, move: Move) -> UInt8Array:
    """Return a picture mirrored and moved; what moves in repeats the outermost pixels.

    Parameters
    ----------
    small : ndarray of shape (side, side, 3), uint8
    move : Move
    """
    one = small[np.newaxis]
    sides = mirror(one) if move.mirrored else one
    moved: UInt8Array = shift(sides, move.right, move.down, "repeat")[0]
    return moved


def steadiness(
    small: UInt8Array, parameters: Parameters, moves: tuple[int, ...] = MOVES
) -> Steadiness:
    """Ask a network about a picture, moved and mirrored.

    Parameters
    ----------
    small : ndarray of shape (side, side, 3), uint8
        What moves in at an edge repeats the outermost pixels.
    parameters : dict
    moves : tuple of int
        0 needs to be among them.

    Raises
    ------
    ValueError
        If 0 is not.
    """
    if 0 not in moves:
        raise ValueError(f"moves is {moves}: 0, the picture as it is, needs to be among them.")
    side, far = len(small), max(map(abs, moves))
    sides = np.stack([small, mirror(small[np.newaxis])[0]])  # (2, side, side, 3)
    # Every look is a window of a picture that is wider by the farthest move.
    wide = np.pad(sides, [(0, 0), (far, far), (far, far), (0, 0)], mode="edge")
    looks = np.empty((2, len(moves) ** 2, *small.shape), np.uint8)
    for place, (down, right) in enumerate(product(moves, moves)):
        looks[:, place] = wide[:, far - down :, far - right :][:, :side, :side]
    AL, _ = L_model_forward(to_columns(looks.reshape(-1, *small.shape)), parameters)
    one_look = bool((looks == small).all())
    return Steadiness(moves, AL[0].reshape(2, len(moves), len(moves)), one_look)
