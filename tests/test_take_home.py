"""Taking it home, on the page: the card, the code, the files, and a file that comes back."""

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ui.store import OwnData

from nncore import data, export, pretrained
from nncore.history import History
from nncore.run import Recipe, Run
from tests.scripts import run_script
from tests.test_explore import SMALL, store_in_use
from tests.test_pages import open_app, text_of


def opened(**query: str) -> AppTest:
    """Open Train with its last part open."""
    app = open_app("train", **SMALL, **query)
    app.session_state["files"] = True
    app.run()
    assert not app.exception
    return app


def saved(network: History) -> bytes:
    file = io.BytesIO()
    network.save(file)
    return file.getvalue()


def load(app: AppTest, raw: bytes) -> AppTest:
    app.file_uploader(key="load").upload("network.npz", raw).run()
    assert not app.exception
    return app


def card(app: AppTest) -> dict[str, str]:
    table = next(m.value for m in app.markdown if m.value.startswith("| The card"))
    rows = [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]
    return {name: value.replace("\\", "") for name, value in rows}


def test_nothing_of_it_is_computed_while_it_is_closed(on_doodles, monkeypatch) -> None:
    monkeypatch.setattr(export, "script", lambda *_: pytest.fail("computed"))
    app = open_app("train", **SMALL)
    assert not app.get("download_button")


def test_the_network_is_saved_and_loaded(on_doodles) -> None:
    app = opened()
    trained = store_in_use(app)
    assert app.download_button(key="save")
    load(app, saved(trained))
    loaded = store_in_use(app)
    assert loaded is not trained
    np.testing.assert_array_equal(loaded.parameters["W1"], trained.parameters["W1"])
    assert "From a file" in text_of(app)
    app.run()
    assert store_in_use(app) is loaded  # the run on the screen does not take its place again
    load(app, b"PK no")
    assert "no file of saved parameters" in app.error[0].value
    assert store_in_use(app) is loaded
    load(app, saved(trained))
    assert not app.error


def test_the_card_says_what_the_network_is(on_doodles) -> None:
    app = opened()
    network, said = store_in_use(app), card(app)
    right, total = network.correct["test"]
    assert said["data"] == "doodles"
    assert said["layers"] == "12,288 – 4 – 3 – 1"
    assert said["first weights"] == "1/√n, seed 1"
    assert said["training"] == "60 updates, rate 0.0075"
    assert said["labels 0 and 1"] == "non-cat and cat"
    assert said["test right"] == f"{right} of {total}, {right / total:.1%}"
    assert f"{network.costs[-1]:.4g} at the end" in said["cost"]
    assert said["digest of the network"] == f"{network.digest[:16]}…"
    assert said["digest of the data"] == f"{data.load('doodles').digest[:16]}…"


def test_the_code_is_that_of_the_branch_on_the_screen(on_doodles) -> None:
    app = opened(branch="25@0.05/10@0.001", run="from 25, rate 0.05 → from 35, rate 0.001")
    recipe = app.session_state["explored"].recipe
    code = next(block.value for block in app.code if "LAYERS_DIMS" in block.value)
    assert code == export.script(recipe, store_in_use(app)).strip()
    assert "(0.0075, 25),\n    (0.05, 10),\n    (0.001, 25)," in code
    assert card(app)["training"] == (
        "25 updates, rate 0.0075, then 10 updates, rate 0.05, then 25 updates, rate 0.001"
    )
    assert "Trained here, a branch, rate 0.001" in text_of(app).replace("\\", "")
    assert app.download_button(key="save_code")
    assert app.download_button(key="save_pictures")


def test_the_network_that_was_chosen_keeps_its_own_code(on_doodles) -> None:
    """Whatever run is on the screen: the code is that of the network in use."""
    app = opened(at="25")
    app.button(key="use").click().run()
    chosen = app.session_state["recipe_in_use"]
    app.select_slider(key="rate").set_value(0.02).run()
    assert app.session_state["recipe_in_use"] is chosen
    code = next(block.value for block in app.code if "LAYERS_DIMS" in block.value)
    assert "(0.0075, 25)," in code


def test_a_watched_run_that_was_stopped_has_code_up_to_there(on_doodles) -> None:
    app = opened(part="watch")
    app.button(key="go").click().run()
    app.button(key="stop").click().run()
    assert not app.exception
    network = store_in_use(app)
    code = next(block.value for block in app.code if "LAYERS_DIMS" in block.value)
    assert f"    (0.0075, {network.last}),\n" in code
    assert f"COST = {float(network.costs[-1])!r}" in code


def test_a_file_has_code_where_its_card_says_enough(on_doodles) -> None:
    app = opened()
    recipe = Recipe(store_in_use(app).settings)
    load(app, saved(pretrained.load("doodles")))
    code = next(block.value for block in app.code if "LAYERS_DIMS" in block.value)
    assert "(0.0075, 2500)," in code
    branch = recipe.branch(20, 0.02)
    parent = Run(data.load("doodles"), recipe.settings)
    parent.advance()
    run = Run(data.load("doodles"), branch.settings, start=parent.history().parameters_at(20))
    run.advance()
    load(app, saved(run.history()))
    assert not any("LAYERS_DIMS" in block.value for block in app.code)
    assert "went on from a network that it was handed" in text_of(app)
    assert "a branch of 40 updates" in text_of(app)
    assert len(app.get("download_button")) == 1
    assert card(app)["first weights"] == "from a network that it was handed"


def test_pictures_are_offered_only_where_they_are_those_of_the_run(on_doodles) -> None:
    app = opened()
    trained = store_in_use(app)
    load(app, saved(replace(trained, data_digest="0" * 64)))
    assert "not in this session" in text_of(app)
    assert len(app.get("download_button")) == 2
    load(app, saved(pretrained.load("four_layer")))
    assert "two .h5 files" in text_of(app)
    assert len(app.get("download_button")) == 2


def test_own_classes_go_home_with_their_pictures(on_doodles, tmp_path) -> None:
    """A stranger's names are in the script as names, and run on its own it gives the same network."""
    stream = np.random.RandomState(0)
    images = stream.randint(0, 256, (16, 64, 64, 3)).astype(np.uint8)
    labels = (np.arange(16) % 2).reshape(1, -1)
    parts = (images[:10], labels[:, :10], images[10:], labels[:, 10:])
    classes = ('"""; raise SystemExit #', "{x} [a](b)")
    own = data.Dataset("own-0", "Own", "here", "mine", *parts, classes=classes)
    app = opened()
    app.session_state["own_data"] = OwnData(own)
    app.run()
    app.segmented_control(key="data").set_value("own-0").run()
    assert not app.exception
    network = store_in_use(app)
    assert network.classes == classes
    assert card(app)["labels 0 and 1"] == " and ".join(classes)
    assert app.download_button(key="save_pictures")
    code = next(block.value for block in app.code if "LAYERS_DIMS" in block.value)
    export.save_pictures(tmp_path / export.PICTURES, own)
    outcome = run_script(code, tmp_path)
    np.testing.assert_allclose(outcome.costs, network.costs, rtol=0, atol=1e-9)
    assert "The recorded run again" in outcome.said
    del app.session_state["own_data"]
    load(app, saved(network))
    assert "not in this session" in text_of(app)


def test_what_a_file_says_is_not_markdown(on_doodles) -> None:
    app = opened()
    trained = store_in_use(app)
    name = "![a](http://b/c.png)\n| x |"
    settings = replace(trained.settings, dataset="[me](http://d)")
    load(app, saved(replace(trained, classes=(name, "$x$"), settings=settings)))
    assert "From a file" in text_of(app)
    for text in (*app.markdown, *app.caption, *app.sidebar.caption):
        assert not re.search(r"(?<!\\)\[(a|me)\]?\(", text.value)
    assert "$x$" in card(app)["labels 0 and 1"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"W1": np.zeros((1, 5)), "b1": np.zeros((1, 1))}, "The network has 5 inputs"),
        ({"W1": np.zeros((2, 12288)), "b1": np.zeros((2, 1))}, "The network has 2 outputs"),
    ],
)
def test_networks_that_the_pages_cannot_ask_are_refused(on_doodles, change, message) -> None:
    app = opened()
    network = store_in_use(app)
    sizes = (change["W1"].shape[1], change["W1"].shape[0])
    settings = replace(network.settings, layers_dims=sizes)
    load(app, saved(replace(network, parameters=change, settings=settings)))
    assert message in app.error[0].value
    assert store_in_use(app) is network
