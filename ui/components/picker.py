"""Small pictures in a grid, each a button with a few words: look at many, choose one."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from ui.components import component, told

_PICKER = component(
    "picker",
    html='<div class="grid" role="group"></div>',
)


@dataclass(frozen=True)
class Tile:
    """One picture to pick.

    Attributes
    ----------
    id : str
    picture : str
        Its address: a data URL, see `ui.images.data_address`.
    title : str
        The picture in words, for who does not see it and where the pointer rests. Plain text.
    lines : tuple of str
        What stands below it, the first line bold. Plain text, never Markdown.
    """

    id: str
    picture: str
    title: str
    lines: tuple[str, ...]


def picker(
    tiles: Sequence[Tile],
    *,
    key: str,
    label: str,
    chosen: str | None = None,
    width: int = 104,
    on_pick: Callable[[], None],
) -> None:
    """Show pictures to choose from.

    Parameters
    ----------
    tiles : sequence of Tile
    key : str
    label : str
        What all of them are, in words.
    chosen : str or None
        The id of the one that is looked at now.
    width : int
        Of the narrowest button, in pixels.
    on_pick : callable
        Called before the rerun when the reader picked one; `picked` then says which.
    """
    _PICKER(
        key=key,
        data={
            "tiles": [asdict(tile) for tile in tiles],
            "label": label,
            "chosen": chosen,
            "width": width,
        },
        on_picked_change=on_pick,
    )


def picked(key: str) -> str | None:
    """Return the id that the reader picked just now, None where it makes no sense; never trusted."""
    id = told(key, "picked")
    return id if isinstance(id, str) and len(id) <= 40 else None
