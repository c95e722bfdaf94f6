"""Components of our own: a few files of JavaScript and CSS each, sent inline, with no build step."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent


def source(*files: str) -> str:
    """Return files of this folder as one text: a script may stand in several."""
    return "\n".join((_HERE / file).read_text(encoding="utf-8") for file in files)


def component(
    name: str, *, html: str, js: str | None = None, css: str | None = None
) -> Callable[..., Any]:
    """Register a component; return what mounts it: `mount(key=..., data=..., ...)`.

    Its script has a function `render`, which streamlit.js calls: for a new place on the page, and again
    there for every change. What it returns, if anything, is called when the place is taken away.

    The data travel in a list of one, which the script takes apart: in a dict Streamlit looks for data
    frames, and loads pandas and pyarrow to know one, which takes half a second and 80 MB.

    Parameters
    ----------
    name : str
    html : str
    js, css : str, optional
        Without them, the files of that name; there need not be a style.
    """
    if js is None:
        js = source(f"{name}.js")
    if css is None and (_HERE / f"{name}.css").exists():
        css = source(f"{name}.css")
    registered = st.components.v2.component(
        name, html=html, css=css, js=f"{js}\n{source('streamlit.js')}"
    )

    def mount(*, key: str, data: dict[str, Any], **more: Any) -> Any:
        return registered(key=key, data=[data], **more)

    return mount


def told(key: str, name: str) -> Any:
    """Return what the browser said last under this name in a component; never trusted."""
    state = st.session_state.get(key)
    return state.get(name) if isinstance(state, Mapping) else None


def picked(key: str) -> str | None:
    """Return the id that the browser picked last in a table; never trusted to be one of its rows."""
    id = told(key, "pick")
    return id if isinstance(id, str) else None
