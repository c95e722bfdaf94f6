"""The words of the pages. Longer prose stands in Markdown files, one for each page and language;
short strings go through gettext, so that a translation needs no change of code."""

import gettext
import re
from functools import cache
from pathlib import Path

LANGUAGE = "en"
HERE = Path(__file__).parent

_ = gettext.translation(
    "app", localedir=HERE / "locale", languages=[LANGUAGE], fallback=True
).gettext


def plain(text: str) -> str:
    """Keep text that is not ours (what a reader typed, a path, a key of a file) from being Markdown.

    Otherwise an address could make a visitor's browser fetch a picture from anywhere.
    """
    return re.sub(r"([\\`*_{}\[\]()<>#+!|~$:-])", r"\\\1", text)


@cache
def prose(page: str, part: str) -> str:
    """Return one part of a page's Markdown file: what follows the line ``<!-- part -->``."""
    text = (HERE / LANGUAGE / f"{page}.md").read_text(encoding="utf-8")
    pieces = re.split(r"^<!-- (\w+) -->$", text, flags=re.MULTILINE)
    return dict(zip(pieces[1::2], map(str.strip, pieces[2::2]), strict=True))[part]
