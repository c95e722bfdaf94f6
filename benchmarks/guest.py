"""A visitor who uses what stands on the pages as a browser would, over Streamlit's own protocol."""

import asyncio
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.visitors import Visitor, open_socket

MOST_WAIT = 30.0  # seconds, after which a message counts as unanswered
CUT = (0.3, 3.0)  # seconds for which a connection is cut

# What is changed on each page; which value it takes follows from the widget.
STEPS = {
    "shapes": ("m", "another_shapes"),
    "initialise": ("seed_of_draws", "another_initialise"),
    "forward_and_cost": ("given", "m_mean", "bent", "another_forward_and_cost"),
    "backward_and_update": ("update_rate", "another_backward_and_update"),
    "one_iteration": ("walk_next",),
    "pictures": ("grid_next",),
    "results": ("threshold",),
}
RATES = ("0.001", "0.0015", "0.002", "0.003", "0.004", "0.005", "0.006", "0.01", "0.015", "0.02")


def state_of(kind: str, proto: Any, *values: Any) -> WidgetState:
    """Return what a browser says of a widget that has these values; of a button, that it is pressed."""
    state = WidgetState(id=proto.id)
    if kind == "button":
        state.trigger_value = True
    elif kind == "file_uploader":
        state.file_uploader_state_value.uploaded_file_info.extend(values)
    elif kind == "slider" and not proto.options:
        state.double_array_value.data[:] = values
    elif kind in ("slider", "button_group"):
        state.string_array_value.data[:] = values
    elif kind == "checkbox":
        state.bool_value = values[0]
    elif kind == "number_input":
        state.double_value = values[0]
    else:
        state.string_value = values[0]
    return state


def first_values(kind: str, proto: Any) -> Sequence[Any]:
    """Return the values that a widget shows as the server made it; empty where a browser tells none."""
    if kind in ("checkbox", "number_input", "text_input", "text_area"):
        return (proto.value if proto.set_value else proto.default,)
    if kind == "slider" and not proto.options:
        return tuple(proto.value if proto.set_value else proto.default)
    if kind == "slider":
        return (
            proto.raw_value if proto.set_value else [proto.options[int(i)] for i in proto.default]
        )
    if kind == "button_group":
        names = [proto.options[i].content for i in proto.default]
        return proto.raw_values if proto.set_value else names
    if kind in ("selectbox", "radio") and (proto.set_value or proto.HasField("default")):
        return (proto.raw_value if proto.set_value else proto.options[proto.default],)
    return ()


class WrongError(Exception):
    """What a visitor was answered is not what was asked for."""


async def http(
    server: str,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> tuple[int, str]:
    """Ask for something over HTTP; return the status and the head of the answer."""
    host = server.removeprefix("http://")
    name, port = host.split(":")
    lines = {
        "Host": host,
        "Connection": "close",
        "Content-Length": str(len(body)),
        **(headers or {}),
    }
    head = "".join(f"{key}: {value}\r\n" for key, value in lines.items())
    reader, writer = await asyncio.open_connection(name, int(port))
    try:
        writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        await writer.drain()
        answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    finally:
        writer.close()
    return int(answer.split()[1]), answer


def cookie(token: str) -> dict[str, str]:
    """Return the header that hands a server its XSRF cookie back."""
    return {"Cookie": f"_streamlit_xsrf={token}"}


@dataclass
class Tally:
    """What all visitors together waited for, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    visits: int = 0
    cuts: int = 0
    lost: int = 0

    def all(self) -> list[float]:
        """Return the seconds of every interaction."""
        return [seconds for kind in self.seconds.values() for seconds in kind]


@dataclass
class Guest(Visitor):
    """A visitor who uses what stands on the pages, as a browser would."""

    server: str = ""
    tally: Tally = field(default_factory=Tally)
    token: str = ""
    session: str = ""
    page: str = ""
    query: str = ""
    most_wait: float = MOST_WAIT
    widgets: dict[str, tuple[str, Any, str]] = field(default_factory=dict)  # kind, itself, fragment
    states: dict[str, WidgetState] = field(default_factory=dict)
    ticks: dict[str, float] = field(default_factory=dict)  # seconds, by fragment
    elements: list[tuple[str, Any]] = field(default_factory=list)  # of the last answer
    came: list[tuple[float, str, Any]] = field(default_factory=list)  # the same, and when

    @classmethod
    async def enter(cls, server: str, tally: Tally, most_wait: float = MOST_WAIT) -> "Guest":
        """Open a session, with the cookie that protects uploads."""
        _status, head = await http(server, "GET", "/_stcore/health")
        found = re.search(r"set-cookie: _streamlit_xsrf=([^;\r]+)", head, re.IGNORECASE)
        token = found[1] if found else ""
        socket = await open_socket(server, token, headers=cookie(token))
        return cls(socket, server=server, tally=tally, token=token, most_wait=most_wait)

    async def leave(self) -> None:
        """Close the tab."""
        await self.socket.close()

    # What a visitor does

    async def go(self, kind: str, page: str, query: str = "") -> None:
        """Open a page; only the first one, and one with a query, is opened by an address."""
        self.page, self.query = page, query
        self.states.clear()
        await self._rerun(kind)

    async def set(self, kind: str, key: str, *values: Any) -> None:
        """Give a widget a value, or press a button."""
        if key not in self.widgets:
            raise WrongError(f"/{self.page} has no {key}")
        sort, proto, fragment = self.widgets[key]
        self.states[key] = state_of(sort, proto, *values)
        await self._rerun(kind, fragment)
        if sort == "button":
            self.states.pop(key, None)

    async def step(self, rng: random.Random) -> None:
        """Change something on a page."""
        key = rng.choice(STEPS[self.page])
        if key not in self.widgets:
            raise WrongError(f"/{self.page} has no {key}")
        sort, proto, _fragment = self.widgets[key]
        if sort == "button" and proto.disabled:  # the last step of a walk
            return await self.set("step", "walk_back")
        value: Any = True
        if sort == "slider" and proto.options:
            value = rng.choice(proto.options)
        elif sort == "slider":
            steps = round((proto.max - proto.min) / proto.step)
            value = proto.min + rng.randrange(steps + 1) * proto.step
        elif sort == "number_input":
            value = min(proto.default + rng.randint(1, 9) * proto.step, proto.max)
        elif sort == "checkbox":
            value = rng.random() < 0.5
        query = self.query
        await self.set("step", key, value)
        if key == "walk_next" and self.query == query:
            raise WrongError("walk_next led nowhere")

    async def train(self, seed: int) -> None:
        """Train a network that nobody else has trained."""
        before = self.trained()
        await self.go("train", "train", f"seed={seed}")
        if self.trained() in ("", before):
            raise WrongError("a seed of its own made no network of its own")

    async def retrain(self, rng: random.Random) -> None:
        """Change the learning rate."""
        now = self.states["rate"].string_array_value.data[0]
        before = self.trained()
        await self.set("retrain", "rate", rng.choice([rate for rate in RATES if rate != now]))
        # A rate that kills every unit of a layer leaves the same numbers as another that does.
        dead = self.trained().endswith("| 0 | 0 |")
        if not self.trained() or (self.trained() == before and not dead):
            raise WrongError("another learning rate made no other network")

    def trained(self) -> str:
        """Return what Train says of the weights of the network that it shows."""
        return self.text("markdown", r"\| layer \| units \|(?s:.*)")

    async def watch(self, seconds: float) -> list[int]:
        """Watch a textbook training for a while, and end it; return the iterations that were shown."""
        await self.set("open another page", "part", "Watch")
        await self.set("watch: start", "go")
        end, seen = time.perf_counter() + seconds, []
        while self.ticks and time.perf_counter() < end:
            fragment, interval = next(iter(self.ticks.items()))
            await asyncio.sleep(interval)
            await self._rerun("watch: a look", fragment, auto=True)
            seen += [
                int(found.replace(b",", b""))
                for sort, proto in self.elements
                if sort == "bidi_component"
                for found in re.findall(rb"iteration ([\d,]+) of", proto.SerializeToString())
            ]
        if len(set(seen)) < 2:
            raise WrongError(f"a training that was watched showed only {seen}")
        if self.ticks:
            await self.set("watch: stop", "stop")
        return seen

    async def upload(self, name: str, picture: bytes) -> None:
        """Send a picture and have it judged."""
        await self.go("open another page", "your_picture")
        await self.set("step", "source", "files")
        began = time.perf_counter()
        message = BackMsg()
        message.file_urls_request.request_id = name
        message.file_urls_request.file_names.append(name)
        message.file_urls_request.session_id = self.session
        await self.socket.send(message.SerializeToString())
        async with asyncio.timeout(self.most_wait):
            while not (answer := await self.receive()).HasField("file_urls_response"):
                pass
        urls = answer.file_urls_response.file_urls[0]
        body = (
            f'--x--\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        ).encode() + picture
        status, _head = await http(
            self.server,
            "PUT",
            urls.upload_url,
            cookie(self.token)
            | {"X-Xsrftoken": self.token, "Content-Type": "multipart/form-data; boundary=x--"},
            body + b"\r\n--x----\r\n",
        )
        if status != 204:
            raise WrongError(f"an upload was answered with {status}")
        info = UploadedFileInfo(name=name, size=len(picture), file_id=urls.file_id, file_urls=urls)
        await self.set("", "upload", info)
        self.tally.seconds["upload and judge"].append(time.perf_counter() - began)
        if not self.text("text", re.escape(name)) or not self.answer():
            raise WrongError("an uploaded picture was not judged")

    def answer(self) -> str:
        """Return what Your picture says, to the last digit."""
        said = [
            proto.help
            for sort, proto in self.elements
            if sort == "markdown" and proto.body.startswith("Probability of")
        ]
        return said[0] if said else ""

    async def be_cut(self, rng: random.Random) -> None:
        """Lose the connection, at rest or in the middle of an answer, and find the session again."""
        await self.go("open another page", "your_picture")
        before = self.answer()
        if rng.random() < 0.5:
            await self.socket.send(self._message().SerializeToString())
            await asyncio.sleep(rng.uniform(0, 0.1))
        self.socket.transport.abort()
        await asyncio.sleep(rng.uniform(*CUT))
        session, self.tally.cuts = self.session, self.tally.cuts + 1
        self.socket = await open_socket(
            self.server, self.token, session, headers=cookie(self.token)
        )
        await self._rerun("find the session again")
        if self.session != session or self.answer() != before or not before:
            self.tally.lost += 1

    # How it is said

    def _message(self, fragment: str = "", auto: bool = False) -> BackMsg:
        message = BackMsg()
        asked = message.rerun_script
        asked.page_name, asked.query_string = self.page, self.query
        asked.fragment_id, asked.is_auto_rerun = fragment, auto
        asked.widget_states.widgets.extend(self.states.values())
        return message

    async def _rerun(self, kind: str, fragment: str = "", *, auto: bool = False) -> None:
        self.elements.clear()
        self.came.clear()
        async with asyncio.timeout(self.most_wait):
            await self.send(self._message(fragment, auto))
        self.states = {key: state for key, state in self.states.items() if key in self.widgets}
        if not self.elements:
            raise WrongError(f"/{self.page} showed nothing")
        if kind:
            self.tally.seconds[kind].append(self.seconds[-1])

    def notice(self, answer: ForwardMsg) -> None:
        """Take down what the server says."""
        sort = answer.WhichOneof("type")
        if sort == "new_session":
            self.session = answer.new_session.initialize.session_id or self.session
            if not answer.metadata.run.fragment_ids:
                self.widgets.clear()
                self.ticks.clear()
        elif sort == "page_info_changed":
            self.query = answer.page_info_changed.query_string
        elif sort == "auto_rerun":
            self.ticks[answer.auto_rerun.fragment_id] = answer.auto_rerun.interval
        elif sort == "stop_auto_rerun":
            self.ticks.clear()
        elif sort == "page_not_found":
            self.tally.errors[f"/{self.page} was not found"] += 1
        elif sort == "delta" and (kind := answer.delta.new_element.WhichOneof("type")):
            self._take(kind, getattr(answer.delta.new_element, kind), answer.delta.fragment_id)

    def _take(self, kind: str, proto: Any, fragment: str) -> None:
        self.elements.append((kind, proto))
        self.came.append((time.perf_counter(), kind, proto))
        if kind == "exception":
            trace = "".join(f"\n{line}" for line in proto.stack_trace)
            self.tally.errors[f"/{self.page}: {proto.type} {proto.message}{trace}"] += 1
        elif kind == "alert" and proto.format == Alert.ERROR:
            self.tally.errors[f"/{self.page}: {proto.body}"] += 1
        id = getattr(proto, "id", "")
        if isinstance(id, str) and id.count("-") >= 2:
            key = id.split("-", 2)[2]
            self.widgets[key] = (kind, proto, fragment)
            told = getattr(proto, "set_value", False) or key not in self.states
            if told and (values := first_values(kind, proto)):
                self.states[key] = state_of(kind, proto, *values)

    def text(self, kind: str, pattern: str) -> str:
        """Return the last text of a kind of the last answer that begins with a pattern."""
        found = [
            proto.body
            for sort, proto in self.elements
            if sort == kind and re.match(pattern, proto.body)
        ]
        return found[-1] if found else ""
