"""What the documents state is what the program does."""

import tomllib
from pathlib import Path

import pytest

from ui import kept, knobs, room, store, upload

from nncore import parameters
from nncore.data import own, pictures

ROOT = Path(__file__).parents[1]
MB = 2**20
server = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["server"]


@pytest.mark.parametrize(
    "stated",
    [
        f"| any upload, held by the server | {server['maxUploadSize']} MB |",
        f"| a picture | {pictures.MOST_BYTES // MB} MB, {pictures.MOST_PIXELS:,} pixels |",
        f"| pictures judged at once | {upload.MOST_FILES} files, {upload.MOST_TOGETHER // MB} MB",
        f"| a zip of two classes | {own.MOST_ZIP // MB} MB, {own.MOST_ENTRIES:,} entries, "
        f"{own.MOST_TOTAL // MB} MB unpacked, {own.MOST} pictures of a class |",
        f"| a saved network | {store.MOST_NETWORK // MB} MB unpacked, "
        f"{parameters.MOST_MEMBERS:,} arrays, one unpacked at a time |",
        f"| all that visitors have sent, held ready at once | {room.MOST // MB} MB |",
        f"{2 * own.MOST * (2 * own.SMALL_BYTES + own.SPLIT_BYTES) // 10**6} MB at most, each picture "
        f"to be judged with {pictures.LARGEST // 10**6} MB at most",
        f"{store.MOST_RUNS} of all visitors or {store.MOST_OF_RUNS // MB} MB, {store.MOST_OWN_RUNS} or "
        f"{store.MOST_OF_OWN_RUNS // MB} MB on own pictures, {kept.MOST} curves",
        f"| a message of a browser | {server['maxWidgetStateSize']} MB |",
        f"| a network to be trained | {knobs.MOST_LAYERS} hidden layers, {knobs.MOST_WEIGHTS:,} "
        f"weights, {knobs.MOST_ITERATIONS:,} iterations |",
        f"| all runs that sessions hold and that take more than {store.LARGE // MB} MB | "
        f"{store.MOST_OF_LARGE // MB} MB |",
        f"it, {server['disconnectedSessionTTL']} seconds after the connection is lost",
    ],
)
def test_the_limits_in_security_md_are_those_of_the_code(stated: str) -> None:
    assert stated in " ".join((ROOT / "SECURITY.md").read_text(encoding="utf-8").split())
