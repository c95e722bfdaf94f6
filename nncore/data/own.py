"""Your own two classes: from a zip, or from files, to a data set; nothing is ever written to disk.

What a stranger sends is not to be trusted, so everything is bounded before memory is spent on it: the
zip as it came, how many entries it has, what they say they unpack to and what they do unpack to, each
picture's bytes and pixels. One bad file is left out, with the reason; a bad zip is refused as a whole.
"""

import hashlib
import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from nncore.data import doodles, pictures
from nncore.data.dataset import Dataset
from nncore.data.photos import DataError
from nncore.types import IntArray, UInt8Array

SIDE = 64
FITS = ("stretch", "crop")  # what may become of a picture that is not square
LEAST, MOST = 2, 150  # pictures of a class: one to learn from and one to be tested on, at least
MOST_ZIP = 15 * 2**20  # bytes, as it is sent
MOST_TOTAL = 40 * 2**20  # bytes of all files, unpacked
MOST_ENTRIES = 1000
MOST_RATIO, RATIO_FROM = (
    100,
    2**20,
)  # what unpacks to more than so many times its size, and is large
LONGEST_CLASS, LONGEST_NAME = 24, 60
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5)  # of a class, for the test
PREFIX = "own-"

SUFFIXES = (".png", ".jpg", ".jpeg", ".jfif", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic")
JUNK = ("thumbs.db", "desktop.ini")  # what Windows leaves in folders; macOS' names begin with a dot
PARTS = ("train", "training", "test", "testing", "val", "valid", "validation")
OTHERS = ("non", "no", "not", "other", "others", "rest", "negative")

SMALL_BYTES = SIDE * SIDE * 3
SPLIT_BYTES = SMALL_BYTES + 8 * SMALL_BYTES  # in a data set: uint8, and a float64 column

Decode = Callable[[bytes], pictures.Picture]


@dataclass(frozen=True)
class File:
    """A file as it was sent: its name, with its folder, and its bytes."""

    name: str
    raw: bytes


@dataclass(frozen=True)
class Refused:
    """A file that was left out, and why. The name is a stranger's text."""

    name: str
    reason: str


@dataclass(frozen=True, eq=False)
class Unpacked:
    """What was in a zip: the files of each of its two folders, and what was left out."""

    folders: Mapping[str, Sequence[File]]
    refused: Sequence[Refused]

    @property
    def most_bytes(self) -> int:
        """How much memory a collection of all these files would take at most, in bytes."""
        count = sum(min(len(files), MOST) for files in self.folders.values())
        return count * (len(FITS) * SMALL_BYTES + SPLIT_BYTES)


@dataclass(frozen=True, eq=False)
class Small:
    """A picture at the size that the network reads, once for each of `FITS`."""

    label: int
    name: str
    views: Mapping[str, UInt8Array]


@dataclass(frozen=True, eq=False)
class Collection:
    """All pictures of two classes, not split yet.

    Attributes
    ----------
    classes : tuple of str
        The names of labels 0 and 1: a stranger's text.
    pictures : sequence of Small
    refused : sequence of Refused
    """

    classes: tuple[str, str]
    pictures: Sequence[Small]
    refused: Sequence[Refused]

    def count(self, label: int) -> int:
        """Count the pictures of a class."""
        return sum(small.label == label for small in self.pictures)

    @property
    def nbytes(self) -> int:
        """How much memory it takes, in bytes, with a data set made of it and its columns."""
        views = {id(view): view.nbytes for small in self.pictures for view in small.views.values()}
        return sum(views.values()) + len(self.pictures) * SPLIT_BYTES


def is_own(name: str) -> bool:
    """Say whether a data set of this name is somebody's own: in one session, and nowhere else."""
    return name.startswith(PREFIX)


def clean(text: str, most: int = LONGEST_NAME) -> str:
    """Make a stranger's text one short line of characters that can be seen.

    >>> clean("a\\n b\\u202e"), clean("cats and other animals", 10)
    ('a b', 'cats and …')
    """
    visible = "".join(c if c.isprintable() else " " for c in text[:1000])
    line = re.sub(r"\s+", " ", visible).strip()
    return line if len(line) <= most else line[: most - 2].rstrip() + " …"


def in_order(first: str, second: str) -> tuple[str, str]:
    """Return two class names as labels 0 and 1: the network's answer is the probability of label 1.

    Label 1 is the one whose name does not begin with "non" or "other"; else, the first in the alphabet.

    >>> in_order("cat", "non-cat"), in_order("dogs", "cats")
    (('non-cat', 'cat'), ('dogs', 'cats'))
    """
    one, other = sorted((first, second), key=str.casefold)
    if re.split(r"[^a-z]", one.casefold(), maxsplit=1)[0] in OTHERS:
        one, other = other, one
    return other, one


# From a zip to files --------------------------------------------------------------------------------


def unzip(raw: bytes) -> Unpacked:
    """Read the pictures of a zip with two folders, in memory.

    Parameters
    ----------
    raw : bytes

    Returns
    -------
    Unpacked
        The two folders by name. A folder around both is passed over.

    Raises
    ------
    DataError
        If it is no zip, too large, or has other than two folders of pictures.
    """
    if len(raw) > MOST_ZIP:
        raise DataError(
            f"The zip has {len(raw):,} bytes; at most {MOST_ZIP:,} are read. The network sees "
            f"{SIDE} x {SIDE} pixels: make the pictures smaller, 300 pixels wide are plenty."
        )
    # Each entry needs this mark in the list at the end: counted before the list is read.
    if raw.count(b"PK\x01\x02") > MOST_ENTRIES:
        raise DataError(f"The zip has more than {MOST_ENTRIES:,} entries. Send fewer pictures.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error) as error:
        raise DataError(
            "The file is no zip, or a damaged one. Put the two folders into a new .zip and try again."
        ) from error
    with archive:
        return _sorted(*_read(archive))


def _read(archive: zipfile.ZipFile) -> tuple[list[File], list[Refused]]:
    """Read what is worth reading; say of everything else why it was left out."""
    files: list[File] = []
    refused: list[Refused] = []
    entries = [entry for entry in archive.infolist() if not _is_junk(entry)]
    declared = sum(entry.file_size for entry in entries if not _fault(entry))
    if declared > MOST_TOTAL:
        raise DataError(
            f"The zip unpacks to {declared:,} bytes; at most {MOST_TOTAL:,} are read. Make the "
            f"pictures smaller, or send fewer."
        )
    left = MOST_TOTAL
    for entry in entries:
        name = entry.orig_filename.replace("\\", "/")
        fault = _fault(entry)
        if not fault:
            try:
                with archive.open(entry) as member:
                    content = member.read(min(left, pictures.MOST_BYTES) + 1)
            except (
                zipfile.BadZipFile,  # what it says of itself is not so, or its checksum is wrong
                RuntimeError,
                NotImplementedError,
                EOFError,
                OSError,
                ValueError,
                zlib.error,
                struct.error,
            ):
                fault = "is damaged in the zip"
            else:
                left -= len(content)
                if len(content) != entry.file_size:
                    fault = f"says it has {entry.file_size:,} bytes and has another number"
        if left < 0:
            raise DataError(
                f"The zip unpacks to more than {MOST_TOTAL:,} bytes, whatever it says. It is refused."
            )
        if fault:
            refused.append(Refused(clean(name) or "a file without a name", fault))
        else:
            files.append(File(name, content))
    return files, refused


def _is_junk(entry: zipfile.ZipInfo) -> bool:
    """Say whether an entry is a folder, or what an operating system puts in without being asked."""
    name = entry.orig_filename.replace("\\", "/")
    path = PurePosixPath(name)
    hidden = path.name.startswith(".") and path.name != ".."
    return name.endswith("/") or "__MACOSX" in path.parts or hidden or path.name.casefold() in JUNK


def _fault(entry: zipfile.ZipInfo) -> str:
    """Say why an entry is not even read, from what the zip says of it; empty where nothing is wrong."""
    name = entry.orig_filename.replace("\\", "/")
    path = PurePosixPath(name)
    suffix = path.suffix.casefold()
    if path.is_absolute() or ".." in path.parts or ":" in name.split("/")[0] or "\0" in name:
        return "has a path that leads out of the zip"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "is a link to another file, and no picture"
    if entry.flag_bits & 0x41:  # the whole, or its list, is encrypted
        return "is locked with a password; make a zip without one"
    if suffix == ".zip":
        return "is a zip in the zip; put the folders themselves in"
    if suffix not in SUFFIXES:
        return "is no picture, by its name"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed in an unusual way; make an ordinary zip"
    if entry.file_size > pictures.MOST_BYTES:
        return f"has {entry.file_size:,} bytes; at most {pictures.MOST_BYTES:,} are read"
    if entry.file_size > RATIO_FROM and entry.file_size > MOST_RATIO * entry.compress_size:
        return f"unpacks to more than {MOST_RATIO} times its size, as no photo does"
    return ""


def _sorted(files: list[File], refused: list[Refused]) -> Unpacked:
    """Sort files by their two folders, passing over what lies around both."""
    paths = [PurePosixPath(file.name).parts for file in files]
    while paths and all(len(parts) > 2 and parts[0] == paths[0][0] for parts in paths):
        paths = [parts[1:] for parts in paths]
    folders: dict[str, list[File]] = {}
    for file, parts in zip(files, paths, strict=True):
        if len(parts) < 2:
            refused.append(Refused(clean(file.name), "lies in no folder"))
        else:
            folders.setdefault(clean(parts[0], LONGEST_CLASS), []).append(file)
    wanted = "It needs exactly two folders, each with the pictures of one class and named after it."
    if not folders:
        first = f" {refused[0].name} {refused[0].reason}." if refused else ""
        raise DataError(f"No folder with pictures is in the zip.{first} {wanted}")
    names = ", ".join(list(folders)[:6]) + (", …" if len(folders) > 6 else "")
    if any(name.casefold() in PARTS for name in folders):
        raise DataError(
            f"The folders are called {names}: the pictures are split here, by a seed. {wanted}"
        )
    if len(folders) != 2:
        how = "Only one folder" if len(folders) == 1 else f"{len(folders)} folders"
        raise DataError(f"{how} with pictures: {names}. {wanted}")
    _require_names(list(folders))
    return Unpacked(folders, refused)


def take(lots: Sequence[tuple[str, Sequence[File]]]) -> Unpacked:
    """Take two lots of files that were sent without a zip, each with the name of its class.

    Raises
    ------
    DataError
        If the names are no two names, or the files are too large together.
    """
    named = [clean(name, LONGEST_CLASS) for name, _files in lots]
    _require_names(named)
    folders = {name: files for name, (_name, files) in zip(named, lots, strict=True)}
    check_total(sum(len(file.raw) for files in folders.values() for file in files))
    return Unpacked(folders, [])


def _require_names(classes: Sequence[str]) -> None:
    if len({name.casefold() for name in classes}) != 2 or not all(classes):
        given = " and ".join(map(repr, classes))
        raise DataError(f"The classes are called {given}: they need two names that differ.")


def check_total(size: int) -> None:
    """Check how many bytes all files have together, before they are read.

    Raises
    ------
    DataError
        If they are too many.
    """
    if size > MOST_TOTAL:
        raise DataError(
            f"The files have {size:,} bytes together; at most {MOST_TOTAL:,} are read. Make the "
            f"pictures smaller, or send fewer."
        )


# From files to a data set ---------------------------------------------------------------------------


def look_at(
    classes: tuple[str, str], folders: Mapping[str, Sequence[File]], decode: Decode
) -> Iterator[Small | Refused]:
    """Decode file after file: yield each as a small picture, or why it was left out.

    Parameters
    ----------
    classes : tuple of str
        The keys of `folders`, as labels 0 and 1.
    folders : mapping of str to sequence of File
    decode : callable
        `pictures.decode`, or what wraps it.
    """
    seen: dict[bytes, Small] = {}
    for label, name in enumerate(classes):
        used = 0
        for file in folders[name]:
            found = _look_at(file, label, decode) if used < MOST else _too_many(file)
            if isinstance(found, Small):
                pixels = hashlib.sha256(found.views["stretch"].tobytes()).digest()
                twin = seen.setdefault(pixels, found)
                if twin is not found:
                    found = Refused(found.name, _is_twin(twin, label))
                else:
                    used += 1
            yield found


def _look_at(file: File, label: int, decode: Decode) -> Small | Refused:
    name = clean(file.name)
    try:
        upright = decode(file.raw).upright
    except pictures.PictureError as error:
        return Refused(name, f"cannot be used. {error}")
    whole = pictures.frame(upright, size=SIDE).small
    square = upright.shape[0] == upright.shape[1]
    middle = whole if square else pictures.frame(upright, size=SIDE, fit="crop").small
    return Small(label, name, {"stretch": whole, "crop": middle})


def _too_many(file: File) -> Refused:
    return Refused(clean(file.name), f"is one too many: {MOST} pictures of a class are used")


def _is_twin(twin: Small, label: int) -> str:
    where = "" if twin.label == label else ", which is in the other class"
    return f"is the same picture as {twin.name}{where}"


def gather(classes: tuple[str, str], seen: Sequence[Small | Refused]) -> Collection:
    """Put together what `look_at` yielded.

    Raises
    ------
    DataError
        If a class has too few pictures.
    """
    found = Collection(
        classes,
        [item for item in seen if isinstance(item, Small)],
        [item for item in seen if isinstance(item, Refused)],
    )
    for label, name in enumerate(classes):
        if found.count(label) < LEAST:
            why = f" {found.refused[0].name} {found.refused[0].reason}" if found.refused else ""
            why = why if not why or why.endswith(".") else f"{why}."
            raise DataError(
                f"{name} has too few pictures that can be used, {found.count(label)}: each class needs "
                f"{LEAST} or more, and some dozens to learn from.{why}"
            )
    return found


def split(collection: Collection, *, fit: str, share: float, seed: int) -> Dataset:
    """Make a data set: of each class, a share is kept for the test.

    Parameters
    ----------
    collection : Collection
    fit : str
        What becomes of a picture that is not square, one of `FITS`.
    share : float
        How much of each class is for the test: at least one picture, and never all.
    seed : int
        Which pictures, and in what order all stand.

    Returns
    -------
    Dataset
        Its name is "own-" and the beginning of a digest of all that is in it: another split, another
        name.
    """
    rng = np.random.RandomState(seed)
    labels = np.array([small.label for small in collection.pictures], dtype=np.int64)
    chosen: dict[str, list[IntArray]] = {"train": [], "test": []}
    for label in (0, 1):
        shuffled = rng.permutation(np.flatnonzero(labels == label))
        n_test = min(max(1, round(share * len(shuffled))), len(shuffled) - 1)
        chosen["test"].append(shuffled[:n_test])
        chosen["train"].append(shuffled[n_test:])
    images, truths = {}, {}
    for part, places in chosen.items():
        mixed = rng.permutation(np.concatenate(places))
        images[part] = np.stack([collection.pictures[k].views[fit] for k in mixed])
        truths[part] = labels[mixed].reshape(1, -1)  # (1, m)
    return Dataset(
        name=PREFIX + _digest(collection.classes, images, truths),
        title="Your own pictures",
        source="sent in this session, and kept nowhere else",
        licence="yours",
        train_images=images["train"],
        train_labels=truths["train"],
        test_images=images["test"],
        test_labels=truths["test"],
        classes=collection.classes,
    )


def _digest(
    classes: tuple[str, str], images: Mapping[str, UInt8Array], truths: Mapping[str, IntArray]
) -> str:
    found = hashlib.sha256(repr(classes).encode())
    for part in images:
        found.update(f"{part}{truths[part].tolist()}".encode())
        found.update(np.ascontiguousarray(images[part]).tobytes())
    return found.hexdigest()[:8]


# Something to try it with ---------------------------------------------------------------------------

SAMPLE = {"owls": "owl", "rabbits": "rabbit"}
SAMPLE_SIZE, SAMPLE_SEED = 24, 5000  # of each; seeds that no picture of the doodles has


def sample_zip() -> bytes:
    """Draw two classes that are in no other data set here, as a zip such as a reader would make."""
    from PIL import Image

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for folder, kind in SAMPLE.items():
            for k in range(SAMPLE_SIZE):
                drawing = doodles.Sample(folder, folder, kind, SAMPLE_SEED + k).draw(96)
                file = io.BytesIO()
                Image.fromarray(drawing).save(file, "PNG")
                archive.writestr(
                    zipfile.ZipInfo(f"{folder}/{k + 1:02}.png", (2000, 1, 1, 0, 0, 0)),
                    file.getvalue(),
                )
    return packed.getvalue()
