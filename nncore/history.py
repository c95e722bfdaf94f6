"""What a run leaves behind: one record per iteration while it goes, one for the whole at the end."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Self

import numpy as np

from nncore.parameters import load_parameters, save_parameters, sizes_of
from nncore.types import FloatArray, IntArray, Parameters


@dataclass(frozen=True, eq=False)
class Progress:
    """Where a run stands.

    Attributes
    ----------
    iteration : int
        How many updates have been made.
    num_iterations : int
        How many there will be.
    cost : ndarray of shape ()
        The cost of `parameters`, so the one BEFORE the next update.
    parameters : dict
        The parameters after `iteration` updates.
    """

    iteration: int
    num_iterations: int
    cost: FloatArray
    parameters: Parameters


@dataclass(frozen=True)
class Settings:
    """What a run was asked to do: enough to repeat it.

    Attributes
    ----------
    layers_dims : tuple of int
    learning_rate : float
    num_iterations : int
    init : str
        Scale of the first weights, see `nncore.parameters.draw_parameters`.
    seed : int
    dataset : str
        Name of the data set in the registry.
    """

    layers_dims: tuple[int, ...]
    learning_rate: float
    num_iterations: int
    init: str
    seed: int
    dataset: str = ""


@dataclass(frozen=True, eq=False)
class History:
    """A run that has ended, and the network that it trained.

    Attributes
    ----------
    settings : Settings
    iterations : ndarray of shape (k,), int64
        The iterations at which the cost was kept; the last is that of `parameters`.
    costs : ndarray of shape (k,)
        costs[j] is the cost after iterations[j] updates.
    parameters : dict
        The trained network.
    correct : mapping
        For each part ("train", "test") how many answers are right, and of how many.
    """

    settings: Settings
    iterations: IntArray
    costs: FloatArray
    parameters: Parameters
    correct: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for array in (self.iterations, self.costs, *self.parameters.values()):
            array.setflags(write=False)

    def accuracy(self, part: str) -> float:
        """Return the fraction of right answers on "train" or "test"."""
        right, total = self.correct[part]
        return right / total

    def rises(self) -> int:
        """Count the steps at which the cost rose, of those that were kept."""
        return int(np.sum(np.diff(self.costs) > 0))

    def save(self, file: str | Path | IO[bytes]) -> None:
        """Keep the run in an .npz file; `History.load` gives it back."""
        card = {
            "settings": asdict(self.settings),
            "iterations": self.iterations.tolist(),
            "costs": self.costs.tolist(),
            "correct": {part: list(counts) for part, counts in self.correct.items()},
        }
        save_parameters(file, self.parameters, card)

    @classmethod
    def load(cls, file: str | Path | IO[bytes]) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        ValueError
            If the file is not a saved run.
        """
        parameters, card = load_parameters(file)
        try:
            settings = dict(card["settings"])
            settings["layers_dims"] = tuple(int(size) for size in settings["layers_dims"])
            if settings["layers_dims"] != sizes_of(parameters):
                raise ValueError("the card speaks of other sizes than the parameters have")
            return cls(
                settings=Settings(**settings),
                iterations=np.array(card["iterations"], dtype=np.int64),
                costs=np.array(card["costs"], dtype=np.float64),
                parameters=parameters,
                correct={part: (int(n), int(of)) for part, (n, of) in card["correct"].items()},
            )
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
            raise ValueError(
                "The file holds parameters, but not the card of the run that made them "
                "(settings, iterations, costs, correct)."
            ) from error
