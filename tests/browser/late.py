"""What comes late on a busy machine now and then, made to come late always.

Run the browser tests with `NNCORE_TEST_LATE` set to some of `scripts server passes files processor`,
and those that do not wait for what they need fail every time, as do parts of the app that somebody may
use too soon.
"""

import os

from playwright.sync_api import Browser, BrowserContext, Page

LATE = os.environ.get("NNCORE_TEST_LATE", "").split()


def hearing(late: str) -> str:
    """Return a script for a page: what the server sends is heard as this JavaScript passes it on.

    `late` makes another listener of a listener: `(heard) => (event) => ...`.
    """
    return f"""(() => {{
        const late = {late}
        window.WebSocket = class extends WebSocket {{
            set onmessage(heard) {{ super.onmessage = late(heard) }}
            addEventListener(type, heard, ...more) {{
                super.addEventListener(type, type === "message" ? late(heard) : heard, ...more)
            }}
        }}
    }})()"""


def scripts_after(milliseconds: int) -> str:
    """Return a script for a page: the components' scripts, which it makes into files, take so long."""
    return f"""window.Blob = class extends Blob {{
        constructor(parts = [], options = {{}}) {{
            const wait = "await new Promise(go => setTimeout(go, {milliseconds}));\\n"
            super(/javascript/.test(options.type) ? [wait, ...parts] : parts, options)
        }}
    }}"""


# For Streamlit's own process: a page takes its time to begin, to train and to end.
LATE_PASSES = """
import time
from ui import frame, store
def slow(function):
    def later(*given, **more):
        time.sleep(0.5)
        return function(*given, **more)
    return later
frame.open_page, frame.close_page = slow(frame.open_page), slow(frame.close_page)
store.train = slow(store.train)
"""


def make_late(browser: Browser) -> None:
    """Let everything that this browser opens suffer from what `NNCORE_TEST_LATE` names."""
    new_context = browser.new_context

    def slow_down(page: Page) -> None:
        session = page.context.new_cdp_session(page)
        if "files" in LATE:
            far = {
                "offline": False,
                "latency": 400,
                "downloadThroughput": -1,
                "uploadThroughput": -1,
            }
            session.send("Network.enable")
            session.send("Network.emulateNetworkConditions", far)
        if "processor" in LATE:
            session.send("Emulation.setCPUThrottlingRate", {"rate": 3})

    def context(**options: object) -> BrowserContext:
        made = new_context(**options)
        if "scripts" in LATE:
            made.add_init_script(scripts_after(600))
        if "server" in LATE:
            made.add_init_script(
                hearing("(heard) => (event) => setTimeout(() => heard(event), 300)")
            )
        if {"files", "processor"} & {*LATE}:
            made.on("page", slow_down)
        return made

    browser.new_context = context
    browser.new_page = lambda **options: context(**options).new_page()
