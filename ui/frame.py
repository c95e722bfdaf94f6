"""The frame of every page: the list of pages, the way to each, its head and its foot."""

import gc
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from ui.store import describe, session_network
from ui.text import _

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Entry:
    """One page, in the order of the path through the lessons."""

    key: str
    title: str
    icon: str
    point: str

    @property
    def file(self) -> str:
        """The script, relative to app.py."""
        return f"pages/{self.key}.py"


ENTRIES = (
    Entry(
        "start",
        _("Start"),
        ":material/home:",
        _("A network learns to tell cats from other things, and you see every number on its way."),
    ),
    Entry(
        "train",
        _("Train"),
        ":material/show_chart:",
        _(
            "Training is one step repeated: answer, measure the error, change every weight a little."
        ),
    ),
    Entry(
        "your_picture",
        _("Your picture"),
        ":material/photo_camera:",
        _("A picture becomes a column of numbers; the column becomes one probability."),
    ),
)


def route() -> None:
    """Choose the page that the address asks for, and run it. Called by app.py alone."""
    st.set_page_config(
        page_icon=str(ROOT / "ui" / "icon.png"), layout="wide", initial_sidebar_state="auto"
    )
    _freeze_startup_objects()
    page = st.navigation(
        [
            st.Page(
                ROOT / entry.file,
                title=entry.title,
                icon=entry.icon,
                help=entry.point,
                default=entry is ENTRIES[0],
            )
            for entry in ENTRIES
        ]
    )
    st.session_state["_framed"] = True
    if wanted := st.session_state.pop("_wanted", None):
        file, query = wanted
        st.switch_page(file, query_params=query)
    page.run()


@st.cache_resource(show_spinner=False)
def _freeze_startup_objects() -> int:
    """Take what is loaded at the start out of garbage collection.

    Streamlit collects after every run; with all modules in the heap that costs 60 to 110 ms each time.
    """
    import numpy  # noqa: F401

    gc.collect()
    gc.freeze()
    return gc.get_freeze_count()


def open_page(key: str) -> Entry:
    """Show the head of a page. Every page calls this first.

    Where a folder `pages` lies beside app.py, the first request to a fresh server runs the page alone,
    without app.py. Then this goes through app.py and comes back, with the query kept.
    """
    entry = next(entry for entry in ENTRIES if entry.key == key)
    if "_framed" not in st.session_state:
        query = {name: st.query_params.get_all(name) for name in st.query_params}
        st.session_state["_wanted"] = (entry.file, query)
        st.switch_page("app.py", query_params=query)
    st.html(STYLE)
    own = session_network()
    if own is not None:
        st.sidebar.caption(describe(own))
    st.title(entry.title if entry is not ENTRIES[0] else _("See a neural network learn"))
    with st.container(key="point"):
        st.markdown(entry.point, width=TEXT_WIDTH)
    return entry


TEXT_WIDTH = 720  # pixels: about 75 characters a line

# The one style sheet: what the theme in .streamlit/config.toml cannot say.
STYLE = """
<style>
.stMainBlockContainer { max-width: 1180px; padding-top: 3.2rem; padding-bottom: 3rem; }
.stMainBlockContainer h1 { font-size: 2.1rem; letter-spacing: -0.01em; padding-bottom: 0; }
.st-key-point p { font-size: 1.1rem; }
.st-key-steps > div { flex: 1 1 128px; min-width: 128px; max-width: 200px; }
.st-key-steps .stCode pre { padding: 0.6rem; font-size: 0.78rem; }
.stMainBlockContainer h3 { font-size: 1.3rem; }
[data-variant="segmented_control"][data-selected="true"] { color: inherit; font-weight: 600; }
@media (max-width: 640px) {
  .stMainBlockContainer { padding: 2.6rem 1rem 2rem; }
  .stMainBlockContainer h1 { font-size: 1.7rem; }
}
</style>
"""


def close_page(entry: Entry) -> None:
    """Show the foot of a page: the page before and the page after."""
    place = ENTRIES.index(entry)
    st.divider()
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        if place > 0:
            before = ENTRIES[place - 1]
            st.page_link(before.file, label=before.title, icon=":material/arrow_back:")
        if place + 1 < len(ENTRIES):
            after = ENTRIES[place + 1]
            st.page_link(
                after.file,
                label=after.title,
                icon=":material/arrow_forward:",
                icon_position="right",
            )
