"""A short slice of `python -m benchmarks.fuzz`: files that are nearly sound, each read or refused."""

import sys

import pytest

from benchmarks import fuzz

needs_limits = pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")


@needs_limits
@pytest.mark.parametrize("kind", fuzz.FILES)
def test_whatever_a_file_is_the_answer_is_a_sentence(kind: str) -> None:
    """In a process of its own: damage to HDF5 can end one."""
    outcomes = list(fuzz.try_files(kind, 2, range(60)))
    assert [outcome for outcome in outcomes if outcome.what == "fault"] == []
    assert {outcome.what for outcome in outcomes} == {"refused", "accepted"}
    assert [outcome.number for outcome in outcomes] == list(range(60))


def test_the_fuzz_itself_sees_what_must_not_happen(monkeypatch, tmp_path) -> None:
    def writes(raw: bytes) -> None:
        (tmp_path / "x").write_bytes(raw)

    def mutters(raw: bytes) -> None:
        raise ValueError("no")

    def grows(raw: bytes) -> None:
        assert len(bytearray(b"x") * (fuzz.MOST_MEMORY + 2**20))

    for read, said in ((writes, "open"), (mutters, "no"), (grows, "bytes of memory")):
        monkeypatch.setitem(fuzz.FILES, "picture", (fuzz.make_picture, read))
        if read is grows and sys.platform != "linux":
            continue
        outcome = fuzz.try_file("picture", 1, 1)
        assert outcome.what == "fault"
        assert said in outcome.said
    assert "| picture | 1 | 0 | 0 | 1 |" in fuzz.table([outcome])
