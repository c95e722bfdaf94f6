"""Train as a reader uses it: a run is played, scrubbed, branched, kept and compared; a race is run."""

import re
import subprocess
import sys

from playwright.sync_api import Locator, Page, expect

from nncore.history import History
from tests.browser.conftest import Visit, entries
from tests.browser.test_journeys import button, in_shadow, way_to

SMALL = "data=doodles&model=own&hidden=4%2C+3&iterations=600"


def position(page: Page) -> int:
    return int(page.evaluate(f"{in_shadow(page, '.scrubber input')}.value"))


def network_after(page: Page, updates: int) -> None:
    expect(
        page.get_by_role("heading", name=f"The network after {updates:,} updates")
    ).to_be_visible()


def test_the_name_of_the_network_stays_while_a_part_of_a_page_runs_alone(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open(f"/train?{SMALL}")
    network_after(page, 600)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="One iteration").click()
    expect(page.get_by_role("heading", name="One iteration", exact=True)).to_be_visible()
    named = page.get_by_test_id("stSidebarUserContent").get_by_text(
        "The network in use: Trained here, rate 0.0075"
    )
    expect(named).to_be_visible()
    step = page.locator(".st-key-walk").get_by_text("1 of 17").first
    expect(step).to_be_visible()
    button(page, "Next").click()
    expect(page.locator(".st-key-walk").get_by_text("2 of 17").first).to_be_visible()
    visitor.rest()
    expect(named).to_be_visible()


def test_a_run_is_played_scrubbed_branched_and_kept(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open(f"/train?{SMALL}")
    network_after(page, 600)
    scrubber = page.locator(".scrubber input")

    page.locator(".controls .play").click()
    page.wait_for_timeout(700)
    page.locator(".controls .play").click()  # pause
    stopped = position(page)
    assert 0 < stopped < 600
    network_after(page, stopped)  # Python has heard where, and shows that very network

    scrubber.focus()
    scrubber.press("Home")
    network_after(page, 0)
    scrubber.press("PageUp")
    scrubber.press("PageUp")
    network_after(page, 200)
    expect(page.locator(".units figure")).to_have_count(4)

    before = page.evaluate(f"({in_shadow(page, '.run-chart canvas')}).marked = true")
    assert before
    button(page, "Branch from here").click()
    expect(page.get_by_text(re.compile("from 200, rate")).first).to_be_visible()
    for part in (r"run=from\+200", "branch=200%40"):  # so that a link opens what is shown
        expect(page).to_have_url(re.compile(part))
    assert page.evaluate(f"({in_shadow(page, '.run-chart canvas')}).marked"), "it was replaced"
    expect(scrubber).to_have_value("200")  # the reader stays where the branch begins
    network_after(page, 200)
    visitor.rest()  # until then the run before is the one that is shown, and would be kept

    button(page, "Keep this run").click()
    expect(page.get_by_text("Kept as")).to_be_visible()
    page.get_by_text("Compare", exact=True).click()
    visitor.rest()
    expect(page.get_by_role("textbox", name=re.compile("Name"))).to_have_value(
        re.compile("from 200")
    )

    again = visit(server)
    again.open(f"/train?{SMALL}&branch=200%400.02&run=from+200%2C+rate+0.02")
    expect(again.page.get_by_text(re.compile("from 200, rate 0.02")).first).to_be_visible()
    expect(again.page.get_by_role("button", name="Drop this branch")).to_be_enabled()


def test_where_the_replay_stands_is_in_the_address_and_no_step_of_the_history(
    server, visit
) -> None:
    visitor = visit(server)
    page = visitor.open(f"/train?{SMALL}")
    network_after(page, 600)
    before = entries(page)
    scrubber = page.locator(".scrubber input")
    scrubber.press("Home")
    scrubber.press("PageUp")
    expect(page).to_have_url(re.compile("at=100"))
    assert entries(page) == before
    page.reload()
    network_after(page, 100)
    expect(scrubber).to_have_value("100")
    scrubber.press("End")
    expect(page).not_to_have_url(re.compile("at="))
    network_after(page, 600)


def come_back_to_100(server: str, visit) -> tuple[Visit, Page, Locator]:
    """Stop a replay at 100, look at Results, come back: the visitor, the page, the replay's slider."""
    visitor = visit(server)
    page = visitor.open(f"/train?{SMALL}")
    scrubber = page.locator(".scrubber input")
    scrubber.press("Home")
    scrubber.press("PageUp")
    network_after(page, 100)
    for title in ("Results", "Train"):
        way_to(page, title).click()
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
        visitor.rest()
    network_after(page, 100)
    return visitor, page, scrubber


def test_each_visit_to_a_replay_is_found_where_it_was_left(server, visit) -> None:
    visitor, page, scrubber = come_back_to_100(server, visit)
    scrubber.press("PageUp")
    network_after(page, 200)
    expect(page).to_have_url(re.compile("at=200"))
    for title in ("Results", "Train"):
        page.go_back()
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
        visitor.rest()
    network_after(page, 100)
    expect(scrubber).to_have_value("100")


def test_who_came_back_to_a_run_stays_where_they_are_when_they_branch(server, visit) -> None:
    visitor, page, scrubber = come_back_to_100(server, visit)
    for _press in range(3):
        scrubber.press("PageUp")
    network_after(page, 400)
    button(page, "Branch from here").click()
    expect(page.get_by_text(re.compile("from 400, rate")).first).to_be_visible()
    visitor.rest()
    expect(scrubber).to_have_value("400")
    network_after(page, 400)


def test_a_change_of_a_knob_is_another_run_and_every_page_asks_it(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open(f"/train?{SMALL}")
    page.get_by_role("spinbutton", name="Seed").fill("4")
    page.get_by_role("spinbutton", name="Seed").press("Enter")
    page.wait_for_url(re.compile("seed=4"))
    visitor.rest()
    expect(page.locator(".run-chart")).to_contain_text("the run before")
    button(page, "Use this network").click()
    expect(page.get_by_text("In use now on every page")).to_be_visible()
    way_to(page, "Your picture").click()
    expect(page.get_by_role("combobox", name="Network")).to_have_value(re.compile("Trained here"))


def test_a_network_is_taken_home_and_brought_back(server, visit, tmp_path) -> None:
    visitor = visit(server)
    page = visitor.open(f"/train?{SMALL}")
    page.get_by_text("Take it home").click()
    visitor.rest()
    files = {}
    for label in ("The network (.npz)", "The code (.py)", "Its pictures (.npz)"):
        with page.expect_download() as download:
            button(page, label).click()
        files[label] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[label])
    network, code, pictures = files.values()
    assert (network.name, code.name, pictures.name) == ("network.npz", "network.py", "pictures.npz")
    script = [sys.executable, "-I", str(code)]
    done = subprocess.run(script, capture_output=True, text=True, check=True)
    assert "The recorded run again" in done.stdout
    expect(page.get_by_text("LAYERS_DIMS").first).to_be_visible()

    page.reload()
    visitor.rest()
    page = visitor.open(f"/train?{SMALL}&seed=5")  # another network is in use now
    page.get_by_text("Take it home").click()
    page.locator("input[type=file]").set_input_files(network)
    expect(page.get_by_text("In use now on every page")).to_be_visible()
    expect(page.get_by_text("From a file").first).to_be_visible()
    expect(page.get_by_text(History.load(network).digest[:16])).to_be_visible()
    way_to(page, "Your picture").click()
    expect(page.get_by_role("combobox", name="Network")).to_have_value(re.compile("From a file"))


def test_the_race_is_run_and_the_algebra_checked(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open(f"/train?part=watch&{SMALL}")
    button(page, "Race").click()
    expect(page.get_by_text(re.compile("extrapolated")).first).to_be_visible()
    expect(button(page, "Race")).to_be_enabled(timeout=60_000)
    expect(page.get_by_text(re.compile("times")).first).to_be_visible()
