"""A picture of which a pixel can be chosen, and the three rows of X that hold it.

All of it happens in the browser: a click sends nothing to the server.
"""

import base64

import numpy as np

from ui.components import component, source
from ui.text import _

from nncore.types import UInt8Array

_COMPONENT = component(
    "pixel_column",
    css=source("live.css", "pixel_column.css"),
    html="""
<div class="pixel-column">
  <div class="views">
    <div class="picture"><canvas role="img" tabindex="0"></canvas><div class="frame"></div></div>
    <div class="column"><canvas role="img"></canvas><div class="mark"></div></div>
  </div>
  <div class="facts">
    <p class="where"></p>
    <div class="live" aria-live="polite"></div>
    <p class="sum"></p>
    <table><thead><tr></tr></thead><tbody></tbody></table>
    <p class="hint"></p>
  </div>
</div>
""",
)


def pixel_column(*, key: str, image: UInt8Array, number: int, alt: str) -> None:
    """Show the picture, its column, and the numbers of one pixel.

    Parameters
    ----------
    key : str
    image : ndarray of shape (side, side, 3), uint8
    number : int
        Which column of X it is, from 0.
    alt : str
        What the picture shows: text, never markup.

    Raises
    ------
    ValueError
        If the picture is not square.
    """
    side = image.shape[0]
    if image.shape != (side, side, 3):
        raise ValueError(f"The picture has shape {image.shape}: it needs to be (side, side, 3).")
    _COMPONENT(
        key=key,
        data={
            "pixels": base64.b64encode(np.ascontiguousarray(image).tobytes()).decode("ascii"),
            "side": side,
            "row": side // 2,
            "column": side // 2,
            "alt": alt,
            "words": {
                "where": _("Pixel in row {row}, column {column}"),
                "sum": _("Its first row in X: 3 · ({side} · {row} + {column}) = {first}"),
                "channels": [_("red"), _("green"), _("blue")],
                "heads": [_("channel"), _("row of X"), _("0 to 255"), "/ 255"],
                "hint": _(
                    "The strip is the column X[:, {number}], {n} numbers from the top. Counted from 0. "
                    "The pixel to the right is 3 rows further down, the one below {below}."
                ).format(number=number, n=f"{3 * side * side:,}", below=3 * side),
                "keys": _("The arrow keys go from pixel to pixel, with Shift by 8."),
                "column": _("The same picture as one column, the chosen pixel marked."),
            },
        },
    )
