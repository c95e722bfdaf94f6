"""Scores: intervals by their equation, curves by counting, the documented mistakes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore import pretrained
from nncore.data import load
from nncore.forward import L_model_forward
from nncore.scores import (
    NORMAL_95,
    Counts,
    Score,
    answers,
    constant,
    count_answers,
    roc_curve,
    sure,
    wilson,
)


@st.composite
def answered(draw: st.DrawFn, both: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Draw probabilities, many of them equal, and labels."""
    m = draw(st.integers(2 if both else 1, 30))
    tenths = st.integers(0, 10).map(lambda n: n / 10)
    AL = draw(st.lists(tenths | st.floats(0, 1), min_size=m, max_size=m))
    Y = draw(st.lists(st.integers(0, 1), min_size=m, max_size=m))
    if both:
        Y[:2] = 0, 1
    return np.array([AL]), np.array([Y])


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_both_ends_of_an_interval_solve_its_equation(sample: tuple[int, int]) -> None:
    right, total = sample
    observed = right / total
    low, high = wilson(right, total)
    assert 0 <= low <= observed <= high <= 1
    for p in (low, high):
        assert (observed - p) ** 2 == pytest.approx(NORMAL_95**2 * p * (1 - p) / total, abs=1e-12)
    assert low < high
    mirrored = wilson(total - right, total)
    assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx((low, high), abs=1e-12)


def test_the_interval_that_the_page_shows_of_the_documented_score() -> None:
    low, high = wilson(40, 50)
    assert (round(low, 4), round(high, 4)) == (0.6696, 0.8876)  # as published tables have it
    assert wilson(0, 5).low == 0
    assert wilson(5, 5).high == 1
    assert Score(40, 50).interval.holds(0.67)
    assert not Score(40, 50).interval.holds(0.66)


@pytest.mark.parametrize(("right", "total"), [(0, 0), (-1, 3), (4, 3)])
def test_an_impossible_sample_is_refused(right: int, total: int) -> None:
    with pytest.raises(ValueError, match="at least one picture"):
        wilson(right, total)


@given(answered(), st.floats(0, 1))
def test_counts_are_those_of_one_answer_after_another(pair, threshold: float) -> None:
    AL, Y = pair
    counts = count_answers(AL, Y, threshold)
    each = answers(AL, Y, threshold)
    assert [answer.index for answer in each] == list(range(Y.shape[1]))
    assert counts.score == Score(sum(answer.right for answer in each), len(each))
    assert counts.false_negative == sum(answer.kind == "miss" for answer in each)
    assert counts.false_positive == sum(answer.kind == "alarm" for answer in each)
    assert counts.positives == Y.sum()
    assert counts.answered == sum(answer.probability > threshold for answer in each)
    for answer in each:
        assert answer.confidence == (
            answer.probability if answer.probability > threshold else 1 - answer.probability
        )
    certain = [answer for answer in each if answer.confidence > 0.9]
    score = sure(each)
    assert (score is None) == (not certain)
    if score is not None:
        assert score == Score(sum(answer.right for answer in certain), len(certain))
    assert constant(Y, 1).right + constant(Y, 0).right == Y.shape[1]
    assert count_answers(AL, Y, 1.0).score == constant(Y, 0)


def test_what_is_undefined_is_none() -> None:
    none_found = Counts(true_positive=0, false_negative=3, false_positive=0, true_negative=2)
    assert none_found.precision is None
    assert none_found.recall == 0
    none_there = Counts(true_positive=0, false_negative=0, false_positive=1, true_negative=2)
    assert none_there.recall is None
    assert none_there.precision == 0
    counts = Counts(true_positive=27, false_negative=6, false_positive=4, true_negative=13)
    assert counts.precision == 27 / 31
    assert counts.recall == 27 / 33


@given(answered(both=True))
def test_a_roc_curve_rises_from_corner_to_corner(pair) -> None:
    AL, Y = pair
    roc = roc_curve(AL, Y)
    assert (roc.alarms[0], roc.found[0]) == (0, 0)
    assert (roc.alarms[-1], roc.found[-1]) == (1, 1)
    assert (np.diff(roc.alarms) >= 0).all()
    assert (np.diff(roc.found) >= 0).all()
    assert (np.diff(roc.lowest) < 0).all()
    for lowest, alarms, found in zip(roc.lowest, roc.alarms, roc.found, strict=True):
        counts = count_answers(AL, Y, np.nextafter(lowest, -np.inf))
        assert found == counts.recall
        assert alarms == counts.false_positive / (Y.shape[1] - counts.positives)


@given(answered(both=True))
def test_the_area_is_the_fraction_of_pairs_in_the_right_order(pair) -> None:
    AL, Y = pair
    ones, zeros = AL[Y == 1], AL[Y == 0]
    pairs = ones[:, np.newaxis] - zeros
    expected = np.mean((pairs > 0) + (pairs == 0) / 2)
    assert roc_curve(AL, Y).area == pytest.approx(expected, abs=1e-12)


def test_a_curve_needs_both_classes_and_finite_answers() -> None:
    with pytest.raises(ValueError, match="needs both"):
        roc_curve(np.array([[0.2, 0.4]]), np.array([[1, 1]]))
    with pytest.raises(ValueError, match="finite"):
        count_answers(np.array([[np.nan]]), np.array([[1]]))
    with pytest.raises(ValueError, match="same shape"):
        count_answers(np.array([[0.5]]), np.array([[1, 0]]))


def mistakes(name: str, data: str) -> dict[str, list[int]]:
    network, dataset = pretrained.load(name), load(data)
    found = {}
    for part in ("train", "test"):
        X, Y = getattr(dataset, f"{part}_x"), getattr(dataset, f"{part}_labels")
        AL, _ = L_model_forward(X, network.parameters)
        wrong = [answer.index for answer in answers(AL, Y) if not answer.right]
        assert Y.shape[1] - len(wrong) == network.correct[part][0]
        found[part] = wrong
    return found


def test_the_documented_run_makes_ten_mistakes_in_the_test_and_three_in_training(photo_set) -> None:
    wrong = mistakes("four_layer", "photos")
    assert len(wrong["test"]) == 10
    assert len(wrong["train"]) == 3
    assert constant(photo_set.test_labels, 1) == Score(33, 50)
    assert constant(photo_set.test_labels, 1).fraction == 0.66


def test_the_doodle_network_makes_mistakes_to_look_at() -> None:
    assert mistakes("doodles", "doodles")["test"]
