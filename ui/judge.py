"""A picture of your own: where it comes from, its way to the column, the answer."""

import io
from dataclasses import dataclass

import streamlit as st

from ui import images, store
from ui.address import choice
from ui.text import _, prose

from nncore.data import doodles, pictures
from nncore.forward import L_model_forward
from nncore.history import History

FITS = {"stretch": _("all, stretched"), "crop": _("middle square")}
SOURCES = {"sample": _("a sample"), "upload": _("a file"), "camera": _("the camera")}


@dataclass(frozen=True, eq=False)
class Chosen:
    """The picture in question: what it is called, and the picture."""

    title: str
    picture: pictures.Picture
    drawn: bool


@st.cache_resource(show_spinner=False)
def _sample(id: str) -> Chosen:
    """Draw a sample as it would come from a file: one for all visitors."""
    from PIL import Image

    sample = next(sample for sample in doodles.samples() if sample.id == id)
    file = io.BytesIO()
    Image.fromarray(sample.draw(512)).save(file, "PNG")
    return Chosen(sample.title, pictures.decode(file.getvalue()), drawn=True)


def choose_picture() -> Chosen | None:
    """Let the reader choose a picture; None while there is none.

    What was uploaded or photographed last stays the reader's until another takes its place.
    """
    source = choice(
        st.segmented_control,
        _("Picture from"),
        SOURCES,
        key="source",
        default="sample",
        required=True,
        on_change=_suit_the_network,
    )
    if source == "sample":
        titles = {sample.id: sample.title for sample in doodles.samples()}
        first = next(iter(titles))
        return _sample(choice(st.selectbox, _("Sample"), titles, key="sample", default=first))
    if source == "upload":
        file = st.file_uploader(
            _("PNG, JPEG or WebP, to {mb} MB").format(mb=pictures.MOST_BYTES // 2**20),
            type=["png", "jpg", "jpeg", "webp"],
            key="upload",
        )
        return _remember("upload", file, _("your picture"))
    file = st.camera_input(_("Look at the camera"), key="camera")
    return _remember("camera", file, _("your photo"))


def _remember(source: str, file: "io.BytesIO | None", title: str) -> Chosen | None:
    """Decode a new file once, and keep the picture for reruns and for the way back to the page."""
    kept: dict[str, tuple[str, Chosen]] = st.session_state.setdefault("own_pictures", {})
    if file is not None:
        file_id = str(getattr(file, "file_id", ""))
        if source not in kept or kept[source][0] != file_id:
            try:
                picture = store.decode(file.getvalue())
            except pictures.PictureError as error:
                st.error(str(error))
                return None
            kept[source] = (file_id, Chosen(title, picture, drawn=False))
    return kept[source][1] if source in kept else None


def _suited_network() -> str:
    """Return who knows what is shown: drawings are judged by one network, photos by another."""
    return "doodles" if st.session_state.get("source", "sample") == "sample" else "four_layer"


def _suit_the_network() -> None:
    """Change the judge with the kind of picture; who was trained in this session stays."""
    if st.session_state.get("network") != "session":
        st.session_state["network"] = _suited_network()


def choose_network() -> History:
    """Let the reader choose who judges: a network that ships, or the one trained in this session."""
    return store.network(
        choice(
            st.selectbox,
            _("Network"),
            store.networks(),
            key="network",
            default=_suited_network(),
        )
    )


def choose_fit() -> str:
    """Let the reader choose what becomes of a picture that is not square."""
    return choice(
        st.segmented_control,
        _("What is used"),
        FITS,
        key="fit",
        default="stretch",
        required=True,
        help=_("The network reads a square. The course stretches the whole picture into it."),
    )


def show_steps(chosen: Chosen, framed: pictures.Framed) -> None:
    """Show the picture at each step on its way to the column."""
    picture = chosen.picture
    side = framed.small.shape[0]
    turned = _("turned as the camera noted") if picture.turned else _("already upright")
    white = _("transparent parts on white") if picture.transparent else _("nothing transparent")
    steps = (
        (
            _("1. The file"),
            images.on_checks(picture.stored),
            f"{picture.format}, {picture.mode}, {picture.width:,} × {picture.height:,}",
        ),
        (_("2. Upright"), picture.upright, f"{turned}, {white}"),
        (_("3. What is used"), framed.framed, "{1} × {0}".format(*framed.framed.shape)),
        (
            _("4. Small"),
            images.enlarge(framed.small, 4),
            _("{side} × {side} pixels: all that the network sees").format(side=side),
        ),
    )
    row = st.container(horizontal=True, key="steps")
    for title, image, note in steps:
        with row.container():
            st.markdown(f"**{title}**")
            st.image(image, width="stretch", alt=f"{title} ({chosen.title})")
            st.caption(note)
    with row.container():
        st.markdown(_("**5. The column**"))
        st.code("\n".join(_first_numbers(framed)), language=None)
        st.caption(
            _("{n} numbers: row by row, red, green and blue of each pixel, divided by 255").format(
                n=f"{framed.column.shape[0]:,}"
            )
        )


def _first_numbers(framed: pictures.Framed, rows: int = 6) -> list[str]:
    """Write the first numbers of the column, as they come from the small picture."""
    lines = [
        f"{'RGB'[k % 3]} {pixel:>3}/255 = {value:.4f}"
        for k, (pixel, value) in enumerate(
            zip(framed.small.ravel()[:rows], framed.column[:rows, 0], strict=True)
        )
    ]
    return [*lines, "⋮"]


def show_answer(chosen: Chosen, framed: pictures.Framed, network: History) -> None:
    """Show the probability and the answer, and say what the network knows at all."""
    AL, _caches = L_model_forward(framed.column, network.parameters)
    probability = float(AL[0, 0])
    is_cat = probability > 0.5
    answer = (
        _(":green[:material/check_circle: cat]")
        if is_cat
        else _(":gray[:material/do_not_disturb_on: no cat]")
    )
    with st.container(horizontal=True, gap="large"):
        with st.container(width="content", gap="xxsmall"):
            st.markdown(_("The network says"))
            st.markdown(f"## {answer}")
        with st.container(width="content", gap="xxsmall"):
            st.markdown(_("Probability of a cat"), help=repr(probability))
            st.markdown(f"## {probability:.4g}")
    st.progress(probability, text=_("0 is surely no cat, 1 surely a cat; above 0.5 it says cat"))
    learned_from_drawings = network.settings.dataset == "doodles"
    if learned_from_drawings and not chosen.drawn:
        st.warning(prose("your_picture", "drawings_only"), icon=":material/warning:")
    elif chosen.drawn and not learned_from_drawings:
        st.info(prose("your_picture", "photos_only"), icon=":material/info:")
