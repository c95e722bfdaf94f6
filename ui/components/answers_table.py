"""A table of pictures and answers, of which one is picked.

It is a component because the names of files are a visitor's: in it they are text and nothing else,
neither Markdown nor HTML.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ui.components import component, source

_TABLE = component(
    "answers_table",
    html='<div class="answers"></div>',
    js=source("dom.js", "answers_table.js"),
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
