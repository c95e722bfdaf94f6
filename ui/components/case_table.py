"""The table of documented cases, of which one is picked; the page goes to it, in the same tab."""

from collections.abc import Callable, Mapping, Sequence

from ui.components import component, source

ROW = 41  # pixels; see case_table.css

_TABLE = component(
    "case_table",
    html='<div class="cases"></div>',
    js=source("dom.js", "case_table.js"),
)


def case_table(
    *,
    key: str,
    head: Sequence[str],
    rows: Sequence[Mapping[str, str | bool]],
    leads_to: str,
    on_pick: Callable[[], None],
) -> None:
    """Show the table.

    Parameters
    ----------
    key : str
    head : sequence of five str
        Of the columns case, agreement, notebooks, difference and tolerance.
    rows : sequence of mapping
        Each with "id", "agrees", "said" (the same in a word), "sources", "difference" and
        "tolerance".
    leads_to : str
        The key of the container that the page goes to.
    on_pick : callable
        Called before the rerun when the reader picks a case; `picked` then says which.
    """
    _TABLE(
        key=key,
        data={"head": list(head), "rows": list(rows), "to": leads_to},
        height=ROW * (len(rows) + 1) + 20,
        on_pick_change=on_pick,
    )
