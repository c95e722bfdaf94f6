"""The pixel ledger of one picture: the answer as an exact sum over its pixels."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ui.components.pixel_ledger import pixel_ledger_view
from ui.frame import TEXT_WIDTH
from ui.text import _, prose

from nncore.activations import sigmoid
from nncore.attribution import (
    PixelLedger,
    Switch,
    input_gradient,
    move_toward,
    pixel_ledger,
    switches,
)
from nncore.data.dataset import to_columns
from nncore.forward import L_model_forward
from nncore.types import FloatArray, Parameters

GREY_STEPS = 255
MOST_SWITCHES = 5
SHARES = (0.5, 0.99, 2.0, 10.0)  # of the way to the first switch, to try the map at


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
    if not (np.isfinite(ledger.logit) and np.isfinite(ledger.weights).all()):
        st.warning(
            _(
                "The numbers of this network are no longer finite, so there is nothing to add up. "
                "Train it with a smaller learning rate."
            ),
            icon=":material/warning:",
        )
        return
    probability = float(sigmoid(np.array([[ledger.logit]]))[0][0, 0])
    answer = int(probability > 0.5)
    against = answer if label is None else label
    st.markdown(prose("ledger", "lead"), width=TEXT_WIDTH)
    pixel_ledger_view(
        key=key,
        image=image,
        ledger=ledger,
        probability=probability,
        gradient=input_gradient(x, np.array([[float(against)]]), parameters),
        gradient_note=gradient_note(classes[against], known=label is not None),
        classes=classes,
    )
    near = switches(x, parameters)
    show_reach(near, trials(x, parameters, ledger, near[0]) if near else ())


def gradient_note(name: str, *, known: bool) -> str:
    """Say against which label the gradient of the loss is taken; as text, not as Markdown."""
    if known:
        return _("Of the loss against the known label, {name}.").format(name=name)
    return _("The label is unknown: of the loss against the answer given, {name}.").format(
        name=name
    )


class Trial(NamedTuple):
    """A picture moved at the first switch: what the map makes of it, and what the network does.

    Attributes
    ----------
    steps : float
        How far every value was moved, in steps of 255.
    by_map, by_network : float
        The logit.
    """

    steps: float
    by_map: float
    by_network: float


def trials(
    x: FloatArray, parameters: Parameters, ledger: PixelLedger, first: Switch
) -> list[Trial]:
    """Try how far the map reaches: before the first switch, and behind it.

    Parameters
    ----------
    x : ndarray of shape (n[0], 1)
    parameters : dict
    ledger : PixelLedger
        Of x.
    first : Switch
        The nearest of x.
    """
    found = []
    for share in SHARES:
        moved = move_toward(x, parameters, first, share)  # (n[0], 1)
        by_map = float(ledger.weights @ moved[:, 0]) + ledger.bias
        by_network = float(L_model_forward(moved, parameters)[1][-1][1][0, 0])
        found.append(Trial(GREY_STEPS * share * first.every_value, by_map, by_network))
    return found


def show_reach(near: Sequence[Switch], tried: Sequence[Trial]) -> None:
    """Say how far the picture may move before a unit switches and the map is another.

    Parameters
    ----------
    near : sequence of Switch
        Of this picture, the nearest first.
    tried : sequence of Trial
        With the first of them.
    """
    if not near:
        st.markdown(prose("ledger", "no_hidden"), width=TEXT_WIDTH)
        return
    st.markdown(reach(near), width=TEXT_WIDTH)
    with st.expander(_("The nearest switches")):
        st.markdown(prose("ledger", "nearest"), width=TEXT_WIDTH)
        st.markdown(_table(near[:MOST_SWITCHES]))
        st.markdown(prose("ledger", "tried"), width=TEXT_WIDTH)
        st.markdown(_trial_table(tried))


def reach(near: Sequence[Switch]) -> str:
    """Say in words how far the map reaches, in steps of 255."""
    first, steps = near[0], GREY_STEPS * near[0].every_value
    alone = GREY_STEPS * min(switch.one_value for switch in near)
    parts = [
        prose("ledger", "reach").format(
            d=_down(steps), layer=first.layer, unit=first.unit + 1, turn=_turn(first)
        )
    ]
    if steps < 1:
        parts.append(prose("ledger", "under_a_step"))
    parts.append(
        prose("ledger", "not_alone" if alone > GREY_STEPS else "alone").format(n=_whole(alone))
    )
    return "\n\n".join(parts)


def _down(steps: float) -> str:
    """Write what is safe with three digits, never more than it is.

    >>> _down(0.30771), _down(1.9996), _down(123456.0)
    ('0.307', '1.99', '123,000')
    """
    if not 0 < steps < np.inf:
        return "0" if steps == 0 else "∞"
    unit = 10.0 ** (np.floor(np.log10(steps)) - 2)
    return (
        f"{np.floor(steps / unit) * unit:,.3g}" if steps < 1000 else f"{steps // unit * unit:,.0f}"
    )


def _whole(steps: float) -> str:
    """Write what is needed in whole steps, for a colour value is a whole number.

    >>> _whole(40.2), _whole(40.0)
    ('41', '40')
    """
    return f"{np.ceil(steps):,.0f}"


def _turn(switch: Switch) -> str:
    """Say what a unit does now, and what it would do."""
    if switch.Z > 0:
        return _("it passes its number on, and would send 0")
    return _("it sends 0, and would begin to pass its number on")


def _table(near: Sequence[Switch]) -> str:
    """Write switches as a table; all of it is numbers and words of ours."""
    head = (
        _("layer"),
        _("unit"),
        _("Z"),
        _("every value"),
        _("one alone"),
    )
    rows = [
        (
            f"{switch.layer}",
            f"{switch.unit + 1}",
            f"{switch.Z:.3g}".replace("-", "−"),
            _down(GREY_STEPS * switch.every_value),
            _whole(GREY_STEPS * switch.one_value),
        )
        for switch in near
    ]
    return _as_table(head, ("--:",) * len(head), rows)


def _trial_table(tried: Sequence[Trial]) -> str:
    """Write trials as a table."""
    head = (_("moved by"), _("the map"), _("the network"), _("apart"))
    rows = [
        (
            f"{trial.steps:.3g}",
            f"{trial.by_map:.5f}".replace("-", "−"),
            f"{trial.by_network:.5f}".replace("-", "−"),
            f"{abs(trial.by_map - trial.by_network):.2g}".replace("-", "−"),
        )
        for trial in tried
    ]
    return _as_table(head, ("--:",) * len(head), rows)


def _as_table(head: Sequence[str], aligned: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, aligned, *rows))
