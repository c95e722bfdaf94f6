"""A table of numbers by their names, of which each leads to where it is explained."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ui.components import component, source

_TABLE = component(
    "numbers_table",
    html='<div class="numbers"></div>',
    js=source("dom.js", "numbers_table.js"),
)


def numbers_table(
    *,
    key: str,
    head: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    say: str,
    on_pick: Callable[[], None],
) -> None:
    """Show the table.

    Parameters
    ----------
    key : str
    head : sequence of str
        Of the columns; the name comes first.
    rows : sequence of mapping
        Each with "name", "id" (what `picked` returns, or None where it leads nowhere), "cells" (the
        other columns) and "agrees".
    say : str
        What pressing a name does, with the name in ``{name}``.
    on_pick : callable
        Called before the rerun when the reader presses a name; `picked` then says which.
    """
    _TABLE(
        key=key,
        data={"head": list(head), "rows": list(rows), "say": say},
        on_pick_change=on_pick,
    )
