"""What a run leaves behind: one record per iteration while it goes, one for the whole at the end."""

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Protocol, Self

import numpy as np

from nncore.cost import compute_cost
from nncore.digest import arrays_digest
from nncore.parameters import MOST_BYTES_LOADED, load_parameters, save_parameters, sizes_of
from nncore.types import FloatArray, IntArray, Parameters, UInt8Array

NO_RECORDS = np.empty(0)
FORMAT = 2  # of the card in a file; 1 had no digests and no names of classes
LONGEST_TEXT = 200  # of a name on a card
CURVES = ("costs", "test_costs", "train_accuracy", "test_accuracy")


class Network(Protocol):
    """A network in training, as it stands."""

    def parameters(self) -> Parameters:
        """Return W1, b1, ..., WL, bL."""

    def answers_test(self) -> FloatArray:
        """Return the answers to the test pictures, (n[L], m_test)."""


@dataclass(eq=False, slots=True)
class Progress:
    """Where a run stands.

    Attributes
    ----------
    iteration : int
        How many updates have been made.
    num_iterations : int
        How many there will be.
    AL : ndarray of shape (n[L], m)
        The answers to the training pictures BEFORE the next update.
    Y : ndarray of shape (n[L], m)
        The labels.
    network : Network
        The network that gave them. The fast engines change it in place when they go on: read
        `parameters` before that.
    """

    iteration: int
    num_iterations: int
    AL: FloatArray
    Y: FloatArray
    network: Network

    @property
    def cost(self) -> FloatArray:
        """The cost of these answers, so the one BEFORE the next update, as a 0-d array."""
        return compute_cost(self.AL, self.Y)

    @property
    def parameters(self) -> Parameters:
        """The parameters after `iteration` updates."""
        return self.network.parameters()


@dataclass(frozen=True)
class Settings:
    """What a run was asked to do: enough to repeat it.

    Attributes
    ----------
    layers_dims : tuple of int
    learning_rate : float
    num_iterations : int
    init : str
        Scale of the first weights, see `nncore.parameters.draw_parameters`; "given" where the run
        went on from parameters that it was handed.
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


class Rewind(Protocol):
    """What brings a run's network of any iteration back."""

    def parameters_at(self, iteration: int) -> Parameters:
        """Return the parameters after `iteration` updates."""

    def nbytes(self) -> int:
        """Return how much memory it takes, in bytes, without the pictures."""


@dataclass(frozen=True, eq=False)
class History:
    """A run that has ended, and the network that it trained.

    Attributes
    ----------
    settings : Settings
    iterations : ndarray of shape (k,), int64
        The iterations of which there is a record: every multiple of record_every, and the last,
        which is that of `parameters`.
    costs : ndarray of shape (k,)
        costs[j] is the cost on the training pictures after iterations[j] updates.
    parameters : dict
        The trained network.
    correct : mapping
        For each part ("train", "test") how many answers of the trained network are right, and of
        how many. Only networks with one output have it.
    test_costs : ndarray of shape (k,), or (0,) where there were no test pictures
    train_accuracy, test_accuracy : ndarray of shape (k,), or (0,)
        Fractions of right answers, from 0 to 1.
    answers : mapping
        For each part the probability of every picture at every record, (k, m) uint8: 255 times the
        probability, rounded, 128 and more where it is over 1/2. Not kept in a file.
    engine : str
        What trained it, see `nncore.training.ENGINES`.
    classes : tuple of str
        The names of labels 0 and 1. Where a visitor made the data set, or a file says it, they are
        text that is not ours.
    data_digest : str
        Of the data set on which it was trained, see `nncore.data.Dataset.digest`; empty where that
        is not known.
    diverged_at : int or None
        The iteration at which the numbers stopped being finite. `parameters` are then the last good
        ones, from before it.
    """

    settings: Settings
    iterations: IntArray
    costs: FloatArray
    parameters: Parameters
    correct: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    test_costs: FloatArray = field(default_factory=lambda: NO_RECORDS)
    train_accuracy: FloatArray = field(default_factory=lambda: NO_RECORDS)
    test_accuracy: FloatArray = field(default_factory=lambda: NO_RECORDS)
    answers: Mapping[str, UInt8Array] = field(default_factory=dict)
    engine: str = ""
    classes: tuple[str, str] = ("non-cat", "cat")
    data_digest: str = ""
    diverged_at: int | None = None
    rewind: Rewind | None = None

    def __post_init__(self) -> None:
        for name in CURVES:
            getattr(self, name).setflags(write=False)
        for array in (self.iterations, *self.parameters.values()):
            array.setflags(write=False)

    @property
    def last(self) -> int:
        """The iteration of the trained network."""
        return int(self.iterations[-1])

    def parameters_at(self, iteration: int) -> Parameters:
        """Return the network as it was after `iteration` updates, as if the run had stopped there.

        Parameters
        ----------
        iteration : int
            Any from 0 to `last`, recorded or not.

        Raises
        ------
        ValueError
            If the run never came there, or was read from a file, which keeps the trained network only.
        """
        if not isinstance(iteration, int | np.integer) or not 0 <= iteration <= self.last:
            raise ValueError(
                f"iteration is {iteration!r}: this run went from 0 to {self.last}, so it needs to be "
                f"a whole number between them."
            )
        if iteration == self.last:
            return self.parameters
        if self.rewind is None:
            raise ValueError(
                f"iteration is {iteration}: this run comes from a file, which keeps the network of "
                f"iteration {self.last} only. Train it again to look at any other."
            )
        return self.rewind.parameters_at(int(iteration))

    def until(self, iteration: int) -> Self:
        """Return the run as if it had been stopped at a recorded iteration.

        Raises
        ------
        ValueError
            If there is no record of that iteration, or no way back to it.
        """
        place = int(np.searchsorted(self.iterations, iteration))
        if place == len(self.iterations) or self.iterations[place] != iteration:
            raise ValueError(f"iteration is {iteration!r}: this run kept no record of it.")
        curves = {name: getattr(self, name)[: place + 1] for name in CURVES}
        counted = {
            part: (round(float(curves[f"{part}_accuracy"][-1]) * total), total)
            for part, (_, total) in self.correct.items()
            if curves[f"{part}_accuracy"].size
        }
        return replace(
            self,
            iterations=self.iterations[: place + 1],
            parameters=self.parameters_at(iteration),
            correct=self.correct if iteration == self.last else counted,
            answers={part: array[: place + 1] for part, array in self.answers.items()},
            diverged_at=self.diverged_at if iteration == self.last else None,
            **curves,
        )

    def best_test(self) -> int | None:
        """Return the iteration with the least test cost, None where there is no test cost."""
        if not self.test_costs.size:
            return None
        return int(self.iterations[np.argmin(self.test_costs)])

    @property
    def digest(self) -> str:
        """The SHA-256 of the trained network, W1, b1, ..., WL, bL."""
        return arrays_digest(
            *(
                self.parameters[f"{letter}{layer}"]
                for layer in range(1, len(self.parameters) // 2 + 1)
                for letter in "Wb"
            )
        )

    @property
    def nbytes(self) -> int:
        """How much memory the run takes, in bytes: network, records, and what rewinds it."""
        curves = [getattr(self, name) for name in CURVES]
        arrays = [self.iterations, *curves, *self.parameters.values(), *self.answers.values()]
        rewind = self.rewind.nbytes() if self.rewind else 0
        return sum(int(array.nbytes) for array in arrays) + rewind

    def accuracy(self, part: str) -> float:
        """Return the fraction of right answers on "train" or "test"."""
        right, total = self.correct[part]
        return right / total

    def rises(self) -> int:
        """Count the steps at which the cost rose, of those that were kept."""
        return int(np.sum(np.diff(self.costs) > 0))

    def save(self, file: str | Path | IO[bytes]) -> None:
        """Keep the run in an .npz file; `History.load` gives it back, but for `parameters_at`."""
        card = {
            "format": FORMAT,
            "digest": self.digest,
            "settings": asdict(self.settings),
            "iterations": self.iterations.tolist(),
            "correct": {part: list(counts) for part, counts in self.correct.items()},
            "engine": self.engine,
            "classes": list(self.classes),
            "data_digest": self.data_digest,
            "diverged_at": self.diverged_at,
            **{name: getattr(self, name).tolist() for name in CURVES},
        }
        save_parameters(file, self.parameters, card)

    @classmethod
    def load(cls, file: str | Path | IO[bytes], most: int = MOST_BYTES_LOADED) -> Self:
        """Read what `save` wrote, if it unpacks to no more than `most` bytes.

        Raises
        ------
        ValueError
            If the file is not a saved run, or its arrays are not those that were saved.
        """
        parameters, card = load_parameters(file, most)
        version = card.get("format", 1)
        if isinstance(version, int) and version > FORMAT:
            raise ValueError(
                f"The file's card has format {version} and this program reads up to {FORMAT}: it was "
                f"saved by a newer one. Load it there, or bring this one up to date."
            )
        try:
            history = cls._from_card(card, parameters)
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
            raise ValueError(
                "The file holds parameters, but not the card of the run that made them "
                "(settings, iterations, costs, correct)."
            ) from error
        if version > 1 and card["digest"] != history.digest:
            raise ValueError(
                "The numbers in the file are not those that were saved: their digest is "
                f"{history.digest[:12]}… and the card says {card['digest'][:12]}… The file was changed "
                "or damaged: take another copy, or train the network again."
            )
        return history

    @classmethod
    def _from_card(cls, card: Mapping[str, Any], parameters: Parameters) -> Self:
        """Make a run of what a file says; whatever it says, each part is of its type afterwards."""
        if card.get("format", 1) > 1:  # the first format had none of these
            if not {"digest", "classes", "data_digest"} <= card.keys():
                raise ValueError("a part of the card is missing")
            _digest(card["digest"])
        said = card["settings"]
        settings = Settings(
            layers_dims=tuple(int(size) for size in said["layers_dims"]),
            learning_rate=float(said["learning_rate"]),
            num_iterations=int(said["num_iterations"]),
            init=_text(said["init"]),
            seed=int(said["seed"]),
            dataset=_text(said.get("dataset", "")),
        )
        if settings.layers_dims != sizes_of(parameters):
            raise ValueError("the card speaks of other sizes than the parameters have")
        if not math.isfinite(settings.learning_rate):
            raise ValueError("the learning rate is no number")
        curves = {name: np.array(card.get(name, ()), dtype=np.float64) for name in CURVES}
        iterations = np.array(card["iterations"], dtype=np.int64)
        if iterations.ndim != 1 or not iterations.size or curves["costs"].shape != iterations.shape:
            raise ValueError("the costs are not those of the iterations")
        if any(curve.shape not in ((0,), iterations.shape) for curve in curves.values()):
            raise ValueError("the curves differ in length")
        correct = {_text(part): (int(n), int(of)) for part, (n, of) in card["correct"].items()}
        if any(not 0 <= right <= total or total < 1 for right, total in correct.values()):
            raise ValueError("more answers are right than were given")
        diverged_at = card.get("diverged_at")
        first, second = card.get("classes", ("non-cat", "cat"))
        return cls(
            settings=settings,
            iterations=iterations,
            parameters=parameters,
            correct=correct,
            engine=_text(card.get("engine", "")),
            classes=(_text(first), _text(second)),
            data_digest=_digest(card.get("data_digest", "")),
            diverged_at=None if diverged_at is None else int(diverged_at),
            costs=curves["costs"],
            test_costs=curves["test_costs"],
            train_accuracy=curves["train_accuracy"],
            test_accuracy=curves["test_accuracy"],
        )


def _text(said: Any) -> str:
    """Return a name from a card if it is one that can be shown."""
    if not isinstance(said, str) or len(said) > LONGEST_TEXT:
        raise ValueError("a name is no text, or too long")
    said.encode("utf-8")  # half a character, as JSON can say it, has no bytes
    return said


def _digest(said: Any) -> str:
    """Return a digest from a card, or the empty text, if it is one of these."""
    if not isinstance(said, str) or not re.fullmatch(r"[0-9a-f]{64}|", said):
        raise ValueError("a digest is no SHA-256")
    return said
