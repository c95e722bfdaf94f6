"""Choices, and entries of arrays, that stand in the address of the page."""

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx

from nncore.data.own import is_own


def choice(
    widget: Callable[..., Any],
    label: str,
    options: Mapping[str, str],
    *,
    key: str,
    default: str,
    foreign: bool = False,
    follows: bool = False,
    **more: Any,
) -> str:
    """Show a choice by its names; return its id, and keep it in the session and in the address.

    Streamlit writes the chosen name into the address. A link may also carry the id (``?model=own``),
    which does not change with the language; `with_names` makes it the name. An address that asks for
    what does not exist is answered with the default. Where two pages give one name to different
    choices, as ``part``, each finds its own again.

    Parameters
    ----------
    widget : callable
        `st.segmented_control` or `st.selectbox`.
    label : str
    options : mapping of str to str
        Id to name.
    key : str
        The name in the address and in the session.
    default : str
        The id to begin with.
    foreign : bool
        Whether what the session holds is of another page, and not to be taken over.
    follows : bool
        Whether the default may become another, and who has chosen nothing moves with it, as an address
        that names nothing does.
    more
        Handed on to the widget.
    """
    asked = st.query_params.get(key)
    if asked in options and options[asked] != asked:
        st.session_state[key] = asked
    elif key in st.session_state and (foreign or st.session_state[key] not in options):
        st.session_state[key] = st.session_state.get(_memory(key, options), default)
    before = st.session_state.get(f"_made of {key}", _Made(default, default, by_reader=False))
    held = st.session_state.get(key)
    if follows and asked is None and not before.by_reader and held == before.default:
        st.session_state[key] = default
    # The default also where the session holds another value, which then wins: where the browser goes
    # back to an address that names none, it is what comes.
    preset = (
        {"default": default}
        if widget is st.segmented_control
        else {"index": list(options).index(default)}
    )
    chosen: str | None = widget(
        label,
        list(options),
        format_func=options.__getitem__,
        key=key,
        bind="query-params",
        persist_state="session",
        **preset,
        **more,
    )
    chosen = default if chosen is None else chosen
    st.session_state.setdefault("_in_address", {})[key] = chosen != default
    st.session_state[_memory(key, options)] = chosen
    by_reader = chosen != default or (before.by_reader and chosen == before.choice)
    st.session_state[f"_made of {key}"] = _Made(chosen, default, by_reader)
    return chosen


@dataclass(frozen=True)
class _Made:
    """What a choice was, what its default was, and whether the reader has made it."""

    choice: str
    default: str
    by_reader: bool


def name_ahead(key: str, text: str) -> None:
    """Write into the address what a callback has set for a widget that only the next pass may bring.

    Streamlit itself writes what is set of a widget that it knows, and lets nobody else.
    """
    with suppress(StreamlitAPIException):
        st.query_params[key] = text


def _memory(key: str, options: Mapping[str, str]) -> str:
    return f"_{key} of {', '.join(options)}"


Cell = tuple[str, int, int]  # the name of an array, row and column from 0


def read_cell(text: str) -> Cell | None:
    """Read an entry from an address, where it is counted from 1 as beside the matrices.

    >>> read_cell("dW2.1.3"), read_cell("dW2.0.x")
    (('dW2', 0, 2), None)
    """
    name, *places = text[:40].split(".")
    if len(places) != 2 or not all(p.isascii() and p.isdigit() and int(p) for p in places):
        return None
    return name, int(places[0]) - 1, int(places[1]) - 1


def write_cell(name: str, row: int, column: int) -> str:
    """Write an entry as it stands in an address.

    >>> write_cell("dW2", 0, 2)
    'dW2.1.3'
    """
    return f"{name}.{row + 1}.{column + 1}"


Choices = Mapping[str, Mapping[str, str]]


def with_names(choices: Choices) -> dict[str, list[str]]:
    """Return the query of the address, with the ids of these choices made names."""
    query = {}
    for key in st.query_params:
        names = choices.get(key, {})
        query[key] = [names.get(value, value) for value in st.query_params.get_all(key)]
    return query


def finite(query: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Leave infinite numbers out of a query: Streamlit fails to make them whole ones.

    Which fields are for whole numbers is not known here; a text that says no more than "inf" goes, too.
    """
    return {key: values for key, values in query.items() if not any(map(_is_infinite, values))}


def _is_infinite(text: str) -> bool:
    """Say whether a text is read as an infinite number.

    >>> [_is_infinite(text) for text in ("1e309", " -Infinity", "12", "in")]
    [True, True, False, False]
    """
    with suppress(ValueError):
        return math.isinf(float(text))
    return False


def lost_on_the_way(choices: Choices) -> dict[str, list[str]]:
    """Return what the address named when this page was turned to, and is missing.

    Where two pages have a choice or a field of one name, as ``case``, Streamlit takes what a link to
    the second says for one on the first, and drops it. What the browser asked for is all the page's own
    when it goes back; else that of the page before, and then, of these choices, the link's.
    """
    context = get_script_run_ctx()
    if context is None:
        return {}
    asked, back = parse_qs(context.query_string), by_history()
    before = {} if back else st.session_state.get("_in_address", {})
    lost = {}
    for key in asked if back else choices:
        names = choices.get(key, {})
        if key not in st.query_params and len(asked.get(key, ())) > before.get(key, False):
            lost[key] = [names.get(asked[key][-1], asked[key][-1])]
    return lost


def by_history() -> bool:
    """Say whether the visitor has come to this pass of the page by Back or Forward of the browser."""
    context = get_script_run_ctx()
    return context is not None and bool(context.is_history_navigation)


def not_to_be_had(choices: Choices) -> dict[str, tuple[str, list[str]]]:
    """Return what the address asks for that is none of these choices: by key, the value and the ids."""
    return {
        key: (value, list(names))
        for key, names in choices.items()
        if names and (value := st.query_params.get(key)) is not None
        if value not in names and value not in names.values() and not is_own(value)
    }


OWN = ("step", "cell", "branch")  # what the app reads from the address itself, and keeps there


def not_taken(asked: Mapping[str, str]) -> dict[str, tuple[str, str | None]]:
    """Return what of an address a page could not take: by key, what was asked, and what is instead.

    For the end of a page. What a field cannot hold, as a number beyond its ends, Streamlit takes out of
    the address without a word, and what the field begins with, too.
    """
    found: dict[str, tuple[str, str | None]] = {}
    for key, text in asked.items():
        now = [st.query_params.get(key), st.session_state.get(key)]
        there = [str(value) for value in now if value is not None]
        if any(_same(text, value) for value in there) or not (there or key in OWN):
            continue
        found[key] = text, there[0] if there else None
    return found


def _same(text: str, other: str) -> bool:
    """Say whether two texts say the same, or the same number.

    >>> _same("0.50", "0.5"), _same("-5", "5"), _same("4, 3", "4,3")
    (True, False, False)
    """
    with suppress(ValueError):
        return float(text) == float(other)
    return text == other
