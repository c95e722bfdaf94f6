"""The results page: of the network that ships, of the documented one, and without its photos."""

import json
from collections import OrderedDict
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ui import compare, store
from ui.components.picker import picked

from nncore import pretrained
from nncore.data import load
from nncore.history import History
from nncore.run import Recipe
from tests.conftest import charts, points
from tests.test_pages import open_app, text_of


def tiles(app: AppTest, key: str) -> list[dict]:
    """What a grid of pictures on the page was sent."""
    sent = [
        json.loads(part.proto.json)[0]
        for part in app.get("bidi_component")
        if part.proto.id.endswith(f"-{key}")
    ]
    assert len(sent) == 1
    return sent[0]["tiles"]


# Scores -------------------------------------------------------------------------------------------


def test_the_first_screen_judges_the_doodle_network_where_there_are_no_photos(
    on_doodles, monkeypatch
) -> None:
    monkeypatch.setattr("ui.compare._of_all", OrderedDict)  # nobody has trained it from other seeds
    app = open_app("results")
    assert app.selectbox(key="judged").value == "doodles"
    right, total = pretrained.load("doodles").correct["test"]
    said = text_of(app)
    assert f"**{right} of {total} ({right / total:.1%})**" in said
    assert "always “cat” | 33 of 50 (66.0%)" in said
    assert "always “non\\-cat” | 17 of 50 (34.0%)" in said
    assert f"this network on {right}" in said
    scores, roc, seeds = charts(app)
    assert len([mark for mark in points(scores) if "more" in mark]) == 4
    assert len(points(roc)[1]["x"]) > 2
    assert len(points(seeds)) == 1


def test_the_documented_run_on_the_photos(photo_set) -> None:
    app = open_app("results")
    assert app.selectbox(key="judged").value == "four_layer"
    said = text_of(app)
    assert "**40 of 50 (80.0%)** | **67.0% – 88.8%** | **206 of 209 (98.6%)**" in said
    assert "always “cat” | 33 of 50 (66.0%)" in said
    assert "as the most similar training picture | 37 of 50 (74.0%)" in said
    assert "lower end of its interval, 67.0%, is above that 66.0%" in said
    assert (
        "knows 98.6% of the pictures that it has learned from, and 80.0% of new ones: the" in said
    )


def test_the_threshold_moves_every_number_and_the_point(on_doodles) -> None:
    app = open_app("results", threshold="0.3")
    assert app.slider(key="threshold").value == 0.3
    assert "this network, threshold 0.30" in text_of(app)
    network, doodles = pretrained.load("doodles"), load("doodles")
    app.slider(key="threshold").set_value(1.0).run()
    said = text_of(app)
    assert "**Precision** has no value here: nothing is answered “cat”" in said
    assert "33 that are “cat”, 0 are found: 0 / 33 = 0.0%" in said
    assert "**17 of 50 (34.0%)**" in said
    point = points(charts(app)[1])[2]
    assert (point["x"], point["y"]) == ([0], [0])
    app.slider(key="threshold").set_value(0.0).run()
    assert "✗ 17 false alarms | ✓ 0 | 17" in text_of(app)
    point = points(charts(app)[1])[2]
    assert (point["x"], point["y"]) == ([1], [1])
    app.segmented_control(key="counted").set_value("train").run()
    cats, total = doodles.count_cats("train")
    assert f"**Precision**: of {total} answered “cat”, {cats} are" in text_of(app)
    assert network.correct["train"] == (209, 209)


def test_where_a_run_stands_among_its_seeds(on_doodles, monkeypatch) -> None:
    network = replace_settings(pretrained.load("doodles"), num_iterations=12, seed=3)
    asked: list[Recipe] = []

    def train(known, recipe: Recipe, progress, keep) -> None:
        progress(0.5)
        asked.append(recipe)
        right = 30 + recipe.settings.seed
        keep(
            replace(
                network,
                settings=recipe.settings,
                correct={"train": (209, 209), "test": (right, 50)},
            )
        )

    monkeypatch.setattr(pretrained, "load", lambda name: network)
    monkeypatch.setattr(store, "train_unless", train)
    monkeypatch.setattr("ui.compare._of_all", OrderedDict)  # made up: not for other tests
    app = open_app("results")
    assert "The dot is this network. Train the same from seven other seeds" in text_of(app)
    app.button(key="sweep_start").click().run()
    assert not app.exception
    assert [recipe.settings.seed for recipe in asked] == [1, 2, 4, 5, 6, 7, 8]
    assert {recipe.settings.num_iterations for recipe in asked} == {12}
    said = text_of(app)
    right, total = pretrained.load("doodles").correct["test"]
    assert f"Seed 3, this network's, is the best of the eight: {right / total:.1%}" in said
    assert "the worst 62.0%" in said
    dots = points(charts(app)[2])
    assert [dot["name"] for dot in dots] == ["1", "2", "3", "4", "5", "6", "7", "8"]
    assert [dot["name"] for dot in dots if "hollow" not in dot] == ["3"]


def replace_settings(history: History, **settings: object) -> History:
    iterations = np.array([0, settings["num_iterations"]])
    return replace(
        history,
        settings=replace(history.settings, **settings),
        iterations=iterations,
        **{
            curve: getattr(history, curve)[[0, -1]] if getattr(history, curve).size else np.empty(0)
            for curve in ("costs", "test_costs", "train_accuracy", "test_accuracy")
        },
    )


def test_the_courses_seed_is_the_luckiest_of_eight(photo_set, monkeypatch) -> None:
    known = {
        1: 40,
        2: 38,
        3: 39,
        4: 38,
        5: 37,
        6: 34,
        7: 38,
        8: 36,
    }  # of 50; test_compare trains them
    network = pretrained.load("four_layer")
    monkeypatch.setattr(
        store,
        "train",
        lambda recipe, progress, **how: replace(
            network,
            settings=recipe.settings,
            correct={"train": (209, 209), "test": (known[recipe.settings.seed], 50)},
        ),
    )
    app = open_app("results")
    app.button(key="sweep_start").click().run()
    said = text_of(app)
    assert (
        "Seed 1, the course's, is the best of the eight: 80.0%; the middle is 76.0%, the worst 68.0%"
        in said
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"init": "given"}, "no seed to change"),
        ({"num_iterations": 10**9}, "repeated with at least 1 and at most 20,000 iterations"),
    ],
)
def test_what_cannot_be_repeated_is_said(change, said: str) -> None:
    network = pretrained.load("doodles")
    network = replace(network, settings=replace(network.settings, **change))
    assert said in compare._no_seeds(network)
    assert not compare._no_seeds(pretrained.load("doodles"))


# Mistakes -----------------------------------------------------------------------------------------


def test_every_mistake_of_the_documented_run_is_listed(photo_set) -> None:
    app = open_app("results", part="mistakes")
    test, train = tiles(app, "pictures_test"), tiles(app, "pictures_train")
    assert len(test) == 10
    assert len(train) == 3
    assert [tile["id"] for tile in test[:2]] == ["test.13", "test.45"]  # the most confident first
    assert test[0]["lines"] == ["✗ >0.999", "13: non-cat"]
    assert "Test picture 13" in text_of(app)
    assert "34 answers to test pictures are more than 90% sure; 5 are wrong" in text_of(app)
    neighbours = tiles(app, "neighbours")
    direct = np.linalg.norm(photo_set.train_x - photo_set.test_x[:, 13:14], axis=0)
    assert [tile["id"] for tile in neighbours] == [f"train.{i}" for i in np.argsort(direct)[:6]]
    assert neighbours[0]["lines"][1] == f"{direct.min():.1f} apart"


def test_mistakes_are_filtered_and_sorted(on_doodles) -> None:
    app = open_app("results", part="mistakes")
    assert "There is none of this kind." in text_of(app)  # all training doodles are right
    wrong = {tile["id"] for tile in tiles(app, "pictures_test")}
    found = {}
    for kind in ("miss", "alarm"):
        app.segmented_control(key="kind").set_value(kind).run()
        found[kind] = {tile["id"] for tile in tiles(app, "pictures_test")}
        names = {tile["lines"][1].split(": ")[1] for tile in tiles(app, "pictures_test")}
        assert names == {"cat" if kind == "miss" else "non-cat"}
    assert found["miss"] | found["alarm"] == wrong
    app.segmented_control(key="kind").set_value("all").run()
    app.segmented_control(key="among").set_value("train").run()
    app.selectbox(key="order").set_value("index").run()
    assert [tile["id"] for tile in tiles(app, "pictures_train")] == [
        f"train.{i}" for i in range(24)
    ]
    app.toggle(key="pictures_train_all").set_value(True).run()
    assert len(tiles(app, "pictures_train")) == 209


def test_from_the_scores_to_the_mistakes(on_doodles) -> None:
    app = open_app("results", part="mistakes", picture="train.7", kind="all")
    app.segmented_control(key="part").set_value("scores").run()
    right, total = pretrained.load("doodles").correct["test"]
    button = app.button(key="look_at_mistakes")
    assert button.label == f"Look at the {total - right} mistakes"
    button.click().run()
    assert not app.exception
    assert app.segmented_control(key="among").value == "test"
    shown = tiles(app, "pictures_test")
    assert len(shown) == total - right
    assert f"Test picture {shown[0]['id'].removeprefix('test.')}" in text_of(app)
    app = open_app("results")  # where the list of mistakes has not been yet
    app.button(key="look_at_mistakes").click().run()
    assert app.query_params["among"] == "test"  # so that a link opens the same


def test_a_picture_is_linked_to_and_stays_while_looking_elsewhere(on_doodles) -> None:
    app = open_app("results", part="mistakes", picture="train.7")
    assert "Training picture 7" in text_of(app)
    assert all(tile["id"] != "train.7" for tile in tiles(app, "neighbours"))
    app.segmented_control(key="part").set_value("scores").run()
    app.segmented_control(key="part").set_value("mistakes").run()
    assert "Training picture 7" in text_of(app)
    assert app.query_params["picture"] == "train.7"


@pytest.mark.parametrize("picture", ["test.50", "moon.1", "test.-1", "test.1.2", "![x](http://a)"])
def test_a_picture_that_is_not_there_is_the_first_mistake(picture: str, on_doodles) -> None:
    app = open_app("results", part="mistakes", picture=picture)
    first = tiles(app, "pictures_test")[0]["id"]
    assert f"Test picture {first.removeprefix('test.')}" in text_of(app)
    assert not app.error


@pytest.mark.parametrize("told", [None, 3, {}, {"picked": 7}, {"picked": "x" * 99}])
def test_what_a_browser_picks_is_not_trusted(told, monkeypatch) -> None:
    monkeypatch.setattr("ui.components.st.session_state", {"grid": told})
    assert picked("grid") is None


# Which network, on which pictures -----------------------------------------------------------------


def test_photos_that_are_not_here_are_offered_and_so_are_the_doodles(on_doodles) -> None:
    app = open_app("results", judged="four_layer")
    assert "is judged on photos" in text_of(app)
    assert "not here" in app.info[0].value
    app.button(key="judge_doodles").click().run()
    assert not app.exception
    assert app.selectbox(key="judged").value == "doodles"
    assert "always “cat”" in text_of(app)


def test_it_opens_after_a_picture_was_judged(on_doodles) -> None:
    app = open_app("your_picture")
    app.switch_page("pages/results.py").run()
    assert not app.exception
    assert app.selectbox(key="judged").value == "doodles"


def in_use(network: History, **query: str) -> AppTest:
    app = open_app()
    app.session_state["network_in_use"] = network
    app.switch_page("pages/results.py")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def test_the_network_of_the_session_is_judged_first(on_doodles) -> None:
    own = pretrained.load("doodles")
    app = in_use(replace(own, parameters={**own.parameters, "b4": own.parameters["b4"] - 1000}))
    assert app.selectbox(key="judged").value == "session"
    assert "17 of 50 (34.0%)" in text_of(app)
    assert "It answers “non\\-cat” to every picture" in text_of(app)
    assert "by heart" not in text_of(app)
    upside_down = {**own.parameters, "W4": -own.parameters["W4"], "b4": -own.parameters["b4"]}
    app = in_use(replace(own, parameters=upside_down))
    assert "It would do better to answer nothing else." in text_of(app)


def test_a_network_that_does_not_fit_is_told(on_doodles) -> None:
    own = pretrained.load("doodles")
    small = {"W1": np.ones((1, 12)), "b1": np.zeros((1, 1))}
    app = in_use(
        replace(own, settings=replace(own.settings, layers_dims=(12, 1)), parameters=small)
    )
    assert "has the sizes 12 – 1" in app.error[0].value
    app = in_use(replace(own, settings=replace(own.settings, dataset="![x](http://a)")))
    assert "\\!\\[x\\]" in app.error[0].value
    app = in_use(replace(own, data_digest="0" * 64))
    assert "trained on other pictures" in app.warning[0].value
    huge = {name: np.full_like(array, 1e200) for name, array in own.parameters.items()}
    app = in_use(replace(own, parameters=huge | {"b4": np.array([[np.nan]])}))
    assert "no longer numbers" in app.error[0].value


def test_the_names_of_the_classes_are_those_of_the_pictures(on_doodles, monkeypatch) -> None:
    named = replace(load("doodles"), classes=("dog*", "<b>owl"))
    monkeypatch.setattr(store, "dataset", lambda name: named)
    for part in ("scores", "mistakes"):
        app = open_app("results", part=part)
        said = text_of(app)
        assert "“\\<b\\>owl”" in said
        assert "“dog\\*”" in said
        assert "“cat”" not in said
        assert "non" not in said.replace("none", "")
    assert tiles(app, "pictures_test")[0]["lines"][1].split(": ")[1] in named.classes


def test_train_and_results_each_keep_their_own_part(on_doodles) -> None:
    app = open_app("train", part="watch")
    app.switch_page("pages/results.py").run()
    app.segmented_control(key="part").set_value("mistakes").run()
    app.switch_page("pages/train.py").run()
    assert app.segmented_control(key="part").value == "watch"
    app.switch_page("pages/results.py").run()
    assert app.segmented_control(key="part").value == "mistakes"
    assert not app.exception


def test_strange_addresses_fall_back_to_defaults(on_doodles) -> None:
    app = open_app(
        "results",
        judged="../x",
        part="moon",
        threshold="nan",
        counted="-1",
        kind="x",
        among="",
        order="y",
    )
    assert app.selectbox(key="judged").value == "doodles"
    assert app.segmented_control(key="part").value == "scores"
    assert app.slider(key="threshold").value == 0.5
    assert not app.error


@pytest.mark.parametrize("part", ["stress", "units", "two"])
def test_the_other_parts_open_again_and_do_without_a_threshold(part: str, on_doodles) -> None:
    app = open_app("results", part=part)
    assert app.segmented_control(key="part").value == part
    assert not app.error
    assert all(slider.key != "threshold" for slider in app.slider)
    app.run()
    assert not app.exception
