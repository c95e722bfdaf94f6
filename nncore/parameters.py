"""The numbers that are learned: how they start, how one step changes them, how they are kept."""

import io
import json
import re
import tokenize
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np

from nncore.checks import (
    require_finite,
    require_layers,
    require_matrix,
    require_number,
    require_parameters,
)
from nncore.types import Gradients, Parameters

SCALES = ("small", "scaled", "he", "zeros")


class RandomStream(Protocol):
    """What draws the weights: a `RandomState` of our own, or the module `np.random` itself."""

    def randn(self, *shape: int) -> Any:
        """Draw an array of that shape from the standard normal distribution."""


def draw_parameters(
    layer_dims: Sequence[int], scale: str, random_stream: RandomStream
) -> Parameters:
    """Draw random weights and zero biases, layer by layer, from the given stream.

    Parameters
    ----------
    layer_dims : sequence of int
        Sizes of the layers, the input first.
    scale : str
        What the standard normal draws of layer l are multiplied by: "small" 0.01, "scaled"
        1/sqrt(n[l-1]), "he" sqrt(2/n[l-1]), "zeros" 0.
    random_stream : object with a `randn` method
        For example `np.random.RandomState(1)`, which leaves the global stream alone.

    Returns
    -------
    parameters : dict
        W1 (n[1], n[0]), b1 (n[1], 1), ..., WL, bL.

    Raises
    ------
    ValueError
        If the sizes or the scale make no network.
    """
    require_layers(layer_dims, "layer_dims")
    if scale not in SCALES:
        raise ValueError(f"scale is {scale!r}: it needs to be one of {', '.join(SCALES)}.")
    parameters = {}
    for layer in range(1, len(layer_dims)):
        n, n_prev = int(layer_dims[layer]), int(layer_dims[layer - 1])
        W = random_stream.randn(n, n_prev)  # (n[l], n[l-1])
        if scale == "small":
            W = W * 0.01
        elif scale == "scaled":
            W = W / np.sqrt(n_prev)
        elif scale == "he":
            W = W * np.sqrt(2 / n_prev)
        else:
            W = np.zeros_like(W)
        parameters[f"W{layer}"] = W
        parameters[f"b{layer}"] = np.zeros((n, 1))
    return parameters


# A dash after a comma is no separator: "20, -7" holds a negative number, which is no size.
SEPARATORS = re.compile(r"(?<=[0-9])\s*(?:[-=]+>|[-‐-―−→⇒➝×x*])\s*(?=[0-9])|[\s,;]+")
GROUPED = re.compile(r"(?<![0-9])[1-9][0-9]{0,2}(?:,[0-9]{3})+(?![0-9])")  # 12,288


def read_sizes(text: str) -> tuple[int, ...]:
    """Read the sizes of layers as a person writes them; nothing means none.

    Between the numbers may stand commas, spaces, dashes, crosses or arrows; around them, brackets.

    Raises
    ------
    ValueError
        If a part is not a whole number from 1 to 999,999, or if a comma may stand between two sizes as
        well as within one.

    Examples
    --------
    >>> read_sizes("20, 7, 5"), read_sizes("20-7-5"), read_sizes("[20 → 7 → 5]")
    ((20, 7, 5), (20, 7, 5), (20, 7, 5))
    >>> read_sizes("12,288-20-7"), read_sizes("[784,128,10]")
    ((12288, 20, 7), (784, 128, 10))
    """
    sizes = []
    for part in SEPARATORS.split(_without_grouping(text.strip()).strip("[]()")):
        if not part:
            continue
        if not re.fullmatch(r"[0-9]{1,6}", part) or int(part) < 1:
            raise ValueError(
                f"{part!r} is no size of a layer: sizes are whole numbers from 1 to 999,999 with "
                f"commas between, as 20, 7, 5."
            )
        sizes.append(int(part))
    return tuple(sizes)


def _without_grouping(text: str) -> str:
    """Take the commas out of numbers as 12,288 where something else stands between the sizes."""
    found = GROUPED.search(text)
    if found is None or text.startswith(("[", "(")):  # in a list of Python a comma separates
        return text
    rest = GROUPED.sub("", text)
    if rest.strip() and "," not in rest:
        return GROUPED.sub(lambda number: number[0].replace(",", ""), text)
    first, second = found[0].split(",")[:2]
    raise ValueError(
        f"{first},{second} may be one size, {first}{second}, or two, {first} and {second}: write "
        f"{first}{second}, or {first}-{second}."
    )


def initialize_parameters(n_x: int, n_h: int, n_y: int) -> Parameters:
    """Start a network with one hidden layer, as the course does.

    Seeds NumPy's global stream with 1 (and leaves it so), then draws randn * 0.01.

    Parameters
    ----------
    n_x, n_h, n_y : int
        Sizes of the input, the hidden layer and the output.

    Returns
    -------
    parameters : dict
        W1 (n_h, n_x), b1 (n_h, 1), W2 (n_y, n_h), b2 (n_y, 1).

    Raises
    ------
    ValueError
        If a size is not a whole number of 1 or more.

    References
    ----------
    Notebooks 1 and 4, section 3.1.
    """
    return initialize_parameters_deep([n_x, n_h, n_y], seed=1)


def initialize_parameters_deep(
    layer_dims: Sequence[int], *, seed: int | None = 3, scale: str = "small"
) -> Parameters:
    """Start a network of any depth, as the course does.

    Seeds NumPy's global stream (and leaves it so), then draws randn * 0.01. This is the assignment's
    function; the application's, in `nncore.dnn_app_utils`, has other defaults.

    Parameters
    ----------
    layer_dims : sequence of int
        Sizes of the layers, the input first: [5, 4, 3] has two layers with weights.
    seed : int or None, keyword only
        None seeds nothing and draws from the global stream as it stands, as notebook 2 does.
    scale : str, keyword only
        "small", "scaled", "he" or "zeros", see `draw_parameters`.

    Returns
    -------
    parameters : dict
        W1 (n[1], n[0]), b1 (n[1], 1), ..., WL, bL.

    Raises
    ------
    ValueError
        If the sizes or the scale make no network.

    References
    ----------
    Notebooks 1 and 4, section 3.2; notebook 3, section 1.2.
    """
    require_layers(layer_dims, "layer_dims")
    if seed is not None:
        np.random.seed(seed)
    return draw_parameters(layer_dims, scale, np.random)


def update_parameters(parameters: Parameters, grads: Gradients, learning_rate: float) -> Parameters:
    """Take one step downhill.

    W = W - learning_rate * dW and b = b - learning_rate * db, for every layer.

    Parameters
    ----------
    parameters : dict
        W1, b1, ..., WL, bL; left unchanged, arrays included.
    grads : dict
        At least dW1, db1, ..., dWL, dbL, of the same shapes.
    learning_rate : float

    Returns
    -------
    parameters : dict
        New arrays under the same names.

    Raises
    ------
    ValueError
        If a gradient is missing or has another shape than its parameter.

    References
    ----------
    Notebooks 1 and 4, section 6.4; notebook 3, section 5.
    """
    L = require_parameters(parameters)
    require_number("learning_rate", learning_rate)
    if not isinstance(grads, Mapping):
        raise ValueError(f"grads is a {type(grads).__name__}: it needs to be a dict, dW1, db1, ...")
    updated = {}
    for layer in range(1, L + 1):
        for name in (f"W{layer}", f"b{layer}"):
            if f"d{name}" not in grads:
                raise ValueError(
                    f"grads has no d{name}: it needs one gradient for each parameter, "
                    f"dW1, db1 and so on to dW{L}, db{L}."
                )
            gradient = grads[f"d{name}"]
            require_matrix(f"d{name}", gradient)
            if gradient.shape != parameters[name].shape:
                raise ValueError(
                    f"d{name} has shape {gradient.shape} and {name} has shape "
                    f"{parameters[name].shape}: a gradient needs the shape of what it is the "
                    f"gradient of. Was keepdims=True left out of a sum?"
                )
            updated[name] = parameters[name] - learning_rate * gradient
    return updated


def sizes_of(parameters: Parameters) -> tuple[int, ...]:
    """Return layers_dims, the sizes of the layers, the input first."""
    L = require_parameters(parameters)
    return (
        parameters["W1"].shape[1],
        *(parameters[f"W{layer}"].shape[0] for layer in range(1, L + 1)),
    )


MOST_BYTES_LOADED = 128 * 2**20
MOST_SETTINGS = 16 * 2**20  # bytes of the settings in it: those of 20,000 iterations are some 8 MB
MARK = b"PK\x01\x02"  # before each member in the list at the end of a zip
MOST_MEMBERS = 1000  # arrays in it; a network of 10 hidden layers has 22, and its settings


def save_parameters(
    file: str | Path | IO[bytes], parameters: Parameters, settings: Mapping[str, Any]
) -> None:
    """Keep parameters in an .npz file, with the settings that made them.

    Parameters
    ----------
    file : path or binary file
        Written as given; a missing folder is an error, a present file is replaced.
    parameters : dict
        W1, b1, ..., WL, bL.
    settings : mapping
        Anything that JSON can hold: data, learning rate, seed, costs, accuracies.
    """
    require_parameters(parameters)
    arrays: dict[str, Any] = {**parameters, "settings": np.array(json.dumps(dict(settings)))}
    if isinstance(file, str | Path):
        with Path(file).open("wb") as stream:  # an open file: savez would add .npz to a path
            np.savez_compressed(stream, **arrays)
    else:
        np.savez_compressed(file, **arrays)


def load_parameters(
    file: str | Path | IO[bytes], most: int = MOST_BYTES_LOADED
) -> tuple[Parameters, dict[str, Any]]:
    """Read what `save_parameters` wrote. Nothing in the file is ever executed (no pickle).

    Parameters
    ----------
    file : path or binary file
    most : int
        How many bytes it may unpack to.

    Returns
    -------
    parameters : dict
        W1, b1, ..., WL, bL, float64.
    settings : dict

    Raises
    ------
    ValueError
        If the file is no .npz of parameters, declares too much, or its arrays do not fit together.
    FileNotFoundError
        If there is no such file.
    """
    try:
        _require_few_members(file)
        with zipfile.ZipFile(file) as archive:
            arrays = _read_members(archive, most)
        settings = json.loads(str(arrays.pop("settings", "{}")))
        if not isinstance(settings, dict):
            raise ValueError(f"its settings are a {type(settings).__name__}")
    except (FileNotFoundError, PermissionError, IsADirectoryError):
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        tokenize.TokenError,  # a header of an array that is no Python literal
        OSError,
        EOFError,
        MemoryError,
        OverflowError,  # a shape beyond all bounds
        RecursionError,
        RuntimeError,  # an encrypted zip
        SyntaxError,
        TypeError,
        ValueError,
    ) as error:
        raise ValueError(
            f"This is no file of saved parameters ({error}): it needs to be an .npz with W1, b1, W2, "
            f"b2 and so on, as the train command saves it."
        ) from error
    L = require_parameters(arrays)
    for name in (f"{letter}{layer}" for layer in range(1, L + 1) for letter in "Wb"):
        require_finite(name, arrays[name])
    return arrays, settings


def _require_few_members(file: str | Path | IO[bytes]) -> None:
    """Count the members of a zip before their list is read: a small file can list very many."""
    if isinstance(file, str | Path):
        with Path(file).open("rb") as stream:
            return _require_few_members(stream)
    start, listed, end = file.tell(), 0, b""
    while chunk := file.read(2**20):
        listed += (end + chunk).count(MARK)
        end = chunk[-len(MARK) + 1 :]
    file.seek(start)
    if listed > MOST_MEMBERS:
        raise ValueError(f"it lists {listed:,} arrays; at most {MOST_MEMBERS:,} are read")


def _read_members(archive: zipfile.ZipFile, most: int) -> dict[str, Any]:
    """Read the arrays of an .npz, after checking what each declares."""
    members = archive.infolist()
    declared = sum(member.file_size for member in members)
    if declared > most:
        raise ValueError(f"it declares {declared:,} bytes; at most {most:,} are read")
    arrays = {}
    for member in members:
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"{member.filename} is packed in a way that is not used here")
        name = member.filename.removesuffix(".npy")
        if name == "settings" and member.file_size > MOST_SETTINGS:
            raise ValueError(
                f"its settings have {member.file_size:,} bytes; at most {MOST_SETTINGS:,} are read"
            )
        array = np.lib.format.read_array(io.BytesIO(archive.read(member)), allow_pickle=False)
        if array.dtype.kind != "U" if name == "settings" else array.dtype != np.float64:
            raise ValueError(f"{name} holds {array.dtype} values")
        if name == "settings" and array.ndim:
            raise ValueError(f"its settings have shape {array.shape}, and are no one text")
        arrays[name] = array
    return arrays
