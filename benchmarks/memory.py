"""How much memory a server takes while visitors come, train, look at everything, and leave.

    python -m benchmarks.memory [--visitors 20]         (with the Python of .venv-test)

Each visitor trains a network of a seed of their own and opens every page with it. Then all leave. Talks
Streamlit's own protocol, without browsers; needs a Linux with /proc. Loopback only; ends by itself.
"""

import argparse
import asyncio
import os
import re
from collections.abc import Sequence
from pathlib import Path

from ui.frame import ENTRIES

from benchmarks.visitors import Visitor
from tests.browser.conftest import start_server

# Parts of pages that hold or compute most; the rest is opened as it opens by itself.
PARTS = {
    "one_iteration": ("what=cat",),
    "train": ("seed={seed}", "part=compare&seed={seed}"),
    "results": ("part=mistakes", "part=stress", "part=units", "part=two"),
    "your_picture": ("look=moved", "look=pixels"),
    "pictures": ("look=column",),
}
LEFT = (
    75  # seconds after which a session that was left is forgotten: disconnectedSessionTTL and more
)


def megabytes(pid: int) -> float:
    """Return what a process holds of the machine's memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else float("nan")


async def walk(server: str, seed: int) -> Visitor:
    """Train, and open every page, as one visitor."""
    visitor = await Visitor.arrive(server, "shapes")
    await visitor.open("train", f"seed={seed}")
    for entry in ENTRIES:
        page = "" if entry is ENTRIES[0] else entry.key
        for query in ("", *PARTS.get(entry.key, ())):
            if not (entry.key == "train" and not query):
                await visitor.open(page, query.format(seed=seed))
    return visitor


async def measure(server: str, pid: int, counts: Sequence[int]) -> None:
    """Print what the server takes with ever more visitors, and after they have left."""

    def say(who: str) -> None:
        print(f"| {who} | {megabytes(pid):.0f} MB |", flush=True)

    print("| visitors who have trained and opened every page | memory |\n|---|--:|")
    say("none yet")
    visitors: list[Visitor] = []
    for count in counts:
        while len(visitors) < count:
            visitors.append(await walk(server, 3000 + len(visitors)))
        say(str(count))
    failures = sum(visitor.failures for visitor in visitors)
    for visitor in visitors:
        await visitor.socket.close()
    await asyncio.sleep(LEFT)
    last = await Visitor.arrive(server, "shapes")  # Streamlit forgets the old ones when one leaves
    await last.socket.close()
    await asyncio.sleep(5)
    await Visitor.arrive(server, "shapes")
    say("all have left, another comes")
    print(f"\nFailures: {failures}.")


def main() -> None:
    """Start a server and measure it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--visitors", type=int, default=20)
    options = parser.parse_args()
    process, address = start_server(dict(os.environ))
    try:
        asyncio.run(measure(address, process.pid, sorted({1, 5, options.visitors})))
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
