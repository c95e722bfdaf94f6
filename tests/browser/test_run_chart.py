"""The replay of a run in a real browser: playing, scrubbing, reading, and what Python hears of it."""

import base64
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, Visit, expect_to_fit
from tests.browser.test_journeys import button, in_shadow

SCRIPT = """
import io
import numpy as np
import streamlit as st
from PIL import Image
from ui.components.run_chart import Curves, Tiles, replay, run_chart

st.title("Replay")
n = 101 if st.toggle("Short") else 201
x = np.arange(n)
cost = 1 / (1 + x / 50)
run = Curves("this run", x, cost, cost + 0.1, 1 - cost / 2, 1 - cost)
file = io.BytesIO()
Image.new("RGB", (320, 20), st.text_input("Colour", "teal")).save(file, "PNG")
said = np.full((21, 16), 20, np.uint8)
said[10:, :4] = 230  # from iteration 100 on it knows the four cats of the training pictures
tiles = Tiles(file.getvalue(), 20, 16, [1] * 4 + [0] * 8 + [1, 0, 0, 0], 12, 10 * np.arange(21), said)
if st.toggle("Live"):
    run_chart(key="run", iterations=x.tolist(), costs=cost.tolist(), num_iterations=200)
    stopped = "live"
else:
    at = 50 if st.button("Go to 50") else None
    stopped = replay(key="run", run=run, num_iterations=200, best=60, at=at, tiles=tiles)
st.text_input("Name")
st.session_state["passes"] = st.session_state.get("passes", 0) + 1
st.text(f"stopped at {stopped}, pass {st.session_state['passes']}")
"""


@pytest.fixture(scope="module")
def address(browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page of its own with a small run, so that the test needs no training."""
    script = tmp_path_factory.mktemp("replay") / "page.py"
    script.write_text(SCRIPT, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true",
         f"--server.port={port}", "--server.address=127.0.0.1"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    found = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{found}/_stcore/health", timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield found
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture
def replayed(address: str, visit: Callable[..., Visit]) -> Callable[..., Page]:
    """Open the page and wait for the chart; its state is then `chart` in the browser."""

    def begin(**options: object) -> Page:
        page = visit(address, **options).open("/")
        found = f"({in_shadow(page, '.run-chart')})?.getRootNode().runChart"
        page.wait_for_function(f"(window.chart = {found})?.tiles?.loaded === 1")
        return page

    return begin


def scrubber(page: Page):
    return page.get_by_role("slider", name="iteration")


def decoded(text: str) -> str:
    return base64.b64decode(text).decode("latin-1")


def said(page: Page, text: str | re.Pattern[str]):
    return expect(page.get_by_text(text, exact=True))


def test_playing_needs_no_server_and_stopping_tells_it(replayed) -> None:
    page = replayed()
    page.evaluate("chart.speed.value = 0.25")
    scrubber(page).focus()
    before = page.get_by_text("stopped at").inner_text()
    assert before == "stopped at None, pass 1"  # and it has not begun to play
    page.evaluate(
        "() => { window.sent = 0; const send = chart.send;"
        " chart.send = (...told) => { window.sent += 1; send(...told) } }"
    )
    button(page, "Play").click()
    page.wait_for_function("chart.upTo > 20 && chart.upTo < 190")
    assert page.evaluate("window.sent") == 0
    page.get_by_role("textbox", name="Name").fill("a rerun")
    page.keyboard.press("Enter")
    said(page, "stopped at None, pass 2").to_be_visible()
    assert page.evaluate("chart.playing")
    button(page, "Pause").click()
    page.wait_for_function("!chart.playing && Number.isInteger(chart.upTo)")
    place = page.evaluate("chart.upTo")
    said(page, f"stopped at {place}, pass 3").to_be_visible()
    page.evaluate("chart.speed.value = 4")
    button(page, "Play").click()
    page.wait_for_function("!chart.playing && chart.upTo === 200")
    said(page, "stopped at None, pass 4").to_be_visible()  # the end


def test_keys_move_the_scrubber_and_are_told_when_they_rest(replayed) -> None:
    page = replayed()
    page.evaluate(  # how long after which key the server is told, in ms
        "() => { window.rests = []; window.keys = []; let key = 0, send = chart.send;"
        " addEventListener('keydown', event => { if (event.key === 'Shift') return;"
        " key = performance.now(); keys.push(key) }, true);"
        " Object.defineProperty(chart, 'send', { set(value) { send = value },"
        " get: () => (...told) => { rests.push([keys.length, performance.now() - key]);"
        " send(...told) } }) }"
    )
    scrubber(page).focus()
    for key in (
        "Home",
        "PageUp",
        "ArrowRight",
        "ArrowRight",
        "Shift+ArrowRight",
        "Shift+ArrowLeft",
    ):
        page.keyboard.press(key)
    # A slow machine may rest between two keys, too; and two words may come to one pass of the page.
    page.wait_for_function("rests.length && !chart.telling")
    said(page, re.compile(r"^stopped at 100, pass \d$")).to_be_visible()
    told = page.evaluate("rests")
    assert min(rest for _key, rest in told) > 75
    assert len({key for key, _rest in told}) == len(told)  # once
    expect(scrubber(page)).to_have_attribute(
        "aria-valuetext",
        "iteration 100: training cost 0.3333, test cost 0.4333, "
        "training right 10 of 12, test right 3 of 4",
    )
    page.keyboard.press("End")
    said(page, re.compile(r"^stopped at None, pass \d$")).to_be_visible()
    page.get_by_role("textbox", name="Name").press("Home")  # not ours
    assert page.evaluate("chart.upTo") == 200
    scrubber(page).press(" ")
    page.wait_for_function("chart.playing")


def test_the_chart_can_be_dragged_and_only_read(replayed) -> None:
    page = replayed()
    page.evaluate("chart.canvas.scrollIntoView()")
    box = page.locator(".run-chart .plot canvas").bounding_box()
    left, width = page.evaluate("[chart.geometry.left, chart.geometry.width]")
    y = box["y"] + 60
    page.mouse.move(box["x"] + left + width / 2, y)
    expect(page.locator(".run-chart .readout")).to_contain_text("iteration 100")
    assert page.evaluate("chart.upTo") == 200
    page.mouse.down()
    page.mouse.move(box["x"] + left + width / 4, y, steps=8)
    page.mouse.up()
    page.wait_for_function("Math.abs(chart.upTo - 50) <= 1")
    expect(page.get_by_text(f"stopped at {page.evaluate('chart.upTo')},")).to_be_visible()


def test_tiles_follow_and_can_be_asked(replayed) -> None:
    page = replayed()
    training = page.locator(".run-chart .tiles h2").first
    expect(training).to_have_text("training, iteration 200: 12 of 12 right")
    scrubber(page).focus()
    page.keyboard.press("PageDown")
    page.keyboard.press("ArrowLeft")
    expect(training).to_have_text("training, iteration 90: 8 of 12 right")
    tiles = page.locator(".run-chart .field canvas").first
    expect(tiles).to_have_attribute("aria-label", "training, iteration 90: 8 of 12 right. "
        "wrong: 0, 1, 2, 3. The arrow keys go from picture to picture.")  # fmt: skip
    tiles.hover(position={"x": 8, "y": 8})
    told = page.locator(".run-chart .told")
    expect(told).to_have_text("training picture 0, cat, network says 0.08 cat: wrong")
    page.keyboard.press("ArrowRight")  # the scrubber still has the focus
    expect(told).to_have_text("training picture 0, cat, network says 0.90 cat: right")


def test_a_stop_is_not_answered_with_the_pictures_that_are_here(replayed) -> None:
    page = replayed()
    came: list[bool] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on(
        "Network.webSocketFrameReceived",
        lambda frame: came.append("data:image" in decoded(frame["response"]["payloadData"])),
    )
    scrubber(page).focus()
    for place in (199, 198):
        page.keyboard.press("ArrowLeft")
        said(page, re.compile(f"stopped at {place}, .*")).to_be_visible()
        expect(page.locator(".run-chart .tiles h2").first).to_have_text(
            "training, iteration 190: 12 of 12 right"
        )
    assert came
    assert not any(came)
    page.get_by_text("Live", exact=True).click()  # which forgets what was said
    page.get_by_text("Live", exact=True).click()
    page.wait_for_function("chart.tiles?.loaded")


def test_pictures_that_the_browser_has_thrown_away_come_again(replayed) -> None:
    page = replayed()
    page.evaluate("window.first = chart.tiles.data.sprite")
    scrubber(page).focus()
    page.keyboard.press("ArrowLeft")  # which tells that the first pictures are here
    said(page, re.compile("stopped at 199, .*")).to_be_visible()
    colour = page.get_by_role("textbox", name="Colour")
    others = ("red", "orange", "yellow", "green", "blue", "violet", "black", "white")
    for k, name in enumerate(others, start=3):  # more than are kept
        colour.fill(name)
        colour.press("Enter")
        said(page, f"stopped at 199, pass {k}").to_be_visible()
    colour.fill("teal")
    colour.press("Enter")
    said(page, "stopped at 199, pass 12").to_be_visible()  # one more, to ask for them
    page.wait_for_function("chart.tiles?.data.sprite === first && chart.tiles.sprite.complete")
    expect(page.locator(".run-chart .tiles h2").first).to_be_visible()


def test_another_run_and_the_live_chart_take_the_place_without_a_mount(replayed) -> None:
    page = replayed()
    page.evaluate("chart.canvas.marked = true")
    scrubber(page).focus()
    page.keyboard.press("Home")
    page.get_by_role("button", name="Go to 50").click()  # before the key has been told
    expect(page.get_by_text("stopped at 50,")).to_be_visible()
    page.get_by_text("Short", exact=True).click()
    page.wait_for_function("chart.range.max === '100'")
    assert page.evaluate("chart.upTo") == 50
    scrubber(page).press("End")
    expect(page.get_by_text("stopped at None,")).to_be_visible()
    page.get_by_text("Short", exact=True).click()
    page.wait_for_function("chart.upTo === 200")  # who is at the end stays at the end
    page.get_by_text("Live", exact=True).click()
    expect(page.get_by_text("stopped at live,")).to_be_visible()
    expect(scrubber(page)).to_be_hidden()
    page.get_by_text("Live", exact=True).click()
    expect(scrubber(page)).to_be_visible()
    assert page.evaluate("chart.canvas.isConnected && chart.canvas.marked")


def test_less_motion_and_a_small_screen(replayed) -> None:
    page = replayed(viewport={"width": 360, "height": 760}, reduced_motion="reduce", has_touch=True)
    expect_to_fit(page)
    assert page.evaluate("chart.tiles.box.scrollHeight <= chart.box.clientHeight")
    page.evaluate(
        "window.places = new Set(); window.began = performance.now();"
        " const look = () => { places.add(chart.upTo); requestAnimationFrame(look) }; look()"
    )
    button(page, "Play").tap()
    page.wait_for_timeout(1000)
    assert page.evaluate("places.size - (performance.now() - began) / 100") <= 2  # ten a second
    button(page, "Pause").tap()
