"""The way forward: from pictures to an answer, keeping on the way what the way back will need."""

from nncore.activations import relu, sigmoid
from nncore.checks import require_activation, require_input, require_linear
from nncore.types import Cache, FloatArray, LinearCache, Parameters


def linear_forward(A: FloatArray, W: FloatArray, b: FloatArray) -> tuple[FloatArray, LinearCache]:
    """Weigh and add: the linear half of a layer.

    Z = W A + b, with b added to every column.

    Parameters
    ----------
    A : ndarray of shape (n[l-1], m)
        Activations of the previous layer, or the input X.
    W : ndarray of shape (n[l], n[l-1])
    b : ndarray of shape (n[l], 1)

    Returns
    -------
    Z : ndarray of shape (n[l], m)
    cache : tuple
        (A, W, b), the very arrays, for `linear_backward`.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    Notebooks 1, 2 and 4, section 4.1; notebook 3, section 2.1.
    """
    require_linear(A, W, b, "A")
    Z = W @ A + b  # (n[l], m)
    return Z, (A, W, b)


def linear_activation_forward(
    A_prev: FloatArray, W: FloatArray, b: FloatArray, activation: str
) -> tuple[FloatArray, Cache]:
    """Compute one layer: LINEAR, then ACTIVATION.

    Parameters
    ----------
    A_prev : ndarray of shape (n[l-1], m)
    W : ndarray of shape (n[l], n[l-1])
    b : ndarray of shape (n[l], 1)
    activation : str
        "relu" or "sigmoid".

    Returns
    -------
    A : ndarray of shape (n[l], m)
    cache : tuple
        (linear_cache, activation_cache) = ((A_prev, W, b), Z).

    Raises
    ------
    ValueError
        If the shapes do not fit or the activation is another.

    References
    ----------
    Notebooks 1, 2 and 4, section 4.2; notebook 3, section 2.2.
    """
    require_activation(activation)
    require_linear(A_prev, W, b)  # under the name that it has here
    Z, linear_cache = linear_forward(A_prev, W, b)
    A, activation_cache = sigmoid(Z) if activation == "sigmoid" else relu(Z)
    return A, (linear_cache, activation_cache)


def L_model_forward(X: FloatArray, parameters: Parameters) -> tuple[FloatArray, list[Cache]]:
    """Run the whole network: ReLU in layers 1 to L-1, sigmoid in layer L.

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
    parameters : dict
        W1, b1, ..., WL, bL.

    Returns
    -------
    AL : ndarray of shape (n[L], m)
        The answers, as probabilities.
    caches : list of L caches
        caches[l-1] is the cache of layer l.

    Raises
    ------
    ValueError
        If the shapes of X and the parameters do not fit together.

    References
    ----------
    Notebooks 1, 2 and 4, section 4; notebook 3, section 2.2.
    """
    L = require_input(X, parameters)
    caches = []
    A = X
    for layer in range(1, L + 1):
        activation = "relu" if layer < L else "sigmoid"
        W, b = parameters[f"W{layer}"], parameters[f"b{layer}"]
        A, cache = linear_activation_forward(A, W, b, activation)
        caches.append(cache)
    return A, caches
