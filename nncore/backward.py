"""The way back: from the cost to the gradient of every weight, by the chain rule.

Where 1/m lives: dA and dZ are gradients of the SUM of the losses and carry no 1/m. dW and db are
gradients of the cost J, the MEAN over the m examples, and carry it. So a numeric gradient of J can be
compared with dW and db directly, with dA and dZ only after dividing them by m.
"""

import numpy as np

from nncore.activations import relu_backward, sigmoid_backward
from nncore.checks import (
    require_activation,
    require_layer_cache,
    require_linear,
    require_linear_cache,
    require_matrix,
    require_same_shape,
)
from nncore.types import Cache, FloatArray, Gradients, LinearCache


def linear_backward(
    dZ: FloatArray, cache: LinearCache
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Send the gradient back through Z = W A_prev + b.

    dW = (1/m) dZ A_prev^T, db = (1/m) times the sum of dZ over the examples, dA_prev = W^T dZ.

    Parameters
    ----------
    dZ : ndarray of shape (n[l], m)
        Gradient of the summed loss with respect to Z.
    cache : tuple
        (A_prev, W, b), as `linear_forward` returned it.

    Returns
    -------
    dA_prev : ndarray of shape (n[l-1], m)
    dW : ndarray of shape (n[l], n[l-1])
    db : ndarray of shape (n[l], 1)
        Kept as a column (keepdims): as a flat array it would broadcast wrongly in the update.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    Notebooks 1, 2 and 4, section 6.1; notebook 3, section 4.1.
    """
    require_linear_cache(cache)
    A_prev, W, b = cache
    require_linear(A_prev, W, b)
    require_matrix("dZ", dZ)
    m = A_prev.shape[1]
    if dZ.shape != (W.shape[0], m):
        raise ValueError(
            f"dZ has shape {dZ.shape}, W has shape {W.shape} and A_prev has shape {A_prev.shape}: "
            f"dZ needs shape ({W.shape[0]}, {m}), a row for each row of W and a column for each "
            f"column of A_prev."
        )
    dW = 1 / m * (dZ @ A_prev.T)  # (n[l], n[l-1])
    db = 1 / m * np.sum(dZ, axis=1, keepdims=True)  # (n[l], 1)
    dA_prev = W.T @ dZ  # (n[l-1], m)
    return dA_prev, dW, db


def linear_activation_backward(
    dA: FloatArray, cache: Cache, activation: str
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Send the gradient back through one layer: ACTIVATION, then LINEAR.

    Parameters
    ----------
    dA : ndarray of shape (n[l], m)
    cache : tuple
        (linear_cache, activation_cache), as `linear_activation_forward` returned it.
    activation : str
        "relu" or "sigmoid".

    Returns
    -------
    dA_prev : ndarray of shape (n[l-1], m)
    dW : ndarray of shape (n[l], n[l-1])
    db : ndarray of shape (n[l], 1)

    Raises
    ------
    ValueError
        If the shapes do not fit or the activation is another.

    References
    ----------
    Notebooks 1, 2 and 4, section 6.2; notebook 3, section 4.2.
    """
    require_activation(activation)
    require_layer_cache(cache)
    linear_cache, activation_cache = cache
    backward = sigmoid_backward if activation == "sigmoid" else relu_backward
    dZ = backward(dA, activation_cache)
    return linear_backward(dZ, linear_cache)


def L_model_backward(
    AL: FloatArray, Y: FloatArray, caches: list[Cache], *, old_names: bool = False
) -> Gradients:
    """Compute the gradient of the cost with respect to every parameter.

    It starts from dAL = -(Y / AL - (1 - Y) / (1 - AL)), the derivative of the loss, and not from the
    shortcut dZL = AL - Y: that one holds only where AL is the sigmoid of the cached ZL, which the
    documented test case is not.

    Parameters
    ----------
    AL : ndarray of shape (n[L], m)
        The answers of `L_model_forward`.
    Y : ndarray of shape (n[L], m)
        Labels, 1 is cat.
    caches : list of L caches
        As `L_model_forward` returned them.
    old_names : bool, keyword only
        The editions differ in one name. Notebooks 2, 4 and 5 store the gradient of the INPUT of
        layer l as dA{l-1}: dA0 to dA{L-1} (the default). Notebooks 1 and 3 store the very same
        arrays as dA1 to dAL.

    Returns
    -------
    grads : dict
        dA0, ..., dA{L-1} (gradients of the summed loss), dW1, db1, ..., dWL, dbL (gradients of J).

    Raises
    ------
    ValueError
        If the shapes do not fit, there is no cache, or AL is exactly 0 or 1 somewhere.

    References
    ----------
    Notebooks 1, 2 and 4, section 6.3; notebook 3, section 4.3.
    """
    require_same_shape("AL", AL, "Y", Y)
    if not isinstance(caches, tuple | list):
        raise ValueError(f"caches is a {type(caches).__name__}: it needs to be a list of caches.")
    L = len(caches)
    if L == 0:
        raise ValueError("caches is empty: it needs one cache for each layer of the network.")
    if ((AL == 0) | (AL == 1)).any():
        raise ValueError(
            "AL is exactly 0 or 1 somewhere, and dAL divides by AL and by 1 - AL: it needs to lie "
            "between. The sigmoid of nncore never reaches 0 or 1; keep other answers away from them."
        )
    grads: Gradients = {}
    shift = 0 if old_names else 1
    dA = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))  # (n[L], m)
    for layer in range(L, 0, -1):
        activation = "sigmoid" if layer == L else "relu"
        dA, dW, db = linear_activation_backward(dA, caches[layer - 1], activation)
        grads[f"dA{layer - shift}"] = dA
        grads[f"dW{layer}"] = dW
        grads[f"db{layer}"] = db
    return grads
