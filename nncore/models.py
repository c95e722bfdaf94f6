"""The two models of the course's application, and what it does with a trained one."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nncore.checks import (
    require_binary,
    require_finite,
    require_input,
    require_layers,
    require_matrix,
)
from nncore.forward import L_model_forward
from nncore.parameters import initialize_parameters, initialize_parameters_deep
from nncore.training import gradient_descent
from nncore.types import FloatArray, IntArray, Parameters


def two_layer_model(
    X: FloatArray,
    Y: FloatArray,
    layers_dims: Sequence[int],
    learning_rate: float = 0.0075,
    num_iterations: int = 3000,
    print_cost: bool = False,
) -> tuple[Parameters, list[FloatArray]]:
    """Train LINEAR -> RELU -> LINEAR -> SIGMOID, starting from `initialize_parameters` (seed 1).

    Parameters
    ----------
    X : ndarray of shape (n_x, m)
    Y : ndarray of shape (1, m)
        Labels, 1 is cat.
    layers_dims : (n_x, n_h, n_y)
    learning_rate : float
    num_iterations : int
    print_cost : bool
        Print the cost every 100 iterations and at the last.

    Returns
    -------
    parameters : dict
        W1, b1, W2, b2.
    costs : list of 0-d ndarrays
        The costs at iterations 0, 100, 200 and so on, printed or not.

    Raises
    ------
    ValueError
        If the shapes do not fit or X or Y is not finite.

    References
    ----------
    Notebook 1 part 2, section 4; notebook 5, section 4.3.
    """
    require_layers(layers_dims)
    if len(layers_dims) != 3:
        raise ValueError(
            f"layers_dims is {tuple(layers_dims)}: two_layer_model needs three sizes "
            f"(n_x, n_h, n_y). For other depths try L_layer_model."
        )
    parameters = initialize_parameters(*layers_dims)
    return _descend(X, Y, parameters, learning_rate, num_iterations, print_cost)


def L_layer_model(
    X: FloatArray,
    Y: FloatArray,
    layers_dims: Sequence[int],
    learning_rate: float = 0.0075,
    num_iterations: int = 3000,
    print_cost: bool = False,
) -> tuple[Parameters, list[FloatArray]]:
    """Train [LINEAR -> RELU] x (L-1) -> LINEAR -> SIGMOID, from seed 1 and randn / sqrt(n[l-1]).

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
    Y : ndarray of shape (1, m)
        Labels, 1 is cat.
    layers_dims : sequence of int
        Sizes of the layers, the input first.
    learning_rate : float
    num_iterations : int
    print_cost : bool
        Print the cost every 100 iterations and at the last.

    Returns
    -------
    parameters : dict
        W1, b1, ..., WL, bL.
    costs : list of 0-d ndarrays
        The costs at iterations 0, 100, 200 and so on, printed or not.

    Raises
    ------
    ValueError
        If the shapes do not fit or X or Y is not finite.

    References
    ----------
    Notebook 1 part 2, section 5; notebook 5, section 4.3.4.
    """
    require_layers(layers_dims)
    parameters = initialize_parameters_deep(layers_dims, seed=1, scale="scaled")
    return _descend(X, Y, parameters, learning_rate, num_iterations, print_cost)


def _descend(
    X: FloatArray,
    Y: FloatArray,
    parameters: Parameters,
    learning_rate: float,
    num_iterations: int,
    print_cost: bool,
) -> tuple[Parameters, list[FloatArray]]:
    costs: list[FloatArray] = []
    for progress in gradient_descent(
        X,
        Y,
        parameters,
        learning_rate=learning_rate,
        num_iterations=num_iterations,
        engine="auto",  # the textbook's numbers but for rounding, and no waiting for minutes
    ):
        i, end = progress.iteration, progress.num_iterations
        if i < end and i % 100 == 0:
            costs.append(progress.cost)
        if print_cost and i < end and (i % 100 == 0 or i == end - 1):
            print(f"Cost after iteration {i}: {progress.cost}")
    return progress.parameters, costs


def predict(X: FloatArray, y: FloatArray | None, parameters: Parameters) -> FloatArray:
    """Answer cat (1) or non-cat (0) for every column, and print how often that is right.

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
    y : ndarray of shape (1, m), list of m labels, or None
        True labels; None when they are not known, then nothing is printed.
    parameters : dict
        Of a network with one output.

    Returns
    -------
    p : ndarray of shape (1, m)
        1. where the probability is over 0.5, else 0.

    Raises
    ------
    ValueError
        If the shapes do not fit, the network has several outputs, or X is not finite.

    References
    ----------
    Notebook 1 part 2, section 4.
    """
    L = require_input(X, parameters)
    require_finite("X", X)
    outputs = parameters[f"W{L}"].shape[0]
    if outputs != 1:
        raise ValueError(f"The network has {outputs} outputs: predict needs a network with one.")
    AL, _ = L_model_forward(X, parameters)
    p = np.where(AL > 0.5, 1.0, 0.0)  # (1, m)
    if y is not None:
        labels = _labels("y", y, p.shape[1])
        print(f"Accuracy: {int(np.sum(p == labels)) / p.shape[1]}")
    return p


def _labels(name: str, value: Any, m: int) -> FloatArray:
    """Read labels as (1, m); the course's last cell gives them as a list, my_label_y = [1]."""
    labels = np.asarray(value)
    if labels.shape == (m,):
        labels = labels.reshape(1, m)
    if labels.shape != (1, m):
        raise ValueError(
            f"{name} has shape {labels.shape} for {m} columns of X: it needs shape (1, {m}), one "
            f"label for each column."
        )
    return labels


def print_mislabeled_images(classes: Sequence[Any], X: FloatArray, y: Any, p: Any) -> IntArray:
    """Print a line for every wrong answer: which picture, what was answered, what is true.

    Parameters
    ----------
    classes : sequence of two names, str or bytes
    X : ndarray of shape (n[0], m)
    y, p : ndarray of shape (1, m)
        True labels, and the answers of `predict`.

    Returns
    -------
    indices : ndarray of int, one for each mistake

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    Notebook 1 part 2, section 6.
    """
    require_matrix("X", X)
    y, p = _labels("y", y, X.shape[1]), _labels("p", p, X.shape[1])
    require_binary("y", y)
    require_binary("p", p)
    names = [name.decode() if isinstance(name, bytes) else str(name) for name in classes]
    wrong = np.flatnonzero(y[0] != p[0])
    for index in wrong:
        predicted, true = names[int(p[0, index])], names[int(y[0, index])]
        print(f"Picture {index}: predicted {predicted}, true {true}")
    return wrong
