"""What goes wrong around the app: a tab closed in mid-training, a server killed under a browser."""

import asyncio
import io
import os
import sys
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from benchmarks.visitors import Visitor
from nncore.data import own, photos
from tests.browser.conftest import start_server
from tests.browser.late import hearing

LONG = "model=own&hidden=100&iterations=20000&data=doodles&seed=77"  # minutes of training


def without_photos() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != photos.FOLDER_VARIABLE}


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def comes_to(pid: int, holds: Callable[[float], bool]) -> bool:
    """Say whether what a process takes of the processor in three seconds comes to be so, in 30."""
    for _ in range(10):
        before = processor_seconds(pid)
        time.sleep(3)  # of which one who trains takes all
        if holds(processor_seconds(pid) - before):
            return True
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="reads the processor's time from /proc")
def test_a_tab_closed_in_mid_training_ends_the_work(browser: Browser) -> None:
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    async def train_and_leave() -> None:
        visitor = await Visitor.connect(address)
        message, answer, looks = BackMsg(), ForwardMsg(), 0
        message.rerun_script.page_name, message.rerun_script.query_string = "train", LONG
        await visitor.socket.send(message.SerializeToString())
        while looks < 5:
            answer.ParseFromString(await visitor.socket.recv())
            looks += answer.delta.new_element.HasField("progress")
        await visitor.socket.close()

    process, address = start_server(without_photos())
    try:
        with ThreadPoolExecutor() as pool:  # this thread has the loop of the browser's tests
            pool.submit(asyncio.run, asyncio.wait_for(train_and_leave(), 120)).result()
        assert comes_to(process.pid, lambda used: used < 0.5)
    finally:
        process.kill()
        process.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="reads the processor's time from /proc")
@pytest.mark.parametrize(
    ("part", "button", "stop"),
    [
        ("watch", "go", "stop"),
        ("watch", "race", "race_stop"),
        ("compare", "sweep_start", "sweep_stop"),
    ],
)
def test_a_closed_tab_ends_what_it_watched(
    part: str, button: str, stop: str, browser: Browser
) -> None:
    process, address = start_server(without_photos())
    page = browser.new_page()
    page.set_default_timeout(60_000)
    try:
        page.goto(f"{address}/train?part={part}&{LONG}")
        page.locator(f".st-key-{button} button").click()
        expect(page.locator(f".st-key-{stop} button")).to_be_enabled()
        assert comes_to(process.pid, lambda used: used > 0.5)
        page.close()
        assert comes_to(process.pid, lambda used: used < 0.5)
    finally:
        page.close()
        process.kill()
        process.wait()


def test_a_server_killed_under_a_browser_comes_back_to_the_same_view(browser: Browser) -> None:
    process, address = start_server(without_photos())
    page = browser.new_page()
    page.set_default_timeout(60_000)
    app = "document.querySelector('[data-testid=stApp]')?.dataset"
    at_rest = (
        f"{app}?.testScriptState === 'notRunning' && {app}.testConnectionState === 'CONNECTED'"
    )
    try:
        page.goto(f"{address}/your_picture?sample=owl&fit=crop&look=moved")
        sample = page.get_by_role("combobox", name="Sample")
        page.wait_for_function(f"{at_rest} && !!document.querySelector('h1')")
        url, chosen = page.url, sample.input_value()
        page.evaluate("window.sameTab = true")
        process.kill()
        process.wait()
        page.wait_for_function(f"{app}.testConnectionState !== 'CONNECTED'")
        process, _again = start_server(without_photos(), port=int(address.rsplit(":", 1)[1]))
        page.wait_for_function(at_rest)
        expect(sample).to_have_value(chosen)
        expect(page.get_by_role("radio", name="middle square")).to_be_checked()
        expect(page.get_by_test_id("stException")).to_have_count(0)
        assert page.url == url
        assert page.evaluate("window.sameTab")  # nobody had to reload
    finally:
        page.close()
        process.kill()
        process.wait()


def full_zip() -> bytes:
    """Two classes of as many pictures as are taken, each another and none square."""
    packed, stream = io.BytesIO(), np.random.RandomState(0)
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("dogs", "owls"):
            for k in range(own.MOST):
                file = io.BytesIO()
                pixels = stream.randint(0, 256, (30, 40, 3)).astype(np.uint8)
                Image.fromarray(pixels).save(file, "PNG")
                archive.writestr(f"{name}/{k}.png", file.getvalue())
    return packed.getvalue()


def test_who_finds_no_room_finds_it_once_others_have_left(browser: Browser) -> None:
    zip_file = {"name": "mine.zip", "mimeType": "application/zip", "buffer": full_zip()}
    process, address = start_server(without_photos(), "--server.disconnectedSessionTTL=1")
    tabs = []
    try:
        for _ in range(4):
            page = browser.new_page()
            page.set_default_timeout(60_000)
            tabs.append(page)
            page.goto(f"{address}/pictures?look=own")
            page.locator("input[type=file]").set_input_files(zip_file)
            page.locator(".st-key-own_forget, .st-key-own_again").first.wait_for()
        *others, last = tabs
        assert all(page.locator(".st-key-own_forget").is_visible() for page in others)
        expect(last.get_by_text("There is no room for this now")).to_be_visible()
        last.locator(".st-key-own_again button").click()
        expect(last.get_by_text("There is no room for this now")).to_be_visible()
        others[0].close()
        for _ in range(5):  # until the server has let go of it
            time.sleep(3)
            last.locator(".st-key-own_again button").click()
            with suppress(AssertionError):
                expect(last.locator(".st-key-own_forget")).to_be_visible(timeout=4000)
                break
        expect(last.locator(".st-key-own_forget")).to_be_visible()
    finally:
        for page in tabs:
            page.close()
        process.kill()
        process.wait()


def test_a_press_before_the_last_is_answered_stops_nothing(server, visit) -> None:
    visitor = visit(server)
    far = hearing("(heard) => (event) => setTimeout(() => heard(event), 250)")  # milliseconds
    visitor.page.add_init_script(far)
    page = visitor.open("/train?data=doodles&iterations=50")
    part = page.locator(".st-key-part")
    other = page.locator('.st-key-measure button[role=radio][aria-checked="false"]')
    shown = page.get_by_role("heading", name="The network after 50 updates")
    for more in range(3):  # runs after which a browser might have thrown away what it was sent
        part.get_by_text("Compare").click()
        expect(other.first).to_be_visible()
        for _ in range(more):
            page.wait_for_timeout(1000)
            other.first.click()
        page.wait_for_timeout(1000)
        other.first.click()
        page.wait_for_timeout(100)
        part.get_by_text("Explore").click()
        expect(shown).to_be_visible()
        page.wait_for_timeout(1000)
