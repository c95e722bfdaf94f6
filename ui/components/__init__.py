"""Components of our own: a few files of JavaScript and CSS each, sent inline, with no build step."""

from collections.abc import Callable
from typing import Any

import streamlit as st


def component(name: str, *, html: str, js: str, css: str | None = None) -> Callable[..., Any]:
    """Register a component; return what mounts it: `mount(key=..., data=..., ...)`.

    The data travel in a list of one, which the script takes apart: in a dict Streamlit looks for data
    frames, and loads pandas and pyarrow to know one, which takes half a second and 80 MB.
    """
    registered = st.components.v2.component(name, html=html, css=css, js=js)

    def mount(*, key: str, data: dict[str, Any], **more: Any) -> Any:
        return registered(key=key, data=[data], **more)

    return mount
