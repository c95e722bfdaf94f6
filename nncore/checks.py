"""Messages for input that cannot work: what was given, what is needed, what to try.

Every public function calls these before it computes. They look at shapes only, which costs a few
microseconds; whether the numbers are finite is asked once per run (``require_finite``), not in every
layer of every iteration.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

ACTIVATIONS = ("relu", "sigmoid")


def require_matrix(name: str, value: object) -> None:
    """Raise ValueError unless `value` is a two-dimensional array of numbers."""
    if not isinstance(value, np.ndarray):
        raise ValueError(
            f"{name} is a {type(value).__name__}: it needs to be a NumPy array with two axes. "
            f"Try np.array({name})."
        )
    if value.dtype.kind not in "fiub":
        raise ValueError(f"{name} holds {value.dtype} values: it needs real numbers.")
    if value.ndim != 2:
        row, column = f"{name}.reshape(1, -1)", f"{name}.reshape(-1, 1)"
        is_bias = name.rstrip("0123456789") in ("b", "db")
        raise ValueError(
            f"{name} has shape {value.shape}: it needs two axes, rows and columns. "
            + (
                f"Biases are one column: try {column}."
                if is_bias
                else f"Try {row} for one row or {column} for one column."
            )
        )


def require_same_shape(name: str, value: Any, other_name: str, other: Any) -> None:
    """Raise ValueError unless both are matrices of one shape."""
    require_matrix(name, value)
    require_matrix(other_name, other)
    if value.shape != other.shape:
        raise ValueError(
            f"{name} has shape {value.shape} and {other_name} has shape {other.shape}: "
            f"they need the same shape, entry by entry."
        )


def require_linear(A: Any, W: Any, b: Any, A_name: str = "A_prev") -> None:
    """Raise ValueError unless W A + b is possible: W (n, n_prev), A (n_prev, m), b (n, 1)."""
    require_matrix(A_name, A)
    require_matrix("W", W)
    require_matrix("b", b)
    for name, array in ((A_name, A), ("W", W), ("b", b)):
        require_wide(name, array)
    require_examples(A, A_name)
    if W.shape[1] != A.shape[0]:
        raise ValueError(
            f"W has shape {W.shape} and {A_name} has shape {A.shape}: W needs "
            f"{_count(A.shape[0], 'column')}, one for each row of {A_name}. Is one of them "
            f"transposed, or from another layer?"
        )
    if b.shape != (W.shape[0], 1):
        raise ValueError(
            f"b has shape {b.shape} and W has shape {W.shape}: b needs shape ({W.shape[0]}, 1), "
            f"one number for each row of W, kept as a column."
        )


def _count(n: int, thing: str) -> str:
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"


def require_activation(activation: object) -> None:
    """Raise ValueError unless `activation` is one of the two that the course uses."""
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        raise ValueError(
            f'activation is {activation!r}: it needs to be "relu" or "sigmoid", in lower case.'
        )


def require_layers(layers_dims: Sequence[int], name: str = "layers_dims") -> None:
    """Raise ValueError unless `layers_dims` is an input size and one or more layer sizes."""
    if isinstance(layers_dims, str) or not isinstance(layers_dims, Sequence | np.ndarray):
        raise ValueError(
            f"{name} is {layers_dims!r}: it needs to be a list of sizes, the inputs first, for "
            f"example [12288, 20, 7, 5, 1]."
        )
    sizes = list(layers_dims)
    if len(sizes) < 2:
        raise ValueError(
            f"{name} is {sizes}: it needs at least two sizes, the inputs first and the outputs "
            f"last, for example [12288, 20, 7, 5, 1]."
        )
    for layer, size in enumerate(sizes):
        if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
            raise ValueError(
                f"{name}[{layer}] is {size!r}: every layer needs a whole number of units, 1 or more."
            )


def require_parameters(parameters: Mapping[str, Any]) -> int:
    """Return L, the number of layers with weights; raise ValueError unless they fit together."""
    if not isinstance(parameters, Mapping):
        raise ValueError(
            f"parameters is a {type(parameters).__name__}: it needs to be a dict with W1, b1, W2, ..."
        )
    L = len(parameters) // 2
    names = {f"{letter}{layer}" for layer in range(1, L + 1) for letter in "Wb"}
    if L == 0 or set(parameters) != names:
        raise ValueError(
            f"parameters has the keys {sorted(map(str, parameters))}: it needs W1, b1, W2, b2 and so "
            f"on, one W and one b for each layer."
        )
    for layer in range(1, L + 1):
        W, b = parameters[f"W{layer}"], parameters[f"b{layer}"]
        require_matrix(f"W{layer}", W)
        require_matrix(f"b{layer}", b)
        if 0 in W.shape:
            raise ValueError(f"W{layer} has shape {W.shape}: every layer needs 1 unit or more.")
        if b.shape != (W.shape[0], 1):
            raise ValueError(
                f"b{layer} has shape {b.shape} and W{layer} has shape {W.shape}: "
                f"b{layer} needs shape ({W.shape[0]}, 1), one number for each row of W{layer}."
            )
        if layer > 1 and W.shape[1] != parameters[f"W{layer - 1}"].shape[0]:
            units = parameters[f"W{layer - 1}"].shape[0]
            raise ValueError(
                f"W{layer} has shape {W.shape} and layer {layer - 1} has {units} units: "
                f"W{layer} needs {units} columns, one for each of those units."
            )
    return L


def require_input(X: Any, parameters: Mapping[str, Any], name: str = "X") -> int:
    """Return L; raise ValueError unless the columns of X can go into the first layer."""
    L = require_parameters(parameters)
    require_examples(X, name)
    needed = parameters["W1"].shape[1]
    if X.shape[0] != needed:
        raise ValueError(
            f"{name} has shape {X.shape} and W1 has shape {parameters['W1'].shape}: {name} needs "
            f"{needed} rows, one for each input; one example is one column. Is {name} transposed?"
        )
    require_wide(name, X)
    return L


def require_wide(name: str, array: Any) -> None:
    """Raise ValueError where numbers are so narrow that their products overflow, as bytes are."""
    if array.dtype.kind in "iub" and array.dtype.itemsize < 8:
        raise ValueError(
            f"{name} holds {array.dtype} values, whose products overflow: it needs floats. "
            f"For pictures try {name} / 255, else {name}.astype(float)."
        )


def require_examples(X: Any, name: str = "X") -> None:
    """Raise ValueError unless X is a matrix with at least one column."""
    require_matrix(name, X)
    if X.shape[1] == 0:
        raise ValueError(f"{name} has shape {X.shape}: it needs at least one example (column).")


def require_labels(X: Any, Y: Any, outputs: int, names: tuple[str, str] = ("X", "Y")) -> None:
    """Raise ValueError unless Y has one column of labels for each column of X."""
    X_name, Y_name = names
    require_matrix(Y_name, Y)
    if Y.shape != (outputs, X.shape[1]):
        raise ValueError(
            f"{Y_name} has shape {Y.shape} and {X_name} has shape {X.shape}: {Y_name} needs shape "
            f"({outputs}, {X.shape[1]}), one column of labels for each example."
        )


def require_entry(name: str, array: Any, i: Any, j: Any) -> None:
    """Raise ValueError unless the matrix `array` has an entry in row i and column j, from 0."""
    for what, index, size in (("row", i, array.shape[0]), ("column", j, array.shape[1])):
        if not isinstance(index, int | np.integer) or not 0 <= index < size:
            raise ValueError(
                f"{what} {index!r} of {name} was asked for, whose shape is {array.shape}: "
                f"{what}s are counted from 0, so it needs to be a whole number from 0 to {size - 1}."
            )


def require_finite(name: str, value: Any) -> None:
    """Raise ValueError if an entry of `value` is NaN or infinite, naming the first."""
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(np.sum(value)):  # one NaN or infinity would show in the sum: one quick pass
            return
    finite = np.isfinite(value)
    if not finite.all():
        where = tuple(int(k) for k in np.argwhere(~finite)[0])
        raise ValueError(
            f"{name} holds {value[where]} at {where}: every entry needs to be a finite number. "
            f"Try np.isfinite({name}).all() where {name} is made."
        )


def require_binary(name: str, value: Any) -> None:
    """Raise ValueError unless every label is 0 or 1."""
    strange = (value != 0) & (value != 1)
    if strange.any():
        where = tuple(int(k) for k in np.argwhere(strange)[0])
        raise ValueError(f"{name} holds {value[where]} at {where}: labels need to be 0 or 1.")


def require_linear_cache(cache: Any) -> None:
    """Raise ValueError unless `cache` is (A_prev, W, b)."""
    if not isinstance(cache, tuple | list) or len(cache) != 3:
        raise ValueError(
            f"cache is {_parts(cache)}: linear_backward needs linear_cache = (A_prev, W, b). The cache "
            f"of a whole layer is (linear_cache, activation_cache): try cache[0]."
        )


def require_layer_cache(cache: Any) -> None:
    """Raise ValueError unless `cache` is (linear_cache, activation_cache)."""
    if not isinstance(cache, tuple | list) or len(cache) != 2:
        raise ValueError(
            f"cache is {_parts(cache)}: linear_activation_backward needs the cache of a whole layer, "
            f"(linear_cache, activation_cache) = ((A_prev, W, b), Z)."
        )


def _parts(cache: Any) -> str:
    if isinstance(cache, tuple | list):
        return f"a {type(cache).__name__} of {len(cache)} parts"
    return f"a {type(cache).__name__}"


def require_number(name: str, value: Any) -> None:
    """Raise ValueError unless `value` is one finite number."""
    if np.ndim(value) != 0 or np.asarray(value).dtype.kind not in "biuf":
        raise ValueError(f"{name} is {value!r}: it needs to be one number.")
    if not np.isfinite(value):
        raise ValueError(f"{name} is {value}: it needs to be a finite number.")


def require_positive(name: str, value: Any) -> None:
    """Raise ValueError unless `value` is a finite number above zero."""
    require_number(name, value)
    if value <= 0:
        raise ValueError(f"{name} is {value}: it needs to be a finite number above 0.")
