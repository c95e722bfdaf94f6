"""A real browser against a real, freshly started server."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from nncore.data import photos
from tests.browser.late import LATE, LATE_PASSES, make_late
from tests.conftest import do_without

expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
ROOT = Path(__file__).parents[2]
NAMES = (
    "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome",
    "google-chrome-stable", "chrome",
)  # fmt: skip
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """An installed Chromium or Chrome; Playwright's own download is not needed."""
    path = os.environ.get("NNCORE_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)
    if not path:
        do_without("no Chromium or Chrome is installed (NNCORE_BROWSER can name one)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        make_late(browser)
        yield browser
        browser.close()


# Streamlit's command, without the pauses that let a browser draw a first screen undisturbed: whoever
# waits for all of a page would wait for each of them.
HASTE = (LATE_PASSES if "passes" in LATE else "") + (
    "from ui import frame; frame.PAUSE = frame.FIRST_PAUSE = 0\n"
    "from streamlit.web.cli import main; main()"
)


def start_server(
    environment: dict[str, str],
    *options: str,
    port: int = 0,
    folder: Path = ROOT,
    haste: bool = False,
) -> tuple[subprocess.Popen[bytes], str]:
    """Start the app on a free port, or on this one, as it is found after a night's sleep."""
    if not port:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    streamlit = ["-c", HASTE] if haste else ["-m", "streamlit"]
    command = [sys.executable, *streamlit, "run", "app.py", "--server.headless=true"]
    process = subprocess.Popen(
        [*command, f"--server.port={port}", "--server.address=127.0.0.1", *options],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                return process, address
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    process.kill()
    raise AssertionError("the server did not start")


@pytest.fixture
def cold_server(browser: Browser) -> Iterator[str]:
    """A server that nobody has asked for anything yet, on a machine without photos."""
    environment = {name: v for name, v in os.environ.items() if name != photos.FOLDER_VARIABLE}
    yield from _serve(environment, haste=False)


@pytest.fixture(scope="session")
def server(browser: Browser) -> Iterator[str]:
    """A server for the journeys, with photos if there are any."""
    yield from _serve(dict(os.environ), haste=True)


def _serve(environment: dict[str, str], *, haste: bool) -> Iterator[str]:
    process, address = start_server(environment, haste=haste)
    yield address
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:  # a training under way may keep it longer: not what is tested
        process.kill()
        process.wait()


class Visit:
    """One visitor's page, which notes what must not happen."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        # On a deep link Streamlit's own client asks two addresses too deep, then finds the right one.
        harmless = "/_stcore/" in message.location.get("url", "") and "404" in message.text
        if message.type == "error" and not harmless:
            self.complaints.append(f"console: {message.text} {message.location}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith(
            (self.address, "data:", "blob:")
        ) and not request.url.startswith(self.address.replace("http", "ws", 1)):
            self.complaints.append(f"request to another host: {request.url}")

    def open(self, path: str = "/") -> Page:
        """Go to an address and wait until the page is at rest."""
        self.page.goto(self.address + path)
        self.rest()
        return self.page

    def rest(self) -> None:
        """Wait until the script has run, nothing is stale, and every component of ours hears."""
        self.page.wait_for_function("!!document.querySelector('h1')")  # nothing has run before
        self.page.wait_for_function(
            "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
        )
        self.page.wait_for_function(HEARS)


# Nothing is still to be loaded, and streamlit.js has been in the place of each component.
HEARS = (
    "!document.querySelector('[data-testid=stSkeleton]')"
    " && [...document.querySelectorAll('[data-testid^=stBidiComponent]')]"
    ".every(place => (place.shadowRoot ?? place).turn)"
)


FITS = (
    "(main => main.scrollWidth <= main.clientWidth)(document.querySelector('[data-testid=stMain]'))"
)


def entries(page: Page) -> int:
    """How many entries the browser's history has, once the script that keeps it is there."""
    page.wait_for_function("window.nncoreHistory")
    return int(page.evaluate("history.length"))


def expect_to_fit(page: Page) -> None:
    """Wait until nothing is wider than its window.

    What was drawn for a wider one is drawn anew, and Streamlit puts the value above a slider in its
    place, a moment after it is there.
    """
    page.wait_for_function(FITS)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Make visits; afterwards, see that none had anything to complain of."""
    visits: list[Visit] = []

    def begin(address: str, **options: object) -> Visit:
        context = browser.new_context(**{"viewport": {"width": 1200, "height": 900}, **options})
        context.set_default_timeout(30_000)
        visits.append(Visit(context.new_page(), address))
        return visits[-1]

    yield begin
    for each in visits:
        each.page.context.close()
    assert not [complaint for each in visits for complaint in each.complaints]
