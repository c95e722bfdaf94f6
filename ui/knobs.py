"""The knobs of a training: data, network, learning rate, first weights, iterations."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import streamlit as st

from ui import store
from ui.address import Choices, choice
from ui.text import _, plain

from nncore import data
from nncore.cases import runs
from nncore.data import photos
from nncore.data.dataset import Dataset
from nncore.data.own import is_own
from nncore.history import Settings
from nncore.parameters import read_sizes

# Of own networks and runs: a server has many visitors.
MOST_LAYERS, MOST_WEIGHTS, MOST_ITERATIONS = 10, 1_500_000, 20_000

MODELS = {
    "four_layer": _("4-layer, documented"),
    "two_layer": _("2-layer, documented"),
    "own": _("own sizes"),
}
DATA = {"photos": _("cat photos"), "doodles": _("doodles")}
INITS = {
    "course": _("as the course"),
    "scaled": _("1/√n"),
    "small": _("0.01"),
    "he": _("He, √(2/n)"),
    "zeros": _("zeros"),
}
# A logarithmic scale of round numbers, the course's 0.0075 among them.
RATES = tuple(
    float(f"{step}e{power}")
    for power in range(-5, 1)
    for step in ("1", "1.5", "2", "3", "4", "5", "6", "7.5")
)
CHOICES: Choices = {"data": DATA, "model": MODELS, "init": INITS}


def choose_data(*, fixed: bool = False) -> Dataset | None:
    """Let the reader choose the data; return them, or None where they are not to be had.

    While a run is watched they stand fast, as its settings do. Own pictures are offered by their name,
    which says which ones: a run, or a link, of others is never taken for one of these.
    """
    mine = store.own_data()
    options = DATA if mine is None else DATA | {mine.dataset.name: mine.dataset.name}
    _say_what_is_missing(options)
    name = choice(
        st.segmented_control,
        _("Data"),
        options,
        key="data",
        default=data.preferred(),
        required=True,
        disabled=fixed,
        wrap=True,  # three of them have no room in one line beside the curve
        help=_(
            "The course's photos are not part of this program. The doodles always are. Own pictures "
            "come from the Pictures page."
        ),
    )
    if mine is not None and name == mine.dataset.name:
        st.caption(plain(_("{1} and {0}").format(*mine.dataset.classes)))
    if name == "photos" and not photos.present():
        offer_photos()
        return None
    try:
        return store.dataset(name)
    except data.DataError as error:
        st.error(plain(str(error)))
        return None


def _say_what_is_missing(options: Mapping[str, str]) -> None:
    """Say that the address asks for own pictures that are not in this session."""
    asked = st.query_params.get("data", "")
    if is_own(asked) and asked not in options:
        st.info(
            _(
                "The address asks for the pictures {name}, which somebody sent. Such pictures stay in "
                "the session in which they were sent, and are not here: the {data} are shown. Send "
                "your own on the Pictures page."
            ).format(name=plain(asked[:30]), data=DATA[data.preferred()])
        )


def offer_photos() -> None:
    """Say that the photos are not here, and offer to download them."""
    megabytes = sum(file.size for file in photos.FILES) / 1e6
    st.info(
        _(
            "The course's photos are not here: we may not pass them on. They can be downloaded now "
            "from a public copy ({mb:.0f} MB, verified). Or choose the doodles: they are always here."
        ).format(mb=megabytes)
    )
    if st.button(_("Download the photos"), key="fetch", icon=":material/download:"):
        bar = st.progress(0.0)
        try:
            for progress in photos.fetch():
                bar.progress(progress.done / progress.total, text=progress.file)
        except data.DataError as error:
            bar.empty()
            st.error(_("The photos could not be downloaded. The doodles work without."))
            with st.expander(_("What was tried")):
                st.text(str(error))
        else:
            st.rerun()


def choose_settings(dataset: Dataset, *, fixed: bool = False) -> tuple[Settings | None, str]:
    """Let the reader set up the run; return the settings, or None and a sentence that says why.

    Parameters
    ----------
    dataset : Dataset
    fixed : bool
        While a run is watched its settings stand fast.
    """
    model = choice(
        st.selectbox, _("Network"), MODELS, key="model", default="four_layer", disabled=fixed
    )
    base = runs()["two_layer" if model == "two_layer" else "four_layer"].settings
    hidden, trouble = base.layers_dims[1:-1], ""
    if model == "own":
        text = st.text_input(
            _("Hidden layers"),
            value="20, 7, 5",
            max_chars=80,
            key="hidden",
            bind="query-params",
            persist_state="session",
            disabled=fixed,
            help=_(
                "The sizes from the input on, as 20, 7, 5. Empty: none; that is logistic regression."
            ),
        )
        hidden, trouble = _own_sizes(text, dataset.train_images[0].size)
    rate = choose_rate("rate", base.learning_rate, bind="query-params", disabled=fixed)
    init = choice(
        st.selectbox,
        _("First weights"),
        INITS,
        key="init",
        default="course",
        disabled=fixed,
        help=_(
            "What the random weights are multiplied by, n being the inputs of the layer. The course "
            "takes 1/√n for the 4-layer network and 0.01 for the other."
        ),
    )
    iterations = st.number_input(
        _("Iterations"),
        min_value=1,
        max_value=MOST_ITERATIONS,
        value=base.num_iterations,
        step=100,
        key="iterations",
        bind="query-params",
        persist_state="session",
        disabled=fixed,
        help=_("How many updates. Each looks at all training pictures once."),
    )
    seed = st.number_input(
        _("Seed"),
        min_value=0,
        max_value=2**31 - 1,
        value=base.seed,
        key="seed",
        bind="query-params",
        persist_state="session",
        disabled=fixed,
        help=_("Which random weights to start from. The course's is {seed}.").format(
            seed=base.seed
        ),
    )
    if trouble:
        return None, trouble
    settings = replace(
        base,
        layers_dims=(dataset.train_images[0].size, *hidden, 1),
        learning_rate=float(rate),
        num_iterations=int(iterations),
        seed=int(seed),
        init=base.init if init == "course" else init,
        dataset=dataset.name,
    )
    return settings, ""


def count_weights(layers_dims: Sequence[int]) -> int:
    """Count the weights of a network, without the biases."""
    return sum(n * before for n, before in pairwise(layers_dims))


def choose_rate(key: str, value: float, *, label: str = _("Learning rate"), **more: Any) -> float:
    """Let the reader choose a learning rate on a logarithmic scale."""
    nearest = min(RATES, key=lambda rate: abs(math.log(rate / value)))
    rate: float = st.select_slider(
        label,
        RATES,
        format_func=lambda rate: f"{rate:g}",
        key=key,
        persist_state="session",
        help=_(
            "How large a step is: too small, and little happens; too large, and it overshoots. "
            "The scale is logarithmic."
        ),
        value=nearest,
        **more,
    )
    return rate


def _own_sizes(text: str, inputs: int) -> tuple[tuple[int, ...], str]:
    """Read the sizes of own layers; return them, and a sentence where they will not do."""
    try:
        sizes = read_sizes(text)
    except ValueError as error:
        return (), str(error)
    weights = count_weights((inputs, *sizes, 1))
    if len(sizes) > MOST_LAYERS or weights > MOST_WEIGHTS:
        return (), _(
            "{sizes}: at most {layers} hidden layers and {most} weights can be trained here. This is "
            "{weights} weights; hidden layers: {n}."
        ).format(
            sizes=", ".join(map(str, sizes)),
            layers=MOST_LAYERS,
            most=f"{MOST_WEIGHTS:,}",
            n=len(sizes),
            weights=f"{weights:,}",
        )
    return sizes, ""
