"""Pictures of every kind become a column; what is no picture gets a sentence."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from nncore.data import pictures
from nncore.data.pictures import PictureError, decode, frame, side_for


def saved(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def two_colours(width: int = 60, height: int = 40) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), (255, 0, 0))
    image.paste((0, 0, 255), (width // 2, 0, width, height))
    return image


def test_from_the_file_to_the_column() -> None:
    picture = decode(saved(two_colours()))
    assert (picture.format, picture.mode, picture.width, picture.height) == ("PNG", "RGB", 60, 40)
    assert not picture.turned
    assert not picture.transparent
    framed = frame(picture.upright)
    assert framed.small.shape == (64, 64, 3)
    assert framed.column.shape == (12288, 1)
    np.testing.assert_array_equal(framed.column[:, 0], framed.small.ravel() / 255)
    assert framed.small[30, 2].tolist() == [255, 0, 0]
    assert framed.small[30, 61].tolist() == [0, 0, 255]


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *[("PNG", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")],
        *[("JPEG", mode) for mode in ("1", "L", "RGB", "CMYK")],
        *[("WEBP", mode) for mode in ("L", "LA", "P", "RGB", "RGBA")],
    ],
)
def test_every_mode_of_every_format(kind: str, mode: str) -> None:
    grey = Image.linear_gradient("L").resize((50, 40))  # black above, white below
    if mode == "I;16":
        image = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    else:
        image = grey.convert("RGB").convert(mode)
    small = frame(decode(saved(image, kind)).upright, size=8).small.astype(int)
    assert small[0].mean() < 30
    assert small[-1].mean() > 225
    assert abs(small[4].mean() - 144) < 24 or mode == "1"


def test_16_bits_are_scaled_not_clipped() -> None:
    values = np.full((20, 20), 0x8000, np.uint16)
    grey = decode(saved(Image.fromarray(values)))
    assert grey.upright[10, 10].tolist() == [128, 128, 128]

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    row = b"\0" + struct.pack(">3H", 0x8000, 0x4000, 0xFFFF) * 4
    raw = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 16, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(row * 4))
        + chunk(b"IEND", b"")
    )
    assert decode(raw).upright[1, 1].tolist() == [0x80, 0x40, 0xFF]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_cameras_note_turns_the_picture(kind: str, orientation: int) -> None:
    upright = two_colours()
    stored = {
        1: lambda im: im,
        2: lambda im: im.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: lambda im: im.transpose(Image.Transpose.ROTATE_180),
        4: lambda im: im.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: lambda im: im.transpose(Image.Transpose.TRANSPOSE),
        6: lambda im: im.transpose(Image.Transpose.ROTATE_90),
        7: lambda im: im.transpose(Image.Transpose.TRANSVERSE),
        8: lambda im: im.transpose(Image.Transpose.ROTATE_270),
    }[orientation](upright)
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = decode(saved(stored, kind, exif=exif))
    assert picture.turned is (orientation != 1)
    assert picture.upright.shape == (40, 60, 3)
    left, right = picture.upright[20, 5].astype(int), picture.upright[20, 55].astype(int)
    assert left[0] > 200 > 60 > left[2]
    assert right[2] > 200 > 60 > right[0]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_parts_are_put_on_white(mode: str) -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 20, 40))
    options = {}
    if mode == "P":
        image = Image.new("P", (40, 40), 1)
        image.putpalette([0, 0, 0, 9, 9, 9])
        image.paste(0, (0, 0, 20, 40))
        options["transparency"] = 1
    else:
        image = image.convert(mode)
    picture = decode(saved(image, "PNG", **options))
    assert picture.transparent
    assert picture.upright[20, 5].tolist() == [0, 0, 0]
    assert picture.upright[20, 35].tolist() == [255, 255, 255]


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (3, 2), (5000, 3)])
def test_tiny_and_odd_pictures(size: tuple[int, int]) -> None:
    picture = decode(saved(Image.new("RGB", size, (10, 200, 30))))
    for fit in pictures.FITS:
        small = frame(picture.upright, fit=fit).small
        assert small.shape == (64, 64, 3)
        assert fit == "letterbox" or np.abs(small.astype(int) - (10, 200, 30)).max() <= 1


def test_crop_takes_the_middle_square() -> None:
    image = Image.new("RGB", (90, 30), (255, 255, 255))
    image.paste((0, 120, 0), (30, 0, 60, 30))
    framed = frame(decode(saved(image)).upright, fit="crop")
    assert framed.framed.shape == (30, 30, 3)
    assert framed.small[32, 32].tolist() == [0, 120, 0]
    assert framed.small[32, 1].tolist() == [0, 120, 0]
    with pytest.raises(ValueError, match="fit is 'pad'"):
        frame(framed.small, fit="pad")


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("PNG", "1"), ("JPEG", "RGB")])
def test_forty_megapixels_work(kind: str, mode: str) -> None:
    picture = decode(saved(Image.new(mode, (8000, 5000)), kind))
    assert (picture.width, picture.height) == (8000, 5000)
    assert max(picture.stored.shape) == pictures.WORKING_SIZE


def test_more_is_refused_from_the_header_alone() -> None:
    with pytest.raises(PictureError, match="8,001 x 5,000 = 40,005,000 pixels; at most 40,0"):
        decode(saved(Image.new("1", (8001, 5000))))
    for side in (10_000, 14_000, 30_000):  # where Pillow itself warns, and where it refuses
        with pytest.raises(PictureError, match="pixels"):
            decode(saved(Image.new("1", (side, side))))
    with pytest.raises(PictureError, match="The file has 10,485,764 bytes; at most 10,485,760"):
        decode(b"\x89PNG" + bytes(pictures.MOST_BYTES))


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "The file is empty"),
        (b"MZ\x90\x00", "no picture that is known here"),
        (b"GIF89a...", "a GIF"),
        (b"\0\0\0\x18ftypheic....", "a HEIC, AVIF or video file"),
        (b"%PDF-1.7", "a PDF"),
        (b"II*\0....", "a TIFF"),
        (b"BM....", "a BMP"),
        (b"<!doctype html>", "a web page"),
        (b"  <svg xmlns=", "a web page or a drawing in XML"),
        (b"\x89PNG\r\n\x1a\n", "damaged or cut short"),
        (b"\xff\xd8\xff\xe0....", "damaged or cut short"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "damaged or cut short"),
    ],
)
def test_what_is_no_picture_gets_a_sentence(raw: bytes, message: str) -> None:
    with pytest.raises(PictureError, match=message):
        decode(raw)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_that_is_cut_short(kind: str) -> None:
    raw = saved(Image.effect_noise((200, 200), 90).convert("RGB"), kind)
    for part in (0.05, 0.5, 0.9):
        with pytest.raises(PictureError, match="damaged or cut short"):
            decode(raw[: int(len(raw) * part)])


SOUND = {kind: saved(two_colours(), kind, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0") for kind in
         ("PNG", "JPEG", "WEBP")}  # fmt: skip


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # Pillow's remarks on damaged notes
@given(
    st.sampled_from(sorted(SOUND)),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_a_damaged_picture_is_a_picture_or_a_sentence(kind: str, changes) -> None:
    raw = bytearray(SOUND[kind])
    for place, value in changes:
        raw[place % len(raw)] = value
    said = ""
    try:
        said = f"{decode(bytes(raw)).upright.dtype}."
    except PictureError as error:
        said = str(error)
    assert said == "uint8." or said.endswith(".")


def exif_with(tag: int, kind: int, count: int, value: bytes) -> bytes:
    """Write camera notes by hand: one of any kind, and that the picture lies on its side (6)."""
    entries = sorted([(0x0112, struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)),
                      (tag, struct.pack("<HHII", tag, kind, count, 8 + 2 + 24 + 4))])  # fmt: skip
    body = struct.pack("<H", 2) + b"".join(entry for _, entry in entries) + bytes(4) + value
    return b"Exif\0\0II*\0\x08\0\0\0" + body


@pytest.mark.parametrize(
    ("tag", "kind", "count", "value"),
    [
        (0x010E, 5, 1, struct.pack("<II", 1, 3)),  # a description that is a fraction
        (0x0131, 12, 1, struct.pack("<d", 0.5)),  # a program's name that is a number
        (0x011A, 2, 8, b"seventy\0"),  # a resolution that is a word
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_odd_notes_of_a_camera_do_no_harm(tag: int, kind: int, count: int, value: bytes) -> None:
    stored = two_colours().transpose(Image.Transpose.ROTATE_90)
    picture = decode(saved(stored, "JPEG", exif=exif_with(tag, kind, count, value)))
    assert picture.turned
    assert picture.upright.shape == (40, 60, 3)


def test_a_grey_of_16_bits_may_be_transparent() -> None:
    values = np.full((20, 20), 0x1234, np.uint16)
    values[:, 10:] = 0x8000
    picture = decode(saved(Image.fromarray(values), transparency=0x1234))
    assert picture.transparent
    assert picture.upright[10, 2].tolist() == [255, 255, 255]
    assert picture.upright[10, 17].tolist() == [128, 128, 128]


def test_side_for() -> None:
    assert side_for(12288) == 64
    assert side_for(3) == 1
    for inputs in (5, 12287):
        with pytest.raises(PictureError, match="no square picture"):
            side_for(inputs)


def test_photos_as_learners_have_them(own_images: list[Path]) -> None:
    from nncore import pretrained
    from nncore.forward import L_model_forward

    answers = {}
    for path in own_images:
        column = frame(decode(path.read_bytes()).upright).column
        AL, _ = L_model_forward(column, pretrained.load("four_layer").parameters)
        answers[path.stem] = bool(AL[0, 0] > 0.5)
    assert answers == {"cat_in_iran": True, "gargouille": False, "la_defense": False}
