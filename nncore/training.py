"""Gradient descent: forward, cost, backward, update, again and again.

`gradient_descent` is the textbook loop, a generator that yields after every iteration, so that the
caller owns pace and stopping. `nncore.run` is the consumer that the command line and the pages share.
"""

from collections.abc import Iterator

import numpy as np

from nncore.backward import L_model_backward
from nncore.checks import (
    require_finite,
    require_input,
    require_labels,
    require_number,
)
from nncore.cost import compute_cost
from nncore.forward import L_model_forward
from nncore.history import Progress
from nncore.parameters import update_parameters
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
    require_number("learning_rate", learning_rate)
    if not isinstance(num_iterations, int | np.integer) or num_iterations < 0:
        raise ValueError(
            f"num_iterations is {num_iterations}: it needs to be a whole number, 0 or more."
        )
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
