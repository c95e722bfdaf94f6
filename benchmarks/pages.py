"""How long a visitor waits, and how much memory a server takes.

    python -m benchmarks.pages                  (with the Python of .venv-test)

Starts a fresh server for each first screen, then one for warm reruns of every page, then counts its
memory with 1 and with 20 sessions that have each opened every page. Needs Chromium, and for the memory
a Linux with /proc. One run on one machine: compare its rows, not with another's.
"""

import os
import re
import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from ui.frame import ENTRIES

from tests.browser.conftest import NAMES, QUIET, start_server

AT_REST = (
    "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
    " && !!document.querySelector('h1')"
)
SESSIONS = 20


def address_of(key: str) -> str:
    return "/" if key == ENTRIES[0].key else f"/{key}"


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_function(AT_REST)


def rerun(page: Page) -> float:
    """Rerun the page by Streamlit's own key; return the seconds until it is at rest again."""
    page.evaluate(
        "(() => { const app = document.querySelector('[data-testid=stApp]'); window.ran = 0;"
        " document.activeElement?.blur(); window.began = performance.now();"
        " new MutationObserver(() => { if (app.dataset.testScriptState === 'notRunning' && !window.ran)"
        " window.ran = performance.now() - window.began;"
        " }).observe(app, {attributes: true, attributeFilter: ['data-test-script-state']}) })()"
    )
    page.locator("body").press("r")
    page.wait_for_function("window.ran > 0")
    return float(page.evaluate("window.ran")) / 1000


def megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else float("nan")


def main() -> None:
    path = next(filter(None, map(shutil.which, NAMES)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        print(f"{'page':<14}{'server start':>14}{'first screen':>14}{'warm visit':>12}{'rerun':>9}")
        for entry in ENTRIES:
            began = time.perf_counter()
            # The key that reruns a page is one for developers.
            process, address = start_server(dict(os.environ), "--client.toolbarMode=developer")
            up = time.perf_counter() - began
            page = browser.new_page()
            link = address + address_of(entry.key)
            cold = seconds(lambda page=page, link=link: open_page(page, link))
            warm = seconds(lambda page=page, link=link: open_page(page, link))
            page.wait_for_timeout(500)
            again = statistics.median(rerun(page) for _ in range(7))
            print(
                f"{entry.key:<14}{up:>12.2f} s{cold:>12.2f} s{warm:>10.2f} s{again * 1000:>6.0f} ms"
            )
            page.close()
            process.terminate()
            process.wait()

        process, address = start_server(dict(os.environ))
        print(f"\n{'sessions':<14}{'memory':>10}")
        print(f"{'none':<14}{megabytes(process.pid):>7.0f} MB")
        pages = []
        for count in range(1, SESSIONS + 1):
            page = browser.new_context().new_page()
            for entry in ENTRIES:
                open_page(page, address + address_of(entry.key))
            pages.append(page)
            if count in (1, SESSIONS):
                print(f"{count:<14}{megabytes(process.pid):>7.0f} MB")
        process.terminate()
        process.wait()
        browser.close()


if __name__ == "__main__":
    main()
