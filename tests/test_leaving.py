"""Who leaves in mid-training: the work stops, in whatever part of the app it was."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ui import pictures_lesson, store
from ui.store import LINE

from nncore import data
from nncore.history import History, Settings
from nncore.run import Recipe
from tests.test_pages import open_app

LONG = Settings((12288, 100, 1), 0.0075, 20_000, "scaled", 77, "doodles")  # most of a minute
KNOBS = {"model": "own", "hidden": "100", "iterations": "20000", "seed": "77", "data": "doodles"}


@pytest.fixture
def in_use() -> History:
    """A network that says it has had a long training: its like take as long."""
    doodles, rng = data.load("doodles"), np.random.RandomState(0)
    return History(
        settings=LONG,
        iterations=np.array([0, LONG.num_iterations]),
        costs=np.array([0.7, 0.1]),
        parameters={
            "W1": rng.randn(100, 12288) / 100,
            "b1": np.zeros((100, 1)),
            "W2": rng.randn(1, 100) / 10,
            "b2": np.zeros((1, 1)),
        },
        correct={"train": (200, 209), "test": (40, 50)},
        data_digest=doodles.digest,
    )


def explore(network: History) -> AppTest:
    app = open_app("shapes")
    app.switch_page("pages/train.py")
    app.query_params.update(KNOBS)
    return app


def compare(network: History) -> AppTest:
    app = explore(network)
    app.query_params["part"] = "compare"
    return app


def seeds(network: History) -> AppTest:
    app = open_app("shapes")
    app.session_state["network_in_use"], app.session_state["recipe_in_use"] = network, Recipe(LONG)
    app.session_state["judged"] = app.session_state["network"] = "session"
    app.switch_page("pages/results.py").run()
    assert not app.exception
    app.button(key="sweep_start").click()
    return app


def both(network: History) -> AppTest:
    app = open_app("pictures", look="column")
    app.button(key="train_both").click()
    return app


@pytest.mark.parametrize("begin", [explore, compare, seeds, both], ids=lambda f: f.__name__)
def test_a_training_ends_with_the_pass_over_the_page(
    begin, in_use: History, on_doodles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.explore.FIRST_PATIENCE", 60.0)  # nothing is shown that would end it
    monkeypatch.setattr("ui.explore.PATIENCE", 60.0)
    monkeypatch.setattr(pictures_lesson, "settings_for", lambda of: replace(LONG, dataset=of.name))
    monkeypatch.setattr(pictures_lesson, "show_division", lambda of: None)  # trains by itself
    app, trains = begin(in_use), threading.Event()
    join = LINE.join
    monkeypatch.setattr(LINE, "join", lambda: trains.set() or join())
    began = time.perf_counter()
    with pytest.raises(RuntimeError, match="timed out"):  # it then asks the script to stop
        app.run(timeout=5)
    assert trains.is_set()
    while LINE._line and time.perf_counter() - began < 20:
        time.sleep(0.05)
    assert not LINE._line
    assert store.trained(Recipe(LONG)) is None
