"""`python -m nncore doctor`: a sound installation is called so, and what is broken is found."""

from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from nncore import __main__ as command_line
from nncore import cases, doctor, pretrained
from nncore.data import photos


def examined(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    status = command_line.main(["doctor"])
    return status, capsys.readouterr().out


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch, no_photos: Path) -> None:
    monkeypatch.chdir(doctor.ROOT)


def test_a_sound_installation(no_photos: Path, capsys) -> None:
    status, said = examined(capsys)
    assert status == 0, said
    assert "BROKEN" not in said
    assert f"ok     numpy {np.__version__} (>=" in said
    assert "18 of 18 documented cases agree" in said
    assert "note   No photos: the doodles stand in" in said
    assert "MB of memory free" in said or "cannot be told" in said
    assert said.endswith("This installation is sound.\n")


def test_the_photos_are_told_with_their_digest(photo_set, monkeypatch, capsys) -> None:
    monkeypatch.setattr(photos, "present", lambda: True)
    monkeypatch.setattr(photos, "load", lambda: photo_set)
    status, said = examined(capsys)
    assert status == 0
    assert f"digest {photo_set.digest[:16]}…, the documented one" in said


def test_packages_are_held_against_the_requirements(tmp_path: Path, monkeypatch) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("# five\nnumpy>=2.1,<2.5\nplotly>=6.1 # a word\n\nh5py>=3.12,<3.17\nnone>=1\n")
    versions = {"numpy": "2.5.0", "plotly": "6.10.1", "h5py": "3.12"}

    def version(name: str) -> str:
        if name not in versions:
            raise metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(metadata, "version", version)
    found = list(doctor._packages(file))
    assert [each.state for each in found] == ["broken", "ok", "ok", "broken"]
    assert "numpy 2.5.0: it needs to be >=2.1,<2.5. Run: pip install" in found[0].text
    assert "none is not installed" in found[3].text
    assert next(doctor._packages(tmp_path / "no.txt")).state == "note"


def break_python(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(doctor.sys, "version_info", (3, 10, 4))


def break_numbers(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(cases, "linear_forward", lambda A, W, b: (W @ A + b + 1e-6, (A, W, b)))


def break_photos(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv(photos.FOLDER_VARIABLE, str(folder))


def break_networks(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    def load(name: str) -> None:
        raise ValueError("The numbers in the file are not those that were saved.")

    monkeypatch.setattr(pretrained, "load", load)


def break_configuration(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(doctor, "ROOT", folder)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (break_python, "it needs to be 3.11 or newer"),
        (break_numbers, "17 of 18 documented cases agree"),
        (break_photos, "has no train_catvnoncat.h5"),
        (break_networks, "which ships, cannot be read: The numbers"),
        (break_configuration, "would run without its limits"),
    ],
)
def test_what_is_broken_is_found(spoil, message: str, tmp_path, monkeypatch, capsys) -> None:
    spoil(monkeypatch, tmp_path)
    status, said = examined(capsys)
    assert status == 1
    (line,) = [line for line in said.splitlines() if line.startswith("BROKEN")]
    assert message in line
    assert said.endswith("1 broken: see above.\n")


def test_what_is_good_to_know_breaks_nothing(monkeypatch, tmp_path: Path, capsys) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "8")
    monkeypatch.setattr(doctor.os, "access", lambda *_: False)
    monkeypatch.setattr(doctor, "available_memory", lambda: 300 * 2**20)
    monkeypatch.chdir(tmp_path)
    status, said = examined(capsys)
    assert status == 0
    for part in (
        "OPENBLAS_NUM_THREADS=8 is set",
        "cannot be written, so the photos cannot be downloaded. They can be put there by hand.",
        "300 MB of memory free: a server with several visitors wants 700 MB",
        "is read by Streamlit where it is started in",
    ):
        assert part in said
    monkeypatch.setattr(doctor, "available_memory", lambda: None)
    assert "cannot be told" in examined(capsys)[1]


def test_memory_is_that_of_the_container(tmp_path: Path) -> None:
    machine = tmp_path / "meminfo"
    machine.write_text("MemTotal: 9 kB\nMemAvailable:   2048 kB\n")
    assert doctor.available_memory(machine, tmp_path) == 2 * 2**20
    (tmp_path / "memory.max").write_text("3000000\n")
    (tmp_path / "memory.current").write_text("2000000\n")
    assert doctor.available_memory(machine, tmp_path) == 10**6
    (tmp_path / "memory.max").write_text("max\n")
    assert doctor.available_memory(machine, tmp_path) == 2 * 2**20
    assert doctor.available_memory(tmp_path / "none", tmp_path) is None
