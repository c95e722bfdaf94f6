"""What `python -m benchmarks.load` makes of what it measured."""

import doctest

import pytest

from benchmarks import load


def test_examples() -> None:
    failed, tried = doctest.testmod(load)
    assert not failed
    assert tried


def test_memory_that_grows_is_told_from_memory_that_swings() -> None:
    steady = [100, 200, 300, 310, 290, 300, 310, 290, 300]
    assert abs(load.growth(steady)) < load.MOST_GROWTH
    assert load.growth([*steady, 320, 340, 360, 380, 400]) > load.MOST_GROWTH


def test_the_table_has_a_row_for_each_kind_and_one_for_all() -> None:
    tally = load.Tally()
    tally.seconds["step"] += [0.1] * 19 + [2.0]
    tally.seconds["retrain"] += [1.0]
    rows = load.table(tally).splitlines()[2:]
    assert [row.split("|")[1].strip() for row in rows] == ["retrain", "step", "all"]
    assert rows[1] == "| step | 20 | 0.10 s | 0.10 s | 2.00 s | 2.00 s |"
    assert tally.all() == pytest.approx([0.1] * 19 + [2.0, 1.0])
