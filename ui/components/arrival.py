"""Begin at the top of a page that was chosen on another."""

from ui.components import component

_ARRIVAL = component(
    "arrival",
    html="<span hidden></span>",
)


def arrive(page: str, *, key: str) -> None:
    """Scroll to the top when another page was shown before, and fold a list that lies over this one."""
    _ARRIVAL(key=key, data={"page": page}, width=1, height=1)
