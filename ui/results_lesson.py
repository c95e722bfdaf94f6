"""The results of a network: which one, on which pictures, and the parts of the page."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from ui import knobs, mistakes, scoreboard, store, stress, two_models, units, view
from ui.address import Choices, choice
from ui.frame import TEXT_WIDTH
from ui.judged import Judged
from ui.text import _, plain

from nncore import data
from nncore.data import photos
from nncore.data.dataset import Dataset
from nncore.forward import L_model_forward
from nncore.history import History

PARTS = {
    "scores": _("Scores"),
    "mistakes": _("Mistakes"),
    "stress": _("Stress"),
    "units": _("Units"),
    "two": _("Two models"),
}
WITH_THRESHOLD = ("scores", "mistakes")
PHOTOS = ("photos", "own photos")  # what the course's files held when the network was trained


def choices() -> Choices:
    """Return the choices that a link to the page may name by their ids."""
    return {
        "judged": store.networks(),
        "part": PARTS,
        **scoreboard.CHOICES,
        **mistakes.CHOICES,
        **stress.CHOICES,
        **units.CHOICES,
        **two_models.choices(),
    }


def choose() -> tuple[str, Judged | None]:
    """Let the reader choose network, part and threshold; return the part and the network judged.

    None where its data set is not to be had; then the page has said so, and what to do.
    """
    left, right = st.columns([1.4, 1], gap="medium")
    with left:
        networks = store.networks()
        asked = choice(st.selectbox, _("Network"), networks, key="judged", default=_first(networks))
        network = store.network(asked)
    view.instead_of_settings(plain(_("Network: {network}").format(network=networks[asked])))
    part = choice(
        st.segmented_control,
        _("What to look at"),
        PARTS,
        key="part",
        default="scores",
        required=True,
    )
    dataset = _data_of(network)
    if dataset is None:
        return part, None
    AL = _answers(network, dataset)
    if not all(np.isfinite(each).all() for each in AL.values()):
        st.error(
            _(
                "The answers of this network are no longer numbers: its weights have grown too large. "
                "Choose another, or train one with a smaller learning rate."
            )
        )
        return part, None
    threshold = 0.5
    if part in WITH_THRESHOLD:
        with right:
            threshold = st.slider(
                _("Threshold"),
                0.0,
                1.0,
                0.5,
                0.01,
                key="threshold",
                bind="query-params",
                persist_state="session",
                help=_(
                    "The answer is “{name}” where the probability is over this; the course takes 0.5."
                ).format(name=plain(dataset.classes[1])),
            )
    st.caption(_told(dataset), width=TEXT_WIDTH)
    return part, Judged(network, dataset, AL, float(threshold))


def show(part: str, judged: Judged) -> None:
    """Show one part of the page."""
    if part == "scores":
        scoreboard.show(judged)
    elif part == "mistakes":
        mistakes.show(judged)
    elif part == "stress":
        stress.show_stress(judged.network, judged.dataset)
    elif part == "units":
        units.show_units(judged.network, judged.dataset)
    else:
        two_models.show_two(judged.network, judged.dataset)


def _first(networks: dict[str, str]) -> str:
    """Return who is judged at first: the session's own, else one whose pictures are here."""
    if "session" in networks:
        return "session"
    return "four_layer" if photos.present() else "doodles"


def _told(dataset: Dataset) -> str:
    return _(
        "{title}: {m} training pictures, from which it has learned, and {n} test pictures, which it "
        "has never seen."
    ).format(
        title=plain(dataset.title[:1].upper() + dataset.title[1:]),
        m=dataset.train_labels.shape[1],
        n=dataset.test_labels.shape[1],
    )


def _data_of(network: History) -> Dataset | None:
    """Return the pictures that a network was trained on; None, with a sentence, without them."""
    name = network.settings.dataset
    if name in PHOTOS and not photos.present():
        st.markdown(
            _("This network has learned from photos, and is judged on photos."), width=TEXT_WIDTH
        )
        knobs.offer_photos()
        _offer_doodles()
        return None
    try:
        dataset = store.dataset("photos" if name in PHOTOS else name)
    except data.DataError as error:
        st.error(plain(str(error)))
        _offer_doodles()
        return None
    inputs = dataset.train_images[0].size
    if network.settings.layers_dims[0] != inputs or network.settings.layers_dims[-1] != 1:
        st.error(
            _(
                "The network has the sizes {sizes}, and the pictures of its data set have {n:,} "
                "numbers: it needs {n:,} inputs and 1 output."
            ).format(sizes=store.sizes_text(network.settings), n=inputs)
        )
        _offer_doodles()
        return None
    if network.data_digest and network.data_digest != dataset.digest:
        st.warning(
            _(
                "It was trained on other pictures than these, of the same name: training pictures may "
                "be new to it here, and test pictures may be known."
            ),
            icon=":material/warning:",
        )
    return dataset


def _offer_doodles() -> None:
    st.button(
        _("Judge the doodle network instead"),
        key="judge_doodles",
        icon=":material/draw:",
        on_click=_judge_doodles,
    )


def _judge_doodles() -> None:
    st.session_state["judged"] = "doodles"


@dataclass(frozen=True, eq=False)
class _Answered:
    network: History
    dataset: Dataset
    AL: dict[str, np.ndarray]


def _answers(network: History, dataset: Dataset) -> dict[str, np.ndarray]:
    """Return the probability of every picture, (1, m) for each part; asked once, not at every run."""
    last: _Answered | None = st.session_state.get("results_answers")
    if last is None or last.network is not network or last.dataset is not dataset:
        with np.errstate(over="ignore", invalid="ignore"):  # a network that blew up
            AL = {
                part: L_model_forward(X, network.parameters)[0]
                for part, X in (("train", dataset.train_x), ("test", dataset.test_x))
            }
        last = st.session_state["results_answers"] = _Answered(network, dataset, AL)
    return last.AL
