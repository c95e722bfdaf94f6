"""Where a picture to be judged comes from: a sample, files of one's own, the camera."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from ui import store
from ui.address import choice
from ui.kept import clean
from ui.room import ROOM, NoRoomError
from ui.text import _, plain

from nncore.data import doodles, pictures

SOURCES = {"sample": _("a sample"), "upload": _("files"), "camera": _("the camera")}
MOST_FILES = 12
MOST_TOGETHER = 40 * 2**20  # bytes

# What the browser refuses by its name or size it says in a tooltip, which no finger opens.
REFUSALS = """<style>
.st-key-upload [data-testid="stFileChip"][aria-invalid] { flex-wrap: wrap; height: auto; }
.st-key-upload [data-testid="stFileChip"] [role="alert"] {
  position: static; width: 100%; height: auto; margin: 0; clip: auto; clip-path: none;
  white-space: normal; font-size: 0.85rem; padding: 0 0.3rem 0.2rem;
}
</style>"""


@dataclass(frozen=True, eq=False)
class Chosen:
    """A picture to be judged, and what is known of it.

    Attributes
    ----------
    id : str
        Which of all pictures: of a file what Streamlit calls it.
    title : str
        What it is called in sentences of ours.
    name : str
        Of the file, cleaned but not trusted: never Markdown, never HTML. Empty where there is none.
    picture : Picture
    drawn : bool
    is_cat : bool or None
        Where that is known.
    """

    id: str
    title: str
    name: str
    picture: pictures.Picture
    drawn: bool
    is_cat: bool | None = None


@dataclass(frozen=True)
class Refused:
    """A file that is not judged, and why."""

    id: str
    name: str
    why: str
    left_out: bool = False  # there were too many: it has not been looked at yet


def titles() -> dict[str, str]:
    """Return the samples, by id."""
    return {sample.id: sample.title for sample in doodles.samples()}


@st.cache_resource(show_spinner=False)
def _sample(id: str) -> Chosen:
    """Return a sample as it would come from a file: one for all visitors."""
    from PIL import Image

    sample = next(sample for sample in doodles.samples() if sample.id == id)
    file = io.BytesIO()
    Image.fromarray(sample.picture()).save(file, "PNG")
    picture = pictures.decode(file.getvalue())
    is_cat = sample.kind in doodles.CATS
    return Chosen(f"sample {id}", sample.title, "", picture, drawn=True, is_cat=is_cat)


def choose_pictures(on_source: Callable[[], None]) -> list[Chosen]:
    """Let the reader choose what is to be judged; an empty list while there is nothing.

    What was uploaded or photographed last stays the reader's until something else takes its place.

    Parameters
    ----------
    on_source : callable
        Called, before the page is drawn anew, when pictures are to come from somewhere else.
    """
    source = choice(
        st.segmented_control,
        _("Picture from"),
        SOURCES,
        key="source",
        default="sample",
        required=True,
        on_change=on_source,
    )
    if source == "sample":
        names = titles()
        first = next(iter(names))
        return [_sample(choice(st.selectbox, _("Sample"), names, key="sample", default=first))]
    if source == "upload":
        st.html(REFUSALS)
        files = st.file_uploader(
            _("PNG, JPEG or WebP, up to {mb} MB each; one, or up to {n}").format(
                mb=pictures.MOST_BYTES // 2**20, n=MOST_FILES
            ),
            # Not HEIC, which telephones turn into JPEG by themselves where it is not asked for.
            type=["png", "jpg", "jpeg", "jfif", "webp"],
            max_upload_size=pictures.MOST_BYTES // 2**20,
            accept_multiple_files=True,
            key="upload",
        )
        return _remember(source, files or [])
    photo = st.camera_input(_("Show it to the camera"), key="camera")
    return _remember(source, [] if photo is None else [photo])


def _forget(source: str) -> None:
    """Let go of the pictures, and of what was said of them."""
    st.session_state["own_pictures"].pop(source, None)
    st.session_state.pop("judged_pictures", None)


def _remember(source: str, files: Sequence[io.BytesIO]) -> list[Chosen]:
    """Decode new files once, and keep the pictures for reruns and for the way back to the page."""
    all_kept: dict[str, list[Chosen | Refused]]
    all_kept = st.session_state.setdefault("own_pictures", {})
    before = all_kept.get(source, [])
    if files:
        all_kept[source] = _read(source, files, {entry.id: entry for entry in before})
    elif before:
        with st.container(horizontal=True, vertical_alignment="center"):
            good = sum(isinstance(entry, Chosen) for entry in before)
            st.caption(
                _("Still here: your picture.")
                if good == 1
                else _("Still here: {n} pictures of yours.").format(n=good)
            )
            st.button(_("Forget"), key=f"forget_{source}", on_click=_forget, args=(source,))
    chosen = []
    for entry in all_kept.get(source, []):
        if isinstance(entry, Refused):
            with st.container(gap="xxsmall"):
                st.text(entry.name)
                st.error(plain(entry.why))
        else:
            chosen.append(entry)
    return chosen


def _read(
    source: str, files: Sequence[io.BytesIO], before: dict[str, Chosen | Refused]
) -> list[Chosen | Refused]:
    """Read files in their order; each that will not do is refused by itself."""
    entries: list[Chosen | Refused] = []
    bytes_left, bar = MOST_TOGETHER, None
    new = sum(str(getattr(file, "file_id", "")) not in before for file in files)
    for place, file in enumerate(files):
        id = str(getattr(file, "file_id", ""))
        name = clean(str(getattr(file, "name", ""))) or _("a file without a name")
        size = file.getbuffer().nbytes
        bytes_left -= size
        if place >= MOST_FILES:
            why = _(
                "At most {n} pictures are judged at once: this one is left out. Remove another."
            )
            entries.append(Refused(id, name, why.format(n=MOST_FILES), left_out=True))
        elif bytes_left < 0:
            bytes_left += size
            why = _(
                "With this one the files would have more than {mb} MB together: it is left out. "
                "Remove another, or save it smaller."
            )
            entries.append(Refused(id, name, why.format(mb=MOST_TOGETHER // 2**20), left_out=True))
        elif id in before and not getattr(before[id], "left_out", False):
            entries.append(before[id])
        else:
            if new > 2:
                bar = bar or st.empty()
                bar.progress(place / len(files), text=_("Reading the pictures"))
            try:
                picture = _decode(file.getvalue())
                if source == "camera":  # its name is only a date
                    entries.append(Chosen(id, _("your photo"), "", picture, drawn=False))
                else:
                    entries.append(Chosen(id, _("your picture"), name, picture, drawn=False))
                st.session_state["looked_at"] = id
            except NoRoomError as error:
                entries.append(Refused(id, name, str(error), left_out=True))
            except pictures.PictureError as error:
                entries.append(Refused(id, name, str(error)))
    if bar is not None:
        bar.empty()
    return entries


def _decode(raw: bytes) -> pictures.Picture:
    """Decode a picture, and take room for it: before it is decoded, for the largest there can be.

    Raises
    ------
    PictureError
        If it is no picture that can be read.
    NoRoomError
        If other visitors' pictures take all the room.
    """
    instead, place = _("Send fewer or smaller pictures."), _Place()
    ROOM.take(place, pictures.LARGEST, instead)
    picture = store.decode(raw)
    ROOM.take(picture, picture.nbytes, instead, of=place)
    return picture


class _Place:
    """What takes room for a picture until there is one."""


def looked_at(chosen: Sequence[Chosen]) -> Chosen:
    """Return the picture that is looked at in full: the newest, or the one that was picked."""
    wanted = st.session_state.get("looked_at")
    return next((one for one in chosen if one.id == wanted), chosen[-1])
