"""Gradient descent that never looks at the pictures again: exact, and about a hundred times faster.

The first layer is where a picture network works: W1 is (n[1], n[0]) and X is (n[0], m) with n[0] in the
thousands, all other layers are tiny. One iteration of the textbook multiplies by X twice and by W1 once
(W1 X on the way forward, dZ1 X^T and W1^T dZ1 on the way back): 6 n[1] n[0] m operations. But X never
changes, and W1 changes only along it:

    step t              W1 <- W1 - (lr/m) dZ1 X^T,        b1 <- b1 - (lr/m) dZ1 1
    after t steps       W1 = W1(0) + G X^T,               b1 = b1(0) + G 1
    with                G  = - the sum over the steps of (lr/m) dZ1                       (n[1], m)
    so that             Z1 = W1 X + b1 = (W1(0) X + b1(0)) + G (X^T X + 1)

(1 is the column, or the square, of ones: adding 1 to every entry of X^T X is what carries the bias.)
`X^T X + 1` is computed once, it has one row and one column for each example. From then on an iteration
needs one product, G (X^T X + 1), of 2 n[1] m^2 operations, and W1 not at all. It is recovered from G
when somebody asks. Nothing is approximated: the numbers are the textbook's but for rounding.

The same algebra gives the answers to other pictures, Z1 = W1(0) X' + b1(0) + G (X^T X' + 1), and it
makes a checkpoint small: G and the later layers, some kilobytes where parameters are megabytes.

Where there are many more examples than inputs, X^T X is the larger matrix and the detour costs more
than it saves. Then `Direct` keeps W1, leaves out dA0, which nobody uses, and reuses its buffers.

Both are a `FirstLayer` of `Descent`, which does the rest: one iteration of the small layers, each bias
kept as one more column of W beside a row of ones in A, the rate lr/m multiplied into the last dZ, from
where it reaches every gradient, and no array made anew. Here, and only here, arrays change in place.
"""

from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import Protocol, Self

import numpy as np

from nncore.activations import GREATEST_PROBABILITY, LEAST_PROBABILITY
from nncore.types import FloatArray, Parameters

Snapshot = tuple[FloatArray, ...]
Layers = list[tuple[FloatArray, FloatArray, FloatArray, FloatArray]]

# As arrays: a Python number would be made one in every call.
ZERO, ONE, MOST = np.array(0.0), np.array(1.0), np.array(709.0)
LEAST, GREATEST = np.array(LEAST_PROBABILITY), np.array(GREATEST_PROBABILITY)


class FirstLayer(Protocol):
    """The layer that reads the pictures, the only one whose cost depends on how large they are."""

    @property
    def m_test(self) -> int:
        """How many test pictures there are."""

    def forward(self, Z: FloatArray) -> None:
        """Write Z1 = W1 X + b1, (n[1], m), into `Z`."""

    def forward_test(self, Z: FloatArray) -> None:
        """Write Z1 of the test pictures, (n[1], m_test), into `Z`."""

    def update(self, dZ: FloatArray) -> None:
        """Take the step W1 -= dZ X^T, b1 -= dZ 1; `dZ` carries the rate lr/m already."""

    def read(self) -> tuple[FloatArray, FloatArray]:
        """Return W1 (n[1], n[0]) and b1 (n[1], 1) as they now stand, as arrays of their own."""

    def state(self) -> Snapshot:
        """Return the arrays that training changes, themselves and not copies."""


class Products:
    """The pictures of a problem and their inner products, computed once for any number of runs.

    They are computed when a run first asks: one that goes without them costs nothing.

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
    X_test : ndarray of shape (n[0], m_test), optional
        Both are kept, not copied: leave them as they are while runs use them.
    """

    def __init__(self, X: FloatArray, X_test: FloatArray | None = None) -> None:
        self.X = X
        self.X_test = np.empty((X.shape[0], 0)) if X_test is None else X_test

    @cached_property
    def K(self) -> FloatArray:
        """X^T X + 1, (m, m)."""
        return _plus_one(self.X.T @ self.X)

    @cached_property
    def K_test(self) -> FloatArray:
        """X^T X_test + 1, (m, m_test)."""
        return _plus_one(self.X.T @ self.X_test)


def require_products(products: Products, X: FloatArray, X_test: FloatArray | None) -> None:
    """Raise ValueError unless the products can be those of X and X_test, by their shapes."""
    for name, of, needed in (("X", products.X, X), ("X_test", products.X_test, X_test)):
        if needed is not None and of.shape != needed.shape:
            raise ValueError(
                f"products was made of an {name} of shape {of.shape}, and {name} has shape "
                f"{needed.shape}. Make it of the same pictures: Products(X, X_test)."
            )


def _plus_one(products: FloatArray) -> FloatArray:
    products += 1
    return products


class Gram:
    """A first layer that keeps G in place of W1."""

    def __init__(self, products: Products, W: FloatArray, b: FloatArray) -> None:
        self.products, self.W_start, self.b_start = products, W, b
        self.Z_start = W @ products.X + b  # (n[1], m)
        self.Z_start_test = W @ products.X_test + b  # (n[1], m_test)
        self.G = np.zeros_like(self.Z_start)
        self.m_test = products.X_test.shape[1]

    def forward(self, Z: FloatArray) -> None:
        self.G.dot(self.products.K, out=Z)
        Z += self.Z_start

    def forward_test(self, Z: FloatArray) -> None:
        self.G.dot(self.products.K_test, out=Z)
        Z += self.Z_start_test

    def update(self, dZ: FloatArray) -> None:
        self.G -= dZ

    def read(self) -> tuple[FloatArray, FloatArray]:
        b = self.b_start + self.G.sum(axis=1, keepdims=True)
        W = self.G @ self.products.X.T
        W += self.W_start
        return W, b

    def state(self) -> Snapshot:
        return (self.G,)


class Direct:
    """A first layer that keeps W1 itself, in buffers that are reused."""

    def __init__(
        self, X: FloatArray, X_test: FloatArray | None, W: FloatArray, b: FloatArray
    ) -> None:
        self.X = X
        self.X_test = np.empty((X.shape[0], 0)) if X_test is None else X_test
        self.W, self.b = W.copy(), b.copy()
        self.dW = np.empty_like(W)
        self.m_test = self.X_test.shape[1]

    def forward(self, Z: FloatArray) -> None:
        np.matmul(self.W, self.X, out=Z)
        Z += self.b

    def forward_test(self, Z: FloatArray) -> None:
        np.matmul(self.W, self.X_test, out=Z)
        Z += self.b

    def update(self, dZ: FloatArray) -> None:
        np.matmul(dZ, self.X.T, out=self.dW)
        self.W -= self.dW
        self.b -= dZ.sum(axis=1, keepdims=True)

    def read(self) -> tuple[FloatArray, FloatArray]:
        return self.W.copy(), self.b.copy()

    def state(self) -> Snapshot:
        return self.W, self.b


class Descent:
    """Gradient descent in buffers: `forward`, then `step`, again and again.

    Parameters
    ----------
    first : FirstLayer
        Holds layer 1 and the pictures.
    parameters : dict
        Where to start; of it W2, b2, ..., WL, bL are copied here.
    Y : ndarray of shape (n[L], m)
        Labels, any finite numbers.
    learning_rate : float

    Attributes
    ----------
    steps : int
        How many steps have been taken since this was made.
    """

    def __init__(
        self, first: FirstLayer, parameters: Parameters, Y: FloatArray, learning_rate: float
    ) -> None:
        self.first, self.Y, self.steps = first, Y, 0
        m = Y.shape[1]
        self.rate = np.array(learning_rate / m)
        L = len(parameters) // 2
        sizes = [parameters[f"b{layer}"].shape[0] for layer in range(1, L + 1)]
        A_1, self.A = _activations(sizes, m)
        self.dZ = [np.empty((n, m)) for n in sizes]
        # V = [W | b] of the layers after the first, (n[l], n[l-1] + 1) each.
        # They are views of one array, and so are the steps dV: one subtraction changes all.
        shapes = [(n, n_prev + 1) for n_prev, n in pairwise(sizes)]
        ends = np.cumsum([0, *(n * width for n, width in shapes)])
        self.all_V, self.all_dV = np.empty(ends[-1]), np.empty(ends[-1])
        self.V, dV = (
            [
                flat[start:end].reshape(shape)
                for (start, end), shape in zip(pairwise(ends), shapes, strict=True)
            ]
            for flat in (self.all_V, self.all_dV)
        )
        for layer, V in enumerate(self.V, start=2):
            V[:, :-1], V[:, -1:] = parameters[f"W{layer}"], parameters[f"b{layer}"]
        # What each of these layers touches, from the second to the last: views, made once.
        # A_prev (n[l-1], m), the same with a row of ones, V, A (n[l], m)
        self.forwards = list(zip(self.A, A_1, self.V, self.A[1:], strict=False))
        A_1_test, self.A_test = _activations(sizes, first.m_test)
        self.forwards_test = list(zip(self.A_test, A_1_test, self.V, self.A_test[1:], strict=False))
        # dZ (n[l], m), A_1^T, dV, W^T, dZ_prev (n[l-1], m), A_prev
        self.backwards = [
            (self.dZ[i + 1], A_1[i].T, dV[i], V[:, :-1].T, self.dZ[i], self.A[i])
            for i, V in enumerate(self.V)
        ][::-1]

    def forward(self) -> FloatArray:
        """Compute every activation; return the answers AL, (n[L], m): a buffer, see `step`."""
        self.first.forward(self.A[0])
        return _onward(self.forwards, self.A[-1])

    def step(self) -> None:
        """Go back through the activations of the last `forward`, and change every layer.

        The activations are used up: their buffers are overwritten, that of AL by the next `forward`.
        """
        dZ = self.dZ[-1]
        np.subtract(self.A[-1], self.Y, out=dZ)  # of the summed loss: AL - Y
        dZ *= self.rate  # from here on every gradient carries lr/m: it is the step to take
        for dZ, A_1_T, dV, W_T, dZ_prev, A_prev in self.backwards:
            dZ.dot(A_1_T, out=dV)  # [dW | db]
            W_T.dot(dZ, out=dZ_prev)  # dA_prev, with W as it was
            np.greater(A_prev, ZERO, out=A_prev)  # 1 where ReLU passed, else 0; A is done with
            dZ_prev *= A_prev
        self.all_V -= self.all_dV
        self.first.update(self.dZ[0])
        self.steps += 1

    def answers_test(self) -> FloatArray:
        """Return the answers to the test pictures, (n[L], m_test), by the network as it stands."""
        self.first.forward_test(self.A_test[0])
        return _onward(self.forwards_test, self.A_test[-1]).copy()

    def parameters(self) -> Parameters:
        """Return the network as it stands, in arrays of its own."""
        W, b = self.first.read()
        parameters = {"W1": W, "b1": b}
        for layer, V in enumerate(self.V, start=2):
            parameters[f"W{layer}"] = V[:, :-1].copy()
            parameters[f"b{layer}"] = V[:, -1:].copy()
        return parameters

    def snapshot(self) -> Snapshot:
        """Return a copy of everything that training changes."""
        return tuple(array.copy() for array in (*self.first.state(), self.all_V))

    def restore(self, snapshot: Snapshot) -> Self:
        """Go back to a snapshot; from there the same steps give the same numbers, bit for bit."""
        for array, kept in zip((*self.first.state(), self.all_V), snapshot, strict=True):
            array[:] = kept
        return self


def _activations(sizes: Sequence[int], m: int) -> tuple[list[FloatArray], list[FloatArray]]:
    """Make the buffers of m examples: [A; 1] of the hidden layers, and A of every layer.

    The first are (n[l] + 1, m), the second their rows without the ones, and AL of its own, (n[L], m).
    """
    A_1 = [np.ones((n + 1, m)) for n in sizes[:-1]]
    return A_1, [block[:-1] for block in A_1] + [np.empty((sizes[-1], m))]


def _onward(layers: Layers, AL: FloatArray) -> FloatArray:
    """Go from Z1 on through the layers after the first; return AL, the last one's buffer."""
    for A_prev, A_1, V, A in layers:
        np.maximum(A_prev, ZERO, out=A_prev)
        V.dot(A_1, out=A)
    return _sigmoid_in_place(AL)


def _sigmoid_in_place(Z: FloatArray) -> FloatArray:
    """Turn Z into `sigmoid(Z)`, to the last bit, without a new array."""
    np.negative(Z, out=Z)
    np.minimum(Z, MOST, out=Z)
    np.exp(Z, out=Z)
    Z += ONE
    np.divide(ONE, Z, out=Z)
    np.maximum(Z, LEAST, out=Z)
    np.minimum(Z, GREATEST, out=Z)
    return Z
