"""Comparing runs: many trained at once with one thing changed, and the runs that a visitor keeps."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui import store
from ui.address import Choices, choice
from ui.components.chart import show_chart
from ui.figures import Line, Score, compared, smooth, spread
from ui.frame import TEXT_WIDTH
from ui.judged import percent
from ui.kept import (
    LONGEST_NAME,
    MOST,
    Kept,
    as_csv,
    default_name,
    delete,
    find,
    kept,
    measured,
    rename,
)
from ui.knobs import INITS, MOST_ITERATIONS, MOST_LAYERS, MOST_WEIGHTS, count_weights
from ui.matrix import four_digits
from ui.text import _, plain

from nncore.cases import documented_run, runs
from nncore.data.dataset import Dataset
from nncore.data.own import is_own
from nncore.history import History, Settings
from nncore.run import Recipe
from nncore.scores import constant

COURSE = runs()["four_layer"].settings
RATES = (0.0005, 0.001, 0.003, 0.0075, 0.02, 0.05, 0.1, 0.3)
SEEDS = tuple(range(1, 9))
# Hidden sizes: each network has one layer more than the one before. 2 layers and 4 are the course's.
DEPTHS: dict[int, tuple[int, ...]] = {
    1: (),
    2: (7,),
    3: (20, 7),
    4: (20, 7, 5),
    5: (20, 7, 5, 3),
}
SWEEPS = {
    "rates": _("{n} learning rates").format(n=len(RATES)),
    "seeds": _("{n} seeds").format(n=len(SEEDS)),
    "depths": _("depths {first} to {last}").format(first=min(DEPTHS), last=max(DEPTHS)),
}
MEASURES = {
    "cost": _("cost"),
    "test_cost": _("test cost"),
    "test_right": _("test right"),
}
CHOICES: Choices = {"sweep": SWEEPS, "measure": MEASURES}  # for the page's `open_page`
MOST_ROWS = 64  # results of a session, some 15 KB each
MOST_ROWS_OF_ALL = 256  # results that all visitors share
NUMBERS = (
    _("none"), _("one"), _("two"), _("three"), _("four"), _("five"), _("six"), _("seven"), _("eight")
)  # fmt: skip

# On a narrow screen a table scrolls, not the whole page with it.
SCROLLS = """<style>.st-key-sweep_table :is(td, th) {
  white-space: nowrap; padding: 0.3rem 0.5rem; font-size: 0.9rem;
}</style>"""

Shows = Callable[[Recipe], None]


@dataclass(frozen=True)
class Variant:
    """One run of a sweep.

    Attributes
    ----------
    value : str
        What is changed, as it is written in a sentence: a rate, a seed, a depth.
    label : str
        The same at the end of a line.
    recipe : Recipe
    course : bool
        Whether it is the course's value.
    """

    value: str
    label: str
    recipe: Recipe
    course: bool


Row = tuple[Variant, Kept]


def variants(sweep: str, settings: Settings) -> list[Variant]:
    """Return the runs of a sweep: the settings with one of them changed."""
    if sweep == "rates":
        return [
            Variant(
                f"{rate:g}",
                f"{rate:g}",
                Recipe(replace(settings, learning_rate=rate)),
                rate == COURSE.learning_rate,
            )
            for rate in RATES
        ]
    if sweep == "seeds":
        return [
            Variant(
                str(seed),
                _("seed {n}").format(n=seed),
                Recipe(replace(settings, seed=seed)),
                seed == COURSE.seed,
            )
            for seed in SEEDS
        ]
    inputs = settings.layers_dims[0]
    return [
        Variant(
            str(depth),
            _("depth {n}").format(n=depth),
            Recipe(replace(settings, layers_dims=(inputs, *hidden, 1))),
            hidden == COURSE.layers_dims[1:-1],
        )
        for depth, hidden in DEPTHS.items()
    ]


def show(dataset: Dataset, settings: Settings, on_show: Shows) -> None:
    """Show the whole part: try many, and the kept runs.

    Parameters
    ----------
    dataset : Dataset
    settings : Settings
        Of the page's knobs; a sweep changes one of them.
    on_show : callable
        Called with the recipe of the kept run that the reader wants to see. In a callback: before
        the page is drawn anew, so that it may set the page's widgets.
    """
    st.html(SCROLLS)
    st.header(_("Try many"), anchor=False)
    sweep = choice(
        st.segmented_control,
        _("What changes"),
        SWEEPS,
        key="sweep",
        default="rates",
        required=True,
    )
    planned = variants(sweep, settings)
    own = [variant for variant in planned if variant.recipe == Recipe(settings)]
    rows = _at_hand(planned) or [(variant, row) for variant in own if (row := _recall(variant))]
    running = bool(st.session_state.pop("sweep_go", False)) and len(rows) < len(planned)
    bar = _control(len(rows), len(planned), running)
    st.caption(_fixed(sweep, settings), width=TEXT_WIDTH)
    _draw(sweep, planned, rows, settings)
    _say(sweep, rows, len(planned), dataset)
    st.header(_("Kept runs"), anchor=False)
    show_kept(on_show)
    # Last, so that all of the page is there to be looked at meanwhile. One line stands from the start.
    if running:
        _train(planned, planned, bar)
    elif own and not rows:
        _train(planned, own, bar)


def show_seeds(network: History, right: Mapping[str, tuple[int, int]], dataset: Dataset) -> None:
    """Show where a network stands among its like: the same run from other first weights.

    Parameters
    ----------
    network : History
        From a seed, and not from weights that it was handed.
    right : mapping
        For each part ("train", "test") how many of its answers are right, and of how many.
    dataset : Dataset
        On which it was trained, and is judged.
    """
    if trouble := _no_seeds(network):
        st.markdown(trouble, width=TEXT_WIDTH)
        return
    settings = network.settings
    if network.diverged_at is None:  # one that was stopped early is held against others as young
        settings = replace(settings, num_iterations=network.last)
    recipes = {
        seed: Recipe(replace(settings, seed=seed)) for seed in sorted({*SEEDS, settings.seed})
    }
    label = _("seed {n}")
    planned = [
        Variant(str(seed), label.format(n=seed), recipe, seed == settings.seed)
        for seed, recipe in recipes.items()
    ]
    others = [variant for variant in planned if not variant.course]
    (mine,) = (variant for variant in planned if variant.course)
    known = _at_hand(others)
    running = bool(st.session_state.pop("sweep_go", False)) and len(known) < len(others)
    bar = _control(len(known), len(others), running)
    own = replace(measured(mine.recipe, network, mine.label), correct=dict(right))
    rows = sorted([*known, (mine, own)], key=lambda row: planned.index(row[0]))
    answer = max((0, 1), key=lambda label: constant(dataset.test_labels, label).right)
    best = constant(dataset.test_labels, answer)
    name = dataset.classes[answer]
    show_chart(
        spread(
            [Score(v.value, *row.correct["test"], strong=v.course) for v, row in rows],
            (
                _("always “{name}”").format(name=name),
                best.right,
                best.total,
            ),
        ),
        key="sweep_spread",
        alt=_("Test pictures right, one dot for each seed; this network's is filled."),
    )
    if len(rows) > 1:
        course = dataset.documented and documented_run(network.settings) is not None
        whose = _("the course's") if course else _("this network's")
        st.markdown(_("**What to notice.** ") + _standing(rows, whose), width=TEXT_WIDTH)
    else:
        st.markdown(
            _(
                "The dot is this network. Train the same from {n} other seeds, and see where it stands."
            ).format(n=_number(len(others))),
            width=TEXT_WIDTH,
        )
    if running:
        _train(others, others, bar)


def _no_seeds(network: History) -> str:
    """Say why a run cannot be repeated from other seeds; nothing where it can."""
    settings = network.settings
    if settings.init not in INITS:
        return _(
            "This network went on from weights that it was handed, so that there is no seed to change. "
            "Choose the network of a whole run to see how much of its score is luck."
        )
    weights, iterations = count_weights(settings.layers_dims), settings.num_iterations
    if (
        len(settings.layers_dims) - 2 <= MOST_LAYERS
        and weights <= MOST_WEIGHTS
        and 0 < network.last <= iterations <= MOST_ITERATIONS
    ):
        return ""
    return _(
        "Its file speaks of {n:,} iterations with {weights:,} weights: here a run is repeated with at "
        "least 1 and at most {most:,} iterations, and at most {most_weights:,} weights."
    ).format(n=network.last, weights=weights, most=MOST_ITERATIONS, most_weights=MOST_WEIGHTS)


# Training a sweep ---------------------------------------------------------------------------------


def _results() -> OrderedDict[Recipe, Kept]:
    results: OrderedDict[Recipe, Kept] = st.session_state.setdefault("sweep_rows", OrderedDict())
    return results


@st.cache_resource(show_spinner=False)
def _of_all() -> OrderedDict[object, Kept]:
    """The results of all visitors, those used last at the end: a class trains what it tries once."""
    return OrderedDict()


_OF_ALL_LOCK = threading.Lock()


def _share(recipe: Recipe, row: Kept) -> None:
    """Let others have a result, unless it is of pictures of the visitor's own."""
    if is_own(recipe.settings.dataset):
        return
    of_all, key = _of_all(), store.identity(recipe)
    with _OF_ALL_LOCK:
        of_all[key] = row
        of_all.move_to_end(key)
        while len(of_all) > MOST_ROWS_OF_ALL:
            of_all.popitem(last=False)


def _recall(variant: Variant) -> Kept | None:
    """Take over a result that another visitor has, as if it had been trained now; None without one."""
    of_all, key = _of_all(), store.identity(variant.recipe)
    with _OF_ALL_LOCK:
        row = of_all.get(key)
        if row is not None:
            of_all.move_to_end(key)
    return row and _note(variant, replace(row, name=variant.label))


def _at_hand(planned: Sequence[Variant]) -> list[Row]:
    """Return those runs of a sweep that this session has, or that the server still knows."""
    rows, results = [], _results()
    for variant in planned:
        row = results.get(variant.recipe)
        if row is None:
            history = store.trained(variant.recipe)
            if history is None:
                continue
            row = _measure(variant, history)
        rows.append((variant, row))
    return rows


def _measure(variant: Variant, history: History) -> Kept:
    """Take down what came of a run, for this session and for all."""
    row = measured(variant.recipe, history, variant.label)
    _share(variant.recipe, row)
    return _note(variant, row)


def _note(variant: Variant, row: Kept) -> Kept:
    results = _results()
    results[variant.recipe] = row
    while len(results) > MOST_ROWS:
        results.popitem(last=False)
    return row


def _control(done: int, count: int, running: bool) -> DeltaGenerator:
    """Show the two buttons and the bar of a sweep; return the bar."""
    if done == count:
        label, icon = _("All trained"), ":material/check:"
    elif done:
        label, icon = _("Train {n} more").format(n=count - done), ":material/play_arrow:"
    else:
        label, icon = _("Train all {n}").format(n=count), ":material/play_arrow:"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            label,
            key="sweep_start",
            type="secondary" if done == count else "primary",
            icon=icon,
            disabled=running or done == count,
            on_click=_begin,
            width=170,
        )
        # Whatever is pressed interrupts the loop; this button does nothing else.
        st.button(
            _("Stop"), key="sweep_stop", icon=":material/stop:", disabled=not running, width=110
        )
    return st.progress(done / count, text=_("{done} of {n} trained").format(done=done, n=count))


def _begin() -> None:
    st.session_state["sweep_go"] = True


def _train(planned: Sequence[Variant], wanted: Sequence[Variant], bar: DeltaGenerator) -> None:
    """Train what is missing of the wanted runs, one after another, unless others have done so.

    Any press on the page ends it between two slices.
    """
    count = len(planned)
    done = len(_at_hand(planned))
    for variant in wanted:
        if variant.recipe in _results():
            continue
        text = _("{done} of {n} trained, now {label}").format(
            done=done, n=count, label=variant.label
        )

        def progress(part: float, done: int = done, text: str = text) -> None:
            said = f"{text}: {store.training_text(part)}"
            bar.progress(min((done + part) / count, 1.0), text=said)  # lets a newer run take over

        progress(0.0)
        try:
            history = store.train_unless(
                partial(_recall, variant),
                variant.recipe,
                progress,
                keep=partial(_measure, variant),
            )
        except ValueError as error:  # a DataError is one, too
            st.error(plain(str(error)))
            return
        if history is not None and variant.recipe not in _results():  # another's whole run
            _measure(variant, history)
        done += 1
    st.rerun()


# What came out ------------------------------------------------------------------------------------


def _fixed(sweep: str, settings: Settings) -> str:
    """Say what all runs of a sweep share."""
    sizes = " – ".join(map(str, settings.layers_dims[1:-1])) or _("none")
    parts = {
        "depths": _("hidden layers {sizes}").format(sizes=sizes),
        "rates": _("learning rate {rate:g}").format(rate=settings.learning_rate),
        "seeds": _("seed {seed}").format(seed=settings.seed),
    }
    shared = [part for name, part in parts.items() if name != sweep]
    shared.append(_("{n:,} iterations").format(n=settings.num_iterations))
    if settings.init != COURSE.init:
        shared.append(_("first weights “{init}”").format(init=settings.init))
    return _("The same for all: {shared}; as set on this page.").format(shared=", ".join(shared))


def _draw(sweep: str, planned: Sequence[Variant], rows: Sequence[Row], settings: Settings) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        measure = choice(
            st.segmented_control,
            _("Curves"),
            MEASURES,
            key="measure",
            default="cost",
            required=True,
        )
        calm = _choose_calm("sweep_calm")
        log = st.toggle(
            _("logarithmic"),
            key="sweep_log",
            bind="query-params",
            persist_state="session",
            disabled=measure == "test_right",
            help=_("Each step up the axis is ten times as much: small costs can be told apart."),
        )
    percent = measure == "test_right"
    title = _("{what}, smoothed").format(what=MEASURES[measure]) if calm else MEASURES[measure]
    lines = [
        _line(row, measure, calm, label=variant.label, name=variant.label, strong=variant.course)
        for variant, row in rows
    ]
    show_chart(
        compared(
            [(title, [line for line in lines if line is not None])],
            log=log and not percent,
            percent=percent,
            end=settings.num_iterations,
        ),
        key="sweep_chart",
        alt=_("{what} of {done} of {n} runs, iteration by iteration; the table below has their ends.")
        .format(what=MEASURES[measure], done=len(rows), n=len(planned)),
    )  # fmt: skip


def _choose_calm(key: str) -> bool:
    return st.toggle(
        _("smoothed"),
        value=True,
        key=key,
        bind="query-params",
        persist_state="session",
        help=_("Without the spikes, so that many lines can be told apart; the ends stay exact."),
    )


def _line(
    row: Kept, measure: str, calm: bool, *, label: str, name: str, strong: bool = False
) -> Line | None:
    curves = {"cost": row.costs, "test_cost": row.test_costs, "test_right": row.test_accuracy}
    y = curves[measure]
    if not y.size:
        return None
    return Line(
        label,
        name,
        row.iterations + row.offset,
        smooth(y) if calm else y,
        strong=strong,
        broken=row.diverged_at is not None,
    )


def _say(sweep: str, rows: Sequence[Row], count: int, dataset: Dataset) -> None:
    """Say what the results say, in a sentence and in a table."""
    if not rows:
        st.markdown(_("Nothing is trained yet: the curves come here, one line for each run."))
        return
    cats = dataset.count_cats("test")
    if sweep == "seeds":
        show_chart(
            spread(
                [Score(v.value, *row.correct["test"], strong=v.course) for v, row in rows],
                (_("always “{cat}”").format(cat=dataset.classes[1]), *cats),
            ),
            key="sweep_spread",
            alt=_("Test pictures right, one dot for each seed."),
        )
    if len(rows) == 1 < count:
        said = _("One run says little yet: train the others.")
    elif sweep == "seeds":
        said = seeds_sentence(rows, cats, dataset.classes[1])
    elif sweep == "rates":
        said = rates_sentence(rows, dataset)
    else:
        said = depths_sentence(rows, cats, dataset.classes[1])
    st.markdown(_("**What to notice.** ") + said, width=TEXT_WIDTH)
    with st.container(key="sweep_table"):
        st.markdown(table(sweep, rows))


def table(sweep: str, rows: Sequence[Row]) -> str:
    """Write the results as a table in Markdown, the course's value in bold."""
    heads = {"rates": _("learning rate"), "seeds": _("seed"), "depths": _("layers")}
    lines = [
        _("| {head} | cost at the end | training right | test right | least test cost |").format(
            head=heads[sweep]
        ),
        "|---|---:|---:|---:|---:|",
    ]
    for variant, row in rows:
        value = variant.value
        if sweep == "depths":
            sizes = ", ".join(map(str, variant.recipe.settings.layers_dims[1:-1]))
            value = f"{value} ({sizes})" if sizes else _("1 (logistic regression)")
        if variant.course:
            value = _("**{value}**, the course's").format(value=value)
        cost = four_digits(row.cost)
        if row.diverged_at is not None:
            cost = _("✗ no number from iteration {i:,} on").format(i=row.diverged_at)
        least = row.lowest_test()
        lines.append(
            f"| {value} | {cost} | {_right(row, 'train')} | {_right(row, 'test')} | "
            + (
                ""
                if least is None
                else _("{c} at {i:,}").format(c=four_digits(least), i=row.best_test)
            )
            + " |"
        )
    return "\n".join(lines)


def _right(row: Kept, part: str) -> str:
    right, total = row.correct[part]
    return _("{right} of {total} ({percent})").format(
        right=right, total=total, percent=percent(right / total)
    )


# Sentences, all from the results ------------------------------------------------------------------


def seeds_sentence(rows: Sequence[Row], cats: tuple[int, int], cat: str = "cat") -> str:
    """Say where the course's seed stands, how far they lie apart, and what costs no training."""
    return " ".join((_standing(rows, _("the course's")), _always_cat(cats, cat)))


def _standing(rows: Sequence[Row], whose: str) -> str:
    """Say where one seed stands among the others, and how far they lie apart."""
    right = {variant.value: row.correct["test"][0] for variant, row in rows}
    total = rows[0][1].correct["test"][1]
    most, least = max(right.values()), min(right.values())
    best = [seed for seed, count in right.items() if count == most]
    middle = float(np.median(list(right.values())))
    mine = next((variant.value for variant, _row in rows if variant.course), None)
    n = _number(len(rows))
    if most == least:
        first = _("All {n} seeds are right equally often: {p}.").format(
            n=n, p=percent(most / total)
        )
    else:
        if mine in best and len(best) == 1:
            first = _("Seed {mine}, {whose}, is the best of the {n}: {p}")
        elif mine in best:
            first = _("Seed {mine}, {whose}, is among the best of the {n} ({best}): {p}")
        elif mine is not None:
            first = _(
                "Seed {mine}, {whose}, is right on {own}, in place {place} of the {n}; the best "
                "is {best} with {p}"
            )
        else:
            first = _("The best of the {n} so far is {best}: {p}")
        own = right.get(mine or "", 0)
        first = first.format(
            mine=mine,
            whose=whose,
            n=n,
            p=percent(most / total),
            own=percent(own / total),
            place=1 + sum(count > own for count in right.values()),
            best=_listed(best),
        )
        first += _("; the middle is {middle}, the worst {least}.").format(
            middle=percent(middle / total), least=percent(least / total)
        )
    return f"{first} " + _("Only the first weights differ, so that much of a score is luck.")


def rates_sentence(rows: Sequence[Row], dataset: Dataset) -> str:
    """Say which rate ends lowest, and which are too small or too large."""
    fates: dict[str, list[Row]] = {"learns": [], "bounces": [], "same": [], "diverged": []}
    for variant, row in rows:
        fates[_fate(row, dataset)].append((variant, row))
    learning = sorted(fates["learns"] + fates["bounces"], key=lambda pair: pair[1].cost)
    said, best = [], 0.0
    if learning:
        winner, lowest = learning[0]
        best = winner.recipe.settings.learning_rate
        said.append(
            _("{value}{tail} ends lowest, at {cost}.").format(
                value=winner.value,
                cost=four_digits(lowest.cost),
                tail=_(", the course's,") if winner.course else "",
            )
        )
        most = max(row.correct["test"][0] for _variant, row in learning)
        total = lowest.correct["test"][1]
        right = [v.value for v, row in learning if row.correct["test"][0] == most]
        said.append(
            _("Most test pictures are right with {best}: {most} of {total}.").format(
                best=_listed(right), most=most, total=total
            )
        )
    slow = [
        (v, row)
        for v, row in reversed(learning)
        if v.recipe.settings.learning_rate < best and row.cost > row.costs[0] / 2
    ]
    if slow:
        said.append(
            _("Too small: {values}; after all iterations the cost still stands at {costs}.").format(
                values=_values(slow), costs=_listed([four_digits(row.cost) for _v, row in slow])
            )
        )
    dead = fates["same"]
    if dead:
        large = learning and all(v.recipe.settings.learning_rate > best for v, _row in dead)
        said.append(
            (_("Too large: {values}; ") if large else _("With {values}, ")).format(
                values=_values(dead)
            )
            + _("in the end every picture gets the same answer.")
        )
    if fates["bounces"]:
        said.append(
            _(
                "With {values} some steps are too long: the cost climbs again, by up to {by}."
            ).format(
                values=_values(fates["bounces"]),
                by=_listed([f"{row.swing():.2g}" for _v, row in fates["bounces"]]),
            )
        )
    said += [
        _("With {value} there is no number from iteration {i:,} on.").format(
            value=v.value, i=row.diverged_at
        )
        for v, row in fates["diverged"]
    ]
    return " ".join(said)


def _values(rows: Sequence[Row]) -> str:
    return _listed([variant.value for variant, _row in rows])


def _fate(row: Kept, dataset: Dataset) -> str:
    """Say in a word what became of a run."""
    if row.diverged_at is not None:
        return "diverged"
    scores = {part: dataset.count_cats(part) for part in ("train", "test")}
    right = tuple(row.correct[part][0] for part in scores)
    cats = tuple(count for count, _total in scores.values())
    others = tuple(total - count for count, total in scores.values())
    if right in (cats, others):
        return "same"
    return "bounces" if row.swing() > row.costs[0] / 4 else "learns"


def depths_sentence(rows: Sequence[Row], cats: tuple[int, int], cat: str = "cat") -> str:
    """Say which depth learns the training pictures best, and which the test pictures."""
    winner, lowest = min(rows, key=lambda pair: pair[1].cost)
    right = {variant.value: row.correct["test"][0] for variant, row in rows}
    total = rows[0][1].correct["test"][1]
    most = max(right.values())
    best = [depth for depth, count in right.items() if count == most]
    said = [
        _("Depth {depth} ends with the lowest cost on the training pictures, {cost}.").format(
            depth=winner.value, cost=four_digits(lowest.cost)
        ),
        _("Most test pictures are right with depth {best}: {most} of {total}.").format(
            best=_listed(best), most=most, total=total
        ),
    ]
    if winner.value not in best:
        said.append(
            _("Learning the training pictures better is not yet understanding the others better.")
        )
    if "1" in right:
        said.append(
            _("Logistic regression, depth 1, gets {n} of {total}.").format(
                n=right["1"], total=total
            )
        )
    return " ".join((*said, _always_cat(cats, cat)))


def _always_cat(cats: tuple[int, int], cat: str) -> str:
    right, total = cats
    return _("Always answering “{cat}” is right on {right} of {total} ({p}).").format(
        cat=plain(cat), right=right, total=total, p=percent(right / total)
    )


def _number(n: int) -> str:
    return NUMBERS[n] if n < len(NUMBERS) else str(n)


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return _("{most} and {last}").format(most=", ".join(names[:-1]), last=names[-1])


# Kept runs ----------------------------------------------------------------------------------------


def show_kept(on_show: Shows) -> None:
    """Show the kept runs: a row for each, their curves together, and all of them as a file."""
    listed = kept()
    if not listed:
        st.info(
            _("None yet. Keep a run that you like, and it stands here to be compared with others."),
            icon=":material/bookmark:",
        )
        return
    for number, run in enumerate(listed, start=1):
        _show_row(number, run, on_show)
    calm = _choose_calm("kept_calm")
    panels = []
    for title, measure in ((_("training cost"), "cost"), (_("test cost"), "test_cost")):
        lines = [
            _line(run, measure, calm, label=str(number), name=f"{number}: {run.name}")
            for number, run in enumerate(listed, start=1)
        ]
        panels.append((title, [line for line in lines if line is not None]))
    show_chart(
        compared(panels, height=560),
        key="kept_chart",
        alt=_("The training costs, above, and the test costs, below, of {n} kept runs.").format(
            n=len(listed)
        ),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            _("Download as CSV"),
            as_csv(listed),
            file_name="runs.csv",
            mime="text/csv",
            key="kept_csv",
            icon=":material/download:",
            on_click="ignore",
        )
        st.caption(
            _("{n} of at most {most}; they last as long as this visit.").format(
                n=len(listed), most=MOST
            )
        )


def _show_row(number: int, run: Kept, on_show: Shows) -> None:
    both = st.container(gap="xxsmall")
    with both.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{number}**", width=22)
        st.text_input(
            _("Name of run {n}").format(n=number),
            value=run.name,
            max_chars=LONGEST_NAME,
            key=f"kept_name_{run.id}",
            label_visibility="collapsed",
            on_change=_rename,
            args=(run.id,),
            width=260,
        )
        st.button(
            _("Show"),
            key=f"kept_show_{run.id}",
            icon=":material/visibility:",
            on_click=on_show,
            args=(run.recipe,),
        )
        st.button(
            _("Delete"),
            key=f"kept_delete_{run.id}",
            icon=":material/delete:",
            on_click=delete,
            args=(run.id,),
        )
    both.caption(describe(run))


def _rename(id: str) -> None:
    key = f"kept_name_{id}"
    st.session_state[key] = rename(id, st.session_state[key])


def describe(run: Kept) -> str:
    """Say in Markdown what a kept run was and what came out of it."""
    settings, parent = run.recipe.settings, run.recipe.parent
    hidden = " – ".join(map(str, settings.layers_dims[1:-1]))
    parts = [
        plain(store.data_name(settings.dataset)),
        _("hidden {sizes}").format(sizes=hidden) if hidden else _("no hidden layer"),
    ]
    if parent is not None:
        known = find(parent)
        parts.append(
            _("leaves “{name}” at {at:,}").format(
                name=plain(known.name if known else default_name(parent)), at=run.offset
            )
        )
    parts += [
        _("rate {rate:g}").format(rate=settings.learning_rate),
        _("seed {seed}").format(seed=settings.seed),
        _("{n:,} iterations").format(n=settings.num_iterations),
        _("cost {cost}").format(cost=four_digits(run.cost)),
        _("training {right}").format(right=_right(run, "train")),
        _("test {right}").format(right=_right(run, "test")),
    ]
    if run.best_test is not None:
        parts.append(_("least test cost at {i:,}").format(i=run.best_test + run.offset))
    if run.diverged_at is not None:
        i = run.diverged_at + run.offset
        parts.append(_("✗ no number from iteration {i:,} on").format(i=i))
    return " · ".join(parts)
