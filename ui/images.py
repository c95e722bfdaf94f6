"""Pictures of pictures: what the pages show of an array of pixels."""

import base64
import io
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image

THUMBNAIL, ACROSS = 40, 32  # pixels of a thumbnail on a contact sheet, thumbnails in a row


def enlarge(image: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Repeat every pixel `factor` times each way, so that a browser shows squares, not a blur."""
    return image.repeat(factor, axis=0).repeat(factor, axis=1)


def in_a_row(pictures: NDArray[np.uint8], gap: int = 3) -> NDArray[np.uint8]:
    """Put pictures (n, side, side, 3) side by side, with a little grey between them."""
    grey = np.full((pictures.shape[1], gap, 3), 128, dtype=np.uint8)
    pieces = [piece for picture in pictures for piece in (grey, picture)]
    return np.concatenate(pieces[1:], axis=1)


def on_checks(rgba: NDArray[np.uint8], square: int = 16) -> NDArray[np.uint8]:
    """Put a picture with opacity on a grey checkerboard, the usual sign of what is transparent."""
    if (rgba[:, :, 3] == 255).all():
        return rgba[:, :, :3]
    height, width, _ = rgba.shape
    rows, columns = np.indices((height, width)) // square
    board = np.where((rows + columns) % 2, 255, 205)[:, :, np.newaxis]  # (h, w, 1)
    opacity = rgba[:, :, 3:] / 255
    return (rgba[:, :, :3] * opacity + board * (1 - opacity)).astype(np.uint8)


def within(image: NDArray[np.uint8], most: int) -> NDArray[np.uint8]:
    """Make a picture at most so large on its long side; the very same where it is.

    Half as many pixels are a quarter of the time that the browser's copy takes to pack.
    """
    from PIL import Image

    height, width = image.shape[:2]
    if max(height, width) <= most:
        return image
    size = (max(1, width * most // max(height, width)), max(1, height * most // max(height, width)))
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BOX))


def column_strip(numbers: NDArray[np.uint8], rows: int = 12, scale: int = 8) -> NDArray[np.uint8]:
    """Draw the first numbers of a column from above, each as light as it is in its own colour.

    Parameters
    ----------
    numbers : ndarray of shape (n,)
        Red, green and blue of each pixel in turn, 0 to 255.
    rows : int
        How many are drawn.
    scale : int
        Height of each, in pixels; a third of the width.
    """
    first = numbers[:rows]
    strip = np.zeros((len(first), 1, 3), np.uint8)
    places = np.arange(len(first))
    strip[places, 0, places % 3] = first
    return strip.repeat(scale, axis=0).repeat(3 * scale, axis=1)


def contact_sheet(pictures: NDArray[np.uint8], across: int = ACROSS) -> bytes:
    """Put all pictures, small, on one sheet, row by row; return it as a WebP file.

    Parameters
    ----------
    pictures : ndarray of shape (n, height, width, 3)
    across : int
        How many stand in a row.
    """
    from PIL import Image

    rows = -(-len(pictures) // across)
    sheet = Image.new(
        "RGBA", (across * THUMBNAIL, rows * THUMBNAIL)
    )  # clear where the last row ends
    for place, picture in enumerate(pictures):
        row, column = divmod(place, across)
        small = Image.fromarray(picture).resize((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
        sheet.paste(small, (column * THUMBNAIL, row * THUMBNAIL))
    return _webp(sheet)


def sheet(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Put pictures on one: (rows, columns, height, width, 3) becomes (all heights, all widths, 3)."""
    rows, columns, height, width, _ = pictures.shape
    return pictures.swapaxes(1, 2).reshape(rows * height, columns * width, 3)


def data_address(picture: NDArray[np.uint8], exact: bool = False) -> str:
    """Return a picture as an address that holds it: a data URL of a WebP file.

    Parameters
    ----------
    picture : ndarray of shape (height, width, 3), uint8
    exact : bool
        Keep every pixel as it is, for some five times as many bytes.
    """
    from PIL import Image

    file = _webp(Image.fromarray(picture), exact)
    return f"data:image/webp;base64,{base64.b64encode(file).decode()}"


def magnified(picture: NDArray[np.uint8], factor: int) -> str:
    """Return a picture as an address that holds it, each of its pixels a square."""
    return data_address(enlarge(picture, factor), exact=True)


def _webp(image: "Image.Image", exact: bool = False) -> bytes:
    file = io.BytesIO()
    image.save(file, "WEBP", quality=70, method=0, lossless=exact)
    return file.getvalue()
