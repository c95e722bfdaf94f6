"""What the first weights do: to the activations, to the gradients, to the first iterations."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nncore.backward import L_model_backward
from nncore.cost import compute_cost
from nncore.forward import L_model_forward
from nncore.gram import Products
from nncore.training import Training
from nncore.types import FloatArray, IntArray, Parameters


@dataclass(frozen=True, eq=False)
class Depth:
    """One forward and one backward pass, each array as one number.

    Attributes
    ----------
    activations : dict of str to float
        The spread (standard deviation over units and examples) of A0 = X, A1, ..., AL.
    gradients : dict of str to float
        The same of dA{L-1}, ..., dA0, in the order in which they are computed.
    largest : dict of str to float
        The largest entry, without its sign, of dW1, db1, ..., dWL, dbL.
    cost : float
    """

    activations: dict[str, float]
    gradients: dict[str, float]
    largest: dict[str, float]
    cost: float


def through_depth(X: FloatArray, Y: FloatArray, parameters: Parameters) -> Depth:
    """Go forward and backward once, and measure what came through at each layer.

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
    Y : ndarray of shape (n[L], m)
    parameters : dict
    """
    AL, caches = L_model_forward(X, parameters)
    grads = L_model_backward(AL, Y, caches)
    L = len(caches)
    inputs = [linear_cache[0] for linear_cache, _ in caches]  # A0 to A{L-1}
    return Depth(
        activations={f"A{i}": float(np.std(A)) for i, A in enumerate([*inputs, AL])},
        gradients={f"dA{i}": float(np.std(grads[f"dA{i}"])) for i in range(L - 1, -1, -1)},
        largest={
            name: float(np.max(np.abs(grads[name])))
            for layer in range(1, L + 1)
            for name in (f"dW{layer}", f"db{layer}")
        },
        cost=float(compute_cost(AL, Y)),
    )


@dataclass(frozen=True, eq=False)
class FirstIterations:
    """The beginning of a training.

    Attributes
    ----------
    costs : ndarray of shape (num_iterations + 1,)
        costs[i] is the cost after i updates.
    correct : (int, int)
        How many training pictures are answered right at the end, and of how many.
    moved : dict of str to bool
        For W1, b1, ..., WL, bL whether the first update changed any of its numbers.
    """

    costs: FloatArray
    correct: tuple[int, int]
    moved: dict[str, bool]


def first_iterations(
    X: FloatArray,
    Y: FloatArray,
    starts: Mapping[str, Parameters],
    *,
    learning_rate: float,
    num_iterations: int,
) -> dict[str, FirstIterations]:
    """Train from several starts on the same data.

    The pictures' inner products are computed once for all of them (`nncore.gram`).

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
    Y : ndarray of shape (1, m)
    starts : mapping of str to dict
        The first parameters, by a name of yours.
    learning_rate : float
    num_iterations : int
    """
    products = Products(X)
    results = {}
    for name, start in starts.items():
        training = Training(
            X,
            Y,
            start,
            learning_rate=learning_rate,
            num_iterations=num_iterations,
            record_every=1,
            products=products,
        )
        training.advance()
        history = training.history()
        first = history.parameters_at(min(1, history.last))
        moved = {key: bool(np.any(first[key] != start[key])) for key in start}
        results[name] = FirstIterations(history.costs, history.correct["train"], moved)
    return results


def cost_of_one_answer(Y: FloatArray | IntArray) -> tuple[float, float]:
    """Return the best answer that is the same for every picture, and its cost.

    That is the share of cats p; its cost is -(p log p + (1 - p) log(1 - p)).

    Parameters
    ----------
    Y : ndarray of shape (1, m)
        Labels, 0 or 1.

    Examples
    --------
    >>> cost_of_one_answer(np.array([[1, 0]]))
    (0.5, 0.6931471805599453)
    """
    p = float(np.mean(Y))
    return p, float(compute_cost(np.full(Y.shape, p), Y.astype(np.float64)))


def histograms(
    arrays: Mapping[str, FloatArray], bins: int = 81
) -> tuple[FloatArray, dict[str, IntArray]]:
    """Count the entries of several arrays in the same bins, symmetric around 0.

    Parameters
    ----------
    arrays : mapping of str to ndarray
    bins : int
        Odd, so that 0 lies in the middle of one.

    Returns
    -------
    middles : ndarray of shape (bins,)
    counts : dict of str to ndarray of shape (bins,)
    """
    reach = max(float(np.max(np.abs(array))) for array in arrays.values()) or 1.0
    edges = np.linspace(-reach, reach, bins + 1)
    counts = {name: np.histogram(array, edges)[0] for name, array in arrays.items()}
    return (edges[:-1] + edges[1:]) / 2, counts
