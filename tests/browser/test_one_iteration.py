"""One iteration, by mouse, by keyboard, on a phone: entries are asked and pinned, steps walked."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import expect_to_fit
from tests.browser.test_journeys import button

TWO_HIDDEN = "/one_iteration?what=case&case=L_model_forward_2hidden"


def at(page: Page, step: int, of: int = 17) -> None:
    # Its ends stand below the slider: "7 of 17" is also in the last one's "17 of 17".
    here = page.get_by_test_id("stSlider").first.get_by_test_id("stSliderThumbValue")
    expect(here).to_have_text(re.compile(rf"^{step} of {of} ·"))
    expect(terms(page).nth(1)).to_have_count(0)  # the step before is gone


def cell(page: Page, name: str) -> Locator:
    """An entry of the explorer, by what a screen reader says of it."""
    return page.get_by_role("gridcell", name=re.compile(rf"^{re.escape(name)}"))


def terms(page: Page) -> Locator:
    return page.locator(".explanation")


def test_terms_by_mouse_in_a_forward_step(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open(f"{TWO_HIDDEN}&step=1")
    at(page, 1)
    cell(page, "Z1 row 2 (unit), column 3 (example)").hover()
    expect(terms(page)).to_contain_text("Z1[1, 2]")  # as the course counts
    expect(terms(page)).to_contain_text("row 2 (unit), column 3 (example)")
    expect(terms(page).locator(".chip.result")).to_have_count(1)
    shown = cell(page, "Z1 row 2 (unit), column 3 (example)").inner_text()
    expect(terms(page).locator(".chip.result")).to_have_text(shown)
    expect(terms(page).locator(".term")).to_have_count(7)  # five inputs, bias, sum
    cell(page, "W1 row 2 (unit), column 1 (input)").hover()  # all that an input feeds
    expect(terms(page)).to_contain_text("Z1")
    cell(page, "Z1 row 4 (unit), column 1 (example)").click()
    expect(page).to_have_url(re.compile(r"cell=Z1\.4\.1"))
    expect(terms(page).get_by_role("button", name=re.compile("Release"))).to_be_visible()


def test_terms_by_keyboard_in_a_backward_step_and_the_proof_follows(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open(f"{TWO_HIDDEN}&step=10")
    at(page, 10)
    first = cell(page, "dW3 row 1 (unit), column 1 (input)")
    expect(first).to_be_visible()
    first.focus()
    page.keyboard.press("ArrowRight")
    expect(terms(page)).to_contain_text("dW3[0, 1]")
    expect(terms(page)).to_contain_text("row 1 (unit), column 2 (input)")
    expect(terms(page).locator(".chip.result")).to_have_text("−1.469")
    at(page, 10)  # the arrows belong to the explorer as long as it has the focus
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"cell=dW3\.1\.2"))
    expect(page.get_by_text("cost with W3[0, 1] larger by ε")).to_be_visible()
    expect(page.get_by_text("They agree: running the network")).to_be_visible()
    linked = visit(server)  # what the address says can be sent on
    linked.open(page.url.removeprefix(server))
    expect(terms(linked.page)).to_contain_text("Pinned")
    expect(linked.page.get_by_text("cost with W3[0, 1] larger by ε")).to_be_visible()


def test_walking_by_keys_buttons_map_and_playing(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open(f"{TWO_HIDDEN}&step=3")
    at(page, 3)
    expect(page.locator(".network")).to_have_attribute("data-phase", "forward")
    visitor.rest()
    page.keyboard.press("ArrowRight")
    at(page, 4)
    for _ in range(4):  # faster than the server answers
        page.keyboard.press("ArrowRight")
    at(page, 8)
    expect(page.locator(".network")).to_have_attribute("data-phase", "backward")
    page.keyboard.press("ArrowLeft")
    at(page, 7)
    visitor.rest()
    button(page, "chevron_left Back").or_(button(page, "Back")).first.click()
    at(page, 6)
    visitor.rest()  # the map has learned it, too
    page.keyboard.press("ArrowRight")  # the button still has the focus
    at(page, 7)
    visitor.rest()
    page.get_by_role("slider", name="Step").focus()
    page.keyboard.press("End")
    at(page, 17)
    expect(page.get_by_role("paragraph").filter(has_text="network was run").first).to_be_visible()
    page.get_by_role("button", name=re.compile("Play")).click()  # from the start again
    at(page, 2)
    page.get_by_role("button", name=re.compile("Pause")).click()
    expect(page.get_by_role("button", name=re.compile("Play"))).to_be_visible()
    page.locator(".network .layer.clickable").nth(3).click()
    at(page, 5)


def test_the_browsers_way_back_is_the_step_before(server, visit) -> None:
    page = visit(server).open(f"{TWO_HIDDEN}&step=3")
    at(page, 3)
    for step in (4, 5):
        button(page, "Next chevron_right").or_(button(page, "Next")).first.click()
        at(page, step)
        expect(page).to_have_url(re.compile(f"step={step}"))
    page.go_back()
    at(page, 4)
    page.go_back()
    at(page, 3)
    page.go_forward()
    at(page, 4)


def test_a_number_leads_to_the_step_that_made_it_and_back(server, visit) -> None:
    page = visit(server).open(f"{TWO_HIDDEN}&cell=dW1.2.3")
    at(page, 14)
    made = page.get_by_role("button", name="How dZ1[1, 2] was made, in step 13")
    made.click()
    at(page, 13)
    expect(terms(page)).to_contain_text("Pinned")
    page.get_by_role("button", name="How Z1[1, 2] was made, in step 1").click()
    at(page, 1)
    expect(terms(page)).to_contain_text("Z1[1, 2]")
    back = page.locator(".st-key-walk_trail_back button")
    expect(back).to_have_count(2)
    back.first.click()
    at(page, 14)
    expect(terms(page)).to_contain_text("dW1[1, 2]")
    expect(back).to_have_count(0)
    made.click()
    at(page, 13)
    expect(back).to_have_count(1)
    button(page, "Next chevron_right").or_(button(page, "Next")).first.click()
    at(page, 14)  # by another way: that was no way back
    expect(back).to_have_count(0)


def test_a_line_of_the_derivation_is_checked_by_a_click(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open(f"{TWO_HIDDEN}&step=1&proof=derivation")
    at(page, 1)
    expect(page.get_by_text("Layer 1 of 3")).to_be_visible()
    page.locator(".st-key-check_line_2 button:visible").first.click()
    at(page, 14)
    expect(page).to_have_url(re.compile(r"cell=dW1\.1\.1"))
    expect(terms(page)).to_contain_text("Pinned")


def test_coming_from_the_update_and_going_back_keeps_both_places(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/backward_and_update?update_rate=0.5")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="One iteration").click()
    at(page, 1)
    button(page, "Next chevron_right").or_(button(page, "Next")).first.click()
    at(page, 2)
    expect(page).to_have_url(re.compile(r"[?&]step=2(&|$)"))
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Backward and update").click()
    expect(page.get_by_role("heading", name="The update")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_role("slider", name="Learning rate")).to_have_value("0.5")


def test_on_a_phone_nothing_is_wider_than_the_screen(server, visit) -> None:
    visitor = visit(server, viewport={"width": 360, "height": 740}, has_touch=True)
    for query in ("&step=10&cell=dA2.1.1", "&step=8&proof=derivation", "&proof=check"):
        page = visitor.open(TWO_HIDDEN + query)
        expect(terms(page)).to_be_visible()
        expect_to_fit(page)


def test_the_cat_network_is_walked(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/one_iteration?what=cat&step=17")
    at(page, 17, of=22)
    page.get_by_role("button", name=re.compile("Next")).click()
    at(page, 18, of=22)
    cell(page, "dW1 row 1 (unit), column 1 (pixel value)").click()
    expect(page.get_by_text("cost with W1[0, 0] larger by ε")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)


def scroll(page: Page, place: Locator, y: int) -> None:
    """Scroll until the place begins so many pixels below the top of the window."""
    place.wait_for()
    page.wait_for_timeout(1500)  # what stands above it may still grow
    place.evaluate(
        "(place, y) => document.querySelector('[data-testid=stMain]')"
        ".scrollBy(0, place.getBoundingClientRect().top - y)",
        y,
    )
    page.wait_for_timeout(300)


def test_no_matrix_is_covered_and_a_click_brings_the_explanation_into_sight(server, visit) -> None:
    visitor = visit(server, viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = visitor.open("/one_iteration?what=cat")
    stage = page.locator(".explorer .stage")
    scroll(page, stage, 300)  # it ends near the foot of the window
    picked = stage.locator("table").last.locator("td.cell").nth(5)
    picked.hover()
    below = stage.bounding_box()
    assert terms(page).bounding_box()["y"] >= below["y"] + below["height"]
    picked.click()
    expect(terms(page)).to_be_in_viewport(ratio=0.99)
    expect(picked).to_be_in_viewport()


def test_on_a_phone_the_explanation_does_not_cover_what_is_tapped(server, visit) -> None:
    visitor = visit(
        server, viewport={"width": 390, "height": 844}, has_touch=True, reduced_motion="reduce"
    )
    page = visitor.open("/one_iteration")
    tapped = page.locator(".explorer table").first.locator("td.cell").last
    scroll(page, tapped, 600)  # where the explanation will lie
    tapped.tap()
    page.wait_for_timeout(300)
    box = tapped.bounding_box()
    assert box["y"] + box["height"] <= terms(page).bounding_box()["y"]
