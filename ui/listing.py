"""Code on the screen: a line or two as it stands, whole functions when somebody asks for them.

Streamlit's `st.code` loads 1.6 MB of JavaScript, to colour the code and to copy it: worth it for a
function that somebody wants to read, not for a line in a first screen.
"""

import inspect
import re
from collections import defaultdict
from collections.abc import Callable
from html import escape
from typing import Any

import streamlit as st


def source_of(function: Callable[..., Any]) -> str:
    """Return the code of a function as it runs, without its docstring."""
    return re.sub(r'\n    """.*?"""', "", inspect.getsource(function), count=1, flags=re.DOTALL)


def lines(code: str) -> str:
    """Return a few lines of code, or of numbers, as HTML."""
    return f'<pre class="listing">{escape(code)}</pre>'


def show_lines(code: str) -> None:
    """Show a few lines of code, or of numbers."""
    st.html(lines(code))


@st.fragment
def offer_code(title: str, key: str, *code: Callable[..., Any] | str, note: str = "") -> None:
    """Offer code under a title: it is read and sent when that is opened.

    Parameters
    ----------
    title : str
    key : str
    *code : function or str
        Block by block: a function as it runs, or a few lines of Python.
    note : str
        Said below them.
    """
    opened = st.expander(title, on_change="rerun", key=key)
    if not opened.open:
        return
    with opened:
        texts = [block if isinstance(block, str) else source_of(block) for block in code]
        for k, text in enumerate(texts):
            with st.container(key=f"{key}_{k}"):
                st.code(text, language="python", wrap_lines=True)
        columns = "".join(_columns(f"{key}_{k}", text) for k, text in enumerate(texts))
        st.html(f"<style>{columns}</style>")
        if note:
            st.caption(note)


def _columns(key: str, code: str) -> str:
    """Return CSS that says at which column each line of a block begins, for where it is broken."""
    lines = defaultdict(list)
    for n, line in enumerate(code.splitlines(), start=1):
        lines[len(line) - len(line.lstrip())].append(f":nth-child({n})")
    return "".join(
        f".st-key-{key} .stCode code > :is({', '.join(which)}) {{ --column: {column} }}"
        for column, which in lines.items()
        if column
    )
