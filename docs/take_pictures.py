"""Take pictures of the running app, to look at or for the README. Needs Chromium.

With the Python of .venv-test:

    python -m docs.take_pictures              every page and part of it, into docs/all/
    python -m docs.take_pictures train        only views whose name holds this word
    python -m docs.take_pictures --readme     the README's own, without the course's photos

A view is taken light and dark, at the width of a desktop and of a phone, with everything unfolded.
"""

import argparse
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from nncore.data import photos
from tests.browser.conftest import NAMES, QUIET, start_server

HERE = Path(__file__).parent
WIDTHS = {"desktop": 1280, "phone": 390}
THEMES = ("light", "dark")
AIR = 16  # pixels around a picture of the README
BACKWARD = 8  # scenes of the film, to one on the way back
MOST_HIGH = 16_000  # pixels: a picture of a page that would never end

Act = Callable[[Page], None]


@dataclass(frozen=True)
class View:
    """What is taken: a name for the file, an address, and what to do there first."""

    name: str
    path: str
    act: Act | None = None


def press(key: str, wait: int = 3000) -> Act:
    """Return the act of pressing a button and waiting for what it does, in milliseconds."""

    def act(page: Page) -> None:
        page.locator(f".st-key-{key} button").first.click()
        page.wait_for_timeout(wait)

    return act


VIEWS = (
    View("start", "/"),
    View("shapes", "/shapes"),
    View("initialise", "/initialise"),
    View("forward_and_cost", "/forward_and_cost"),
    View("backward_and_update", "/backward_and_update"),
    View("one_iteration_documented", "/one_iteration"),
    View("one_iteration_derivation", "/one_iteration?proof=derivation"),
    View("one_iteration_check", "/one_iteration?proof=check"),
    View("one_iteration_loose", "/one_iteration?case=linear_backward_v3"),
    View("one_iteration_small", "/one_iteration?what=small"),
    View("one_iteration_cat", "/one_iteration?what=cat"),
    View("pictures_set", "/pictures?look=set"),
    View("pictures_column", "/pictures?look=column"),
    View("pictures_own", "/pictures?look=own"),
    View("pictures_own_made", "/pictures?look=own", press("own_sample")),
    View("train_explore", "/train"),
    View("train_watch", "/train?part=watch"),
    View("train_race", "/train?part=watch", press("race", 6000)),
    View("train_watch_running", "/train?part=watch", press("go")),
    View("train_compare", "/train?part=compare", press("sweep_start", 8000)),
    View("results_scores", "/results"),
    View("results_mistakes", "/results?part=mistakes"),
    View("results_stress", "/results?part=stress"),
    View("results_units", "/results?part=units"),
    View("results_units_deeper", "/results?part=units&unit_layer=2"),
    View("results_two", "/results?part=two"),
    View("your_picture_way", "/your_picture"),
    View("your_picture_moved", "/your_picture?look=moved"),
    View("your_picture_pixels", "/your_picture?look=pixels"),
    View("your_picture_alike", "/your_picture?look=alike"),
    View("your_picture_upload", "/your_picture?source=upload"),
    View("your_picture_camera", "/your_picture?source=camera"),
    View("notebook_numbers", "/notebook_numbers"),
)


def rest(page: Page) -> None:
    """Wait until the script has run and the page has drawn what it made."""
    page.wait_for_selector("h1")  # before it, nothing has begun to run
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
    )
    page.wait_for_timeout(700)


def unfold(page: Page) -> None:
    """Open whatever is folded, one after the other: some fetch their content only then."""
    settings = page.locator(".st-key-unfold label:visible")  # on a phone
    if settings.count():
        settings.click()
        rest(page)
    folded = page.locator("details:not([open]) > summary")
    for _ in range(20):
        if not folded.count():
            break
        folded.first.click()
        rest(page)


def take_whole(page: Page, path: Path, width: int) -> None:
    """Take a picture of the whole page, however high: Streamlit scrolls inside of it."""
    for _ in range(2):  # what is drawn to the window's size may grow once more, what is old may go
        high = page.locator("[data-testid=stMainBlockContainer]").evaluate("it => it.offsetHeight")
        page.set_viewport_size({"width": width, "height": min(max(high, 600), MOST_HIGH)})
        page.wait_for_timeout(500)
    page.screenshot(path=path)


def take_all(browser: Browser, address: str, folder: Path, word: str) -> None:
    """Take every view whose name holds the word, in every theme and width."""
    folder.mkdir(exist_ok=True)
    views = [view for view in VIEWS if word in view.name]
    for theme in THEMES:
        for device, width in WIDTHS.items():
            context = browser.new_context(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
            context.set_default_timeout(60_000)
            for view in views:
                page = context.new_page()  # a visitor of its own: none sees what another did
                page.set_viewport_size({"width": width, "height": 900})
                page.goto(address + view.path)
                rest(page)
                if view.act is not None:
                    view.act(page)
                unfold(page)
                file = folder / f"{view.name}-{device}-{theme}.png"
                take_whole(page, file, width)
                page.close()
                print(file.name, flush=True)
            context.close()


def take_readme(browser: Browser, address: str) -> None:
    """Take the pictures that the README shows: light, and of drawings of the program's own."""
    page = browser.new_page(viewport={"width": 1280, "height": 1400}, reduced_motion="reduce")
    page.set_default_timeout(60_000)
    page.goto(address)
    rest(page)
    film = page.locator(".st-key-film")
    for _ in range(BACKWARD):
        film.get_by_role("button", name="Next").click()
    page.wait_for_timeout(1500)
    keep(page, film, "start.png")
    page.goto(f"{address}/your_picture?look=pixels")
    rest(page)
    ledger = page.locator(".st-key-ledger")
    ledger.locator("canvas").first.wait_for()
    page.wait_for_timeout(1500)
    keep(page, ledger, "pixels.png", most_high=530)


def keep(page: Page, place: Locator, name: str, most_high: int = 900) -> None:
    """Take a picture of a place with a little air around it, without what else stands near."""
    place.evaluate("place => place.classList.add('kept')")
    page.add_style_tag(
        content=".stMain * { visibility: hidden } .kept, .kept * { visibility: inherit !important }"
        " .kept { visibility: visible !important }"
    )
    place.scroll_into_view_if_needed()
    place.evaluate("place => place.scrollIntoView({block: 'center'})")
    box = place.bounding_box()
    assert box is not None
    clip = {
        "x": box["x"] - AIR,
        "y": box["y"] - AIR,
        "width": box["width"] + 2 * AIR,
        "height": min(box["height"] + 2 * AIR, most_high),
    }
    page.screenshot(path=HERE / name, clip=clip)  # type: ignore[arg-type]
    print(f"{name}: {(HERE / name).stat().st_size // 1024} KB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("word", nargs="?", default="", help="only views whose name holds this")
    parser.add_argument("--readme", action="store_true", help="the README's pictures")
    parser.add_argument("--into", type=Path, default=HERE / "all", help="the folder")
    arguments = parser.parse_args()
    environment = dict(os.environ)
    if arguments.readme:
        environment.pop(photos.FOLDER_VARIABLE, None)  # these pictures are given on: no photos
    path = os.environ.get("NNCORE_BROWSER") or next(filter(None, map(shutil.which, NAMES)))
    process, address = start_server(environment)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
            if arguments.readme:
                take_readme(browser, address)
            else:
                take_all(browser, address, arguments.into, arguments.word)
            browser.close()
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
