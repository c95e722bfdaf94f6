"""The names that the other files give to their arrays.

Shapes are not part of these types: every docstring says them. Layers are counted from 1 to L, the
input is layer 0, n[l] is the number of units of layer l, m the number of examples, and one example
is one column.
"""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
UInt8Array = NDArray[np.uint8]
BoolArray = NDArray[np.bool_]

Parameters = dict[str, FloatArray]
"""W1 (n[1], n[0]), b1 (n[1], 1), ..., WL (n[L], n[L-1]), bL (n[L], 1)."""

Gradients = dict[str, FloatArray]
"""dA0 (n[0], m), ..., dA{L-1} (n[L-1], m), and a dW{l}, db{l} for each W{l}, b{l}."""

LinearCache = tuple[FloatArray, FloatArray, FloatArray]
"""(A_prev, W, b): what the linear step read, kept for the way back."""

ActivationCache = FloatArray
"""Z: what the activation read."""

Cache = tuple[LinearCache, ActivationCache]
"""(linear_cache, activation_cache) of one layer."""
