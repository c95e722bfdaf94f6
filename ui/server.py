"""The server: what it does before anybody comes, and how it hands out what a browser asks for.

Streamlit finds it in app.py. Where a host runs app.py as a script alone, all works without it, slower.
"""

import asyncio
import importlib
import pkgutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import cli_util, config
from streamlit.web.server.server_util import get_display_address, get_url

import ui

FILES = Path(st.__file__).parent / "static" / "static"  # what draws a page in the browser
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}
LARGEST = 2**20  # bytes; what is larger, as the chart library, is read when it is asked for
FOR_GOOD = "public, immutable, max-age=31536000"  # its name changes with what is in it


@asynccontextmanager
async def prepared(app: object) -> AsyncIterator[None]:
    """Make ready, so that the first visitor waits no longer than the second; then serve."""
    loop = asyncio.get_running_loop()
    send_at_once(loop)
    load_pages()
    if not st.get_option("server.headless"):  # Streamlit does it only for an app that is a script
        loop.call_soon(cli_util.open_browser, address())
    yield


def send_at_once(loop: asyncio.AbstractEventLoop) -> None:
    """Have every connection send what it is given at once, small or not.

    Streamlit makes its socket in a way by which asyncio does not see that it is one of TCP, and leaves
    Nagle's algorithm on: a second small piece waits until the browser has acknowledged the first, and
    browsers take 40 ms for that. An answer is two pieces, its head and its body. So the 61 files of
    which Streamlit begins took 0.44 s, six at a time, and take 0.14 s; from memory, 0.04 s.
    """
    create = loop.create_server

    async def create_server(*arguments: Any, sock: Any = None, **options: Any) -> asyncio.Server:
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # its connections inherit it
        return await create(*arguments, sock=sock, **options)

    with suppress(AttributeError):  # a loop that lets nothing be changed
        loop.create_server = create_server  # type: ignore[method-assign]


def load_pages() -> None:
    """Load what the pages are made of, but none of the libraries that only some of them need."""
    for module in pkgutil.walk_packages(ui.__path__, "ui."):
        importlib.import_module(module.name)
    ui.collect_garbage(everything=True)


def address() -> str:
    """Return the address at which a browser of this machine finds the app."""
    if config.is_manually_set("browser.serverAddress") or not st.get_option("server.address"):
        return get_url(st.get_option("browser.serverAddress"))  # localhost, where nobody says
    return get_url(get_display_address(st.get_option("server.address")))


class FilesFromMemory:
    """Answer from memory for Streamlit's own files, 110 of which a first page asks for.

    Streamlit opens and reads a file anew for every browser, in another thread, piece by piece: with the
    two hundred of a lecture hall who come at once that is some minute of the processor.

    Parameters
    ----------
    app : ASGI application
        Which answers for all else.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.files = {
            f"{file.parent.name}/{file.name}": file
            for file in FILES.glob("*/*")
            if file.suffix in MEDIA_TYPES and file.stat().st_size <= LARGEST
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app: ASGIApp = self.app
        if scope["type"] == "http" and scope["method"] == "GET":
            _before, _static, name = scope["path"].rpartition("/static/")
            if name in self.files:
                app = _response(self.files[name])
        await app(scope, receive, send)


@cache
def _response(file: Path) -> Response:
    media_type = MEDIA_TYPES[file.suffix]
    return Response(file.read_bytes(), media_type=media_type, headers={"Cache-Control": FOR_GOOD})
