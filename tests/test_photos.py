"""The photo files: what is wrong with them is said, and a download is either sound or not there."""

import errno
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import h5py
import numpy as np
import pytest

from nncore import data
from nncore.data import photos

LFS_POINTER = (
    b"version https://git-lfs.github.com/spec/v1\n"
    b"oid sha256:fbe56ab67c3ae28d564e3a644189117976d6b31af0a3ce9bb17dbf22908af242\nsize 2572022\n"
)


def write(path: Path, part: str, *, images=None, labels=None, classes=(b"non-cat", b"cat")) -> None:
    """Write a small sound file in the course's layout, or one with the given arrays."""
    with h5py.File(path, "w") as file:
        if images is not False:
            file[f"{part}_set_x"] = np.zeros((4, 8, 8, 3), np.uint8) if images is None else images
        if labels is not False:
            file[f"{part}_set_y"] = np.array([0, 1, 1, 0]) if labels is None else labels
        if classes is not None:
            file["list_classes"] = np.array(classes)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two small sound files, named by the environment."""
    monkeypatch.setenv(photos.FOLDER_VARIABLE, str(tmp_path))
    write(tmp_path / "train_catvnoncat.h5", "train")
    write(tmp_path / "test_catvnoncat.h5", "test")
    return tmp_path


def test_own_photos_in_the_courses_files_are_read_but_not_called_the_courses(folder: Path) -> None:
    dataset = data.load("photos")
    assert dataset.name == "own photos"
    assert not dataset.documented
    assert dataset.train_labels.tolist() == [[0, 1, 1, 0]]


@pytest.mark.parametrize("shape", [(4,), (4, 1), (1, 4)])
def test_copies_differ_in_the_shape_of_labels_and_in_class_names(folder: Path, shape) -> None:
    labels = np.array([0, 1, 1, 0]).reshape(shape)
    write(folder / "train_catvnoncat.h5", "train", labels=labels, classes=None)
    dataset = data.load("photos")
    assert dataset.train_labels.tolist() == [[0, 1, 1, 0]]
    assert dataset.classes == ("non-cat", "cat")


def test_the_courses_arrays_are_recognised_however_they_are_packed(
    photo_set, tmp_path: Path, monkeypatch
) -> None:
    for part in ("train", "test"):
        write(
            tmp_path / f"{part}_catvnoncat.h5",
            part,
            images=getattr(photo_set, f"{part}_images"),
            labels=getattr(photo_set, f"{part}_labels").reshape(-1, 1),
        )
    monkeypatch.setenv(photos.FOLDER_VARIABLE, str(tmp_path))
    assert data.load("photos").documented


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-500])


def _scrambled(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[64:1500] = bytes(1436)
    path.write_bytes(bytes(raw))


def _external_link(path: Path) -> None:
    secret = path.with_name("secret.h5")
    write(secret, "train")
    with h5py.File(path, "w") as file:
        file["train_set_x"] = h5py.ExternalLink(str(secret), "train_set_x")
        file["train_set_y"] = np.array([0, 1, 1, 0])


def _soft_link(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["elsewhere"] = np.zeros((4, 8, 8, 3), np.uint8)
        file["train_set_x"] = h5py.SoftLink("/elsewhere")
        file["train_set_y"] = np.array([0, 1, 1, 0])


def _external_storage(path: Path) -> None:
    secret = path.with_name("secret.bin")
    secret.write_bytes(bytes(4 * 8 * 8 * 3))
    with h5py.File(path, "w") as file:
        file.create_dataset(
            "train_set_x", (4, 8, 8, 3), "u1", external=[(str(secret), 0, 4 * 8 * 8 * 3)]
        )
        file["train_set_y"] = np.array([0, 1, 1, 0])


def _virtual(path: Path) -> None:
    source = path.with_name("source.h5")
    write(source, "train")
    layout = h5py.VirtualLayout((4, 8, 8, 3), "u1")
    layout[:] = h5py.VirtualSource(str(source), "train_set_x", (4, 8, 8, 3))
    with h5py.File(path, "w") as file:
        file.create_virtual_dataset("train_set_x", layout)
        file["train_set_y"] = np.array([0, 1, 1, 0])


def _gigabytes(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("train_set_x", (200_000, 64, 64, 3), "u1", chunks=(1, 64, 64, 3))
        file["train_set_y"] = np.array([0, 1, 1, 0])
    assert path.stat().st_size < 10_000


def _hollow(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("train_set_x", (4, 64, 64, 3), "u1", chunks=(1, 64, 64, 3))
        file["train_set_y"] = np.array([0, 1, 1, 0])


def _one_giant_chunk(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset(
            "train_set_x", (4, 8, 8, 3), "u1", chunks=(70 * 2**10, 32, 32, 3), maxshape=(None,) * 4
        )
        file["train_set_y"] = np.array([0, 1, 1, 0])


def _long_names(path: Path) -> None:
    write(path, "train", classes=None)
    with h5py.File(path, "a") as file:
        file.create_dataset("list_classes", (2,), "S300000000")


def _group(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_group("train_set_x")


def _sized(**arrays) -> Callable[[Path], None]:
    return lambda path: write(path, "train", **arrays)


def _bytes(content: bytes) -> Callable[[Path], None]:
    def replace(path: Path) -> None:
        path.write_bytes(content)

    return replace


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_bytes(b""), "is empty"),
        (_bytes(LFS_POINTER), "is a Git LFS pointer"),
        (_bytes(b"\n <!DOCTYPE html><html>..."), "is a web page"),
        (_bytes(b"PK\x03\x04..."), "is a zip archive"),
        (_bytes(b"Dear reader"), "is not an HDF5 file"),
        (_truncated, "is damaged or cut short"),
        (_scrambled, "is damaged or cut short|has no train_set_x"),
        (Path.unlink, "has no train_catvnoncat.h5"),
        (_sized(images=False), "has no train_set_x; it has list_classes, train_set_y"),
        (_sized(labels=False), "has no train_set_y"),
        (_sized(images=np.zeros((4, 192), np.uint8)), "has shape \\(4, 192\\)"),
        (_sized(images=np.zeros((4, 8, 8, 4), np.uint8)), "has shape \\(4, 8, 8, 4\\)"),
        (_sized(images=np.zeros((0, 8, 8, 3), np.uint8)), "has shape \\(0, 8, 8, 3\\)"),
        (_sized(images=np.zeros((4, 8, 8, 3))), "holds float64; pictures need uint8"),
        (_sized(images=np.zeros((4, 9, 9, 3), np.uint8)), "both need the same size"),
        (_sized(labels=np.array([0, 1, 2, 0])), "holds 2; labels need to be 0 or 1"),
        (_sized(labels=np.array([0, 1, 1])), "for 4 pictures; it needs one label each"),
        (_sized(labels=np.array([0.0, 1, 1, 0])), "holds float64; labels need whole numbers"),
        (_sized(classes=(b"a", b"b", b"c")), "it needs two names"),
        (_group, "is a group, not an array"),
        (_external_link, "is a link to somewhere else"),
        (_soft_link, "is a link to somewhere else"),
        (_external_storage, "keeps its numbers in other files"),
        (_virtual, "keeps its numbers in other files"),
        (_gigabytes, "declares 2,457,600,000 bytes"),
        (_hollow, "declares numbers of shape .* and holds none"),
        (_one_giant_chunk, "declares 220,200,960 bytes"),
        (_long_names, "it needs two names|declares"),
    ],
)
def test_a_broken_file_is_refused_with_a_sentence(folder: Path, spoil, message: str) -> None:
    spoil(folder / "train_catvnoncat.h5")
    with pytest.raises(data.DataError, match=message) as caught:
        data.load("photos")
    assert "python -m nncore fetch" in str(caught.value)


# The download -----------------------------------------------------------------------------------


class Mirror(BaseHTTPRequestHandler):
    """A public copy on this machine; the first folder of the path says how it behaves."""

    source: Path
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        _, manner, name = self.path.split("/")
        content = (self.source / name).read_bytes()
        if manner == "missing":
            self.send_error(404)
            return
        if manner == "silent":
            self.server.released.wait(5)  # type: ignore[attr-defined]
            return
        if manner == "trickling":
            self.send_response(200)
            self.end_headers()
            for k in range(50):
                self.wfile.write(content[k : k + 1])
                if self.server.released.wait(0.05):  # type: ignore[attr-defined]
                    return
            return
        if manner == "hanging":
            self.send_response(200)
            self.end_headers()
            self.wfile.flush()
            self.server.released.wait(5)  # type: ignore[attr-defined]
            return
        answers = {
            "good": content,
            "cut": content[:1000],
            "lying": content[:-1] + b"!",
            "endless": content + b"more",
            "pointer": LFS_POINTER,
            "page": b"<!doctype html><p>Please log in",
        }
        self.send_response(200)
        if manner == "broken":
            self.send_header("Content-Length", str(len(content)))
            answers["broken"] = content[:2000]
        self.end_headers()
        self.wfile.write(answers[manner])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def mirror(photo_set, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    Mirror.source = Path(photo_set.source.split(" from ")[1])
    Mirror.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    server.daemon_threads = True
    server.released = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    yield f"http://127.0.0.1:{server.server_port}/"
    server.released.set()  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
    thread.join()


def test_fetch_brings_verified_files_with_progress(mirror: str, no_photos: Path) -> None:
    steps = list(photos.fetch(addresses=[mirror + "good/"]))
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1].done == steps[-1].total == 2_572_022 + 616_958
    assert len(steps) > 10
    assert data.load("photos").documented
    for file in no_photos.iterdir():
        assert file.stat().st_mode & 0o444 == 0o444  # the app may be another user's
    assert sorted(file.name for file in no_photos.iterdir()) == sorted(
        file.name for file in photos.FILES
    )
    Mirror.asked.clear()
    assert list(photos.fetch(addresses=[mirror + "good/"]))[-1].done == steps[-1].total
    assert Mirror.asked == []  # what is there and sound is not fetched again


@pytest.mark.parametrize(
    ("manner", "reason"),
    [
        ("missing", "it answered 404"),
        ("cut", "it gave only 1,000 of"),
        ("broken", "the connection broke|it gave only"),
        ("lying", "SHA-256 differs"),
        ("endless", "it gave more than"),
        ("pointer", "is a Git LFS pointer"),
        ("page", "is a web page"),
        ("hanging", "nothing came for 1.5 seconds"),
        ("silent", "nothing came for 1.5 seconds"),
        ("trickling", "it took over 2 seconds"),
    ],
)
def test_a_bad_copy_leaves_nothing_and_the_next_is_tried(
    mirror: str, no_photos: Path, manner: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if manner == "trickling":
        monkeypatch.setattr(photos, "MOST_SECONDS", 2)
    with pytest.raises(data.DataError, match=reason):
        list(photos.fetch(addresses=[f"{mirror}{manner}/"], timeout=1.5))
    assert list(no_photos.iterdir()) == []
    list(photos.fetch(addresses=[f"{mirror}{manner}/", f"{mirror}good/"], timeout=1.5))
    assert data.load("photos").documented


def test_a_download_that_nobody_waits_for_leaves_nothing(mirror: str, no_photos: Path) -> None:
    download = photos.fetch(addresses=[mirror + "good/"])
    next(download)
    assert len(list(no_photos.iterdir())) == 1
    download.close()  # as where the tab is closed
    assert list(no_photos.iterdir()) == []


def test_fetch_replaces_a_broken_file(mirror: str, no_photos: Path) -> None:
    no_photos.mkdir()
    (no_photos / "train_catvnoncat.h5").write_bytes(LFS_POINTER)
    list(photos.fetch(addresses=[mirror + "good/"]))
    assert data.load("photos").documented


def test_a_closed_port_and_other_kinds_of_address(no_photos: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        with pytest.raises(data.DataError, match="could not be reached") as caught:
            list(photos.fetch(addresses=[address, "file:///etc/"], timeout=1))
    assert "only http and https" in str(caught.value)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(data.DataError, match="cannot be written"):
        list(photos.fetch(tmp_path / "file" / "datasets", addresses=[]))


def test_a_folder_that_is_read_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> tuple[int, str]:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    with pytest.raises(data.DataError, match=r"cannot be written \(Read-only file system\)"):
        list(photos.fetch(addresses=["http://127.0.0.1:9/"]))
    folder.chmod(0o555)
    try:
        assert data.load("photos").name == "own photos"  # reading needs no more
    finally:
        folder.chmod(0o755)


def test_a_file_that_may_not_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(data.DataError, match=r"cannot be read \(Permission denied\)"):
        data.load("photos")


def test_mirrors_can_be_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(photos.mirrors()) == 3
    assert all(len(address.split("/")[5]) == 40 for address in photos.mirrors())
    monkeypatch.setenv(photos.MIRRORS_VARIABLE, "https://a.example/x https://b.example/y/")
    assert photos.mirrors() == ("https://a.example/x/", "https://b.example/y/")


def test_fingerprint_changes_with_the_files(folder: Path) -> None:
    before = photos.fingerprint()
    shutil.copy(folder / "test_catvnoncat.h5", folder / "train_catvnoncat.h5")
    assert photos.fingerprint() != before
    (folder / "train_catvnoncat.h5").unlink()
    assert photos.fingerprint()[1] == (0, 0)
