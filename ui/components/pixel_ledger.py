"""The pixel ledger as pictures: what speaks for and against, by colour, by region, largest first.

Everything is answered in the browser: it gets the picture and the active weights once, for what a
pixel contributes is its value times its weight, and its gradient the same weight times one number.
The sums that are stated come from Python in float64; the weights travel as float32, which is more
than the digits shown of a region need.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ui.components import component, source
from ui.style import diverging_scale
from ui.text import _

from nncore.attribution import PixelLedger
from nncore.types import FloatArray

SIZES = (1, 4, 8, 16)  # pixels on a side of a region
SIZE = 8
MOST_ROWS = 100  # of the list; what is smaller stands in one row

_VIEWS = "".join(
    f'<figure class="view {name}"><figcaption></figcaption><div class="frame"><canvas></canvas>'
    '<i class="region"></i></div><div class="note"></div></figure>'
    for name in ("picture", "contributions", "gradient")
)
_LEDGER = component(
    "pixel_ledger",
    # The places of all parts are here from the first paint; the script fills them.
    html='<div class="ledger"><div class="statement"></div><div class="controls"></div>'
    f'<div class="views">{_VIEWS}<p class="difference"></p><section class="told"></section>'
    '<section class="list"></section></div>'
    '<div class="live" aria-live="polite" aria-atomic="true"></div></div>',
    js=source("dom.js", "pixel_ledger.js"),
    css=source("live.css", "pixel_ledger.css"),
)

Data = dict[str, Any]


def pixel_ledger_view(
    *,
    key: str,
    image: NDArray[np.uint8],
    ledger: PixelLedger,
    probability: float,
    answer: int,
    gradient: FloatArray,
    gradient_note: str,
    classes: Sequence[str],
) -> None:
    """Show the sum, the picture beside its contributions and its gradient, and the list of regions.

    Parameters
    ----------
    key : str
        The Streamlit key; one view, one key. What is chosen and pinned in it outlives a new picture.
    image : ndarray of shape (side, side, 3), uint8
    ledger : PixelLedger
        Of this picture.
    probability : float
        Of label 1.
    answer : {0, 1}
        The view opens with the region that speaks most for it.
    gradient : ndarray of shape (side * side * 3,)
        Of the loss with respect to the numbers of the picture.
    gradient_note : str
        Against which label it is taken.
    classes : sequence of two str
        The names of labels 0 and 1; they are shown as text, never as markup.

    Raises
    ------
    ValueError
        If the parts do not fit each other.
    """
    data = ledger_data(
        image=image,
        ledger=ledger,
        probability=probability,
        answer=answer,
        gradient=gradient,
        gradient_note=gradient_note,
        classes=classes,
    )
    data["hash"] = hashlib.sha256(json.dumps(data).encode()).hexdigest()[:16]
    _LEDGER(key=key, data=data)


def ledger_data(
    *,
    image: NDArray[np.uint8],
    ledger: PixelLedger,
    probability: float,
    answer: int,
    gradient: FloatArray,
    gradient_note: str,
    classes: Sequence[str],
) -> Data:
    """Return what the browser needs, ready for JSON. The parameters are those of the view."""
    side = image.shape[0]
    if image.shape != (side, side, 3) or image.dtype != np.uint8:
        raise ValueError(
            f"The picture has shape {image.shape} and type {image.dtype}: it needs to be a square of "
            f"pixels with three colours, uint8."
        )
    if not ledger.weights.shape == gradient.shape == (image.size,):
        raise ValueError(
            f"There are {ledger.weights.size} weights and {gradient.size} slopes for a picture of "
            f"{image.size} numbers: each number needs one of both."
        )
    scale = float(np.abs(ledger.weights).max())
    steepest = int(np.abs(ledger.weights).argmax())
    return {
        "side": side,
        "pixels": base64.b64encode(np.ascontiguousarray(image).tobytes()).decode(),
        # From -1 to 1 times the scale, so that no weight is too large for a float32.
        "weights": _floats(ledger.weights / (scale or 1.0)),
        "scale": scale,
        # dA0 = dZ[L] times the weights: one number is enough to send.
        "dZ": float(gradient[steepest] / ledger.weights[steepest]) if scale else 0.0,
        "sum": {
            "for": ledger.speaks_for,
            "against": ledger.speaks_against,
            "bias": ledger.bias,
            "total": ledger.total,
            "logit": ledger.logit,
            "remainder": ledger.remainder,
            "probability": probability,
            "channels": [float(ledger.contributions[k::3].sum()) for k in range(3)],
        },
        "direction": 1 if answer else -1,
        "black": int((image == 0).sum()),
        "classes": [str(name) for name in classes],
        "against": gradient_note,
        "sizes": [size for size in SIZES if size <= side],
        "size": max(size for size in SIZES if size <= min(SIZE, side)),
        "most": MOST_ROWS,
        "signs": {
            theme: [stop[1] for stop in diverging_scale(theme)] for theme in ("light", "dark")
        },
        "words": _words(),
    }


def _floats(values: FloatArray) -> str:
    return base64.b64encode(values.astype("<f4").tobytes()).decode()


def _words() -> Data:
    """Return what the browser writes; {names} are filled there."""
    return {
        "for": _("speaks for {name}"),
        "against": _("speaks against {name}"),
        "bias": _("bias, before any pixel"),
        "logit": _("the logit"),
        "probability": _("sigmoid of it: the probability of {name}"),
        "remainder": _(
            "The forward pass gives this logit, and the sum misses it by {remainder}: rounding, for "
            "the two add up in another order."
        ),
        "exact": _("The forward pass gives this very logit, to the last digit."),
        "allDigits": _("All digits"),
        "fourDigits": _("Four decimals"),
        "channel": _("Colour"),
        "channels": [_("all"), _("red"), _("green"), _("blue")],
        "size": _("Region"),
        "sizes": _("{n} × {n}"),
        "pixel": _("1 pixel"),
        "draw": _("Drawn by"),
        "draws": [_("pixel"), _("region")],
        "picture": [_("The picture"), _("Its red values"), _("Its green values"),
                    _("Its blue values")],
        "pictureNote": _("{side} × {side} pixels: all that the network sees. Point at it, or tap."),
        "contributions": _("What each pixel adds"),
        "regionAdds": _("What each region adds"),
        "gradient": _("Input gradient dA0"),
        "beyond": _("{n} of {all} are stronger, drawn in full colour"),
        "ends": [_("against"), _("for")],
        "slopes": [_("brighter lowers the loss"), _("brighter raises it")],
        "difference": _(
            "How the two differ: both are made of the same weights, but the gradient multiplies them "
            "by the answer minus the label, a − y = {dZ}, and what a pixel adds multiplies them by its "
            "own value. A black pixel adds nothing, however steep the slope there ({black})."
        ),
        "deaf": _(
            "Nothing of this picture comes through to the output: no pixel adds anything, every slope "
            "is 0, and the answer is made of biases alone."
        ),
        "black": _("{black} of the {all} values here are 0"),
        "noBlack": _("none of the {all} values here is quite 0"),
        "rows": _("rows {from}–{to}"),
        "row": _("row {from}"),
        "columns": _("columns {from}–{to}"),
        "column": _("column {from}"),
        "adds": _("adds"),
        "ofFor": _("{share} of all that speaks for"),
        "ofAgainst": _("{share} of all that speaks against"),
        "product": [_("value"), _("weight"), _("adds")],
        "brighter": _(
            "One step brighter here (of 255) changes the logit by {logit} and the loss by about "
            "{loss}, as long as no unit switches on or off."
        ),
        "pinned": _("pinned"),
        "release": _("release"),
        "pinIt": _("click to pin"),
        "largest": _("the largest"),
        "mostFor": _("speaks most for {name}"),
        "mostAgainst": _("speaks most against {name}"),
        "list": _("Largest first, added up"),
        "place": _("row, column (from 1)"),
        "sum": _("adds"),
        "running": _("so far"),
        "start": _("bias"),
        "rest": _("{n} smaller ones"),
        "others": _("other colours"),
        "more": _("… {n} more, {sum} together: scroll"),
        "end": _("logit"),
        "none": _("0 everywhere"),
        "keys": _("The arrow keys go from region to region, Enter pins one, Escape releases it."),
    }  # fmt: skip
