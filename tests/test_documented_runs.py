"""The notebooks' two training runs, by the textbook's loop: what they print, and what is held to it."""

from dataclasses import replace

import numpy as np
import pytest

from nncore import __main__ as command_line
from nncore import pretrained
from nncore.cases import RUN_TOLERANCE, check_run, runs
from nncore.data.dataset import Dataset
from nncore.history import History
from nncore.run import Run
from tests.conftest import complete

RIGHT = {"two_layer": ((209, 209), (36, 50)), "four_layer": ((206, 209), (40, 50))}
both = pytest.mark.parametrize("name", RIGHT)


@pytest.fixture(scope="module")
def trained(photo_set: Dataset) -> dict[str, History]:
    """Both runs by the textbook's loop: a minute or two, once for all that is asked of them."""
    return {
        name: complete(Run(photo_set, run.settings, engine="textbook"))
        for name, run in runs().items()
    }


@both
def test_the_textbook_gives_what_the_notebooks_print(
    name: str, trained: dict[str, History]
) -> None:
    run, history = runs()[name], trained[name]
    assert history.engine == "textbook"
    result = check_run(run, history)
    assert result.agrees, result
    assert result.compared == len(run.costs) >= 25
    for i, cost in run.costs.items():
        assert abs(history.costs[i] - cost) < RUN_TOLERANCE
    assert (history.correct["train"], history.correct["test"]) == RIGHT[name]
    assert not check_run(run, replace(history, costs=history.costs + 2e-9)).agrees
    assert not check_run(run, replace(history, correct={"train": (0, 209)})).agrees


@both
def test_gram_is_the_textbook(name: str, photo_set: Dataset, trained: dict[str, History]) -> None:
    ours, textbook = complete(Run(photo_set, runs()[name].settings)), trained[name]
    assert ours.engine == "gram"
    np.testing.assert_array_equal(ours.iterations, textbook.iterations)
    np.testing.assert_allclose(ours.costs, textbook.costs, rtol=0, atol=1e-12)
    for key, array in textbook.parameters.items():
        np.testing.assert_allclose(ours.parameters[key], array, rtol=0, atol=1e-11)
    assert ours.correct == textbook.correct
    assert check_run(runs()[name], ours).agrees


def test_direct_is_the_textbook(photo_set: Dataset, trained: dict[str, History]) -> None:
    settings = replace(runs()["four_layer"].settings, num_iterations=150)
    costs = complete(Run(photo_set, settings, engine="direct")).costs
    np.testing.assert_allclose(costs, trained["four_layer"].costs[:151], rtol=0, atol=1e-12)


@both
def test_the_shipped_network_is_what_the_run_gives(name: str, trained: dict[str, History]) -> None:
    shipped, history = pretrained.load(name), trained[name]
    assert shipped.settings == history.settings
    np.testing.assert_allclose(shipped.costs, history.costs, rtol=0, atol=1e-9)
    for key, array in history.parameters.items():
        np.testing.assert_allclose(shipped.parameters[key], array, rtol=0, atol=1e-9)


def test_verify_says_what_agrees(
    trained: dict[str, History], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {history.settings: history for history in trained.values()}
    monkeypatch.setattr(command_line, "_train", lambda dataset, settings: found[settings])
    assert command_line.main(["verify", "-v"]) == 0
    out = capsys.readouterr().out
    assert "18 of 18" in out
    assert "2 of 2 documented training runs agree." in out
    assert "train 209/209 (100.0%), test 36/50 (72.0%)" in out
    assert "train 206/209 (98.6%), test 40/50 (80.0%)" in out
    assert "documented [[ 3.26295337 -1.23429987]]" in out


def test_verify_fails_if_a_run_differs(
    trained: dict[str, History], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {
        history.settings: replace(history, costs=history.costs + 1e-8)
        for history in trained.values()
    }
    monkeypatch.setattr(command_line, "_train", lambda dataset, settings: found[settings])
    assert command_line.main(["verify"]) == 1
    assert "0 of 2 documented training runs agree." in capsys.readouterr().out
