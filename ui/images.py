"""Pictures of pictures: what the pages show of an array of pixels."""

import numpy as np
from numpy.typing import NDArray


def enlarge(image: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Repeat every pixel `factor` times each way, so that a browser shows squares, not a blur."""
    return image.repeat(factor, axis=0).repeat(factor, axis=1)


def on_checks(rgba: NDArray[np.uint8], square: int = 16) -> NDArray[np.uint8]:
    """Put a picture with opacity on a grey checkerboard, the usual sign of what is transparent."""
    if (rgba[:, :, 3] == 255).all():
        return rgba[:, :, :3]
    height, width, _ = rgba.shape
    rows, columns = np.indices((height, width)) // square
    board = np.where((rows + columns) % 2, 255, 205)[:, :, np.newaxis]  # (h, w, 1)
    opacity = rgba[:, :, 3:] / 255
    return (rgba[:, :, :3] * opacity + board * (1 - opacity)).astype(np.uint8)
