"""The server of app.py: ready before anybody comes, quick to send, with Streamlit's files in memory."""

import asyncio
import os
import socket
import urllib.request
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ui.server import FILES, LARGEST, MEDIA_TYPES, FilesFromMemory, send_at_once

from tests.browser.conftest import ROOT, start_server
from tests.test_imports import modules_after, said_by

SCRIPT = next(f"js/{file.name}" for file in FILES.glob("js/index.*.js"))


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run it in a thread: where a browser test went before, this one has a loop of its own running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def ask(path: str, method: str = "GET") -> dict:
    """Ask `FilesFromMemory` for a path; return what came, or that it was handed on."""
    came: dict = {"handed on": False, "body": b""}

    async def behind(scope, receive, send) -> None:
        came["handed on"] = True

    async def send(message) -> None:
        came.update(message, body=came["body"] + message.get("body", b""))

    scope = {"type": "http", "method": method, "path": path, "headers": []}
    run(FilesFromMemory(behind)(scope, None, send))
    return came


@pytest.mark.parametrize("before", ["", "/base", "/a/deep/link"])
def test_streamlits_files_are_answered_whole_and_may_be_kept(before: str) -> None:
    came = ask(f"{before}/static/{SCRIPT}")
    headers = dict(came["headers"])
    assert not came["handed on"]
    assert came["status"] == 200
    assert came["body"] == (FILES / SCRIPT).read_bytes()
    assert headers[b"content-type"].startswith(b"text/javascript")
    assert headers[b"content-length"] == str(len(came["body"])).encode()
    assert b"immutable" in headers[b"cache-control"]


def test_all_that_draws_a_first_page_comes_from_memory() -> None:
    html = (FILES.parent / "index.html").read_text()
    named = [part.split('"')[0] for part in html.split("./static/")[1:]]
    assert len(named) > 50
    files = FilesFromMemory(None).files  # type: ignore[arg-type]
    assert not set(named) - set(files)
    assert {file.suffix for file in files.values()} == set(MEDIA_TYPES)
    assert max(file.stat().st_size for file in files.values()) <= LARGEST


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/", "GET"),
        ("/_stcore/health", "GET"),
        ("/static/js/nothing.js", "GET"),
        ("/static/../app.py", "GET"),
        ("/static/js/../../index.html", "GET"),
        (f"/static/{SCRIPT}/", "GET"),
        (f"/static/{SCRIPT}", "HEAD"),
        (f"/static/{SCRIPT}", "POST"),
    ],
)
def test_all_else_is_streamlits(path: str, method: str) -> None:
    assert ask(path, method) == {"handed on": True, "body": b""}


def test_the_larger_files_are_streamlits() -> None:
    large = [file for file in FILES.glob("js/*.js") if file.stat().st_size > LARGEST]
    assert large  # the chart library
    assert all(ask(f"/static/js/{file.name}")["handed on"] for file in large)


@pytest.mark.parametrize("at_once", [True, False])
def test_connections_send_at_once(at_once: bool) -> None:
    """And would not by themselves: else there is nothing to do any more."""

    async def delays() -> int:
        told: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        class Watch(asyncio.Protocol):
            def connection_made(self, transport) -> None:
                accepted = transport.get_extra_info("socket")
                told.set_result(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
                transport.close()

        if at_once:
            send_at_once(asyncio.get_running_loop())
        bound = socket.socket(socket.AF_INET)  # as Streamlit does
        bound.bind(("127.0.0.1", 0))
        server = await asyncio.get_running_loop().create_server(Watch, sock=bound)
        _reader, writer = await asyncio.open_connection(*bound.getsockname())
        try:
            return await told
        finally:
            writer.close()
            server.close()

    assert bool(run(delays())) == at_once


def test_what_pages_are_made_of_is_loaded_but_no_heavy_library() -> None:
    loaded = modules_after("from ui.server import load_pages; load_pages()")
    files = (ROOT / "ui").rglob("*.py")
    ours = {".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files}
    assert not {name.removesuffix(".__init__") for name in ours} - loaded
    charts = "plotly.graph_objs._figure"  # the rest of Plotly comes with Streamlit
    assert not {charts, "pandas", "pyarrow", "altair", "h5py", "PIL.Image"} & loaded


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "http://localhost:8501"),
        ({"server.address": "0.0.0.0", "server.port": 80}, "http://localhost:80"),
        ({"server.address": "10.1.2.3", "server.baseUrlPath": "/nn/"}, "http://10.1.2.3:8501/nn"),
        ({"server.address": "::", "browser.serverAddress": "nn.test"}, "http://nn.test:8501"),
        ({"server.sslCertFile": "cert.pem"}, "https://localhost:8501"),
    ],
)
def test_the_address_that_a_browser_is_opened_at(options, expected) -> None:
    settings = "".join(f"config.set_option({name!r}, {options[name]!r}); " for name in options)
    code = (
        f"from streamlit import config; {settings}from ui.server import address; print(address())"
    )
    assert said_by(code).strip() == expected


def test_streamlit_run_starts_this_server() -> None:
    process, where = start_server(dict(os.environ))
    try:
        with urllib.request.urlopen(f"{where}/static/{SCRIPT}") as answer:
            assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
            assert answer.read() == (FILES / SCRIPT).read_bytes()
        with urllib.request.urlopen(f"{where}/shapes") as answer:
            assert b"<title>Streamlit</title>" in answer.read()
    finally:
        process.kill()
        process.wait()
