import numpy as np
import pytest

from nncore.data.dataset import to_columns
from nncore.layers import as_pictures, look_inside
from nncore.parameters import draw_parameters


def test_a_dead_unit_and_its_size_are_seen() -> None:
    stream = np.random.RandomState(4)
    X, Y = stream.rand(6, 9), (np.arange(9) % 2).astype(float)[None]
    parameters = draw_parameters((6, 4, 3, 1), "he", stream)
    parameters["b1"][2] = -50.0
    parameters["b1"][1] = 50.0
    parameters["b3"][0] = 40.0
    first, second, last = look_inside(X, Y, parameters)
    assert first.dead.tolist() == [False, False, True, False]
    assert first.awake[1] == 1
    assert (first.units, first.inputs, second.inputs, last.number) == (4, 6, 4, 3)
    assert first.sure is second.sure is None
    assert last.sure == 1
    assert first.weight == pytest.approx(np.sqrt((parameters["W1"] ** 2).mean()))
    assert first.largest_gradient >= first.gradient > 0


def test_weights_are_pictures_in_the_order_of_the_columns() -> None:
    images = np.random.RandomState(0).randint(0, 256, (3, 4, 4, 3)).astype(np.uint8)
    columns = to_columns(images)  # (48, 3)
    pictures, limit = as_pictures(columns.T * 2 - 1)
    assert limit == np.abs(columns * 2 - 1).max()
    # As brightness grows, so does the shade: the pictures come back, in their order.
    assert pictures.shape == images.shape
    for picture, image in zip(pictures, images, strict=True):
        order = np.argsort(image.ravel(), kind="stable")
        assert (np.diff(picture.ravel()[order].astype(int)) >= 0).all()
    assert as_pictures(np.zeros((1, 12)))[0].tolist() == [[[[128] * 3] * 2] * 2]
    with pytest.raises(ValueError, match="side \\* side"):
        as_pictures(np.zeros((2, 10)))
