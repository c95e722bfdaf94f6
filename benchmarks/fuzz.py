"""What a server is told by those who mean it no good: mutated files, addresses and widget values.

    python -m benchmarks.fuzz [--tries 5500] [--seed 1] [--kind picture]  (Python of .venv-test)

Makes thousands of inputs from a seed, hands each to what reads it, and prints a table: how many were
refused with a sentence, how many accepted, the most memory and time that any took. A fault is whatever
else: another exception, a sentence that is none, a file opened for writing, more memory or time than is
stated, the end of the process. Exits with 1 if there was one; each is printed with the number that
makes it again (`--kind K --seed S --first N --tries 1`).

Files are read in a process of their own, which the system lets have no more than so much memory;
addresses and widget values go to a server of their own over Streamlit's own protocol, as a browser's
do. Here and not among the tests because it measures; a slice of it is a test (tests/test_fuzz.py).
Peaks of memory need a Linux with /proc. Loopback only; ends by itself.
"""

import argparse
import asyncio
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from nncore import pretrained
from nncore.data import own, photos, pictures
from nncore.history import History

MOST_MEMORY = 512 * 2**20  # that one input may make a process grow by
MOST_SECONDS = 10.0  # that one input may take, here; a picture of 40 megapixels takes about one
MOST_WAIT = 60.0  # and for a page: the server shares this machine with whatever else there is
MOST_ADDRESS_SPACE = 4 * 2**30  # of a process that reads files: the system refuses it more
SHARES = {"picture": 1500, "zip": 1000, "npz": 1000, "hdf5": 500, "query": 500, "widget": 500}


@dataclass(frozen=True)
class Outcome:
    """What became of one input."""

    kind: str
    number: int
    what: str  # "refused", "accepted" or "fault"
    said: str
    memory: int  # bytes, by which the process grew at its peak
    seconds: float


# Inputs from a seed -------------------------------------------------------------------------------

EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
NASTY = (
    "",
    " ",
    ".",
    "..",
    "../../etc/passwd",
    "/etc/passwd",
    "C:\\Windows\\win.ini",
    "a\0b",
    "![x](http://evil.test/a.png)",
    "[x](javascript:alert(1))",
    "http://evil.test/ www.evil.test",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "$\\frac{1}{0}$ $$x$$",
    ":red[x] :material/home: :smile: :blue-badge[x]",
    "{0} {name} {0.__class__} %s %(x)s",
    "\u202eevil\u2066\u2069\u200b\ufeff",
    "\ud800",
    "=1+1",
    "| a | b |\n|---|---|",
    "`code` **bold** ~~x~~ # h\n# h",
    "own-00000000",
    "nan",
    "inf",
    "-1",
    "1e999",
    "9" * 400,
    "x" * 5000,
    "٣",
)


def spoil(raw: bytes, rng: random.Random) -> bytes:
    """Return bytes with a few things wrong: changed, cut, doubled, made extreme."""
    spoilt = bytearray(raw)
    for _ in range(rng.choice((1, 1, 2, 4, 8))):
        place = rng.randrange(len(spoilt)) if spoilt else 0
        if rng.random() < 0.5:  # most formats say what matters at one of their ends
            place = rng.choice((min(place, 200), max(0, len(spoilt) - 1 - place % 200)))
        match rng.randrange(6):
            case 0:
                spoilt[place : place + 1] = bytes((rng.randrange(256),))
            case 1:
                if place < len(spoilt):
                    spoilt[place] ^= 1 << rng.randrange(8)
            case 2:
                size = rng.choice((1, 2, 4, 8))
                value = rng.choice(EXTREMES) & (256**size - 1)
                order = rng.choice(("little", "big"))
                spoilt[place : place + size] = value.to_bytes(size, order)
            case 3:
                del spoilt[place : place + rng.choice((1, 4, 100, 10_000))]
            case 4:
                there = spoilt[place : place + rng.choice((4, 64, 1000))]
                spoilt[place:place] = there * rng.choice((1, 1, 5))
            case 5:
                spoilt[place:place] = rng.randbytes(rng.choice((1, 16, 300)))
    return bytes(spoilt)


@cache
def _picture_files() -> tuple[bytes, ...]:
    from PIL import Image

    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (40, 56, 4), np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    files = []
    for mode, kind, more in (
        ("RGB", "PNG", {}),
        ("RGBA", "PNG", {}),
        ("L", "PNG", {}),
        ("P", "PNG", {}),
        ("1", "PNG", {}),
        ("RGB", "JPEG", {"exif": exif}),
        ("CMYK", "JPEG", {}),
        ("RGB", "JPEG", {"progressive": True}),
        ("RGB", "WEBP", {}),
        ("RGBA", "WEBP", {"lossless": True}),
    ):
        file = io.BytesIO()
        noise.convert(mode).save(file, kind, **more)
        files.append(file.getvalue())
    file = io.BytesIO()
    Image.fromarray(rng.integers(0, 65536, (20, 20), np.uint16)).save(file, "PNG")
    return (*files, file.getvalue())


@cache
def _largest_picture() -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGBA", (8000, 5000), (200, 120, 40, 128)).save(file, "PNG")  # all that may be
    return file.getvalue()


def make_picture(rng: random.Random) -> bytes:
    """Make a file that is nearly a picture."""
    if rng.random() < 0.005:
        return _largest_picture()
    raw = rng.choice(_picture_files())
    if raw.startswith(b"\x89PNG") and rng.random() < 0.3:  # a sound header that promises too much
        sizes = [rng.choice((0, 1, 64, 6000, 30_000, 2**31 - 1, 2**32 - 1)) for _ in range(2)]
        head = b"".join(size.to_bytes(4, "big") for size in sizes) + bytes(
            (rng.choice((1, 2, 4, 8, 16)), rng.choice((0, 2, 3, 4, 6)), 0, 0, rng.choice((0, 1)))
        )
        check = zlib.crc32(b"IHDR" + head).to_bytes(4, "big")
        raw = raw[:16] + head + check + raw[33:]
        return raw if rng.random() < 0.6 else spoil(raw, rng)
    return spoil(raw, rng)


@cache
def _small_pictures() -> tuple[bytes, ...]:
    from PIL import Image

    files = []
    for shade in range(12):
        file = io.BytesIO()
        Image.new("RGB", (9, 7), (20 * shade, 90, 255 - 20 * shade)).save(file, "PNG")
        files.append(file.getvalue())
    return tuple(files)


def make_zip(rng: random.Random) -> bytes:
    """Make a zip that is nearly two folders of pictures."""
    packed = io.BytesIO()
    folders = [rng.choice(NASTY)[:200] if rng.random() < 0.3 else name for name in ("cat", "dog")]
    with zipfile.ZipFile(packed, "w", rng.choice((0, 8, 8, 12, 14))) as archive:
        for number, raw in enumerate(_small_pictures()):
            name = f"{folders[number % 2]}/{number}.png"
            if rng.random() < 0.15:
                name = rng.choice(NASTY) + rng.choice(("", ".png", "/x.png", ".zip", "/"))
            if rng.random() < 0.1:
                raw = make_picture(rng)
            if rng.random() < 0.02:
                raw = bytes(rng.choice((2 * 2**20, 11 * 2**20)))
            name = name.encode("utf-8", "replace").decode()[:60_000]
            if name in archive.namelist():
                continue
            info = zipfile.ZipInfo(name)
            info.compress_type = archive.compression
            if rng.random() < 0.05:
                info.external_attr = rng.choice((0o120777, 0o040755, 0xFFFF)) << 16
            archive.writestr(info, raw)
    raw = packed.getvalue()
    if rng.random() < 0.1:  # a name that the library would not write
        raw = raw.replace(b"cat/", rng.choice((b"\0at/", b"....", b"////", b"\xff\xfe\xff/")))
    return spoil(raw, rng) if rng.random() < 0.7 else raw


@cache
def _network() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the parameters and the card of a small network that could be loaded."""
    history = History.load(io.BytesIO(small_network()))
    file = io.BytesIO()
    history.save(file)
    with np.load(io.BytesIO(file.getvalue())) as arrays:
        card = json.loads(str(arrays["settings"]))
        return {name: arrays[name] for name in arrays if name != "settings"}, card


@cache
def small_network() -> bytes:
    """Return the file of a network for pictures of 2 x 2."""
    from dataclasses import replace

    shipped = pretrained.load("two_layer")
    parameters = {
        "W1": np.linspace(-1, 1, 24).reshape(2, 12),
        "b1": np.zeros((2, 1)),
        "W2": np.array([[1.0, -1.0]]),
        "b2": np.zeros((1, 1)),
    }
    settings = replace(shipped.settings, layers_dims=(12, 2, 1))
    file = io.BytesIO()
    replace(shipped, settings=settings, parameters=parameters).save(file)
    return file.getvalue()


WRONG: tuple[Any, ...] = (
    None, True, -1, 0, 1.5, 10**30, 1e308, float("nan"), float("inf"), [], {}, [[]], [None], ["a", "b"],
    [0] * 1000, {"a": 1}, *NASTY,
)  # fmt: skip


def make_npz(rng: random.Random) -> bytes:
    """Make a file that is nearly a saved network: in its bytes, its arrays or its card."""
    if rng.random() < 0.4:
        return spoil(small_network(), rng)
    arrays, card = _network()
    arrays, card = dict(arrays), json.loads(json.dumps(card))
    for _ in range(rng.choice((0, 1, 1, 2))):
        part = card if rng.random() < 0.5 else card["settings"]
        if not isinstance(part, dict) or not part:
            break
        key = rng.choice([*part])
        if rng.random() < 0.15:
            del part[key]
        elif isinstance(part[key], list) and part[key] and rng.random() < 0.5:
            part[key] = [*part[key]]
            part[key][rng.randrange(len(part[key]))] = rng.choice(WRONG)
        else:
            part[key] = rng.choice(WRONG)
        if "settings" not in card or not isinstance(card["settings"], dict):
            break
    if rng.random() < 0.4:
        key = rng.choice([*arrays])
        arrays[key] = rng.choice(
            (
                np.array(float("nan")), np.zeros((0, 0)), np.zeros((2, 12), np.float32), np.zeros(5),
                np.array("x" * 1000), np.full((2, 12), np.inf), np.zeros((2, 0)), np.zeros((1, 1, 1)),
                np.zeros(3, "f8,i4"), np.zeros((700, 700)), np.array([b"a"]),
            )
        )  # fmt: skip
    packed = io.BytesIO()
    try:
        text = json.dumps(card)
    except (ValueError, TypeError):
        text = "{}"
    if rng.random() < 0.01:
        text = f"[{'0,' * 10_000_000}0]"  # packs to almost nothing
    if rng.random() < 0.1:
        text = rng.choice(("[" * 100_000, "{}", "[]", "null", '"x"', "1" * 5000, text[:-9]))
    np.savez_compressed(packed, settings=np.array(text), **arrays)
    raw = packed.getvalue()
    return spoil(raw, rng) if rng.random() < 0.2 else raw


@cache
def _hdf5_files() -> tuple[bytes, ...]:
    import h5py

    files = []
    for packing in ({}, {"compression": "gzip"}, {"chunks": (2, 8, 8, 3), "shuffle": True}):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "train_catvnoncat.h5"
            with h5py.File(path, "w") as file:
                images = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), np.uint8)
                file.create_dataset("train_set_x", data=images, **packing)
                file.create_dataset("train_set_y", data=np.array([0, 1, 0, 1, 0, 1]))
                file.create_dataset("list_classes", data=np.array([b"non-cat", b"cat"]))
            files.append(path.read_bytes())
    return tuple(files)


def make_hdf5(rng: random.Random) -> bytes:
    """Make a file that is nearly one of the course's."""
    return spoil(rng.choice(_hdf5_files()), rng)


# What reads them ----------------------------------------------------------------------------------


def read_picture(raw: bytes) -> None:
    """Read a picture as a page does, up to the column."""
    picture = pictures.decode(raw)
    assert max(picture.stored.shape[:2]) <= pictures.WORKING_SIZE
    column = pictures.frame(picture.upright).column
    assert column.shape == (64 * 64 * 3, 1)
    assert 0 <= column.min() <= column.max() <= 1


def read_zip(raw: bytes) -> None:
    """Make a data set of a zip, as a page does."""
    sent = own.unzip(raw)
    classes = own.in_order(*sent.folders)
    seen = [*sent.refused, *own.look_at(classes, sent.folders, pictures.decode)]
    dataset = own.split(own.gather(classes, seen), fit="stretch", share=0.2, seed=1)
    assert all(len(name) <= own.LONGEST_CLASS + 1 for name in dataset.classes)
    assert all(each.name.isprintable() and len(each.name) <= 80 for each in sent.refused)
    repr(dataset.classes).encode()


def read_npz(raw: bytes) -> None:
    """Load a network, and use it once."""
    history = History.load(io.BytesIO(raw))
    assert all(np.isfinite(array).all() for array in history.parameters.values())
    file = io.BytesIO()
    history.save(file)
    assert History.load(io.BytesIO(file.getvalue())).digest == history.digest


def read_hdf5(raw: bytes) -> None:
    """Read a file of photos as it lies on the disk of a server."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train_catvnoncat.h5"
        path.write_bytes(raw)
        with _watched():
            images, labels, _classes = photos.read_photo_file(path, "train")
    assert images.nbytes <= photos.MOST_BYTES
    assert labels.shape == (1, len(images))


FILES: dict[str, tuple[Callable[[random.Random], bytes], Callable[[bytes], None]]] = {
    "picture": (make_picture, read_picture),
    "zip": (make_zip, read_zip),
    "npz": (make_npz, read_npz),
    "hdf5": (make_hdf5, read_hdf5),
}

_written: list[str] | None = None


def _notice(event: str, arguments: tuple[Any, ...]) -> None:
    """Note every file that is opened for writing, made, moved or removed while it is watched."""
    if _written is None:
        return
    if event == "open":
        flags = arguments[2] if isinstance(arguments[2], int) else 0
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            _written.append(f"open {arguments[0]!r}")
    elif event in ("os.mkdir", "os.rename", "os.remove", "os.symlink", "subprocess.Popen", "exec"):
        if event != "exec":
            _written.append(f"{event} {arguments[:1]!r}")
    elif event in ("pickle.find_class", "socket.connect", "os.system"):
        _written.append(f"{event} {arguments!r}")


@contextmanager
def _watched() -> Iterator[None]:
    """See that nothing is written, started or asked for elsewhere."""
    global _written
    before, _written = _written, []
    try:
        yield
        done = list(_written)
    finally:
        _written = before
    assert not done, done


@cache
def _watch() -> None:
    sys.addaudithook(_notice)


def is_sentence(text: str) -> bool:
    """Say whether a message is one that a person may be shown."""
    return (
        20 <= len(text) <= 2000
        and text.rstrip()[-1] in ".…"
        and "Traceback" not in text
        and 'File "' not in text
        and " object at 0x" not in text
    )


def try_file(kind: str, seed: int, number: int) -> Outcome:
    """Make one file and have it read; say what became of it."""
    make, read = FILES[kind]
    raw = make(random.Random(f"{seed} {kind} {number}"))
    _watch()
    before = _forget_peak()
    began = time.perf_counter()
    try:
        if kind == "hdf5":
            read(raw)
        else:
            with _watched():
                read(raw)
        what, said = "accepted", ""
    except ValueError as error:
        said = str(error)
        what = "refused" if is_sentence(said) else "fault"
    except Exception:  # noqa: BLE001
        what, said = "fault", traceback.format_exc(limit=-3)
    seconds = time.perf_counter() - began
    memory = max(0, _peak() - before)
    if memory > MOST_MEMORY:
        what, said = "fault", f"{memory:,} bytes of memory. {said}"
    if seconds > MOST_SECONDS:
        what, said = "fault", f"{seconds:.1f} s. {said}"
    return Outcome(kind, number, what, said, memory, seconds)


def _forget_peak(of: int | str = "self") -> int:
    """Begin to measure the peak of memory anew; return what is in use, 0 where that is not known."""
    try:
        Path(f"/proc/{of}/clear_refs").write_text("5")
    except OSError:
        return 0
    return _peak(of)


def _peak(of: int | str = "self") -> int:
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{of}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


def try_files(kind: str, seed: int, numbers: range) -> Iterator[Outcome]:
    """Try files in a process of its own; where one ends it, say so and go on with the next."""
    first = numbers.start
    while first < numbers.stop:
        command = [sys.executable, "-m", "benchmarks.fuzz", "--child", "--kind", kind]
        command += [
            "--seed",
            str(seed),
            "--first",
            str(first),
            "--tries",
            str(numbers.stop - first),
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for line in child.stdout:
                yield Outcome(**json.loads(line))
                first += 1
        if child.returncode:
            said = f"The process ended with {child.returncode}."
            yield Outcome(kind, first, "fault", said, 0, 0.0)
            first += 1


def _child(kind: str, seed: int, numbers: range) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESS_SPACE, MOST_ADDRESS_SPACE))
    try_file(kind, seed, numbers.start)  # imports are not this input's memory
    for number in numbers:
        signal.alarm(int(6 * MOST_SECONDS))  # what hangs is ended, and told
        print(json.dumps(asdict(try_file(kind, seed, number))), flush=True)


# Addresses and widget values, over Streamlit's own protocol -----------------------------------------

ROOT = Path(__file__).parents[1]
# The field of a widget's state that a browser fills in.
FIELDS = {
    "button": "trigger_value",
    "download_button": "trigger_value",
    "checkbox": "bool_value",
    "number_input": "double_value",
    "slider": "double_array_value",
    "text_input": "string_value",
    "text_area": "string_value",
    "color_picker": "string_value",
    "selectbox": "string_value",
    "radio": "string_value",
    "button_group": "string_array_value",
    "multiselect": "string_array_value",
    "bidi_component": "json_value",
    "plotly_chart": "string_value",
    "expander": "bool_value",
}


@cache
def _query_names() -> tuple[str, ...]:
    """Return every name that may stand in an address: of keys of widgets, and what is asked for."""
    found: set[str] = set()
    for path in sorted([*(ROOT / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")]):
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r"\bkey=\"(\w+)\"", text))
        found |= set(re.findall(r"query_params(?:\.get\(|\.get_all\(|\[)\"(\w+)\"", text))
    return tuple(sorted(found))


def make_value(rng: random.Random, known: tuple[str, ...] = ()) -> str:
    """Make a text that is nearly one that a page understands."""
    near = (
        "dW2.1.3",
        "W1.1.1",
        "A1.999999.1",
        "photos",
        "doodles",
        "own",
        "0.0075",
        "1",
        "20, 7, 5",
    )
    text = rng.choice((*NASTY, *near, *known))
    if text and rng.random() < 0.4:
        place = rng.randrange(len(text))
        text = text[:place] + rng.choice((*NASTY, "0", "9", ".", "-", ",")) + text[place + 1 :]
    return text[:6000]


def make_query(rng: random.Random, pages: tuple[str, ...]) -> tuple[str, str]:
    """Make an address: the page, and its query."""
    from urllib.parse import urlencode

    pairs = [
        (rng.choice(_query_names()), make_value(rng)) for _ in range(rng.choice((1, 2, 4, 12)))
    ]
    query = urlencode(pairs, errors="surrogatepass")
    if rng.random() < 0.1:
        query += rng.choice(("&", "&&=", "%", "&a=%FF%FE", "&%00=%00", "=", "&data=1&data=2"))
    return rng.choice(pages), query


def make_json(rng: random.Random, depth: int = 0) -> Any:
    """Make a value such as a component of ours tells, or nearly."""
    names = (
        "view", "pinned", "windows", "picked", "pick", "at", "index", "n", "iteration", "playing",
        "output", "row", "column", "images", "value", "id", "zoom", "leave", "to", "from",
    )  # fmt: skip
    if depth < 3 and rng.random() < 0.5:
        count = rng.randrange(4)
        if rng.random() < 0.7:
            return {rng.choice(names): make_json(rng, depth + 1) for _ in range(count)}
        return [make_json(rng, depth + 1) for _ in range(count)]
    return rng.choice(WRONG)


def fill(state: Any, kind: str, proto: Any, rng: random.Random) -> None:
    """Give a widget a value of the type that it takes, but not one that a browser would send."""
    field = FIELDS[kind]
    known = tuple(
        str(option) for option in getattr(proto, "options", ()) if isinstance(option, str)
    )
    if kind == "slider" and known:  # of words
        field = "string_array_value"
    numbers = (0.0, -1.0, 1.0, 2.5, 1e308, -1e308, float("nan"), float("inf"), 2.0**53, 4e9)
    if field == "trigger_value":
        state.trigger_value = True
    elif field == "bool_value":
        state.bool_value = rng.random() < 0.5
    elif field == "double_value":
        state.double_value = rng.choice(numbers)
    elif field == "double_array_value":
        state.double_array_value.data[:] = rng.choices(numbers, k=rng.choice((0, 1, 1, 2)))
    elif field == "string_array_value":
        values = [make_value(rng, known) for _ in range(rng.choice((0, 1, 1, 3)))]
        state.string_array_value.data[:] = [_utf8(value) for value in values]
    elif field == "json_value":
        text = json.dumps(make_json(rng))
        state.json_value = text if rng.random() < 0.9 else _utf8(make_value(rng))
    else:
        state.string_value = _utf8(make_value(rng, known))


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@dataclass
class Stranger:
    """A session that notes the widgets of a page, and what went wrong."""

    visitor: Any
    widgets: dict[str, tuple[str, Any]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    busy: bool = False

    def notice(self, answer: Any) -> None:
        """Take down what the server says."""
        element = answer.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            told = element.exception
            text = "\n".join((f"{told.type} {told.message}", *told.stack_trace))
            (self.faults if _is_ours(told.stack_trace) else self.refused).append(text)
        self.busy = self.busy or kind == "progress"
        proto = getattr(element, kind) if kind else answer.delta.add_block
        if kind in FIELDS and getattr(proto, "id", ""):
            self.widgets[proto.id] = (kind, proto)
        elif (
            not kind and answer.delta.HasField("add_block") and proto.expandable.label and proto.id
        ):
            self.widgets[proto.id] = ("expander", proto)


def _is_ours(trace: Sequence[str]) -> bool:
    """Say whether an exception was raised in this program, and not in what Streamlit does for it.

    A value that Streamlit itself cannot decode, as an infinite whole number, never reaches a page: the
    one who sent it sees Streamlit's own sentence, and nobody else sees anything.
    """
    last = trace[-1] if trace else ""
    return str(ROOT) in last and ".venv" not in last and "st." not in last.partition("\n")[2]


async def try_page(address: str, pid: int, kind: str, seed: int, number: int) -> Outcome:
    """Send one address or one set of widget values; say what became of it."""
    from streamlit.proto.BackMsg_pb2 import BackMsg

    from ui.frame import ENTRIES

    from benchmarks.visitors import Visitor

    rng = random.Random(f"{seed} {kind} {number}")
    pages = tuple("" if entry is ENTRIES[0] else entry.key for entry in ENTRIES)
    message = BackMsg()
    stranger = Stranger(await Visitor.connect(address))
    stranger.visitor.notice = stranger.notice
    before = _forget_peak(pid)
    began = time.perf_counter()
    try:
        if kind == "query":
            page, query = make_query(rng, pages)
            message.rerun_script.page_name, message.rerun_script.query_string = page, query
        else:
            page = rng.choice(pages)
            await stranger.visitor.open(page)
            began = time.perf_counter()
            message.rerun_script.page_name = page
            listed = [*stranger.widgets.items()]
            for id, (sort, proto) in rng.sample(listed, min(len(listed), rng.choice((1, 2, 5)))):
                state = message.rerun_script.widget_states.widgets.add()
                state.id = id
                fill(state, sort, proto, rng)
        stranger.busy = False
        async with asyncio.timeout(MOST_WAIT):
            await stranger.visitor.send(message)
    except TimeoutError:
        if not stranger.busy:  # else it trains, says how far it is, and ends with the session
            stranger.faults.append(f"no answer for {MOST_WAIT:g} s")
    except OSError as error:
        stranger.faults.append(repr(error))
    finally:
        await stranger.visitor.socket.close()
    seconds = time.perf_counter() - began
    memory = max(0, _peak(pid) - before)
    if memory > MOST_MEMORY:
        stranger.faults.append(f"{memory:,} bytes of memory")
    what = "fault" if stranger.faults else "refused" if stranger.refused else "accepted"
    said = "\n".join((*(stranger.faults or stranger.refused), str(message)[:1000]))
    return Outcome(kind, number, what, said if what != "accepted" else "", memory, seconds)


def try_pages(kind: str, seed: int, numbers: range) -> Iterator[Outcome]:
    """Try addresses or widget values on a server of their own, started and ended here."""
    from tests.browser.conftest import start_server

    environment = {name: v for name, v in os.environ.items() if name != photos.FOLDER_VARIABLE}
    process, address = start_server(environment, "--client.showErrorDetails=full")
    try:
        for number in numbers:
            yield asyncio.run(try_page(address, process.pid, kind, seed, number))
    finally:
        process.terminate()
        process.wait()


# The table ----------------------------------------------------------------------------------------


def tries(kind: str, seed: int, numbers: range) -> Iterator[Outcome]:
    """Try inputs of one kind, one after another."""
    return (try_files if kind in FILES else try_pages)(kind, seed, numbers)


def table(outcomes: Iterable[Outcome]) -> str:
    """Write what became of all, a row for each kind."""
    rows: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        rows[outcome.kind].append(outcome)
    lines = [
        "| kind | tries | refused with a sentence | accepted | faults | most memory | most time |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for kind, row in rows.items():
        counts = [
            sum(each.what == what for each in row) for what in ("refused", "accepted", "fault")
        ]
        memory, seconds = max(each.memory for each in row), max(each.seconds for each in row)
        lines.append(
            f"| {kind} | {len(row):,} | {' | '.join(f'{count:,}' for count in counts)} | "
            f"{memory / 2**20:,.0f} MB | {seconds:.2f} s |"
        )
    return "\n".join(lines)


def main() -> int:
    """Try all that was asked for; print the faults and the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tries", type=int, default=sum(SHARES.values()))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--kind", choices=SHARES)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        numbers = range(options.first, options.first + options.tries)
        _child(options.kind, options.seed, numbers)
        return 0
    counts = {
        kind: -(-share * options.tries // sum(SHARES.values())) for kind, share in SHARES.items()
    }
    if options.kind:
        counts = {options.kind: options.tries}
    outcomes = []
    for kind, count in counts.items():
        for outcome in tries(kind, options.seed, range(options.first, options.first + count)):
            outcomes.append(outcome)
            if outcome.what == "fault":
                print(f"FAULT {kind} {outcome.number}: {outcome.said}\n", flush=True)
    print(table(outcomes))
    return 1 if any(outcome.what == "fault" for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
