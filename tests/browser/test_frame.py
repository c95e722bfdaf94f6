"""What every page has around it: a link to this view, what a link hides, the presenter's key."""

import os
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, start_server


def link_of(page: Page) -> str:
    """The link that Share offers now."""
    page.get_by_role("button", name="Share", exact=True).click()
    field = page.get_by_role("textbox", name="The link to this view")
    expect(field).to_have_value(re.compile("^http"))
    return field.input_value()


def expect_step(page: Page, step: int) -> None:
    expect(page.get_by_role("slider", name="Step")).to_have_attribute(
        "aria-valuetext", re.compile(f"^{step} of ")
    )


def press(page: Page, key: str) -> None:
    """Press a key, once somebody listens."""
    expect(page.locator(".st-key-presenter_keys span[data-ready]")).to_be_attached()
    page.keyboard.press(key)


def sidebar(page: Page):
    return page.get_by_test_id("stSidebar")


def test_a_link_made_for_a_class_opens_the_same_view_on_a_cold_server(cold_server, visit) -> None:
    teacher = visit(cold_server, permissions=["clipboard-read", "clipboard-write"])
    page = teacher.open("/one_iteration?what=small&step=3&done=shapes,moon")
    expect_step(page, 3)
    plain = link_of(page)
    page.wait_for_url(lambda url: url.replace("%2C", ",") == plain)
    assert "step=3" in plain
    assert "done=shapes" in plain
    assert "moon" not in plain
    page.get_by_text("For a class", exact=True).click()
    page.get_by_role("checkbox", name="Settings").check()
    page.get_by_role("checkbox", name="The question").check()
    page.get_by_role("checkbox", name="presenter mode").check()
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(cold_server)
    assert "hide=controls,question" in link
    assert "present=1" in link
    assert "done" not in link

    pupil = visit(cold_server)
    there = pupil.open(link.removeprefix(cold_server))
    expect(
        there.get_by_test_id("stSelectbox").or_(there.get_by_test_id("stNumberInput"))
    ).not_to_have_count(0)
    for hidden in ("stSelectbox", "stNumberInput", "stTextInput", "stButtonGroup"):
        for each in there.get_by_test_id("stMain").get_by_test_id(hidden).all():
            expect(each).to_be_hidden()
    expect(there.get_by_role("heading", name="Predict, then look")).to_be_hidden()
    expect(sidebar(there)).to_be_hidden()
    expect_step(there, 3)
    offer = there.get_by_role("button", name="Show all controls")
    expect(offer).to_have_count(0)  # a room need not read it
    link_of(there)
    offer.click()
    expect(there.get_by_role("heading", name="Predict, then look")).to_be_visible()
    expect(there).not_to_have_url(re.compile("hide="))
    expect(there).to_have_url(re.compile("present=1"))


@pytest.mark.parametrize("app", ["for the server", "as a script"])
def test_what_the_first_visitor_of_a_server_does_first_is_kept(
    app, browser, visit, tmp_path
) -> None:
    """Streamlit would run a server's first page in another way, and then mount all of it anew."""
    for part in ("pages", "ui", "nncore", ".streamlit"):
        (tmp_path / part).symlink_to(ROOT / part)
    script = (ROOT / "app.py").read_text(encoding="utf-8")
    if app == "as a script":
        script = "from ui.frame import route\n\nroute()\n"
    (tmp_path / "app.py").write_text(script, encoding="utf-8")
    process, address = start_server(dict(os.environ), folder=tmp_path)
    try:
        page = visit(address).open("/train?data=doodles&iterations=150")
        chart = page.locator(".run-chart")
        chart.evaluate("chart => { chart.marked = true }")
        scrubber = page.get_by_role("slider", name="iteration", exact=True)
        scrubber.press("PageDown")
        expect(page.get_by_role("heading", name="The network after 50 updates")).to_be_visible()
        page.wait_for_timeout(500)  # in which it went
        assert chart.evaluate("chart => chart.marked")
        expect(scrubber).to_have_value("50")
    finally:
        process.kill()
        process.wait()


def test_the_film_is_whole_in_front_of_a_room(server, visit) -> None:
    visitor = visit(server, viewport={"width": 1366, "height": 768})
    page = visitor.open("/?present=1")
    for _press in range(2):
        press(page, "PageDown")
        visitor.rest()
    film = page.locator(".st-key-film")
    page.wait_for_function(
        "document.querySelector('.st-key-film').getBoundingClientRect().top >= 50"  # below the bar
    )
    expect(film).to_be_in_viewport()


def test_a_number_that_is_led_to_leaves_the_keys_to_the_remote(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/backward_and_update?case=L_model_backward&cell=dW1.1.4&present=1")
    pinned = page.locator(".explorer .cell.pinned")
    expect(pinned).to_be_in_viewport()
    page.locator(".st-key-presenter_keys [data-ready]").wait_for(state="attached")
    visitor.rest()
    top = "document.querySelector('[data-testid=stMain]').scrollTop"
    for key in ("PageDown", "ArrowRight"):
        before = page.evaluate(top)
        page.keyboard.press(key)
        page.wait_for_function(f"{top} > {before} + 100")
    expect(page).to_have_url(re.compile("cell=dW1.1.4"))
    pinned.click()  # it has the focus now, and takes the arrow keys alone
    before = page.evaluate(top)
    page.keyboard.press("PageDown")
    page.wait_for_function(f"{top} > {before} + 100")


def test_one_key_goes_on_from_step_to_step_and_from_page_to_page(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/one_iteration?present=1&step=2")
    expect_step(page, 2)
    press(page, "PageDown")
    expect(page).to_have_url(re.compile("step=3"))
    press(page, "ArrowLeft")
    expect(page).to_have_url(re.compile("step=2"))
    visitor.rest()

    page = visitor.open("/notebook_numbers?present=1&done=shapes")
    main = page.get_by_test_id("stMain")
    press(page, "PageDown")
    page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollTop > 100")
    main.evaluate("main => main.scrollTo(0, 0)")
    press(page, "PageUp")  # there is nothing above: the page before
    expect(page.get_by_role("heading", name="Your picture", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"your_picture\?.*present=1"))
    expect(page).to_have_url(re.compile("done=shapes"))
    expect(sidebar(page)).to_be_hidden()

    link_of(page)
    page.get_by_text("Presenter mode, here and now").click()
    expect(sidebar(page)).to_be_visible()
    expect(page).not_to_have_url(re.compile("present=1"))


def test_what_opens_over_the_page_is_large_too_and_stays_within_it(server, visit) -> None:
    room = visit(server, viewport={"width": 1280, "height": 800})
    sizes = {}
    for present in ("0", "1"):
        page = room.open(f"/shapes?present={present}")
        share = page.get_by_role("button", name="Share", exact=True)
        share.click()
        body = page.get_by_test_id("stPopoverBody")
        toggle = body.get_by_text("Presenter mode, here and now")
        toggle.hover()  # waits until it stands still
        box, button = body.bounding_box(), share.bounding_box()
        assert 0 <= box["x"] <= button["x"]
        assert box["x"] + box["width"] <= 1280
        assert 0 <= box["y"] - button["y"] - button["height"] < 20
        sizes[present] = toggle.bounding_box()["height"]
    assert 1.3 < sizes["1"] / sizes["0"] < 1.4


def test_a_link_without_controls_leaves_no_empty_box(server, visit) -> None:
    page = visit(server).open("/your_picture?hide=controls")
    expect(page.locator(".st-key-answer")).to_be_visible()
    expect(page.locator(".st-key-controls")).to_be_attached()
    expect(page.locator(".st-key-controls")).to_be_hidden()
    answer, point = (page.locator(f".st-key-{key}").bounding_box() for key in ("answer", "point"))
    assert answer["x"] - point["x"] < 300  # it takes the place of what is hidden


def test_a_class_can_be_shown_one_case_and_nothing_else(server, visit) -> None:
    room = visit(server, viewport={"width": 1280, "height": 800})
    case = "case=linear_backward_v4&hide=controls,question,nav,rest&present=1"
    page = room.open(f"/notebook_numbers?{case}")
    expect(page.get_by_role("heading", name="linear_backward (edition 4)")).to_be_in_viewport()
    expect(page.locator(".stage .link")).to_be_attached()
    room.rest()
    shown = [
        text
        for text in page.get_by_role("heading").all_inner_texts()
        if text not in ("Notebook numbers", "linear_backward (edition 4)")
    ]
    assert not shown
    expect(page.locator(".cases")).to_be_hidden()
    # The line over the two axes that agree ends at their counts, though everything is larger.
    ends = page.evaluate(
        """() => {
          const middle = ({left, right}) => (left + right) / 2
          const box = element => element.getBoundingClientRect()
          const {shadowRoot} = [...document.querySelectorAll('*')]
            .find(({shadowRoot}) => shadowRoot?.querySelector('.stage'))
          const {left, right} = box(shadowRoot.querySelector('.link'))
          const counts = [...shadowRoot.querySelectorAll('.shape .mark.k')].map(box).map(middle)
          return [left - counts[0], right - counts[1]]
        }"""
    )
    assert ends == [pytest.approx(0, abs=2)] * 2


PHONE = {"width": 390, "height": 844}


def test_on_a_phone_settings_are_folded_before_what_they_change(cold_server, visit) -> None:
    visitor = visit(cold_server, viewport=PHONE)
    page = visitor.open("/train?part=watch&data=doodles")
    start, rate = (
        page.get_by_role("button", name="Start"),
        page.get_by_text("Learning rate", exact=True),
    )
    expect(start).to_be_in_viewport()
    expect(rate).to_be_hidden()
    page.get_by_text("Show the settings").click()
    expect(rate).to_be_in_viewport()
    assert rate.bounding_box()["y"] < start.bounding_box()["y"]
    page = visitor.open("/your_picture")
    expect(page.locator(".st-key-answer")).to_be_in_viewport(ratio=1)
    page = visitor.open("/train?part=watch&data=photos")  # there are none
    expect(page.get_by_role("button", name="Download the photos")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "viewport"),
    [
        ("/your_picture?look=pixels", PHONE),  # the last is chosen, and stands in a second row
        ("/one_iteration?present=1", {"width": 1280, "height": 800}),
    ],
)
def test_segments_that_wrap_are_whole(path: str, viewport: dict[str, int], server, visit) -> None:
    page = visit(server, viewport=viewport).open(path)
    segments = page.locator('[data-variant="segmented_control"]:visible')
    expect(segments.last).to_be_visible()
    torn = """segments => segments.filter((segment) => {
      const style = getComputedStyle(segment)
      const edges = ["Top", "Right", "Bottom", "Left"].map((side) => style[`border${side}Color`])
      const beyond = segment.getBoundingClientRect().right
        - segment.parentElement.getBoundingClientRect().right
      return beyond > 1 || edges.some((edge) => edge !== edges[0])
    }).map((segment) => segment.textContent)"""
    assert segments.evaluate_all(torn) == []


def test_a_link_without_ways_leads_nowhere_from_a_case(server, visit) -> None:
    page = visit(server).open("/backward_and_update?case=linear_backward_v4&hide=nav")
    way = page.get_by_text("The same in One iteration")
    expect(way).to_be_attached()
    expect(way).to_be_hidden()


def test_a_name_is_not_torn_at_its_hyphen(server, visit) -> None:
    phone = visit(server, viewport={"width": 360, "height": 780})
    for path in ("/results", "/pictures"):
        cells = phone.open(path).locator("td, th").filter(has_text="non-\u2060cat")
        expect(cells.first).to_be_attached()
        for cell in cells.all():
            lines = cell.evaluate(
                """cell => {
                    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT)
                    for (let text; (text = texts.nextNode());) {
                        const at = text.data.indexOf("non-")
                        if (at < 0) continue
                        const range = document.createRange()
                        range.setStart(text, at)
                        range.setEnd(text, at + "non-\\u2060cat".length)
                        return range.getClientRects().length
                    }
                }"""
            )
            assert lines == 1


def test_a_page_begins_at_its_top_and_a_list_over_it_folds(server, visit) -> None:
    visitor = visit(server, viewport={"width": 700, "height": 800})
    page = visitor.open("/results")
    main = page.get_by_test_id("stMain")
    place = page.locator(".st-key-arrival span")
    expect(place).to_be_attached()
    page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollHeight > 2200")
    main.evaluate("main => main.scrollTo(0, 1400)")
    page.get_by_test_id("stExpandSidebarButton").click()
    sidebar(page).get_by_role("link", name="Shapes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Shapes")
    expect(sidebar(page)).to_have_attribute("data-collapsed", "true")
    visitor.rest()
    page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollTop === 0")


def test_the_first_page_brings_the_widgets_of_the_others(server, visit) -> None:
    """So that none of them begins as a grey bar, which stands for half a second at least."""
    page = visit(server).open("/")
    unseen = page.locator(".st-key-unseen")
    expect(unseen.locator("input[type=range]")).to_be_attached()
    expect(unseen.get_by_test_id("stNumberInputField")).to_be_attached()
    expect(unseen.locator("[data-testid=stSkeleton]")).to_have_count(0)
    expect(unseen).to_be_hidden()
    page.evaluate(
        """() => {
          window.bars = [];
          new MutationObserver(records => {
            for (const {addedNodes} of records) for (const node of addedNodes)
              if (node.querySelector?.('[data-testid=stSkeleton]'))
                window.bars.push(node.closest('[class*=st-key]')?.className ?? node.className);
          }).observe(document, {childList: true, subtree: true});
        }"""
    )
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="One iteration").click()
    expect_step(page, 1)
    expect(page.get_by_role("textbox", name="Labels Y")).to_be_visible()
    assert page.evaluate("window.bars") == []
    expect(unseen).to_have_count(0)
