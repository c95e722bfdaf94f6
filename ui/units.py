"""What each hidden unit does: what it looks for, what wakes it, and what it says."""

import html
from collections.abc import Sequence

import numpy as np
import streamlit as st

from ui import images
from ui.address import Choices, choice
from ui.frame import TEXT_WIDTH
from ui.gallery import Plate, show_gallery
from ui.text import _, plain, prose

from nncore.data.dataset import Dataset
from nncore.history import History
from nncore.layers import Activity, active_rows, activity, as_pictures
from nncore.types import FloatArray, IntArray, Parameters, UInt8Array

PAGE = 40  # units that are shown at once
STRONGEST = 5  # pictures for each of them
LAYERS = {str(layer): _("layer {l}").format(l=layer) for layer in range(1, 11)}
PARTS = {"train": _("training pictures"), "test": _("test pictures")}
CHOICES: Choices = {"unit_layer": LAYERS, "unit_part": PARTS}  # for the page's `open_page`
MARKS = ("○", "●")  # of labels 0 and 1


def show_weights(parameters: Parameters, awake: FloatArray) -> None:
    """Show the rows of W1 as pictures, with how often each unit passes.

    Parameters
    ----------
    parameters : dict
    awake : ndarray of shape (n[1],)
        For each unit the fraction of the training pictures that wake it.
    """
    pictures, limit = as_pictures(parameters["W1"][:PAGE])
    one_output = len(parameters) == 2
    plates = []
    for unit in range(len(pictures)):
        note = _("the output") if one_output else share(awake[unit])
        label = _("unit {n}, {note}").format(n=unit + 1, note=note)
        title = f"{unit + 1}" if one_output else f"{unit + 1} · {note}"
        plates.append(Plate((label,), title))
    show_gallery(pictures[:, np.newaxis], plates, key="units")
    more = parameters["W1"].shape[0] - len(pictures)
    st.caption(
        scale_text(limit)
        + " "
        + _("The percentage is how many training pictures wake the unit.")
        + (" " + _("{n} more units are not shown.").format(n=more) if more > 0 else "")
    )


def scale_text(limit: float) -> str:
    """Say how pictures of weights are to be read."""
    return _(
        "One scale for all: middle grey is a weight of 0, bright {limit:.3g}, dark −{limit:.3g}."
    ).format(limit=limit)


def share(fraction: float, none: str = _("dead")) -> str:
    """Write how often a unit is awake; what is not quite none, or all, does not look so.

    >>> share(0.0), share(1 / 209), share(0.5), share(208 / 209), share(1.0)
    ('dead', '<1%', '50%', '>99%', '100%')
    """
    if fraction == 0:
        return none
    if fraction < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= fraction < 1 else f"{fraction:.0%}"


# The part of the Results page ---------------------------------------------------------------------


@st.fragment
def show_units(network: History, dataset: Dataset) -> None:
    """Show what each unit of a hidden layer looks for, what wakes it, and what it says.

    Parameters
    ----------
    network : History
        With one output, and as many inputs as a picture has numbers.
    dataset : Dataset
    """
    parameters = network.parameters
    hidden = len(parameters) // 2 - 1
    if not hidden:
        st.info(
            _(
                "This network has no hidden unit: its one output weighs the pixels itself. Train one "
                "with a hidden layer to see what its units do."
            )
        )
        return
    st.markdown(prose("units", "lead"), width=TEXT_WIDTH)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        layers = {str(layer): LAYERS[str(layer)] for layer in range(1, hidden + 1)}
        layer = int(
            choice(
                st.segmented_control,
                _("Layer"),
                layers,
                key="unit_layer",
                default="1",
                required=True,
            )
        )
        part = choice(
            st.segmented_control,
            _("What wakes them, among the"),
            PARTS,
            key="unit_part",
            default="train",
            required=True,
        )
    try:
        train = activity(dataset.train_x, dataset.train_labels, parameters, layer)
        test = activity(dataset.test_x, dataset.test_labels, parameters, layer)
    except ValueError as error:
        st.error(plain(str(error)))
        return
    units = _choose_page(layer, len(train.A))
    chosen, pictures, columns = (
        (train, dataset.train_images, dataset.train_x)
        if part == "train"
        else (test, dataset.test_images, dataset.test_x)
    )
    strongest = [chosen.strongest(unit, STRONGEST) for unit in units]
    looks, limit = _looks(columns, parameters, layer, units, strongest)
    _say(train, dataset.classes)
    _cards(units, looks, strongest, pictures, chosen, (train, test), dataset.classes)
    notes = [
        scale_text(limit),
        *([prose("units", "deeper")] if layer > 1 else []),
        _("The mean A is over the training pictures."),
        _("Under each picture: its A, and {zero} {first} or {one} {second}.").format(
            zero=MARKS[0],
            first=plain(dataset.classes[0]),
            one=MARKS[1],
            second=plain(dataset.classes[1]),
        ),
    ]
    st.caption(" ".join(notes))


def _choose_page(layer: int, n: int) -> range:
    """Return the units to show: all, or as many as fit."""
    if n <= PAGE:
        return range(n)
    pages = -(-n // PAGE)
    page = st.pagination(pages, key=f"unit_page_{layer}_{pages}", bind="query-params")
    first = (page - 1) * PAGE
    units = range(first, min(first + PAGE, n))
    st.caption(
        _("Layer {l} has {n} units; these are units {first} to {last}.").format(
            l=layer, n=n, first=units[0] + 1, last=units[-1] + 1
        )
    )
    return units


def _looks(
    X: FloatArray,
    parameters: Parameters,
    layer: int,
    units: range,
    strongest: Sequence[IntArray],
) -> tuple[UInt8Array, float]:
    """Return a picture of what each unit looks for, and the weight at the ends of the scale."""
    places = [int(found[0]) if len(found) else 0 for found in strongest]
    rows = active_rows(X[:, places], parameters, layer, units)
    if layer > 1:  # nothing wakes these: there is no picture at which to look
        rows[[not len(found) for found in strongest]] = 0
    return as_pictures(rows)


def _say(train: Activity, classes: tuple[str, str]) -> None:
    """Say what is to be seen in this layer, from its numbers."""
    n, dead, always = len(train.A), int((train.awake == 0).sum()), int((train.awake == 1).sum())
    if dead:
        said = _(
            "Dead: {dead} of {n} units. No training picture wakes them, so no gradient reaches"
        )
        said = said.format(dead=dead, n=n) + " "
        said += (
            _("them and their weights never change again.")
            if train.layer == 1
            else _("their weights, and only a change of the layers below could wake them.")
        )
    else:
        said = _("None of the {n} units is dead.").format(n=n)
    if always:
        said += " " + _(
            "{always} of them are awake at every training picture: there they are merely linear."
        ).format(always=always)
    if (np.abs(train.apart) > 0).any():
        best = int(np.abs(train.apart).argmax())
        said += " " + _(
            "Unit {unit} tells the classes apart best, for how much its A varies: the mean is {a} on "
            "“{first}” and {b} on “{second}”, {n:.2g} of its standard deviations apart."
        ).format(
            unit=best + 1,
            a=_three(train.means[best, 1]),
            first=plain(classes[1]),
            b=_three(train.means[best, 0]),
            second=plain(classes[0]),
            n=abs(train.apart[best]),
        )
    st.markdown(_("**What to notice.** ") + said, width=TEXT_WIDTH)


# The cards ----------------------------------------------------------------------------------------

STYLE = """
.unit-cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,330px),1fr));
gap:14px}
.unit-cards article{border:1px solid var(--st-border-color,#8884);border-radius:8px;padding:10px;
display:grid;grid-template-columns:96px 1fr;gap:8px 12px;align-content:start}
.unit-cards .look{width:96px;height:96px;border-radius:4px;background-size:96px auto}
.unit-cards p{margin:0;font-size:.85rem;line-height:1.4;overflow-wrap:anywhere}
.unit-cards p b{font-size:.95rem}
.unit-cards .wakes{grid-column:1/-1;display:flex;gap:6px}
.unit-cards figure{margin:0;width:52px}
.unit-cards figure div{width:52px;height:52px;border-radius:4px;background-size:52px auto}
.unit-cards figcaption{font-size:.78rem;text-align:center;white-space:nowrap}
"""


def _cards(
    units: range,
    looks: UInt8Array,
    strongest: Sequence[IntArray],
    pictures: UInt8Array,
    chosen: Activity,
    parts: tuple[Activity, Activity],
    classes: tuple[str, str],
) -> None:
    """Show a card for each unit."""
    train, test = parts
    means = train.means
    seen = np.unique(np.concatenate([np.zeros(1, np.int64), *strongest]))
    place = {int(i): row for row, i in enumerate(seen)}
    cards = []
    for row, (unit, look) in enumerate(zip(units, strongest, strict=True)):
        figures = "".join(
            _figure(place[int(i)], int(i), float(chosen.A[unit, i]), int(chosen.labels[i]), classes)
            for i in look
        )
        lines = [
            f"<b>{html.escape(_('Unit {n}').format(n=unit + 1))}</b>"
            + (f" · {html.escape(_('dead'))}" if train.awake[unit] == 0 else ""),
            html.escape(_awake(float(train.awake[unit]), float(test.awake[unit]))),
            html.escape(_means(means[unit], classes)),
        ]
        if train.push is not None:
            lines.append(html.escape(_push(float(train.push[unit]), classes)))
        alt = html.escape(_("What unit {n} looks for").format(n=unit + 1))
        nothing = f"<p>{html.escape(_('None of these pictures wakes it.'))}</p>"
        cards.append(
            f'<article><div class="look" role="img" aria-label="{alt}" '
            f'style="background-position:0 {-96 * row}px"></div>'
            f"<p>{'<br>'.join(lines)}</p>"
            f'<div class="wakes">{figures or nothing}</div></article>'
        )
    looks_at = images.data_address(images.sheet(looks[:, np.newaxis]))
    pictures_at = images.data_address(images.sheet(pictures[seen][:, np.newaxis]))
    st.html(
        f"<style>{STYLE}.unit-cards .look{{background-image:url({looks_at})}}"
        f".unit-cards figure div{{background-image:url({pictures_at})}}</style>"
        f'<div class="unit-cards">{"".join(cards)}</div>'
    )


def _figure(row: int, index: int, value: float, label: int, classes: tuple[str, str]) -> str:
    alt = html.escape(
        _("Picture {i}, {name}: A = {a}").format(i=index, name=classes[label], a=repr(value))
    )
    return (
        f'<figure><div role="img" aria-label="{alt}" title="{alt}" '
        f'style="background-position:0 {-52 * row}px"></div>'
        f"<figcaption>{MARKS[label]} {_three(value)}</figcaption></figure>"
    )


def _awake(train: float, test: float) -> str:
    never = _("none")
    return _("awake: {train} of training, {test} of test").format(
        train=share(train, never), test=share(test, never)
    )


def _means(means: FloatArray, classes: tuple[str, str]) -> str:
    return _("mean A: {name1} {a}, {name0} {b}").format(
        name1=classes[1], a=_three(means[1]), name0=classes[0], b=_three(means[0])
    )


def _three(value: float) -> str:
    """Write three significant digits, so that numbers side by side are equally exact.

    >>> _three(2.4), _three(150.2), _three(0.0)
    ('2.40', '150', '0')
    """
    return f"{value:#.3g}".rstrip(".") if value else "0"


def _push(weight: float, classes: tuple[str, str]) -> str:
    """Say for which class a unit of the last hidden layer speaks.

    >>> _push(-0.5, ("dog", "cat"))
    'speaks for dog (weight −0.500)'
    """
    if weight == 0:
        return _("says nothing (weight 0)")
    return _("speaks for {name} (weight {w})").format(
        name=classes[int(weight > 0)], w=f"{weight:+#.3g}".rstrip(".").replace("-", "−")
    )
