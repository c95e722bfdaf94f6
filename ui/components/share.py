"""The link to what is on the screen, copied with one click; and a form of it for a class."""

from collections.abc import Iterable, Mapping

from ui.components import component
from ui.text import _

_SHARE = component(
    "share",
    html='<div class="share"></div>',
)


def share_link(
    *, key: str, groups: Mapping[str, str], hidden: Iterable[str], present: bool
) -> None:
    """Show the address of this very view, ready to be copied.

    The browser knows it best, so the link is made there, and choosing what a class shall see asks
    the server nothing.

    Parameters
    ----------
    key : str
    groups : mapping of str to str
        What a link may hide: id to name.
    hidden : iterable of str
        The ids that are hidden now.
    present : bool
        Whether presenter mode is on now.
    """
    _SHARE(
        key=key,
        data={
            "groups": [{"id": id, "name": name} for id, name in groups.items()],
            "hidden": list(hidden),
            "present": present,
            "text": {
                "link": _("The link to this view"),
                "copy": _("Copy"),
                "copied": _("Copied"),
                "by_hand": _("Now press Ctrl+C, or ⌘C: the link is selected."),
                "class": _("For a class"),
                "hide": _("Hide"),
                "present": _("The link opens in presenter mode"),
                "note": _(
                    "The link does not show which lessons you have finished. “Show all controls”, in "
                    "presenter mode here under Share, brings back what is hidden."
                ),
            },
        },
    )
