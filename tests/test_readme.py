"""The README names every page and every file of the network; the picture taker knows every page."""

import re
from pathlib import Path

import pytest

from ui.frame import ENTRIES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_page_is_in_the_readme_in_its_order() -> None:
    named = re.findall(r"\*\*([^*]+)\*\*", README.split("Its pages,")[1].split("## ")[0])
    assert [name for name in named if name in {entry.title for entry in ENTRIES}] == [
        entry.title for entry in ENTRIES
    ]


def test_every_file_of_the_network_is_on_the_map() -> None:
    files = {path.name for path in (ROOT / "nncore").glob("*.py")} - {"__init__.py"}
    assert {name for name in files if f"`{name}`" not in README} == set()


def test_the_pictures_of_the_readme_are_there_and_small() -> None:
    pictures = re.findall(r"\]\((docs/[^)]+\.png)\)", README)
    assert pictures
    assert all((ROOT / picture).stat().st_size < 300_000 for picture in pictures)


def test_every_page_is_taken() -> None:
    pytest.importorskip("playwright")
    from docs.take_pictures import VIEWS

    taken = {view.path.split("?")[0].strip("/") or "start" for view in VIEWS}
    assert taken == {entry.key for entry in ENTRIES}
