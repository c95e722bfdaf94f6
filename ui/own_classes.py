"""Your own classes: two folders of pictures become a data set of this session."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import streamlit as st

from ui import images, store
from ui.address import Choices, choice
from ui.frame import TEXT_WIDTH
from ui.pictures_lesson import counts_sentence, counts_table
from ui.room import ROOM, NoRoomError
from ui.text import _, plain, prose

from nncore.data import DataError, own, pictures
from nncore.data.dataset import Dataset

FROM = {"zip": _("one zip"), "files": _("two lots of files")}
FITS = {"stretch": _("all, stretched"), "crop": _("middle square")}
SHARES = {f"{share:.0%}".rstrip("%"): f"{share:.0%}" for share in own.SHARES}
CHOICES: Choices = {"own_from": FROM, "own_fit": FITS, "own_share": SHARES}
PICTURE_TYPES = ["png", "jpg", "jpeg", "jfif", "webp", "gif", "bmp", "tif", "tiff"]
MOST_LISTED = 100  # files that were left out
SHEET_ACROSS = 16  # small pictures in a row
FEW = 20  # pictures, of which little can be learned


def show() -> None:
    """Show the whole part: what can be sent, and the data set that came of it."""
    collection: own.Collection | None = st.session_state.get("own_collection")
    if collection is None:
        send()
        return
    dataset = _choose_split(collection)
    report(collection, dataset)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            "pages/train.py",
            label=_("Train a network on them"),
            icon=":material/show_chart:",
            query_params={"data": dataset.name},
        )
        st.button(
            _("Forget these pictures"),
            key="own_forget",
            icon=":material/delete:",
            type="tertiary",
            on_click=_forget,
            help=_("And what is being trained. A network already trained on them stays in use."),
        )
    show_pictures(dataset)
    show_refused(collection.refused)


def _forget() -> None:
    """Let go of the pictures, and of all in this session that still holds them."""
    st.session_state.pop("own_collection", None)
    store.keep_own(None)


# Sending --------------------------------------------------------------------------------------------


def send() -> None:
    """Let the reader send pictures, or take the sample; make a data set as soon as there is enough."""
    with st.container(border=True):
        source = choice(
            st.segmented_control, _("Send"), FROM, key="own_from", default="zip", required=True
        )
        # After a success the widgets are new and empty, so that the server lets the files go.
        turn = st.session_state.setdefault("own_turn", 0)
        if source == "zip":
            _from_zip(turn)
        else:
            _from_files(turn)
    _offer_sample()
    with st.expander(_("What is taken, and what not")):
        st.markdown(limits(), width=TEXT_WIDTH)


def limits() -> str:
    """Say the limits, with the numbers that are enforced."""
    return prose("pictures", "limits").format(
        zip=own.MOST_ZIP // 2**20,
        total=own.MOST_TOTAL // 2**20,
        bytes=pictures.MOST_BYTES // 2**20,
        pixels=pictures.MOST_PIXELS // 10**6,
        least=own.LEAST,
        most=own.MOST,
        side=own.SIDE,
    )


def _from_zip(turn: int) -> None:
    file = st.file_uploader(
        _("A zip with two folders, up to {mb} MB").format(mb=own.MOST_ZIP // 2**20),
        type=["zip"],
        key=f"own_zip_{turn}",
    )
    if file is not None:
        _make(file.file_id, lambda: own.unzip(file.getvalue()))


def _from_files(turn: int) -> None:
    lots: dict[int, tuple[str, list[Any]]] = {}
    for side, number in zip(st.columns(2, gap="large"), (1, 2), strict=True):
        with side:
            name = st.text_input(
                _("Name of class {n}").format(n=number),
                value={1: _("cat"), 2: _("non-cat")}[number],
                max_chars=own.LONGEST_CLASS,
                key=f"own_class_{number}",
                persist_state="session",
            )
            files = st.file_uploader(
                _("Pictures of class {n}").format(n=number),
                type=PICTURE_TYPES,
                accept_multiple_files=True,
                key=f"own_files_{number}_{turn}",
            )
        lots[number] = (name, files)
    ready = all(files for _name, files in lots.values())
    id = repr([(name, [file.file_id for file in files]) for name, files in lots.values()])
    pressed = st.button(
        _("Make the data set"),
        key="own_make",
        type="primary",
        disabled=not ready,
        help=None if ready else _("Both classes need pictures."),
    )
    if pressed:
        _try_again()
    if ready and (pressed or _failure(id)):
        _make(id, lambda: _taken(list(lots.values())))


def _taken(lots: Sequence[tuple[str, Sequence[Any]]]) -> own.Unpacked:
    own.check_total(sum(file.size for _name, files in lots for file in files))
    return own.take(
        [(name, [own.File(file.name, file.getvalue()) for file in files]) for name, files in lots]
    )


def _failure(id: str) -> str:
    """Return what was wrong with these very files, where that is known."""
    failed = st.session_state.get("own_failed")
    return str(failed[1]) if failed and failed[0] == id else ""


def _try_again() -> None:
    """Forget what was wrong with what was sent."""
    st.session_state.pop("own_failed", None)


def _make(id: str, unpack: Callable[[], own.Unpacked]) -> None:
    """Make a data set of what was sent; say what is wrong with it, once found out, until it changes."""
    message, later = _failure(id), st.session_state.get("own_may_fit_later", False)
    if not message:
        try:
            st.session_state["own_collection"] = _collect(unpack())
        except (DataError, NoRoomError) as error:
            message, later = str(error), isinstance(error, NoRoomError)
            st.session_state["own_failed"] = (id, message)
            st.session_state["own_may_fit_later"] = later
        else:
            st.session_state["own_turn"] += 1
            st.session_state.pop("own_failed", None)
            st.session_state["own_is_new"] = True
            st.rerun()
    st.error(plain(message))
    if later:
        st.button(_("Try again"), key="own_again", icon=":material/refresh:", on_click=_try_again)


def _collect(sent: own.Unpacked) -> own.Collection:
    """Decode what was sent, one file after the other, and show how far that is."""
    instead = _("Send fewer pictures.")
    ROOM.take(sent, sent.most_bytes, instead)
    classes = own.in_order(*sent.folders)
    total = sum(map(len, sent.folders.values()))
    seen: list[own.Small | own.Refused] = list(sent.refused)
    bar = st.progress(0.0)
    for done, item in enumerate(own.look_at(classes, sent.folders, store.decode), start=1):
        seen.append(item)
        bar.progress(done / total, text=_("picture {n} of {total}").format(n=done, total=total))
    bar.empty()
    collection = own.gather(classes, seen)
    ROOM.take(collection, collection.nbytes, instead, of=sent)
    return collection


@st.cache_resource(show_spinner=False)
def _sample() -> tuple[bytes, bytes]:
    """Draw the sample once for all visitors: the zip, and some of it as a sheet of pictures."""
    packed = own.sample_zip()
    folders = own.unzip(packed).folders
    few = [file for files in folders.values() for file in files[: images.ACROSS // 4]]
    shown = [pictures.frame(pictures.decode(file.raw).upright).small for file in few]
    return packed, images.contact_sheet(np.stack(shown), across=images.ACROSS // 4)


def _offer_sample() -> None:
    """Offer something to try it with: the first screen is never without."""
    packed, sheet = _sample()
    names = list(own.SAMPLE)
    st.markdown(
        _("**Nothing at hand?** Take {n} drawn {a} and {n} {b}.").format(
            n=own.SAMPLE_SIZE, a=names[0], b=names[1]
        )
    )
    st.image(sheet, width=480, alt=_("Drawings of {a} and of {b}.").format(a=names[0], b=names[1]))
    with st.container(horizontal=True):
        if st.button(_("Take them"), key="own_sample", icon=":material/draw:"):
            _make("sample", lambda: own.unzip(packed))
        st.download_button(
            _("Download them, to see how such a zip is made"),
            packed,
            file_name="two_classes.zip",
            mime="application/zip",
            key="own_sample_zip",
            icon=":material/download:",
            on_click="ignore",
        )


# What came of it ------------------------------------------------------------------------------------


def _choose_split(collection: own.Collection) -> Dataset:
    """Let the reader choose the fit and the split; make the data set the session's own."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        fit = choice(
            st.segmented_control,
            _("What is used"),
            FITS,
            key="own_fit",
            default="stretch",
            required=True,
            help=_("Of a picture that is not square; all become {n} × {n} pixels.").format(
                n=own.SIDE
            ),
        )
        share = choice(
            st.segmented_control,
            _("For the test"),
            SHARES,
            key="own_share",
            default="20",
            required=True,
            help=_("Of each class, so that both are tested in the same proportion."),
        )
        seed = st.number_input(
            _("Seed of the split"),
            min_value=0,
            max_value=2**31 - 1,
            value=1,
            key="own_seed",
            bind="query-params",
            persist_state="session",
            width=160,
            help=_("Which pictures are kept for the test. The network never learns from those."),
        )
    dataset = own.split(collection, fit=fit, share=int(share) / 100, seed=int(seed))
    store.keep_own(dataset)
    if st.session_state.pop("own_is_new", False):
        st.session_state["data"] = dataset.name  # who sends pictures wants to see them everywhere
    return dataset


def report(collection: own.Collection, dataset: Dataset) -> None:
    """Say what there is of each class, and how balanced that is."""
    st.markdown(counts_table(dataset))
    said = [counts_sentence(dataset)]
    counts = [collection.count(label) for label in (0, 1)]
    if max(counts) > 2 * min(counts):
        said.append(
            _(
                "There are {n:.2g} times as many {many} as {few}: a network may learn to say {many}. "
                "More {few} would help."
            ).format(
                n=max(counts) / min(counts),
                many=plain(dataset.classes[counts.index(max(counts))]),
                few=plain(dataset.classes[counts.index(min(counts))]),
            )
        )
    if sum(counts) < FEW:
        said.append(
            _("With {n} pictures in all, each test picture is worth a lot of luck.").format(
                n=sum(counts)
            )
        )
    if collection.refused:
        said.append(_("Left out: {n}, listed below.").format(n=len(collection.refused)))
    said.append(
        _("The data set is called {name} here; another split has another name.").format(
            name=f"`{dataset.name}`"
        )
    )
    st.markdown(_("**What to notice.** ") + " ".join(said), width=TEXT_WIDTH)


def show_pictures(dataset: Dataset) -> None:
    """Show all pictures that are used, small, class by class, as the network sees them."""
    for label in (1, 0):
        shown = np.concatenate(
            [
                dataset.train_images[dataset.train_labels[0] == label],
                dataset.test_images[dataset.test_labels[0] == label],
            ]
        )
        across = min(SHEET_ACROSS, len(shown))
        sheet = store.made(
            f"sheet of {label}",
            dataset,
            lambda shown=shown, across=across: images.contact_sheet(shown, across),
        )
        name = dataset.classes[label]
        st.markdown(f"**{plain(name)}**, {len(shown):,}")
        st.image(
            sheet,
            width=across * images.THUMBNAIL,
            alt=_("All {n} pictures of {name}.").format(n=len(shown), name=name),
        )


def show_refused(refused: Sequence[own.Refused]) -> None:
    """List the files that were left out, and why: names and reasons as plain text."""
    if not refused:
        return
    st.header(_("Left out"), anchor=False)
    lines = [_("| file | why |"), "|---|---|"]
    lines += [f"| {plain(each.name)} | {plain(each.reason)} |" for each in refused[:MOST_LISTED]]
    st.markdown("\n".join(lines))
    if len(refused) > MOST_LISTED:
        st.caption(_("And {n} more.").format(n=len(refused) - MOST_LISTED))
