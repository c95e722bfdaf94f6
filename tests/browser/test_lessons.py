"""A walk through the lessons: from Start, one after the other, each question wrong and right."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from ui.formulas import formulas
from ui.frame import ENTRIES, LESSONS

from benchmarks.pages import change
from nncore.cases import cases
from tests.browser.conftest import Visit, entries, expect_to_fit
from tests.browser.late import hearing
from tests.browser.test_journeys import way_to


def answer(page: Page) -> None:
    """Try the options of the question, one by one, until one is right; each says why."""
    box = page.get_by_test_id("stRadio").last
    box.scroll_into_view_if_needed()
    options = box.get_by_role("radio")
    said = page.get_by_test_id("stAlert").filter(has_text=re.compile("check_circle|undo"))
    before = ""
    for k in range(options.count()):
        options.nth(k).locator("xpath=ancestor::label").click()
        if before:  # it stands until the new one comes
            expect(said.last).not_to_have_text(before)
        expect(said.last).to_be_visible()
        before = said.last.text_content() or ""
        assert len(before) > 20
        if "check_circle" in before:
            return
    raise AssertionError("no option was right")


def test_from_start_through_all_lessons(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/")
    entries = {entry.key: entry for entry in ENTRIES}
    for k, key in enumerate(LESSONS, start=1):
        page.get_by_test_id("stSidebarNav").get_by_role(
            "link", name=entries[key].title, exact=True
        ).click()
        expect(page.get_by_role("heading", name=entries[key].title, exact=True)).to_be_visible()
        expect(page.get_by_role("heading", name="Predict, then look")).to_be_visible(timeout=60_000)
        visitor.rest()
        answer(page)
        expect(page.get_by_text(f"{k} of {len(LESSONS)} done")).to_be_visible()
        expect(page).to_have_url(re.compile("[?&]done="))
        expect(page.get_by_test_id("stException")).to_have_count(0)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Start", exact=True).click()
    expect(page.get_by_role("link", name=re.compile("question answered"))).to_have_count(
        len(LESSONS)
    )


@pytest.mark.parametrize(
    ("path", "key", "named"),
    [
        ("/shapes", "W_0", "W_0"),
        ("/shapes", "entry", "entry"),
        ("/shapes", "another_shapes", "question"),
        ("/forward_and_cost", "given", "given"),
        ("/backward_and_update", "update_rate", "update_rate"),
        ("/results?part=mistakes", "order", "order"),
    ],
)
def test_what_a_change_leaves_as_it_is_is_not_sent_again(path, key, named, server, visit) -> None:
    visitor, came = visit(server), []
    visitor.page.on(
        "websocket", lambda socket: socket.on("framereceived", lambda frame: came.append(frame))
    )
    page = visitor.open(path)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    whole = len(came)
    came.clear()
    change(page, key, 0)
    expect(page).to_have_url(re.compile(rf"[?&]{named}="))
    before = 0
    while len(came) > before or not came:  # until nothing more comes
        before = len(came)
        page.wait_for_timeout(700)
    visitor.rest()
    assert len(came) < 0.6 * whole


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
    expect(terms).to_contain_text("dW[1, 0]")
    expect(terms).to_contain_text("row 2 (unit), column 1 (input)")
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
    expect(there).to_contain_text("dW[2, 0]")
    expect(there).to_contain_text("Pinned")
    there.get_by_role("button", name="Release").click()
    expect(linked.page).not_to_have_url(re.compile("cell="))


def test_the_table_of_cases_leads_to_a_case_in_the_same_tab(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/notebook_numbers?done=shapes")
    page.get_by_role("button", name="linear_backward_v4").click()
    heading = page.get_by_role("heading", name="One case, in full")
    expect(heading).to_be_in_viewport()
    expect(heading).to_be_focused()
    expect(page).to_have_url(re.compile("case=linear_backward"))
    expect(
        page.get_by_text("linear_backward(dZ, (A_prev, W, b))", exact=True).first
    ).to_be_visible()
    expect(page.get_by_text("1 of 6 done")).to_be_visible()  # the session is kept
    assert len(page.context.pages) == 1


def test_a_number_of_ones_own_leads_to_the_pinned_one(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/?done=shapes")
    field = page.get_by_label("Your number, or the notebook's")
    field.fill("0.10502167")
    field.press("Enter")
    expect(page.get_by_text("The notebooks print it for")).to_be_visible()
    page.get_by_role("link", name="See what makes dW1[0, 3]").click()
    expect(page.get_by_role("heading", name="One case, in full")).to_be_visible()
    terms = page.locator(".explanation")
    expect(terms).to_contain_text("dW1[0, 3]")
    expect(terms).to_contain_text("row 1 (unit), column 4 (input)")
    expect(terms).to_contain_text("Pinned")
    expect(terms).to_be_in_viewport()  # far down on that page
    expect(page.get_by_text("1 of 6 done")).to_be_visible()
    assert len(page.context.pages) == 1
    page.go_back()
    expect(field).to_have_value("0.10502167")
    expect(page.get_by_text("The notebooks print it for")).to_be_visible()
    expect(page).to_have_url(re.compile("number=0.10502167"))  # what Share offers
    visitor.rest()
    field.fill("-0.44014127")
    field.press("Enter")
    expect(page).to_have_url(re.compile("number=-0.44014127"))


def test_weights_in_the_film_lead_to_where_they_are_used(server, visit) -> None:
    page = visit(server, reduced_motion="reduce").open("/")
    said = page.locator(".network [aria-live]")
    page.locator(".network .name", has_text="W3").click()
    expect(said).to_contain_text("layer 3")


def test_on_a_phone_shapes_are_told_without_scrolling(server, visit) -> None:
    page = visit(server, viewport={"width": 360, "height": 800}).open("/shapes?dims=4-3-2&m=5")
    for name in ("W1", "W2"):
        expect(page.locator(".network .name", has_text=name)).to_be_visible()
    for shape in ("(3, 4)", "(2, 3)"):
        expect(page.locator(".network .name", has_text=shape)).to_be_visible()
    table = page.locator(".st-key-shape_table table")
    expect(table.get_by_text("columns of W2 = rows of A1 = 3")).to_be_visible()
    page.wait_for_function(  # once its formulas are set
        "table => table.scrollWidth <= table.clientWidth", arg=table.element_handle()
    )
    page.get_by_role("radio", name="W1", exact=True).click()
    expect(
        page.get_by_role("img", name=re.compile(r"W1 \(3, 4\) times A0 \(4, 5\)"))
    ).to_be_visible()


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
    expect_to_fit(page)


def test_the_browsers_way_back_finds_the_pairing_as_it_was_changed(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/shapes")
    rows = page.get_by_role("spinbutton", name="rows of W", exact=True)
    rows.fill("9")
    rows.press("Enter")
    expect(page.get_by_text("It fits: ")).to_have_count(0)
    turn(visitor, "Initialise")
    page.go_back()
    expect(rows).to_have_value("9")
    expect(page.get_by_text("It fits: ")).to_have_count(0)


def test_one_step_back_finds_a_page_as_it_was_left(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/results")
    page.locator(".st-key-threshold input[type=range]").press("ArrowRight")
    expect(page).to_have_url(re.compile("threshold=0.51"))
    visitor.rest()
    before = entries(page)
    # It writes its case into its address as it opens, and that is no step of the visitor's.
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="One iteration").click()
    expect(page).to_have_url(re.compile("one_iteration.step=1"))
    visitor.rest()
    assert entries(page) == before + 1
    page.go_back()
    expect(page.get_by_role("heading", name="Results", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("results.threshold=0.51"))
    expect(page.get_by_role("slider", name="Threshold")).to_have_value("0.51")


def test_one_step_back_finds_the_place_of_the_page_too(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/forward_and_cost")
    page.wait_for_function("window.nncoreHistory")
    main = page.get_by_test_id("stMain")
    top = "document.querySelector('[data-testid=stMain]').scrollTop"
    for title, place in (("Shapes", 900), ("Pictures", 400)):
        main.evaluate("(main, place) => main.scrollTo(0, place)", place)
        turn(visitor, title)
        page.wait_for_function(f"{top} === 0")
    for place in (400, 900):
        page.go_back()
        page.wait_for_function(f"{top} === {place}")
        visitor.rest()
    page.mouse.move(800, 400)
    page.mouse.wheel(0, -900)  # who is on the way themselves is left alone
    page.wait_for_function(f"{top} === 0")
    page.wait_for_timeout(300)
    assert page.evaluate(top) == 0


def test_a_place_is_found_also_where_the_page_comes_late(cold_server, visit) -> None:
    visitor = visit(cold_server)
    stalling = """(() => {  // until `stalledUntil`
        const queue = []
        const flush = () => {
            if (performance.now() < (window.stalledUntil ?? 0)) return void setTimeout(flush, 50)
            while (queue.length) queue.shift()()
        }
        return (heard) => (event) => { queue.push(() => heard(event)); flush() }
    })()"""
    visitor.page.add_init_script(hearing(stalling))
    page = visitor.open("/forward_and_cost")
    page.wait_for_function("window.nncoreHistory")
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 900)")
    turn(visitor, "Shapes")
    page.evaluate(
        "() => { const { arrive } = nncoreHistory; nncoreHistory.arrive = () => {"
        " window.stalledUntil = performance.now() + 4000; arrive() } }"
    )
    page.go_back()
    page.wait_for_function("window.stalledUntil < performance.now()")
    page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollTop === 900")


def turn(visitor: Visit, title: str) -> None:
    """Go to another page by the list of pages, and wait until it is there."""
    way_to(visitor.page, title).click()
    expect(visitor.page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    visitor.rest()


def test_to_come_back_to_a_page_is_one_step_and_names_its_settings_there_alone(
    server, visit
) -> None:
    visitor = visit(server)
    page = visitor.open("/shapes?dims=6%2C5%2C4%2C1&m=12")
    before = entries(page)
    turn(visitor, "Initialise")
    turn(visitor, "Shapes")
    expect(page).to_have_url(re.compile("/shapes.dims=.*&m=12"))
    assert entries(page) == before + 2
    page.go_back()
    expect(page.get_by_role("heading", name="Initialise", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("/initialise$"))
    visitor.rest()
    page.go_back()
    expect(page.get_by_role("spinbutton", name="m, the examples")).to_have_value("12")
    expect(page).to_have_url(re.compile("/shapes.dims=.*&m=12"))


@pytest.mark.parametrize("link", ["/train?data=doodles&part=watch", "/one_iteration?what=small"])
def test_one_step_back_from_a_link_leads_to_where_it_was_followed(server, visit, link: str) -> None:
    visitor = visit(server)
    page = visitor.open("/shapes")
    visitor.open(link)  # whose ids become names: entries that nobody made
    expect(page).to_have_url(re.compile("part=Watch|what=Small"))
    page.wait_for_function("window.nncoreHistory")
    visitor.rest()
    page.go_back()
    expect(page.get_by_role("heading", name="Shapes", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("/shapes$"))


def test_a_network_that_was_trained_is_asked_on_the_way_back_and_forth_too(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/your_picture")
    network, trained = page.get_by_role("combobox", name="Network"), re.compile("Trained here")
    turn(visitor, "Train")
    expect(page.get_by_role("heading", name="The network after 2,500 updates")).to_be_visible()
    turn(visitor, "Your picture")
    expect(network).to_have_value(trained)
    for way, there in (
        (page.go_back, "Train"),
        (page.go_back, "Your picture"),
        (page.go_forward, "Train"),
        (page.go_forward, "Your picture"),
    ):
        way()
        expect(page.get_by_role("heading", name=there, exact=True)).to_be_visible()
        visitor.rest()
    expect(network).to_have_value(trained)


def test_who_goes_back_and_forth_quicker_than_pages_come_finds_all_as_it_was(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/train")
    page.wait_for_function("window.nncoreHistory")
    for name, choice in (("Initialise", "1/√n"), ("Pictures", "doodles"), ("Shapes", "")):
        turn(visitor, name)
        if choice:
            page.get_by_role("main").get_by_role("radio", name=choice, exact=True).click()
            expect(page).to_have_url(re.compile(r"\?"))
            visitor.rest()
    addresses = "() => navigation.entries().map(({ url }) => url)"
    before = page.evaluate(addresses)
    for ways, there in (
        ("back back", "Initialise"),
        ("forward back back", "Train"),
        ("forward forward forward back", "Pictures"),
    ):
        for way in ways.split():
            page.evaluate(f"history.{way}()")
        expect(page.get_by_role("heading", name=there, exact=True)).to_be_visible()
        visitor.rest()
        page.wait_for_timeout(1500)  # in which the server has answered for all of them
        expect(page.get_by_role("heading", name=there, exact=True)).to_be_visible()
        assert page.evaluate(addresses) == before
    page.evaluate("history.back()")
    page.evaluate("history.back()")
    turn(visitor, "Results")
    expect(page.get_by_role("heading", name="Results", exact=True)).to_be_visible()
    assert page.evaluate(addresses) == [before[0], page.url]


def test_settings_that_went_before_cost_a_page_no_entry_when_it_is_left(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/forward_and_cost?cell=Z.1.2")
    page.wait_for_function("window.nncoreHistory")
    page.get_by_role("button", name="Release").first.click()
    expect(page).to_have_url(re.compile("/forward_and_cost$"))
    visitor.rest()
    before = entries(page)
    turn(visitor, "Pictures")
    assert entries(page) == before + 1
    page.go_back()
    expect(page.get_by_role("heading", name="Forward and cost", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("/forward_and_cost$"))


def test_choices_and_the_settings_that_go_with_them_are_no_steps_of_the_history(
    server, visit
) -> None:
    visitor = visit(server)
    page = visitor.open("/train?data=doodles&iterations=50")
    before = entries(page)
    parts = page.locator(".st-key-part")
    parts.get_by_text("Compare").click()
    expect(page).to_have_url(re.compile("part=Compare"))
    visitor.rest()
    page.locator('.st-key-measure button[role=radio][aria-checked="false"]').first.click()
    expect(page).to_have_url(re.compile("measure="))
    visitor.rest()
    for part, address in (("Explore", "iterations=50$"), ("Compare", "part=Compare&.*measure=")):
        parts.get_by_text(part).click()
        expect(page).to_have_url(re.compile(address))
        visitor.rest()
    assert entries(page) == before
    turn(visitor, "Shapes")
    assert entries(page) == before + 1


def test_a_link_is_one_step_also_where_the_page_comes_late(server, visit) -> None:
    page = visit(server).open("/shapes?m=12")
    page.wait_for_function("window.nncoreHistory")
    page.evaluate(  # as on a busy server
        "() => { const push = history.pushState; history.pushState = (...all) =>"
        " new URL(all[2], location).pathname === location.pathname ? push(...all)"
        " : setTimeout(() => push(...all), 2500) }"
    )
    before = entries(page)
    way_to(page, "Initialise").click()
    expect(page).to_have_url(re.compile("/initialise$"))
    assert entries(page) == before + 1


def test_the_way_back_finds_inputs_that_the_next_page_shows_too(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/forward_and_cost")
    page.get_by_text("Change the inputs").click()
    b = page.locator(".st-key-linear_forward-b textarea")
    b.fill("0.5")
    b.press("Control+Enter")
    expect(page).to_have_url(re.compile("/forward_and_cost.*linear_forward.b=0.5"))
    visitor.rest()
    turn(visitor, "Notebook numbers")
    expect(page).to_have_url(re.compile("/notebook_numbers.*linear_forward.b=0.5"))
    page.go_back()
    expect(page).to_have_url(re.compile("/forward_and_cost.*linear_forward.b=0.5"))
    visitor.rest()
    expect(b).to_have_value("0.5")


def test_a_case_stays_on_its_page_while_one_iteration_shows_its_own(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/forward_and_cost?case=compute_cost_v3")
    chosen = page.get_by_role("combobox", name="Documented case")
    expect(chosen).to_have_value("compute_cost (edition 3)")
    turn(visitor, "One iteration")
    turn(visitor, "Forward and cost")
    expect(chosen).to_have_value("compute_cost (edition 3)")


@pytest.mark.parametrize("case", ["linear_backward_v4", ""])
def test_a_link_to_a_case_keeps_it_where_both_pages_choose_one(case, server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/backward_and_update" + (case and f"?case={case}"))
    chosen = page.get_by_role("combobox", name="Documented case")
    visitor.rest()
    page.get_by_role("link", name="This case in full").click()
    heading = page.get_by_role("heading", name="One case, in full")
    expect(heading).to_be_in_viewport()
    expect(page).to_have_url(re.compile("notebook_numbers.case=L_model_backward"))
    expect(chosen).to_have_value("L_model_backward")
    if case:
        visitor.rest()
        page.go_back()
        expect(chosen).to_have_value("linear_backward (edition 4)")


def test_what_is_set_on_a_page_leaves_the_next_one_alone(server, visit) -> None:
    visitor = visit(server)
    page = visitor.open("/shapes?m=216")

    def follow(title: str) -> None:
        turn(visitor, title)
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


def explorer(page: Page) -> Locator:
    return page.locator(".explorer").filter(has_text="dA1 = W2ᵀ · dZ2")


def test_the_way_back_of_a_number_is_walked_and_shown_whole(server, visit) -> None:
    visitor = visit(server, viewport={"width": 1280, "height": 800})
    page = visitor.open("/notebook_numbers?case=L_model_backward&cell=dW1.1.4")
    terms = explorer(page).locator(".explanation")
    expect(terms).to_contain_text("dW1[0, 3]")
    terms.get_by_role("button", name=re.compile(r"^dZ1\[0, 1\]")).click()
    terms.get_by_role("button", name=re.compile(r"^dA1\[0, 1\]")).press("Enter")
    trail = terms.get_by_role("navigation", name="The way come")
    expect(trail).to_have_text("dW1[0, 3]←dZ1[0, 1]←dA1[0, 1]")
    expect(trail.locator("[aria-current]")).to_have_text("dA1[0, 1]")
    expect(trail.locator("[aria-current]")).to_be_focused()  # from here Tab goes on to the terms
    expect(terms.locator(".chip.result")).to_have_text("−0.4401")
    trail.get_by_role("button", name="dW1[0, 3]").click()
    expect(terms).to_contain_text("Pinned")
    whole = terms.get_by_role("button", name="The whole chain")
    whole.click()
    expect(whole).to_have_attribute("aria-expanded", "true")
    lines = terms.locator(".chain li > p > b")
    expect(lines).to_have_text(["dW1[0, 3]", "dZ1[0, 1]", "dA1[0, 1]", "dZ2[0, 1]", "dA2[0, 1]"])
    case = cases()["L_model_backward"]
    found = formulas(case.function, case.inputs()).outputs
    *entries, end = terms.locator(".chain li").all()
    expect(end).to_have_text("Here the way ends: no formula above makes AL, Y.")
    for line in entries:
        name, i, j = re.match(r"(\w+)\[(\d), (\d)\]", line.locator("b").first.inner_text()).groups()
        shown = float(line.locator(".chip.result").get_attribute("title").replace("−", "-"))
        assert shown == found[name][int(i), int(j)]  # all digits
    whole.click()
    page.get_by_role("radio", name="dZ1 = dA1 where Z1 > 0").click()  # not at row 1, column 1
    expect(terms.locator(".where")).to_contain_text("dZ1[0, 1]")


def test_the_explanation_hides_nothing_and_waits_for_the_pointer(server, visit) -> None:
    inside = """panel => {
      const box = panel.getBoundingClientRect()
      return [...panel.querySelectorAll(".chip")].every((chip) => {
        const seen = chip.getBoundingClientRect()
        return seen.bottom <= box.bottom && seen.right <= box.right + 1 && seen.height > 0
      }) && getComputedStyle(panel.querySelector(".said")).overflowY === "visible"
    }"""
    for viewport in ({"width": 1280, "height": 800}, {"width": 390, "height": 844}):
        page = visit(server, viewport=viewport).open(
            "/notebook_numbers?case=L_model_backward&cell=dW1.1.4"
        )
        panel = explorer(page).locator(".explanation")
        entry(page, "dZ1 row 1 (unit), column 2 (example)").click()
        into = panel.locator(".feeding > .term")
        expect(into).to_have_count(4)
        expect(into.first).to_contain_text("dW1[0, 3]")  # the pinned one first
        assert panel.evaluate(inside)
        panel.get_by_role("button", name=re.compile("^How dZ1")).click()
        expect(panel.locator(".where")).to_contain_text("dZ1[0, 1]")
        assert panel.evaluate(inside)
    page = visit(server, viewport={"width": 1280, "height": 800}).open(
        "/notebook_numbers?case=L_model_backward&cell=dZ1.1.2"
    )
    panel = explorer(page).locator(".explanation")
    entry(page, "dA1 row 3 (unit), column 1 (example)").hover()
    button = panel.get_by_role("button", name=re.compile("^How dA1"))
    button.hover()  # the way down leads out of the matrices
    button.click()
    expect(panel.locator(".where")).to_contain_text("dA1[2, 0]")


def test_a_number_of_the_table_leads_to_its_terms_and_on_to_one_iteration(server, visit) -> None:
    visitor = visit(server, viewport={"width": 1280, "height": 800})
    page = visitor.open("/backward_and_update?case=L_model_backward")
    page.get_by_text("All 33 numbers, one by one").click()
    row = page.get_by_role("button", name="dW1[0, 3]: how it was made")
    row.press("Enter")
    expect(page).to_have_url(re.compile(r"cell=dW1\.1\.4"))
    expect(explorer(page).locator(".where")).to_contain_text("dW1[0, 3]")
    pinned = entry(page, "dW1 row 1 (unit), column 4 (input)").first
    expect(pinned).to_be_focused()
    expect(pinned).to_be_in_viewport()
    page.keyboard.press("ArrowLeft")  # from here on the keys walk
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"cell=dW1\.1\.3"))
    page.get_by_role("button", name="dW1[2, 3]: how it was made").click()
    expect(explorer(page).locator(".where")).to_contain_text("dW1[2, 3]")
    page.get_by_role("button", name="The same in One iteration").click()
    expect(page.get_by_role("heading", name="One iteration")).to_be_visible()
    expect(page).to_have_url(re.compile(r"one_iteration.*cell=dW1\.3\.4"))
    expect(explorer(page).locator(".where")).to_contain_text("dW1[2, 3]")
    visitor.open("/one_iteration?case=L_model_forward_2hidden&cell=A2.1.2")
    expect(page.get_by_test_id("stSlider").first).to_contain_text(
        "4 of 17"
    )  # the step that made it
    expect(page.locator(".explanation .where")).to_contain_text("A2[0, 1]")
