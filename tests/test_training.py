from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nncore import data
from nncore.backward import L_model_backward
from nncore.cost import compute_cost
from nncore.data.dataset import Dataset
from nncore.forward import L_model_forward
from nncore.gram import Products
from nncore.history import History, Settings
from nncore.parameters import draw_parameters, update_parameters
from nncore.run import Run
from nncore.training import ENGINES, Training, count_correct, fit, gradient_descent


@pytest.fixture
def tiny() -> Dataset:
    """Ten pictures of 2 x 2: bright ones are cats."""
    stream = np.random.RandomState(0)
    images = stream.randint(0, 256, (16, 2, 2, 3)).astype(np.uint8)
    labels = (images.mean(axis=(1, 2, 3)) > 127).astype(np.int64).reshape(1, -1)
    return Dataset(
        "tiny", "Tiny", "here", "MIT", images[:10], labels[:, :10], images[10:], labels[:, 10:]
    )


SETTINGS = Settings((12, 4, 1), 0.1, 30, "scaled", 1, "tiny")


def test_progress_i_is_after_i_updates() -> None:
    stream = np.random.RandomState(3)
    X, Y = stream.randn(3, 5), (stream.rand(1, 5) > 0.5).astype(float)
    start = draw_parameters([3, 2, 1], "he", stream)
    kept = {name: array.copy() for name, array in start.items()}
    steps = list(gradient_descent(X, Y, start, learning_rate=0.2, num_iterations=4))
    assert [step.iteration for step in steps] == [0, 1, 2, 3, 4]
    parameters = kept
    for step in steps:
        for name, array in parameters.items():
            np.testing.assert_array_equal(step.parameters[name], array)
        AL, caches = L_model_forward(X, parameters)
        assert step.cost == compute_cost(AL, Y)
        parameters = update_parameters(parameters, L_model_backward(AL, Y, caches), 0.2)
    for name, array in kept.items():
        np.testing.assert_array_equal(start[name], array)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": np.full((3, 5), np.inf)}, "X holds inf at"),
        ({"Y": np.full((1, 5), np.nan)}, "Y holds nan at"),
        ({"Y": np.ones((5, 1))}, r"Y needs shape \(1, 5\)"),
        ({"learning_rate": np.array([1.0, 2.0])}, "it needs to be one number"),
        ({"learning_rate": "a"}, "it needs to be one number"),
        ({"num_iterations": 2.0}, "num_iterations is 2.0"),
        ({"learning_rate": float("nan")}, "learning_rate is nan"),
        ({"num_iterations": -1}, "num_iterations is -1"),
        ({"learning_rate": None}, "it needs to be one number"),
        ({"X": np.ones((3, 5), np.uint8)}, "X holds uint8"),
        ({"X": np.ones((3, 5), np.uint8), "engine": "gram"}, "X holds uint8"),
        ({"X_test": np.ones((3, 2), np.uint8), "engine": "textbook"}, "X_test holds uint8"),
        ({"X_test": np.ones((2, 2))}, r"X_test has shape \(2, 2\) and W1"),
        (
            {"products": Products(np.ones((3, 4))), "engine": "gram"},
            r"made of an X of shape \(3, 4\)",
        ),
        (
            {
                "products": Products(np.ones((3, 5)), np.ones((3, 1))),
                "X_test": np.ones((3, 2)),
                "engine": "gram",
            },
            r"made of an X_test of shape \(3, 1\), and X_test has shape \(3, 2\)",
        ),
    ],
)
def test_what_cannot_work_is_refused_at_once(change, message: str) -> None:
    good = {
        "X": np.ones((3, 5)),
        "Y": np.ones((1, 5)),
        "parameters": draw_parameters([3, 1], "he", np.random.RandomState(0)),
        "learning_rate": 0.1,
        "num_iterations": 1,
    }
    with pytest.raises(ValueError, match=message):
        gradient_descent(**{**good, **change})


@pytest.mark.parametrize("engine", ENGINES)
def test_where_a_run_starts_stays_the_callers_own(engine: str) -> None:
    start = draw_parameters([3, 2, 1], "he", np.random.RandomState(0))
    X, Y = np.random.RandomState(1).rand(3, 5), np.ones((1, 5))
    fit(X, Y, [3, 2, 1], init=start, num_iterations=0, engine=engine)
    for array in start.values():
        array += 1  # not locked


def test_a_textbook_run_until_its_end_keeps_what_was_counted() -> None:
    X, Y = np.random.RandomState(1).rand(3, 5), np.ones((1, 5))
    training = Training(
        X, Y, draw_parameters([3, 1], "he", np.random.RandomState(0)), learning_rate=0.1,
        num_iterations=3, record_every=1, engine="textbook", X_test=X, Y_test=Y,
    )  # fmt: skip
    training.advance()
    history = training.history()
    assert history.until(3).correct == history.correct
    assert set(history.correct) == {"train", "test"}


def test_a_run_can_be_advanced_and_stopped_anywhere(tiny: Dataset) -> None:
    run = Run(tiny, SETTINGS)
    assert run.iterations == [0]
    run.advance(seconds=1e-9)
    assert len(run.iterations) >= 1
    early = run.history()
    while not run.finished:
        run.advance(seconds=0.01)
    assert run.iterations == list(range(31))
    whole = run.history()
    assert whole.costs[-1] < whole.costs[0]
    np.testing.assert_array_equal(early.costs, whole.costs[: len(early.costs)])
    assert whole.correct["train"] == count_correct(
        tiny.train_x, tiny.train_labels, whole.parameters
    )
    assert whole.correct["test"][1] == 6
    run.advance(seconds=1.0)
    assert run.iterations == list(range(31))


def test_a_run_that_diverges_ends_and_keeps_the_last_good_network(tiny: Dataset) -> None:
    run = Run(tiny, replace(SETTINGS, layers_dims=(12, 4, 4, 1), learning_rate=1e200))
    while not run.finished:
        run.advance(seconds=0.1)
    assert run.diverged
    history = run.history()
    assert np.isfinite(history.costs).all()
    assert all(np.isfinite(array).all() for array in history.parameters.values())
    assert history.iterations[-1] < 30


def test_settings_that_do_not_fit_the_data_are_refused(tiny: Dataset) -> None:
    with pytest.raises(ValueError, match="X needs 5 rows"):
        Run(tiny, replace(SETTINGS, layers_dims=(5, 1)))
    with pytest.raises(ValueError, match="it needs 1"):
        Run(tiny, replace(SETTINGS, layers_dims=(12, 2)))


def test_a_saved_run_comes_back_whole(tiny: Dataset, tmp_path: Path) -> None:
    run = Run(tiny, SETTINGS)
    run.advance(seconds=10)
    history = run.history()
    history.save(tmp_path / "run.npz")
    loaded = History.load(tmp_path / "run.npz")
    assert loaded.settings == history.settings
    assert loaded.correct == history.correct
    assert loaded.accuracy("test") == history.correct["test"][0] / 6
    np.testing.assert_array_equal(loaded.costs, history.costs)
    for name, array in history.parameters.items():
        np.testing.assert_array_equal(loaded.parameters[name], array)
        assert not loaded.parameters[name].flags.writeable


@pytest.mark.parametrize(
    "change",
    [
        {"settings": {"layers_dims": [10**9, 1]}},
        {"settings": {"layers_dims": []}},
        {"settings": {"layers_dims": [float("inf")]}},
        {"settings": None},
        {"iterations": [10**30]},
        {"costs": ["a"]},
        {"correct": [1]},
    ],
)
def test_a_card_that_lies_is_refused(tiny: Dataset, tmp_path: Path, change) -> None:
    from nncore.parameters import load_parameters, save_parameters

    run = Run(tiny, replace(SETTINGS, num_iterations=1))
    run.history().save(tmp_path / "run.npz")
    parameters, card = load_parameters(tmp_path / "run.npz")
    if isinstance(change.get("settings"), dict):
        change = {"settings": {**card["settings"], **change["settings"]}}
    save_parameters(tmp_path / "lie.npz", parameters, {**card, **change})
    with pytest.raises(ValueError, match="not the card of the run"):
        History.load(tmp_path / "lie.npz")


def test_the_documented_settings_learn_the_doodles() -> None:
    """What the data set promises: learnable, and hard enough that mistakes are left to look at."""
    from nncore import pretrained
    from nncore.cases import runs

    history = pretrained.load("doodles")
    doodles = data.load("doodles")
    assert history.settings == replace(runs()["four_layer"].settings, dataset="doodles")
    train = count_correct(doodles.train_x, doodles.train_labels, history.parameters)
    test = count_correct(doodles.test_x, doodles.test_labels, history.parameters)
    assert history.correct == {"train": train, "test": test}
    assert train[0] >= 0.98 * 209
    assert 0.75 * 50 <= test[0] <= 0.95 * 50
