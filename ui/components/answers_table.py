"""A table of pictures and answers, of which one is picked.

It is a component because the names of files are a visitor's: in it they are text and nothing else,
neither Markdown nor HTML.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from ui.components import component

_HERE = Path(__file__).parent
_TABLE = component(
    "answers_table",
    html='<div class="answers"></div>',
    css=(_HERE / "answers_table.css").read_text(encoding="utf-8"),
    js=(_HERE / "answers_table.js").read_text(encoding="utf-8"),
)


def answers_table(
    *,
    key: str,
    head: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    at: str,
    caption: str,
    on_pick: Callable[[], None],
) -> None:
    """Show the table.

    Parameters
    ----------
    key : str
    head : sequence of five str
        Of the columns picture, file, answer, probability and steadiness.
    rows : sequence of mapping
        Each with "id", "picture" (an address that holds it), "alt", "name", "second" (whether the
        answer is the second class), "answer", "probability" and "steady".
    at : str
        The id of the row that is picked.
    caption : str
    on_pick : callable
        Called before the rerun when the reader picks a row; `picked` then says which.
    """
    _TABLE(
        key=key,
        data={"head": list(head), "rows": list(rows), "at": at, "caption": caption},
        on_pick_change=on_pick,
    )


def picked(key: str) -> str | None:
    """Return the id that the browser picked last; never trusted to be one of the rows."""
    state = st.session_state.get(key)
    id = state.get("pick") if isinstance(state, Mapping) else None
    return id if isinstance(id, str) else None
