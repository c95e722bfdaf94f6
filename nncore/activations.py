"""The two activations and their derivatives, each beside its own way back."""

import numpy as np

from nncore.checks import require_same_shape
from nncore.types import ActivationCache, FloatArray

LEAST_PROBABILITY = float(np.finfo(np.float64).tiny)  # least positive normal float, 2.2e-308
GREATEST_PROBABILITY = 1.0 - 2.0**-53  # the greatest float below 1


def sigmoid(Z: FloatArray) -> tuple[FloatArray, ActivationCache]:
    """Squash every number into (0, 1), to be read as a probability.

    A = 1 / (1 + exp(-Z)). The result is never exactly 0 or 1, however large Z is, so that the
    logarithm of the cost and the divisions of the backward pass stay finite.

    Parameters
    ----------
    Z : ndarray of any shape

    Returns
    -------
    A : ndarray of the shape of Z
    cache : ndarray
        Z itself, for `sigmoid_backward`.

    References
    ----------
    Notebooks 1, 2, 3 and 4, section 4.2 (2.2 in notebook 3).

    Examples
    --------
    >>> float(sigmoid(np.array([[0.0]]))[0][0, 0])
    0.5
    """
    exponent = np.minimum(-np.asarray(Z, dtype=np.float64), 709.0)  # exp(709) is still finite
    A = 1.0 / (1.0 + np.exp(exponent))
    return np.clip(A, LEAST_PROBABILITY, GREATEST_PROBABILITY), Z


def relu(Z: FloatArray) -> tuple[FloatArray, ActivationCache]:
    """Keep what is positive and put zero for the rest.

    Parameters
    ----------
    Z : ndarray of any shape

    Returns
    -------
    A : ndarray of the shape of Z
    cache : ndarray
        Z itself, for `relu_backward`.

    References
    ----------
    Notebooks 1, 2, 3 and 4, section 4.2 (2.2 in notebook 3).

    Examples
    --------
    >>> relu(np.array([[-2.0, 3.0]]))[0]
    array([[0., 3.]])
    """
    return np.maximum(0, Z), Z


def sigmoid_backward(dA: FloatArray, cache: ActivationCache) -> FloatArray:
    """Send the gradient back through the sigmoid.

    dZ = dA * s * (1 - s) with s = sigmoid(Z): the chain rule, entry by entry.

    Parameters
    ----------
    dA : ndarray of shape (n[l], m)
        Gradient of the summed loss with respect to A; left unchanged.
    cache : ndarray of shape (n[l], m)
        Z, as `sigmoid` returned it.

    Returns
    -------
    dZ : ndarray of shape (n[l], m)

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    Notebook 1, section 6.2.
    """
    Z = cache
    require_same_shape("dA", dA, "Z", Z)
    s, _ = sigmoid(Z)
    return dA * s * (1 - s)


def relu_backward(dA: FloatArray, cache: ActivationCache) -> FloatArray:
    """Send the gradient back through ReLU: it passes where Z > 0 and stops elsewhere.

    At exactly Z = 0 the slope is taken to be 0, as in the course.

    Parameters
    ----------
    dA : ndarray of shape (n[l], m)
        Gradient of the summed loss with respect to A; left unchanged.
    cache : ndarray of shape (n[l], m)
        Z, as `relu` returned it.

    Returns
    -------
    dZ : ndarray of shape (n[l], m)

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    Notebook 1, section 6.2.
    """
    Z = cache
    require_same_shape("dA", dA, "Z", Z)
    return np.where(Z > 0, dA, 0.0)
