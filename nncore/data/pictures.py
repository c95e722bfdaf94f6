"""A picture of your own, step by step: from the bytes of a file to a column that the network reads."""

import io
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nncore.data.dataset import to_columns
from nncore.types import FloatArray, UInt8Array

if TYPE_CHECKING:
    from PIL import Image

MOST_BYTES = 10 * 2**20
MOST_PIXELS = 40_000_000
AVERAGED = ("L", "LA", "RGB", "RGBA", "CMYK")  # modes whose numbers can be averaged as they are
STRIP = 16  # rows of a strip, after it was averaged
WORKING_SIZE = 800  # larger pictures are worked on at this size: it bounds time and memory
FITS = ("stretch", "crop", "letterbox")
FILTERS = ("nearest", "box", "bilinear", "bicubic", "lanczos")
FIRST_BYTES = 64 * 64 * 3  # of the file that are kept: what they look like when taken for pixels
LARGEST = (4 + 3 + 4) * WORKING_SIZE**2  # bytes of a picture: of `own`, `converted` and `stored`

Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)


class PictureError(ValueError):
    """The bytes are no picture that can be judged; the message says why and what to try."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as it came; its arrays are at most `WORKING_SIZE` on the long side.

    Attributes
    ----------
    format, mode : str
        What the file is, as Pillow names it: "JPEG", "RGB".
    width, height : int
        In pixels, as stored.
    orientation : int
        How the camera noted (EXIF) that the stored picture has to be turned or mirrored, from 1 (as
        it is) to 8.
    own : ndarray of shape (h, w) or (h, w, channels); uint8, uint16 or bool
        The numbers as the file has them: of a palette the indices, of CMYK the inks.
    converted : ndarray of shape (h, w, 3), uint8
        What Pillow's convert("RGB") makes of the file: opacity dropped, 16 bits clipped.
    stored : ndarray of shape (h, w, 4), uint8
        Red, green, blue and opacity.
    bytes : int
        Size of the file.
    first_bytes : ndarray of shape (k,), uint8
        The first bytes of the file, at most `FIRST_BYTES`.
    """

    format: str
    mode: str
    width: int
    height: int
    orientation: int
    own: NDArray[Any]
    converted: UInt8Array
    stored: UInt8Array
    bytes: int
    first_bytes: UInt8Array

    @property
    def nbytes(self) -> int:
        """How much memory its arrays take, in bytes; what is a view of another counts once."""
        arrays = (self.own, self.converted, self.stored)
        whole = [a.base if isinstance(a.base, np.ndarray) else a for a in arrays]
        return sum({id(array): array.nbytes for array in whole}.values())

    @property
    def turned(self) -> bool:
        """Whether the camera noted that the stored picture has to be turned or mirrored."""
        return self.orientation != 1

    @cached_property
    def transparent(self) -> bool:
        """Whether any part is not fully opaque."""
        return bool((self.stored[:, :, 3] < 255).any())

    @property
    def upright(self) -> UInt8Array:
        """As it looks to a person: turned as the camera says, on white, (h', w', 3)."""
        return on_background(turn(self.stored, self.orientation))


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
        See `make_square`. The course stretches.

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
    framed = make_square(upright, fit)
    small = shrink(framed, size)
    return Framed(framed, small, to_columns(small[np.newaxis]))


# The steps, each by itself ------------------------------------------------------------------------


def turn(image: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Turn a picture as the camera noted; the very same array where nothing is to be turned.

    Parameters
    ----------
    image : ndarray of shape (h, w) or (h, w, channels)
    orientation : int
        From 1 to 8, as EXIF counts. Any other number turns nothing.

    Examples
    --------
    >>> turn(np.array([[1, 2]]), 6)  # the camera was held upright: a quarter turn to the right
    array([[1],
           [2]])
    """
    match orientation:
        case 2:
            return image[:, ::-1]
        case 3:
            return image[::-1, ::-1]
        case 4:
            return image[::-1]
        case 5:
            return image.swapaxes(0, 1)
        case 6:
            return image[::-1].swapaxes(0, 1)
        case 7:
            return image[::-1, ::-1].swapaxes(0, 1)
        case 8:
            return image.swapaxes(0, 1)[::-1]
    return image


def on_background(rgba: UInt8Array, background: Colour = WHITE) -> UInt8Array:
    """Put a picture with opacity on one colour.

    Parameters
    ----------
    rgba : ndarray of shape (h, w, 4), uint8
    background : tuple of three int, 0 to 255

    Returns
    -------
    ndarray of shape (h, w, 3), uint8
    """
    if (rgba[:, :, 3] == 255).all():
        from PIL import Image

        return np.asarray(Image.fromarray(rgba).convert("RGB"))  # NumPy takes twice as long
    opacity = rgba[:, :, 3:].astype(np.uint32)  # (h, w, 1)
    mixed = rgba[:, :, :3] * opacity + np.array(background, np.uint32) * (255 - opacity)
    return ((mixed + 127) // 255).astype(np.uint8)


def make_square(
    image: NDArray[Any], fit: str = "stretch", background: int | Colour = WHITE
) -> NDArray[Any]:
    """Choose what of a picture is used, so that it may become a square.

    Parameters
    ----------
    image : ndarray of shape (h, w) or (h, w, channels)
    fit : str
        "stretch" leaves it as it is, to be stretched into the square, as the course does; "crop"
        takes the largest square in the middle; "letterbox" adds bars, so that nothing is lost and
        nothing is distorted.
    background : int or tuple of int
        Colour of the bars.

    Raises
    ------
    ValueError
        If `fit` is another.
    """
    if fit not in FITS:
        raise ValueError(f"fit is {fit!r}: it needs to be {', '.join(FITS[:-1])} or {FITS[-1]}.")
    height, width = image.shape[:2]
    if fit == "stretch" or height == width:
        return image
    if fit == "crop":
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        return image[top : top + side, left : left + side]
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    square = np.empty((side, side, *image.shape[2:]), image.dtype)
    square[:] = background
    square[top : top + height, left : left + width] = image
    return square


def shrink(image: UInt8Array, size: int = 64, filter: str = "bicubic") -> UInt8Array:
    """Resize a picture to a small square.

    Parameters
    ----------
    image : ndarray of shape (h, w, 3), uint8
    size : int
    filter : str
        How the pixels under a new one are weighed, one of `FILTERS`. All but "nearest", which takes
        one and leaves the others out, look at every pixel.

    Returns
    -------
    ndarray of shape (size, size, 3), uint8

    Raises
    ------
    ValueError
        If there is no such filter.
    """
    from PIL import Image

    if filter not in FILTERS:
        raise ValueError(f"filter is {filter!r}: it needs to be one of {', '.join(FILTERS)}.")
    resampling = Image.Resampling[filter.upper()]
    return np.asarray(Image.fromarray(image).resize((size, size), resampling))


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


def decode(raw: bytes) -> Picture:
    """Read the bytes of a picture file, whatever its colours.

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
            noted = image.getexif().get(0x0112, 1)
            own, converted, stored = _load(image)
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
    return Picture(
        format=kind,
        mode=mode,
        width=width,
        height=height,
        orientation=noted if isinstance(noted, int) and 1 <= noted <= 8 else 1,
        own=own,
        converted=converted,
        stored=stored,
        bytes=len(raw),
        first_bytes=np.frombuffer(raw[:FIRST_BYTES], np.uint8),
    )


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


def _load(image: "Image.Image") -> tuple[NDArray[Any], UInt8Array, UInt8Array]:
    """Decode to at most WORKING_SIZE: the file's own numbers, convert("RGB") of them, and RGBA."""
    from PIL import Image

    # A JPEG is decoded at a fraction of its size where that is enough.
    image.draft("RGB", (WORKING_SIZE, WORKING_SIZE))
    image.load()

    def seen(part: Image.Image) -> Image.Image:
        """Return what a person sees, in a mode that can be averaged."""
        if part.mode.startswith("I"):  # 16 bits a pixel: keep the upper 8
            values = np.asarray(part)
            clear = part.info.get("transparency")  # one grey may stand for nothing at all
            part = Image.fromarray((values >> 8).astype(np.uint8))
            if isinstance(clear, int):
                opacity = np.where(values == clear, np.uint8(0), np.uint8(255))
                part.putalpha(Image.fromarray(opacity))
        if part.mode in ("1", "P", "PA") or part.has_transparency_data:
            return part.convert("RGBA")
        return part

    def bare(part: Image.Image) -> Image.Image:
        """Return the colours alone: band by band, or what is hidden would be lost on the way."""
        return Image.merge("RGB", seen(part).split()[:3])

    def clipped(part: Image.Image) -> Image.Image:
        """Return what convert makes of 16 bits a pixel."""
        return Image.fromarray(np.minimum(np.asarray(part), 255).astype(np.uint8))

    small = _small(image, seen)
    stored = np.asarray(small.convert("RGBA"))
    if image.mode.startswith("I"):
        converted = np.asarray(_small(image, clipped).convert("RGB"))
    elif (stored[:, :, 3] == 255).all():
        converted = stored[:, :, :3]
    else:
        converted = np.asarray(_small(image, bare))
    if image.mode == "RGB":
        return converted, converted, stored
    if image.mode in ("L", "CMYK") and small.mode == image.mode:
        return np.asarray(small), converted, stored
    return stored if image.mode == "RGBA" else np.asarray(_small(image)), converted, stored


def _small(
    image: "Image.Image", step: "Callable[[Image.Image], Image.Image] | None" = None
) -> "Image.Image":
    """Return a picture, or what a step makes of it, at most WORKING_SIZE on its long side.

    A large one goes through in strips, each of which is averaged down at once, so that it stands there
    whole only as it was decoded: 40 million pixels with opacity take 160 MB so, and took 460 in one.
    """
    from PIL import Image

    before, largest = image.size, max(image.size)
    factor = largest // (2 * WORKING_SIZE)  # to twice the size or a little more; the rest finely
    if factor > 1 and (step or image.mode in AVERAGED):
        width, height = image.size
        strips = []
        for top in range(0, height, factor * STRIP):
            strip = image.crop((0, top, width, min(top + factor * STRIP, height)))
            strips.append((step(strip) if step else strip).reduce(factor))
        image = Image.new(strips[0].mode, (strips[0].width, sum(strip.height for strip in strips)))
        for k, strip in enumerate(strips):
            image.paste(strip, (0, k * STRIP))
    elif step:
        image = step(image)
    if largest <= WORKING_SIZE:
        return image
    size = [max(1, round(side * WORKING_SIZE / largest)) for side in before]
    return image.resize((size[0], size[1]), Image.Resampling.BICUBIC)
