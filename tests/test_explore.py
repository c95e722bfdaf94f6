"""Explore as a reader uses it: knobs that retrain, the replay, branches, the network in use."""

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ui import explore, store
from ui.explore import read_branch, write_branch
from ui.knobs import RATES
from ui.units import share

from nncore import data
from nncore.cases import runs
from nncore.history import History
from nncore.run import Recipe, Run
from nncore.training import fit
from tests.test_pages import open_app, text_of

SETTINGS = replace(
    runs()["four_layer"].settings,
    dataset="doodles",
    layers_dims=(12288, 4, 3, 1),
    num_iterations=60,
)
SMALL = {"model": "own", "hidden": "4, 3", "iterations": "60"}


def shown(app: AppTest) -> explore._Explored:
    return app.session_state["explored"]


def test_every_knob_retrains_at_once_and_the_run_before_stays_as_a_ghost(on_doodles) -> None:
    app = open_app("train", **SMALL)
    assert not app.exception
    doodles = data.load("doodles")
    Y = doodles.train_labels.astype(float)
    for change in ({}, {"rate": 0.02}, {"seed": 3}, {"init": "he"}):
        for key, value in change.items():
            widget = {"rate": app.select_slider, "seed": app.number_input, "init": app.selectbox}[
                key
            ]
            widget(key=key).set_value(value).run()
        assert not app.exception
        settings = shown(app).recipe.settings
        expected = fit(
            doodles.train_x,
            Y,
            settings.layers_dims,
            learning_rate=settings.learning_rate,
            num_iterations=60,
            init=settings.init,
            seed=settings.seed,
            record_every=1,
        )
        np.testing.assert_allclose(shown(app).history.costs, expected.costs, rtol=1e-12)
        assert store_in_use(app) is shown(app).history
    assert shown(app).before.settings.init == "scaled"
    assert shown(app).before.settings.seed == 3


@pytest.mark.parametrize("slow", [False, True])
def test_where_training_is_slow_it_says_when_it_begins(slow, on_doodles, monkeypatch) -> None:
    monkeypatch.setattr(explore, "SLOW", 0.0 if slow else 60.0)
    app = open_app("train", **SMALL, seed="72" if slow else "71")
    app.select_slider(key="rate").set_value(0.02).run()
    assert not app.exception
    assert ("let go of a slider" in text_of(app)) == slow


def store_in_use(app: AppTest) -> History:
    return app.session_state["network_in_use"]


def test_a_branch_goes_on_from_where_the_reader_stopped(on_doodles) -> None:
    app = open_app("train", **SMALL)
    root = shown(app).recipe
    app.session_state["branches"].append(root.branch(25, 0.05))
    app.session_state["run"] = "0"
    app.run()
    assert not app.exception
    assert app.query_params["branch"] in ("25@0.05", ["25@0.05"])
    branch = shown(app).history
    assert branch.settings.num_iterations == 35
    assert branch.costs[0] == pytest.approx(store_train(root).costs[25], rel=1e-9)
    assert "from 25, rate 0.05" in text_of(app)
    app.button(key="branch_drop").click().run()
    app.run()
    assert shown(app).recipe == root
    assert "branch" not in app.query_params


def store_train(recipe: Recipe) -> History:
    run = Run(data.load("doodles"), recipe.settings)
    run.advance()
    return run.history()


def test_a_link_opens_at_an_iteration_and_a_reader_comes_back_to_theirs(on_doodles) -> None:
    app = open_app("train", **SMALL, at="25")
    assert "The network after 25 updates" in text_of(app)
    app.switch_page("pages/shapes.py").run()
    app.switch_page("pages/train.py").run()
    assert "The network after 25 updates" in text_of(app)
    assert app.query_params["at"] == "25"
    app.select_slider(key="branch_rate").set_value(0.02).run()
    assert app.query_params["branch_rate"] == "0.02"
    app.segmented_control(key="part").set_value("watch").run()
    assert "at" not in app.query_params
    assert "at" not in open_app("train", **SMALL).query_params  # the end
    assert "The network after 60 updates" in text_of(open_app("train", **SMALL, at="²5"))


def test_a_link_opens_a_branch(on_doodles) -> None:
    app = open_app(
        "train", **SMALL, branch="25@0.05/10@0.001", run="from 25, rate 0.05 → from 35, rate 0.001"
    )
    assert not app.exception
    recipe = shown(app).recipe
    assert recipe.offset == 35
    assert recipe.settings.num_iterations == 25
    assert shown(app).history.last == 25


@pytest.mark.parametrize(
    "text", ["", "x", "5@", "60@0.02", "-1@0.02", "5@0.0333", "5@nan", "٣@0.02"]
)
def test_a_branch_that_means_nothing_is_left_out(text: str) -> None:
    assert read_branch(Recipe(SETTINGS), text) is None


def test_no_two_branches_have_one_name() -> None:
    root = Recipe(SETTINGS)
    branches = [
        root.branch(25, 0.05),
        root.branch(25, 0.05).branch(10, 0.001),
        root.branch(35, 0.001),
    ]
    assert len({explore._name(branch) for branch in branches}) == 3


def test_a_chosen_network_stays_until_another_is_chosen(on_doodles) -> None:
    app = open_app("train", **SMALL)
    app.button(key="use").click().run()
    chosen = store_in_use(app)
    app.select_slider(key="rate").set_value(0.02).run()
    assert store_in_use(app) is chosen
    app.button(key="use").click().run()
    np.testing.assert_array_equal(store_in_use(app).costs, shown(app).history.costs)


def test_a_network_is_looked_into_once_for_as_long_as_the_replay_stands_there(
    on_doodles, monkeypatch
) -> None:
    look, looked = explore.look_inside, []
    monkeypatch.setattr(explore, "look_inside", lambda *of: looked.append(of[2]) or look(*of))
    app = open_app("train", **SMALL)
    for part in ("watch", "explore"):
        app.segmented_control(key="part").set_value(part).run()
    assert len(looked) == 1
    [table] = [each.value for each in app.markdown if "| dead |" in each.value]
    app.select_slider(key="rate").set_value(0.02).run()
    assert len(looked) == 2
    assert table not in [each.value for each in app.markdown]


def test_a_network_that_learned_nothing_has_learned_nothing_by_heart(on_doodles) -> None:
    said = text_of(open_app("train", rate="7.5", iterations="60"))
    assert "this network has learned nothing" in said
    assert "by heart" not in said


def test_overfitting_is_said_where_it_is_so(on_doodles) -> None:
    app = open_app("train", **SMALL, init="zeros")
    assert "same answer" in text_of(app)
    assert "by heart" not in text_of(app)
    assert "dead" not in share(0.001)


def test_branches_are_written_as_they_are_read() -> None:
    branch = Recipe(SETTINGS).branch(25, 0.05).branch(10, 0.001)
    assert write_branch(branch) == "25@0.05/10@0.001"
    assert read_branch(Recipe(SETTINGS), write_branch(branch)) == branch
    assert read_branch(Recipe(SETTINGS), "1@0.05/1@0.05/1@0.05/1@0.05") is None


def test_the_rates_hold_the_courses(on_doodles) -> None:
    assert {run.settings.learning_rate for run in runs().values()} <= set(RATES)
    assert list(RATES) == sorted(RATES)


def test_a_run_that_blows_up_is_told_in_words(on_doodles, monkeypatch) -> None:
    wild = replace(SETTINGS, learning_rate=1e200)
    monkeypatch.setattr("ui.knobs.choose_settings", lambda dataset, fixed=False: (wild, ""))
    app = open_app("train")
    assert not app.exception
    assert "stopped being finite" in text_of(app)
    assert shown(app).history.diverged_at is not None


def test_a_long_run_can_be_stopped_and_keeps_what_there_is(on_doodles, monkeypatch) -> None:
    monkeypatch.setattr(explore, "PATIENCE", 0.0)
    monkeypatch.setattr(explore, "FIRST_PATIENCE", 0.0)
    run = Run(data.load("doodles"), replace(SETTINGS, num_iterations=20_000))
    run.advance(0.01)
    app = open_app("train")
    recipe = Recipe(run.settings)
    app.session_state["training_run"] = (recipe, run)
    app.session_state["halt"] = True
    monkeypatch.setattr("ui.knobs.choose_settings", lambda dataset, fixed=False: (run.settings, ""))
    app.run()
    assert not app.exception
    assert shown(app).history.last == run.iteration < 20_000
    assert store.trained(recipe) is None  # half a run is nobody else's


def test_a_press_of_stop_that_came_too_late_stops_no_other_run(on_doodles) -> None:
    app = open_app("train", **SMALL)
    app.session_state["halt"] = True
    app.run()
    app.number_input(key="seed").set_value(9).run()
    assert shown(app).history.last == 60


def test_a_run_until_an_iteration_is_the_run_stopped_there() -> None:
    doodles = data.load("doodles")
    whole, half = (
        Run(doodles, replace(SETTINGS, num_iterations=n), record_every=10) for n in (60, 20)
    )
    whole.advance()
    half.advance()
    cut, stopped = whole.history().until(20), half.history()
    np.testing.assert_allclose(cut.costs, stopped.costs, rtol=1e-12)
    np.testing.assert_allclose(cut.test_costs, stopped.test_costs, rtol=1e-12)
    assert cut.correct == stopped.correct
    assert cut.last == 20
    for part in ("train", "test"):
        assert cut.answers[part].shape == stopped.answers[part].shape
        assert (cut.answers[part] > 127).sum(axis=1).tolist() == (stopped.answers[part] > 127).sum(
            axis=1
        ).tolist()
    with pytest.raises(ValueError, match="no record"):
        whole.history().until(25)
