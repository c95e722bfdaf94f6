"""What every page keeps in the session and in the address: what is hidden, shown how, and done."""

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType

import streamlit as st

from ui.text import _

# What a link may hide, and what it is called.
HIDEABLE = MappingProxyType(
    {
        "controls": _("Settings: every choice, slider and field"),
        "question": _("The question at the end"),
        "answers": _("What is right and why, after an answer"),
        "nav": _("The ways to other pages"),
        "rest": _("All but the documented case, where a page shows one"),
    }
)

# The lessons, in the order of the path, each with what it is called in an address.
LESSONS = MappingProxyType(
    {
        "shapes": "shapes",
        "initialise": "initialise",
        "forward_and_cost": "forward",
        "backward_and_update": "backward",
        "one_iteration": "iteration",
        "notebook_numbers": "numbers",
    }
)


@dataclass(frozen=True)
class View:
    """How the pages are shown, and how far the visitor is.

    Attributes
    ----------
    hidden : tuple of str
        Ids of `HIDEABLE`.
    present : bool
        Whether they are shown to a room: large, and without what leads elsewhere.
    done : tuple of str
        Keys of the lessons whose question has been answered rightly, in the order of the path.
    """

    hidden: tuple[str, ...] = ()
    present: bool = False
    done: tuple[str, ...] = ()

    @property
    def query(self) -> dict[str, str]:
        """What an address has to say so that this view opens; nothing of what goes without saying.

        >>> View(hidden=("controls",), present=True, done=("forward_and_cost",)).query
        {'hide': 'controls', 'present': '1', 'done': 'forward'}
        """
        said = {
            "hide": ",".join(self.hidden),
            "present": "1" if self.present else "",
            "done": ",".join(LESSONS[lesson] for lesson in self.done),
        }
        return {name: value for name, value in said.items() if value}


def among(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return which of the known ids a text from an address names, in our order; the rest is ignored.

    >>> among("question,moon,controls,controls", HIDEABLE)
    ('controls', 'question')
    """
    asked = set(text[:400].split(","))
    return tuple(id for id in known if id in asked)


def current() -> View:
    """Return the view of this session."""
    state = st.session_state
    answered = state.get("answered", ())
    return View(
        hidden=state.get("view_hidden", ()),
        present=state.get("view_present", False),
        done=tuple(lesson for lesson in LESSONS if lesson in answered),
    )


def take() -> None:
    """Take over what the address says. Lessons done there are added to those of the session."""
    query, state = st.query_params, st.session_state
    if "hide" in query:
        state["view_hidden"] = among(query["hide"], HIDEABLE)
    if "present" in query:
        state["view_present"] = query["present"] == "1"
    ids = among(query.get("done", ""), LESSONS.values())
    for lesson, id in LESSONS.items():
        if id in ids:
            mark_done(lesson)


def write() -> None:
    """Write the session's view into the address, which a way within the app leaves behind."""
    query, wanted = st.query_params, current().query
    for name in ("hide", "present", "done"):
        if name in query and name not in wanted:
            del query[name]
    if any(query.get(name) != value for name, value in wanted.items()):
        query.update(wanted)


def mark_done(lesson: str) -> None:
    """Note that the question of a lesson has been answered rightly."""
    st.session_state.setdefault("answered", set()).add(lesson)


def instead_of_settings(said: str) -> None:
    """Say, where a link hides the settings, what they would say."""
    if "controls" in current().hidden:
        st.caption(said)


def show_all() -> None:
    """Hide nothing any more."""
    st.session_state["view_hidden"] = ()
    st.query_params.pop("hide", None)


def present(on: bool) -> None:
    """Turn presenter mode on or off."""
    st.session_state["view_present"] = on
    if not on:
        st.query_params.pop("present", None)
