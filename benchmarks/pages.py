"""How long a visitor waits for each page, how much is sent, and whether anything jumps.

    python -m benchmarks.pages [word] [--phone] [--openings 3]   (with the Python of .venv-test)

For each page, and each part of one, several times over, a server is started that nobody has asked for
anything yet; of these openings stand here the medians:

- **beside**: a page of two words, the least that Streamlit takes, opened just before in the same way:
  the machine's pace at that moment;
- **fresh**: a link to it, opened by a browser that has never been here, until its first screen is
  complete: until nothing in the window is added, exchanged, moved or written anew any more;
- **link**: the same, opened in another tab: the browser has Streamlit's files, the session is new;
- **turn**: from a first page, opened anew, to this one, as its list of pages does: what most wait;
- **sent**: what **link** is sent: messages, pictures, all but Streamlit's own files;
- **jumps**: the worst layout shift of **fresh** and **link**, as browsers count it: up to 0.1 is called
  good;
- **change**: the median of seven changes of one widget, from the key or press until the last thing
  on the page has changed; and by how many pixels that widget itself moved meanwhile.

The first two rows are the pages of two words themselves: an app's first page, and another. At the end
stand the limits and what is over them: as it was measured, and at the pace of a machine on which two
words take `PACE`, by what each row has beside it. Chromium that asks for no motion, loopback only;
ends by itself.
"""

import argparse
import os
import shutil
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.conftest import NAMES, QUIET, ROOT, start_server

CHANGES = 7
SIZES = {False: {"width": 1280, "height": 800}, True: {"width": 390, "height": 844}}
KB = 1000

# Each address, and the widget that is changed there; the first page's film needs no server.
VIEWS = {
    "/": None,
    "/shapes": "W_0",
    "/initialise": "layer",
    "/forward_and_cost": "given",
    "/forward_and_cost?case=L_model_forward_2hidden": "case",
    "/backward_and_update": "update_rate",
    "/one_iteration": "walk_next",
    "/one_iteration?proof=check": "epsilon",
    "/one_iteration?what=small": "walk_next",
    "/one_iteration?what=cat": "walk_next",
    "/pictures": "grid_next",
    "/pictures?look=column": "train_picture",
    "/pictures?look=own": "own_from",
    "/train": "rate",
    "/train?part=watch": "part",
    "/train?part=compare": "measure",
    "/results": "threshold",
    "/results?part=mistakes": "order",
    "/results?part=stress": "strength_left",
    "/results?part=units": "unit_layer",
    "/results?part=two": "two_part",
    "/your_picture": "sample",
    "/your_picture?look=moved": "sample",
    "/your_picture?look=pixels": "sample",
    "/your_picture?look=alike": "sample",
    "/notebook_numbers": "case",
}

# What Streamlit takes by itself: a page with a list of pages beside it.
LEAST = """
import streamlit as st
def two(): st.title("Two words")
def other(): st.title("Other words")
st.navigation([st.Page(two), st.Page(other)]).run()
"""
# Seconds that each may take, a change that trains anew, and what two words take, fresh, on the machine
# that is reckoned for: two cores, none of the quickest.
LIMITS = {"fresh": 2.5, "turn": 1.0, "change": 0.3}
RETRAIN = {"/train": 0.6}
PACE = 1.0
# Runs before anything of a page: adds up its layout shifts, keeps the time of the last change in the
# window (looked at once a frame, where something has changed), and that of the last key or press.
BEFORE = """
window.jumped = 0; window.settled = 0;
const changed = new Set();
const inWindow = node => {
  const element = node instanceof Element ? node : node.parentElement ?? node.host;
  if (!element?.isConnected || element.closest('[data-testid=stStatusWidget]')) return false;
  const {width, height, left, top, right, bottom} = element.getBoundingClientRect();
  return width > 1 && height > 1 && right > 0 && bottom > 0 && left < innerWidth && top < innerHeight
    && element.checkVisibility({opacityProperty: true, visibilityProperty: true});
};
const look = () => {
  if ([...changed].some(inWindow)) window.settled = performance.now();
  changed.clear();
  if (!window.widget?.element.isConnected) return;
  const {top} = window.widget.element.getBoundingClientRect();
  window.moved = Math.max(window.moved, Math.abs(top - window.widget.top));
};
const note = nodes => {
  window.touched = performance.now();
  if (!changed.size) requestAnimationFrame(look);
  for (const node of nodes) changed.add(node);
};
const observer = new MutationObserver(records => note(records.flatMap(({type, target, addedNodes}) =>
  type === 'childList' ? [...addedNodes] : [target])));
const watch = root => observer.observe(root, {childList: true, characterData: true, subtree: true});
watch(document);
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (...all) {
  const root = attach.apply(this, all);
  watch(root);
  return root;
};
document.addEventListener('load', event => note([event.target]), true);  // pictures
new PerformanceObserver(list => { for (const entry of list.getEntries()) {
  if (!entry.hadRecentInput) window.jumped += entry.value;
  window.settled = Math.max(window.settled, entry.startTime);
}}).observe({type: 'layout-shift', buffered: true});
const Socket = WebSocket;  // when the server spoke last
window.WebSocket = class extends Socket {
  constructor(...all) {
    super(...all);
    this.addEventListener('message', () => { window.heard = performance.now() });
  }
};
for (const type of ['keydown', 'click'])
  addEventListener(type, event => { window.pressed = event.timeStamp }, {capture: true});
"""
# Turns to an address as its link in the list of pages does, without leaving the app; returns when.
TURN = """address => {
  window.settled = 0;
  window.heard = 0;
  const began = performance.now();
  history.pushState({}, '', address);
  dispatchEvent(new PopStateEvent('popstate'));
  return began;
}"""
AT_REST = """(() => {
  const app = document.querySelector('[data-testid=stApp]');
  return app?.dataset.testScriptState === 'notRunning' && !!document.querySelector('h1')
    && !document.querySelector('[data-testid=stSkeleton], [data-testid=stSpinner]')
})()"""
# From now on: when something was last told or changed, and how far the widget went from its place.
WATCH = """widget => {
  window.touched = window.heard = window.moved = 0;
  window.widget = {element: widget, top: widget.getBoundingClientRect().top};
}"""
STILL = f"{AT_REST} && heard > 0 && performance.now() > Math.max(touched, heard) + 400"


@dataclass
class Row:
    """What was measured of one address: seconds, bytes, the browser's own score of shifts, pixels."""

    path: str
    beside: list[float] = field(default_factory=list)
    fresh: list[float] = field(default_factory=list)
    link: list[float] = field(default_factory=list)
    turn: list[float] = field(default_factory=list)
    sent: int = 0
    jumps: float = 0
    changes: list[float] = field(default_factory=list)
    moved: float = 0

    def __str__(self) -> str:
        fresh, link, turn = map(statistics.median, (self.fresh, self.link, self.turn))
        beside = f"{statistics.median(self.beside):.2f} s" if self.beside else ""
        change = (
            f"{statistics.median(self.changes) * 1000:.0f} ms" if self.changes else "in the browser"
        )
        return (
            f"{beside} | {fresh:.2f} s | {link:.2f} s | {turn:.2f} s | {self.sent / KB:,.0f} kB | "
            f"{self.jumps:.2f} | {change} | {self.moved:.0f} px"
        )

    def over(self, reckoned: bool) -> list[str]:
        """What of it is over its limit; `reckoned`: at the pace of `PACE`."""
        pace = statistics.median(self.beside) / PACE if reckoned else 1.0
        taken = {"fresh": self.fresh, "turn": self.turn, "change": self.changes}
        seconds = {name: statistics.median(took) / pace for name, took in taken.items() if took}
        limits = LIMITS | {"change": RETRAIN.get(self.path, LIMITS["change"])}
        return [
            f"`{self.path}` {name} {second:.2f} s"
            for name, second in seconds.items()
            if second > limits[name]
        ]


def open_page(page: Page, link: str) -> float:
    """Open an address; return the seconds until its first screen was complete."""
    page.goto(link)
    return settled(page)


def turn_to(page: Page, path: str) -> float:
    """Turn to an address from the page that is open; return the seconds, likewise."""
    began = page.evaluate(TURN, path)
    page.wait_for_function("window.heard > 0")
    return settled(page) - began / 1000


def settled(page: Page) -> float:
    page.wait_for_function(AT_REST)
    page.wait_for_timeout(1500)  # what comes late counts, too
    return float(page.evaluate("window.settled")) / 1000


def count_bytes(page: Page) -> list[int]:
    """Count from now on what comes over the network, but for Streamlit's own files."""
    sizes: list[int] = []
    own: set[str] = set()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def asked(event: dict) -> None:  # type: ignore[type-arg]
        if "/static/" in event["request"]["url"]:
            own.add(event["requestId"])

    def came(event: dict) -> None:  # type: ignore[type-arg]
        if event["requestId"] not in own:
            sizes.append(event["encodedDataLength"])

    def frame(event: dict) -> None:  # type: ignore[type-arg]
        data = event["response"]["payloadData"]
        sizes.append(len(data) * 3 // 4 if event["response"]["opcode"] == 2 else len(data))

    session.on("Network.requestWillBeSent", asked)
    session.on("Network.loadingFinished", came)
    session.on("Network.webSocketFrameReceived", frame)
    return sizes


def change(page: Page, key: str, turn: int) -> None:
    """Change the widget of this key by a key or a press, one way and the other in turns."""
    widget = page.locator(f".st-key-{key}").first
    if widget.locator(".stSlider").count():
        widget.locator("input[type=range]").first.press(("ArrowRight", "ArrowLeft")[turn % 2])
    elif widget.locator("[data-testid=stNumberInputStepUp]").count():
        widget.locator(f"[data-testid=stNumberInputStep{('Up', 'Down')[turn % 2]}]").click()
    elif widget.locator(".stSelectbox").count():
        widget.locator("input").first.click()
        page.keyboard.press(("ArrowDown", "ArrowUp")[turn % 2])
        page.keyboard.press("Enter")
    elif widget.locator(".stButtonGroup").count():
        widget.locator('button[role=radio][aria-checked="false"]').first.click()
    else:
        widget.locator("button").first.click()


@dataclass
class Bench:
    """What all measurements share: the browser, the folder of the two words, and how to look."""

    browser: Browser
    least: Path
    phone: bool
    openings: int

    @contextmanager
    def visitor(self, folder: Path) -> Iterator[tuple[BrowserContext, str]]:
        """A browser that has never been here, and the address of a server that nobody has asked yet."""
        process, address = start_server(dict(os.environ), folder=folder)
        context = self.browser.new_context(viewport=SIZES[self.phone], reduced_motion="reduce")  # type: ignore[arg-type]
        context.add_init_script(BEFORE)
        try:
            yield context, address
        finally:
            context.close()
            process.kill()
            process.wait()

    def measure(self, path: str, key: str | None, before: str, folder: Path = ROOT) -> Row:
        """Measure one address on servers of its own; `before` is the page from which to turn to it."""
        row = Row(path)
        for opening in range(self.openings):
            if folder != self.least:
                with self.visitor(self.least) as (context, address), context.new_page() as page:
                    row.beside.append(open_page(page, address))
            with self.visitor(folder) as (context, address):
                with context.new_page() as page:
                    row.fresh.append(open_page(page, address + path))
                    row.jumps = max(row.jumps, page.evaluate("window.jumped"))
                with context.new_page() as page:
                    sizes = count_bytes(page)
                    row.link.append(open_page(page, address + path))
                    row.sent = sum(sizes)
                    row.jumps = max(row.jumps, page.evaluate("window.jumped"))
                    if key and not opening:
                        measure_changes(row, page, key)
                with context.new_page() as page:
                    open_page(page, address + before)
                    row.turn.append(turn_to(page, path))
        return row


def measure_changes(row: Row, page: Page, key: str) -> None:
    """Change the widget of this key, and wait each time for the last thing that changes with it."""
    widget = page.locator(f".st-key-{key}").first
    widget.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    for turn in range(CHANGES):
        widget.evaluate(WATCH)
        change(page, key, turn)
        page.wait_for_function(STILL)
        took = page.evaluate("Math.max(touched, heard) - pressed")
        row.changes.append(took / 1000)
        row.moved = max(row.moved, page.evaluate("window.moved"))


def main() -> None:
    """Measure every address whose path holds the word."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("word", nargs="?", default="", help="only addresses that hold this")
    parser.add_argument("--phone", action="store_true", help="390 pixels wide instead of 1280")
    parser.add_argument("--openings", type=int, default=3, help="how often each is opened")
    options = parser.parse_args()
    path = os.environ.get("NNCORE_BROWSER") or next(filter(None, map(shutil.which, NAMES)))
    print("| page | beside | fresh | link | turn | sent | jumps | change | moved |")
    print("|---" + "|--:" * 8 + "|")
    rows = []
    with sync_playwright() as playwright, TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        bench = Bench(browser, Path(folder), options.phone, options.openings)
        (bench.least / "app.py").write_text(LEAST)
        for address, before in (("/", "/other"), ("/other", "/")):
            row = bench.measure(address, None, before, bench.least)
            print(f"| two words, `{address}` | {row} |", flush=True)
        for address, key in VIEWS.items():
            if options.word in address:
                rows.append(bench.measure(address, key, "/" if address != "/" else "/shapes"))
                print(f"| `{address}` | {rows[-1]} |", flush=True)
        browser.close()
    print(
        f"\nLimits in seconds: {LIMITS}, a change that trains anew {RETRAIN}.",
        f"Over them here: {listed(rows, reckoned=False)}.",
        f"Over them where two words take {PACE} s: {listed(rows, reckoned=True)}.",
        sep="\n",
    )


def listed(rows: list[Row], reckoned: bool) -> str:
    return "; ".join(over for row in rows for over in row.over(reckoned)) or "nothing"


if __name__ == "__main__":
    main()
