"""Neighbours: distances by inner products against distances by subtraction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nncore.data import load
from nncore.gram import Products
from nncore.neighbours import distances, distances_to, nearest, nearest_label
from nncore.scores import Score


def directly(X: np.ndarray, X_part: np.ndarray) -> np.ndarray:
    return np.linalg.norm(X[:, :, np.newaxis] - X_part[:, np.newaxis, :], axis=0)


@given(st.integers(1, 20), st.integers(1, 8), st.integers(1, 6), st.integers(0, 10_000))
def test_distances_are_those_of_the_columns(n: int, m: int, m_test: int, seed: int) -> None:
    stream = np.random.default_rng(seed)
    X, X_test = stream.random((n, m)), stream.random((n, m_test))
    products = Products(X, X_test)
    np.testing.assert_allclose(distances(products, "train"), directly(X, X), atol=1e-6)
    np.testing.assert_allclose(distances(products, "test"), directly(X, X_test), atol=1e-6)


def test_the_neighbours_of_a_doodle() -> None:
    doodles = load("doodles")
    products = Products(doodles.train_x, doodles.test_x)
    for part, X in (("train", doodles.train_x), ("test", doodles.test_x)):
        apart = distances(products, part)
        direct = np.linalg.norm(doodles.train_x - X[:, 7:8], axis=0)
        found = nearest(apart, 7, 5, itself=part == "train")
        order = np.argsort(direct, kind="stable")
        assert [one.index for one in found] == [int(i) for i in order if direct[i] > 0][:5]
        np.testing.assert_allclose([one.distance for one in found], np.sort(direct[direct > 0])[:5])


def test_a_picture_of_no_set_has_the_distances_of_its_column() -> None:
    doodles = load("doodles")
    for index in (0, 7):
        apart = distances_to(doodles.test_images[index], doodles.train_images)
        direct = np.linalg.norm(doodles.train_x - doodles.test_x[:, [index]], axis=0)
        np.testing.assert_allclose(apart[:, 0], direct, rtol=1e-12)
    own = distances_to(doodles.train_images[3], doodles.train_images)
    assert own[3, 0] == 0
    black, white = np.zeros((200, 200, 3), np.uint8), np.full((1, 200, 200, 3), 255, np.uint8)
    assert distances_to(black, white)[0, 0] == pytest.approx(np.sqrt(black.size))  # no overflow
    with pytest.raises(ValueError, match="need to be of one size"):
        distances_to(black, doodles.train_images)


def test_who_answers_as_the_nearest_picture() -> None:
    apart = np.array([[1.0, 9.0, 3.0], [2.0, 4.0, 2.0]])
    assert nearest_label(apart, np.array([[1, 0]]), np.array([[1, 0, 1]])) == Score(2, 3)


def test_no_training_picture_is_its_own_neighbour_not_even_beside_its_twin() -> None:
    X = np.array([[0.0, 0.0, 5.0]])
    apart = distances(Products(X), "train")
    assert [one.index for one in nearest(apart, 1, 9, itself=True)] == [0, 2]
    with pytest.raises(ValueError, match="from 0 to 2"):
        nearest(apart, 3, 1, itself=True)
    with pytest.raises(ValueError, match="part is 'dev'"):
        distances(Products(X), "dev")


def test_the_nearest_photo_answers_better_than_the_2_layer_network(photo_set) -> None:
    apart = distances(Products(photo_set.train_x, photo_set.test_x), "test")
    score = nearest_label(apart, photo_set.train_labels, photo_set.test_labels)
    assert score == Score(37, 50)
