"""Two networks side by side: where they disagree, and whether that says which is better."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import streamlit as st

from ui import store
from ui.address import Choices, by_history, choice
from ui.frame import TEXT_WIDTH, breathe
from ui.gallery import Plate, show_gallery
from ui.kept import Kept, kept
from ui.text import _, plain, prose

from nncore import data, pretrained
from nncore.agreement import Agreement, compare_networks, sign_test
from nncore.cases import runs
from nncore.data.dataset import Dataset
from nncore.history import History, Settings
from nncore.run import Recipe
from nncore.types import Parameters

PATIENCE = 0.3  # seconds after which waiting is shown
MOST_SHOWN = 40  # pictures on which the two disagree
RARE = 0.05  # below this a split is called a sign that one is better
PARTS = {"test": _("test pictures"), "train": _("training pictures")}
MODELS = {
    "two_layer": _("The documented 2-layer settings, trained on these data"),
    "four_layer": _("The documented 4-layer settings, trained on these data"),
}
HERE = "_here"  # behind the model, in their ids
PAGE, PAGE_NAME = "page", _("The network of this page")  # where it is none of the others


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A network that can be chosen: what it is called, what made it, and how to get it."""

    name: str
    settings: Settings
    get: Callable[[], History]


def choices() -> Choices:
    """Return the choices that a link to the page may name by their ids."""
    everyone = {id: candidate.name for id, candidate in _everyone().items()}
    everyone |= {f"{model}{HERE}": name for model, name in MODELS.items()} | {PAGE: PAGE_NAME}
    return {"two_a": everyone, "two_b": everyone, "two_part": PARTS}


@st.fragment
def show_two(network: History, dataset: Dataset) -> None:
    """Let the reader choose two networks, and show where they disagree on a data set.

    Parameters
    ----------
    network : History
        The one that the page is about: the first, to begin with.
    dataset : Dataset
    """
    st.markdown(prose("two_models", "lead"), width=TEXT_WIDTH)
    pair = _choose(network, dataset)
    try:
        first, second = (candidate.get().parameters for candidate in pair)
        found = {part: _compare(dataset, part, first, second) for part in PARTS}
    except (data.DataError, ValueError) as error:
        st.error(plain(str(error)))
        return
    for place, (part, agreement) in zip(st.columns(2), found.items(), strict=True):
        with place:
            st.markdown(f"**{_('{n} {part}').format(n=len(agreement.labels), part=PARTS[part])}**")
            st.markdown(table(agreement))
    st.markdown(_("**What to notice.** ") + verdict(found["test"]), width=TEXT_WIDTH)
    breathe()
    _differing(found, dataset)


def _compare(dataset: Dataset, part: str, first: Parameters, second: Parameters) -> Agreement:
    if part == "train":
        return compare_networks(dataset.train_x, dataset.train_labels, first, second)
    return compare_networks(dataset.test_x, dataset.test_labels, first, second)


# Which two ----------------------------------------------------------------------------------------


def _everyone(dataset: Dataset | None = None) -> dict[str, _Candidate]:
    """Return the networks of the program, of this session and of its kept runs, by id.

    With a data set also the documented networks trained on it, where none is at hand.
    """
    found = {
        id: _Candidate(name, store.network(id).settings, partial(store.network, id))
        for id, name in store.networks().items()
    }
    for run in kept():
        name = _("Kept ({id}): {name}").format(id=run.id.removeprefix("run"), name=run.name)
        found[run.id] = _Candidate(name, run.recipe.settings, partial(_again, run))
    if dataset is None:
        return found
    there = [pretrained.load(name).settings for name in pretrained.NAMES]
    for model, name in MODELS.items():
        course = runs()[model].settings
        sizes = (dataset.train_images[0].size, *course.layers_dims[1:])
        settings = replace(course, layers_dims=sizes, dataset=dataset.name)
        if settings not in there:
            found[f"{model}{HERE}"] = _Candidate(name, settings, partial(_train, Recipe(settings)))
    return found


def _again(run: Kept) -> History:
    """Return a kept run with its network, as far as it had come when it was kept."""
    history, last = _train(run.recipe), int(run.iterations[-1])
    return history if last == history.last else history.until(last)


def _train(recipe: Recipe) -> History:
    """Train a run again, or take it where it is known; say so where it takes a while."""
    began, place = time.perf_counter(), st.empty()

    def progress(done: float) -> None:
        if time.perf_counter() - began > PATIENCE:
            place.progress(min(done, 1.0), text=store.training_text(done))

    try:
        return store.train(recipe, progress)
    finally:
        place.empty()


def _choose(network: History, dataset: Dataset) -> tuple[_Candidate, _Candidate]:
    """Let the reader choose the first and the second, of those that fit."""
    left, right = st.columns(2)
    foreign = st.toggle(
        _("Also networks for other data"),
        key="two_others",
        bind="query-params",
        persist_state="session",
        help=_("They were never shown such pictures: a control, not a fair match."),
    )
    inputs = dataset.train_images[0].size
    fitting = {
        id: candidate
        for id, candidate in _everyone(dataset).items()
        if candidate.settings.layers_dims[0] == inputs
        and (foreign or candidate.settings.dataset == dataset.name)
    }
    mine = next((id for id in store.networks() if store.network(id) is network), None)
    if mine not in fitting:
        mine = PAGE
        here = _Candidate(PAGE_NAME, network.settings, lambda: network)
        fitting = {mine: here, **fitting}
    names = {id: candidate.name for id, candidate in fitting.items()}
    with left:
        a = choice(st.selectbox, _("A"), names, key="two_a", default=mine, follows=True)
    rest = {id: name for id, name in names.items() if id != a}
    before_a, before_b = st.session_state.get("two_before", (None, None))
    if a == before_b and before_a in rest and not by_history():  # they change places
        st.session_state["two_b"] = before_a
    own = [id for id in names if id != mine and fitting[id].settings.dataset == dataset.name]
    default = mine if a == own[0] else own[0]
    with right:
        b = choice(st.selectbox, _("B"), rest, key="two_b", default=default, follows=True)
    st.session_state["two_before"] = a, b
    return fitting[a], fitting[b]


# What came out ------------------------------------------------------------------------------------


def table(agreement: Agreement) -> str:
    """Write how often both, one or none of them is right, as a table in Markdown."""
    both, first, second, neither = agreement.counts
    total = len(agreement.labels)
    rows = (
        ("", _("B right"), _("B wrong"), _("A in all")),
        (_("**A right**"), both, first, _of(both + first, total)),
        (_("**A wrong**"), second, neither, _of(second + neither, total)),
        (_("**B in all**"), _of(both + second, total), _of(first + neither, total), total),
    )
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join([lines[0], "|---|---:|---:|---:|", *lines[1:]])


def _of(count: int, total: int) -> str:
    return f"{count} ({count / total:.0%})"


def verdict(agreement: Agreement) -> str:
    """Say whether the test pictures tell which of the two is better."""
    _both, first, second, _neither = agreement.counts
    n, p = first + second, agreement.sign_test()
    if n == 0:
        return _(
            "Both have the very same test pictures right, so these cannot tell which is better."
        )
    said = _(
        "Of the {n} test pictures that just one of them has right, A has {first} and B {second}. If "
        "neither were better, a split as uneven as this would still come up with a probability of "
        "{p:.2g} (exact sign test): "
    ).format(n=n, first=first, second=second, p=p)
    if p < RARE:
        return said + _(
            "that is rare, so {better} is probably the better one for pictures like these. Try many "
            "pairs, though, and one will look so by luck."
        ).format(better="A" if first > second else "B")
    said += _("that is not rare, so these pictures cannot tell which is better.")
    if sign_test(n, 0) >= RARE:
        said += " " + _("So few could not, even if all fell to one side.")
    return said


def _differing(found: dict[str, Agreement], dataset: Dataset) -> None:
    """Show the pictures that only one of them has right, with both answers."""
    part = choice(
        st.segmented_control,
        _("Where they disagree, among the"),
        PARTS,
        key="two_part",
        default="test",
        required=True,
    )
    agreement = found[part]
    images = dataset.train_images if part == "train" else dataset.test_images
    differing = agreement.differing()
    for key, title, right in (
        ("only-a", _("Only A is right"), agreement.first_right),
        ("only-b", _("Only B is right"), agreement.second_right),
    ):
        places = differing[right[differing]]
        st.markdown(f"**{title}: {len(places)}**")
        if not len(places):
            continue
        shown = places[:MOST_SHOWN]
        plates = [_plate(agreement, int(place), dataset.classes) for place in shown]
        show_gallery(images[shown][:, np.newaxis], plates, key=key, size=104)
        if len(places) > len(shown):
            st.caption(_("{n} more are not shown.").format(n=len(places) - len(shown)))
    st.caption(
        _(
            "The probability of “{one}” that each of them gives, the furthest apart first; the number "
            "of the picture and its label."
        ).format(one=plain(dataset.classes[1]))
    )


def _plate(agreement: Agreement, place: int, classes: tuple[str, str]) -> Plate:
    a, b, label = agreement.first[place], agreement.second[place], classes[agreement.labels[place]]
    alt = _("Picture {i}, {label}: probability of “{one}” {a} by A, {b} by B").format(
        i=place, label=label, one=classes[1], a=repr(float(a)), b=repr(float(b))
    )
    says = _("{i}: {label}").format(i=place, label=label)
    return Plate((alt,), f"A {a:.3f} · B {b:.3f}", (says,))
