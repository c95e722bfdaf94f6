"""How wrong the answers are, as one number."""

import numpy as np

from nncore.activations import GREATEST_PROBABILITY, LEAST_PROBABILITY
from nncore.checks import require_examples, require_same_shape
from nncore.types import FloatArray


def compute_cost(AL: FloatArray, Y: FloatArray) -> FloatArray:
    """Average the cross-entropy loss over the examples.

    J = -(1/m) sum(Y log AL + (1 - Y) log(1 - AL)), summed over outputs where there are several.

    Where AL is exactly 0 or 1, and only there, it is read as the nearest float that has a logarithm
    (2.2e-308, or 1 - 2**-53), so that the cost of a wrong, absolutely certain answer is large (up to
    708) but finite. Every other AL goes into the formula as it is.

    Parameters
    ----------
    AL : ndarray of shape (n[L], m)
        Probabilities, from 0 to 1.
    Y : ndarray of shape (n[L], m)
        Labels, 1 is cat.

    Returns
    -------
    cost : ndarray of shape ()
        A 0-d array, as in the course (not a NumPy scalar).

    Raises
    ------
    ValueError
        If the shapes differ, there is no example, or AL holds a number below 0 or above 1. (NaN gives
        NaN: it is what a run that blew up costs.)

    References
    ----------
    Notebooks 1, 2 and 4, section 5; notebook 3, section 3.

    Examples
    --------
    >>> AL, Y = np.array([[0.8, 0.9, 0.4]]), np.array([[1, 1, 0]])
    >>> round(float(compute_cost(AL, Y)), 6)
    0.279777
    """
    require_same_shape("AL", AL, "Y", Y)
    require_examples(AL, "AL")
    if AL.min() < 0 or AL.max() > 1:
        strange = float(AL.min() if AL.min() < 0 else AL.max())
        raise ValueError(
            f"AL holds {strange}: the cost needs probabilities, from 0 to 1. "
            f"Is AL the output of a sigmoid?"
        )
    AL = np.asarray(AL, dtype=np.float64)
    AL = np.where(AL == 0, LEAST_PROBABILITY, np.where(AL == 1, GREATEST_PROBABILITY, AL))
    return np.array(mean_losses(AL, Y))


def mean_losses(AL: FloatArray, Y: FloatArray) -> FloatArray:
    """Return the cost of one or of many sets of answers, unchecked.

    Parameters
    ----------
    AL : ndarray of shape (..., n[L], m)
        Strictly between 0 and 1, as `sigmoid` gives them.
    Y : ndarray of shape (n[L], m)

    Returns
    -------
    costs : ndarray of shape (...)
    """
    m = Y.shape[1]
    losses = Y * np.log(AL) + (1 - Y) * np.log(1 - AL)
    return np.asarray(-(1 / m) * np.sum(losses, axis=(-2, -1)))
