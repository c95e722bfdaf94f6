"""From pictures to columns: the notebook's grid, the rows of a pixel, and the two wrong ways."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore import data
from nncore.data import columns
from nncore.data.dataset import to_columns
from nncore.parameters import draw_parameters

# What notebook 5 draws: the seed 101, Python's own generator, 209 training pictures.
DOCUMENTED = [148, 49, 138]


def test_the_grid_is_the_notebooks_and_disturbs_no_global_stream() -> None:
    import random

    random.seed(5)
    state = random.getstate()
    drawn = columns.draw_grid(209)
    assert random.getstate() == state
    assert drawn[:3] == DOCUMENTED
    random.seed(101)  # as the notebook does it
    assert drawn == [random.randint(0, 209) for _ in range(25)]
    random.setstate(state)


def test_one_past_the_last_is_drawn_again() -> None:
    import random

    stream = random.Random(101)
    notebook = [stream.randint(0, 50) for _ in range(26)]
    assert notebook[14] == 50  # the slip: there are 50 test pictures, the last is number 49
    assert columns.draw_grid(50) == [k for k in notebook if k != 50][:25]


@given(st.integers(1, 400), st.integers(0, 2**31 - 1))
def test_every_grid_is_of_pictures_that_are_there(m: int, seed: int) -> None:
    drawn = columns.draw_grid(m, seed)
    assert len(drawn) == columns.GRID
    assert all(0 <= k < m for k in drawn)


@given(st.integers(1, 6), st.integers(1, 5), st.data())
def test_the_rows_of_a_pixel(side: int, m: int, choose) -> None:
    images = np.random.RandomState(1).randint(0, 256, (m, side, side, 3)).astype(np.uint8)
    row, column = (choose.draw(st.integers(0, side - 1)) for _ in range(2))
    X = columns.raw_columns(images)
    np.testing.assert_array_equal(
        X[list(columns.rows_of(row, column, side))], images[:, row, column].T
    )
    np.testing.assert_array_equal(X / 255, to_columns(images))


@given(st.integers(1, 7), st.integers(1, 4))
def test_scrambling_keeps_every_number_and_loses_the_pictures(m: int, side: int) -> None:
    images = np.arange(m * side * side * 3).reshape(m, side, side, 3).astype(np.uint8)
    wrong = columns.scramble(images)
    assert sorted(wrong.ravel()) == sorted(images.ravel())
    np.testing.assert_array_equal(columns.raw_columns(wrong), images.reshape(-1, m))
    if m == 1:
        np.testing.assert_array_equal(wrong, images)


def test_a_scrambled_set_has_the_labels_but_another_name() -> None:
    doodles = data.load("doodles")
    wrong = columns.scrambled(doodles)
    assert wrong.name != doodles.name
    np.testing.assert_array_equal(wrong.train_labels, doodles.train_labels)
    assert (wrong.train_images != doodles.train_images).mean() > 0.9
    # All columns are nearly the same picture: neighbours in the stack.
    apart = np.abs(wrong.train_x[:, 0] - wrong.train_x[:, 3]).mean()
    assert apart < 0.3 * np.abs(doodles.train_x[:, 0] - doodles.train_x[:, 3]).mean()


def test_without_the_division_every_sum_is_255_times_as_large() -> None:
    doodles = data.load("doodles")
    few = doodles.train_images[:30], doodles.train_labels[:, :30]
    first = draw_parameters((12288, 20, 7, 5, 1), "scaled", np.random.RandomState(1))
    divided, raw = (columns.start(*few, first, 0.0075, divide=d) for d in (True, False))
    np.testing.assert_allclose(raw.sums, 255 * np.array(divided.sums), rtol=1e-12)
    assert raw.sure > 0.9 > 0.1 > divided.sure
    assert raw.slope < 0.02 < 0.2 < divided.slope
    assert raw.one_answer
    assert divided.later < divided.cost


@pytest.mark.parametrize("divide", [True, False])
def test_what_a_trained_network_answers(divide: bool) -> None:
    from nncore import pretrained

    doodles, network = data.load("doodles"), pretrained.load("doodles")
    answers = columns.ask(
        doodles.test_images, doodles.test_labels, network.parameters, divide=divide
    )
    assert answers.total == 50
    assert (answers.right == network.correct["test"][0]) is divide
    assert (answers.largest > 100) is not divide
