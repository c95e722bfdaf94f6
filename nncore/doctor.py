"""Is this installation sound? What the program needs, looked up where it runs."""

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np

from nncore import pretrained
from nncore.cases import cases, check
from nncore.data import photos

ROOT = Path(__file__).parents[1]
PYTHON = ((3, 11), (3, 13))  # the first and the last that are tested
LEAST_MEMORY = 700 * 2**20  # bytes: what a server with some visitors takes, and a little
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    state : str
        "ok", "note" (it works, but it is good to know) or "broken".
    text : str
        What was found, and where it is not well, what to do.
    """

    state: str
    text: str


def examine() -> Iterator[Finding]:
    """Yield what is found, one thing after another."""
    yield _python()
    yield from _packages(ROOT / "requirements.txt")
    yield _blas()
    yield _numbers()
    yield _networks()
    yield _photos()
    yield _folder()
    yield _memory()
    yield _configuration(ROOT / ".streamlit" / "config.toml")


def _python() -> Finding:
    here, (first, last) = sys.version_info[:2], PYTHON
    text = f"Python {platform.python_version()} ({sys.executable})"
    if here < first:
        wanted = ".".join(map(str, first))
        return Finding("broken", f"{text}: it needs to be {wanted} or newer.")
    if here > last:
        wanted = ".".join(map(str, last))
        return Finding("note", f"{text}: newer than {wanted}, the last that is tested.")
    return Finding("ok", text)


# Packages -----------------------------------------------------------------------------------------


def _packages(file: Path) -> Iterator[Finding]:
    """Hold what is installed against the bounds of a requirements file."""
    if not file.is_file():
        yield Finding("note", f"{file} is not here: versions are not checked.")
        return
    for line in file.read_text(encoding="utf-8").split("\n"):
        found = re.match(r"\s*([\w.-]+)([^#;]*)", line)
        if found is None:
            continue
        name, bounds = found[1], found[2].strip()
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield Finding("broken", f"{name} is not installed. Run: pip install -r {file}")
            continue
        if _within(version, bounds):
            yield Finding("ok", f"{name} {version} ({bounds or 'any'})")
        else:
            yield Finding(
                "broken", f"{name} {version}: it needs to be {bounds}. Run: pip install -r {file}"
            )


def _within(version: str, bounds: str) -> bool:
    """Say whether a version lies within bounds such as ">=2.1,<2.5".

    >>> _within("2.10.1", ">=2.1,<2.5"), _within("2.4.6", ">=2.1,<2.5"), _within("2.1", ">=2.1.0")
    (False, True, True)
    """
    here = _numbers_of(version)
    for sign, wanted in re.findall(r"(>=|<=|==|<|>)\s*([\w.]+)", bounds):
        there = _numbers_of(wanted)
        order = (here > there) - (here < there)
        if order not in {">=": (0, 1), "<=": (-1, 0), "==": (0,), "<": (-1,), ">": (1,)}[sign]:
            return False
    return True


def _numbers_of(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, without zeros at its end: 2.1 is 2.1.0."""
    numbers = [int(n) for n in re.findall(r"\d+", re.split(r"[^\d.]", version)[0])]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


# What is computed ---------------------------------------------------------------------------------


def _blas() -> Finding:
    """Say with what matrices are multiplied, and on how many threads."""
    built = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    processors = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    )
    text = f"BLAS {built.get('name', '?')} {built.get('version', '?')}, {processors} processors"
    several = [f"{name}={os.environ[name]}" for name in THREADS if os.environ.get(name, "1") != "1"]
    if several:
        return Finding(
            "note",
            f"{text}; {', '.join(several)} is set: with several visitors, trainings on one thread "
            f"each are faster. The app sets that by itself where nothing is set.",
        )
    return Finding("ok", f"{text}; in the app, one thread for each training")


def _numbers() -> Finding:
    known = cases().values()
    agree = sum(all(each.agrees for each in check(case)) for case in known)
    text = f"{agree} of {len(known)} documented cases agree"
    if agree < len(known):
        return Finding("broken", f"{text}. python -m nncore verify says which do not.")
    return Finding("ok", text)


def _networks() -> Finding:
    for name in pretrained.NAMES:
        try:
            pretrained.load(name)
        except (OSError, ValueError) as error:
            return Finding("broken", f"The network {name}, which ships, cannot be read: {error}")
    return Finding(
        "ok", f"{len(pretrained.NAMES)} trained networks, with the digests of their cards"
    )


# What lies around ---------------------------------------------------------------------------------


def _photos() -> Finding:
    if not photos.present():
        return Finding("note", f"No photos: the doodles stand in. {photos.advice()}")
    try:
        found = photos.load()
    except photos.DataError as error:
        return Finding("broken", str(error))
    text = f"{found.title}: {found.source}, digest {found.digest[:16]}…"
    if not found.documented:
        return Finding("note", f"{text}: not the course's, so the documented runs say nothing.")
    return Finding("ok", f"{text}, the documented one")


def _folder() -> Finding:
    """Say whether the photos can be downloaded; nothing else is ever written."""
    where = photos.folder().absolute()
    there = next(place for place in (where, *where.parents) if place.exists())
    if there.is_dir() and os.access(there, os.W_OK):
        free = shutil.disk_usage(there).free
        return Finding("ok", f"{where} can be written ({free / 2**20:,.0f} MB free)")
    needed = "" if photos.present() else " They can be put there by hand."
    return Finding(
        "note",
        f"{where} cannot be written, so the photos cannot be downloaded.{needed} The app writes "
        f"nothing else.",
    )


def _memory() -> Finding:
    free = available_memory()
    if free is None:
        return Finding("note", "How much memory is free cannot be told on this system.")
    text = f"{free / 2**20:,.0f} MB of memory free"
    if free < LEAST_MEMORY:
        least = f"{LEAST_MEMORY / 2**20:,.0f} MB"
        return Finding("note", f"{text}: a server with several visitors wants {least}.")
    return Finding("ok", text)


def available_memory(
    machine: Path = Path("/proc/meminfo"), container: Path = Path("/sys/fs/cgroup")
) -> int | None:
    """Return the bytes that are free, in the container where this is one; None where not known."""
    try:
        found = re.search(r"MemAvailable:\s+(\d+) kB", machine.read_text())
    except OSError:
        return None
    free = [int(found[1]) * 1024] if found else []
    try:
        most = (container / "memory.max").read_text().strip()
        used = (container / "memory.current").read_text().strip()
    except OSError:
        most = used = ""
    if most.isdigit() and used.isdigit():
        free.append(max(0, int(most) - int(used)))
    return min(free, default=None)


def _configuration(file: Path) -> Finding:
    if not file.is_file():
        return Finding(
            "broken", f"{file} is not here: the app would run without its limits. Restore it."
        )
    if Path.cwd() != file.parents[1]:
        return Finding(
            "note", f"{file} is read by Streamlit where it is started in {file.parents[1]} only."
        )
    return Finding("ok", f"{file}")
