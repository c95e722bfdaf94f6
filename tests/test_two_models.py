"""Two networks side by side, as a reader sees them."""

import re
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ui import kept, two_models
from ui.two_models import table, verdict

from nncore import data, pretrained
from nncore.agreement import Agreement, compare_networks
from nncore.cases import runs
from nncore.run import Recipe, Run
from tests.test_units import text_of

SETTINGS = replace(
    runs()["four_layer"].settings,
    dataset="doodles",
    layers_dims=(12288, 4, 3, 1),
    num_iterations=37,
)


def page() -> None:
    from ui import store
    from ui.two_models import show_two

    network = store.session_network() or store.network("doodles")
    show_two(network, store.dataset("doodles"))


def opened(state: dict[str, object] | None = None, **query: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=60)
    for name, value in (state or {}).items():
        app.session_state[name] = value
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


@pytest.fixture(scope="module")
def small() -> tuple[Recipe, object]:
    recipe = Recipe(SETTINGS)
    run = Run(data.load("doodles"), SETTINGS)
    run.advance()
    return recipe, run.history()


def counts(app: AppTest) -> list[list[int]]:
    """Read both tables back: how often both, only A, only B, none."""
    found = []
    for part in app.markdown:
        if "**A right**" in part.value:
            rows = [
                [int(n) for n in re.findall(r"\| (\d+)", line)]
                for line in part.value.splitlines()[2:4]
            ]
            found.append([*rows[0][:2], *rows[1][:2]])
    return found


def test_the_doodles_have_two_networks_at_once_and_the_tables_are_theirs() -> None:
    app = opened()
    a, b = (app.selectbox(key=key) for key in ("two_a", "two_b"))
    assert (a.value, b.value) == ("doodles", "two_layer_here")
    doodles = data.load("doodles")
    settings = replace(runs()["two_layer"].settings, dataset="doodles")
    run = Run(doodles, settings)
    run.advance()
    second = run.history().parameters
    first = pretrained.load("doodles").parameters
    parts = (
        (doodles.test_x, doodles.test_labels),
        (doodles.train_x, doodles.train_labels),
    )
    expected = [compare_networks(X, Y, first, second) for X, Y in parts]
    assert counts(app) == [list(agreement.counts) for agreement in expected]
    assert verdict(expected[0]) in text_of(app)
    _both, only_a, only_b, _neither = expected[0].counts
    assert f"Only A is right: {only_a}" in text_of(app)
    assert f"Only B is right: {only_b}" in text_of(app)
    galleries = "".join(part.proto.body for part in app.get("html"))
    assert galleries.count("<figure>") == only_a + only_b > 0
    app.segmented_control(key="two_part").set_value("train").run()
    assert not app.exception
    assert f"Only B is right: {expected[1].counts[2]}" in text_of(app)


def test_networks_for_photos_come_only_when_asked_for() -> None:
    app = opened()
    names = " ".join(app.selectbox(key="two_a").options)
    assert "for photos" not in names
    app.toggle(key="two_others").set_value(True).run()
    assert not app.exception
    assert "for photos" in " ".join(app.selectbox(key="two_a").options)
    app.selectbox(key="two_b").set_value("two_layer").run()
    assert not app.exception
    assert "cannot tell" in text_of(app) or "probably the better" in text_of(app)


def test_a_link_names_both_and_the_pictures() -> None:
    app = opened(two_a="two_layer_here", two_b="four_layer", two_others="true", two_part="train")
    assert [app.selectbox(key=key).value for key in ("two_a", "two_b")] == [
        "two_layer_here",
        "four_layer",
    ]
    assert app.segmented_control(key="two_part").value == "train"
    assert opened(two_a="run9").selectbox(key="two_a").value == "doodles"


def test_nobody_is_held_against_itself() -> None:
    app = opened()
    app.selectbox(key="two_a").set_value("two_layer_here").run()
    assert not app.exception
    assert app.selectbox(key="two_b").value == "doodles"  # they change places
    app.toggle(key="two_others").set_value(True).run()
    app.selectbox(key="two_b").set_value("four_layer").run()
    app.selectbox(key="two_a").set_value("four_layer").run()
    assert app.selectbox(key="two_b").value == "two_layer_here"
    assert len(app.selectbox(key="two_b").options) == len(app.selectbox(key="two_a").options) - 1


def test_who_changes_a_and_changes_it_back_has_the_pair_of_before(small) -> None:
    app = opened({"network_in_use": small[1]})
    before = [app.selectbox(key=key).value for key in ("two_a", "two_b")]
    assert before[0] == "session"
    for id in ("two_layer_here", "session"):
        app.selectbox(key="two_a").set_value(id).run()
        assert app.selectbox(key="two_b").value == before[1]


def test_who_chose_nothing_goes_with_the_network_of_the_page() -> None:
    app = opened(two_others="true")
    assert app.selectbox(key="two_a").value == "doodles"
    app.session_state["network_in_use"] = pretrained.load("two_layer")
    app.run()
    assert app.selectbox(key="two_a").value == "session"
    app.selectbox(key="two_a").set_value("four_layer").run()
    app.session_state["network_in_use"] = pretrained.load("doodles")
    app.run()
    assert app.selectbox(key="two_a").value == "four_layer"  # that was chosen


def test_a_kept_run_is_trained_again_and_equals_the_sessions_own(small, monkeypatch) -> None:
    recipe, history = small
    run = kept.measured(recipe, history, "![x](http://evil.test/)", "run1")
    app = opened({"network_in_use": history, "kept_runs": [run]}, two_b="run1")
    assert app.selectbox(key="two_a").value == "session"
    assert app.selectbox(key="two_b").value == "run1"
    both, only_a, only_b, neither = counts(app)[0]
    assert (only_a, only_b) == (0, 0)
    assert both + neither == 50
    assert "very same test pictures right" in text_of(app)
    assert "evil.test" not in text_of(app)


def test_a_run_that_was_stopped_is_taken_where_it_was_kept(small, monkeypatch) -> None:
    recipe, history = small
    run = kept.measured(recipe, history.until(11), "early", "run1")
    monkeypatch.setattr(two_models, "_train", lambda recipe: history)
    again = two_models._again(run)
    assert again.last == 11
    np.testing.assert_array_equal(again.parameters["W1"], history.parameters_at(11)["W1"])


def test_a_network_of_another_size_is_not_offered(small) -> None:
    recipe, history = small
    other = replace(recipe, settings=replace(SETTINGS, layers_dims=(12, 1)))
    runs_kept = [kept.measured(other, history, "tiny", "run1")]
    app = opened({"kept_runs": runs_kept, "two_others": True})
    assert "tiny" not in " ".join(app.selectbox(key="two_a").options)


def agreement(both: int, first: int, second: int, neither: int) -> Agreement:
    right = np.array([(1, 1)] * both + [(1, 0)] * first + [(0, 1)] * second + [(0, 0)] * neither)
    return Agreement(right[:, 0] * 0.8, right[:, 1] * 0.8, np.ones(len(right), dtype=np.int64))


def test_the_verdict_says_no_more_than_the_pictures_do() -> None:
    assert "cannot tell" in verdict(agreement(40, 0, 0, 10))
    assert "cannot tell which" in verdict(agreement(34, 6, 2, 8))
    assert "So few" not in verdict(agreement(34, 6, 2, 8))
    assert "So few could not" in verdict(agreement(34, 5, 0, 8))
    assert "so A is probably" in verdict(agreement(30, 12, 2, 6))
    assert "so B is probably" in verdict(agreement(30, 2, 12, 6))
    assert "| **A wrong** | 2 | 8 | 10 (20%) |" in table(agreement(34, 6, 2, 8))
