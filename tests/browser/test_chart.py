"""The charts that chart.js draws: what stands in them, what they say, and who can hear it."""

import json
import re
from itertools import pairwise

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.late import scripts_after


def labels(chart: Locator) -> list[dict]:
    return chart.locator(".plot > svg text").evaluate_all(
        "all => all.map(e => { const b = e.getBoundingClientRect(); return {text: e.textContent,"
        " left: b.left, right: b.right, top: b.top, bottom: b.bottom} })"
    )


@pytest.mark.parametrize("width", [360, 1280])
def test_a_log_axis_its_legend_and_its_points(visit, server, width) -> None:
    page = visit(server, viewport={"width": width, "height": 900}).open("/initialise?scale=he")
    chart = page.locator(".st-key-activations .chart")
    expect(chart.locator(".legend span")).to_have_text(["zeros", "0.01", "1/√n", "He, √(2/n)"])
    texts = labels(chart)
    assert {"A0", "A1", "A2", "A3", "A4", "spread"} < {each["text"] for each in texts}
    assert any(each["text"].startswith("10⁻") for each in texts)
    box = chart.bounding_box()
    assert box is not None
    assert box["height"] == pytest.approx(340, abs=1)
    for text in texts:
        assert text["left"] >= box["x"] - 1
        assert text["right"] <= box["x"] + box["width"] + 1
        assert text["bottom"] <= box["y"] + box["height"] + 1
    names = sorted((t for t in texts if t["text"].startswith("A")), key=lambda t: t["left"])
    assert all(a["right"] < b["left"] for a, b in pairwise(names))


def test_every_point_can_be_heard_by_the_keys_and_seen_under_the_pointer(visit, server) -> None:
    page = visit(server).open("/initialise?scale=he")
    chart = page.locator(".st-key-activations .chart")
    plot, tip = chart.locator(".plot"), chart.locator(".tip")
    expect(plot).to_have_attribute(
        "aria-label", re.compile("^The spread of A0 to A4 .* The arrow keys go from point to point")
    )
    expect(tip).to_be_hidden()
    plot.focus()
    page.keyboard.press("ArrowRight")
    expect(tip).to_have_text(re.compile(r"zeros\s+A0: 0\.\d{4}"))  # its other spreads are 0
    page.keyboard.press("ArrowDown")
    expect(tip).to_contain_text("A0: ")
    expect(tip).not_to_contain_text("zeros")
    page.keyboard.press("ArrowRight")
    expect(tip).to_contain_text("A1: ")
    page.keyboard.press("End")
    expect(tip).to_contain_text("A4: ")
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    sign = chart.locator(".plot .forward .dot").nth(2)
    sign.scroll_into_view_if_needed()
    place = sign.bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + place["width"] / 2 + 3, place["y"] + place["height"] / 2 + 3)
    expect(tip).to_contain_text("He, √(2/n)\nA2: ")


def test_a_change_draws_on_the_same_paper(visit, server) -> None:
    """Nothing is taken away and put back, so nothing flickers; the chosen line is the violet one."""
    visited = visit(server)
    page = visited.open("/initialise?scale=he")
    chart = page.locator(".st-key-activations .chart")
    expect(chart.locator(".plot .forward .dot")).to_have_count(5)
    chart.evaluate("chart => { chart.same = true }")
    page.locator(".st-key-scale").get_by_text("zeros", exact=True).click()
    expect(chart.locator(".plot .forward .dot")).to_have_count(1)  # all other spreads are 0
    assert chart.evaluate("chart => chart.same")


def test_names_of_lines_stand_apart_at_their_ends(visit, server) -> None:
    """Eight learning rates on the doodles: several end at nearly the same cost."""
    visited = visit(server, viewport={"width": 1280, "height": 1000})
    page = visited.open("/train?part=compare&data=doodles")
    page.locator(".st-key-sweep_start button").click()
    chart = page.locator(".st-key-sweep_chart .chart")
    expect(chart.locator(".leader")).to_have_count(8, timeout=60_000)
    visited.rest()
    edge = json.loads(
        chart.locator(".leader").first.evaluate("e => JSON.stringify(e.getBoundingClientRect())")
    )["left"]
    named = sorted(
        (text["top"], text["bottom"]) for text in labels(chart) if text["left"] > edge + 10
    )
    box = chart.locator(".plot").bounding_box()
    assert len(named) == 8
    assert box is not None
    assert box["y"] <= named[0][0]
    assert named[-1][1] <= box["y"] + box["height"]
    assert all(b[0] - a[0] >= 15 for a, b in pairwise(named))


def test_where_each_mark_has_one_point_the_arrows_go_through_all(visit, server) -> None:
    page = visit(server).open("/results")
    chart = page.locator(".st-key-score_intervals .chart")
    chart.locator(".plot").focus()
    heard = []
    for _ in range(4):
        page.keyboard.press("ArrowRight")
        heard.append(chart.locator(".live").inner_text())
    assert len(set(heard)) == 4
    assert any(said.startswith("this network") for said in heard)


def test_a_loss_beyond_the_chart_is_told_in_full(visit, server) -> None:
    page = visit(server).open("/forward_and_cost?given=0")
    chart = page.locator(".st-key-loss .chart")
    sign = chart.locator(".plot .cat .dot")
    sign.scroll_into_view_if_needed()
    place = sign.bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    expect(chart.locator(".tip")).to_contain_text("a = 0: loss 708.3964")


def test_a_rule_is_in_the_ink_of_data(visit, server) -> None:
    page = visit(server).open("/results?part=stress")
    rule = page.locator(".st-key-stress_curve .plot .data .drawn")
    grey = rule.evaluate("rule => getComputedStyle(rule).getPropertyValue('--st-gray-color')")
    red, green, blue = (int(grey.strip()[k : k + 2], 16) for k in (1, 3, 5))
    expect(rule).to_have_css("stroke", f"rgb({red}, {green}, {blue})")


def test_a_chart_that_was_changed_before_its_script_came_grows_with_its_page(server, visit) -> None:
    visitor = visit(server, viewport={"width": 700, "height": 800})
    visitor.page.add_init_script(scripts_after(3000))
    page = visitor.page
    page.goto(f"{server}/initialise?scale=he")
    page.locator(".st-key-scale").get_by_text("zeros", exact=True).click()
    chart = page.locator(".st-key-activations .chart")
    expect(chart.locator(".plot .forward .dot")).to_have_count(1)
    drawn = 'chart => chart.querySelector(".plot > svg").viewBox.baseVal.width'
    before = chart.evaluate(drawn)
    page.set_viewport_size({"width": 1400, "height": 800})
    page.wait_for_function(
        f"""([chart, before]) => {{
          const drawn = ({drawn})(chart)
          return drawn > before + 50 && drawn === chart.querySelector(".plot").clientWidth
        }}""",
        arg=[chart.element_handle(), before],
    )
