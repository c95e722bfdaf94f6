"""Two sets of answers: the table of both, and the exact sign test."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore import pretrained
from nncore.agreement import compare, compare_networks, sign_test
from nncore.training import count_correct
from tests.networks import networks

answers = st.lists(
    st.tuples(st.floats(0, 1), st.floats(0, 1), st.integers(0, 1)), min_size=1, max_size=30
)


@given(answers)
def test_the_four_counts_are_those_of_a_loop(rows: list[tuple[float, float, int]]) -> None:
    first, second, labels = (np.array([column]) for column in zip(*rows, strict=True))
    agreement = compare(first, second, labels)
    said = [((a > 0.5) == (y == 1), (b > 0.5) == (y == 1)) for a, b, y in rows]
    kinds = ((True, True), (True, False), (False, True), (False, False))
    assert agreement.counts == tuple(said.count(kind) for kind in kinds)
    differing = agreement.differing().tolist()
    assert sorted(differing) == [i for i, (a, b) in enumerate(said) if a != b]
    gaps = [abs(rows[i][0] - rows[i][1]) for i in differing]
    assert gaps == sorted(gaps, reverse=True)
    turned = compare(second, first, labels)
    assert turned.counts == tuple(agreement.counts[k] for k in (0, 2, 1, 3))
    assert turned.sign_test() == agreement.sign_test()


@pytest.mark.parametrize("n", range(9))
def test_the_sign_test_is_that_of_all_coins_thrown(n: int) -> None:
    throws = [sum(coins) for coins in product((0, 1), repeat=n)]
    for first in range(n + 1):
        as_uneven = sum(abs(2 * heads - n) >= abs(2 * first - n) for heads in throws)
        assert sign_test(first, n - first) == float(Fraction(as_uneven, 2**n))


def test_the_sign_test_of_many_and_of_nonsense() -> None:
    assert sign_test(0, 2000) == 0  # 2**-1999 is no float
    assert 0 < sign_test(4000, 6000) < 1e-80
    assert sign_test(5000, 5000) == 1
    for wrong in (-1, 2.0, "3"):
        with pytest.raises(ValueError, match="whole number"):
            sign_test(1, wrong)


@given(networks())
def test_a_network_agrees_with_itself(problem) -> None:
    X, Y, parameters = problem
    both, first, second, neither = compare_networks(X, Y, parameters, parameters).counts
    assert (first, second) == (0, 0)
    assert (both, both + neither) == count_correct(X, Y, parameters)


def test_answers_to_other_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="same shape"):
        compare(np.ones((1, 3)), np.ones((1, 4)), np.ones((1, 3)))
    with pytest.raises(ValueError, match="same shape"):
        compare(np.ones((1, 3)), np.ones((1, 3)), np.ones((1, 4)))
    with pytest.raises(ValueError, match="one row"):
        compare(np.ones((2, 3)), np.ones((2, 3)), np.ones((2, 3)))


def test_the_two_documented_networks(photo_set) -> None:
    four, two = (pretrained.load(name).parameters for name in ("four_layer", "two_layer"))
    agreement = compare_networks(photo_set.test_x, photo_set.test_labels, four, two)
    both, first, second, neither = agreement.counts
    assert (both + first, both + second, both + first + second + neither) == (40, 36, 50)
    assert agreement.sign_test() == sign_test(first, second) > 0.05
    assert len(agreement.differing()) == first + second
