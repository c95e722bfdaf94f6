"""From a decoded picture to the column that a network reads: every step, and every slip on the way.

`steps` is what is right. `what_ifs` are the mistakes that people make, each with the column that the
network would be given for it: some change the answer, some do nothing at all to one picture and ruin
another, which is why they are found so late.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nncore.data.dataset import to_columns
from nncore.data.pictures import (
    WHITE,
    Colour,
    Picture,
    make_square,
    on_background,
    shrink,
    turn,
)
from nncore.forward import L_model_forward
from nncore.types import FloatArray, Parameters, UInt8Array


@dataclass(frozen=True)
class Options:
    """What may be chosen on the way.

    Attributes
    ----------
    side : int
        Of the small picture, as the network has learned from.
    background : tuple of three int, 0 to 255
        What shows through where the picture is transparent, and the colour of bars.
    fit : str
        One of `nncore.data.pictures.FITS`.
    filter : str
        One of `nncore.data.pictures.FILTERS`.
    """

    side: int = 64
    background: Colour = WHITE
    fit: str = "stretch"
    filter: str = "bicubic"


@dataclass(frozen=True, eq=False)
class Step:
    """One step, and what it leaves.

    Attributes
    ----------
    id : str
        "decode", "turn", "colour", "opacity", "fit", "resize", "flatten" or "scale".
    array : ndarray
        From the file's own numbers, (h, w) or (h, w, channels), to the column (side * side * 3, 1).
    """

    id: str
    array: NDArray[Any]


@dataclass(frozen=True, eq=False)
class WhatIf:
    """One mistake, and what the network would be given.

    Attributes
    ----------
    id : str
    step : str
        The step at which it is made.
    column : ndarray of shape (side * side * 3, 1), float64
    same : bool
        Whether this is the right column all the same: then it does no harm to this picture.
    shape : tuple of int, or None
        Where NumPy would refuse, the shape of what there is instead of (side, side, 3). The column
        is then filled with it as far as it goes, and from the start again.
    code : str
        The mistake as one line of NumPy on `small`, the right (side, side, 3); empty where it is made
        before there is one.
    """

    id: str
    step: str
    column: FloatArray
    same: bool
    shape: tuple[int, ...] | None = None
    code: str = ""

    @property
    def seen(self) -> UInt8Array:
        """What the network would see, as a picture (side, side, 3); over 1 is white, below 0 black."""
        side = round((len(self.column) / 3) ** 0.5)
        shades = np.clip(np.rint(self.column * 255), 0, 255).astype(np.uint8)
        return shades.reshape(side, side, 3)


def steps(picture: Picture, options: Options | None = None) -> list[Step]:
    """Take a picture to its column; return what each step leaves.

    Parameters
    ----------
    picture : Picture
    options : Options, optional

    Returns
    -------
    list of Step

    References
    ----------
    Notebook 1 part 2, section 7; notebook 5, last section. Both begin at "fit", and stretch.
    """
    options = options or Options()
    coloured = turn(picture.stored, picture.orientation)  # (h', w', 4)
    opaque = on_background(coloured, options.background)  # (h', w', 3)
    used = make_square(opaque, options.fit, options.background)
    small = shrink(used, options.side, options.filter)  # (side, side, 3)
    return [
        Step("decode", picture.own),
        Step("turn", turn(picture.own, picture.orientation)),
        Step("colour", coloured if picture.transparent else coloured[:, :, :3]),
        Step("opacity", opaque),
        Step("fit", used),
        Step("resize", small),
        Step("flatten", small.reshape(-1, 1)),
        Step("scale", to_columns(small[np.newaxis])),
    ]


def column_of(picture: Picture, options: Options | None = None) -> FloatArray:
    """Return what a network reads of a picture, (side * side * 3, 1)."""
    column: FloatArray = steps(picture, options)[-1].array
    return column


# Slips with the small picture, as they are written. The last takes a batch: one picture alone does
# not show it, so there are two, and both are this one.
SLIPS: dict[str, tuple[str, str, Callable[[UInt8Array], NDArray[Any]]]] = {
    "bgr": (
        "resize",
        "small[:, :, ::-1].reshape(-1, 1) / 255",
        lambda small: small[:, :, ::-1].reshape(-1, 1) / 255,
    ),
    "planes": (
        "flatten",
        "small.transpose(2, 0, 1).reshape(-1, 1) / 255",
        lambda small: small.transpose(2, 0, 1).reshape(-1, 1) / 255,
    ),
    "batch": (
        "flatten",
        "np.stack([small, small]).reshape(-1, 2)[:, [0]] / 255",
        lambda small: np.stack([small, small]).reshape(-1, 2)[:, [0]] / 255,
    ),
    "unscaled": (
        "scale",
        "small.reshape(-1, 1) * 1.0",
        lambda small: small.reshape(-1, 1) * 1.0,
    ),
    "twice": (
        "scale",
        "small.reshape(-1, 1) / 255 / 255",
        lambda small: small.reshape(-1, 1) / 255 / 255,
    ),
}


def what_ifs(
    picture: Picture, options: Options | None = None, right: Sequence[Step] = ()
) -> list[WhatIf]:
    """Return every mistake that can be made with a picture, in the order of the steps.

    Parameters
    ----------
    picture : Picture
    options : Options, optional
    right : sequence of Step
        What `steps` returns for these, where it is at hand; else they are taken here.

    Returns
    -------
    list of WhatIf
    """
    options = options or Options()
    return list(_what_ifs(picture, options, right or steps(picture, options)))


def _what_ifs(picture: Picture, options: Options, right: Sequence[Step]) -> Iterator[WhatIf]:
    arrays = {step.id: step.array for step in right}
    column, side = arrays["scale"], options.side

    def wrong(id: str, step: str, small: UInt8Array) -> WhatIf:
        """Go on rightly from a small picture that has gone wrong."""
        if small.shape == (side, side, 3):
            read, shape = to_columns(small[np.newaxis]), None
        else:
            read, shape = np.resize(small, (side * side * 3, 1)) / 255.0, small.shape
        return WhatIf(id, step, read, np.array_equal(read, column), shape)

    def finish(opaque: UInt8Array, fit: str = options.fit, filter: str = options.filter) -> Any:
        used = make_square(opaque, fit, options.background)
        if filter == options.filter and np.array_equal(used, arrays["fit"]):
            return arrays["resize"]  # what comes of it is known
        return shrink(used, side, filter)

    yield wrong("bytes", "decode", np.resize(picture.first_bytes, (side, side, 3)))
    yield wrong("unturned", "turn", finish(on_background(picture.stored, options.background)))
    yield wrong("own_mode", "colour", _shrink_in_own_mode(picture, arrays["turn"], options))
    bare = turn(picture.converted, picture.orientation)
    if picture.mode.startswith("I"):
        yield wrong("clipped", "colour", finish(bare))
        bare = arrays["colour"][:, :, :3]
    yield wrong("opacity_dropped", "opacity", finish(bare))
    for fit in ("stretch", "crop", "letterbox"):
        if fit != options.fit:
            yield wrong(f"fit_{fit}", "fit", finish(arrays["opacity"], fit))
    yield wrong("unresized", "resize", arrays["fit"])
    for filter in ("nearest", "bicubic"):
        if filter != options.filter:
            yield wrong(f"filter_{filter}", "resize", finish(arrays["opacity"], filter=filter))
    for id, (step, code, slip) in SLIPS.items():
        read = slip(arrays["resize"])
        yield WhatIf(id, step, read, np.array_equal(read, column), code=code)


def _shrink_in_own_mode(picture: Picture, own: NDArray[Any], options: Options) -> NDArray[Any]:
    """Resize the file's own numbers, as if nobody had asked what they mean."""
    from PIL import Image

    used = np.ascontiguousarray(make_square(own, options.fit, 0))
    if used.dtype == bool or picture.mode not in ("P", "PA", "CMYK"):
        image = Image.fromarray(used)
    else:
        size = (used.shape[1], used.shape[0])
        image = Image.frombytes(picture.mode, size, used.tobytes())
    resampling = Image.Resampling[options.filter.upper()]
    return np.asarray(image.resize((options.side, options.side), resampling))


def answers(columns: Sequence[FloatArray], parameters: Parameters) -> FloatArray:
    """Ask a network about several columns at once.

    Parameters
    ----------
    columns : sequence of ndarray of shape (n[0], 1)
    parameters : dict

    Returns
    -------
    ndarray of shape (k,)
        The probability of the second class (cat) for each.
    """
    AL, _ = L_model_forward(np.hstack(columns), parameters)
    probabilities: FloatArray = AL[0]
    return probabilities
