"""What many tests share: the photos, the documented runs, and what to do without them."""

import html
import json
import multiprocessing
import os
import re
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
from streamlit.testing.v1 import AppTest

from ui import frame

from nncore import data, export, pretrained
from nncore.cases import runs
from nncore.data import photos
from nncore.history import History
from nncore.run import Recipe, Run
from tests.scripts import Started

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


def textbook(name: str) -> History:
    """A documented run by the textbook's loop, in another process (20 to 40 s)."""
    run = Run(data.load("photos"), runs()[name].settings, engine="textbook")
    return replace(complete(run), rewind=None)  # which cannot travel


@pytest.fixture(scope="session")
def textbook_at_work(photo_set: data.Dataset) -> Iterator[dict[str, Future[History]]]:
    """Both documented runs, one after the other, while others are tested."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        yield {name: pool.submit(textbook, name) for name in runs()}


@pytest.fixture(scope="session")
def documented_histories(textbook_at_work: dict[str, Future[History]]) -> dict[str, History]:
    """Both documented runs by the textbook's loop, once for all tests that look at them."""
    return {name: run.result(timeout=600) for name, run in textbook_at_work.items()}


@pytest.fixture(scope="session")
def documented_script(
    photo_set: data.Dataset, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Started]:
    """The exported script of the documented 4-layer run, at work in another process (40 s)."""
    network = pretrained.load("four_layer")
    text = export.script(Recipe(network.settings), network)
    started = Started(text, tmp_path_factory.mktemp("script"), photos.folder().resolve())
    yield started
    started.stop()


LONG = ("textbook_at_work", "documented_script")


@pytest.hookimpl(tryfirst=True)  # the groups are read by what hands them out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file is tested in one process, as are all who wait for a long run; what takes longest first."""
    for item in items:
        waits = any(name in getattr(item, "fixturenames", ()) for name in LONG)
        item.add_marker(pytest.mark.xdist_group("long" if waits else item.path.name))
    items.sort(key=lambda item: item.path.parent.name != "browser")


@pytest.fixture
def no_photos(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine on which the photos have never been; returns the empty default folder."""
    monkeypatch.delenv(photos.FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr(photos, "DEFAULT_FOLDER", tmp_path / "datasets")
    return tmp_path / "datasets"


@pytest.fixture
def on_doodles(no_photos: Path) -> None:
    """A machine without photos, on which the pages show doodles."""
