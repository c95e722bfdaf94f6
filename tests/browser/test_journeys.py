"""What a visitor does, in a real browser."""

import io
import re
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from ui.frame import ENTRIES

from nncore.data import photos
from tests.browser.conftest import expect_to_fit
from tests.conftest import do_without


def in_shadow(page: Page, selector: str) -> str:
    """Return JavaScript for the first element that matches inside a component of ours."""
    return (
        "[...document.querySelectorAll('*')].map(e => e.shadowRoot?.querySelector("
        f"'{selector}')).find(Boolean)"
    )


def status(page: Page) -> str:
    """The line of the training curve that tells how far it is."""
    return str(page.evaluate(f"{in_shadow(page, '.run-chart .status')}?.textContent ?? ''"))


def iteration(page: Page) -> int:
    found = re.search(r"([\d,]+) of", status(page))
    return int(found[1].replace(",", "")) if found else -1


def button(page: Page, name: str):
    # Streamlit's own bar, which has a Stop, too, stands outside.
    return page.get_by_test_id("stMain").get_by_role("button", name=name, exact=True)


def way_to(page: Page, title: str):
    return page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True)


def field(page: Page, label: str):
    return page.get_by_role("textbox", name=label, exact=True).or_(
        page.get_by_role("spinbutton", name=label, exact=True)
    )


def test_a_deep_link_with_a_query_is_the_first_request_of_a_cold_server(cold_server, visit) -> None:
    page = visit(cold_server).open("/train?model=own&hidden=4%2C+3&rate=0.02&iterations=300&seed=5")
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()
    expect(field(page, "Hidden layers")).to_have_value("4, 3")
    expect(page.get_by_role("slider", name="Learning rate").first).to_have_attribute(
        "aria-valuetext", "0.02"
    )
    expect(field(page, "Iterations")).to_have_value("300")
    expect(field(page, "Seed")).to_have_value("5")
    for entry in ENTRIES:  # the navigation is ours, not one made of file names
        expect(way_to(page, entry.title)).to_be_visible()
    for part in ("model=own+sizes", "rate=0.02", "iterations=300", "seed=5"):
        expect(page).to_have_url(re.compile(re.escape(part)))
    again = visit(cold_server)
    again.open(page.url.removeprefix(cold_server))  # what the address bar says can be sent on
    expect(field(again.page, "Hidden layers")).to_have_value("4, 3")


def test_a_link_cannot_make_a_browser_ask_elsewhere(server, visit) -> None:
    page = visit(server).open(
        "/train?model=own&hidden=%21%5Bx%5D%28http%3A%2F%2Fevil.test%2Fa.png%29www.evil.test"
        "&data=own-www.evil.test+:streamlit:"
    )
    said = page.get_by_test_id("stAlert").filter(has_text="is no size of a layer")
    expect(said).to_contain_text("www\u2060.evil.test")
    expect(page.get_by_test_id("stAlert").filter(has_text=":\u2060streamlit:")).to_be_visible()
    expect(page.locator("a[href*=evil]")).to_have_count(0)
    expect(page.get_by_test_id("stAlert").locator("img")).to_have_count(0)
    page.wait_for_timeout(500)  # the visit complains of any request to another host


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.key)
def test_every_page_opens_by_its_address_and_is_no_wider_than_the_screen(
    entry, server, visit
) -> None:
    narrow = {"width": 360, "height": 800}
    page = visit(server, viewport=narrow).open("/" if entry is ENTRIES[0] else f"/{entry.key}")
    expect(page.get_by_test_id("stMain").get_by_text(entry.point).first).to_be_visible()
    expect(page).to_have_title(entry.title)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    for width in (360, 1200):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(500)
        expect_to_fit(page)


def test_start_plays_its_film_and_leads_on(server, visit) -> None:
    page = visit(server, reduced_motion="reduce").open("/")
    caption = in_shadow(page, ".network [aria-live]")
    page.wait_for_function(f"({caption})?.textContent.length > 10")
    first = page.evaluate(f"({caption}).textContent")
    page.get_by_role("button", name="Next").click()
    page.wait_for_function(f"({caption}).textContent !== {first!r}")
    assert "layer 1" in page.evaluate(f"({caption}).textContent")
    page.get_by_test_id("stMain").get_by_role("link", name="Train").first.click()
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()


def test_train_start_pause_resume_stop(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/train?part=watch&data=doodles&model=two_layer&iterations=20000")
    button(page, "Start").click()
    page.wait_for_function(
        f"/^iteration/.test({in_shadow(page, '.run-chart .status')}?.textContent)"
    )
    page.evaluate(
        f"""() => {{
          window.canvases = new Set()
          setInterval(() => canvases.add({in_shadow(page, ".run-chart canvas")}), 20)
        }}"""
    )
    before = iteration(page)
    page.wait_for_timeout(1500)
    running = iteration(page)
    assert running > before >= 0
    assert re.search(r"\d+ per second · [\d,]+ s left", status(page))

    button(page, "Pause").click()
    expect(button(page, "Resume")).to_be_visible()
    visitor.rest()
    page.wait_for_function(f"/paused/.test({in_shadow(page, '.run-chart .status')}?.textContent)")
    page.wait_for_timeout(700)
    paused = iteration(page)
    page.wait_for_timeout(700)
    assert iteration(page) == paused >= running

    button(page, "Resume").click()
    expect(button(page, "Pause")).to_be_visible()
    page.wait_for_function(
        f"parseInt({in_shadow(page, '.run-chart .status')}.textContent.replace(/\\D*([\\d,]+) of.*/,"
        f" '$1').replace(',', '')) > {paused}"
    )
    button(page, "Stop").click()
    expect(button(page, "Train again")).to_be_visible()
    expect(page.get_by_test_id("stMetric").first).to_be_visible()
    # One for all looks. On a busy machine Streamlit, which empties its queue when the fragment runs
    # again, can take the curve for gone once: that draws it anew, with all that it shows.
    assert page.evaluate("[...canvases].filter(Boolean).length") <= 2

    way_to(page, "Your picture").click()
    expect(page.get_by_role("combobox", name="Network")).to_have_value(re.compile("Trained here"))


def test_the_documented_run_on_photos_shows_its_points(photo_set, server, visit) -> None:
    page = visit(server).open("/train?part=watch&data=photos&model=two_layer")
    button(page, "Start").click()
    page.wait_for_timeout(2000)
    button(page, "Stop").click()
    expect(page.get_by_text(re.compile(r"to \d+ documented costs?"))).to_be_visible()
    difference = page.get_by_test_id("stMetricValue").last.inner_text()
    assert float(difference) < 1e-9


def picture(path: Path, kind: str) -> Path:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (90, 50), (200, 120, 40)).save(file, kind, exif=exif)
    path.write_bytes(file.getvalue())
    return path


def test_your_picture_by_upload(server, visit, tmp_path: Path) -> None:
    page = visit(server).open("/your_picture")
    expect(page.get_by_text("64 × 64 pixels")).to_be_visible()  # a sample is judged at once
    page.get_by_text("files", exact=True).click()
    page.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files(
        picture(tmp_path / "mine.jpg", "JPEG")
    )
    expect(page.get_by_text("JPEG, colour, 90 × 50")).to_be_visible()
    expect(page.get_by_text("Turned as the camera noted")).to_be_visible()
    expect(page.get_by_text("50 × 90")).to_be_visible()
    expect(page).to_have_url(re.compile("source="))
    (tmp_path / "no.png").write_bytes(b"MZ\x90\x00 <img src=x onerror=alert(1)>")
    page.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files(
        tmp_path / "no.png"
    )
    expect(page.get_by_text("no picture that is known here")).to_be_visible()
    (tmp_path / "cat.gif").write_bytes(b"GIF89a")
    page.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files(
        tmp_path / "cat.gif"
    )
    refused = page.get_by_role("alert").filter(has_text="image/gif files are not allowed")
    expect(refused).to_be_in_viewport()
    assert refused.bounding_box()["width"] > 100  # to be read without a pointer that hovers
    expect(page.get_by_text("JPEG, colour, 90 × 50")).to_be_visible()  # and spoils nothing
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_several_pictures_one_looked_at_and_a_table_to_take_home(
    server, visit, tmp_path: Path
) -> None:
    visitor = visit(server, viewport={"width": 1200, "height": 500}, reduced_motion="reduce")
    page = visitor.open("/your_picture?source=upload&look=moved")
    evil = "<img src=x onerror=alert(1)>.png"
    page.get_by_test_id("stFileUploader").locator("input[type=file]").set_input_files(
        [picture(tmp_path / "first.jpg", "JPEG"), picture(tmp_path / evil, "PNG")]
    )
    table = page.get_by_role("table").filter(has_text="Pick one to look at it in full")
    expect(table.get_by_role("radio")).to_have_count(2)
    expect(table.get_by_role("radio").last).to_be_checked()
    expect(table.get_by_text(evil, exact=True)).to_be_visible()
    expect(page.get_by_test_id("stText").filter(has_text=evil)).to_be_visible()
    button(page, "Download as CSV").scroll_into_view_if_needed()
    answer = page.locator(".st-key-answer")
    expect(answer).not_to_be_in_viewport()
    table.get_by_text("first.jpg").click()
    expect(table.get_by_role("radio").first).to_be_checked()
    expect(answer.get_by_test_id("stText").filter(has_text="first.jpg")).to_be_in_viewport()
    visitor.rest()
    table.get_by_role("radio").first.press("ArrowDown")
    expect(page.get_by_test_id("stText").filter(has_text=evil)).to_be_visible()
    with page.expect_download() as download:
        button(page, "Download as CSV").click()
    rows = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert len(rows) == 3
    assert rows[1].startswith("first.jpg,")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_your_picture_by_camera(server, visit) -> None:
    page = visit(server, permissions=["camera"]).open("/your_picture?source=camera")
    page.wait_for_function("document.querySelector('video')?.readyState >= 2")
    take = page.get_by_role("button", name="Take Photo")
    taken = page.get_by_role("button", name="Clear photo")
    for _ in range(5):  # a camera that has just begun may have no picture yet; one presses again
        take.click()
        with suppress(AssertionError):
            expect(taken).to_be_visible(timeout=4000)
            break
    expect(page.get_by_text(re.compile(r"(JPEG|PNG), colour, [\d,]+ × [\d,]+"))).to_be_visible()


def test_photos_absent_are_offered_not_fetched(cold_server, visit) -> None:
    if photos.DEFAULT_FOLDER.is_dir():
        do_without("photos that are absent: they lie in datasets/, so there is nothing to offer")
    page = visit(cold_server).open("/train?part=watch&data=photos")
    expect(button(page, "Download the photos")).to_be_visible()
    expect(button(page, "Start")).to_be_disabled()
