"""The pixel ledger in a real browser: pointing, walking, choosing and pinning, without the server."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit


@pytest.fixture
def sent() -> list[object]:
    """What the browser told the server since the ledger is there."""
    return []


@pytest.fixture
def ledger(server: str, visit: Callable[..., Visit], sent: list[object]) -> Callable[..., Page]:
    """Open the ledger of a sample that is always there; its state is then `led` in the browser."""

    def begin(**options: object) -> Page:
        visitor = visit(server, **options)
        visitor.page.on(
            "websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame))
        )
        page = visitor.open("/your_picture?source=sample&network=doodles&look=pixels")
        frame = page.locator(".ledger .contributions .frame")
        frame.scroll_into_view_if_needed()
        page.wait_for_function(
            "(window.led = [...document.querySelectorAll('*')].map(e => e.shadowRoot)"
            ".find(r => r?.querySelector('.ledger'))?.ledger)?.rows?.size"
        )
        sent.clear()
        return page

    return begin


def at(page: Page, view: str, down: float, right: float) -> tuple[float, float]:
    """Return a place in one of the pictures, on the screen."""
    box = page.locator(f".ledger .{view} .frame").bounding_box()
    assert box
    return box["x"] + right * box["width"], box["y"] + down * box["height"]


def told(page: Page):
    return page.locator(".ledger .told")


def choose(page: Page, text: str) -> None:
    page.locator(".ledger .options label").filter(has_text=text).first.click()


def number(text: str) -> float:
    return float(text.replace("−", "-").replace("+", "").replace(",", ""))


def test_the_sum_on_the_screen_adds_up(ledger) -> None:
    page = ledger()
    page.get_by_role("button", name="All digits").click()
    terms = page.locator(".ledger .statement .term b").all_inner_texts()
    speaks_for, against, bias, logit, probability = map(number, terms)
    assert abs(speaks_for + against + bias - logit) < 1e-10
    assert abs(1 / (1 + 2.718281828459045**-logit) - probability) < 1e-12
    # The list ends in the same number, whatever the colour and the size of the regions.
    for colour, size in (("all", "16 × 16"), ("all", "1 pixel"), ("green", "8 × 8")):
        choose(page, colour)
        choose(page, size)
        rows = page.locator(".ledger .list tbody tr:not(.more) td:last-child").all_inner_texts()
        assert abs(number(rows[-2]) - number(rows[-1])) < 1e-3, (colour, size)
        assert abs(number(rows[-1]) - logit) < 1e-3


def test_pointing_lights_a_region_in_all_pictures_and_a_click_pins_it(ledger, sent) -> None:
    page = ledger()
    page.mouse.move(*at(page, "picture", 0.3, 0.55))
    expect(told(page)).to_contain_text("rows 17–24, columns 33–40")
    places = page.evaluate(
        """Object.values(led.views).map(({region: {style}}) =>
          ["--top", "--left"].map(name => style.getPropertyValue(name)))"""
    )
    assert places == [["25%", "50%"]] * 3
    lit = page.locator(".ledger .list tr.lit td").first
    expect(lit).to_have_text("17–24, 33–40")
    page.mouse.click(*at(page, "picture", 0.3, 0.55))
    page.mouse.move(*at(page, "gradient", 0.05, 0.05))
    expect(told(page)).to_contain_text("rows 1–8, columns 1–8")
    page.mouse.move(2, 2)
    expect(told(page)).to_contain_text("rows 17–24, columns 33–40")
    expect(told(page)).to_contain_text("pinned")
    choose(page, "1 pixel")
    expect(told(page)).to_contain_text("/255")
    choose(page, "16 × 16")
    expect(told(page)).to_contain_text("rows 17–32, columns 33–48")
    page.get_by_role("button", name="release").click()
    expect(told(page)).to_contain_text("speaks most")
    row = page.locator(".ledger .list tr.region-row").nth(1)
    row.hover()
    expect(row).to_have_class("region-row lit")
    assert not sent


def test_it_opens_with_what_speaks_most_for_the_answer(ledger) -> None:
    page = ledger()
    expect(page.locator(".ledger .contributions figcaption")).to_have_text("What each region adds")
    direction = page.evaluate("led.data.direction")
    assert direction == (1 if page.evaluate("led.data.sum.probability") > 0.5 else -1)
    adds = number(told(page).locator(".adds b").inner_text())
    rows = page.locator(".ledger .list tr.region-row td:nth-child(2)").all_inner_texts()
    assert adds == pytest.approx(direction * max(direction * number(row) for row in rows), abs=1e-3)
    named = page.get_by_text("What speaks most").inner_text().split("(")[1].split(")")[0]
    expect(told(page).locator(".heading")).to_contain_text(named.replace("rows", "").strip())


@pytest.mark.parametrize("place", [(0.02, 0.02), (0.02, 0.98), (0.98, 0.98)])
def test_the_frame_of_a_corner_lies_within_the_picture(ledger, place) -> None:
    page = ledger()
    page.mouse.move(*at(page, "picture", *place))
    assert page.evaluate(
        """Object.values(led.views).every(({region, frame}) => {
          const [inner, outer] = [region, frame].map(part => part.getBoundingClientRect())
          return inner.top >= outer.top && inner.left >= outer.left
            && inner.bottom <= outer.bottom + 0.01 && inner.right <= outer.right + 0.01
        })"""
    )


def test_the_list_says_how_many_rows_are_yet_to_come(ledger) -> None:
    page = ledger()
    more = page.locator(".ledger .list tr.more")
    expect(more).to_have_text(re.compile(r"^… 57 more, [+−]\d+\.\d+ together: scroll$"))
    # Whole is the sum: what is in sight goes so far, the rest to the logit.
    listed = page.locator(".ledger .list tbody tr")
    so_far = listed.nth(7).locator("td").last.inner_text()
    logit = page.locator(".ledger .list tr.end td").last.inner_text()
    rest = re.search(r"[+−][\d.]+", more.inner_text())[0]
    so_far, rest, logit = (float(text.replace("−", "-")) for text in (so_far, rest, logit))
    assert so_far + rest == pytest.approx(logit, abs=0.002)
    page.evaluate("led.scroll.scrollTop = 24")
    expect(more).to_have_text(re.compile("^… 56 more, "))
    page.evaluate("led.scroll.scrollTop = 1e6")
    expect(more).to_have_text("")


def test_the_bias_stays_in_sight_over_the_list(ledger) -> None:
    page = ledger()
    tops = []
    for place in ((0.05, 0.05), (0.95, 0.95), (0.5, 0.3)):
        page.mouse.move(*at(page, "picture", *place))
        top, lit = page.evaluate(
            """() => {
              const box = (s) => led.scroll.querySelector(s).getBoundingClientRect()
              const [scroll, begin, lit, end] = [led.scroll.getBoundingClientRect(), box("tr.begin td"),
                box("tr.lit"), box("tr.end td")]
              return [begin.top - scroll.top, lit.top >= begin.bottom - 1 && lit.bottom <= end.top + 1]
            }"""
        )
        tops.append(top)
        assert lit
    assert all(20 <= top <= 30 for top in tops)


def test_keys_walk_over_regions_and_down_the_list(ledger) -> None:
    page = ledger()
    canvas = page.locator(".ledger .contributions canvas")
    canvas.focus()
    for key in ("Shift+ArrowUp", "Shift+ArrowUp", "Shift+ArrowLeft", "Shift+ArrowLeft"):
        canvas.press(key)
    canvas.press("ArrowRight")
    said = page.locator(".ledger .live")
    expect(said).to_contain_text("rows 1–8, columns 9–16: adds")
    canvas.press("Enter")
    expect(said).to_contain_text("pinned")
    canvas.press("Escape")
    expect(said).not_to_contain_text("pinned")
    first = page.locator(".ledger .list tr.region-row").first
    first.locator("button").focus()
    page.keyboard.press("ArrowDown")
    second = page.locator(".ledger .list tr.region-row").nth(1)
    expect(second).to_have_class("region-row lit")
    page.keyboard.press("Enter")
    expect(second).to_have_class("region-row lit kept")


def test_a_finger_reads_the_ledger_on_a_phone(ledger) -> None:
    page = ledger(
        viewport={"width": 360, "height": 800}, has_touch=True, color_scheme="dark", is_mobile=True
    )
    page.touchscreen.tap(*at(page, "contributions", 0.8, 0.2))
    expect(told(page)).to_contain_text("rows 49–56, columns 9–16")
    expect(told(page)).to_contain_text("pinned")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    choose(page, "red")
    expect(page.locator(".ledger .picture figcaption")).to_have_text("Its red values")
    expect(page.locator(".ledger .list tr.rest").last).to_contain_text("other colours")
