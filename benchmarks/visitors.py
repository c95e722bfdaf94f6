"""Many visitors who retrain at the same moment, and one who reads another page meanwhile.

    python -m benchmarks.visitors [--visitors 20]         (with the Python of .venv-test)

Starts a server, lets one visitor retrain alone for the measure, then all at once, each with a seed of
its own so that none can be served from memory, and asks another page again and again until all are
done. Talks Streamlit's own protocol over its WebSocket, without browsers: what is measured is the
server. Loopback only; ends by itself.
"""

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.browser.conftest import start_server


async def open_socket(
    server: str, *more: str, headers: Mapping[str, str] | None = None
) -> ClientConnection:
    """Connect as a browser does.

    Parameters
    ----------
    server : str
    *more : str
        What Streamlit's client hands over as further protocols: the XSRF token, and the session that
        it was in.
    headers : mapping, optional
    """
    return await connect(
        server.replace("http://", "ws://") + "/_stcore/stream",
        subprotocols=[Subprotocol(name) for name in ("streamlit", *more)],
        additional_headers=headers,
        max_size=None,
        origin=Origin(server),
        ping_interval=None,  # a browser sends none
    )


@dataclass
class Visitor:
    """One session: asks for pages, waits until each is drawn."""

    socket: ClientConnection
    seconds: list[float] = field(default_factory=list)
    failures: int = 0

    @classmethod
    async def connect(cls, server: str) -> Self:
        """Open a session, and ask for nothing yet."""
        return cls(await open_socket(server))

    @classmethod
    async def arrive(cls, server: str, page: str) -> Self:
        """Open a session on a page."""
        visitor = await cls.connect(server)
        await visitor.open(page)
        return visitor

    async def open(self, page: str, query: str = "") -> None:
        """Ask for a page and wait until its script has ended."""
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = page
        await self.send(message)

    async def send(self, message: BackMsg) -> None:
        """Send what a browser would, and wait until the script has ended."""
        began = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        # Before that a pass may end that was under way when the connection was lost.
        started = False
        while True:
            answer = await self.receive()
            started = started or answer.HasField("new_session")
            if started and answer.WhichOneof("type") == "script_finished":
                if answer.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    continue  # a page that sends the visitor on
                break
        self.seconds.append(time.perf_counter() - began)

    async def receive(self) -> ForwardMsg:
        """Wait for the next message, and take it down."""
        answer = ForwardMsg()
        answer.ParseFromString(await self.socket.recv())
        self.notice(answer)
        return answer

    def notice(self, answer: ForwardMsg) -> None:
        """Take down what the server says."""
        if answer.delta.new_element.HasField("exception"):
            self.failures += 1


async def measure(server: str, count: int) -> None:
    """Print what the visitors waited."""
    reader = await Visitor.arrive(server, "shapes")
    for _ in range(5):
        await reader.open("shapes")
    reading_alone = statistics.median(reader.seconds)
    await (await Visitor.arrive(server, "shapes")).open("train", "seed=1001")  # data and imports
    alone = []
    for seed in (1002, 1003, 1004):
        visitor = await Visitor.arrive(server, "shapes")
        await visitor.open("train", f"seed={seed}")
        alone.append(visitor.seconds[-1])
    work = statistics.median(alone)
    print(
        f"One visitor alone: {work:.2f} s until the page stands with a run of its own (median of 3)."
    )
    crowd = [await Visitor.arrive(server, "shapes") for _ in range(count)]
    reader.seconds.clear()

    async def read(until: asyncio.Event) -> None:
        while not until.is_set():
            await reader.open("shapes")
            await asyncio.sleep(0.2)

    done = asyncio.Event()
    reading = asyncio.create_task(read(done))
    began = time.perf_counter()
    await asyncio.gather(
        *(visitor.open("train", f"seed={2000 + i}") for i, visitor in enumerate(crowd))
    )
    total = time.perf_counter() - began
    done.set()
    await reading
    waits = sorted(visitor.seconds[-1] for visitor in crowd)
    failures = sum(visitor.failures for visitor in [*crowd, reader])
    print(f"| {count} retrain at once | |")
    print("|---|---|")
    print(f"| failures | {failures} |")
    print(f"| median, longest wait | {statistics.median(waits):.2f} s, {waits[-1]:.2f} s |")
    print(f"| the sum of their work | {count * work:.2f} s |")
    asked = len(reader.seconds) * reading_alone
    print(f"| with the work for the reader of another page | {count * work + asked:.2f} s |")
    print(f"| all done after | {total:.2f} s |")
    print(
        f"| a reader of another page meanwhile ({len(reader.seconds)} asked): median, longest | "
        f"{statistics.median(reader.seconds):.2f} s, {max(reader.seconds):.2f} s |"
    )


def main() -> None:
    """Start a server and measure it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--visitors", type=int, default=20)
    options = parser.parse_args()
    process, address = start_server(dict(os.environ))
    try:
        asyncio.run(measure(address, options.visitors))
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
