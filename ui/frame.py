"""The frame of every page: the list of pages, the way to each, its head and its foot."""

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.errors import StreamlitAPIException

from ui import collect_garbage, give_back, view
from ui.address import (
    Choices,
    by_history,
    finite,
    lost_on_the_way,
    not_taken,
    not_to_be_had,
    with_names,
)
from ui.components.arrival import arrive
from ui.components.presenter import presenter_keys
from ui.components.share import share_link
from ui.store import describe, session_network
from ui.style import STRONG
from ui.text import _, plain, prose

from nncore import pretrained

ROOT = Path(__file__).parents[1]
# Seconds in which a browser draws a first screen; one that has just come first loads what draws it.
PAUSE, FIRST_PAUSE = 0.4, 1.5
# Pages that ask a network, and the key of what chooses it.
ASKS = {"results": "judged", "your_picture": "network"}
MOST_IDS = 8  # of a choice, that are named where an address asks for another
NO_CHOICES: Choices = MappingProxyType({})


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
        _("A network learns to tell cats from other things, and you watch how it does so."),
    ),
    Entry(
        "shapes",
        _("Shapes"),
        ":material/grid_on:",
        _(
            "Every array has two axes, and a formula works only where they agree: learn to read them."
        ),
    ),
    Entry(
        "initialise",
        _("Initialise"),
        ":material/casino:",
        _(
            "The first weights are random; how large they are decides whether a deep network learns."
        ),
    ),
    Entry(
        "forward_and_cost",
        _("Forward and cost"),
        ":material/arrow_forward:",
        _("From numbers to an answer, layer by layer; and one number for how wrong it is."),
    ),
    Entry(
        "backward_and_update",
        _("Backward and update"),
        ":material/arrow_back:",
        _("For every weight: how much did it add to the error? Then a small step to do better."),
    ),
    Entry(
        "one_iteration",
        _("One iteration"),
        ":material/footprint:",
        _("One step of learning: every number says where it came from, and gradients are tested."),
    ),
    Entry(
        "pictures",
        _("Pictures"),
        ":material/photo_library:",
        _("What a network learns from: labelled pictures, each one column of numbers."),
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
        "results",
        _("Results"),
        ":material/grading:",
        _(
            "How good is the network, and how much of that is luck? Every mistake it makes, looked at."
        ),
    ),
    Entry(
        "your_picture",
        _("Your picture"),
        ":material/photo_camera:",
        _("A picture becomes a column of numbers; the column becomes one probability."),
    ),
    Entry(
        "notebook_numbers",
        _("Notebook numbers"),
        ":material/fact_check:",
        _("Every number that the course's notebooks print, computed again."),
    ),
)

LESSONS = tuple(view.LESSONS)


def route() -> None:
    """Choose the page that the address asks for, and run it. Called by app.py alone."""
    _choose_page().run()


def _choose_page() -> st.Page:
    """Tell the browser which pages there are; return the one that its address asks for."""
    st.set_page_config(
        page_icon=str(ROOT / "ui" / "icon.png"), layout="wide", initial_sidebar_state="auto"
    )
    collect_garbage()
    if st.get_option("client.showErrorDetails") == "stacktrace":  # as Community Cloud sets it
        st.set_option("client.showErrorDetails", "none")  # a trace helps no visitor
    view.take()  # here for the ticks beside the pages
    done = view.current().done
    page = st.navigation(
        [
            st.Page(
                ROOT / entry.file,
                title=entry.title,
                icon=":material/check_circle:" if entry.key in done else entry.icon,
                help=entry.point,
                default=entry is ENTRIES[0],
            )
            for entry in ENTRIES
        ]
    )
    st.session_state["_framed"] = True
    return page


def open_page(key: str, choices: Choices = NO_CHOICES) -> Entry:
    """Show the head of a page. Every page calls this first.

    Where a folder `pages` lies beside app.py, Streamlit takes it for all there is until the pages have
    been named: the first request to a fresh server runs a page without app.py. All on it would be
    mounted anew at the first change, and what was done forgotten; so it is run once more, through it.

    Parameters
    ----------
    key : str
        Of the page's `Entry`.
    choices : mapping
        The choices that a link to this page may name by their ids, see `ui.address`.
    """
    entry = next(entry for entry in ENTRIES if entry.key == key)
    if "_framed" not in st.session_state:
        _choose_page()
        st.rerun()
    query, turned = with_names(choices), st.session_state.get("_page") != key
    if turned:
        query |= lost_on_the_way(choices)
        st.session_state["_not_to_be_had"] = not_to_be_had(choices)
        st.session_state["_not_taken"] = {}
        _note_what_is_asked(key, choices)
    else:  # the pass in which the page was opened did not come to its end
        st.session_state.pop("_asked", None)
    query = finite(query)
    if any(query.get(name) != st.query_params.get_all(name) for name in {*query, *st.query_params}):
        with suppress(StreamlitAPIException):  # a link followed within the session: only the
            st.switch_page(entry.file, query_params=query)  # address bar then keeps the id
    view.take()
    view.write()
    now = view.current()
    st.session_state["_breathes"] = turned
    st.session_state["_page"] = key
    with st.sidebar:  # where it takes no room; as Markdown, which is there before HTML can be
        st.markdown(STYLE + _style_of(now) + _places_of(choices), unsafe_allow_html=True)
    st.session_state["passes"] = st.session_state.get("passes", 0) + 1
    if st.session_state["passes"] == 1:
        give_back()  # somebody comes, others have left
    title = entry.title if entry is not ENTRIES[0] else _("See a neural network learn")
    with st.container(key="head", horizontal=True, vertical_alignment="center"):
        st.title(title, anchor=False)
        _tools(entry, now)
    with st.container(key="point"):
        st.markdown(entry.point, width=TEXT_WIDTH)
        _say_what_is_not_to_be_had()
        _say_what_was_not_taken()
    with st.sidebar:  # where it takes no room from the page
        arrive(key, key="arrival")
        st.session_state["_name_of_network"] = st.empty()
    name_network()
    return entry


def _say_what_is_not_to_be_had() -> None:
    """Say which choices of the address are none here, and which there are, until the page is left."""
    for key, (value, ids) in st.session_state["_not_to_be_had"].items():
        there = ", ".join(f"`{id}`" for id in ids[:MOST_IDS])
        if len(ids) > MOST_IDS:
            there = _("{ids} and {n} more").format(ids=there, n=len(ids) - MOST_IDS)
        said = _(
            "The address asks for “{value}” ({key}), which is not here; the page begins as it does "
            "without. There are: {ids}."
        ).format(value=plain(value[:60]), key=plain(key), ids=there)
        if set(pretrained.NAMES) <= set(ids):
            said += " " + _("A network that was trained in a session stays in that session.")
        st.info(said, width=TEXT_WIDTH)


def _note_what_is_asked(page: str, choices: Choices) -> None:
    """Keep what the address says of this page's fields until the page has run, see `close_page`.

    An entry of the browser's history says what the page itself has written there.
    """
    if by_history():
        st.session_state.pop("_asked", None)
        return
    # A pass before this one may have left an infinite number out.
    of, before = st.session_state.get("_asked", (page, {}))
    asked = before if of == page else {}
    left_out = {*choices, "hide", "present", "done"}
    asked |= {k: v for k, v in st.query_params.to_dict().items() if k not in left_out}
    st.session_state["_asked"] = page, asked


def _say_what_was_not_taken() -> None:
    """Say which of the address's settings no field could take, until the page is left."""
    for key, (asked, now) in st.session_state["_not_taken"].items():
        said = _("The address asks for “{value}” ({key}), which cannot be set here")
        said += _("; it is left out.") if now is None else _("; the page begins with {now}.")
        words = {"value": asked, "key": key, "now": now or ""}
        said = said.format(**{name: plain(text[:60]) for name, text in words.items()})
        st.info(said, width=TEXT_WIDTH)


def arrives() -> bool:
    """Say whether the page has just been opened, and not run again by a widget; before `breathe`."""
    return bool(st.session_state.get("_breathes"))


def breathe() -> None:
    """Let the browser draw the first screen of a page, before the rest of it comes.

    A browser draws in the order in which it is fed, and a page of formulas and charts keeps a slow one
    busy for seconds. Called where the first screen ends, once a page; it waits when the page is opened,
    not when a widget runs it again.
    """
    if st.session_state.pop("_breathes", False):
        time.sleep(FIRST_PAUSE if st.session_state["passes"] == 1 else PAUSE)


def name_network() -> None:
    """Say below the list of pages which network is in use; anew where that may have changed.

    Never within a fragment: what one has written goes when it runs again.
    """
    own, place = session_network(), st.session_state["_name_of_network"]
    if own is None:
        place.empty()
    else:
        place.caption(_("The network in use: {name}").format(name=plain(describe(own))))


def settings_place() -> DeltaGenerator:
    """Return a place for settings: in sight, but on a phone folded under a switch.

    There they would push what they change out of the first screen. Streamlit's own expander begins
    alike at every width; so the style sheet folds. What holds a message is not folded.
    """
    st.toggle(_("Show the settings"), key="unfold")
    return st.container(key="settings")


def _places_of(choices: Choices) -> str:
    """Return the style that keeps the place of a widget while its code is on its way.

    One that is as wide as what it says has no label above, but for the choices of a page.
    """
    wide = '.stElementContainer[class*="st-key-"]:not([width="fit-content"])'
    places = [wide, *(f".st-key-{key}" for key in choices)]
    rows = ", ".join(f'{place}:has(> [data-testid="stSkeleton"])' for place in places)
    return f"<style>{rows} {{ min-height: {LABELLED}px; }}</style>"


def _tools(entry: Entry, now: view.View) -> None:
    """Show, at the same place on every page, how far the visitor is and the link to this view."""
    with st.container(key="tools", horizontal=True, width="content", vertical_alignment="center"):
        if said := _progress(entry, now):
            st.caption(said, width="content")
        if now.hidden and not now.present:
            _offer_all()
        with st.popover(_("Share"), icon=":material/link:", type="tertiary", key="share"):
            share_link(
                key="share_link", groups=view.HIDEABLE, hidden=now.hidden, present=now.present
            )
            st.caption(prose("frame", "not_in_the_link"))
            if entry.key in ASKS and st.session_state.get(ASKS[entry.key]) == "session":
                st.caption(prose("frame", "trained_here"))
            st.session_state["presenting"] = now.present
            st.toggle(
                _("Presenter mode, here and now"),
                key="presenting",
                help=prose("frame", "presenter"),
                on_change=lambda: view.present(st.session_state["presenting"]),
            )
            if now.hidden and now.present:  # a room need not read it
                _offer_all()


def _offer_all() -> None:
    st.button(_("Show all controls"), key="show_all", type="tertiary", on_click=view.show_all)


def _progress(entry: Entry, now: view.View) -> str:
    """Say which lesson this is, and how many are done."""
    said = []
    if entry.key in LESSONS:
        said.append(_("Lesson {k} of {n}").format(k=LESSONS.index(entry.key) + 1, n=len(LESSONS)))
        if entry.key in now.done:
            said[0] += " ✓"
    if now.done:
        said.append(_("{k} of {n} done").format(k=len(now.done), n=len(LESSONS)))
    return " · ".join(each.replace(" ", "\u00a0") for each in said)  # a line breaks between the two


TEXT_WIDTH = 720  # pixels: about 75 characters a line

LABELLED = 68  # pixels: how high a widget with its label is
# The one style sheet: what the theme in .streamlit/config.toml cannot say.
STYLE = """
<style>
.stMainBlockContainer { max-width: 1180px; }
.st-key-point p { font-size: 1.1rem; }
.st-key-tools { margin-left: auto; }
.stApp .st-key-arrival { min-height: 0; }
.st-key-first_step a {
  padding: 0.5rem 1.1rem; border-radius: 8px; background: light-dark(#334155, #52708f);
}
.st-key-first_step a:hover { background: light-dark(#475569, #5f7f9f); }
.st-key-first_step a * { color: #ffffff !important; font-weight: 600; }
.st-key-unseen { display: none; }
[class*="st-key-card_"] .stPageLink { margin-left: -0.5rem; } /* the icon in line with the text */
.stMarkdown td code { white-space: nowrap; }
.stMarkdown table { display: block; width: fit-content; max-width: 100%; overflow-x: auto; }
.stMarkdown td:has(> [role="img"]:first-child) { white-space: nowrap; } /* a sign and its word */
.stApp .stMarkdown table :is(th, td) { padding-inline: 0.6rem; }
.stApp .stColumn .stMarkdown table :is(th, td) { padding: 0.35rem 0.4rem; font-size: 0.875rem; }
/* Segments stand apart, each whole: joined ones lose an edge where they wrap, which no style can tell.
   And they wrap everywhere: in some rows Streamlit would cut them off and let them scroll. */
.stApp [role="radiogroup"]:has(> [data-variant="segmented_control"]) {
  flex-wrap: wrap; gap: 4px; overflow: visible;
}
.stApp [data-variant="segmented_control"] { margin: 0; padding-inline: 0.8rem; border-radius: 8px; }
.stApp [data-variant="segmented_control"]:not([data-selected="true"]) {
  border-color: light-dark(#d9dde3, #39424f) !important;
}
[data-variant="segmented_control"][data-selected="true"] {
  color: inherit !important; font-weight: 600 !important;
  background: light-dark(#e3e7ec, #334155) !important;
}
/* In the dark Streamlit's button without a frame nearly vanishes while it is pressed or open. */
.stApp button[kind="tertiary"]:not(:disabled) { color: inherit; }
.stApp button[kind="tertiary"]:hover:not(:disabled) p { text-decoration: underline; }
/* Streamlit's own grey falls short of the contrast that small text needs. */
.stApp [data-testid="stCaptionContainer"] { opacity: 0.76; }
.stApp [data-testid="stSliderThumbValue"] p { color: light-dark(#334155, #a7c0da); }
.stApp .listing { margin: 0; padding: 0.7rem 0.9rem; border-radius: 8px; font-size: 0.875rem;
  line-height: 1.6; white-space: pre-wrap; overflow-wrap: anywhere;
  font-family: "Source Code Pro", monospace; background: light-dark(#f4f5f7, #1c222b); }
/* In code, too, green, amber and violet would mean something. */
.stApp .stCode .token { color: inherit; }
.stApp .stCode .token:is(.keyword, .boolean) { font-weight: 600; }
.stApp .stCode .token:is(.comment, .string) { opacity: 0.76; }
/* Where a line is broken, it goes on farther in than it began: `listing.py` says at which column. */
.stApp .stCode code[style*="pre-wrap"] > span {
  display: block; padding-left: calc(var(--column, 0) * 1ch + 2ch);
  text-indent: calc(var(--column, 0) * -1ch - 2ch);
}
/* A message is told by its sign and its words: green, red and amber have other meanings here. */
.stApp .stAlertContainer { background: var(--st-secondary-background-color, #8881); color: inherit;
  border-left: 4px solid #8a94a3; }
.stApp .stAlertContainer p { color: inherit; }
.stApp .stAlertContainer:has([data-testid="stAlertContentError"]) { border-left-color: currentColor; }
.stApp [data-testid="stAlertContentError"]:not(:has([data-testid="stAlertDynamicIcon"])) {
  position: relative; padding-left: 2rem;
}
.stApp [data-testid="stAlertContentError"]:not(:has([data-testid="stAlertDynamicIcon"]))::before {
  content: "!"; position: absolute; left: 0; top: 0.1rem; width: 1.3rem; height: 1.3rem;
  display: grid; place-items: center; border: 2px solid; border-radius: 50%;
  font-size: 0.8rem; font-weight: 700; line-height: 1;
}
/* One scale of type and of heights. */
.stApp [data-testid="stMetricValue"] { font-size: 1.6rem; line-height: 1.3; }
.stApp [data-testid="stImageCaption"] { text-align: left; }
.stApp [data-variant="segmented_control"] { min-height: 2.5rem; }
.st-key-question :is(label, [role="radiogroup"]) p { font-size: 1rem; }
.stRadio label:has(:focus-visible) {
  outline: 2px solid currentColor; outline-offset: 1px; border-radius: 4px;
}
@media (pointer: coarse) { .st-key-question [role="radiogroup"] label { padding-block: 0.5rem; } }
a:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; border-radius: 4px; }
.st-key-answer h2 { font-size: 1.6rem; }
.st-key-answer { scroll-margin-top: 5rem; } /* below Streamlit's bar */
@media (min-width: 641px) {
  .stApp .st-key-unfold { display: none; }
  .st-key-number { max-width: 340px; }
}
@media (max-width: 640px) {
  .stApp .stCode code { font-size: 0.75rem; }
  /* So that the probability and its "?" share a line at 360 pixels. */
  .stElementContainer:has(+ * > .st-key-answer), .stElementContainer:has(+ * > .st-key-answer) img {
    max-width: 104px;
  }
  :has(> .st-key-unfold):not(:has(> .st-key-unfold :checked, > * > .st-key-settings .stAlert))
    > :has(> .st-key-settings) { display: none; }
  .stMainBlockContainer { padding-left: 1rem; padding-right: 1rem; }
  .stColumn:not(:has(.stElementContainer)) { display: none; } /* below another one it would be a hole */
  .st-key-head { flex-wrap: nowrap; align-items: flex-start; }
  .st-key-tools { flex-direction: column; align-items: flex-end; gap: 0; }
  .st-key-tools [data-testid="stCaptionContainer"] { max-width: 7rem; text-align: right; }
  .stApp [data-variant="segmented_control"] { padding-inline: 0.6rem; }
  .stApp .stMarkdown table :is(th, td) { padding: 0.35rem 0.45rem; font-size: 0.875rem; }
  /* What a row is about stays in sight while the rest of it scrolls. */
  .stApp .stMarkdown table :is(th, td):first-child {
    position: sticky; left: 0; z-index: 1; max-width: 40vw;
    background: var(--paper); background-clip: padding-box; /* the table's lines are not its own */
  }
}
/* For all hands, eyes and papers. A bracket is drawn 2 pixels beside its box: with room for it a
   formula scrolls only where it is too wide; what scrolls, browsers make a stop of the Tab key. */
.stApp .katex-display { padding: 3px 2px; }
.stApp :is(a, .katex-display, table):focus-visible {
  outline: 2px solid currentColor !important; outline-offset: 2px;
}
/* What is wider than its place shows a shadow where it goes on: two that stay, under two of paper that
   scroll away with the content's ends. They end above a scrollbar, which is no paper. The tables of our
   components take it from here. */
.stApp {
  --paper: light-dark(#ffffff, #12161c); --shade: light-dark(#00000038, #ffffff2b);
  --strip: 14px calc(100% - 12px) no-repeat scroll;
  --goes-on:
    linear-gradient(to right, var(--paper) 30%, transparent) left / 40px 102% no-repeat local,
    linear-gradient(to left, var(--paper) 30%, transparent) right / 40px 102% no-repeat local,
    linear-gradient(to right, var(--shade), transparent) left 1px top / var(--strip),
    linear-gradient(to left, var(--shade), transparent) right 1px top / var(--strip);
}
@media (pointer: coarse) { .stApp { --strip: 14px 100% no-repeat scroll; } } /* no bar of its own */
.stApp .stMarkdown table, .stApp .katex-display { background: var(--goes-on); }
[data-testid="stSidebarNav"] a:focus-visible { outline-offset: -2px; }
[data-testid="stSidebar"][data-collapsed="true"] { visibility: hidden; }
@media (forced-colors: active) { /* what else is told by a background alone */
  [data-variant="segmented_control"][data-selected="true"] {
    outline: 3px solid Highlight; outline-offset: -3px;
  }
  .stSlider [role="group"] { forced-color-adjust: none; }
}
@media print {
  [data-testid="stSidebar"], [data-testid="stHeader"], [data-testid="stExpandSidebarButton"],
  .stButton, .stDownloadButton, .stFileUploader, .stPopover { display: none !important; }
  .stPageLink:not([class*="st-key-card_"] *) { display: none !important; }
  .stMainBlockContainer { max-width: none; padding: 0; }
  .stMarkdown table { display: table; width: auto; }
  .stApp .katex-display, .stCode pre { overflow: visible; }
  .stApp .katex-display > .katex { white-space: normal; font-size: 0.85em; }
  .stCode pre, .stCode code { white-space: pre-wrap !important; overflow-wrap: anywhere; }
  h1, h2, h3 { break-after: avoid; }
  tr, img, .katex-display, .stPlotlyChart, .stBidiComponent { break-inside: avoid; }
}
</style>
"""


# What hides each group. The state from the link still applies; `display: none` also takes what is
# hidden out of the way of the keyboard. Presses of a button and the steps of a walk are no settings.
WIDGETS = (
    ".stSelectbox, .stSlider, .stNumberInput, .stTextInput, .stTextArea, .stButtonGroup, .stCheckbox, "
    ".stFileUploader, .stCameraInput, .stColorPicker, .stMultiSelect"
)
SELECTORS = {
    "controls": (
        f".stMain .stElementContainer:not(.st-key-walk *):has({WIDGETS}), "
        ".stMain .stPopover:not(.st-key-tools *), .stMain .stColumn:has(.st-key-controls), "
        '.stMain [class*="st-key-controls"]'
    ),
    "question": ".st-key-question",
    "answers": ".st-key-answers",
    "rest": (
        ".stMain .stVerticalBlock:has(.st-key-documented_case)"
        " > :not(:has(.st-key-documented_case)):not(:has(.st-key-head))"
    ),
    "nav": (
        '[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"], .st-key-foot, '
        '.stMain .stElementContainer:has(.stPageLink), .stMain [class*="st-key-iterate"]'
    ),
}

# In front of a room: everything larger, nothing that leads elsewhere but the foot, no pale grey.
PRESENT = """
[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"] { display: none !important; }
@media (min-width: 641px) {
  :root { --larger: 1.35; }
  .stMainBlockContainer { zoom: var(--larger); max-width: none; padding-top: 3rem; }
  [data-testid="stPopoverBody"] > * { zoom: var(--larger); }
  .st-key-walk .stSlider { padding-left: 1.6rem; } /* room for what Streamlit centres without a zoom */
  /* Plotly takes the pointer where it would be without a zoom; so there, only the letters grow. */
  .stPlotlyChart { zoom: calc(1 / var(--larger)); }
}
@media (min-width: 1800px) { :root { --larger: 1.8; } }
@media (min-width: 2500px) { :root { --larger: 2.5; } }
@media (min-width: 3600px) { :root { --larger: 3.6; } }
.stPlotlyChart .main-svg :is(.xtick text, .ytick text, .xtitle, .ytitle) { font-size: 17px !important; }
.stApp [data-testid="stCaptionContainer"] { opacity: 1; }
.stNumberInput button { width: 1.2rem; } /* room for the number beside them */
.stSelectbox input { padding-right: 0; } /* room for what is chosen */
"""


def _style_of(now: view.View) -> str:
    """Return the style sheet of what is hidden, and of presenter mode."""
    rules = [f"{SELECTORS[group]} {{ display: none !important; }}" for group in now.hidden]
    if now.present:
        strong = STRONG[st.context.theme.type or "light"]
        colours = " ".join(f"--st-{name}: {value} !important;" for name, value in strong.items())
        rules += [PRESENT, f".stBidiComponent, .stBidiComponent div {{ {colours} }}"]
    return f"<style>{' '.join(rules)}</style>" if rules else ""


def first_step() -> None:
    """Show where to begin, or, when lessons are done, where to go on."""
    now = view.current()
    left = [entry for entry in ENTRIES if entry.key in LESSONS and entry.key not in now.done]
    to = left[0] if left else next(entry for entry in ENTRIES if entry.key == "train")
    words = _("Go on with {page}") if now.done else _("Begin with {page}")
    with st.container(key="first_step", width="content"):
        st.page_link(
            to.file,
            label=words.format(page=to.title),
            icon=":material/arrow_forward:",
            icon_position="right",
            width="content",
            query_params=now.query,
        )


def close_page(entry: Entry) -> None:
    """Show the foot of a page: the page before and the page after; and which network is in use.

    The network is named once more, for the page may have trained it.
    """
    name_network()
    now = view.current()
    place = ENTRIES.index(entry)
    with st.container(key="foot"):
        st.divider()
        with st.container(horizontal=True, horizontal_alignment="distribute" if place else "right"):
            if place > 0:
                _way(ENTRIES[place - 1], "back", now)
            if place + 1 < len(ENTRIES):
                _way(ENTRIES[place + 1], "next", now)
    if now.present:
        presenter_keys(key="presenter_keys")
    if st.session_state["passes"] == 1:
        _bring_widgets()
    _page, asked = st.session_state.pop("_asked", (entry.key, {}))
    if found := not_taken(asked):
        st.session_state["_not_taken"] = found
        st.rerun()


def _bring_widgets() -> None:
    """Have the browser load what draws the widgets of the other pages, once this one is there.

    By itself it loads the code of a kind of widget when the first of the kind comes, shows a grey bar
    meanwhile, and takes that away half a second later at the earliest (React lets no such bars follow
    one another faster). So one of each kind stands here unseen until the next pass. What is seldom
    needed, for charts, listings and files, waits for its first use.
    """
    with st.container(key="unseen"):
        st.markdown("<i></i> $x$", unsafe_allow_html=True)
        st.html("<i></i>")
        st.metric(" ", 0)
        st.progress(0)
        st.button(" ", key="unseen_button")
        st.number_input(" ", key="unseen_number")
        st.radio(" ", [" "], key="unseen_radio")
        st.segmented_control(" ", [" "], key="unseen_segments")
        st.selectbox(" ", [" "], key="unseen_select")
        st.slider(" ", key="unseen_slider")
        st.text_area(" ", key="unseen_texts")
        st.text_input(" ", key="unseen_text")
        st.toggle(" ", key="unseen_toggle")


def _way(to: Entry, which: Literal["back", "next"], now: view.View) -> None:
    """Link to a page before or after."""
    with st.container(key=f"foot_{which}", width="content"):
        st.page_link(
            to.file,
            label=to.title,
            icon=":material/arrow_back:" if which == "back" else ":material/arrow_forward:",
            icon_position="left" if which == "back" else "right",
            query_params=now.query,
        )
