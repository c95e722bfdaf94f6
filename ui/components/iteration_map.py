"""The drawing of a network as a map of one iteration: the part is lit that is being talked about.

It draws with `network.js`. There the browser alone tells a film; here the page below changes with
each scene, so the server leads and the map follows. What the reader does in the map (a click on a
layer, an arrow key) and what playing does is told to the server.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ui.components import component, source, told

_QUIET = """
.controls { display: none; }
/* For ears only: the page says it beside the map. */
.caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
"""
_MAP = component(
    "iteration_map",
    html='<div class="network"></div>',
    css=source("network.css") + _QUIET,
    js=source("dom.js", "network.js", "iteration_map.js"),
)


@dataclass(frozen=True)
class Walked:
    """Where the reader went in the map.

    Attributes
    ----------
    index : int
        The scene, from 0.
    playing : bool
    """

    index: int
    playing: bool


def iteration_map(
    *,
    key: str,
    film: Mapping[str, Any],
    halves: Sequence[str],
    index: int,
    playing: bool,
    height: int,
    alt: str,
    on_walk: Callable[[], None],
) -> None:
    """Show the map.

    Parameters
    ----------
    key : str
    film : mapping
        From `ui.components.network.network_data`; its scenes are the steps of the iteration.
    halves : sequence of str
        For each scene which part of it is meant, where a scene of the drawing is two steps: "sums" of
        forward, "answers" or "weights" of backward; else "".
    index : int
        The scene that is lit.
    playing : bool
        Whether the map goes on by itself.
    height : int
    alt : str
    on_walk : callable
        Called before the rerun when the reader walked; `walked` then says where to.
    """
    data = dict(film) | {"key": key, "height": height, "autoplay": False, "alt": alt}
    data["hash"] = hashlib.sha256(json.dumps(data).encode()).hexdigest()[:16]
    _MAP(
        key=key,
        data={
            "film": data,
            "halves": list(halves),
            "index": index,
            "playing": playing,
            "echo": _said(key).get("n", 0),
        },
        height=height,
        on_at_change=on_walk,
    )


def walked(key: str, n: int) -> Walked | None:
    """Return where the reader went last in a map of n scenes; None where that makes no sense."""
    said = _said(key)
    index = said.get("index")
    if isinstance(index, bool) or not isinstance(index, int | float):
        return None
    if index != index or not 0 <= index < n or index != int(index):
        return None
    return Walked(int(index), said.get("playing") is True)


def _said(key: str) -> Mapping[str, Any]:
    """Return what the browser said last, with n a whole number; never trusted."""
    said = told(key, "at")
    if not isinstance(said, Mapping):
        return {}
    n = said.get("n")
    good = isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 2**31
    return {**said, "n": n if good else 0}
