"""Explore: every change of a knob retrains at once; the run can be replayed, rewound and branched."""

import time
import weakref
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from ui import images, kept, store, view
from ui.address import by_history, choice, name_ahead
from ui.components.run_chart import Curves, Tiles, replay
from ui.frame import TEXT_WIDTH
from ui.knobs import INITS, RATES, choose_rate
from ui.matrix import scientific
from ui.silent import why_one_answer
from ui.text import _, plain
from ui.units import show_weights

from nncore import data
from nncore.cases import RUN_TOLERANCE, check_run, documented_run, runs
from nncore.data.dataset import Dataset
from nncore.history import History, Settings
from nncore.layers import Layer, look_inside
from nncore.run import Recipe
from nncore.types import Parameters

# Seconds after which waiting is shown. A first visit waits longer: what changes on its page puts off
# those widgets whose code the browser is still loading.
PATIENCE, FIRST_PATIENCE = 1.0, 2.0
SLOW = 2.0  # seconds of training after which it is said when it begins
MOST_FRAMES = 3000  # of the tiles: the documented runs, every iteration of them
MOST_BRANCHES, DEEPEST = 6, 3
WHOLE = "whole"


@dataclass(frozen=True, eq=False)
class Moment:
    """Where the replay stands."""

    recipe: Recipe
    history: History
    iteration: int


def explore(dataset: Dataset, settings: Settings) -> Moment | None:
    """Train what the knobs say, and show it; return where the reader has stopped the replay."""
    root = Recipe(settings)
    branches = _branches(root)
    names = {WHOLE: _("the whole run")} | {str(i): _name(b) for i, b in enumerate(branches)}
    chosen = WHOLE
    # What comes and goes has a place of its own, so that the replay below keeps its, and its state.
    place, actions, bar = st.container(), st.container(key="controls_branching"), _Waiting()
    if branches:
        with place:
            chosen = choice(
                st.segmented_control, _("Run"), names, key="run", default=WHOLE, required=True
            )
    recipe = root if chosen == WHOLE else branches[int(chosen)]
    try:
        history = _history(recipe, bar)
        before = _remember(recipe, history, dataset)
        relatives = [root, *branches] if branches else [before]
        ghosts = [
            replace(_ghost(other, bar), label=_label(other, root))
            for other in relatives
            if other not in (None, recipe) and other.settings.dataset == settings.dataset
        ]
    except (data.DataError, ValueError) as error:
        st.error(plain(str(error)))
        return None
    bar.leave()
    moment = _replay(recipe, history, ghosts, _place_asked(recipe))
    st.session_state["stopped_at"] = (recipe, moment.iteration)
    with actions:
        _branching(moment)
    return moment


# What is trained, and what is kept in the session -------------------------------------------------


def _history(recipe: Recipe, bar: "_Waiting") -> History:
    """Return the run of a recipe: shown already, known, stopped by the reader, or trained now."""
    halted = st.session_state.pop("halt", False)  # a press that came too late means no other run
    shown = st.session_state.get("explored")
    if shown and shown.recipe == recipe:
        return shown.history
    history = store.trained(recipe)
    if history is not None:
        return history
    left = st.session_state.get("training_run")
    run = left[1] if left and left[0] == recipe else store.begin(recipe, bar.show)
    st.session_state["training_run"] = (recipe, run)
    history = store.halt(run) if halted else store.train(recipe, bar.show, run)
    st.session_state.pop("training_run", None)
    st.session_state["training_took"] = run.seconds
    return history


@dataclass(frozen=True, eq=False)
class _Explored:
    """The run on the screen, which one stood there before, its tiles, why all its answers are alike."""

    recipe: Recipe
    history: History
    before: Recipe | None
    tiles: Tiles
    alike: str  # "" where they are not


def _remember(recipe: Recipe, history: History, dataset: Dataset) -> Recipe | None:
    """Take down what is shown now; return what was shown before it."""
    shown: _Explored | None = st.session_state.get("explored")
    if shown is not None and shown.recipe == recipe:
        return shown.before
    if not st.session_state.get("network_chosen"):  # by the reader, who then means that one
        store.use(history, recipe)
    before = None if shown is None else shown.recipe
    alike = why_one_answer(history, dataset.train_x) if store.one_answer(history) else ""
    tiles = _tiles(history, dataset)
    st.session_state["explored"] = _Explored(recipe, history, before, tiles, alike)
    curves = st.session_state.setdefault("curves", {})  # of the last few: a line needs no network
    curves.pop(recipe, None)  # so that it is the latest
    curves[recipe] = _curves(history, recipe, "")
    for old in list(curves)[: -2 * MOST_BRANCHES]:
        del curves[old]
    return before


def show_recipe(recipe: Recipe) -> None:
    """Turn the knobs to a kept run and show it. For the callback of a button."""
    settings = recipe.root.settings
    if not store.at_hand(settings.dataset):
        st.toast(_("The pictures of this run are not here any more, so it cannot be shown."))
        return
    hidden = settings.layers_dims[1:-1]
    documented = {run.settings.layers_dims[1:-1]: name for name, run in runs().items()}
    model = documented.get(hidden, "own")
    base = runs()["two_layer" if model == "two_layer" else "four_layer"].settings
    st.session_state.update(
        part="explore",
        data=settings.dataset,
        model=model,
        hidden=", ".join(map(str, hidden)),
        rate=settings.learning_rate,
        init="course" if settings.init == base.init else settings.init,
        iterations=settings.num_iterations,
        seed=settings.seed,
        run=WHOLE,
    )
    if recipe.parent is not None:
        _show_branch(recipe)


def _ghost(recipe: Recipe, bar: "_Waiting") -> Curves:
    known = st.session_state["curves"].get(recipe)
    if known is None:  # a branch that the address names
        known = _curves(store.train(recipe, bar.show), recipe, "")
        st.session_state["curves"][recipe] = known
    return known


def _label(recipe: Recipe, root: Recipe) -> str:
    if recipe == root:
        return _("the whole run")
    return _("the run before") if recipe.parent is None else _name(recipe)


class _Waiting:
    """A bar and a way out, shown once the wait has become one; after a long one, what to expect."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._patience = FIRST_PATIENCE if st.session_state.get("passes") == 1 else PATIENCE
        self._place = st.empty()
        self._bar = None

    def show(self, done: float) -> None:
        if self._bar is None:
            if time.perf_counter() - self._began < self._patience:
                store.listen(done)
                return
            with self._place.container(horizontal=True, vertical_alignment="center"):
                self._bar = st.progress(done)
                st.button(_("Stop here"), key="halt_button", on_click=_halt, icon=":material/stop:")
        self._bar.progress(min(done, 1.0), text=store.training_text(done))

    def leave(self) -> None:
        self._place.empty()
        took = st.session_state.get("training_took", 0.0)
        if took > SLOW:
            self._place.caption(
                _(
                    "Training took {n:.0f} s. It starts again when you let go of a slider, not while "
                    "you drag it."
                ).format(n=took)
            )


def _halt() -> None:
    st.session_state["halt"] = True


def _curves(history: History, recipe: Recipe, label: str) -> Curves:
    return Curves(
        label,
        history.iterations,
        history.costs,
        history.test_costs,
        history.train_accuracy,
        history.test_accuracy,
        offset=recipe.offset,
    )


# Branches: the session keeps them, the address names them ------------------------------------------


def _branches(root: Recipe) -> list[Recipe]:
    """Return the branches of a run, in the order in which they were made."""
    mine = _branches_of(root)
    if not mine and "branch" in st.query_params and not st.session_state.get("branches_read"):
        texts = st.query_params.get_all("branch")[:MOST_BRANCHES]
        mine = [branch for text in texts if (branch := read_branch(root, text)) is not None]
        st.session_state["branches"] += mine
    st.session_state["branches_read"] = True
    said = [write_branch(branch) for branch in mine]
    if said != st.query_params.get_all("branch"):
        if said:
            st.query_params["branch"] = said
        else:
            st.query_params.pop("branch", None)
    return mine


def _branches_of(root: Recipe) -> list[Recipe]:
    everyone: list[Recipe] = st.session_state.setdefault("branches", [])
    return [branch for branch in everyone if branch.root == root]


def _show_branch(branch: Recipe) -> None:
    """Add a branch to those of its run, if it is new, and choose it; if need be, the oldest goes."""
    mine = _branches_of(branch.root)
    if branch not in mine:
        if len(mine) >= MOST_BRANCHES:
            st.session_state["branches"].remove(mine[0])
        st.session_state["branches"].append(branch)
    st.session_state["run"] = str(_branches_of(branch.root).index(branch))
    name_ahead("run", _name(branch))


def write_branch(recipe: Recipe) -> str:
    """Write a branch for the address: after which update it left, and its rate, parents first.

    As 1200@0.02, and a branch of that branch as 1200@0.02/300@0.001.
    """
    if recipe.parent is None:
        return ""
    step = f"{recipe.at}@{recipe.settings.learning_rate:g}"
    before = write_branch(recipe.parent)
    return f"{before}/{step}" if before else step


def read_branch(root: Recipe, text: str) -> Recipe | None:
    """Read what `write_branch` wrote; None where it means nothing here."""
    recipe = root
    steps = text.split("/")
    if len(steps) > DEEPEST:
        return None
    for step in steps:
        at, _at, rate = step.partition("@")
        if not (at.isascii() and at.isdigit() and len(at) < 8):
            return None
        if int(at) >= recipe.settings.num_iterations or rate not in map("{:g}".format, RATES):
            return None
        recipe = recipe.branch(int(at), float(rate))
    return recipe


def _name(branch: Recipe) -> str:
    """Name a branch by where it left and how it went on, its parents first."""
    if branch.parent is None:
        return ""
    step = _("from {at}, rate {rate:g}").format(
        at=f"{branch.offset:,}", rate=branch.settings.learning_rate
    )
    before = _name(branch.parent)
    return f"{before} → {step}" if before else step


def _place_asked(recipe: Recipe) -> int | None:
    """Return where the reader comes back to the replay, or a link with at=746 begins.

    That is asked of this run alone: in another the reader stays where they are by then. An entry of the
    browser's history that names no place was left at the end.
    """
    state, now = st.session_state, st.session_state["passes"]
    came_back = state.get("explored_in_pass") != now - 1
    state["explored_in_pass"] = now
    if came_back:
        before, place = state.get("stopped_at", (None, None))
        asked = st.query_params.get("at", "")
        if asked.isascii() and asked.isdigit() and len(asked) < 8:
            state["replay_at"] = recipe, max(0, int(asked) - recipe.offset)
        elif before == recipe and not by_history():
            state["replay_at"] = recipe, place
    of, place = state.get("replay_at", (None, None))
    if of != recipe:
        state.pop("replay_at", None)
        return None
    return place


def say_place(moment: Moment | None) -> None:
    """Let the address say where the replay stands, unless at its end; None: there is none."""
    if moment is None or moment.iteration == moment.history.last:
        st.query_params.pop("at", None)
    elif st.query_params.get("at") != (at := str(moment.recipe.offset + moment.iteration)):
        st.query_params["at"] = at


# The replay, and the network at which it stands ----------------------------------------------------


def _replay(recipe: Recipe, history: History, ghosts: list[Curves], begin: int | None) -> Moment:
    settings = recipe.settings
    documented = documented_run(settings) if recipe.parent is None else None
    st.caption(
        _("{sizes} on the {data}, {who}").format(
            sizes=store.sizes_text(settings),
            data=plain(store.data_name(settings.dataset)),
            who=_("learning rate {rate:g}").format(rate=settings.learning_rate)
            if recipe.parent is None
            else _name(recipe),
        )
    )
    view.instead_of_settings(
        _("First weights: {init}, seed {seed}.").format(
            init=INITS[recipe.root.settings.init], seed=recipe.root.settings.seed
        )
    )
    at = replay(
        key="replay",
        run=_curves(history, recipe, _("this run")),
        num_iterations=recipe.offset + settings.num_iterations,
        documented=documented.costs if documented else None,
        ghosts=ghosts,
        best=history.best_test(),
        tiles=st.session_state["explored"].tiles,
        at=_within(begin, history),
        status=_status(history, recipe),
    )
    _say(history, recipe)
    return Moment(recipe, history, history.last if at is None else at)


def _status(history: History, recipe: Recipe) -> str:
    if history.last < recipe.settings.num_iterations and history.diverged_at is None:
        return _("stopped at iteration {n}").format(n=f"{recipe.offset + history.last:,}")
    return ""


def _tiles(history: History, dataset: Dataset) -> Tiles:
    every = max(1, -(-len(history.iterations) // MOST_FRAMES))
    last = len(history.iterations) - 1
    places = np.unique([*range(0, last, every), last])
    pictures = (dataset.train_images, dataset.test_images)
    sprite = store.made("sheet", dataset, lambda: images.contact_sheet(np.concatenate(pictures)))
    return Tiles(
        sprite=sprite,
        size=images.THUMBNAIL,
        across=images.ACROSS,
        labels=np.concatenate([dataset.train_labels[0], dataset.test_labels[0]]),
        train=dataset.train_labels.shape[1],
        iterations=history.iterations[places],
        probabilities=np.hstack([history.answers[part][places] for part in ("train", "test")]),
        classes=dataset.classes,
    )


def _within(iteration: int | None, history: History) -> int | None:
    return iteration if iteration is not None and iteration < history.last else None


def _say(history: History, recipe: Recipe) -> None:
    """Say what is to be seen in this run, from its numbers."""
    said = []
    if history.diverged_at is not None:
        said.append(
            _(
                "At iteration {i} the numbers stopped being finite: the steps are too large. The "
                "network from before that is kept. Try a smaller learning rate than {rate:g}."
            ).format(
                i=f"{recipe.offset + history.diverged_at:,}", rate=recipe.settings.learning_rate
            )
        )
    steps, rises = len(history.costs) - 1, history.rises()
    alike = st.session_state["explored"].alike
    if alike:
        said.append(alike)
        said.append(_("The units and gradients at the end of the replay show it."))
    elif steps and rises == 0:
        said.append(_("The cost falls at every step."))
    elif steps:
        said.append(
            _("In {rises} of the {steps} steps the cost rose: there the step overshot.").format(
                rises=f"{rises:,}", steps=f"{steps:,}"
            )
        )
    best = history.best_test()
    if not alike and best is not None and _overfits(history, best):
        said.append(
            _(
                "The test cost is least after iteration {best}, {low:.3g}, and {end:.3g} at the end, "
                "while the training cost still falls: from there on the network learns its training "
                "pictures by heart."
            ).format(
                best=f"{recipe.offset + best:,}",
                low=float(history.test_costs.min()),
                end=float(history.test_costs[-1]),
            )
        )
    documented = documented_run(recipe.settings) if recipe.parent is None else None
    if documented and history.last >= 1500:
        said.append(_early_stopping(history))
        result = check_run(documented, history)
        said.append(
            _(
                "The {n} costs that the notebook prints come out again; the largest difference is "
                "{d}, where up to {t} counts as equal."
            ).format(
                n=result.compared, d=scientific(result.difference), t=scientific(RUN_TOLERANCE)
            )
            if result.agrees
            else _("The costs differ from the notebook's, by up to {d}.").format(
                d=scientific(result.difference)
            )
        )
    if said:
        st.markdown(_("**What to notice.** ") + " ".join(said), width=TEXT_WIDTH)


def _overfits(history: History, best: int) -> bool:
    """Say whether the test cost has clearly risen since its best, and the training cost has fallen."""
    place = int(np.searchsorted(history.iterations, best))
    return bool(
        history.test_costs[-1] > 1.05 * history.test_costs[place]
        and history.costs[-1] < 0.9 * history.costs[place]
    )


def _early_stopping(history: History) -> str:
    """Hold what notebook 1 says of stopping after 1,500 iterations against this run."""
    _right, total = history.correct["test"]
    early, end = (
        round(float(history.test_accuracy[np.searchsorted(history.iterations, i)]) * total)
        for i in (1500, history.last)
    )
    if early == end + 1:
        verdict = _("so it is, if only by one picture, which may be luck")
    elif early > end:
        verdict = _("so it is")
    else:
        verdict = _("no difference") if early == end else _("not for this network")
    return _(
        "Notebook 1 says that stopping after 1,500 iterations gives better test answers. Here it is "
        "{early} of {total} then and {end} of {total} at the end: {verdict}."
    ).format(early=early, end=end, total=total, verdict=verdict)


def network_at(moment: Moment, dataset: Dataset) -> None:
    """Show the network at which the replay stands, and what can be done with it."""
    recipe, history, iteration = moment.recipe, moment.history, moment.iteration
    parameters = history.parameters_at(iteration)
    total = recipe.offset + iteration
    after = _("The network after 1 update") if total == 1 else _("The network after {n} updates")
    st.header(after.format(n=f"{total:,}"), anchor=False)
    _actions()
    inside = _inside(moment, dataset, parameters)
    st.markdown(_("**What each unit of layer 1 looks for.**"))
    show_weights(parameters, inside[0].awake)
    rows = [
        _("| layer | units | dead | weights | gradients | largest gradient |"),
        "|---|---|---|---|---|---|",
    ]
    for layer in inside:
        dead = f"{layer.dead.sum()}" if layer.sure is None else "–"
        sizes = (layer.weight, layer.gradient, layer.largest_gradient)
        said = " | ".join(f"{size:.3g}" if np.isfinite(size) else "∞" for size in sizes)
        rows.append(f"| {layer.number} | {layer.units} | {dead} | {said} |")
    st.markdown("\n".join(rows))
    st.caption(
        _(
            "Dead: ReLU stops these units at every training picture, so no gradient reaches them. "
            "Weights and gradients: the root mean square of all entries of W and of dW. "
            "{sure:.0%} of the answers are within 0.01 of 0 or 1: there the sigmoid is flat."
        ).format(sure=inside[-1].sure)
    )


def _inside(moment: Moment, dataset: Dataset, parameters: Parameters) -> list[Layer]:
    """Return what is within the network, looked at once for as long as the replay stands there."""
    kept = st.session_state.get("inside")
    if kept and kept[0]() is moment.history and kept[1] == moment.iteration:
        found: list[Layer] = kept[2]
        return found
    found = look_inside(dataset.train_x, dataset.train_labels.astype(np.float64), parameters)
    # What belongs to a run keeps none alive that the session has let go of.
    st.session_state["inside"] = (weakref.ref(moment.history), moment.iteration, found)
    return found


def _branching(moment: Moment) -> None:
    """Offer to go on from where the replay stands with another learning rate."""
    recipe, iteration = moment.recipe, moment.iteration
    many = len(_branches_of(recipe.root))
    if iteration == recipe.settings.num_iterations:
        reason = _("To branch, stop the replay before its end.")
    elif write_branch(recipe).count("@") >= DEEPEST:
        reason = _("Branches of branches of branches: deeper it does not go.")
    elif many >= MOST_BRANCHES:
        reason = _("{n} branches at once are the most: drop one first.").format(n=MOST_BRANCHES)
    else:
        reason = ""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choose_rate(
            "branch_rate",
            recipe.settings.learning_rate,
            label=_("Go on with rate"),
            bind="query-params",
            width=200,
        )
        st.button(
            _("Branch from here"),
            key="branch_off",
            icon=":material/call_split:",
            disabled=bool(reason),
            on_click=_branch_off,
            args=(recipe, iteration),
            help=_("Goes on from the very network at which the replay stands, to the end."),
        )
        st.button(
            _("Drop this branch"),
            key="branch_drop",
            icon=":material/close:",
            disabled=recipe.parent is None,
            on_click=_drop,
            args=(recipe,),
            help=_("With the branches that hang on it."),
        )
        if reason:
            st.caption(reason, width="content")


def _actions() -> None:
    # Streamlit remembers a button's arguments as long as the session lives: these are given none.
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            _("Keep this run"),
            key="keep",
            icon=":material/bookmark:",
            on_click=_keep,
            help=_("Then it stands under Compare, beside others."),
        )
        st.button(
            _("Use this network"),
            key="use",
            icon=":material/check:",
            on_click=_use,
            help=_("All other pages ask the network of this iteration, until another is chosen."),
        )


def _branch_off(recipe: Recipe, iteration: int) -> None:
    branch = recipe.branch(iteration, float(st.session_state["branch_rate"]))
    _show_branch(branch)
    st.toast(_("Branched: {name}.").format(name=_name(branch)))


def _drop(recipe: Recipe) -> None:
    def hangs_on(other: Recipe) -> bool:
        return other == recipe or (other.parent is not None and hangs_on(other.parent))

    everyone = st.session_state["branches"]
    everyone[:] = [other for other in everyone if not hangs_on(other)]
    st.session_state["run"] = WHOLE


def _keep() -> None:
    shown: _Explored = st.session_state["explored"]
    try:
        run = kept.keep(shown.recipe, shown.history)
    except ValueError as error:
        st.toast(plain(str(error)))
    else:
        st.toast(_("Kept as “{name}”, under Compare.").format(name=plain(run.name)))


def _use() -> None:
    recipe, iteration = st.session_state["stopped_at"]
    store.use(st.session_state["explored"].history.until(iteration), recipe)
    st.session_state["network_chosen"] = True
    st.toast(_("In use now on every page."))
