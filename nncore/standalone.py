"""What a script of one's own needs beside the network's functions: to read pictures, and the loop.

`nncore.export` copies these functions into the script that it writes, as they stand here.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nncore.backward import L_model_backward
from nncore.cost import compute_cost
from nncore.forward import L_model_forward
from nncore.parameters import update_parameters
from nncore.types import FloatArray, Parameters


def read_photos(folder: Path) -> list[Any]:
    """Read the course's two files, train_catvnoncat.h5 and test_catvnoncat.h5.

    Parameters
    ----------
    folder : Path
        Where they lie.

    Returns
    -------
    train_images, train_labels, test_images, test_labels : ndarrays
        Pictures (m, height, width, 3), uint8, and labels (1, m), int64.
    """
    import h5py

    arrays = []
    for part in ("train", "test"):
        path = folder / f"{part}_catvnoncat.h5"
        try:
            with h5py.File(path, "r") as file:
                images = file[f"{part}_set_x"][()]
                labels = file[f"{part}_set_y"][()]  # (m,) in some copies, (m, 1) in others
        except (OSError, KeyError) as error:
            raise SystemExit(
                f"{path} is missing, or not the course's file. Put the course's two .h5 files beside "
                f"this script, or name their folder after it."
            ) from error
        arrays += [images, labels.reshape(1, -1).astype(np.int64)]
    return arrays


def read_pictures(folder: Path) -> list[Any]:
    """Read pictures.npz, which was offered for download beside this script.

    Parameters
    ----------
    folder : Path
        Where it lies.

    Returns
    -------
    train_images, train_labels, test_images, test_labels : ndarrays
        Pictures (m, height, width, 3), uint8, and labels (1, m), int64.
    """
    import zipfile

    path = folder / "pictures.npz"
    names = ("train_images", "train_labels", "test_images", "test_labels")
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            return [file[name] for name in names]
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise SystemExit(
            f"{path} is missing, or another file of that name. Put the pictures.npz that was offered "
            f"with this script beside it, or name its folder after it."
        ) from error


def L_layer_model(
    X: FloatArray,
    Y: FloatArray,
    parameters: Parameters,
    stages: Sequence[tuple[float, int]],
) -> tuple[Parameters, list[float]]:
    """Train by gradient descent: forward, cost, backward, update, again and again.

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
    Y : ndarray of shape (1, m)
    parameters : dict
        The first weights, W1, b1, ..., WL, bL.
    stages : sequence of (learning_rate, num_iterations)
        One after another.

    Returns
    -------
    parameters : dict
        The trained network.
    costs : list of float
        costs[i] is the cost after i updates.
    """
    costs = []
    for learning_rate, num_iterations in stages:
        for _ in range(num_iterations):
            AL, caches = L_model_forward(X, parameters)
            costs.append(float(compute_cost(AL, Y)))
            if (len(costs) - 1) % 100 == 0:
                print(f"Cost after {len(costs) - 1:>5} iterations: {costs[-1]}", flush=True)
            grads = L_model_backward(AL, Y, caches)
            parameters = update_parameters(parameters, grads, learning_rate)
    AL, caches = L_model_forward(X, parameters)
    costs.append(float(compute_cost(AL, Y)))
    print(f"Cost after {len(costs) - 1:>5} iterations: {costs[-1]}")
    return parameters, costs
