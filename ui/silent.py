"""Why a network gives every picture the same answer: data in, sentence out, no Streamlit."""

from contextlib import suppress

import numpy as np

from ui.text import _

from nncore.forward import L_model_forward
from nncore.history import History
from nncore.types import BoolArray, FloatArray, Parameters


def silent_layer(X: FloatArray, parameters: Parameters) -> int | None:
    """Return the first hidden layer of which no picture wakes any unit, None where there is none.

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
    parameters : dict
    """
    hidden = enumerate(_awake(X, parameters), start=1)
    return next((layer for layer, awake in hidden if not awake.any()), None)


def silent_columns(X: FloatArray, parameters: Parameters) -> BoolArray:
    """Say of each picture, (m,), whether it wakes no unit of some hidden layer, and so is not heard.

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
    parameters : dict
    """
    heard = np.ones(X.shape[1], dtype=bool)
    for awake in _awake(X, parameters):
        heard &= awake.any(axis=0)
    return ~heard


def _awake(X: FloatArray, parameters: Parameters) -> list[BoolArray]:
    """Return which units each picture wakes, (n[l], m), for every hidden layer."""
    with np.errstate(over="ignore", invalid="ignore"):  # of a network that blew up
        _answers, caches = L_model_forward(X, parameters)
    return [Z > 0 for _linear, Z in caches[:-1]]


def why_one_answer(history: History, X: FloatArray) -> str:
    """Say why a network that gives every picture the same answer does so, as far as can be seen.

    Parameters
    ----------
    history : History
    X : ndarray of shape (n[0], m)
        What it was trained on.
    """
    said = [_("In the end every picture gets the same answer: this network has learned nothing.")]
    layer = silent_layer(X, history.parameters)
    if layer is None:
        return said[0]
    said.append(
        _(
            "No training picture wakes any unit of layer {layer}: no gradient comes through it, and "
            "more iterations will not change that."
        ).format(layer=layer)
    )
    with suppress(ValueError):  # of a run from a file, which knows its end alone
        first = history.parameters_at(0)
        said.append(
            _(
                "At the start some were awake: the steps were too long for them. Try a smaller "
                "learning rate than {rate:g}."
            ).format(rate=history.settings.learning_rate)
            if silent_layer(X, first) is None
            else _("It was so from the start: with these first weights no rate would help.")
        )
    return " ".join(said)
