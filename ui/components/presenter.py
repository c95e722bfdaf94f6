"""One key for the next step, in front of a room."""

from ui.components import component

_PRESENTER = component(
    "presenter",
    html="<span hidden></span>",
)

# What a step is: the film's or the walk's next scene. A page has one of them at most.
FORWARD = (".st-key-walk_next button", ".network button.next")
BACK = (".st-key-walk_back button", ".network button.back")


def presenter_keys(*, key: str) -> None:
    """Answer the keys that a presenter's remote sends: PageDown and PageUp, and left and right.

    The next step where the page has steps, else the next screenful, and after the last the next page.
    """
    _PRESENTER(
        key=key,
        data={
            "forward": {"steps": list(FORWARD), "page": ".st-key-foot_next a"},
            "back": {"steps": list(BACK), "page": ".st-key-foot_back a"},
        },
    )
