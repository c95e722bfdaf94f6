"""What many tests share: the photos, the documented runs, and what to do without them."""

import os
from pathlib import Path
from typing import NoReturn

import pytest

from nncore import data
from nncore.cases import runs
from nncore.data import photos
from nncore.history import History
from nncore.run import Run


def do_without(reason: str) -> NoReturn:
    """Skip a test that lacks something; where everything is said to be at hand, fail it."""
    if os.environ.get("NNCORE_TEST_ALL"):
        pytest.fail(f"NNCORE_TEST_ALL is set, but {reason}")
    pytest.skip(reason)


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


@pytest.fixture(scope="session")
def documented_histories(photo_set: data.Dataset) -> dict[str, History]:
    """Both documented runs by the textbook loop, once for all tests that look at them (40 s)."""
    return {
        name: complete(Run(photo_set, run.settings, engine="textbook"))
        for name, run in runs().items()
    }


@pytest.fixture
def no_photos(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine on which the photos have never been; returns the empty default folder."""
    monkeypatch.delenv(photos.FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr(photos, "DEFAULT_FOLDER", tmp_path / "datasets")
    return tmp_path / "datasets"


@pytest.fixture
def on_doodles(no_photos: Path) -> None:
    """A machine without photos, on which the pages show doodles."""
