"""A picture of your own, step by step: from the bytes of a file to a column that the network reads."""

import io
import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nncore.data.dataset import to_columns
from nncore.types import FloatArray, UInt8Array

if TYPE_CHECKING:
    from PIL import Image

MOST_BYTES = 10 * 2**20
MOST_PIXELS = 40_000_000
WORKING_SIZE = 800  # larger pictures are worked on at this size: it bounds time and memory
FITS = ("stretch", "crop")


class PictureError(ValueError):
    """The bytes are no picture that can be judged; the message says why and what to try."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as it came, and as it looks to a person.

    Attributes
    ----------
    format, mode : str
        What the file is, as Pillow names it: "JPEG", "RGB".
    width, height : int
        In pixels, as stored.
    turned : bool
        Whether the camera noted (EXIF) that the stored picture has to be turned or mirrored.
    transparent : bool
        Whether parts were transparent and have been put on white.
    stored : ndarray of shape (h, w, 4), uint8
        As stored, at most `WORKING_SIZE` on its long side; the fourth number is opacity.
    upright : ndarray of shape (h', w', 3), uint8
        Turned as the camera says, on white.
    """

    format: str
    mode: str
    width: int
    height: int
    turned: bool
    transparent: bool
    stored: UInt8Array
    upright: UInt8Array


@dataclass(frozen=True, eq=False)
class Framed:
    """The last steps to the network.

    Attributes
    ----------
    framed : ndarray of shape (h, w, 3), uint8
        The part of the picture that is used.
    small : ndarray of shape (size, size, 3), uint8
    column : ndarray of shape (size * size * 3, 1), float64
        What the network reads, from 0 to 1.
    """

    framed: UInt8Array
    small: UInt8Array
    column: FloatArray


def frame(upright: UInt8Array, *, size: int = 64, fit: str = "stretch") -> Framed:
    """Take a picture from what a person sees to the column that the network reads.

    Parameters
    ----------
    upright : ndarray of shape (h, w, 3), uint8
    size : int
        Side of the small picture, as of the pictures that the network has learned from.
    fit : str
        "stretch" uses all of the picture, whatever its shape, as the course does; "crop" uses the
        largest square in the middle.

    Returns
    -------
    Framed

    Raises
    ------
    ValueError
        If `fit` is another.

    References
    ----------
    Notebook 1 part 2, section 7 (which forgets to divide by 255); notebook 5.
    """
    from PIL import Image

    if fit not in FITS:
        raise ValueError(f"fit is {fit!r}: it needs to be {' or '.join(FITS)}.")
    framed = upright if fit == "stretch" else _middle_square(upright)
    small = np.asarray(Image.fromarray(framed).resize((size, size), Image.Resampling.BICUBIC))
    return Framed(framed, small, to_columns(small[np.newaxis]))


def side_for(inputs: int) -> int:
    """Return the side of the square colour pictures that a network with so many inputs reads.

    Raises
    ------
    PictureError
        If `inputs` is not side * side * 3 for any side.
    """
    side = math.isqrt(inputs // 3)
    if side * side * 3 != inputs:
        raise PictureError(
            f"The network has {inputs:,} inputs: no square picture has so many numbers, "
            f"so it cannot judge one. 64 x 64 x 3 makes 12,288."
        )
    return side


def _middle_square(image: UInt8Array) -> UInt8Array:
    height, width, _ = image.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return image[top : top + side, left : left + side]


def decode(raw: bytes) -> Picture:
    """Read the bytes of a picture file, whatever its colours, turned upright and on white.

    Parameters
    ----------
    raw : bytes
        Of a PNG, JPEG or WebP file, to 10 MB and 40 megapixels.

    Returns
    -------
    Picture

    Raises
    ------
    PictureError
        If the bytes are something else, broken, or too much.
    """
    from PIL import Image

    _refuse_what_is_no_picture(raw)
    try:
        with Image.open(io.BytesIO(raw), formats=("PNG", "JPEG", "WEBP")) as image:
            width, height = image.size
            # An MPO is how many telephones write a JPEG: with a second picture behind the first.
            kind, mode = str(image.format).replace("MPO", "JPEG"), image.mode
            if width * height > MOST_PIXELS:
                raise PictureError(
                    f"The picture has {width:,} x {height:,} = {width * height:,} pixels; at most "
                    f"{MOST_PIXELS:,} are read. Save it smaller."
                )
            orientation = image.getexif().get(0x0112, 1)
            stored = _to_rgba(image)
        upright = _turn(stored, orientation)
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(
            f"The picture has far more than {MOST_PIXELS:,} pixels. Save it smaller."
        ) from error
    except (
        OSError,  # what Pillow cannot identify, or is cut short
        SyntaxError,  # a broken PNG
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        OverflowError,
        struct.error,  # broken EXIF notes
    ) as error:
        raise PictureError(
            "The picture is damaged or cut short and cannot be read. Open it in a picture viewer and "
            "save it again as PNG or JPEG."
        ) from error
    rgba = np.asarray(stored)
    white = Image.new("RGBA", upright.size, "white")
    return Picture(
        format=kind,
        mode=mode,
        width=width,
        height=height,
        turned=upright is not stored,
        transparent=bool((rgba[:, :, 3] < 255).any()),
        stored=rgba,
        upright=np.asarray(Image.alpha_composite(white, upright).convert("RGB")),
    )


def _turn(image: "Image.Image", orientation: object) -> "Image.Image":
    """Turn a picture as the camera noted; the very same picture where nothing is to be turned."""
    from PIL import Image

    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    turn = turns.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def _refuse_what_is_no_picture(raw: bytes) -> None:
    wanted = "It needs to be a PNG, JPEG or WebP picture."
    if not raw:
        raise PictureError(f"The file is empty. {wanted}")
    if len(raw) > MOST_BYTES:
        raise PictureError(
            f"The file has {len(raw):,} bytes; at most {MOST_BYTES:,} are read. "
            f"Save the picture smaller, or as JPEG."
        )
    head = raw[:16]
    if head.startswith((b"\x89PNG", b"\xff\xd8")) or (
        head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    ):
        return
    if head[4:8] == b"ftyp":
        what = "a HEIC, AVIF or video file, as many telephones make them"
    elif head.startswith(b"GIF8"):
        what = "a GIF"
    elif head.startswith(b"%PDF"):
        what = "a PDF"
    elif head.startswith((b"II*\0", b"MM\0*")):
        what = "a TIFF"
    elif head.startswith(b"BM"):
        what = "a BMP"
    elif raw[:256].lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<svg")):
        what = "a web page or a drawing in XML"
    else:
        what = "no picture that is known here"
    raise PictureError(f"The file is {what}. {wanted} Save it as one of these and try again.")


def _to_rgba(image: "Image.Image") -> "Image.Image":
    """Decode to 8-bit RGBA of at most WORKING_SIZE on the long side, whatever the file's mode."""
    from PIL import Image

    box = (WORKING_SIZE, WORKING_SIZE)
    image.draft("RGB", box)  # a JPEG is decoded at a fraction of its size where that is enough
    image.load()
    if image.mode.startswith("I"):  # 16 bits a pixel: keep the upper 8
        values = np.asarray(image)
        clear = image.info.get("transparency")  # one grey may stand for nothing at all
        image = Image.fromarray((values >> 8).astype(np.uint8))
        if isinstance(clear, int):
            image.putalpha(Image.fromarray(np.where(values == clear, 0, 255).astype(np.uint8)))
    if image.mode in ("1", "P", "PA") or image.has_transparency_data:
        image = image.convert("RGBA")
    image.thumbnail(box, Image.Resampling.BICUBIC)
    return image.convert("RGBA")
