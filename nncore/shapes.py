"""The shape of every array of a network, from the sizes of its layers and the number of examples.

Nothing is computed with weights here, so a network of any size costs nothing to look at.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nncore.checks import require_layers, require_linear, require_matrix
from nncore.types import FloatArray

BYTES = np.dtype(np.float64).itemsize  # of one number
Axes = tuple[int, int]


@dataclass(frozen=True)
class Shape:
    """One array and its gradient, which has the same shape.

    Attributes
    ----------
    name : str
        As in the parameters and caches: "W1". The gradient is "d" and the name.
    symbols : str
        The shape in LaTeX, in the course's letters.
    shape : (int, int)
    """

    name: str
    symbols: str
    shape: tuple[int, int]

    @property
    def count(self) -> int:
        """How many numbers the array holds."""
        return self.shape[0] * self.shape[1]


@dataclass(frozen=True)
class LayerShapes:
    """One row of the shape table: the arrays of layer l.

    Attributes
    ----------
    layer : int
        From 1 to L.
    activation : {"relu", "sigmoid"}
    W, b, Z, A : Shape
    """

    layer: int
    activation: str
    W: Shape
    b: Shape
    Z: Shape
    A: Shape

    @property
    def learned(self) -> int:
        """How many numbers of this layer are learned: those of W and b."""
        return self.W.count + self.b.count


def shape_table(layers_dims: Sequence[int], m: int) -> tuple[LayerShapes, ...]:
    """List the shapes of every layer with weights.

    Parameters
    ----------
    layers_dims : sequence of int
        Sizes of the layers, the input first.
    m : int
        The number of examples.

    Raises
    ------
    ValueError
        If the sizes make no network or there is no example.

    Examples
    --------
    >>> [row.W.shape for row in shape_table([5, 4, 3], m=2)]
    [(4, 5), (3, 4)]
    """
    require_layers(layers_dims)
    if m < 1:
        raise ValueError(f"m is {m}: it needs to be 1 or more, one column for each example.")
    L = len(layers_dims) - 1
    rows = []
    for layer in range(1, L + 1):
        n, n_prev = int(layers_dims[layer]), int(layers_dims[layer - 1])
        units = f"n^{{[{layer}]}}"
        columns = f"({units}, m)"
        rows.append(
            LayerShapes(
                layer=layer,
                activation="sigmoid" if layer == L else "relu",
                W=Shape(f"W{layer}", f"({units}, n^{{[{layer - 1}]}})", (n, n_prev)),
                b=Shape(f"b{layer}", f"({units}, 1)", (n, 1)),
                Z=Shape(f"Z{layer}", columns, (n, m)),
                A=Shape(f"A{layer}", columns, (n, m)),
            )
        )
    return tuple(rows)


def count_learned(table: Sequence[LayerShapes]) -> int:
    """Count the numbers that training changes: all W and b."""
    return sum(row.learned for row in table)


def count_remembered(table: Sequence[LayerShapes]) -> int:
    """Count the numbers that a forward pass leaves behind: X, and the Z and A of every layer."""
    X = table[0].W.shape[1] * table[0].A.shape[1]
    return X + sum(row.Z.count + row.A.count for row in table)


# Two products, and what keeps a column a column ---------------------------------------------------


def matrix_product(A: FloatArray, B: FloatArray) -> FloatArray:
    """Multiply rows with columns, as `np.dot(A, B)` does.

    Parameters
    ----------
    A : ndarray of shape (n, k)
    B : ndarray of shape (k, m)

    Returns
    -------
    ndarray of shape (n, m)

    Raises
    ------
    ValueError
        If A has not as many columns as B has rows.
    """
    require_matrix("A", A)
    require_matrix("B", B)
    if A.shape[1] != B.shape[0]:
        fits = " Try B.T, its transpose." if A.shape[1] == B.shape[1] else ""
        raise ValueError(
            f"np.dot: A has shape {A.shape} and B has shape {B.shape}: the columns of A, "
            f"{A.shape[1]}, need to be as many as the rows of B, {B.shape[0]}.{fits}"
        )
    product: FloatArray = np.dot(A, B)
    return product


def entrywise_product(A: FloatArray, B: FloatArray) -> FloatArray:
    """Multiply entry with entry, as `A * B` does, an axis of length 1 stretched where needed.

    Raises
    ------
    ValueError
        If an axis differs and is 1 in neither.
    """
    require_matrix("A", A)
    require_matrix("B", B)
    for axis, name in enumerate(("rows", "columns")):
        a, b = A.shape[axis], B.shape[axis]
        if a != b and 1 not in (a, b):
            raise ValueError(
                f"A * B: A has shape {A.shape} and B has shape {B.shape}: the {name} of A, {a}, need "
                f"to be as many as those of B, {b}, or one of them 1, which NumPy then stretches."
            )
    return A * B


def pair(W: Axes, A_prev: Axes, b: Axes) -> Axes:
    """Return the shape of Z = W A_prev + b, as `linear_activation_forward` checks it.

    Nothing is multiplied, so the axes may be as long as they like.

    Raises
    ------
    ValueError
        If they do not fit.
    """
    require_linear(_hollow(A_prev), _hollow(W), _hollow(b))
    return W[0], A_prev[1]


def pair_without_checks(W: Axes, A_prev: Axes, b: Axes) -> Axes:
    """Return the shape that NumPy alone makes of np.dot(W, A_prev) + b.

    Raises
    ------
    ValueError
        In NumPy's own words.
    """
    if W[1] != A_prev[0]:
        np.dot(_hollow(W), _hollow(A_prev))  # raises, before it computes
    product = W[0], A_prev[1]
    try:
        rows, columns = np.broadcast_shapes(product, b)
    except ValueError:
        np.add(_hollow(product), _hollow(b))  # says it in the words of +
        raise
    return rows, columns


def _hollow(shape: Axes) -> FloatArray:
    """Return zeros of a shape that take no memory: one number, seen everywhere."""
    zeros: FloatArray = np.broadcast_to(np.float64(0), shape)
    return zeros


@dataclass(frozen=True, eq=False)
class LostAxis:
    """One bias step twice: with the sum kept as a column, and with its axis lost.

    Attributes
    ----------
    b : ndarray of shape (n, 1)
    db : ndarray of shape (n, 1)
    db_lost : ndarray of shape (n,)
        The same numbers, without keepdims.
    stepped : ndarray of shape (n, 1)
    stepped_lost : ndarray of shape (n, n)
        What NumPy makes of b - learning_rate * db_lost: no error, another shape.
    """

    b: FloatArray
    db: FloatArray
    db_lost: FloatArray
    stepped: FloatArray
    stepped_lost: FloatArray


def lose_axis(dZ: FloatArray, b: FloatArray, learning_rate: float) -> LostAxis:
    """Take one step of b with and without keepdims in the sum that makes db.

    Parameters
    ----------
    dZ : ndarray of shape (n, m)
    b : ndarray of shape (n, 1)
    learning_rate : float
    """
    m = dZ.shape[1]
    db = (1 / m) * np.sum(dZ, axis=1, keepdims=True)  # (n, 1)
    db_lost = (1 / m) * np.sum(dZ, axis=1)  # (n,)
    return LostAxis(b, db, db_lost, b - learning_rate * db, b - learning_rate * db_lost)
