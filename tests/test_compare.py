"""Runs side by side: sweeps that can be interrupted, and the runs that a visitor keeps."""

import csv
import io
import threading
from collections import OrderedDict
from dataclasses import replace

import numpy as np
import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import StopException
from streamlit.testing.v1 import AppTest

from ui import compare, kept, store
from ui.figures import Line, Score, compared, smooth, spread
from ui.kept import Kept
from ui.matrix import four_digits

from nncore import data
from nncore.data.dataset import Dataset
from nncore.history import History, Settings
from nncore.run import Recipe, Run
from nncore.training import fit
from tests.conftest import charts, points

# Each test has its own number of iterations: the server remembers runs, also from test to test.


@pytest.fixture(scope="module")
def doodles() -> Dataset:
    return data.load("doodles")


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """A visitor's session, without a page."""
    state: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", state)
    return state


def settings(iterations: int = 20, **changes: object) -> Settings:
    return replace(compare.COURSE, dataset="doodles", num_iterations=iterations, **changes)


def page(iterations: int) -> None:
    """The part on a page of its own, as AppTest runs it."""
    from dataclasses import replace

    import streamlit as st

    from ui import compare, kept, store

    from nncore.run import Recipe

    chosen = replace(compare.COURSE, dataset="doodles", num_iterations=iterations)
    for seed, name in st.session_state.pop("to_keep", ()):
        recipe = Recipe(replace(chosen, seed=seed))
        kept.keep(recipe, store.train(recipe), name)

    def on_show(recipe: Recipe) -> None:
        st.session_state["shown"] = recipe

    compare.show(store.dataset("doodles"), chosen, on_show)


def opened(iterations: int, sweep: str = "rates", **state: object) -> AppTest:
    app = AppTest.from_function(page, kwargs={"iterations": iterations}, default_timeout=60)
    app.query_params["sweep"] = sweep
    for key, value in state.items():
        app.session_state[key] = value
    app.run()
    assert not app.exception
    return app


def text_of(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.info, *app.error]
    return "\n".join(str(part.value) for part in parts)


# Sweeps -------------------------------------------------------------------------------------------


def test_a_sweep_changes_one_thing_and_holds_the_courses_value_once() -> None:
    base = settings(init="he")
    for sweep, field in (("rates", "learning_rate"), ("seeds", "seed"), ("depths", "layers_dims")):
        planned = compare.variants(sweep, base)
        assert sum(variant.course for variant in planned) == 1
        values = {getattr(variant.recipe.settings, field) for variant in planned}
        assert len(values) == len(planned)
        for variant in planned:
            changed = {field: getattr(variant.recipe.settings, field)}
            assert variant.recipe.settings == replace(base, **changed)
    depths = [v.recipe.settings.layers_dims for v in compare.variants("depths", base)]
    assert [len(dims) - 1 for dims in depths] == [1, 2, 3, 4, 5]
    assert depths[3] == compare.COURSE.layers_dims


@pytest.mark.parametrize("sweep", ["rates", "seeds", "depths"])
def test_a_sweep_trains_all_and_its_numbers_are_those_of_fit(sweep: str, doodles: Dataset) -> None:
    iterations = 23
    app = opened(iterations, sweep)
    planned = compare.variants(sweep, settings(iterations))
    assert not app.button(key="sweep_start").disabled
    assert app.button(key="sweep_stop").disabled
    app.button(key="sweep_start").click().run()
    assert not app.exception
    assert app.button(key="sweep_start").label == "All trained"
    assert app.button(key="sweep_start").disabled
    rows = app.session_state["sweep_rows"]
    said = text_of(app)
    assert len(points(charts(app)[0])) == len(planned)
    for variant in planned:
        s, row = variant.recipe.settings, rows[variant.recipe]
        history = fit(
            doodles.train_x,
            doodles.train_labels.astype(float),
            s.layers_dims,
            learning_rate=s.learning_rate,
            num_iterations=iterations,
            init=s.init,
            seed=s.seed,
            record_every=1,
            X_test=doodles.test_x,
            Y_test=doodles.test_labels.astype(float),
        )
        np.testing.assert_allclose(row.costs, history.costs, rtol=1e-12)
        np.testing.assert_allclose(row.test_costs, history.test_costs, rtol=1e-12)
        assert row.correct == history.correct
        assert row.best_test == history.best_test()
        assert f"| {four_digits(row.cost)} |" in said
        assert "{} of {}".format(*history.correct["test"]) in said


def test_what_is_at_hand_is_shown_at_once(doodles: Dataset, monkeypatch) -> None:
    monkeypatch.setattr(store, "MOST_RUNS", len(compare.DEPTHS))
    for variant in compare.variants("depths", settings(24)):
        store.train(variant.recipe)
    app = opened(24, "depths")
    assert app.button(key="sweep_start").label == "All trained"
    assert "Depth " in text_of(app)


def test_an_interrupted_sweep_keeps_what_there_is_and_goes_on(monkeypatch) -> None:
    app = opened(25, "seeds")
    assert (
        len(points(charts(app)[0])) == 1
    )  # the run of the page's own settings stands there at once
    train, trained = store.train_unless, []

    def stopped(known, recipe: Recipe, progress, **how) -> History | None:
        if len(trained) == 3:
            raise StopException  # what Streamlit raises in the loop when anything is pressed
        trained.append(recipe)
        return train(known, recipe, progress, **how)

    monkeypatch.setattr(store, "train_unless", stopped)
    app.button(key="sweep_start").click().run()
    assert not app.button(key="sweep_stop").disabled
    monkeypatch.setattr(
        store,
        "train_unless",
        lambda *given, **how: trained.append(given[1]) or train(*given, **how),
    )
    app.button(key="sweep_stop").click().run()
    assert app.button(key="sweep_start").label == "Train 4 more"
    assert app.button(key="sweep_stop").disabled
    assert len(points(charts(app)[0])) == 4
    assert "of the four" in text_of(app) or "All four" in text_of(app)
    app.button(key="sweep_start").click().run()
    assert app.button(key="sweep_start").label == "All trained"
    assert len(points(charts(app)[0])) == 8
    assert len(trained) == len(set(trained)) == 7  # none of them twice


def test_a_sweep_that_cannot_be_trained_says_so_in_plain_text(monkeypatch) -> None:
    def broken(known, recipe: Recipe, progress, **how) -> History:
        raise data.DataError("![x](http://evil.test/a.png) is gone.")

    app = opened(26)
    monkeypatch.setattr(store, "train_unless", broken)
    app.button(key="sweep_start").click().run()
    assert not app.exception
    assert "\\!\\[x\\]\\(http" in app.error[0].value


def test_curves_can_be_chosen_and_a_strange_address_falls_back() -> None:
    app = opened(27, "depths")
    app.button(key="sweep_start").click().run()
    app.segmented_control(key="measure").set_value("test_right").run()
    assert charts(app)[0]["panels"][0]["y"]["percent"]
    assert app.toggle(key="sweep_log").disabled
    app.segmented_control(key="measure").set_value("test_cost").run()
    app.toggle(key="sweep_log").set_value(True).run()
    assert charts(app)[0]["panels"][0]["y"]["log"]
    assert opened(27, "everything").segmented_control(key="sweep").value == "rates"


def test_results_of_a_session_are_not_without_end(monkeypatch) -> None:
    monkeypatch.setattr(compare, "MOST_ROWS", 6)
    app = opened(28, "depths")
    app.button(key="sweep_start").click().run()
    assert app.button(key="sweep_start").label == "All trained"
    assert len(app.session_state["sweep_rows"]) == 5


def test_what_one_visitor_has_trained_another_has_at_a_press(monkeypatch) -> None:
    first = opened(29, "depths")
    first.button(key="sweep_start").click().run()
    monkeypatch.setattr(store, "begin", lambda *_: pytest.fail("trained again"))
    second = opened(29, "depths")
    assert second.button(key="sweep_start").label == "Train 4 more"  # the visitor's to press
    assert len(points(charts(second)[0])) == 1
    second.button(key="sweep_start").click().run()
    assert second.button(key="sweep_start").label == "All trained"
    mine, theirs = (app.session_state["sweep_rows"] for app in (second, first))
    assert [row.costs.tolist() for row in mine.values()] == [
        theirs[recipe].costs.tolist() for recipe in mine
    ]


def test_those_who_wait_for_the_same_do_not_train_it_again(monkeypatch) -> None:
    recipe, came, trainings, at_work = Recipe(settings(2_000)), {}, [], threading.Event()
    begin = store.Run.advance

    def advance(run: Run, seconds: float) -> None:
        trainings.append(id(run))
        at_work.set()
        begin(run, seconds)

    def visit(name: str) -> None:
        progress = lambda done: None  # noqa: E731
        store.train_unless(
            lambda: came, recipe, progress, keep=lambda run: came.update({name: run})
        )

    monkeypatch.setattr(store.Run, "advance", advance)
    monkeypatch.setattr(store, "SLICE", 0.01)
    monkeypatch.setattr(store, "LONGEST_TURN", 60)  # on a slow machine the first would give way
    visitors = [threading.Thread(target=visit, args=(name,)) for name in "abc"]
    visitors[0].start()
    at_work.wait(20)
    for visitor in visitors[1:]:
        visitor.start()
    for visitor in visitors:
        visitor.join(60)
    assert list(came) == ["a"]
    assert len(set(trainings)) == 1


def test_results_of_all_are_not_without_end_and_none_of_own_pictures(monkeypatch) -> None:
    shared: OrderedDict = OrderedDict()
    monkeypatch.setattr(compare, "_of_all", lambda: shared)
    monkeypatch.setattr(compare, "MOST_ROWS_OF_ALL", 2)
    recipes = [Recipe(settings(n)) for n in (1, 2, 3)]
    for recipe in recipes:
        compare._share(recipe, row(recipe, 0.1, 1, 1))
    own = Recipe(replace(settings(4), dataset="own-0123456789ab"))
    compare._share(own, row(own, 0.1, 1, 1))
    assert list(shared) == [store.identity(recipe) for recipe in recipes[1:]]


# Sentences ----------------------------------------------------------------------------------------


def row(recipe: Recipe, cost: float, train: int, test: int, **more: object) -> Kept:
    costs = np.array(more.pop("costs", [0.7, cost]))
    empty = np.empty(0)
    values = {"best_test": None, "diverged_at": None, "test_cost": None, "engine": "gram", **more}
    return Kept(
        id="",
        name="",
        recipe=recipe,
        iterations=np.arange(len(costs)),
        costs=costs,
        test_costs=empty,
        train_accuracy=empty,
        test_accuracy=empty,
        correct={"train": (train, 209), "test": (test, 50)},
        cost=cost,
        **values,
    )


def sweep_of(sweep: str, rights: list[int], costs: list[float] | None = None) -> list[compare.Row]:
    planned = compare.variants(sweep, settings())
    costs = costs or [0.1] * len(rights)
    return [
        (variant, row(variant.recipe, cost, 200, right))
        for variant, right, cost in zip(planned, rights, costs, strict=False)
    ]


def test_the_sentence_on_seeds_says_where_the_courses_seed_stands() -> None:
    cats = (33, 50)
    said = compare.seeds_sentence(sweep_of("seeds", [40, 38, 39, 38, 37, 34, 38, 36]), cats)
    assert "Seed 1, the course's, is the best of the eight: 80.0%" in said
    assert "the middle is 76.0%, the worst 68.0%" in said
    assert "Always answering “cat” is right on 33 of 50 (66.0%)." in said
    said = compare.seeds_sentence(sweep_of("seeds", [37, 38, 39, 39]), cats)
    assert "right on 74.0%, in place 4 of the four; the best is 3 and 4 with 78.0%" in said
    said = compare.seeds_sentence(sweep_of("seeds", [39, 38, 39]), cats)
    assert "among the best of the three (1 and 3): 78.0%" in said
    said = compare.seeds_sentence(sweep_of("seeds", [39, 38, 36])[1:], cats)
    assert "The best of the two so far is 2: 76.0%" in said
    assert "All three seeds are right equally often: 66.0%." in compare.seeds_sentence(
        sweep_of("seeds", [33, 33, 33]), cats
    )


def test_the_sentence_on_rates_tells_each_fate(doodles: Dataset) -> None:
    cats = {part: doodles.count_cats(part)[0] for part in ("train", "test")}
    rates = {variant.value: variant for variant in compare.variants("rates", settings())}
    rows = [
        (rates["0.0005"], row(rates["0.0005"].recipe, 0.64, 164, 24)),
        (rates["0.0075"], row(rates["0.0075"].recipe, 0.088, 206, 40)),
        (
            rates["0.02"],
            row(rates["0.02"].recipe, 0.03, 208, 39, costs=[0.7, 0.2, 0.65, 0.03]),
        ),
        (rates["0.05"], row(rates["0.05"].recipe, 0.644, cats["train"], cats["test"])),
        (rates["0.3"], row(rates["0.3"].recipe, 2.0, 100, 20, diverged_at=12)),
    ]
    said = compare.rates_sentence(rows, doodles)
    assert "0.02 ends lowest, at 0.03000." in said
    assert "Most test pictures are right with 0.0075: 40 of 50." in said
    assert "Too small: 0.0005; after all iterations the cost still stands at 0.6400." in said
    assert "Too large: 0.05; in the end every picture gets the same answer." in said
    assert "With 0.02 some steps are too long: the cost climbs again, by up to 0.45." in said
    assert "With 0.3 there is no number from iteration 12 on." in said
    assert "no number from iteration 12 on" in compare.table("rates", rows)
    dead = [rows[3]]
    assert compare.rates_sentence(dead, doodles) == (
        "With 0.05, in the end every picture gets the same answer."
    )


def test_the_sentence_on_depths_parts_learning_from_understanding() -> None:
    rows = sweep_of("depths", [33, 37, 39, 40, 41], [0.08, 0.02, 0.004, 0.09, 0.14])
    said = compare.depths_sentence(rows, (33, 50))
    assert "Depth 3 ends with the lowest cost on the training pictures, 0.004000." in said
    assert "Most test pictures are right with depth 5: 41 of 50." in said
    assert "not yet understanding" in said
    assert "Logistic regression, depth 1, gets 33 of 50." in said
    assert "1 (logistic regression)" in compare.table("depths", rows)
    assert "**4 (20, 7, 5)**, the course's" in compare.table("depths", rows)


# Kept runs ----------------------------------------------------------------------------------------


def trained(recipe: Recipe, doodles: Dataset) -> History:
    start = None
    if recipe.parent is not None:
        start = trained(recipe.parent, doodles).parameters_at(recipe.at)
    run = Run(doodles, recipe.settings, start=start)
    run.advance()
    return run.history()


def test_a_run_is_kept_once_under_a_name_that_says_what_is_special(session, doodles) -> None:
    plain = Recipe(settings(20))
    history = trained(plain, doodles)
    first = kept.keep(plain, history)
    assert kept.keep(Recipe(settings(20)), history) is first
    assert first.name == "rate 0.0075, seed 1, 20 iterations"
    full_length = compare.COURSE
    assert kept.default_name(Recipe(full_length)) == "rate 0.0075, seed 1"
    other = Recipe(replace(full_length, seed=3, init="he", layers_dims=(12288, 1)))
    assert kept.default_name(other) == "rate 0.0075, seed 3, no hidden layer, start “he”"
    branch = Recipe(full_length).branch(1200, 0.02)
    assert kept.default_name(branch) == "from 1,200 at rate 0.02"
    assert kept.default_name(branch.branch(300, 0.01)) == "from 1,500 at rate 0.01"
    names = {
        kept.keep(Recipe(settings(20, learning_rate=rate)).branch(10, 0.02), history).name
        for rate in (0.01, 0.03, 0.05)
    }
    assert len(names) == 3  # the same words for three runs: told apart all the same


def test_the_list_is_full_at_twelve(session, doodles) -> None:
    history = trained(Recipe(settings(3)), doodles)
    for seed in range(kept.MOST):
        assert not kept.full()
        kept.keep(Recipe(settings(3, seed=seed)), history)
    with pytest.raises(ValueError, match="12 runs are kept, and more cannot be: delete one"):
        kept.keep(Recipe(settings(3, seed=99)), history)
    kept.keep(Recipe(settings(3, seed=0)), history)  # is there already
    kept.delete(kept.kept()[0].id)
    kept.delete("gone long ago")
    assert kept.keep(Recipe(settings(3, seed=99)), history).id not in {
        run.id for run in kept.kept()[:-1]
    }


def test_renaming(session, doodles) -> None:
    run = kept.keep(Recipe(settings(4)), trained(Recipe(settings(4)), doodles))
    assert kept.rename(run.id, "  my\n\x00 best \u202e one ") == "my best one"
    assert kept.find(run.recipe).name == "my best one"
    assert len(kept.rename(run.id, "x" * 500)) == kept.LONGEST_NAME
    assert kept.rename(run.id, " ") == run.name  # its default name again
    assert kept.rename("gone", "name") == "name"


def test_curves_are_small_and_lose_no_spike(doodles) -> None:
    recipe = Recipe(settings(700, learning_rate=0.02))
    history = trained(recipe, doodles)
    run = kept.measured(recipe, history, "run")
    assert len(run.iterations) <= kept.MOST_POINTS
    assert {0, 700, history.best_test()} <= set(run.iterations.tolist())
    costs = history.costs.copy()
    costs[[333, 555]] = 5.0, 0.001
    spiked = kept.measured(recipe, replace(history, costs=costs), "spiked")
    assert {333, 555} <= set(spiked.iterations.tolist())
    assert spiked.swing() > 4
    np.testing.assert_array_equal(run.costs, history.costs[run.iterations])
    np.testing.assert_array_equal(run.test_accuracy, history.test_accuracy[run.iterations])
    assert run.lowest_test() == history.test_costs.min()
    swings = history.costs - np.minimum.accumulate(history.costs)
    assert run.swing() == pytest.approx(swings.max(), rel=0.2)
    bytes_kept = sum(a.nbytes for a in vars(run).values() if isinstance(a, np.ndarray))
    assert bytes_kept < 20_000


def test_the_chart_of_training_takes_kept_runs(session, doodles) -> None:
    branch = Recipe(settings(30)).branch(10, 0.02)
    run = kept.keep(branch, trained(branch, doodles))
    curves = kept.curves(run)
    assert (curves.label, curves.offset) == (run.name, 10)
    np.testing.assert_array_equal(curves.test_costs, run.test_costs)
    textbook = Run(doodles, settings(2), engine="textbook")
    textbook.advance()
    without = kept.curves(kept.measured(Recipe(settings(2)), textbook.history(), "textbook"))
    assert without.test_costs is None


def test_the_csv_holds_every_number_in_full(session, doodles) -> None:
    parent = Recipe(settings(30))
    branch = parent.branch(10, 0.02)
    kept.keep(parent, trained(parent, doodles), 'a, "quoted" name')
    kept.keep(branch, trained(branch, doodles))
    rows = list(csv.DictReader(io.StringIO(kept.as_csv(kept.kept()))))
    assert tuple(rows[0]) == kept.COLUMNS
    for read, run in zip(rows, kept.kept(), strict=True):
        assert read["name"] == run.name
        assert float(read["final cost"]) == run.cost
        assert float(read["final test cost"]) == run.test_cost
        assert float(read["learning rate"]) == run.recipe.settings.learning_rate
        assert (int(read["train right"]), int(read["train total"])) == run.correct["train"]
        assert (int(read["test right"]), int(read["test total"])) == run.correct["test"]
        assert int(read["best test iteration"]) == run.best_test + run.offset
        assert read["layers"] == "12288 20 7 5 1"
        assert read["data"] == "doodles"
        assert (read["init"], read["seed"]) == ("scaled", "1")
        assert read["diverged at"] == ""
    assert (rows[0]["branched at"], rows[0]["branched from"]) == ("", "")
    assert (rows[1]["branched at"], rows[1]["iterations"]) == ("10", "20")
    assert rows[1]["branched from"] == 'a, "quoted" name'


def test_kept_runs_on_the_page() -> None:
    evil = "![x](http://evil.test/a.png) <b>%{x}</b>"
    app = opened(31, to_keep=[(1, None), (2, evil)])
    names = [name for name in app.text_input if name.key.startswith("kept_name")]
    assert [name.value for name in names] == ["rate 0.0075, seed 1, 31 iterations", evil]
    assert "http://evil" not in text_of(app).replace("\\", "")
    lines = [mark for panel in (0, 1) for mark in points(charts(app)[-1], panel)]
    assert len(lines) == 4  # training and test cost of each
    assert f"2: {evil}" in {mark["name"] for mark in lines}  # which the browser writes as it stands
    names[1].set_value("*mine*").run()
    assert [run.name for run in app.session_state["kept_runs"]][1] == "*mine*"
    run = app.session_state["kept_runs"][1]
    app.button(key=f"kept_show_{run.id}").click().run()
    assert app.session_state["shown"] == run.recipe
    app.text_input(key=f"kept_name_{run.id}").set_value("  ").run()
    assert app.text_input(key=f"kept_name_{run.id}").value == "rate 0.0075, seed 2, 31 iterations"
    app.button(key=f"kept_delete_{run.id}").click().run()
    assert not app.exception
    assert len(app.session_state["kept_runs"]) == 1
    app.button(key=f"kept_delete_{app.session_state['kept_runs'][0].id}").click().run()
    assert "None yet" in app.info[0].value


def test_a_branch_names_its_parent_in_plain_text(session, doodles) -> None:
    parent = Recipe(settings(30))
    branch = kept.keep(parent.branch(10, 0.02), trained(parent, doodles))
    assert "leaves “rate 0\\.0075" in compare.describe(branch).replace("0.", "0\\.")
    kept.keep(parent, trained(parent, doodles), "[a](http://b)")
    said = compare.describe(branch).replace("\u2060", "")
    assert "leaves “\\[a\\]\\(http\\://b\\)” at 10" in said


# Figures ------------------------------------------------------------------------------------------


def line(label: str, y: list[float], **more: bool) -> Line:
    return Line(label, label, np.arange(len(y)), np.array(y), **more)


def test_every_line_can_be_told_without_colour() -> None:
    lines = [line(str(n), [0.7, 0.1]) for n in range(7)]
    lines.append(line("9", [0.7, 0.1], strong=True, broken=True))
    marks = compared([("cost", lines)]).panels[0].marks
    assert len({(mark.dash, mark.width) for mark in marks}) == 8
    assert {mark.end for mark in marks} == {*map(str, range(7)), "9 ✗"}
    assert {mark.ink for mark in marks} == {"text", "data"}


def test_short_spikes_do_not_flatten_the_rest() -> None:
    y = [0.7, *[0.5] * 100, 9.0, *[0.2] * 100]
    (panel,) = compared([("cost", [line("1", y)])]).panels
    assert panel.y.ends[1] < 1
    assert "cut off" in panel.y.title


def test_smoothing_keeps_the_ends_and_takes_the_spikes() -> None:
    stream = np.random.RandomState(0)
    y = np.linspace(1, 0, 300) ** 2
    spiked = y.copy()
    spiked[stream.choice(np.arange(20, 280), 25, replace=False)] += 3
    calm = smooth(spiked)
    assert calm[0] == pytest.approx(y[0])
    assert calm[-1] == pytest.approx(y[-1])
    assert np.abs(calm - y).max() < 0.1
    np.testing.assert_array_equal(smooth(y[:20]), y[:20])


def test_dots_do_not_cover_each_other() -> None:
    scores = [Score(str(n), right, 50) for n, right in enumerate((40, 38, 39, 38, 37, 34, 38, 36))]
    baseline, *dots = spread(scores, ("always “cat”", 33, 50)).panels[0].marks
    assert len({(*dot.x, *dot.y) for dot in dots}) == len(scores)
    assert (baseline.name, baseline.legend) == ("always “cat” 66.0%", True)


def test_the_courses_seed_is_the_luckiest_on_the_photos(photo_set: Dataset) -> None:
    planned = compare.variants("seeds", compare.COURSE)
    rows = []
    for variant in planned:
        run = Run(photo_set, variant.recipe.settings, products=store.products(photo_set))
        run.advance()
        rows.append((variant, kept.measured(variant.recipe, run.history(), variant.label)))
    said = compare.seeds_sentence(rows, photo_set.count_cats("test"))
    assert "is the best of the eight: 80.0%; the middle is 76.0%, the worst 68.0%." in said
