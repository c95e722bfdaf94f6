"""The script of a run: it holds our functions, and run on its own it gives the very same numbers."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

import nncore
from nncore import activations, cost, data, export, pretrained
from nncore.cases import RUN_TOLERANCE, check_run, runs
from nncore.data import photos
from nncore.data.dataset import Dataset
from nncore.history import History, Settings
from nncore.parameters import SCALES, draw_parameters
from nncore.run import Recipe, Run
from nncore.training import fit
from nncore.types import FloatArray, Parameters
from tests.networks import networks
from tests.scripts import Outcome, run_script

SMALL = Settings((768, 4, 3, 1), 0.0075, 40, "scaled", 1, "doodles")
NASTY = (
    '"; raise SystemExit("injected") #',
    '"""\nimport os\n',
    "'''\\",
    "{DATA_DIGEST} %s {0}",
    "\u202e cat \x1b[31m\x00",
    "猫",
)


@pytest.fixture(scope="module")
def doodles() -> Dataset:
    """The doodles, every fourth pixel of them: 16 x 16 x 3."""
    whole = data.load("doodles")
    return replace(
        whole,
        train_images=whole.train_images[:, ::4, ::4].copy(),
        test_images=whole.test_images[:, ::4, ::4].copy(),
    )


def made(recipe: Recipe, dataset: Dataset, at: int | None = None) -> History:
    """Train a recipe and its parents, as the pages do, and stop it at an iteration."""
    start = None
    if recipe.parent is not None:
        start = made(recipe.parent, dataset).parameters_at(recipe.at)
    run = Run(dataset, recipe.settings, start=start)
    run.advance()
    return run.history() if at is None else run.history().until(at)


# Run on its own -----------------------------------------------------------------------------------


def assert_same(outcome: Outcome, network: History, costs: FloatArray) -> None:
    assert outcome.parameters.keys() == network.parameters.keys()
    for name, array in network.parameters.items():
        np.testing.assert_allclose(outcome.parameters[name], array, rtol=0, atol=1e-9)
    np.testing.assert_allclose(outcome.costs, costs, rtol=0, atol=1e-9)
    assert "The recorded run again" in outcome.said
    assert "NOT the recorded run" not in outcome.said


@pytest.mark.parametrize("init", SCALES)
def test_every_start_comes_out_again(init: str, doodles: Dataset, tmp_path: Path) -> None:
    recipe = Recipe(replace(SMALL, init=init, seed=7))
    network = made(recipe, doodles)
    export.save_pictures(tmp_path / export.PICTURES, doodles)
    outcome = run_script(export.script(recipe, network), tmp_path)
    assert_same(outcome, network, network.costs)
    right, total = network.correct["test"]
    assert f"Right on test: {right} of {total}" in outcome.said
    assert "Cost after     0 iterations: " in outcome.said
    assert "Cost after    40 iterations: " in outcome.said


def test_a_branch_of_a_branch_comes_out_again_with_all_before_it(
    doodles: Dataset, tmp_path: Path
) -> None:
    root = Recipe(SMALL)
    first = root.branch(25, 0.02)
    second = first.branch(9, 0.001)
    network = made(second, doodles, at=4)
    costs = [made(root, doodles).costs[:25], made(first, doodles).costs[:9], network.costs]
    export.save_pictures(tmp_path / export.PICTURES, doodles)
    text = export.script(second, network)
    assert "    (0.0075, 25),\n    (0.02, 9),\n    (0.001, 4),\n" in text
    assert_same(run_script(text, tmp_path), network, np.concatenate(costs))


def test_no_hidden_layer_and_names_that_are_code(tmp_path: Path) -> None:
    """Own classes: logistic regression, from a folder that is named; the names stay names."""
    stream = np.random.RandomState(0)
    images = stream.randint(0, 256, (16, 8, 8, 3)).astype(np.uint8)
    labels = (images.mean(axis=(1, 2, 3)) > 127).astype(np.int64).reshape(1, -1)
    parts = (images[:10], labels[:, :10], images[10:], labels[:, 10:])
    (tmp_path / "elsewhere").mkdir()
    for k, name in enumerate(NASTY):
        own = Dataset("own", "Own", "here", "mine", *parts, classes=(NASTY[k - 1], name))
        recipe = Recipe(Settings((192, 1), 0.05, 12, "he", 3, name))
        network = made(recipe, own)
        text = export.script(recipe, network)
        namespace: dict[str, object] = {"__name__": "looked_at"}
        exec(compile(text, "script", "exec"), namespace)
        assert namespace["CLASSES"] == own.classes
        assert {"\u202e", "\x1b", "\x00"}.isdisjoint(text)
        if k < 2:
            export.save_pictures(tmp_path / "elsewhere" / export.PICTURES, own)
            outcome = run_script(text, tmp_path, tmp_path / "elsewhere")
            assert_same(outcome, network, network.costs)
            assert repr(name) in outcome.said


def test_a_network_of_the_start_is_no_training_at_all(doodles: Dataset, tmp_path: Path) -> None:
    recipe = Recipe(SMALL)
    network = made(recipe, doodles, at=0)
    export.save_pictures(tmp_path / export.PICTURES, doodles)
    outcome = run_script(export.script(recipe, network), tmp_path)
    assert_same(outcome, network, network.costs)
    for name, array in draw_parameters(
        SMALL.layers_dims, "scaled", np.random.RandomState(1)
    ).items():
        np.testing.assert_array_equal(outcome.parameters[name], array)


# What is in it ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def text() -> str:
    network = pretrained.load("doodles")
    return export.script(Recipe(network.settings), network)


def namespace_of(text: str) -> dict:
    namespace = {"__name__": "looked_at", "__file__": "network.py"}
    exec(compile(text, "script", "exec"), namespace)
    return namespace


LOOKED_AT = namespace_of(
    export.script(Recipe(pretrained.load("doodles").settings), pretrained.load("doodles"))
)


@given(networks())
def test_its_functions_give_what_ours_give(net: tuple[FloatArray, FloatArray, Parameters]) -> None:
    X, Y, parameters = net
    ours, theirs = nncore, LOOKED_AT
    AL, caches = ours.L_model_forward(X, parameters)
    answers, said_caches = theirs["L_model_forward"](X, parameters)
    np.testing.assert_array_equal(answers, AL)
    assert theirs["compute_cost"](AL, Y) == cost.compute_cost(AL, Y)
    grads = ours.L_model_backward(AL, Y, caches)
    said = theirs["L_model_backward"](answers, Y, said_caches)
    assert said.keys() == grads.keys()
    for name, gradient in grads.items():
        np.testing.assert_array_equal(said[name], gradient)
    updated = ours.update_parameters(parameters, grads, 0.3)
    for name, array in theirs["update_parameters"](parameters, grads, 0.3).items():
        np.testing.assert_array_equal(array, updated[name])


def test_it_is_told_in_the_courses_words_and_holds_nothing_of_ours_but_the_network(
    text: str,
) -> None:
    for name in ("linear_forward", "L_model_forward", "compute_cost", "linear_backward",
                 "L_model_backward", "update_parameters", "L_layer_model"):  # fmt: skip
        assert f"\ndef {name}(" in text
    for word in ("nncore", "require_", "FloatArray", "Parameters:", "->", "h5py", "Notebook 1"):
        assert word not in text
    assert "Z = W @ A + b  # (n[l], m)" in text  # comments come along
    assert LOOKED_AT["GREATEST_PROBABILITY"] == activations.GREATEST_PROBABILITY
    assert LOOKED_AT["LEAST_PROBABILITY"] == activations.LEAST_PROBABILITY


@pytest.mark.parametrize("name", ["doodles", "four_layer"])
def test_it_is_as_neat_as_our_own_code(name: str) -> None:
    network = pretrained.load(name)
    text = export.script(Recipe(network.settings), network)
    options = ("--isolated", "--line-length=100", "-")
    for command in (("format", "--check"), ("check", "--select=E4,E7,E9,F,I,W,B")):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *options],
            input=text, capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


# Pictures that are others, or missing -------------------------------------------------------------


def main_in(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["network.py", str(folder)])
    namespace_of(text)["main"]()


@pytest.fixture
def short(doodles: Dataset) -> str:
    recipe = Recipe(replace(SMALL, num_iterations=3))
    return export.script(recipe, made(recipe, doodles))


def test_other_pictures_are_noticed(
    tmp_path: Path, doodles: Dataset, short: str, monkeypatch, capsys
) -> None:
    images = doodles.train_images.copy()
    images[5, 6, 7, 0] ^= 1
    export.save_pictures(tmp_path / export.PICTURES, replace(doodles, train_images=images))
    main_in(tmp_path, short, monkeypatch)
    out = capsys.readouterr().out
    assert "not the pictures of the recorded run" in out
    smaller = replace(doodles, train_images=images[:, :8, :8], test_images=images[:50, :8, :8])
    export.save_pictures(tmp_path / export.PICTURES, smaller)
    with pytest.raises(SystemExit, match="have 192 numbers each"):
        main_in(tmp_path, short, monkeypatch)


def test_another_end_is_told(
    tmp_path: Path, doodles: Dataset, short: str, monkeypatch, capsys
) -> None:
    export.save_pictures(tmp_path / export.PICTURES, doodles)
    main_in(tmp_path, short.replace("(0.0075, 3)", "(5.0, 3)"), monkeypatch)
    out = capsys.readouterr().out
    assert "NOT the recorded run" in out
    assert "The cost rose at" in out


@pytest.mark.parametrize("content", [None, b"", b"no archive", b"PK\x03\x04 cut short"])
def test_missing_or_broken_pictures_get_a_sentence(
    tmp_path: Path, short: str, monkeypatch, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / export.PICTURES).write_bytes(content)
    with pytest.raises(SystemExit, match=r"pictures\.npz is missing, or another file"):
        main_in(tmp_path, short, monkeypatch)


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_photos_are_read_from_both_kinds_of_copies(tmp_path: Path, shape) -> None:
    import h5py

    read_photos = namespace_of(
        export.script(Recipe(runs()["four_layer"].settings), pretrained.load("four_layer"))
    )["read_photos"]
    with pytest.raises(SystemExit, match=r"train_catvnoncat\.h5 is missing"):
        read_photos(tmp_path)
    stream = np.random.RandomState(0)
    for part, m in (("train", 5), ("test", 3)):
        with h5py.File(tmp_path / f"{part}_catvnoncat.h5", "w") as file:
            file[f"{part}_set_x"] = stream.randint(0, 256, (m, 4, 4, 3)).astype(np.uint8)
            file[f"{part}_set_y"] = (np.arange(m) % 2).reshape(shape)
    arrays = read_photos(tmp_path)
    assert [array.shape for array in arrays] == [(5, 4, 4, 3), (1, 5), (3, 4, 4, 3), (1, 3)]
    assert arrays[1].tolist() == [[0, 1, 0, 1, 0]]
    (tmp_path / "test_catvnoncat.h5").write_text("version https://git-lfs")
    with pytest.raises(SystemExit, match=r"test_catvnoncat\.h5 is missing, or not"):
        read_photos(tmp_path)


# Runs of which there is no script -----------------------------------------------------------------


def test_why_there_is_no_script() -> None:
    network = pretrained.load("doodles")
    recipe = Recipe(network.settings)
    assert export.why_not(recipe, network) == ""
    handed = replace(network, settings=replace(network.settings, init="given"))
    assert "went on from a network that it was handed" in export.why_not(None, handed)
    for other, net, reason in (
        (Recipe(handed.settings), handed, "was handed"),
        (Recipe(replace(network.settings, seed=2)), network, "settings differ"),
        (recipe, replace(network, data_digest=""), "on which pictures"),
        (recipe, replace(network, correct={}), "on which pictures"),
    ):
        assert reason in export.why_not(other, net)
        with pytest.raises(ValueError, match=reason):
            export.script(other, net)
    X, Y = np.ones((2, 3)), np.array([[0.0, 1.0, 1.0]])
    arrays = fit(X, Y, [2, 1], num_iterations=1)
    assert "on which pictures" in export.why_not(Recipe(arrays.settings), arrays)


def test_the_documented_run_comes_out_of_its_script(photo_set: Dataset, tmp_path: Path) -> None:
    network = pretrained.load("four_layer")
    script = export.script(Recipe(network.settings), network)
    outcome = run_script(script, tmp_path, photos.folder().resolve())
    assert_same(outcome, network, network.costs)
    documented = runs()["four_layer"]
    history = replace(network, costs=outcome.costs)
    assert check_run(documented, history).agrees
    assert RUN_TOLERANCE <= 1e-9
    assert "Right on train: 206 of 209 (98.6%)" in outcome.said
    assert "Right on test: 40 of 50 (80.0%)" in outcome.said
