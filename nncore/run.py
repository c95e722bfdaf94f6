"""A run on a data set: what the command line and the live page advance, each at its own pace."""

import time

import numpy as np

from nncore.checks import require_positive
from nncore.data.dataset import Dataset
from nncore.history import History, Settings
from nncore.parameters import draw_parameters
from nncore.training import count_correct, gradient_descent


class Run:
    """A run under way on a data set: advance it for as long as you like, stop when you like.

    Parameters
    ----------
    dataset : Dataset
    settings : Settings
        Its first size needs to be that of the data set's columns, its last 1.

    Attributes
    ----------
    iterations : list of int
        0, 1, 2, ...: the iterations behind us.
    costs : list of float
        costs[i] is the cost after i updates.
    finished : bool
        Whether nothing is left to do: all iterations made, or diverged.
    diverged : bool
        Whether the cost stopped being a finite number. The last good parameters are kept.

    Raises
    ------
    ValueError
        If the settings do not fit the data set.
    """

    def __init__(self, dataset: Dataset, settings: Settings) -> None:
        if settings.layers_dims[-1] != 1:
            raise ValueError(
                f"The last layer has {settings.layers_dims[-1]} units: cat or not is one answer, "
                f"so it needs 1."
            )
        require_positive("learning_rate", settings.learning_rate)
        self.dataset = dataset
        self.settings = settings
        self.iterations: list[int] = []
        self.costs: list[float] = []
        self.finished = False
        self.diverged = False
        self.seconds = 0.0
        self._steps = gradient_descent(
            dataset.train_x,
            dataset.train_labels.astype(np.float64),
            draw_parameters(
                settings.layers_dims, settings.init, np.random.RandomState(settings.seed)
            ),
            learning_rate=settings.learning_rate,
            num_iterations=settings.num_iterations,
        )
        self._take()

    def advance(self, seconds: float) -> None:
        """Go on for about that long (at least one iteration), or to the end."""
        start = time.perf_counter()
        while not self.finished and time.perf_counter() - start < seconds:
            self._take()
        self.seconds += time.perf_counter() - start

    def _take(self) -> None:
        with np.errstate(over="ignore", invalid="ignore"):  # a run that blows up is told in words
            progress = next(self._steps)
        if not np.isfinite(progress.cost):
            self.finished = self.diverged = True
            return
        self.last = progress
        self.iterations.append(progress.iteration)
        self.costs.append(float(progress.cost))
        self.finished = progress.iteration == progress.num_iterations

    def history(self) -> History:
        """Return the run as it stands, with the network that it has trained so far."""
        data, parameters = self.dataset, self.last.parameters
        with np.errstate(over="ignore", invalid="ignore"):  # the last good network may be near it
            correct = {
                "train": count_correct(data.train_x, data.train_labels, parameters),
                "test": count_correct(data.test_x, data.test_labels, parameters),
            }
        return History(
            settings=self.settings,
            iterations=np.array(self.iterations, dtype=np.int64),
            costs=np.array(self.costs),
            parameters=parameters,
            correct=correct,
        )
