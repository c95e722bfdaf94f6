"""The runs that a visitor keeps: what they were, their scores and small curves.

Not the networks: a run is made again from its recipe, to the last bit, in less than a second.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from ui.components.run_chart import Curves
from ui.spreadsheet import inert
from ui.text import _

from nncore.cases import runs
from nncore.history import CURVES, History
from nncore.run import Recipe
from nncore.types import FloatArray, IntArray

MOST = 12  # kept runs
MOST_POINTS = 300  # of each curve; a phone has fewer pixels than that
LONGEST_NAME = 60

COLUMNS = (
    "name",
    "data",
    "layers",
    "init",
    "seed",
    "learning rate",
    "iterations",
    "branched at",
    "branched from",
    "final cost",
    "final test cost",
    "train right",
    "train total",
    "test right",
    "test total",
    "best test iteration",
    "diverged at",
)


@dataclass(frozen=True, eq=False)
class Kept:
    """What is left of a run when its networks are let go.

    Iterations are counted from the run's own beginning, which for a branch lies at `offset`.

    Attributes
    ----------
    id : str
        Which of the kept runs this is; empty for one that is only looked at.
    name : str
        The default one, or what a visitor typed: not to be shown as Markdown.
    recipe : Recipe
    iterations : ndarray of shape (k,), int64
        At most `MOST_POINTS`, among them the first, the last and each spike of the cost.
    costs : ndarray of shape (k,)
    test_costs, train_accuracy, test_accuracy : ndarray of shape (k,), or (0,) where not taken
    engine : str
    correct : mapping
        For each part ("train", "test") how many answers are right at the end, and of how many.
    cost : float
        At the end; of a run that diverged, the last that was a number.
    test_cost : float or None
    best_test : int or None
        The iteration with the least test cost.
    diverged_at : int or None
    """

    id: str
    name: str
    recipe: Recipe
    iterations: IntArray
    costs: FloatArray
    test_costs: FloatArray
    train_accuracy: FloatArray
    test_accuracy: FloatArray
    engine: str
    correct: Mapping[str, tuple[int, int]]
    cost: float
    test_cost: float | None
    best_test: int | None
    diverged_at: int | None

    @property
    def offset(self) -> int:
        """How many updates lie before this run, in all of its parents together."""
        return self.recipe.offset

    def accuracy(self, part: str) -> float:
        """Return the fraction of right answers at the end on "train" or "test"."""
        right, total = self.correct[part]
        return right / total

    def lowest_test(self) -> float | None:
        """Return the least test cost, None where none was taken."""
        return float(self.test_costs.min()) if self.test_costs.size else None

    def swing(self) -> float:
        """Return how far the cost ever climbed above the lowest that it had reached before."""
        return float(np.max(self.costs - np.minimum.accumulate(self.costs)))


def measured(recipe: Recipe, history: History, name: str, id: str = "") -> Kept:
    """Take from a run what is worth keeping."""
    points = _telling_points(history)
    curves = {curve: getattr(history, curve) for curve in CURVES}
    return Kept(
        id=id,
        name=name,
        recipe=recipe,
        iterations=history.iterations[points],
        engine=history.engine,
        correct=dict(history.correct),
        cost=float(history.costs[-1]),
        test_cost=float(history.test_costs[-1]) if history.test_costs.size else None,
        best_test=history.best_test(),
        diverged_at=history.diverged_at,
        **{curve: values[points] if values.size else values for curve, values in curves.items()},
    )


def _telling_points(history: History) -> IntArray:
    """Choose records: the ends, the best, the lowest and the highest cost of each stretch."""
    costs, count = history.costs, len(history.costs)
    if count <= MOST_POINTS:
        return np.arange(count)
    stretch = np.arange(count) * ((MOST_POINTS - 3) // 2) // count
    order = np.lexsort((costs, stretch))  # stretch by stretch, in each from the lowest cost up
    border = np.flatnonzero(np.diff(stretch[order]))
    best = [int(np.argmin(history.test_costs))] if history.test_costs.size else []
    lowest, highest = order[np.r_[0, border + 1]], order[np.r_[border, -1]]
    return np.unique(np.concatenate([lowest, highest, best, [0, count - 1]]).astype(np.int64))


# The list of a session ----------------------------------------------------------------------------


def kept() -> list[Kept]:
    """Return this session's kept runs, the oldest first."""
    return list(st.session_state.get("kept_runs", ()))


def find(recipe: Recipe) -> Kept | None:
    """Return the kept run of a recipe, None where it is not kept."""
    return next((run for run in kept() if run.recipe == recipe), None)


def full() -> str:
    """Return a sentence that says that no more runs can be kept; empty while some can."""
    if len(kept()) < MOST:
        return ""
    return _("{n} runs are kept, and more cannot be: delete one of them first.").format(n=MOST)


def keep(recipe: Recipe, history: History, name: str | None = None) -> Kept:
    """Keep a run; one that is kept already is not kept twice, but returned.

    Raises
    ------
    ValueError
        If the list is full; with a sentence that can be shown.
    """
    there = find(recipe)
    if there is not None:
        return there
    if trouble := full():
        raise ValueError(trouble)
    number = st.session_state["kept_number"] = st.session_state.get("kept_number", 0) + 1
    run = measured(recipe, history, clean(name or "") or _free_name(recipe), f"run{number}")
    st.session_state["kept_runs"] = [*kept(), run]
    return run


def delete(id: str) -> None:
    """Let a kept run go; nothing happens where it is gone already."""
    st.session_state["kept_runs"] = [run for run in kept() if run.id != id]


def rename(id: str, name: str) -> str:
    """Give a kept run another name, an empty one its default name; return the name it now has."""
    for run in kept():
        if run.id == id:
            name = clean(name) or _free_name(run.recipe, apart_from=id)
            st.session_state["kept_runs"] = [
                replace(other, name=name) if other.id == id else other for other in kept()
            ]
            return name
    return clean(name)


def clean(name: str) -> str:
    """Make a name one line of printable characters that is not too long."""
    printable = "".join(sign if sign.isprintable() else " " for sign in name)
    return " ".join(printable.split())[:LONGEST_NAME].strip()


# Names --------------------------------------------------------------------------------------------


def default_name(recipe: Recipe) -> str:
    """Name a run by what sets it apart: rate and seed, and where it differs from the course's run."""
    course, root = runs()["four_layer"].settings, recipe.root.settings
    rate = recipe.settings.learning_rate
    if recipe.parent is None:
        parts = [_("rate {rate:g}, seed {seed}").format(rate=rate, seed=root.seed)]
    else:
        parts = [_("from {at:,} at rate {rate:g}").format(at=recipe.offset, rate=rate)]
        if root.seed != course.seed:
            parts.append(_("seed {seed}").format(seed=root.seed))
    hidden = root.layers_dims[1:-1]
    if hidden != course.layers_dims[1:-1]:
        sizes = "–".join(map(str, hidden))
        parts.append(_("hidden {sizes}").format(sizes=sizes) if hidden else _("no hidden layer"))
    if root.init != course.init:
        parts.append(_("start “{init}”").format(init=root.init))
    if root.num_iterations != course.num_iterations:
        parts.append(_("{n:,} iterations").format(n=root.num_iterations))
    return ", ".join(parts)


def _free_name(recipe: Recipe, apart_from: str = "") -> str:
    """Return the default name; where it is taken, with the data, then with a number."""
    taken = {run.name for run in kept() if run.id != apart_from}
    name = default_name(recipe)
    candidates = [name, f"{name}, {recipe.settings.dataset}"]
    candidates += [f"{name} ({n})" for n in range(2, MOST + 2)]
    return next(candidate for candidate in candidates if candidate not in taken)


# What becomes of them elsewhere -------------------------------------------------------------------


def as_csv(listed: Sequence[Kept]) -> str:
    """Write runs as CSV, one a row, numbers in full.

    "branched at", "best test iteration" and "diverged at" are counted from the beginning of the
    first parent, "iterations" are the run's own. What there is none of is empty.
    """
    names = {run.recipe: run.name for run in listed}
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for run in listed:
        settings, parent = run.recipe.settings, run.recipe.parent
        writer.writerow(
            (
                inert(run.name),
                settings.dataset,
                " ".join(map(str, settings.layers_dims)),
                run.recipe.root.settings.init,
                settings.seed,
                repr(settings.learning_rate),
                settings.num_iterations,
                None if parent is None else run.offset,
                None if parent is None else inert(names.get(parent, default_name(parent))),
                repr(run.cost),
                None if run.test_cost is None else repr(run.test_cost),
                *run.correct.get("train", (None, None)),
                *run.correct.get("test", (None, None)),
                None if run.best_test is None else run.best_test + run.offset,
                None if run.diverged_at is None else run.diverged_at + run.offset,
            )
        )
    return file.getvalue()


def curves(run: Kept) -> Curves:
    """Return the curves of a kept run as the training chart takes them, for its ghosts."""
    return Curves(
        run.name,
        run.iterations,
        run.costs,
        *(
            values if values.size else None
            for values in (run.test_costs, run.train_accuracy, run.test_accuracy)
        ),
        offset=run.offset,
    )
