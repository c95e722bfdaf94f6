"""The pixel ledger of one picture: the answer as an exact sum over its pixels."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ui.components.pixel_ledger import SIZE, SIZES, pixel_ledger_view
from ui.frame import TEXT_WIDTH
from ui.text import _, plain, prose

from nncore.activations import sigmoid
from nncore.attribution import (
    LayerBias,
    PixelLedger,
    Switch,
    bias_by_layer,
    decider,
    input_gradient,
    move_toward,
    pixel_ledger,
    region_sums,
    strongest_regions,
    switches,
)
from nncore.data.dataset import to_columns
from nncore.forward import L_model_forward
from nncore.types import FloatArray, Parameters

GREY_STEPS = 255
MOST_SWITCHES = 5
GREATEST_PLAIN = 1e5  # from there on numbers are written with a power of ten
SHARES = (0.5, 0.99, 2.0, 10.0)  # of the way to the first switch, to try the map at
NAMED_REGIONS = 2  # in the sentence that says why
MOST_DECIMALS = 7
CANCEL = 0.2  # what speaks for and against differ by less than this share: they nearly cancel
WHERE = (  # a region in a picture cut into thirds each way
    (_("in the upper left"), _("in the upper part"), _("in the upper right")),
    (_("on the left"), _("in the middle"), _("on the right")),
    (_("in the lower left"), _("in the lower part"), _("in the lower right")),
)
CORNERS = (
    (_("in the upper left corner"), _("in the upper right corner")),
    (_("in the lower left corner"), _("in the lower right corner")),
)


def show_ledger(
    *,
    key: str,
    image: NDArray[np.uint8],
    parameters: Parameters,
    label: int | None = None,
    classes: Sequence[str] = ("non-cat", "cat"),
    threshold: float = 0.5,
) -> None:
    """Say why the answer is as it is, and show what each pixel adds and what a change would do.

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
    threshold : float
        The probability over which the answer is label 1.
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
    answer = int(probability > threshold)
    against = answer if label is None else label
    layers = bias_by_layer(x, parameters)
    hidden = len(layers) > 1
    st.markdown(why(ledger, len(image), classes, threshold, hidden=hidden), width=TEXT_WIDTH)
    _show_bias(layers)
    st.markdown(prose("ledger", "lead"), width=TEXT_WIDTH)
    pixel_ledger_view(
        key=key,
        image=image,
        ledger=ledger,
        probability=probability,
        answer=answer,
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
    return _(
        "You have not said what the picture shows, so the loss is taken as if the network's answer, "
        "{name}, were right."
    ).format(name=name)


# Why ----------------------------------------------------------------------------------------------


def why(
    ledger: PixelLedger,
    side: int,
    classes: Sequence[str],
    threshold: float = 0.5,
    *,
    hidden: bool = False,
) -> str:
    """Say as Markdown why the answer is as it is: what adds up to it, what decides, what is strongest.

    Parameters
    ----------
    ledger : PixelLedger
        Of the picture.
    side : int
        Of the picture, in pixels.
    classes : sequence of two str
    threshold : float
        The probability over which the answer is the second of them.
    hidden : bool
        Whether the network has hidden layers, so that the bias belongs to this picture.
    """
    probability = float(sigmoid(np.array([[ledger.logit]]))[0][0, 0])
    answer = int(probability > threshold)
    no, yes = (f"“{plain(name)}”" for name in classes)
    pixels, bias, logit = as_a_sum(ledger.pixels, ledger.bias, ledger.logit)
    said = [_("**Why {answer}?**").format(answer=yes if answer else no)]
    if not ledger.contributions.any():
        said.append(
            _(
                "No pixel adds anything: there is only the bias, which is there before any pixel, "
                "**{bias}**."
            ).format(bias=bias)
        )
    else:
        said.append(
            _(
                "All pixels together add **{pixels}**, which speaks {this}; the bias, which is there "
                "before any pixel, adds **{bias}**, which speaks {that}. Together that is **{logit}**."
            ).format(
                pixels=pixels,
                this=_speaks(ledger.pixels, yes),
                bias=bias,
                that=_speaks(ledger.bias, _("it")),
                logit=logit,
            )
        )
    over = _("over {t:g}") if answer else _("not over {t:g}")
    said.append(
        _("So the probability of {name} is **{p}**, {over}.").format(
            name=yes, p=_probability(probability, threshold), over=over.format(t=threshold)
        )
    )
    if not ledger.contributions.any():
        return " ".join(said)
    said.append(_decides(ledger, threshold, (no, yes), answer, hidden))
    return " ".join(said) + "\n\n" + _strongest(ledger, side, yes, answer)


def as_a_sum(*values: float) -> tuple[str, ...]:
    """Write numbers, the last of which is the sum of the others, so that it is so as they are written.

    >>> as_a_sum(0.348, -2.513, -2.165), as_a_sum(0.344, 0.344, 0.688)
    (('+0.35', '−2.51', '−2.16'), ('+0.344', '+0.344', '+0.688'))
    """
    for decimals in range(2, MOST_DECIMALS + 1):
        whole = [round(value * 10**decimals) for value in values]  # in units of the last decimal
        shown = all((n == 0) == (value == 0) for n, value in zip(whole, values, strict=True))
        if shown and sum(whole[:-1]) == whole[-1] and max(map(abs, values)) < GREATEST_PLAIN:
            return tuple(_signed(f"{n / 10**decimals:+,.{decimals}f}") for n in whole)
    return tuple(_signed(f"{value:+.4g}") for value in values)


def _signed(text: str) -> str:
    return text.replace("-", "−") if text.strip("+-0.") else "0"


def _probability(p: float, threshold: float) -> str:
    """Write a probability with three digits, more where it would pass for the threshold, or for 1.

    >>> _probability(0.10296, 0.5), _probability(0.500012, 0.5), _probability(0.99996, 0.5)
    ('0.103', '0.50001', '0.99996')
    """
    for digits in range(3, 17):
        text = f"{p:.{digits}g}"
        if (float(text) > threshold) == (p > threshold) and float(text) < 1:
            return text
    return repr(p)


def _speaks(value: float, name: str) -> str:
    if value == 0:
        return _("neither way")
    return (_("for {name}") if value > 0 else _("against {name}")).format(name=name)


def _decides(
    ledger: PixelLedger, threshold: float, names: tuple[str, str], answer: int, hidden: bool
) -> str:
    """Say which of pixels and bias decides the answer."""
    if ledger.bias == 0:
        return _("The bias is 0: **the pixels decide** alone.")
    which = decider(ledger, threshold)
    said = {
        "bias": _("**The bias decides:** the pixels alone would make it {other}."),
        "pixels": _("**The pixels decide:** the bias alone would make it {other}."),
        "each": _("**Both agree:** either alone would make it {answer}, too."),
        "together": _("**Only together** do they make it {answer}: either alone would not."),
    }[which].format(answer=names[answer], other=names[1 - answer])
    if which == "bias" and hidden:
        said += " " + _(
            "It is no fixed opinion: it comes from the units that this picture switches on, and "
            "differs from picture to picture."
        )
    return said


def _strongest(ledger: PixelLedger, side: int, name: str, answer: int) -> str:
    """Name the regions that speak most for the answer, where there are some to choose from."""
    size = max(size for size in SIZES if size <= min(SIZE, side))
    sums = region_sums(ledger.contributions, side, size)
    if sums.size == 1:
        return ""
    direction = 1 if answer else -1
    places = strongest_regions(sums, direction, NAMED_REGIONS)
    way = _speaks(direction, name)
    if not places:
        return _("No region of {n} × {n} pixels speaks {way}.").format(n=size, way=way)
    named = [
        _("{where} (rows {rows}, columns {columns}) with {adds}").format(
            where=where(row, column, len(sums)),
            rows=_span(row, size, side),
            columns=_span(column, size, side),
            adds=_three_digits(float(sums[row, column])),
        )
        for row, column in places
    ]
    said = _("What speaks most {way}: {regions}.").format(way=way, regions=_("; then ").join(named))
    plus, minus = ledger.speaks_for, -ledger.speaks_against
    if abs(plus - minus) < CANCEL * min(plus, minus):
        said += " " + _(
            "No region decides alone: in all, {plus} speaks for {name} and {minus} against it, and the "
            "two nearly cancel."
        ).format(plus=_three_digits(plus), minus=_three_digits(-minus), name=name)
    return said


def _three_digits(value: float) -> str:
    plainly = 0.095 <= abs(value) < GREATEST_PLAIN
    return _signed(f"{value:+,.2f}" if plainly else f"{value:+.3g}")


def _span(at: int, size: int, side: int) -> str:
    first, last = at * size + 1, min((at + 1) * size, side)
    return f"{first}" if first == last else f"{first}–{last}"


def where(row: int, column: int, across: int) -> str:
    """Say where in the picture a region is, of so many across.

    >>> where(7, 7, 8), where(0, 4, 8), where(3, 3, 8)
    ('in the lower right corner', 'in the upper part', 'in the middle')
    """
    if {row, column} <= {0, across - 1}:
        return CORNERS[bool(row)][bool(column)]
    third = [min(2, int(3 * (at + 0.5) / across)) for at in (row, column)]
    return WHERE[third[0]][third[1]]


def _show_bias(layers: Sequence[LayerBias]) -> None:
    """Say, one click away, what the bias of a picture is."""
    if len(layers) == 1:
        with st.expander(_("What “the bias, before any pixel” is")):
            st.markdown(prose("ledger", "bias_no_hidden"), width=TEXT_WIDTH)
        return
    with st.expander(
        _("What “the bias, before any pixel” is, and why it differs from picture to picture")
    ):
        st.markdown(prose("ledger", "bias"), width=TEXT_WIDTH)
        st.markdown(_bias_table(layers))


def _bias_table(layers: Sequence[LayerBias]) -> str:
    """Write what the biases of each layer add as a table."""
    total = sum(layer.adds for layer in layers)
    numbers = as_a_sum(*(layer.adds for layer in layers), total)
    rows = [
        (str(layer.layer), _passing(layer, last=layer is layers[-1]), number)
        for layer, number in zip(layers, numbers, strict=False)
    ]
    rows.append((_("together"), "", f"**{numbers[-1]}**"))
    head = (_("layer"), _("units that pass"), _("its biases add"))
    return _as_table(head, ("--:",) * len(head), rows)


def _passing(layer: LayerBias, *, last: bool) -> str:
    if last:
        return _("the output: always")
    return _("{n} of {all}").format(n=layer.passing, all=layer.units)


# How far the map reaches --------------------------------------------------------------------------


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
    st.markdown(reach(near[0]), width=TEXT_WIDTH)
    with st.expander(_("Which unit switches first, and what happens there")):
        st.markdown(first_switch(near), width=TEXT_WIDTH)
        st.markdown(prose("ledger", "nearest"), width=TEXT_WIDTH)
        st.markdown(_table(near[:MOST_SWITCHES]))
        st.markdown(prose("ledger", "tried"), width=TEXT_WIDTH)
        st.markdown(_trial_table(tried))


def reach(first: Switch) -> str:
    """Say what the reach of the map means for the reader, in steps of 255."""
    steps = GREY_STEPS * first.every_value
    if steps >= GREY_STEPS:
        return prose("ledger", "reach_all")
    said = prose("ledger", "reach").format(d=_down(steps))
    return f"{said} {prose('ledger', 'under_a_step')}" if steps < 1 else said


def first_switch(near: Sequence[Switch]) -> str:
    """Say which unit switches first, and whether a single colour value could make one do so."""
    first = near[0]
    alone = GREY_STEPS * min(switch.one_value for switch in near)
    said = prose("ledger", "first").format(
        layer=first.layer, unit=first.unit + 1, turn=_turn(first)
    )
    single = prose("ledger", "not_alone" if alone > GREY_STEPS else "alone")
    return f"{said} {single.format(n=_whole(alone))}"


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
        return _("it passes its number on, and would then send 0")
    return _("it sends 0, and would then pass its number on")


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
            "–" if switch.one_value > 1 else _whole(GREY_STEPS * switch.one_value),
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
