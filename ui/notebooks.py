"""The notebooks against this program: the tables of the Notebook numbers page."""

import re
from itertools import pairwise

import numpy as np
import streamlit as st

from ui import store
from ui.components import picked
from ui.components.case_table import case_table
from ui.matrix import scientific
from ui.question import Option, Question
from ui.text import _, plain

from nncore import data, errata, pretrained
from nncore.cases import RUN_TOLERANCE, Case, cases, check, check_run, runs
from nncore.history import History
from nncore.parameters import draw_parameters
from nncore.run import Recipe

CASES = tuple(cases())
RUNS = {"two_layer": _("2-layer"), "four_layer": _("4-layer")}


def case_rows() -> list[dict[str, str | bool]]:
    """Recompute every documented case; return the rows of their table."""
    rows: list[dict[str, str | bool]] = []
    for case in cases().values():
        comparisons = check(case)
        agrees = all(comparison.agrees for comparison in comparisons)
        rows.append(
            {
                "id": case.id,
                "agrees": agrees,
                "said": _("agrees") if agrees else _("differs"),
                "sources": _notebooks(case),
                "difference": scientific(max(comparison.difference for comparison in comparisons)),
                "tolerance": scientific(case.tolerance),
            }
        )
    return rows


def show_cases(rows: list[dict[str, str | bool]], leads_to: str) -> None:
    """Show the table of cases, each of which leads to the case in full."""
    head = (
        _("case"),
        _("result"),
        _("printed in"),
        _("largest difference"),
        _("tolerance"),
    )
    case_table(key="cases", head=head, rows=rows, leads_to=leads_to, on_pick=choose_picked)


def choose_picked() -> None:
    """Choose the case that was picked in the table."""
    if (id := picked("cases")) in CASES:
        st.session_state["case"] = id


def _notebooks(case: Case) -> str:
    return ", ".join(source.split(" ")[0] for source in case.sources)


def _sign(agrees: bool) -> str:
    return _(":material/check:\u00a0agrees") if agrees else _(":material/close:\u00a0differs")


def markdown_table(head: tuple[str, ...], rows: list[tuple[str, ...]], numbers: int = 0) -> str:
    """Write a table in Markdown; its last columns, so many of them, are numbers."""
    lines = [head, ("---",) * (len(head) - numbers) + ("--:",) * numbers, *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def runs_table() -> str:
    """Compare the shipped runs, or those recomputed in this session, with the documented costs."""
    head = (
        _("run"),
        "",
        _("documented costs"),
        _("largest difference"),
        _("training right"),
        _("test right"),
    )
    rows = []
    for name, run in runs().items():
        history = _history(name)
        result = check_run(run, history)
        rows.append(
            (
                RUNS[name] + (_(", recomputed") if _recomputed() else _(", as shipped")),
                _sign(result.agrees),
                _("{n} of {total}").format(n=result.compared, total=len(run.costs)),
                scientific(result.difference),
                *(
                    _("{n} of {total}").format(n=right, total=total)
                    for right, total in (history.correct["train"], history.correct["test"])
                ),
            )
        )
    return markdown_table(head, rows, numbers=4)


@st.fragment
def offer_costs() -> None:
    """Offer every cost that the notebooks print, beside ours: made when somebody asks."""
    opened = st.expander(_("Every printed cost, one by one"), on_change="rerun", key="all_costs")
    if not opened.open:
        return
    head = [_("iteration")]
    computed = {}
    for name in runs():
        head += [_("{model}, printed").format(model=RUNS[name]), _("ours differs by")]
        history = _history(name)
        computed[name] = dict(zip(history.iterations.tolist(), history.costs.tolist(), strict=True))
    rows = []
    for i in sorted(set().union(*(run.costs for run in runs().values()))):
        row = [f"{i:,}"]
        for name, run in runs().items():
            cost = run.costs.get(i)
            row += [str(cost), scientific(abs(computed[name][i] - cost))] if cost else ["", ""]
        rows.append(tuple(row))
    with opened:
        st.markdown(markdown_table(tuple(head), rows, numbers=len(head)))


def _recomputed() -> bool:
    """Say whether the runs were recomputed in this session, and can be again: the photos are here."""
    try:
        return "recomputed" in st.session_state and store.dataset("photos").documented
    except data.DataError:
        return False


def _history(name: str) -> History:
    if not _recomputed():
        return pretrained.load(name)
    return store.train(Recipe(runs()[name].settings), store.listen)


def recompute_runs() -> None:
    """Offer to train both documented networks again, with progress and a way out."""
    try:
        photos = store.dataset("photos")
    except data.DataError as error:
        st.caption(plain(str(error)))
        return
    if not photos.documented:
        st.caption(_("The photos here are not the course's: its numbers say nothing about them."))
        return
    if not st.button(_("Recompute both runs"), key="recompute", icon=":material/replay:"):
        return
    bar = st.progress(0.0)
    for name, documented in runs().items():
        store.train(
            Recipe(documented.settings),
            lambda done, name=name: bar.progress(
                done, text=f"{RUNS[name]}: {store.training_text(done)}"
            ),
        )
    st.session_state["recomputed"] = True
    st.rerun()


def tolerance_note() -> str:
    """Say what counts as equal on a whole run."""
    return _("On a cost of a whole run, up to {t} counts as equal: rounding adds up.").format(
        t=scientific(RUN_TOLERANCE)
    )


def editions_table() -> str:
    """Set the five notebooks side by side."""
    rows = [
        (
            about,
            *(
                re.sub(r"^(\[.*|.*\{.*)$|1/sqrt\(\S+\)", r"`\g<0>`", value)
                for value in each.values()
            ),
        )
        for about, each in errata.editions()
    ]
    return markdown_table(("", *errata.EDITIONS), rows)


@st.cache_data(max_entries=64, show_spinner=False)
def _proof(slip_id: str, _photos: data.Dataset | None, with_photos: bool) -> str | None:
    return errata.proof(slip_id, _photos)


def show_slips() -> None:
    """List every slip: what stands there, what is right, and the proof where there is one."""
    photos = None
    if data.preferred() == "photos":
        try:
            found = store.dataset("photos")
            photos = found if found.documented else None
        except data.DataError:
            photos = None
    told = []  # in one piece: every element of a page makes all its changes a little slower
    for slip in errata.slips():
        lines = [
            f":small[{plain(slip.where)}]",
            _("**says** {says}").format(says=_typeset(slip.says)),
            _("**in fact** {right}").format(right=_typeset(slip.right)),
        ]
        if (sentence := _proof(slip.id, photos, photos is not None)) is not None:
            lines.append(_("**proof** {sentence}").format(sentence=_typeset(sentence)))
        elif errata.needs_photos(slip.id):
            lines.append(_(":small[The proof needs the course's photos.]"))
        told.append("  \n".join(lines))
    st.markdown("\n\n---\n\n".join(told))


def _typeset(text: str) -> str:
    """Keep a text from being Markdown, but for what it says in the language of formulas."""
    text = re.sub(r"(?<![\w.])-(?=\d)", "−", text)
    pieces = re.split(r"(\w+\^\{[^}]*\}(?:\(\w\))?)", text)
    return "".join(f"${piece}$" if k % 2 else plain(piece) for k, piece in enumerate(pieces))


# What the lesson asks -----------------------------------------------------------------------------


def _tolerance(stream: np.random.RandomState) -> Question:
    decimals = int(stream.choice([4, 6, 8]))
    right = 0.5 * 10.0**-decimals

    return Question(
        _("A notebook prints a number with {n} decimals. How far may ours be from it?").format(
            n=decimals
        ),
        (
            Option(
                scientific(right),
                _("Half a unit of the last printed digit: everything nearer is printed the same."),
                right=True,
            ),
            Option(
                scientific(10.0**-decimals),
                _("That is a whole unit: two numbers so far apart are printed differently."),
            ),
            Option(
                scientific(0.5 * 10.0 ** -(decimals + 1)),
                _("That asks for a digit more than is printed."),
            ),
            Option(
                "0", _("What is printed is rounded: the unrounded number may not be equal to it.")
            ),
        ),
    )


def _second_run(stream: np.random.RandomState) -> Question:
    dims = [5, 4, 3]
    weights = sum(n * before for before, n in pairwise(dims))
    again = draw_parameters(dims, "small", np.random.RandomState(3))["W1"][0, 0]
    place = int(stream.randint(1, weights + 1))
    return Question(
        _(
            "A cell sets the seed to 3 and draws the {n} weights of {dims}. It is run again without "
            "the seed. Where does its weight number {k} come from?"
        ).format(n=weights, dims=dims, k=place),
        (
            Option(
                _("draw number {k} after the seed").format(k=weights + place),
                _("The stream goes on where the first run left it, after {n} draws.").format(
                    n=weights
                ),
                right=True,
            ),
            Option(
                _("draw number {k} after the seed").format(k=place),
                _(
                    "So it would be with the seed set again: W1 would begin with {w:.8f} once more."
                ).format(w=again),
            ),
            Option(
                _("draw number {k} after the seed").format(k=2 * weights + place),
                _("So it would be on the third run."),
            ),
            Option(
                _("from the clock"), _("Only a stream that was never seeded starts from there.")
            ),
        ),
    )


def _old_name(stream: np.random.RandomState) -> Question:
    L = int(stream.randint(2, 6))
    layer = int(stream.randint(1, L + 1))
    return Question(
        _(
            "A network has L = {L}. The gradient of the input of layer {layer}: what do N2, N4 and "
            "N5 call it, and what do N1 and N3?"
        ).format(L=L, layer=layer),
        (
            Option(
                f"dA{layer - 1}, dA{layer}",
                _(
                    "One array, two names: by the activation it belongs to, or by the layer it left."
                ),
                right=True,
            ),
            Option(
                f"dA{layer}, dA{layer - 1}",
                _("The other way round: the later editions name it by what it is the gradient of."),
            ),
            Option(
                f"dA{layer}, dA{layer}",
                _("They differ: that is why files of two editions do not mix."),
            ),
            Option(
                f"dA{layer - 1}, dA{layer - 1}",
                _("They differ: that is why files of two editions do not mix."),
            ),
        ),
    )


MAKERS = (_old_name, _tolerance, _second_run)
