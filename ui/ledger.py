"""The pixel ledger of one picture: the answer as an exact sum over its pixels."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ui import images
from ui.style import diverging_scale
from ui.text import _, plain

from nncore.activations import sigmoid
from nncore.attribution import input_gradient, pixel_ledger, switches
from nncore.data.dataset import to_columns
from nncore.types import FloatArray, Parameters


def show_ledger(
    *,
    key: str,
    image: NDArray[np.uint8],
    parameters: Parameters,
    label: int | None = None,
    classes: Sequence[str] = ("non-cat", "cat"),
) -> None:
    """Show what each pixel of a picture adds to the logit, and what a change of it would do.

    Parameters
    ----------
    key : str
        The Streamlit key; one ledger, one key.
    image : ndarray of shape (side, side, 3), uint8
        As the network sees it.
    parameters : dict
        W1, b1, ..., WL, bL.
    label : {0, 1}, optional
        What is known to be on the picture; None where nobody knows.
    classes : sequence of two str
        The names of labels 0 and 1. May be a visitor's.
    """
    x = to_columns(image[np.newaxis])  # (n[0], 1)
    ledger = pixel_ledger(x, parameters)
    probability = float(sigmoid(np.array(ledger.logit))[0])
    answer = int(probability > 0.5)
    against = answer if label is None else label
    gradient = input_gradient(x, np.array([[float(against)]]), parameters)
    with st.container(horizontal=True, key=f"{key}_pictures"):
        for title, picture in (
            (_("The picture"), image),
            (_("For (orange) and against (blue)"), _drawn(ledger.contributions, image.shape)),
            (_("Input gradient"), _drawn(gradient, image.shape)),
        ):
            st.image(images.enlarge(picture, 4), caption=title, width=256, alt=title)
    st.markdown(
        _(
            "{speaks_for:.4f} for {name} {against:+.4f} against {bias:+.4f} bias = **{logit:.4f}**, "
            "and sigmoid({logit:.4f}) = **{probability:.4f}**. Rounding leaves {remainder:.1e}."
        ).format(
            speaks_for=ledger.speaks_for,
            name=plain(classes[1]),
            against=ledger.speaks_against,
            bias=ledger.bias,
            logit=ledger.logit,
            probability=probability,
            remainder=ledger.remainder,
        )
    )
    near = switches(x, parameters)
    if near:
        st.markdown(
            _(
                "As long as no colour value changes by more than {d:.3g} of 255, this map is exact."
            ).format(d=255 * near[0].every_value)
        )
    else:
        st.markdown(_("Without a hidden layer, this map is the same for every picture."))


def _drawn(values: FloatArray, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Draw signed numbers, summed over the channels, on the diverging scale."""
    summed = values.reshape(shape).sum(axis=2)  # (side, side)
    stops = np.array(
        [[int(stop[1][at : at + 2], 16) for at in (1, 3, 5)] for stop in diverging_scale("light")]
    )
    t = summed / (np.abs(summed).max() or 1)
    ends = np.where(t[..., np.newaxis] < 0, stops[0], stops[2])
    return (stops[1] + (ends - stops[1]) * np.abs(t)[..., np.newaxis]).astype(np.uint8)
