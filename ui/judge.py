"""Who judges a picture, how it is prepared, and what the answer is."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from ui import images, matrix, store
from ui.address import Choices, choice
from ui.text import _, plain, prose
from ui.upload import SOURCES, Chosen, titles

from nncore.data import pipeline
from nncore.data.pictures import WHITE, Colour
from nncore.data.pipeline import Options
from nncore.history import History
from nncore.steady import Steadiness, steadiness
from nncore.types import UInt8Array

FITS = {
    "stretch": _("all, stretched"),
    "crop": _("middle square"),
    "letterbox": _("all, with bars"),
}
FILTERS = {
    "nearest": _("nearest pixel"),
    "box": _("box"),
    "bilinear": _("bilinear"),
    "bicubic": _("bicubic"),
    "lanczos": _("Lanczos"),
}
BACKGROUNDS = {"white": _("white"), "black": _("black"), "grey": _("grey"), "own": _("own colour")}
COLOURS: dict[str, Colour] = {"white": WHITE, "black": (0, 0, 0), "grey": (128, 128, 128)}
FIRST_COLOUR = "#8fbc8f"
CATS = ("non-cat", "cat")
NOT_TOLD = "not told"


def choices() -> Choices:
    """Return the choices that a link to the page may name by their ids."""
    return {
        "source": SOURCES,
        "sample": titles(),
        "fit": FITS,
        "filter": FILTERS,
        "background": BACKGROUNDS,
        "network": store.networks(),
    }


# Who judges, and what it is given -----------------------------------------------------------------


def _suited_network() -> str:
    """Return who knows what is shown: drawings are judged by one network, photos by another."""
    return "doodles" if st.session_state.get("source", "sample") == "sample" else "four_layer"


def suit_the_network() -> None:
    """Change the judge with the kind of picture; who was trained in this session stays."""
    drawn = st.session_state.get("network") == "doodles"
    if st.session_state.get("network") != "session" and drawn != (_suited_network() == "doodles"):
        st.session_state["network"] = _suited_network()


def choose_network() -> History:
    """Let the reader choose who judges: a network that ships, or the one trained in this session."""
    networks = store.networks()
    default = "session" if "session" in networks else _suited_network()
    return store.network(
        choice(st.selectbox, _("Network"), networks, key="network", default=default)
    )


def choose_options(side: int) -> Options:
    """Let the reader choose how a picture is prepared for a network of pictures of this side."""
    fit = choice(
        st.segmented_control,
        _("Part of the picture"),
        FITS,
        key="fit",
        default="stretch",
        required=True,
        help=_("The network reads a square. The course stretches the whole picture into it."),
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        filter = choice(
            st.selectbox,
            _("Shrunk with"),
            FILTERS,
            key="filter",
            default="bicubic",
            width=160,
            help=_(
                "How the many pixels under a small one are weighed. Nearest takes one of them and "
                "leaves out the others."
            ),
        )
        background = choice(
            st.selectbox,
            _("Background"),
            BACKGROUNDS,
            key="background",
            default="white",
            width=160,
            help=_("What shows where the picture is transparent, and the colour of bars."),
        )
        colour = COLOURS.get(background)
        if colour is None:
            colour = _read_colour(
                st.color_picker(
                    _("Colour"),
                    FIRST_COLOUR if "colour" not in st.session_state else None,
                    key="colour",
                    bind="query-params",
                    persist_state="session",
                )
            )
    return Options(side, colour, fit, filter)


def _read_colour(text: str) -> Colour:
    """Read a colour as a browser writes it, which an address may not do."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        text = FIRST_COLOUR
    red, green, blue = bytes.fromhex(text[1:])
    return red, green, blue


# The answer ---------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Judged:
    """A picture as the network sees it, and what it says.

    Attributes
    ----------
    chosen : Chosen
    small : ndarray of shape (side, side, 3), uint8
    steadiness : Steadiness
    """

    chosen: Chosen
    small: UInt8Array
    steadiness: Steadiness

    @property
    def probability(self) -> float:
        """Of the second class."""
        return self.steadiness.answer

    @property
    def finite(self) -> bool:
        """Whether the network gives numbers at all."""
        return bool(np.isfinite(self.steadiness.probabilities).all())


def judge(
    chosen: list[Chosen],
    options: Options,
    network: History,
    progress: Callable[[float], None] = lambda done: None,
) -> list[Judged]:
    """Judge pictures, each moved and mirrored too; kept until the options or the network change.

    Parameters
    ----------
    chosen : list of Chosen
    options : Options
    network : History
    progress : callable
        Called with the fraction done where there is something to compute.
    """
    kept: dict[str, Judged] = {}
    before = st.session_state.get("judged_pictures")
    if before is not None and before[0] == options and before[1] is network:
        kept = before[2]
    judged = []
    for place, one in enumerate(chosen):
        if one.id in kept and kept[one.id].chosen is one:
            judged.append(kept[one.id])
            continue
        progress(place / len(chosen))
        small = next(
            step.array for step in pipeline.steps(one.picture, options) if step.id == "resize"
        )
        with np.errstate(over="ignore", invalid="ignore"):  # of a network that blew up
            judged.append(Judged(one, small, steadiness(small, network.parameters)))
    kept = {one.chosen.id: one for one in judged}
    st.session_state["judged_pictures"] = (options, network, kept)
    return judged


def not_finite() -> str:
    """Say that a network cannot judge any more."""
    return _(
        "The numbers of this network are no longer finite, so it gives no answer. Choose another, or "
        "train it again with a smaller learning rate."
    )


def badge(probability: float, classes: tuple[str, str]) -> str:
    """Write an answer as Markdown: a sign, a colour and the name of the class."""
    if probability > 0.5:
        return f":green[● {plain(classes[1])}]"
    return f":gray[○ {plain(classes[0])}]"


def show_answer(judged: Judged, network: History) -> None:
    """Show the picture, the answer and its probability, and say what the network knows at all."""
    chosen, probability = judged.chosen, judged.probability
    first, second = map(plain, network.classes)
    says, label = int(probability > 0.5), known_label(chosen, network.classes)
    asked = chosen.is_cat is None or network.classes != CATS
    with st.container(horizontal=True, gap="small"):
        st.image(
            images.magnified(judged.small, 2),
            width=128,
            alt=_("{title}, as the network sees it").format(title=chosen.title),
        )
        with st.container(key="answer", width="stretch", gap="xxsmall"):
            if chosen.name:
                st.text(chosen.name)
            st.markdown(_("The network says"))
            st.header(badge(probability, network.classes), anchor=False)
            st.markdown(
                _("Probability of “{name}”: **{p}**").format(
                    name=second, p=matrix.probability(probability)
                ),
                help=repr(probability),
            )
            if not asked and label is not None:
                st.markdown(_truth(label, says, network.classes))
    if asked:
        _ask_label(chosen, network.classes)
        st.markdown(
            _("Right or wrong? Tell what it is.")  # as high as what will stand here
            if label is None
            else _truth(label, says, network.classes)
        )
    st.progress(
        probability,
        text=_("0 is surely {first}, 1 surely {second}; above 0.5 it says {second}").format(
            first=first, second=second
        ),
    )
    st.caption(
        plain(_("Network: {network}").format(network=store.networks()[st.session_state["network"]]))
    )
    if store.one_answer(network):
        st.warning(prose("your_picture", "learned_nothing"), icon=":material/warning:")
    elif network.settings.dataset == "doodles" and not chosen.drawn:
        st.warning(prose("your_picture", "drawings_only"), icon=":material/warning:")
    elif chosen.drawn and network.settings.dataset in ("photos", "own photos"):
        st.info(prose("your_picture", "photos_only"), icon=":material/info:")


def known_label(chosen: Chosen, classes: tuple[str, str]) -> int | None:
    """Return which class a picture is of: as drawn, or as the reader told; None where nobody did."""
    if chosen.is_cat is not None and classes == CATS:
        return int(chosen.is_cat)
    told: dict[tuple[str, tuple[str, str]], int] = st.session_state.get("told", {})
    return told.get((chosen.id, classes))


def _ask_label(chosen: Chosen, classes: tuple[str, str]) -> None:
    """Let the reader tell what is on a picture; kept in the session, for each picture and classes."""
    names = {"1": plain(classes[1]), "0": plain(classes[0]), NOT_TOLD: _("not told")}
    label = known_label(chosen, classes)
    st.session_state["it_is"] = NOT_TOLD if label is None else str(label)
    st.segmented_control(
        _("What does it show?"),
        list(names),
        format_func=names.__getitem__,
        key="it_is",
        required=True,
        on_change=_keep_label,
        # Not the picture itself: Streamlit holds these as long as the session lives.
        args=(chosen.id, classes),
    )


def _keep_label(id: str, classes: tuple[str, str]) -> None:
    told = st.session_state.setdefault("told", {})
    answer = st.session_state["it_is"]
    if answer in ("0", "1"):
        told[id, classes] = int(answer)
    else:
        told.pop((id, classes), None)


def _truth(label: int, says: int, classes: tuple[str, str]) -> str:
    if classes == CATS:
        truth = _("It is a cat") if label else _("It is no cat")
    else:
        truth = _("It is “{name}”").format(name=plain(classes[label]))
    if label == says:
        return _("{truth}: right.").format(truth=truth)
    return _("{truth}: the network is wrong.").format(truth=truth)


def notice(judged: Judged, network: History) -> str:
    """Say what is to be seen: with the sizes of this picture and the training of this network."""
    row = judged.small[0].size
    total = network.correct["train"][1] if "train" in network.correct else 0
    return prose("your_picture", "notice").format(row=row, total=total)
