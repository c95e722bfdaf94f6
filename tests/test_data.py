import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nncore import data, load_data
from nncore.data import photos


def test_columns_are_the_pictures_read_row_by_row(photo_set: data.Dataset) -> None:
    X = photo_set.train_x
    assert X.shape == (12288, 209)
    assert X.dtype == np.float64
    picture = photo_set.train_images[7]
    assert X[0, 7] == picture[0, 0, 0] / 255
    assert X[1, 7] == picture[0, 0, 1] / 255
    assert X[64 * 3 + 5 * 3 + 2, 7] == picture[1, 5, 2] / 255
    assert X.max() <= 1


@pytest.mark.parametrize("name", ["doodles", "photos"])
def test_both_sources_give_the_same_kind_of_record(name: str, request) -> None:
    dataset = data.load(name) if name == "doodles" else request.getfixturevalue("photo_set")
    assert dataset.name == name
    assert dataset.train_images.shape == (209, 64, 64, 3)
    assert dataset.test_images.shape == (50, 64, 64, 3)
    assert dataset.train_labels.shape == (1, 209)
    assert dataset.test_labels.shape == (1, 50)
    assert dataset.count_cats("train") == (72, 209)
    assert dataset.count_cats("test") == (33, 50)
    assert dataset.classes == ("non-cat", "cat")
    assert dataset.train_images.dtype == np.uint8
    assert dataset.train_labels.dtype == np.int64
    assert dataset.train_labels[0, dataset.first("cat")] == 1
    for array in (dataset.train_images, dataset.test_labels, dataset.train_x, dataset.test_x):
        assert not array.flags.writeable
    assert dataset.train_x is dataset.train_x


def test_unknown_source() -> None:
    with pytest.raises(data.DataError, match="no data set 'dogs'"):
        data.load("dogs")


def test_load_data_gives_the_courses_tuple(photo_set: data.Dataset) -> None:
    train_x_orig, train_y, test_x_orig, test_y, classes = load_data()
    assert train_x_orig.shape == (209, 64, 64, 3)
    assert test_x_orig.shape == (50, 64, 64, 3)
    assert train_y.shape == (1, 209)
    assert test_y.shape == (1, 50)
    assert classes[train_y[0, 10]].decode("utf-8") == "non-cat"


def test_load_data_falls_back_to_doodles_and_says_so_once(
    no_photos: Path, monkeypatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(data, "_told", set())
    first, second = load_data(), load_data()
    np.testing.assert_array_equal(first[0], data.load("doodles").train_images)
    np.testing.assert_array_equal(first[0], second[0])
    said = capsys.readouterr().out
    assert said.count("these are drawings") == 1


def test_a_named_folder_without_photos_is_an_error_never_a_fallback(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv(photos.FOLDER_VARIABLE, str(tmp_path))
    assert data.preferred() == "photos"
    for load in (load_data, lambda: data.load("photos")):
        with pytest.raises(data.DataError, match=r"NNCORE_DATASETS names the folder .* fetch"):
            load()


def test_the_variable_is_read_at_each_call(photo_set, no_photos: Path, monkeypatch) -> None:
    with pytest.raises(data.DataError):
        data.load("photos")
    source = Path(photo_set.source.split(" from ")[1])
    monkeypatch.setenv(photos.FOLDER_VARIABLE, str(source))
    assert data.load("photos").documented
    monkeypatch.delenv(photos.FOLDER_VARIABLE)
    assert not photos.present()


def test_doodles_are_the_same_in_another_process() -> None:
    code = "from nncore.data import load; print(load('doodles').digest)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == data.load("doodles").digest
