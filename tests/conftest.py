"""What many tests share: the photos, the documented runs, and what to do without them."""

import html
import json
import os
import re
from pathlib import Path
from typing import NoReturn

import pytest
from streamlit.testing.v1 import AppTest

from ui import frame

from nncore import data
from nncore.data import photos
from nncore.history import History
from nncore.run import Run

frame.PAUSE = frame.FIRST_PAUSE = 0  # no browser has anything to draw


def do_without(reason: str) -> NoReturn:
    """Skip a test that lacks something; where everything is said to be at hand, fail it."""
    if os.environ.get("NNCORE_TEST_ALL"):
        pytest.fail(f"NNCORE_TEST_ALL is set, but {reason}")
    pytest.skip(reason)


def components(app: AppTest) -> list[dict]:
    """What the components of the page were sent, from the top."""
    return [json.loads(part.proto.json)[0] for part in app.get("bidi_component")]


def charts(app: AppTest) -> list[dict]:
    """What the charts on the page were sent, from the top; Plotly's are not among them."""
    return [each for each in components(app) if "panels" in each]


def listings(app: AppTest) -> list[str]:
    """The lines of code, and of numbers, that stand on the page."""
    bodies = [part.proto.body for part in app.get("html")]
    found = [re.fullmatch(r'<pre class="listing">(.*)</pre>', body, re.DOTALL) for body in bodies]
    return [html.unescape(match[1]) for match in found if match]


def ledger_of(app: AppTest) -> str:
    """The steps from a file to a column, and the slips, as they are read: without tags."""
    body = next(body for part in app.get("html") if 'class="way"' in (body := part.proto.body))
    return html.unescape(re.sub("<style>.*?</style>|<[^>]+>", "", body, flags=re.DOTALL))


def points(chart: dict, panel: int = 0) -> list[dict]:
    """The lines, signs and bars of a panel: without its rules and notes."""
    marks = chart["panels"][panel]["marks"]
    return [mark for mark in marks if mark["kind"] in ("points", "bars")]


@pytest.fixture(scope="session")
def photo_set() -> data.Dataset:
    """The course's photos."""
    if not photos.present():
        do_without("the course's photos are not here (python -m nncore fetch gets them)")
    return data.load("photos")


@pytest.fixture(scope="session")
def own_images() -> list[Path]:
    """Photos such as a learner would try, in the folder that NNCORE_TEST_IMAGES names."""
    folder = os.environ.get("NNCORE_TEST_IMAGES")
    if not folder:
        do_without("NNCORE_TEST_IMAGES names no folder with photos to try")
    return sorted(Path(folder).glob("*.jpg"))


def complete(run: Run) -> History:
    """Run to the end."""
    while not run.finished:
        run.advance(seconds=1.0)
    return run.history()


@pytest.fixture
def no_photos(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine on which the photos have never been; returns the empty default folder."""
    monkeypatch.delenv(photos.FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr(photos, "DEFAULT_FOLDER", tmp_path / "datasets")
    return tmp_path / "datasets"


@pytest.fixture
def on_doodles(no_photos: Path) -> None:
    """A machine without photos, on which the pages show doodles."""
