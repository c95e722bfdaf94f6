"""Take the README's picture from the running app:  python -m docs.take_pictures

With the Python of .venv-test; needs Chromium.
"""

import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import NAMES, QUIET, start_server

HERE = Path(__file__).parent


def main() -> None:
    path = next(filter(None, map(shutil.which, NAMES)))
    process, address = start_server(dict(os.environ))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        page = browser.new_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
        page.goto(address)
        page.get_by_role("button", name="Next").click()
        for _ in range(3):
            page.get_by_role("button", name="Next").click()
        page.wait_for_timeout(1500)
        page.screenshot(
            path=HERE / "start.png", clip={"x": 300, "y": 40, "width": 980, "height": 600}
        )
        browser.close()
    process.terminate()
    process.wait()


if __name__ == "__main__":
    main()
