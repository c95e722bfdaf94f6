"""Open to everyone: an engine that looks for barriers, on every page; the keyboard; paper."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, TimeoutError, expect

from ui import iteration_lesson, results_lesson
from ui.frame import ENTRIES

from tests.browser.conftest import expect_to_fit

# Every part of a page that has an address of its own.
PARTS = {
    "one_iteration": [
        *(f"?proof={proof}" for proof in list(iteration_lesson.PROOFS)[1:]),
        "?what=cat&step=14",
    ],
    "pictures": ["?look=column", "?look=own"],
    "train": ["?part=watch", "?part=compare"],
    "results": [f"?part={part}" for part in list(results_lesson.PARTS)[1:]],
    "your_picture": ["?look=moved", "?look=alike", "?look=pixels"],
    "notebook_numbers": ["?case=linear_forward"],
}
SERIOUS = ("serious", "critical")
# What the standard asks; and the order of the headings, by which a screen reader leafs through a page.
ALL = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "rules": {"heading-order": {"enabled": True}},
}
CONTRAST = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "rule", "values": ["color-contrast"]},
}
# Streamlit makes these two from our Markdown, and Markdown has no tabindex. They scroll only where they
# are wider than the screen, and Chromium and Firefox then make them a stop of the Tab key unasked:
# `test_what_scrolls_is_reached_and_moved_by_keys` sees to it.
SCROLLS_BY_ITSELF = ('<span class="katex-display"', "<table>")
SETTLED = """async () => {
  const count = (root) => [...root.querySelectorAll("*")].reduce(
    (sum, element) => sum + 1 + (element.shadowRoot ? count(element.shadowRoot) : 0), 0)
  for (let before = -1, same = 0, tries = 0; same < 2 && tries < 60; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    const now = count(document)
    same = now === before ? same + 1 : 0
    before = now
  }
}"""
BACKGROUND = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"


WIDE = """() => {
  const reaching = (root) => [...root.querySelectorAll("*")].flatMap((element) => [
    ...(element.getBoundingClientRect().right > innerWidth + 1 ? [element.outerHTML.slice(0, 80)] : []),
    ...(element.shadowRoot ? reaching(element.shadowRoot) : []),
  ])
  return reaching(document.querySelector("[data-testid=stMain]")).slice(0, 5)
}"""
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 780}


def addresses() -> list[str]:
    """Every page, and every part that has an address."""
    pages = [entry.key for entry in ENTRIES[1:]]
    return ["/", *(f"/{page}{part}" for page in pages for part in ("", *PARTS.get(page, ())))]


def faults(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe finds that is grave, or out of order, and is ours."""
    found = []
    for violation in Axe().run(page, options=options).response["violations"]:
        rule = violation["id"]
        if violation["impact"] not in SERIOUS and rule != "heading-order":
            continue
        for node in violation["nodes"]:
            if rule == "scrollable-region-focusable" and node["html"].startswith(SCROLLS_BY_ITSELF):
                continue
            why = [check["message"] for check in node["any"] + node["all"] + node["none"]]
            found.append(f"{rule}: {node['html'][:200]} {'; '.join(why)[:300]}")
    return found


def test_nothing_grave_in_light_and_dark_and_nothing_wider_than_a_phone(server, visit) -> None:
    visitor = visit(server, viewport=DESKTOP, reduced_motion="reduce")
    page = visitor.page
    found: dict[str, list[str]] = {}
    for address in addresses():
        page.emulate_media(color_scheme="light")
        visitor.open(address)
        page.evaluate(SETTLED)
        found[f"{address}, light"] = faults(page, ALL)
        light = page.evaluate(BACKGROUND)
        page.emulate_media(color_scheme="dark")  # as at dusk, while the page is open
        page.wait_for_function(f"{BACKGROUND} !== '{light}'")
        page.evaluate(SETTLED)
        found[f"{address}, dark"] = faults(page, CONTRAST)
        page.set_viewport_size(PHONE)
        page.evaluate(SETTLED)
        try:
            expect_to_fit(page)
        except TimeoutError:
            found[f"{address}, narrow"] = ["wider than the screen:", *page.evaluate(WIDE)]
        page.set_viewport_size(DESKTOP)
    assert not {where: what for where, what in found.items() if what}


def test_what_scrolls_is_reached_and_moved_by_keys(server, visit) -> None:
    page = visit(server, viewport=PHONE, reduced_motion="reduce").open("/notebook_numbers")
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()  # so it is no stop of the Tab key
    page.evaluate(SETTLED)
    page.get_by_role("button", name="Recompute both runs").focus()
    page.keyboard.press("Tab")
    table = page.locator("table:focus")
    expect(table).to_have_css("outline-style", "solid")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.scrollLeft > 0")


def test_on_paper_there_is_the_lesson_and_nothing_to_press(server, visit) -> None:
    page = visit(server).open("/one_iteration")
    page.evaluate(SETTLED)
    page.set_viewport_size({"width": 703, "height": 1000})  # A4 with margins
    page.emulate_media(media="print")
    page.evaluate(SETTLED)
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    expect(page.get_by_test_id("stButton").filter(visible=True)).to_have_count(0)
    expect(page.get_by_role("heading", name="One iteration")).to_be_visible()
    formula = page.locator(".st-key-numbers .katex-display")
    assert formula.evaluate("element => element.scrollWidth <= element.clientWidth")
