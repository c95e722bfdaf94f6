"""Text that is not ours, wherever it comes from, on every page: shown as it is, never acted on."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from ui.frame import ENTRIES
from ui.kept import measured
from ui.store import OwnData
from ui.text import plain

from nncore import data
from nncore.data import own, pictures
from tests.test_pages import ROOT, open_app, picture_file

EVIL = (
    "![x](http://evil.test/a) <img src=x onerror=alert(1)> $e^{v}$ :red[il] :material/bomb: {0} "
    "%{x} www.evil.test \u202ea\u2066"
)
# What of it acts where it is taken for Markdown: nothing of this may come unescaped.
ACTS = re.compile(
    r"(?<!\\)\[x(?<!\\)\]|(?<!\\)<(?=img)|(?<!\\)\$e|(?<!\\):red|(?<!\\):material/bomb|www\.evil|\u202e"
)
# What shows its text as it is: the browser, or a component that sets textContent.
AS_IT_IS = ("Text", "Code", "BidiComponent", "ImageList", "TextInput", "Selectbox")
IDS = ("id", "form_id", "element_id", "query_string")


def texts(message: Message, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every text of an element as it goes over the wire, with where it stands."""
    for field, value in message.ListFields():
        many = (
            value
            if not isinstance(value, (str, bytes, Message)) and hasattr(value, "__iter__")
            else [value]
        )
        for each in many:
            if isinstance(each, Message):
                yield from texts(each, (*path, field.name))
            elif isinstance(each, str):
                yield (*path, field.name), each


def elements(app: AppTest) -> Iterator[tuple[str, Message]]:
    """Yield every element and block of a page."""
    stack: list[Any] = [app._tree]
    while stack:
        node = stack.pop()
        proto = getattr(node, "proto", None)
        if isinstance(proto, Message):
            yield getattr(node, "type", ""), proto
        stack += getattr(node, "children", {}).values()


def acted_on(app: AppTest) -> list[str]:
    """Return every text of the page in which something of EVIL would act."""
    assert not app.exception, [each.message for each in app.exception]
    found = []
    for kind, proto in elements(app):
        for path, text in texts(proto):
            place = f"{kind}: {'.'.join(path)}: {text[:300]}"
            name = proto.DESCRIPTOR.name
            if "evil" not in text and "il]" not in text and "onerror" not in text:
                continue
            if name == "Html":
                if "<img src=x" in text:
                    found.append(place)
            elif not as_it_is(name, path) and ACTS.search(text):
                found.append(place)
    return found


def as_it_is(name: str, path: tuple[str, ...]) -> bool:
    """Say whether a field is one that is never taken for Markdown."""
    return path[-1] in IDS or (name in AS_IT_IS and path[-1] not in ("help", "label"))


QUERY = (
    "data", "model", "hidden", "rate", "init", "iterations", "seed", "run", "branch", "at", "case",
    "step", "cell", "sample", "fit", "filter", "background", "colour", "network", "judged", "picture",
    "two_a", "two_b", "among", "order", "own_from", "own_fit", "own_share", "own_seed", "source",
)  # fmt: skip
PARTS = ("part", "look", "kind", "source", "measure", "sweep", "two_part")


@pytest.fixture
def hostile(on_doodles: None) -> AppTest:
    """A session whose own classes, network and kept run are all called EVIL."""
    stream = np.random.RandomState(0)
    images = stream.randint(0, 256, (24, 64, 64, 3)).astype(np.uint8)
    labels = (np.arange(24) % 2).reshape(1, -1)
    parts = (images[:16], labels[:, :16], images[16:], labels[:, 16:])
    mine = data.Dataset("own-0", "Own", "here", "mine", *parts, classes=(EVIL, f"b {EVIL}"))
    app = open_app("train")
    app.session_state["own_data"] = OwnData(mine)
    for name, value in {"model": "own", "hidden": "4", "iterations": 40}.items():
        app.session_state[name] = value
    app.run()
    app.segmented_control(key="data").set_value("own-0").run()
    assert not acted_on(app)
    explored = app.session_state["explored"]
    run = measured(explored.recipe, explored.history, EVIL, "run1")
    app.session_state["kept_runs"] = [run]
    app.session_state["files"] = True
    app.run()
    assert app.session_state["network_in_use"].classes == (EVIL, f"b {EVIL}")
    return app


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.key)
def test_names_that_are_not_ours_are_shown_and_never_acted_on(entry, hostile: AppTest) -> None:
    app = hostile
    app.switch_page(f"pages/{entry.key}.py").run()
    found = acted_on(app)
    for key in [each.key for each in app.segmented_control if each.key in PARTS]:
        here = {each.key: each for each in app.segmented_control}
        if key not in here:
            continue
        first = here[key].value
        ids = list(here[key].format_func.__self__)  # the choices of `ui.address`
        for option in [*(id for id in ids if id != first), first]:
            app.segmented_control(key=key).set_value(option).run()
            found += acted_on(app)
    assert not found


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.key)
def test_what_an_address_brings_is_never_acted_on(entry, on_doodles) -> None:
    names = (*PARTS, *QUERY)
    assert not acted_on(open_app(entry.key, **dict.fromkeys(names, f"own-{EVIL}")))
    assert not acted_on(open_app(entry.key, model="own", hidden=EVIL, cell=f"{EVIL}.1.1"))


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("shapes", {"m": "inf", "W_0": "-Infinity", "b_1": "1e309"}),
        ("initialise", {"seed_of_draws": "inf"}),
        ("one_iteration", {"what": "small", "draw": "inf", "examples": "1e999"}),
        ("one_iteration", {"what": "cat", "iteration_doodles_2500": "inf"}),
        ("pictures", {"grid": "inf"}),
        ("pictures", {"look": "column", "train_picture": "inf", "test_picture": "-1e400"}),
        ("pictures", {"look": "own", "own_seed": "inf"}),
        ("train", {"seed": "inf", "iterations": "1e309", "rate": "inf"}),
        ("results", {"threshold": "inf"}),
    ],
)
def test_an_infinite_number_in_an_address_is_left_out(page: str, query, on_doodles) -> None:
    app = open_app(page, **query)  # and sees that nothing went wrong
    assert not {*query} - {"what", "look"} & {*app.query_params}


def test_names_of_files_are_shown_and_never_acted_on(on_doodles) -> None:
    app = open_app("your_picture", source="upload")
    upload = app.file_uploader(key="upload")
    upload.set_value([(f"{EVIL}.png", picture_file(), ""), (f"2{EVIL}.png", b"MZ", "")]).run()
    assert len(app.error) == 1
    assert sum("evil.test" in text.value for text in app.text) == 2  # cleaned, as plain text
    assert not acted_on(app)


def test_plain_leaves_nothing_that_markdown_could_find() -> None:
    """What Streamlit looks for even in escaped text; a browser test sees that it finds nothing."""
    for text, found in {
        "http://evil.test": "http:", "HTTPS://evil.test": "https:", "www.evil.test": "www.",
        "a@evil.test": "a@", ":material/home:": ":material", ":streamlit:": ":streamlit",
        "a -> b": "->", "<- b": "<-", "a -- b": "--",
    }.items():  # fmt: skip
        assert found in text.lower()
        assert found not in plain(text).lower().replace("\\", "")
        assert plain(text).replace("\u2060", "").replace("\\", "") == text
    assert plain("1. a\n 2. &copy;\n===").replace("\u2060", "") == (
        "1\\. a\n 2\\. \\&copy;\n\\=\\=\\="
    )
    assert plain("a\u202eb\u200b") == "a b "


def test_no_trace_is_shown_even_where_a_host_asks_for_it(on_doodles) -> None:
    import streamlit as st

    before = st.get_option("client.showErrorDetails")
    try:
        st.set_option("client.showErrorDetails", "stacktrace")
        open_app("shapes")
        assert st.get_option("client.showErrorDetails") == "none"
        st.set_option("client.showErrorDetails", "full")  # a developer, who wants to see it
        open_app("shapes")
        assert st.get_option("client.showErrorDetails") == "full"
    finally:
        st.set_option("client.showErrorDetails", before)


def test_the_configuration_is_as_hard_as_it_says() -> None:
    import tomllib

    from streamlit import config

    said = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    known = config.get_config_options()
    for section in ("server", "client", "global", "runner", "browser"):
        for name in said[section]:
            assert f"{section}.{name}" in known, name  # Streamlit passes over what it does not know
    server = said["server"]
    assert server["enableXsrfProtection"]
    assert server["enableCORS"]
    assert not server["enableStaticServing"]
    assert not server["enableAgentApi"]
    assert server["maxUploadSize"] * 2**20 >= own.MOST_ZIP
    assert server["maxUploadSize"] * 2**20 >= pictures.MOST_BYTES
    assert said["client"]["showErrorDetails"] == "none"
    assert not said["browser"]["gatherUsageStats"]
