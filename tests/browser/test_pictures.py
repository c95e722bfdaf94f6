"""The Pictures page in a browser: a pixel is chosen, and own pictures become a network."""

import re

from playwright.sync_api import expect

from nncore.data import own
from tests.browser.test_journeys import way_to


def test_a_pixel_is_chosen_by_a_click_and_by_keys_without_the_server(server, visit) -> None:
    visitor = visit(server)
    sent: list[object] = []
    visitor.page.on(
        "websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame))
    )
    page = visitor.open("/pictures?look=column&data=doodles&train_picture=3")
    canvas = page.locator(".pixel-column .picture canvas")
    where = page.locator(".pixel-column .where")
    expect(where).to_have_text("Pixel in row 32, column 32")
    page.wait_for_timeout(500)
    before = len(sent)
    assert before
    box = canvas.bounding_box()
    assert box is not None
    cell = box["width"] / 64
    canvas.click(position={"x": 10.5 * cell, "y": 20.5 * cell})
    expect(where).to_have_text("Pixel in row 20, column 10")
    first = 3 * (64 * 20 + 10)
    rows = page.locator(".pixel-column tbody tr td:nth-child(2)")
    expect(rows).to_have_text([f"{first + k:,}" for k in range(3)])
    canvas.press("ArrowDown")
    canvas.press("ArrowRight")
    expect(where).to_have_text("Pixel in row 21, column 11")
    canvas.press("Shift+ArrowLeft")
    canvas.press("Shift+ArrowLeft")
    expect(where).to_have_text("Pixel in row 21, column 0")
    values = page.locator(".pixel-column tbody tr").first.locator("td")
    raw, divided = values.nth(2).inner_text(), values.nth(3).inner_text()
    assert f"{int(raw) / 255:.4f}" == divided
    assert len(sent) == before
    page.get_by_role("spinbutton", name="Number").fill("4")
    page.get_by_role("spinbutton", name="Number").press("Enter")
    expect(page.get_by_text("Training picture 4:")).to_be_visible()
    expect(where).to_have_text("Pixel in row 21, column 0")  # the reader keeps the place


def test_from_a_zip_of_ones_own_to_a_trained_network(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/pictures?look=own")
    sent = {"name": "mine.zip", "mimeType": "application/zip", "buffer": own.sample_zip()}
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(sent)
    expect(page.get_by_text("owls (label 1)")).to_be_visible()
    name = page.locator("code", has_text=re.compile("^own-")).inner_text()
    visitor.rest()

    way_to(page, "Train").click()
    expect(page.get_by_role("heading", name="The network after 2,500 updates")).to_be_visible()
    page.get_by_test_id("stMain").get_by_text("doodles", exact=True).first.click()
    expect(page.get_by_text("on the doodles")).to_be_visible()
    visitor.rest()

    way_to(page, "Pictures").click()
    page.get_by_role("link", name="Train a network on them").click()
    expect(page.get_by_text(f"on the pictures of your own ({name})")).to_be_visible()
    expect(page.locator(".run-chart .tiles")).to_contain_text("probability of “owls”")
    expect(page).to_have_url(re.compile(f"data={name}"))
    tiles = page.locator(".tiles canvas").first
    expect(tiles).to_have_attribute("aria-label", re.compile("of 38 right"))

    stranger = visit(server)
    stranger.open(page.url.removeprefix(server))
    expect(stranger.page.get_by_text("stay in the session in which they were sent")).to_be_visible()
    expect(stranger.page.get_by_test_id("stException")).to_have_count(0)
