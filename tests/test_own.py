"""Own classes: every fault of a zip has its sentence, and what is made of it holds together."""

import io
import struct
import zipfile
from collections.abc import Callable, Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from nncore.data import DataError, own, pictures
from nncore.data.own import File, Refused, Small


def png(shade: int, size: tuple[int, int] = (40, 30), kind: str = "PNG") -> bytes:
    """A picture that is like no other of another shade."""
    file = io.BytesIO()
    picture = Image.new("RGB", size, (shade, 255 - shade, 90))
    picture.putpixel((size[0] // 2, size[1] // 2), (255, 0, shade))
    picture.save(file, kind)
    return file.getvalue()


def zipped(files: Mapping[str, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", how) as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    return packed.getvalue()


def two_classes(each: int = 3) -> dict[str, bytes]:
    return {
        f"{folder}/{k}.png": png(100 * number + k)
        for number, folder in enumerate(("dogs", "cats"))
        for k in range(each)
    }


def collected(raw: bytes) -> own.Collection:
    found = own.unzip(raw)
    classes = own.in_order(*found.folders)
    seen = own.look_at(classes, found.folders, pictures.decode)
    return own.gather(classes, [*found.refused, *seen])


def reason(files: Mapping[str, bytes], name: str) -> str:
    """Why one file of a zip with two good classes was left out."""
    return reason_in(zipped(two_classes() | dict(files)), name)


def reason_in(raw: bytes, name: str) -> str:
    found = collected(raw)
    assert [found.count(0), found.count(1)] == [3, 3]
    assert [each.name for each in found.refused] == [name]
    return found.refused[0].reason


def test_two_folders_are_two_classes() -> None:
    found = collected(zipped(two_classes()))
    assert found.classes == ("dogs", "cats")
    assert not found.refused
    assert {small.label for small in found.pictures if small.name.startswith("cats")} == {1}


@pytest.mark.parametrize("around", ["pets/", "a/b/", "./"])
def test_a_folder_around_both_is_passed_over(around: str) -> None:
    raw = zipped({around + name: content for name, content in two_classes().items()})
    assert set(own.unzip(raw).folders) == {"dogs", "cats"}


def test_folders_within_a_class_belong_to_it() -> None:
    files = two_classes() | {"cats/kittens/young/1.png": png(222)}
    assert len(own.unzip(zipped(files)).folders["cats"]) == 4


def test_what_an_operating_system_adds_is_passed_over() -> None:
    files = two_classes() | {
        "__MACOSX/cats/._1.png": b"x",
        "cats/.DS_Store": b"x",
        "dogs/Thumbs.db": b"x",
        "birds/": b"",
    }
    assert not collected(zipped(files)).refused


# One bad file is left out, with its reason ----------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../x.png", "cats/../../x.png", "/etc/x.png", "C:/x.png", "..\\x.png", "C:\\x.png"]
)
def test_a_path_that_leads_out_is_refused(name: str) -> None:
    assert "leads out" in reason({name: png(200)}, name.replace("\\", "/"))


@pytest.mark.parametrize("name", ["", ".", "./", "//", "cats/", "cats/."])
def test_an_entry_that_names_no_file_is_left_out_or_passed_over(name: str) -> None:
    packed = io.BytesIO(zipped(two_classes()))
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr(zipfile.ZipInfo("a placeholder"), b"")
    raw = packed.getvalue()
    place = raw.rindex(b"PK\x01\x02")  # the last in the list; its own name is never looked at
    size = len("a placeholder")
    raw = (
        raw[: place + 28]
        + len(name).to_bytes(2, "little")
        + raw[place + 30 : place + 46]
        + name.encode()
        + raw[place + 46 + size :]
    )
    end = raw.rindex(b"PK\x05\x06") + 12  # how long the list is
    listed = int.from_bytes(raw[end : end + 4], "little") + len(name) - size
    raw = raw[:end] + listed.to_bytes(4, "little") + raw[end + 4 :]
    sent = own.unzip(raw)
    assert set(sent.folders) == {"dogs", "cats"}
    assert all(each.name and each.reason == "is no picture, by its name" for each in sent.refused)
    assert len(sent.refused) == (not name.endswith("/"))


def test_backslashes_are_folders() -> None:
    files = {name.replace("/", "\\"): content for name, content in two_classes().items()}
    assert set(own.unzip(zipped(files)).folders) == {"dogs", "cats"}


def test_a_link_is_refused() -> None:
    packed = io.BytesIO(zipped(two_classes()))
    with zipfile.ZipFile(packed, "a") as archive:
        link = zipfile.ZipInfo("cats/link.png")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert "link" in reason_in(packed.getvalue(), "cats/link.png")


def patched(raw: bytes, name: str, change: Callable[[bytearray, int, int], None]) -> bytes:
    """Change the two heads of a member: its own, and its line in the list at the end."""
    changed = bytearray(raw)
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        local = archive.getinfo(name).header_offset
    listed = raw.index(name.encode(), raw.index(b"PK\x01\x02")) - 46
    change(changed, local, listed)
    return bytes(changed)


def test_what_is_locked_is_refused() -> None:
    def lock(raw: bytearray, local: int, listed: int) -> None:
        raw[local + 6] |= 1
        raw[listed + 8] |= 1

    raw = zipped(two_classes() | {"cats/locked.png": png(200)})
    assert "password" in reason_in(patched(raw, "cats/locked.png", lock), "cats/locked.png")


@pytest.mark.parametrize("by", [-5, 5, 10**6])
def test_a_size_that_is_not_so_is_found_out(by: int) -> None:
    def lie(raw: bytearray, local: int, listed: int) -> None:
        size = struct.unpack_from("<I", raw, listed + 24)[0]
        struct.pack_into("<I", raw, listed + 24, size + by)
        struct.pack_into("<I", raw, local + 22, size + by)

    raw = zipped(two_classes() | {"cats/lie.png": png(200)}, zipfile.ZIP_DEFLATED)
    why = reason_in(patched(raw, "cats/lie.png", lie), "cats/lie.png")
    assert "damaged" in why or "another number" in why


def test_a_wrong_checksum_is_found_out() -> None:
    raw = zipped(two_classes())
    place = raw.index(png(101))
    raw = raw[: place + 30] + bytes([raw[place + 30] ^ 1]) + raw[place + 31 :]
    found = collected(raw)
    assert "damaged" in found.refused[0].reason


def test_a_bomb_is_refused_before_it_goes_off() -> None:
    bomb = {"cats/bomb.png": b"\0" * (5 * 2**20)}
    raw = zipped(two_classes() | bomb, zipfile.ZIP_DEFLATED)
    assert len(raw) < 20_000
    assert "times its size" in reason_in(raw, "cats/bomb.png")


def test_many_small_bombs_are_refused_by_what_they_unpack_to(monkeypatch) -> None:
    monkeypatch.setattr(own, "MOST_TOTAL", 2 * 2**20)
    bombs = {f"cats/{k}.png": b"\0" * 2**20 for k in range(4)}
    with pytest.raises(DataError, match="unpacks to 4,19"):
        own.unzip(zipped(two_classes() | bombs, zipfile.ZIP_DEFLATED))


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("cats/more.zip", zipped(two_classes()), "zip in the zip"),
        ("cats/more.png", zipped(two_classes()), "no picture that is known"),
        ("cats/notes.txt", b"hello", "no picture, by its name"),
        ("cats/page.png", b"<html></html>", "web page"),
        ("cats/empty.jpg", b"", "empty"),
        ("cats/cut.png", png(210)[:60], "damaged or cut short"),
        ("readme.png", png(210), "lies in no folder"),
    ],
)
def test_what_is_no_picture_is_left_out(name: str, content: bytes, why: str) -> None:
    assert why in reason({name: content}, name)


def test_a_picture_that_is_too_large_is_left_out(monkeypatch) -> None:
    monkeypatch.setattr(pictures, "MOST_PIXELS", 5000)
    assert "9,000 pixels" in reason({"cats/large.png": png(210, (100, 90))}, "cats/large.png")
    monkeypatch.setattr(pictures, "MOST_BYTES", 3000)
    why = reason({"cats/long.png": png(210) + b"\0" * 3000}, "cats/long.png")
    assert "at most 3,000" in why


def test_an_unusual_packing_is_refused() -> None:
    packed = io.BytesIO(zipped(two_classes()))
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("cats/z.png", png(200), compress_type=zipfile.ZIP_LZMA)
    assert "unusual way" in reason_in(packed.getvalue(), "cats/z.png")


def test_the_same_picture_counts_once_and_is_told() -> None:
    assert "same picture as cats/0.png" in reason({"cats/again.png": png(100)}, "cats/again.png")
    again = reason({"cats/again.png": png(0)}, "cats/again.png")
    assert "same picture as dogs/0.png, which is in the other class" in again


def test_more_than_the_most_of_a_class_are_left_out(monkeypatch) -> None:
    monkeypatch.setattr(own, "MOST", 3)
    assert "one too many: 3" in reason({"cats/more.png": png(200)}, "cats/more.png")


def test_names_are_made_one_line_that_can_be_seen() -> None:
    name = "cats/a\nb\u202egnp.txt"
    found = own.unzip(zipped(two_classes() | {name: b"x"}))
    assert found.refused[0].name == "cats/a b gnp.txt"
    assert [len(own.clean("abcdefghijklmnop", most)) for most in (10, 15, 16)] == [10, 15, 16]


# A bad zip is refused as a whole ----------------------------------------------------------------------


@pytest.mark.parametrize("raw", [b"", b"PK", b"MZ no zip", zipped(two_classes())[:-30], png(3)])
def test_no_zip(raw: bytes) -> None:
    with pytest.raises(DataError, match="no zip, or a damaged one"):
        own.unzip(raw)


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ([], "No folder with pictures"),
        (["1.png", "2.png"], "No folder with pictures is in the zip. 1.png lies in no folder"),
        (["cats/1.png", "cats/2.png"], "Only one folder with pictures: cats"),
        (["all/cats/1.png", "all/cats/2.png"], "Only one folder"),
        (["cats/1.png", "dogs/1.png", "owls/1.png"], "3 folders with pictures: cats, dogs, owls"),
        (["train/cats/1.png", "test/cats/1.png"], "split here, by a seed"),
        (["\u200b/1.png", "cats/1.png"], "called '' and 'cats': they need two names"),
        (["Cats/1.png", "cats/1.png"], "they need two names that differ"),
    ],
)
def test_other_than_two_folders(names: list[str], why: str) -> None:
    with pytest.raises(DataError, match=why):
        own.unzip(zipped({name: png(k) for k, name in enumerate(names)}))


def test_too_large_and_too_many(monkeypatch) -> None:
    raw = zipped(two_classes())
    monkeypatch.setattr(own, "MOST_ENTRIES", 5)
    with pytest.raises(DataError, match="more than 5 entries"):
        own.unzip(raw)
    monkeypatch.setattr(own, "MOST_ZIP", 1000)
    with pytest.raises(DataError, match="at most 1,000 are read"):
        own.unzip(raw)


def test_what_is_wrong_with_the_first_file_is_told_in_a_whole_sentence() -> None:
    files = {"cats/1.png": png(1), "cats/2.png": png(2), "dogs/1.png": png(3), "/x.png": png(4)}
    with pytest.raises(DataError, match=r"to learn from\. /x.png has a path .* of the zip\.$"):
        collected(zipped(files))


def test_too_few_pictures_of_a_class() -> None:
    files = two_classes()
    del files["cats/1.png"], files["cats/2.png"]
    with pytest.raises(DataError, match="cats has too few pictures that can be used, 1"):
        collected(zipped(files))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 2000), st.integers(0, 255))
def test_whatever_is_sent_the_answer_is_a_sentence(noise: bytes, place: int, value: int) -> None:
    raw = bytearray(zipped(two_classes(2), zipfile.ZIP_DEFLATED))
    raw[place % len(raw)] = value
    for sent in (bytes(raw), noise, bytes(raw) + noise):
        try:
            found = collected(sent)
        except DataError:
            continue
        assert all(isinstance(each, Small) for each in found.pictures)


# Files without a zip ----------------------------------------------------------------------------------


def test_two_lots_of_files() -> None:
    lots = [("cat", [File("1.png", png(1))]), (" non-cat ", [File("1.png", png(2))])]
    assert list(own.take(lots).folders) == ["cat", "non-cat"]


@pytest.mark.parametrize("names", [("cat", "cat"), ("cat", " Cat"), ("", "dog"), ("a", "\n")])
def test_two_lots_need_two_names(names: tuple[str, str]) -> None:
    with pytest.raises(DataError, match="two names that differ"):
        own.take([(name, [File("1.png", png(1))]) for name in names])


def test_files_too_large_together(monkeypatch) -> None:
    monkeypatch.setattr(own, "MOST_TOTAL", 500)
    with pytest.raises(DataError, match="at most 500"):
        own.take([(name, [File("1.png", b"x" * 300)]) for name in ("a", "b")])


@pytest.mark.parametrize(
    ("pair", "one"),
    [
        (("cats", "dogs"), "cats"),
        (("non-cat", "cat"), "cat"),
        (("other", "zebra"), "zebra"),
        (("No cat", "tiger"), "tiger"),
        (("north", "south"), "north"),
    ],
)
def test_the_order_of_the_labels_is_by_name_not_by_what_came_first(pair, one: str) -> None:
    assert own.in_order(*pair)[1] == own.in_order(*pair[::-1])[1] == one


# The split ------------------------------------------------------------------------------------------


def collection_of(zeros: int, ones: int) -> own.Collection:
    """Pictures that carry their number in their first pixels."""
    smalls = []
    for k in range(zeros + ones):
        view = np.zeros((own.SIDE, own.SIDE, 3), dtype=np.uint8)
        view[0, 0] = (k // 256, k % 256, 7)
        views = {"stretch": view, "crop": 255 - view}
        smalls.append(Small(int(k >= zeros), str(k), views))
    return own.Collection(("a", "b"), smalls, [Refused("x", "y")])


def numbers(images: np.ndarray) -> list[int]:
    return [int(image[0, 0, 0]) * 256 + int(image[0, 0, 1]) for image in images]


@settings(max_examples=40, deadline=None)
@given(
    st.integers(2, 40), st.integers(2, 40), st.sampled_from(own.SHARES), st.integers(0, 2**31 - 1)
)
def test_a_split_is_stratified_and_loses_nothing(zeros, ones, share, seed) -> None:
    dataset = own.split(collection_of(zeros, ones), fit="stretch", share=share, seed=seed)
    train, test = numbers(dataset.train_images), numbers(dataset.test_images)
    assert sorted(train + test) == list(range(zeros + ones))
    assert dataset.train_labels.tolist() == [[int(k >= zeros) for k in train]]
    assert dataset.test_labels.tolist() == [[int(k >= zeros) for k in test]]
    for label, count in ((0, zeros), (1, ones)):
        tested = dataset.counts("test")[label]
        assert 1 <= tested <= count - 1
        assert abs(tested - share * count) <= 1
    again = own.split(collection_of(zeros, ones), fit="stretch", share=share, seed=seed)
    assert again.name == dataset.name


def test_another_split_has_another_name() -> None:
    found = collection_of(5, 5)
    asked = [("stretch", 0.2, 1), ("crop", 0.2, 1), ("stretch", 0.4, 1), ("stretch", 0.2, 2)]
    names = [own.split(found, fit=f, share=s, seed=seed).name for f, s, seed in asked]
    assert len(set(names)) == 4
    renamed = own.Collection(("a", "c"), found.pictures, [])
    assert own.split(renamed, fit="stretch", share=0.2, seed=1).name not in names
    assert all(own.is_own(name) for name in names)
    assert not any(own.is_own(name) for name in ("photos", "doodles", "own photos", ""))


def test_pictures_come_upright_and_fit_as_asked() -> None:
    wide = np.zeros((30, 90, 3), dtype=np.uint8)
    wide[:, 60:] = 255
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise: what was on the right comes to stand below
    Image.fromarray(wide).save(file, "PNG", exif=exif)
    (small,) = own.look_at(
        ("a", "b"), {"a": [File("1.png", file.getvalue())], "b": []}, pictures.decode
    )
    assert isinstance(small, Small)
    assert small.views["stretch"][:30].max() == 0
    assert small.views["stretch"][-10:].min() == 255
    assert small.views["crop"].max() < 10  # the middle square of it is black


def test_the_sample_is_a_good_zip() -> None:
    found = collected(own.sample_zip())
    assert found.classes == ("rabbits", "owls")
    assert [found.count(0), found.count(1)] == [own.SAMPLE_SIZE] * 2
    assert not found.refused


@pytest.mark.parametrize("fit", own.FITS)
def test_the_smallest_set_trains_and_nothing_divides_by_zero(fit: str) -> None:
    from nncore.history import Settings
    from nncore.run import Run

    dataset = own.split(collected(zipped(two_classes(2))), fit=fit, share=0.2, seed=1)
    assert dataset.counts("train") == dataset.counts("test") == (1, 1)
    run = Run(dataset, Settings((12288, 3, 1), 0.0075, 20, "scaled", 1, dataset.name))
    run.advance(10)
    assert run.history().correct["test"][1] == 2
