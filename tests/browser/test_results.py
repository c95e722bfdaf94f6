"""The results in a browser: pictures are picked by pointer and by keys, and a link brings them back."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import expect_to_fit


def test_a_mistake_is_picked_by_pointer_and_by_keys_and_linked_to(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/results?judged=doodles&part=mistakes")
    grid = page.get_by_role("group", name="Test pictures")
    pictures = grid.get_by_role("button")
    expect(pictures.first).to_have_attribute("aria-pressed", "true")
    second = pictures.nth(1)
    number = re.search(r"\d+", second.get_attribute("title")).group()
    second.click()
    expect(page.get_by_role("heading", name=f"Test picture {number}", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(rf"picture=test\.{number}\b"))
    expect(second).to_have_attribute("aria-pressed", "true")
    second.press("ArrowRight")
    third = pictures.nth(2)
    expect(third).to_be_focused()
    third.press("Enter")
    number = re.search(r"\d+", third.get_attribute("title")).group()
    expect(page.get_by_role("heading", name=f"Test picture {number}", exact=True)).to_be_visible()
    visitor.rest()
    expect(third).to_be_focused()  # the buttons stay where they are
    likest = page.get_by_role("group", name="The training pictures most like it")
    likest.get_by_role("button").first.click()
    expect(page.get_by_role("heading", name=re.compile(r"^Training picture \d+$"))).to_be_visible()
    linked = visit(server)
    linked.open(page.url.removeprefix(server))
    expect(
        linked.page.get_by_role("heading", name=re.compile(r"^Training picture \d+$"))
    ).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_on_a_phone_a_bar_says_which_picture_is_chosen_and_leads_to_it(server, visit) -> None:
    visitor = visit(server, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = visitor.open("/results?judged=doodles&part=mistakes")
    second = page.get_by_role("group", name="Test pictures").get_by_role("button").nth(1)
    number = re.search(r"\d+", second.get_attribute("title")).group()
    second.tap()
    bar = page.get_by_role("link", name=f"Test picture {number}, answered wrongly")
    expect(bar).to_be_in_viewport()
    visitor.rest()
    heading = page.get_by_role("heading", name=f"Test picture {number}", exact=True)
    expect(heading).not_to_be_in_viewport()
    bar.tap()
    expect(heading).to_be_in_viewport()
    common = page.get_by_text("What such mistakes have in common")
    tops = [place.bounding_box()["y"] for place in (heading, page.locator(".ledger"), common)]
    assert tops == sorted(tops)
    expect(page.get_by_text("a body in an unusual pose")).not_to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(bar).not_to_be_visible()


def test_the_threshold_is_moved_on_a_phone(server, visit) -> None:
    visitor = visit(server, viewport={"width": 360, "height": 780}, has_touch=True)
    page = visitor.open("/results?judged=doodles")
    slider = page.get_by_role("slider", name="Threshold")
    slider.focus()
    slider.press("ArrowLeft")
    expect(page.get_by_text("this network, threshold 0.49").first).to_be_visible()
    expect(page).to_have_url(re.compile("threshold=0.49"))
    for part in ("Scores", "Mistakes"):
        page.get_by_role("radio", name=part, exact=True).or_(
            page.get_by_role("button", name=part, exact=True)
        ).first.click()
        visitor.rest()
        expect_to_fit(page)
