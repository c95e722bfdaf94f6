"""Every step from a file to the column, and every slip: what it does to which kind of picture."""

import io

import numpy as np
import pytest
from PIL import Image

from nncore import pretrained
from nncore.data import pictures, pipeline
from nncore.data.dataset import to_columns
from nncore.data.pictures import decode, frame, on_background, turn
from nncore.data.pipeline import Options, WhatIf, column_of, steps, what_ifs
from tests.test_pictures import saved

STEPS = ["decode", "turn", "colour", "opacity", "fit", "resize", "flatten", "scale"]


def photo(width: int = 90, height: int = 60) -> Image.Image:
    """Something with no symmetry and many colours."""
    rows, columns = np.indices((height, width))
    red, green = 255 * columns // width, 255 * rows // height
    blue = (37 * rows + 91 * columns) % 256
    return Image.fromarray(np.stack([red, green, blue], axis=2).astype(np.uint8))


def in_mode(mode: str) -> bytes:
    """Save the photo in a mode; where that has transparency, its left half is transparent."""
    image = photo()
    if mode == "I;16":
        grey = np.asarray(image.convert("L")).astype(np.uint16)
        return saved(Image.fromarray(grey * 257))
    if mode == "P transparent":
        image = image.convert("RGB").quantize(8)
        image.paste(3, (0, 0, 45, 60))
        return saved(image, transparency=3)
    if mode in ("LA", "RGBA"):
        opacity = Image.new("L", image.size, 255)
        opacity.paste(0, (0, 0, 45, 60))
        image = image.convert(mode)
        image.putalpha(opacity)
        return saved(image)
    return saved(image.convert(mode), "JPEG" if mode == "CMYK" else "PNG")


def slips(raw: bytes, options: Options | None = None) -> dict[str, WhatIf]:
    return {slip.id: slip for slip in what_ifs(decode(raw), options)}


OWN = {  # mode: the shape of what a file of it gives when it is only made small
    "1": (64, 64),
    "L": (64, 64),
    "LA": (64, 64, 2),
    "P": (64, 64),
    "P transparent": (64, 64),
    "RGB": None,
    "RGBA": (64, 64, 4),
    "CMYK": (64, 64, 4),
    "I;16": (64, 64),
}


@pytest.mark.parametrize("mode", OWN)
def test_every_mode_goes_all_the_way(mode: str) -> None:
    picture = decode(in_mode(mode))
    done = steps(picture)
    assert [step.id for step in done] == STEPS
    arrays = {step.id: step.array for step in done}
    assert arrays["decode"].shape[:2] == (60, 90)
    assert arrays["opacity"].shape == (60, 90, 3)
    assert arrays["resize"].shape == (64, 64, 3)
    np.testing.assert_array_equal(arrays["flatten"][:, 0], arrays["resize"].ravel())
    np.testing.assert_array_equal(arrays["scale"], arrays["flatten"] / 255)
    np.testing.assert_array_equal(frame(picture.upright).column, arrays["scale"])
    np.testing.assert_array_equal(column_of(picture), arrays["scale"])
    assert (arrays["scale"] >= 0).all()
    assert (arrays["scale"] <= 1).all()


@pytest.mark.parametrize("mode", OWN)
def test_which_slips_matter_for_which_mode(mode: str) -> None:
    found = slips(in_mode(mode))
    assert found["own_mode"].shape == OWN[mode]
    assert found["own_mode"].same is (mode == "RGB")
    transparent = mode in ("LA", "RGBA", "P transparent")
    assert found["opacity_dropped"].same is not transparent
    assert ("clipped" in found) is (mode == "I;16")
    assert found["unturned"].same
    for id in ("bytes", "fit_crop", "fit_letterbox", "unresized", "unscaled", "twice", "planes"):
        assert not found[id].same
    grey = mode in ("1", "L", "LA", "I;16")
    assert found["bgr"].same is grey
    for slip in found.values():
        assert slip.column.shape == (12288, 1)
        assert slip.column.dtype == np.float64
        assert slip.seen.shape == (64, 64, 3)


@pytest.mark.parametrize("mode", OWN)
def test_a_large_picture_of_any_mode_is_seen_as_a_small_one_is(mode: str) -> None:
    """It goes through in strips; every square of the small one is 40 pixels wide there."""
    raw = in_mode(mode)
    image = Image.open(io.BytesIO(raw))
    clear = {"transparency": image.info["transparency"]} if "transparent" in mode else {}
    large = image.resize((3600, 2400), Image.Resampling.NEAREST)
    large_raw = saved(large, "JPEG" if mode == "CMYK" else "PNG", **clear)
    small, large_one = decode(raw), decode(large_raw)
    assert large_one.stored.shape == (533, 800, 4)
    assert large_one.own.shape[:2] == (533, 800)
    assert large_one.own.dtype == small.own.dtype
    for name in ("upright", "converted"):
        seen, expected = (
            Image.fromarray(getattr(picture, name)).resize((9, 6), Image.Resampling.BOX)
            for picture in (large_one, small)
        )
        apart = np.abs(np.asarray(seen).astype(int) - np.asarray(expected))
        assert apart.max() <= (6 if mode == "CMYK" else 3)


def test_own_numbers_are_the_files_and_are_forced_in_as_numpy_does() -> None:
    grey = slips(in_mode("L"))["own_mode"]
    picture = np.asarray(Image.open(io.BytesIO(in_mode("L"))).resize((64, 64)))
    np.testing.assert_array_equal(grey.column, np.resize(picture, (12288, 1)) / 255)
    palette = slips(in_mode("P"))["own_mode"]
    indices = np.asarray(Image.open(io.BytesIO(in_mode("P"))).resize((64, 64)))
    np.testing.assert_array_equal(palette.column, np.resize(indices, (12288, 1)) / 255)
    ink = slips(in_mode("CMYK"))["own_mode"]
    inks = np.asarray(Image.open(io.BytesIO(in_mode("CMYK"))).resize((64, 64)))
    np.testing.assert_array_equal(ink.column, np.resize(inks, (12288, 1)) / 255)


def test_what_convert_makes_of_16_bits_is_what_pillow_makes_of_them() -> None:
    raw = in_mode("I;16")
    converted = Image.open(io.BytesIO(raw)).convert("RGB")
    np.testing.assert_array_equal(decode(raw).converted, np.asarray(converted))
    assert slips(raw)["clipped"].seen.mean() > 250  # nearly all of it white


@pytest.mark.parametrize("size", [(40, 40), (1000, 1000)])
def test_what_was_hidden_shows_when_opacity_is_dropped(size: tuple[int, int]) -> None:
    image = Image.new("RGBA", size, (200, 30, 30, 0))
    image.paste((0, 0, 0, 255), (0, 0, size[0] // 2, size[1]))
    slip = slips(saved(image))["opacity_dropped"]
    assert np.abs(slip.seen[32, 60].astype(int) - (200, 30, 30)).max() <= 1
    assert slip.seen[32, 2].tolist() == [0, 0, 0]


@pytest.mark.parametrize("background", [(255, 255, 255), (0, 0, 0), (12, 200, 99)])
def test_the_background_is_the_one_that_was_chosen(background) -> None:
    picture = decode(in_mode("RGBA"))
    small = steps(picture, Options(background=background))[5].array
    assert small[32, 5].tolist() == list(background)
    half = np.array([[[100, 100, 100, 128]]], np.uint8)
    mixed = (100 * 128 + np.array(background) * 127) / 255
    np.testing.assert_allclose(on_background(half, background)[0, 0], mixed, atol=0.5)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_note_matters_but_for_the_first(orientation: int) -> None:
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    raw = saved(photo(), exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(raw))))
    picture = decode(raw)
    np.testing.assert_array_equal(turn(picture.own, orientation), expected)
    np.testing.assert_array_equal(picture.upright, expected)
    assert slips(raw)["unturned"].same is (orientation == 1)


def test_a_note_that_is_none_turns_nothing() -> None:
    for noted in (0, 9, 255):
        exif = Image.Exif()
        exif[0x0112] = noted
        assert not decode(saved(photo(), exif=exif)).turned


@pytest.mark.parametrize("fit", pictures.FITS)
@pytest.mark.parametrize("filter", pictures.FILTERS)
def test_every_fit_and_filter(fit: str, filter: str) -> None:
    picture = decode(saved(photo()))
    options = Options(side=32, fit=fit, filter=filter)
    column = column_of(picture, options)
    assert column.shape == (3072, 1)
    found = what_ifs(picture, options)
    others = {f"fit_{other}" for other in pictures.FITS if other != fit}
    assert {slip.id for slip in found if slip.step == "fit"} == others
    assert f"filter_{filter}" not in {slip.id for slip in found}
    again = next(slip for slip in what_ifs(picture, Options(side=32)) if slip.id == "fit_crop")
    if (fit, filter) == ("crop", "bicubic"):
        np.testing.assert_array_equal(again.column, column)


def test_bars_are_even_and_of_the_background() -> None:
    used = steps(decode(saved(photo())), Options(fit="letterbox", background=(1, 2, 3)))[4].array
    assert used.shape == (90, 90, 3)
    assert (used[:15] == (1, 2, 3)).all()
    assert (used[75:] == (1, 2, 3)).all()
    np.testing.assert_array_equal(used[15:75], np.asarray(photo()))


def test_strange_options_are_refused_with_a_sentence() -> None:
    picture = decode(saved(photo()))
    with pytest.raises(
        ValueError, match="fit is 'oval': it needs to be stretch, crop or letterbox"
    ):
        column_of(picture, Options(fit="oval"))
    with pytest.raises(ValueError, match="filter is 'sinc': it needs to be one of nearest"):
        column_of(picture, Options(filter="sinc"))


def test_the_lines_of_numpy_that_are_shown_are_what_is_looked_at() -> None:
    picture = decode(saved(photo()))
    small = steps(picture)[5].array
    shown = [slip for slip in what_ifs(picture) if slip.code]
    assert {slip.id for slip in shown} == set(pipeline.SLIPS)
    for slip in shown:
        np.testing.assert_array_equal(slip.column, eval(slip.code, {"np": np, "small": small}))


def test_a_grey_square_of_the_right_size_forgives_nearly_everything() -> None:
    raw = saved(Image.new("RGB", (64, 64), (90, 90, 90)))
    harmful = {slip.id for slip in what_ifs(decode(raw)) if not slip.same}
    assert harmful == {"bytes", "unscaled", "twice"}


def test_one_picture_without_a_batch_hides_the_wrong_reshape() -> None:
    small = steps(decode(saved(photo())))[5].array
    X = small[np.newaxis]
    np.testing.assert_array_equal(X.reshape(-1, 1), X.reshape(1, -1).T)
    assert not slips(saved(photo()))["batch"].same


def test_the_notebooks_own_slip_on_the_photos(photo_set) -> None:
    parameters = pretrained.load("four_layer").parameters
    flipped = 0
    for image in photo_set.test_images:
        picture = decode(saved(Image.fromarray(image)))
        slip = next(slip for slip in what_ifs(picture) if slip.id == "unscaled")
        right = to_columns(image[np.newaxis])
        np.testing.assert_array_equal(column_of(picture), right)
        before, after = pipeline.answers([right, slip.column], parameters)
        flipped += (before > 0.5) != (after > 0.5)
    assert flipped == 7
