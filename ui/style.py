"""The colours of the product and the one Plotly template that uses them.

Each colour has one meaning (see ``.streamlit/config.toml``, where the values stand, once for light
and once for dark). Components take the same values from Streamlit's CSS variables
(``--st-violet-color`` and so on), Markdown from its badges (``:violet-badge[forward]``).
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

CONFIG = Path(__file__).parents[1] / ".streamlit" / "config.toml"

MEANING = {
    "forward": "violetColor",
    "backward": "redColor",
    "update": "orangeColor",
    "cat": "greenColor",
    "non_cat": "grayColor",
    "data": "grayColor",
    "text": "textColor",
    "background": "backgroundColor",
    "surface": "secondaryBackgroundColor",
    "line": "borderColor",
}

# What the components draw with in front of a room: the same colours, as far from the paper as a poor
# projector needs. By the names of Streamlit's CSS variables.
STRONG = {
    "light": {
        "violet-color": "#4a1fa5",
        "red-color": "#b3001b",
        "orange-color": "#7a4b00",
        "green-color": "#005f56",
        "gray-color": "#3f4650",
        "text-color": "#000000",
        "border-color": "#7d8794",
    },
    "dark": {
        "violet-color": "#cdbaff",
        "red-color": "#ffa8a8",
        "orange-color": "#ffcc66",
        "green-color": "#6fe6d6",
        "gray-color": "#c9d1db",
        "text-color": "#ffffff",
        "border-color": "#8a95a3",
    },
}


@cache
def palette(theme: str) -> dict[str, str]:
    """Return the colour of each meaning, as ``#rrggbb``, for the "light" or the "dark" theme."""
    values = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["theme"][theme]
    return {meaning: values[option] for meaning, option in MEANING.items()}


def themed_ink(meaning: str) -> str:
    """Return the colour of a meaning for HTML, where it follows a change of theme at once."""
    return f"light-dark({palette('light')[meaning]}, {palette('dark')[meaning]})"


def diverging_scale(theme: str) -> list[list[Any]]:
    """Return the scale of signed numbers: blue below zero, neutral at zero, orange above."""
    if theme == "dark":
        return [[0, "#6aaef0"], [0.5, "#2a313b"], [1, "#f0914f"]]
    return [[0, "#2166ac"], [0.5, "#f4f4f2"], [1, "#c2570c"]]


@cache
def template(theme: str) -> dict[str, Any]:
    """Return the Plotly template, as a dict for ``layout.template``."""
    colour = palette(theme)
    axis = {
        "gridcolor": colour["line"],
        "linecolor": colour["line"],
        "zerolinecolor": colour["line"],
        "separatethousands": True,
        "ticks": "outside",  # which also keeps the two zeros at the origin apart
        "ticklen": 6,
        "tickcolor": colour["line"],
        "tickfont": {"size": 13, "color": colour["text"]},
        "title": {"font": {"size": 14, "color": colour["text"]}, "standoff": 8},
    }
    return {
        "layout": {
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": "Source Sans, sans-serif", "size": 14, "color": colour["text"]},
            "margin": {"l": 56, "r": 16, "t": 24, "b": 48},
            "xaxis": axis,
            "yaxis": axis,
            "hoverlabel": {"bgcolor": colour["surface"], "font": {"color": colour["text"]}},
            "legend": {"orientation": "h", "y": 1.03, "yanchor": "bottom", "x": 0},
            "separators": ".,",
        }
    }
