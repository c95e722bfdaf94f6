"""Choices that stand in the address of the page, by their ids.

Streamlit can bind a widget to the address itself, and number and text inputs use that. For a choice
it would write the words on the screen, which change with the language; links need to last longer.
"""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st


def choice(
    widget: Callable[..., Any],
    label: str,
    options: Mapping[str, str],
    *,
    key: str,
    default: str,
    **more: Any,
) -> str:
    """Show a choice by its names, keep it by its id: in the session, and in the address.

    An address that asks for what does not exist is answered with the default.

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
        The id that needs no mention in the address.
    more
        Handed on to the widget.
    """
    written = f"_{key}_in_address"
    asked = st.query_params.get(key)
    if asked in options and asked != st.session_state.get(written):
        st.session_state[key] = asked  # a link, or the way back in the browser
    if st.session_state.get(key) not in options:
        st.session_state[key] = default
    chosen: str = widget(
        label,
        list(options),
        format_func=options.__getitem__,
        key=key,
        persist_state="session",
        **more,
    )
    if chosen == default:
        st.query_params.pop(key, None)
    elif asked != chosen:
        st.query_params[key] = chosen
    st.session_state[written] = chosen
    return chosen
