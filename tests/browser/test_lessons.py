"""A walk through the lessons: from Start, one after the other, each question wrong and right."""

import re

from playwright.sync_api import Locator, Page, expect

from ui.frame import ENTRIES, LESSONS


def answer(page: Page) -> None:
    """Try the options of the question, one by one, until one is right; each says why."""
    box = page.get_by_test_id("stRadio").last
    box.scroll_into_view_if_needed()
    options = box.get_by_role("radio")
    right = page.get_by_test_id("stAlert").filter(has_text="check_circle")
    wrong = page.get_by_test_id("stAlert").filter(has_text="undo")
    for k in range(options.count()):
        options.nth(k).locator("xpath=ancestor::label").click()
        expect(right.or_(wrong).last).to_be_visible()
        page.wait_for_timeout(600)
        if right.count():
            return
        assert len(wrong.last.inner_text()) > 20
    raise AssertionError("no option was right")


def test_from_start_through_all_lessons(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/")
    entries = {entry.key: entry for entry in ENTRIES}
    for key in LESSONS:
        page.get_by_test_id("stSidebarNav").get_by_role(
            "link", name=entries[key].title, exact=True
        ).click()
        expect(page.get_by_role("heading", name=entries[key].title, exact=True)).to_be_visible()
        expect(page.get_by_role("heading", name="Predict, then look")).to_be_visible(timeout=60_000)
        visitor.rest()
        answer(page)
        expect(page.get_by_test_id("stException")).to_have_count(0)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Start", exact=True).click()
    expect(page.get_by_role("link", name=re.compile("question answered"))).to_have_count(
        len(LESSONS)
    )


def test_a_case_is_edited_broken_and_put_right(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/forward_and_cost?case=linear_forward")
    expect(page.get_by_text("3.26295337").first).to_be_visible()
    page.get_by_text("Change the inputs").click()
    box = page.get_by_role("textbox", name=re.compile(r"^W")).first
    box.fill("1 2")
    box.press("Control+Enter")
    expect(page.get_by_text(re.compile(r"W has shape \(1, 2\) and A has shape"))).to_be_visible()
    box.fill("1 0 0")
    box.press("Control+Enter")
    expect(page.get_by_text("The inputs are yours now")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    linked = visit(server)
    linked.open(page.url.removeprefix(server))
    expect(linked.page.get_by_text("The inputs are yours now")).to_be_visible()


def entry(page: Page, name: str) -> Locator:
    """An entry of a matrix, by what a screen reader says of it."""
    return page.get_by_role("gridcell", name=re.compile(rf"^{re.escape(name)}:"))


def test_a_number_of_a_case_is_asked_pinned_and_linked_to(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/notebook_numbers?case=linear_backward_v4")
    terms = page.locator(".explanation")
    asked = entry(page, "dW row 2 (unit), column 1 (input)")
    asked.hover()
    expect(terms).to_contain_text("dW row 2 (unit), column 1 (input)")
    expect(terms.locator(".product")).to_have_count(4)  # one for each example
    expect(terms.locator(".chip.result")).to_have_text(asked.inner_text())
    asked.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"cell=dW\.3\.1"))
    expect(terms).to_contain_text("Pinned")
    linked = visit(server)
    linked.open(page.url.removeprefix(server))
    there = linked.page.locator(".explanation")
    expect(there).to_contain_text("dW row 3 (unit), column 1 (input)")
    expect(there).to_contain_text("Pinned")
    there.get_by_role("button", name="Release").click()
    expect(linked.page).not_to_have_url(re.compile("cell="))


def test_the_explorer_follows_the_inputs_on_a_phone(server, visit) -> None:
    visitor = visit(server, viewport={"width": 360, "height": 780}, has_touch=True)
    page = visitor.open("/forward_and_cost?case=linear_forward&cell=Z.1.2")
    result = page.locator(".explanation .chip.result")
    expect(result).to_have_text(re.compile(r"^−1\.2342998"))
    page.get_by_text("Change the inputs").tap()
    box = page.get_by_role("textbox", name=re.compile(r"^W")).first
    box.fill("0 0 0")
    box.press("Control+Enter")
    expect(page.get_by_text("With your numbers in")).to_be_visible()
    expect(result).to_have_text(re.compile(r"^−0\.2493703"))  # b alone
    expect(page).to_have_url(re.compile(r"cell=Z\.1\.2"))
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")


def test_what_is_set_on_a_page_leaves_the_next_one_alone(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/shapes?m=216")

    def follow(title: str) -> None:
        page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
        expect(page.get_by_role("heading", name="Predict, then look")).to_be_visible(timeout=60_000)
        visitor.rest()
        expect(page.get_by_test_id("stException")).to_have_count(0)

    follow("Forward and cost")
    expect(page.get_by_role("slider", name="Pictures in the mean, m")).to_have_value("20")
    follow("Backward and update")
    page.get_by_role("button", name="Another question").click()
    page.wait_for_url("**question=2")
    follow("One iteration")
    expect(page.get_by_role("button", name="Next", exact=True)).to_be_enabled()
