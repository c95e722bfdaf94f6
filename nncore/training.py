"""Gradient descent: forward, cost, backward, update, again and again.

`gradient_descent` is the textbook loop, a generator that yields after every iteration, so that the
caller owns pace and stopping. `Run` is the one consumer that the command line and the live page share.
"""

import time
from collections.abc import Iterator

import numpy as np

from nncore.backward import L_model_backward
from nncore.checks import (
    require_finite,
    require_input,
    require_labels,
    require_positive,
)
from nncore.cost import compute_cost
from nncore.data.dataset import Dataset
from nncore.forward import L_model_forward
from nncore.history import History, Progress, Settings
from nncore.parameters import draw_parameters, update_parameters
from nncore.types import FloatArray, IntArray, Parameters


def gradient_descent(
    X: FloatArray,
    Y: FloatArray,
    parameters: Parameters,
    *,
    learning_rate: float,
    num_iterations: int,
) -> Iterator[Progress]:
    """Train by full-batch gradient descent, exactly as the course's loop does.

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
    Y : ndarray of shape (n[L], m)
        Labels. Any finite numbers: a public test of the course trains on normal ones.
    parameters : dict
        Where to start; left unchanged.
    learning_rate : float
    num_iterations : int
        How many updates to make.

    Yields
    ------
    Progress
        num_iterations + 1 of them: number i comes after i updates and holds the cost of the
        parameters as they then are. The last is the trained network.

    Raises
    ------
    ValueError
        If shapes do not fit, a number is not finite, or the settings make no sense; at once, not
        at the first step.
    """
    L = require_input(X, parameters)
    require_labels(X, Y, parameters[f"W{L}"].shape[0])
    require_finite("X", X)
    require_finite("Y", Y)
    require_positive("learning_rate", learning_rate)
    if num_iterations < 0:
        raise ValueError(f"num_iterations is {num_iterations}: it needs to be 0 or more.")
    return _descend(X, Y, parameters, learning_rate, num_iterations)


def _descend(
    X: FloatArray, Y: FloatArray, parameters: Parameters, learning_rate: float, num_iterations: int
) -> Iterator[Progress]:
    for i in range(num_iterations):
        AL, caches = L_model_forward(X, parameters)
        cost = compute_cost(AL, Y)
        yield Progress(i, num_iterations, cost, parameters)
        grads = L_model_backward(AL, Y, caches)
        parameters = update_parameters(parameters, grads, learning_rate)
    AL, _ = L_model_forward(X, parameters)
    yield Progress(num_iterations, num_iterations, compute_cost(AL, Y), parameters)


def count_correct(
    X: FloatArray, Y: FloatArray | IntArray, parameters: Parameters
) -> tuple[int, int]:
    """Count the right answers of a network with one output: cat where the probability is over 0.5.

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
    Y : ndarray of shape (1, m)

    Returns
    -------
    (int, int)
        How many are right, and of how many.
    """
    AL, _ = L_model_forward(X, parameters)
    return int(np.sum((AL > 0.5) == (Y == 1))), Y.shape[1]


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
