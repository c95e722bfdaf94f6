"""The words of the pages. Longer prose stands in Markdown files, one for each page and language;
short strings go through gettext, so that a translation needs no change of code."""

import gettext
import re
from functools import cache
from html import escape
from pathlib import Path

import streamlit as st

LANGUAGE = "en"
HERE = Path(__file__).parent

_ = gettext.translation(
    "app", localedir=HERE / "locale", languages=[LANGUAGE], fallback=True
).gettext


JOINER = "\u2060"  # cannot be seen, and no line breaks at it
# What Streamlit's Markdown finds in text even where every sign of it is escaped: addresses, its own
# icons, two signs that make an arrow or a dash.
FOUND = re.compile(
    r"(?<=http)(?=s?:)|(?<=www)(?=\.)|(?=@)|(?<=:)(?=material/|streamlit:)|(?<=[<>=~-])(?=[<>=~-])",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """Keep text that is not ours (what a reader typed, a path, a key of a file) from being Markdown.

    Otherwise an address could make a visitor's browser fetch a picture from anywhere. Characters that
    cannot be seen, as those that turn the direction of writing, become spaces.
    """
    seen = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)
    escaped = re.sub(r"([\\`*_{}\[\]()<>#+!|~$:&=-])", r"\\\1", FOUND.sub(JOINER, seen))
    return re.sub(r"^(\s*\d+)\.", r"\1\\.", escaped, flags=re.MULTILINE)  # a list with numbers


def as_html(text: str) -> str:
    """Return a short string of ours, whose Markdown is bold, code and Streamlit's icons, as HTML.

    >>> as_html("**1 < 2**, says `a < b`")
    '<b>1 &lt; 2</b>, says <code>a &lt; b</code>'
    """
    text = escape(text, quote=False)
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    text = re.sub(r"`(.+?)`", r"<code>\1</code>", text)
    return re.sub(r":material/(\w+):", r'<span class="icon" aria-hidden="true">\1</span>', text)


def unbroken(text: str) -> str:
    """Keep a line from breaking at the hyphens of a name, as in the narrow columns of a table."""
    return text.replace("-", f"-{JOINER}")


def prose(page: str, part: str) -> str:
    """Return one part of a page's Markdown file: what follows the line ``<!-- part -->``.

    What asks the reader to change a setting stands there ``[[in brackets]]``, and is left out where the
    settings are hidden.
    """
    return _parts(page, "controls" in st.session_state.get("view_hidden", ()))[part]


@cache
def _parts(page: str, settings_hidden: bool) -> dict[str, str]:
    text = (HERE / LANGUAGE / f"{page}.md").read_text(encoding="utf-8")
    text = re.sub(r"\[\[(.+?)\]\]", "" if settings_hidden else r"\1", text, flags=re.DOTALL)
    pieces = re.split(r"^<!-- (\w+) -->$", text, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], map(str.strip, pieces[2::2]), strict=True))
