"""What is kept: data sets for the whole server, runs and networks for one visitor's session."""

import threading
from dataclasses import dataclass, field

import streamlit as st

from ui.text import _

from nncore import data, pretrained
from nncore.data import photos, pictures
from nncore.data.dataset import Dataset
from nncore.history import History, Settings
from nncore.run import Run


def dataset(name: str) -> Dataset:
    """Return a data set, one read-only copy for all sessions.

    Raises
    ------
    DataError
        If it cannot be read; nothing is kept then, so that mending the files is enough.
    """
    return _dataset(name, photos.fingerprint() if name == "photos" else ())


@st.cache_resource(max_entries=2, show_spinner=False)
def _dataset(name: str, version: tuple[object, ...]) -> Dataset:
    return data.load(name)


_DECODING = threading.Lock()


def decode(raw: bytes) -> pictures.Picture:
    """Decode an uploaded picture; one at a time, for a large one takes much memory for a moment.

    Raises
    ------
    PictureError
        If it is no picture that can be read.
    """
    with _DECODING:
        return pictures.decode(raw)


# The run under way, and the network in use --------------------------------------------------------


@dataclass(eq=False)
class LiveRun:
    """The training of this session.

    Attributes
    ----------
    run : Run
    state : str
        "running", "paused" or "done".
    result : History or None
        The trained network, once it is done.
    previous : History or None
        The run before this one: the session's network until this run has one to offer.
    lock : Lock
        Streamlit may start a new pass over the page before the old one has ended: only one of them
        may advance the run.
    """

    run: Run
    state: str = "running"
    result: History | None = None
    previous: History | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def advance(self, seconds: float) -> None:
        """Go on for about that long; at the end, make the network the session's own."""
        if self.state == "running" and self.lock.acquire(blocking=False):
            try:
                self.run.advance(seconds)
            finally:
                self.lock.release()
            if self.run.finished:
                self.finish()

    def finish(self) -> None:
        """End the training, early or not, and make its network the session's own."""
        with self.lock:
            if self.state != "done":
                self.result = self.run.history()
                st.session_state["network"] = "session"  # what Your picture asks from now on
                self.state = "done"


def live_run() -> LiveRun | None:
    """Return this session's training, under way or ended."""
    live: LiveRun | None = st.session_state.get("live_run")
    return live


def start(run: Run) -> None:
    """Begin a new training in this session, in place of the one before."""
    before = session_network()
    st.session_state["live_run"] = LiveRun(run, previous=before)


def session_network() -> History | None:
    """Return the network that was last trained in this session."""
    live = live_run()
    return None if live is None else live.result or live.previous


def networks() -> dict[str, str]:
    """Return the networks that can be used now, by id, with their names; the session's own first."""
    names = {
        "doodles": _("A 4-layer network for doodles"),
        "four_layer": _("The documented 4-layer network, for photos"),
        "two_layer": _("The documented 2-layer network, for photos"),
    }
    own = session_network()
    return names if own is None else {"session": describe(own), **names}


def describe(own: History) -> str:
    """Name the network that was trained in this session."""
    return _("Trained here: {sizes} on {data}, to iteration {n}").format(
        sizes=sizes_text(own.settings),
        data=own.settings.dataset,
        n=f"{own.iterations[-1]:,}",
    )


def network(name: str) -> History:
    """Return a network by its id in `networks()`."""
    own = session_network()
    return own if name == "session" and own is not None else pretrained.load(name)


def sizes_text(settings: Settings) -> str:
    """Write the sizes of the layers, as 12,288 – 20 – 7 – 5 – 1."""
    return " – ".join(f"{size:,}" for size in settings.layers_dims)
