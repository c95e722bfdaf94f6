import io
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nncore import __main__ as command_line
from nncore import cases
from nncore.data import photos
from nncore.history import History, Settings


def run(*arguments: object) -> int:
    return command_line.main([str(argument) for argument in arguments])


def test_verify_without_photos(no_photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("verify") == 0
    out = capsys.readouterr().out
    assert "18 of 18 documented cases agree." in out
    assert re.findall(r"^ok +(\S+)", out, re.MULTILINE) == list(cases.cases())
    assert "W1[0][1]: documented -0.00611756, computed -0.0061175641365007" in out
    assert "need the photos, which are not here" in out


def test_verify_fails_if_any_number_differs(
    no_photos: Path, monkeypatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def off_by_a_little(A, W, b):
        return W @ A + b + 1e-7, (A, W, b)

    monkeypatch.setattr(cases, "linear_forward", off_by_a_little)
    assert run("verify") == 1
    out = capsys.readouterr().out
    assert "DIFFER linear_forward " in out
    assert "17 of 18" in out


def test_verify_fails_if_an_initialiser_seeds_otherwise(no_photos: Path, monkeypatch) -> None:
    def seed_two(*sizes: int) -> dict[str, np.ndarray]:
        return cases.initialize_parameters_deep(list(sizes), seed=2)

    monkeypatch.setattr(cases, "initialize_parameters", seed_two)
    assert run("verify") == 1


def test_train_prints_saves_and_predicts(
    no_photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.npz"
    status = run(
        "train", "--model", "4,3", "--iterations", 120, "--learning-rate", 0.02, "--seed", 2,
        "--init", "he", "--save", file,
    )  # fmt: skip
    out = capsys.readouterr().out
    assert status == 0
    assert "Doodles" in out
    assert "12288 - 4 - 3 - 1" in out
    assert re.findall(r"Cost after +(\d+) iterations", out) == ["0", "100", "120"]
    assert re.search(r"Accuracy: train \d+/209 \(.*%\), test \d+/50", out)
    history = History.load(file)
    assert history.settings.seed == 2
    assert history.settings.init == "he"
    assert history.settings.dataset == "doodles"
    Image.new("RGB", (30, 30), "red").save(tmp_path / "red.png")
    assert run("predict", tmp_path / "red.png", "--network", file) == 0
    out = capsys.readouterr().out
    assert "drawings are all it knows" in out
    assert re.search(r"red.png: (non-)?cat \(probability of cat 0\.\d{4}\)", out)


def test_predict_says_the_names_of_the_networks_own_classes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def judge_by(outputs: int) -> int:
        sizes = (12, outputs)
        parameters = {"W1": np.zeros((outputs, 12)), "b1": np.ones((outputs, 1))}
        history = History(
            Settings(sizes, 0.1, 0, "zeros", 1), np.array([0]), np.array([0.7]), parameters,
            classes=("rabbits", "owls\x1b[2J"),
        )  # fmt: skip
        history.save(tmp_path / "owls.npz")
        Image.new("RGB", (30, 30), "red").save(tmp_path / "red.png")
        return run("predict", tmp_path / "red.png", "--network", tmp_path / "owls.npz")

    assert judge_by(outputs=1) == 0
    assert "red.png: owls [2J (probability of owls [2J 0.7311)" in capsys.readouterr().out
    assert judge_by(outputs=2) == 2
    assert "2 outputs" in capsys.readouterr().err


def test_train_writes_the_script_of_its_run(
    no_photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("train", "--model", 3, "--iterations", 4, "--init", "he", "--seed", 5)
    assert run(*arguments, "--script", tmp_path / "mine.py") == 0
    assert f"it reads {tmp_path / 'pictures.npz'}" in capsys.readouterr().out
    script = [sys.executable, "-I", str(tmp_path / "mine.py")]
    done = subprocess.run(script, capture_output=True, text=True, check=True)
    assert "The recorded run again" in done.stdout


def test_train_shows_a_bar_on_a_terminal(no_photos: Path, monkeypatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    run("train", "--model", "2", "--iterations", 2)
    assert "2 of 2" in terminal.getvalue()


def test_a_run_that_diverges_is_told(no_photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("train", "--model", "3,3", "--iterations", 30, "--learning-rate", 1e200) == 1
    assert "Try a smaller --learning-rate" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("train", "--model", "four"), "'four' is no size of a layer"),
        (("train", "--model", "3", "--learning-rate", "0"), "learning_rate is 0.0"),
        (("train", "--model", "3", "--iterations", "-1"), "num_iterations is -1"),
        (("train", "--data", "photos"), "has no train_catvnoncat.h5"),
        (("train", "--save", "no/such/folder/x.npz"), "there is no folder"),
        (("train", "--save", "."), "that is a folder"),
        (("train", "--script", "no/such/folder/x.py"), "there is no folder"),
        (("train", "--script", "."), "name a file, as my.py"),
        (("predict", "x.png", "--network", "nobody.npz"), "nobody.npz"),
    ],
)
def test_mistakes_get_a_sentence_and_status_2(
    no_photos: Path, capsys: pytest.CaptureFixture[str], arguments, message: str
) -> None:
    assert run(*arguments) == 2
    err = capsys.readouterr().err
    assert message in err
    assert "Traceback" not in err


def test_predict_goes_on_after_what_is_no_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.png").write_text("no picture")
    Image.new("RGB", (30, 30), "red").save(tmp_path / "b.png")
    status = run("predict", tmp_path / "a.png", tmp_path / "b.png", tmp_path / "c.png")
    out, err = capsys.readouterr()
    assert status == 1
    assert "no picture that is known here" in err
    assert "c.png" in err
    assert re.search(r"b\.png: (non-)?cat \(", out)


def test_verify_with_broken_photos_fails(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv(photos.FOLDER_VARIABLE, str(tmp_path))
    assert run("verify") == 1
    out = capsys.readouterr().out
    assert "18 of 18" in out
    assert "DIFFER the documented training runs" in out


def test_fetch(tmp_path: Path, monkeypatch, capsys) -> None:
    def arrives(into: Path | None, **_: object):
        yield photos.FetchProgress("train_catvnoncat.h5", 5, 10)

    monkeypatch.setattr(photos, "fetch", arrives)
    assert run("fetch", "--into", tmp_path) == 0
    assert f"The photos are in {tmp_path}, verified." in capsys.readouterr().out


@pytest.mark.parametrize("command", ["", "verify", "train", "predict", "fetch", "doctor"])
def test_help_is_there(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(*([command] if command else []), "--help")
    assert stopped.value.code == 0
    out = capsys.readouterr().out
    assert "usage: python -m nncore" in out
    assert len(out) > 150


def test_saved_network_of_another_size_cannot_judge_pictures(tmp_path: Path, capsys) -> None:
    from nncore.history import Settings

    parameters = {"W1": np.zeros((1, 5)), "b1": np.zeros((1, 1))}
    history = History(
        Settings((5, 1), 0.1, 0, "zeros", 1), np.array([0]), np.array([0.7]), parameters
    )
    history.save(tmp_path / "five.npz")
    assert run("predict", "x.png", "--network", tmp_path / "five.npz") == 2
    assert "The network has 5 inputs" in capsys.readouterr().err
