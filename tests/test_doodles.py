"""The drawn data set: its layout, that it never changes, and that it is one drawing at any size."""

import numpy as np
import pytest

from nncore.data import doodles

ALL = doodles.N_TRAIN + doodles.N_TEST


@pytest.fixture(scope="module")
def pictures():
    data = doodles.load()
    return np.concatenate([data.train_images, data.test_images])


def test_layout_is_that_of_the_photos():
    data = doodles.load()
    assert data.train_images.shape == (209, 64, 64, 3)
    assert data.test_images.shape == (50, 64, 64, 3)
    assert data.train_images.dtype == data.test_images.dtype == np.uint8
    assert data.train_labels.shape == (1, 209)
    assert data.test_labels.shape == (1, 50)
    assert data.train_labels.dtype == data.test_labels.dtype == np.int64
    assert (data.train_labels.sum(), data.test_labels.sum()) == (72, 33)
    assert set(np.unique(data.train_labels)) == set(np.unique(data.test_labels)) == {0, 1}
    assert (data.name, data.classes, data.documented) == ("doodles", ("non-cat", "cat"), False)


def test_labels_are_mixed_and_say_what_is_drawn(monkeypatch):
    drawn = []
    monkeypatch.setattr(doodles, "_drawing", lambda kind, seed, size: drawn.append(kind))
    for index in range(ALL):
        doodles.draw(index)
    data = doodles.load()
    labels = np.concatenate([data.train_labels, data.test_labels], axis=1)[0]
    assert [int(kind.startswith("cat")) for kind in drawn] == labels.tolist()
    assert set(drawn[:209]) == set(drawn[209:]) == {*doodles.CATS, *doodles.OTHERS}
    # No stretch of the training set is all of one class: a shuffle, not a sorted list.
    assert all(0 < labels[start : start + 50].mean() < 1 for start in range(0, 200, 50))


def test_arrays_are_read_only_and_made_once():
    data = doodles.load()
    assert data is doodles.load()
    for array in (data.train_images, data.train_labels, data.test_images, data.test_labels):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_the_set_that_is_kept_is_what_is_drawn(pictures):
    assert doodles.KEPT.is_file()
    np.testing.assert_array_equal(doodles.draw_all(), pictures)
    for sample in doodles.samples():
        np.testing.assert_array_equal(sample.draw(512), sample.picture())


def test_without_the_file_the_set_is_drawn(pictures, monkeypatch, tmp_path):
    monkeypatch.setattr(doodles, "KEPT", tmp_path / "gone.npz")
    drawn = doodles.load.__wrapped__()
    np.testing.assert_array_equal(drawn.train_images, pictures[: doodles.N_TRAIN])
    sample = doodles.samples()[0]
    np.testing.assert_array_equal(sample.picture(), sample.draw(512))


def test_the_global_random_stream_is_neither_read_nor_moved():
    np.random.seed(3)
    before = np.random.get_state()[1].copy()
    first = doodles.draw(17)
    np.testing.assert_array_equal(np.random.get_state()[1], before)
    np.random.seed(4)
    np.testing.assert_array_equal(doodles.draw(17), first)


@pytest.mark.parametrize("index", range(0, ALL, 13))
def test_a_large_drawing_is_the_small_one_in_more_detail(index, pictures):
    large = doodles.draw(index, 512)
    assert large.shape == (512, 512, 3)
    averaged = large.reshape(64, 8, 64, 8, 3).mean(axis=(1, 3))
    difference = np.abs(averaged - pictures[index])
    assert difference.mean() < 1.5  # grey levels; only edges and the thinnest lines differ
    assert np.quantile(difference, 0.98) < 12


def test_any_size_will_do():
    assert doodles.draw(0, 65).shape == (65, 65, 3)
    assert doodles.draw(0, 1024).shape == (1024, 1024, 3)


@pytest.mark.parametrize("index", [-1, ALL])
def test_an_unknown_index_is_refused(index):
    with pytest.raises(IndexError, match="0 to 258"):
        doodles.draw(index)


def test_no_two_pictures_are_alike(pictures):
    drawn = [sample.draw(64) for sample in doodles.samples()]
    flat = np.stack([*pictures, *drawn]).reshape(ALL + len(drawn), -1).astype(np.float64)
    squares = (flat**2).sum(axis=1)
    distance = np.sqrt(
        np.maximum(squares[:, None] + squares - 2 * flat @ flat.T, 0) / flat.shape[1]
    )
    np.fill_diagonal(distance, np.inf)
    assert distance.min() > 20  # root mean square, in grey levels


def test_samples_are_six_drawings_from_beyond_the_set():
    samples = doodles.samples()
    assert [sample.kind in doodles.CATS for sample in samples] == [True] * 3 + [False] * 3
    assert len({sample.id for sample in samples}) == len({sample.title for sample in samples}) == 6
    in_the_set = range(doodles.SEED, doodles.SEED + ALL)
    assert all(sample.seed not in in_the_set for sample in samples)
    assert samples[0].draw().shape == (512, 512, 3)
    np.testing.assert_array_equal(samples[0].draw(64), samples[0].draw(64))


@pytest.mark.parametrize("kind", [*doodles.CATS, *doodles.OTHERS])
def test_every_kind_can_be_drawn_without_a_warning(kind):
    # Odd sizes put a pixel on the very centre of a shape, where a gradient is zero.
    picture = doodles.Sample("id", "title", kind, seed=5).draw(63)
    assert picture.std() > 10
