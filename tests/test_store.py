"""Trainings share the processor: one at a time, in the order of asking, and the others are told so."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from ui import store
from ui.store import LINE, Line, LiveRun

from nncore import data
from nncore.cases import runs
from nncore.gram import Products
from nncore.history import History
from nncore.run import Recipe, Run


def recipe(seed: int, iterations: int = 40) -> Recipe:
    base = runs()["four_layer"].settings
    return Recipe(
        replace(base, layers_dims=(48, 3, 1), num_iterations=iterations, seed=seed, dataset="tiny")
    )


@pytest.fixture(scope="module")
def tiny() -> data.Dataset:
    """So small that every step is done at once, however busy the machine."""
    images = np.random.RandomState(0).randint(0, 256, (16, 4, 4, 3)).astype(np.uint8)
    labels = (np.arange(16) % 2).reshape(1, -1)
    parts = (images[:10], labels[:, :10], images[10:], labels[:, 10:])
    return data.Dataset("tiny", "Tiny", "here", "mine", *parts)


@pytest.fixture(scope="module")
def products(tiny: data.Dataset) -> Products:
    return Products(tiny.train_x, tiny.test_x)


@pytest.fixture
def known(tiny, products, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[Recipe, History]]:
    """What is known of runs, in place of Streamlit's memory."""
    runs: dict[Recipe, History] = {}
    monkeypatch.setattr(store, "trained", runs.get)
    monkeypatch.setattr(store, "_keep", runs.__setitem__)
    monkeypatch.setattr(store, "products", lambda of: products)
    monkeypatch.setattr(store, "dataset", lambda name: tiny)
    yield runs
    assert not LINE._line  # whatever happened, nobody still stands there


def test_the_line_is_served_in_its_order() -> None:
    line, served = Line(), []
    first_in, all_in = threading.Event(), threading.Event()

    def stand(name: str, alone: bool) -> None:
        with line.join() as me:
            if alone:
                first_in.set()
                all_in.wait(20)
            while line.ahead(me, 5):
                pass
            served.append(name)

    threads = [threading.Thread(target=stand, args=("a", True))]
    threads[0].start()
    first_in.wait(20)
    for place, name in enumerate("bcd", start=1):
        threads.append(threading.Thread(target=stand, args=(name, False)))
        threads[-1].start()
        while len(line._line) <= place:
            time.sleep(0.001)
    all_in.set()
    for thread in threads:
        thread.join(20)
    assert served == ["a", "b", "c", "d"]


def test_who_waits_is_told_for_how_many(known) -> None:
    said: list[str] = []

    def progress(done: float) -> None:
        said.append(store.training_text(done))
        if len(said) == 2:
            second.__exit__(None, None, None)
        if len(said) == 4:
            first.__exit__(None, None, None)

    first, second = LINE.join(), LINE.join()
    first.__enter__()
    second.__enter__()
    history = store.train(recipe(1), progress)
    assert history.last == 40
    assert said[0] == "2 others are training before you; then it is your turn."
    assert said[2] == "Another visitor is training; yours is next."
    assert said[-1] == "training, 100%"
    alone: list[str] = []
    store.train(recipe(2), lambda done: alone.append(store.training_text(done)))
    assert alone
    assert all(text.startswith("training, ") for text in alone)


def test_who_takes_long_gives_way_and_comes_back(known, monkeypatch) -> None:
    monkeypatch.setattr(store, "LONGEST_TURN", 0.0)
    monkeypatch.setattr(store, "SLICE", 0.0)
    order: list[int] = []

    def train(seed: int) -> None:
        def progress(done: float) -> None:
            if store.training_text(done).startswith("training"):
                order.append(seed)

        store.train(recipe(seed, 20), progress)

    threads = [threading.Thread(target=train, args=(seed,)) for seed in (3, 4)]
    with LINE.join():  # until both stand in it
        for thread in threads:
            thread.start()
        while len(LINE._line) < 3:
            time.sleep(0.001)
    for thread in threads:
        thread.join(30)
    assert len(known) == 2
    assert sum(one != other for one, other in pairwise(order)) > 10  # they took turns, step by step


def test_who_waits_for_the_same_run_is_given_it(known, tiny, products) -> None:
    other = LINE.join()
    other.__enter__()
    ready = Run(tiny, recipe(5).settings, products=products)
    ready.advance()
    history = ready.history()

    def progress(done: float) -> None:
        assert done == 0  # not one step was trained twice
        if recipe(5) not in known:
            known[recipe(5)] = history
            other.__exit__(None, None, None)

    assert store.train(recipe(5), progress) is history


def test_who_leaves_while_waiting_leaves_the_line(known) -> None:
    class Left(BaseException):
        """What Streamlit raises where a newer run takes over, or the tab was closed."""

    def progress(done: float) -> None:
        raise Left

    with LINE.join() as me:
        with pytest.raises(Left):
            store.train(recipe(6), progress)
        assert LINE._line == [me]
    with pytest.raises(Left):  # and in the middle of training
        store.train(recipe(6), progress)
    assert store.training_text(0.5) == "training, 50%"


def test_a_watched_run_takes_turns_too(tiny) -> None:
    live = LiveRun(Run(tiny, recipe(7, 400).settings, engine="textbook"))
    live.advance(0.0)
    assert live.waited < 5
    began = threading.Event()

    def advance() -> None:
        began.set()
        live.advance(0.0)

    with store.TURN:
        thread = threading.Thread(target=advance)
        thread.start()
        began.wait(20)
        before = len(live.run.costs)
        thread.join(0.3)
        assert thread.is_alive()
        assert len(live.run.costs) == before
    thread.join(20)
    assert len(live.run.costs) > before
    assert live.waited > 0.1
