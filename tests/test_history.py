"""The card of a saved run: what goes in comes out, and what was changed is noticed."""

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore import pretrained
from nncore.history import CURVES, FORMAT, History, Settings
from nncore.parameters import load_parameters, save_parameters, sizes_of
from tests.networks import networks

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
DIGESTS = st.text("0123456789abcdef", min_size=64, max_size=64) | st.just("")


@st.composite
def histories(draw: st.DrawFn) -> History:
    parameters = draw(networks())[2]
    k = draw(st.integers(1, 4))
    curve = st.lists(NUMBERS, min_size=k, max_size=k).map(np.array)
    total = draw(st.integers(1, 300))
    return History(
        settings=Settings(
            sizes_of(parameters),
            draw(NUMBERS),
            draw(st.integers(0, 10_000)),
            draw(NAMES),
            draw(st.integers(0, 2**32 - 1)),
            draw(NAMES),
        ),
        iterations=np.arange(k, dtype=np.int64),
        costs=draw(curve),
        parameters=parameters,
        correct={"train": (draw(st.integers(0, total)), total)},
        test_costs=draw(curve | st.just(np.empty(0))),
        engine=draw(NAMES),
        classes=(draw(NAMES), draw(NAMES)),
        data_digest=draw(DIGESTS),
        diverged_at=draw(st.none() | st.integers(0, 10)),
    )


def saved(history: History) -> io.BytesIO:
    file = io.BytesIO()
    history.save(file)
    file.seek(0)
    return file


@given(histories())
def test_a_run_comes_back_with_all_that_its_card_says(history: History) -> None:
    loaded = History.load(saved(history))
    for name in ("settings", "correct", "engine", "classes", "data_digest", "diverged_at"):
        assert getattr(loaded, name) == getattr(history, name), name
    for name in ("iterations", *CURVES):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(history, name))
    assert loaded.parameters.keys() == history.parameters.keys()
    assert loaded.digest == history.digest


@pytest.fixture
def history() -> History:
    parameters = {"W1": np.array([[0.5, -0.25]]), "b1": np.zeros((1, 1))}
    settings = Settings((2, 1), 0.1, 1, "scaled", 1, "tiny")
    return History(
        settings,
        np.array([0, 1]),
        np.array([0.7, 0.6]),
        parameters,
        {"train": (3, 4)},
        classes=("dog", "bird"),
    )


def changed(history: History, parameters: dict | None = None, **card: object) -> io.BytesIO:
    """Return the file of a run in which something else is written."""
    arrays, said = load_parameters(saved(history))
    file = io.BytesIO()
    said = {name: value for name, value in {**said, **card}.items() if value != "left out"}
    save_parameters(file, {**arrays, **(parameters or {})}, said)
    file.seek(0)
    return file


def test_a_file_whose_arrays_were_changed_says_so(history: History) -> None:
    assert History.load(changed(history)).digest == history.digest
    nearly = history.parameters["W1"] * (1 + 2**-52)
    with pytest.raises(ValueError, match=r"not those that were saved.*changed or damaged"):
        History.load(changed(history, {"W1": nearly}))


def test_a_file_of_the_first_format_still_loads(history: History) -> None:
    names = ("format", "digest", "classes", "data_digest")
    old = changed(history, **dict.fromkeys(names, "left out"))
    loaded = History.load(old)
    assert loaded.settings == history.settings
    assert loaded.classes == ("non-cat", "cat")
    assert loaded.data_digest == ""


def test_a_file_of_a_format_to_come_is_told(history: History) -> None:
    with pytest.raises(ValueError, match=f"format {FORMAT + 1} and this program reads up to"):
        History.load(changed(history, format=FORMAT + 1, settings="left out"))


SETTINGS = {
    "layers_dims": [2, 1],
    "learning_rate": 0.1,
    "num_iterations": 1,
    "init": "he",
    "seed": 1,
}


@pytest.mark.parametrize(
    "card",
    [
        {"digest": "left out"},
        {"digest": 7},
        {"digest": "x" * 64},
        {"data_digest": "<b>"},
        {"classes": ["one"]},
        {"classes": [1, 2]},
        {"classes": ["a", "\ud800"]},
        {"classes": ["a", "b" * 201]},
        {"format": "2"},
        {"iterations": [], "costs": []},
        {"correct": {"train": [5, 4]}},
        {"correct": {"train": [0, 0]}},
        {"settings": {"layers_dims": [2, 1]}},
        {"settings": SETTINGS | {"learning_rate": "fast"}},
        {"settings": SETTINGS | {"init": 3}},
    ],
)
def test_a_card_that_says_what_cannot_be_is_refused(history: History, card: dict) -> None:
    with pytest.raises(ValueError, match="not the card of the run"):
        History.load(changed(history, **card))


def test_the_digest_is_of_every_array_and_its_place(history: History) -> None:
    swapped = {"W1": history.parameters["W1"][:, ::-1], "b1": history.parameters["b1"]}
    assert replace(history, parameters=swapped).digest != history.digest
    in_another_order = dict(reversed(history.parameters.items()))
    assert replace(history, parameters=in_another_order).digest == history.digest


@pytest.mark.parametrize("name", pretrained.NAMES)
def test_the_shipped_networks_have_a_whole_card(name: str) -> None:
    card = load_parameters(pretrained.__path__[0] + f"/{name}.npz")[1]
    assert card["format"] == FORMAT
    assert len(card["data_digest"]) == 64
