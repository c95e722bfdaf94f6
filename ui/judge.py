"""A picture of your own: where it comes from, its way to the column, the answer."""

import io
from dataclasses import dataclass

import streamlit as st

from ui import images, store
from ui.address import Choices, choice
from ui.text import _, plain, prose

from nncore.data import doodles, pictures
from nncore.forward import L_model_forward
from nncore.history import History

FITS = {"stretch": _("all, stretched"), "crop": _("middle square")}
SOURCES = {"sample": _("a sample"), "upload": _("a file"), "camera": _("the camera")}


@dataclass(frozen=True, eq=False)
class Chosen:
    """The picture in question: what it is called, and what is known of it."""

    title: str
    picture: pictures.Picture
    drawn: bool
    is_cat: bool | None = None  # where that is known


@st.cache_resource(show_spinner=False)
def _sample(id: str) -> Chosen:
    """Draw a sample as it would come from a file: one for all visitors."""
    from PIL import Image

    sample = next(sample for sample in doodles.samples() if sample.id == id)
    file = io.BytesIO()
    Image.fromarray(sample.draw(512)).save(file, "PNG")
    picture = pictures.decode(file.getvalue())
    return Chosen(sample.title, picture, drawn=True, is_cat=sample.kind in doodles.CATS)


def choices() -> Choices:
    """Return the choices that a link to the page may name by their ids."""
    return {
        "source": SOURCES,
        "sample": _titles(),
        "fit": FITS,
        "network": store.networks(),
    }


def _titles() -> dict[str, str]:
    return {sample.id: sample.title for sample in doodles.samples()}


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
        titles = _titles()
        first = next(iter(titles))
        return _sample(choice(st.selectbox, _("Sample"), titles, key="sample", default=first))
    if source == "upload":
        file = st.file_uploader(
            _("PNG, JPEG or WebP, to {mb} MB").format(mb=pictures.MOST_BYTES // 2**20),
            # Others may be chosen too, so that they get a sentence; not HEIC, which telephones turn
            # into JPEG by themselves where it is not asked for.
            type=["png", "jpg", "jpeg", "jfif", "webp", "gif", "bmp", "tif", "tiff"],
            key="upload",
        )
        return _remember("upload", file, _("your picture"))
    file = st.camera_input(_("Show it to the camera"), key="camera")
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
                kept.pop(source, None)  # an answer to another picture would look like one to this
                st.error(plain(str(error)))
                return None
            kept[source] = (file_id, Chosen(title, picture, drawn=False))
    elif source in kept:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(_("Still here: {title}.").format(title=title))
            st.button(
                _("Forget it"), key=f"forget_{source}", on_click=kept.pop, args=(source, None)
            )
    return kept[source][1] if source in kept else None


def _suited_network() -> str:
    """Return who knows what is shown: drawings are judged by one network, photos by another."""
    return "doodles" if st.session_state.get("source", "sample") == "sample" else "four_layer"


def _suit_the_network() -> None:
    """Change the judge with the kind of picture; who was trained in this session stays."""
    drawn = st.session_state.get("network") == "doodles"
    if st.session_state.get("network") != "session" and drawn != (_suited_network() == "doodles"):
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


MODES = {
    "1": _("black and white"),
    "L": _("grey"),
    "LA": _("grey with transparency"),
    "P": _("colour from a palette"),
    "RGB": _("colour"),
    "RGBA": _("colour with transparency"),
    "CMYK": _("printing colours"),
    "I;16": _("grey of 16 bits"),
}


def show_steps(chosen: Chosen, framed: pictures.Framed) -> None:
    """Show the picture at each step on its way to the column."""
    picture = chosen.picture
    side = framed.small.shape[0]
    notes = [_("turned as the camera noted") if picture.turned else _("already upright")]
    if picture.transparent:
        notes.append(_("transparent parts on white"))
    if max(picture.width, picture.height) > pictures.WORKING_SIZE:
        notes.append(_("worked on at {n} pixels").format(n=pictures.WORKING_SIZE))
    height, width, _channels = framed.framed.shape
    steps = (
        (
            _("1. The file"),
            images.on_checks(picture.stored),
            f"{picture.format}, {MODES.get(picture.mode, picture.mode)}, "
            f"{picture.width:,} × {picture.height:,}",
        ),
        (_("2. Upright"), picture.upright, ", ".join(notes)),
        (_("3. What is used"), framed.framed, f"{width:,} × {height:,}"),
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
        f"{'RGB'[k % 3]} {pixel:>3} → {value:.4f}"
        for k, (pixel, value) in enumerate(
            zip(framed.small.ravel()[:rows], framed.column[:rows, 0], strict=True)
        )
    ]
    return [*lines, "⋮"]


def show_answer(chosen: Chosen, framed: pictures.Framed, network: History) -> None:
    """Show the picture, the answer and its probability, and say what the network knows at all."""
    AL, _caches = L_model_forward(framed.column, network.parameters)
    probability = float(AL[0, 0])
    is_cat = probability > 0.5
    answer = (
        _(":green[:material/check_circle: cat]")
        if is_cat
        else _(":gray[:material/do_not_disturb_on: no cat]")
    )
    with st.container(horizontal=True, gap="medium"):
        st.image(framed.framed, width=150, alt=chosen.title)
        with st.container(width="content", gap="xxsmall"):
            st.markdown(_("The network says"))
            st.header(answer, anchor=False)
            st.markdown(
                _("with a probability of a cat of **{p}**").format(p=f"{probability:.4g}"),
                help=repr(probability),
            )
            if chosen.is_cat is not None:
                st.markdown(_truth(chosen.is_cat, is_cat))
    st.progress(probability, text=_("0 is surely no cat, 1 surely a cat; above 0.5 it says cat"))
    learned_from_drawings = network.settings.dataset == "doodles"
    if learned_from_drawings and not chosen.drawn:
        st.warning(prose("your_picture", "drawings_only"), icon=":material/warning:")
    elif chosen.drawn and not learned_from_drawings:
        st.info(prose("your_picture", "photos_only"), icon=":material/info:")


def _truth(is_cat: bool, says_cat: bool) -> str:
    truth = _("It is a cat") if is_cat else _("It is no cat")
    if is_cat == says_cat:
        return _("{truth}: right.").format(truth=truth)
    return _("{truth}: the network is wrong.").format(truth=truth)


def notice(framed: pictures.Framed, network: History) -> str:
    """Say what is to be seen: with the sizes of this picture and the training of this network."""
    row = framed.small.shape[1] * framed.small.shape[2]
    total = network.correct["train"][1] if "train" in network.correct else 0
    return prose("your_picture", "notice").format(row=row, total=total)
