"""The course's cat photos: found on disk, checked before memory is spent on them, or downloaded.

The photos are not ours to give, so they are not part of the program. They are looked for in the
folder `datasets/` of this repository, or, when the environment variable NNCORE_DATASETS is set, in
the folder that it names and nowhere else.
"""

import hashlib
import math
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np

from nncore.data.dataset import Dataset
from nncore.digest import arrays_digest
from nncore.types import IntArray, UInt8Array

FOLDER_VARIABLE = "NNCORE_DATASETS"
MIRRORS_VARIABLE = "NNCORE_PHOTO_MIRRORS"
DEFAULT_FOLDER = Path(__file__).parents[2] / "datasets"
MOST_BYTES = 64 * 2**20  # a set of pictures that declares more than this is refused
MOST_SECONDS = 180.0  # for one file from one address, however steadily it trickles


class DataError(ValueError):
    """A data set cannot be used; the message says what it is and what to do."""


T = TypeVar("T")


@dataclass(frozen=True)
class PhotoFile:
    """One of the two files, as the course gives it."""

    part: str
    name: str
    size: int
    sha256: str


FILES = (
    PhotoFile(
        part="train",
        name="train_catvnoncat.h5",
        size=2_572_022,
        sha256="fbe56ab67c3ae28d564e3a644189117976d6b31af0a3ce9bb17dbf22908af242",
    ),
    PhotoFile(
        part="test",
        name="test_catvnoncat.h5",
        size=616_958,
        sha256="6a9d39ce52fa85953c5834695b8534a30ed8cfd54971fb2f080b5a24d002b951",
    ),
)

# Public copies of exactly these two files; each download is verified, the next is tried on failure.
MIRRORS = (
    "https://raw.githubusercontent.com/guangfjy/dlcatclassifier/"
    "35b21e313bcc7abd62d713a2d4d4a9516f525b33/datasets/",
    "https://raw.githubusercontent.com/Hiren2002/Logistic-Regression/"
    "a6139a838a0e624f4ab923377df0c5d3386fdf1f/datasets/",
    "https://raw.githubusercontent.com/alaaasfour/Neural-Networks-and-Deep-Learning-Exercises/"
    "5ab55f114620dcc9f5e88a6c54b5a8c231805fcf/datasets/",
)

# The digest of the course's data set, whichever way its files were packed (`Dataset.digest`).
DOCUMENTED_ARRAYS = "49b2a5cc708f212b0fbbd6003abac19e8ade34cbe855643f9ef081758c89a343"


def folder() -> Path:
    """Return the folder in which the photos are looked for now."""
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named) if named else DEFAULT_FOLDER


def advice() -> str:
    """Say how the photos get to where they are looked for."""
    return (
        f"Run python -m nncore fetch to download the photos, or put {FILES[0].name} and "
        f"{FILES[1].name} of the course into {folder()}."
    )


def present() -> bool:
    """Say whether photos are meant to be used: named by the environment, or lying in datasets/.

    True does not mean that they are sound: a named folder with nothing in it is an error that
    `load` tells, never a reason to use something else silently.
    """
    return _named() or all((DEFAULT_FOLDER / file.name).is_file() for file in FILES)


def fingerprint() -> tuple[Any, ...]:
    """Return what changes whenever the files do, as a key for a cache of `load`."""
    where = folder()
    stamps = []
    for file in FILES:
        try:
            status = (where / file.name).stat()
            stamps.append((status.st_mtime_ns, status.st_size))
        except OSError:
            stamps.append((0, 0))
    return (str(where), *stamps)


def load() -> Dataset:
    """Read the photos.

    Returns
    -------
    Dataset
        209 training and 50 test pictures of 64 x 64 when they are the course's; `documented` says so.

    Raises
    ------
    DataError
        If a file is missing, is something else, or does not hold what it should.
    """
    where = folder()
    arrays = {}
    for file in FILES:
        path = where / file.name
        if not path.is_file():
            place = (
                f"{FOLDER_VARIABLE} names the folder {where}, but it" if _named() else f"{where}"
            )
            raise DataError(f"{place} has no {file.name}. {advice()}")
        arrays[file.part] = read_photo_file(path, file.part)
    (train_images, train_labels, classes), (test_images, test_labels, _) = (
        arrays["train"],
        arrays["test"],
    )
    if train_images.shape[1:] != test_images.shape[1:]:
        raise DataError(
            f"The training pictures have shape {train_images.shape[1:]} and the test pictures "
            f"{test_images.shape[1:]}: both need the same size. {advice()}"
        )
    digest = arrays_digest(train_images, train_labels, test_images, test_labels)
    documented = digest == DOCUMENTED_ARRAYS
    return Dataset(
        name="photos" if documented else "own photos",
        title="The course's cat photos"
        if documented
        else "Photos of your own, in the course's files",
        source=f"{FILES[0].name} and {FILES[1].name} from {where}",
        licence="not ours to give: for study, as in the course",
        train_images=train_images,
        train_labels=train_labels,
        test_images=test_images,
        test_labels=test_labels,
        classes=classes,
        documented=documented,
    )


def _named() -> bool:
    return bool(os.environ.get(FOLDER_VARIABLE))


def what_is(head: bytes) -> str | None:
    """Say what a file is that should be HDF5 but is not, from its first bytes; None if it may be."""
    if head.startswith(b"\x89HDF\r\n\x1a\n"):
        return None
    text = head.lstrip().lower()
    if not head:
        return "is empty"
    if text.startswith(b"version https://git-lfs"):
        return "is a Git LFS pointer, a note of about 130 bytes that stands for the real file"
    if text.startswith((b"<!doctype", b"<html", b"<?xml")):
        return "is a web page, probably saved in place of the file it was about"
    if text.startswith(b"pk\x03\x04"):
        return "is a zip archive: unpack it first"
    return "is not an HDF5 file"


def read_photo_file(path: Path, part: str) -> tuple[UInt8Array, IntArray, tuple[str, str]]:
    """Read one .h5 file after checking all that it declares.

    Parameters
    ----------
    path : Path
    part : str
        "train" or "test": the prefix of the keys, as `train_set_x`.

    Returns
    -------
    images : ndarray of shape (m, height, width, 3), uint8
    labels : ndarray of shape (1, m), int64
    classes : tuple of two str

    Raises
    ------
    DataError
        If the file is not what it should be. No array is read before its shape and type are checked.
    """
    import h5py

    try:
        with path.open("rb") as stream:
            trouble = what_is(stream.read(512))
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}). {advice()}") from error
    if trouble:
        raise DataError(f"{path} {trouble}. {advice()}")
    try:
        with h5py.File(path, "r", locking=False) as file:
            images = _pictures(file, path, f"{part}_set_x")
            labels = _labels(file, path, f"{part}_set_y", images.shape[0])
            classes = _classes(file, path)
    except DataError:
        raise
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        # What HDF5 says of a damaged file is long and technical; its gist is this.
        raise DataError(f"{path} is damaged or cut short. {advice()}") from error
    return images, labels, classes


def _plain(file: Any, path: Path, key: str) -> Any:
    """Return the dataset under `key` if its numbers lie in this very file, in a sane amount."""
    import h5py

    if key not in file:
        found = ", ".join(sorted(file)) or "nothing"
        raise DataError(f"{path} has no {key}; it has {found}. {advice()}")
    if type(file.get(key, getlink=True)) is not h5py.HardLink:
        raise DataError(
            f"{path}: {key} is a link to somewhere else and is not followed. {advice()}"
        )
    found = file[key]
    if not isinstance(found, h5py.Dataset):
        raise DataError(f"{path}: {key} is a group, not an array. {advice()}")
    if found.external or found.is_virtual:
        raise DataError(
            f"{path}: {key} keeps its numbers in other files; it is not read. {advice()}"
        )
    chunk = math.prod(found.chunks or ()) * found.dtype.itemsize
    if max(found.nbytes, chunk) > MOST_BYTES:
        raise DataError(
            f"{path}: {key} declares {max(found.nbytes, chunk):,} bytes; at most {MOST_BYTES:,} are "
            f"read. {advice()}"
        )
    if found.nbytes and not found.id.get_storage_size():
        raise DataError(
            f"{path}: {key} declares numbers of shape {found.shape} and holds none. {advice()}"
        )
    return found


def _pictures(file: Any, path: Path, key: str) -> UInt8Array:
    found = _plain(file, path, key)
    if found.ndim != 4 or found.shape[3] != 3 or 0 in found.shape:
        raise DataError(
            f"{path}: {key} has shape {found.shape}; pictures need shape (m, height, width, 3). "
            f"{advice()}"
        )
    if found.dtype != np.uint8:
        raise DataError(
            f"{path}: {key} holds {found.dtype}; pictures need uint8, 0 to 255. {advice()}"
        )
    images: UInt8Array = found[()]
    return images


def _labels(file: Any, path: Path, key: str, m: int) -> IntArray:
    found = _plain(file, path, key)
    if found.dtype.kind not in "iu":
        raise DataError(f"{path}: {key} holds {found.dtype}; labels need whole numbers. {advice()}")
    if found.shape not in ((m,), (m, 1), (1, m)):
        raise DataError(
            f"{path}: {key} has shape {found.shape} for {m} pictures; it needs one label each. "
            f"{advice()}"
        )
    labels: IntArray = found[()].reshape(1, m).astype(np.int64)
    strange = np.setdiff1d(labels, [0, 1])
    if strange.size:
        raise DataError(f"{path}: {key} holds {strange[0]}; labels need to be 0 or 1. {advice()}")
    return labels


def _classes(file: Any, path: Path) -> tuple[str, str]:
    """Return the names of labels 0 and 1; some copies of the training file lack them."""
    if "list_classes" not in file:
        return "non-cat", "cat"
    found = _plain(file, path, "list_classes")
    if found.shape != (2,) or found.dtype.kind != "S" or found.dtype.itemsize > 100:
        raise DataError(
            f"{path}: list_classes has shape {found.shape} and type {found.dtype}; it needs two "
            f"names. {advice()}"
        )
    first, second = (name.decode("utf-8", "replace") for name in found[()])
    return first, second


def mirrors() -> tuple[str, ...]:
    """Return the addresses to download from, best first; NNCORE_PHOTO_MIRRORS replaces them."""
    named = os.environ.get(MIRRORS_VARIABLE, "").split()
    return tuple(address.rstrip("/") + "/" for address in named) or MIRRORS


@dataclass(frozen=True)
class FetchProgress:
    """How far a download is: bytes of all files that are verified or under way, and of how many."""

    file: str
    done: int
    total: int


def fetch(
    into: Path | None = None, *, addresses: Sequence[str] | None = None, timeout: float = 20.0
) -> Iterator[FetchProgress]:
    """Download the photos, verify them, and put them where `load` finds them.

    A file that is already there and sound is kept. A file appears under its name only when its
    digest is right, so a cut or false download leaves nothing behind.

    Parameters
    ----------
    into : Path, optional
        The folder to fill; by default the one in which `load` looks.
    addresses : sequence of str, optional
        Where to download from, instead of `mirrors()`.
    timeout : float
        Seconds without a byte after which the next address is tried.

    Yields
    ------
    FetchProgress

    Raises
    ------
    DataError
        If no address gives a file, with the reason for each.
    """
    into = folder() if into is None else into
    addresses = mirrors() if addresses is None else addresses
    total = sum(file.size for file in FILES)
    done = 0
    try:
        into.mkdir(parents=True, exist_ok=True)
        for file in FILES:
            target = into / file.name
            if not (target.is_file() and _sha256(target) == file.sha256):
                for got in _fetch_one(file, target, addresses, timeout):
                    yield FetchProgress(file.name, done + got, total)
            done += file.size
            yield FetchProgress(file.name, done, total)
    except OSError as error:
        raise DataError(f"The folder {into} cannot be written ({error.strerror}).") from error


def _fetch_one(
    file: PhotoFile, target: Path, addresses: Sequence[str], timeout: float
) -> Iterator[int]:
    """Try each address until one gives the file; yield the bytes so far."""
    reasons = []
    for address in addresses:
        # Beside the target, so that the last step is a rename, which happens wholly or not at all.
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{file.name}.")
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                yield from _download(address + file.name, stream, file.size, timeout)
            _verify(part, file)
            # Else its owner alone could read it, and the app may be another user's.
            part.chmod(0o644)
            os.replace(part, target)
            return
        except _DownloadError as error:
            reasons.append(f"{address}: {error}")
        finally:
            part.unlink(missing_ok=True)
    listing = "\n".join(f"- {reason}" for reason in reasons)
    raise DataError(
        f"{file.name} could not be downloaded. Tried:\n{listing}\n"
        f"The file can also be put into {target.parent} by hand."
    )


class _DownloadError(Exception):
    """One address did not give the file; the next is tried."""


def _download(url: str, into: BinaryIO, size: int, timeout: float) -> Iterator[int]:
    """Copy `url` into an open file, never more than `size` bytes; yield the bytes so far."""
    import urllib.request

    if not url.startswith(("https://", "http://")):
        raise _DownloadError("only http and https addresses are used")
    got = 0
    deadline = time.monotonic() + MOST_SECONDS

    response = _tell_failures(lambda: urllib.request.urlopen(url, timeout=timeout), timeout)
    with response:
        while chunk := _tell_failures(lambda: response.read1(64 * 1024), timeout):
            got += len(chunk)
            if got > size:
                raise _DownloadError(f"it gave more than the {size:,} bytes of the file")
            if time.monotonic() > deadline:
                raise _DownloadError(f"it took over {MOST_SECONDS:g} seconds")
            into.write(chunk)
            yield got


def _tell_failures(read: Callable[[], T], timeout: float) -> T:
    """Open or read, and say in words what a network can do wrong."""
    import http.client
    import urllib.error

    try:
        return read()
    except urllib.error.HTTPError as error:
        raise _DownloadError(f"it answered {error.code} {error.reason}") from error
    except TimeoutError as error:
        raise _DownloadError(f"nothing came for {timeout:g} seconds") from error
    except urllib.error.URLError as error:
        raise _DownloadError(f"it could not be reached ({error.reason})") from error
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise _DownloadError(f"the connection broke ({error})") from error


def _verify(part: Path, file: PhotoFile) -> None:
    with part.open("rb") as stream:
        trouble = what_is(stream.read(512))
    if trouble:
        raise _DownloadError(f"what it gave {trouble}")
    size = part.stat().st_size
    if size < file.size:
        raise _DownloadError(f"it gave only {size:,} of {file.size:,} bytes")
    if _sha256(part) != file.sha256:
        raise _DownloadError("it gave another file (the SHA-256 differs)")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
