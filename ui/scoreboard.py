"""The scores of a network, beside what costs nothing; the threshold; the luck of the seed."""

from dataclasses import dataclass

import streamlit as st

from ui.address import Choices, choice, name_ahead
from ui.compare import show_seeds
from ui.components.chart import show_chart
from ui.frame import TEXT_WIDTH, breathe
from ui.judged import PLACES, Judged, apart, of, percent
from ui.score_figures import Bar, intervals, roc_figure
from ui.text import _, prose, unbroken

from nncore.neighbours import nearest_label
from nncore.scores import Counts, Score, constant, count_answers, roc_curve

SETS = {"test": _("test pictures"), "train": _("training pictures")}
CHOICES: Choices = {"counted": SETS}
COURSE_THRESHOLD = 0.5
# On a narrow screen the table scrolls, not the whole page with it, and the names leave it room.
WHOLE_LINES = """<style>
.st-key-scoreboard :is(td, th):not(:first-child) { white-space: nowrap; }
.st-key-scoreboard :is(td, th) { padding: 0.3rem 0.5rem; min-width: 6rem; }
</style>"""
GAP = 0.05  # between training and test score, from which on it is spoken of


@dataclass(frozen=True)
class Row:
    """One line of the scoreboard."""

    name: str  # Markdown
    bare: str  # the same as text
    test: Score
    train: Score | None
    own: bool = False


def show(judged: Judged) -> None:
    """Show the whole part."""
    st.markdown(prose("results", "scores"), width=TEXT_WIDTH)
    st.html(WHOLE_LINES)
    rows = _rows(judged)
    with st.container(key="scoreboard"):
        st.markdown(_table(rows))
    chart, beside = st.columns([1.2, 1], gap="medium")
    with chart:
        show_chart(
            intervals([Bar(row.bare, row.test, strong=row.own) for row in rows]),
            key="score_intervals",
            alt=_("Test scores with their intervals; the numbers stand in the table."),
        )
    with beside:
        st.markdown(_("**What to notice.** ") + _notice(judged, rows))
        st.caption(prose("results", "interval"))
    breathe()
    st.header(_("Where the line is drawn"), anchor=False)
    _threshold(judged)
    st.header(_("The luck of the seed"), anchor=False)
    said = prose("results", "seeds")
    if judged.threshold != COURSE_THRESHOLD:
        said += " " + _("All of them at the threshold {t}.").format(t=COURSE_THRESHOLD)
    st.markdown(said, width=TEXT_WIDTH)
    right = {
        part: count_answers(judged.AL[part], judged.labels(part)).score
        for part in ("train", "test")
    }
    show_seeds(
        judged.network,
        {part: (score.right, score.total) for part, score in right.items()},
        judged.dataset,
    )


def _rows(judged: Judged) -> list[Row]:
    """Return the scoreboard: the network first, then what it must beat."""
    own = _("this network")
    if judged.threshold != COURSE_THRESHOLD:
        own = _("this network, threshold {t:.2f}").format(t=judged.threshold)
    train, test = judged.labels("train"), judged.labels("test")
    similar = _("as the most similar training picture")
    return [
        Row(own, own, judged.counts("test").score, judged.counts("train").score, own=True),
        *(
            Row(
                _("always {name}").format(name=judged.name(label)),
                _("always “{name}”").format(name=judged.dataset.classes[label]),
                constant(test, label),
                constant(train, label),
            )
            for label in (1, 0)
        ),
        Row(similar, similar, nearest_label(apart(judged.dataset, "test"), train, test), None),
    ]


def _table(rows: list[Row]) -> str:
    lines = [
        _("| who answers | test right | 95% interval | training right | 95% interval |"),
        "|---|---:|---:|---:|---:|",
    ]
    for row in rows:
        cells = [row.name]
        for score in (row.test, row.train):
            cells += ["", ""] if score is None else [of(score), _interval(score)]
        lines.append("| " + " | ".join(f"**{c}**" if row.own and c else c for c in cells) + " |")
    return "\n".join(lines)


def _interval(score: Score) -> str:
    low, high = score.interval
    return f"{percent(low)} – {percent(high)}"


def _notice(judged: Judged, rows: list[Row]) -> str:
    """Say how far the network is from the best constant answer, from a neighbour, from its training."""
    own, similar = rows[0], rows[-1]
    best = max(rows[1:3], key=lambda row: row.test.right)
    said = [
        _(
            "{who} looks at no picture and is right on {n} of {total}; this network on {right}."
        ).format(
            who=best.name[0].upper() + best.name[1:],
            n=best.test.right,
            total=best.test.total,
            right=own.test.right,
        )
    ]
    alike = _one_answer(judged)
    if alike is not None:
        said.append(
            _("It answers {name} to every picture: it has learned nothing that tells them apart.")
            .format(name=judged.name(alike))
        )  # fmt: skip
    elif own.test.interval.holds(best.test.fraction):
        said.append(
            _("That {p} lies within the network's interval: {total} pictures are too few to tell.")
            .format(p=percent(best.test.fraction), total=best.test.total)
        )  # fmt: skip
    elif own.test.right > best.test.right:
        said.append(
            _("Even the lower end of its interval, {low}, is above that {p}.").format(
                low=percent(own.test.interval.low), p=percent(best.test.fraction)
            )
        )
    else:
        said.append(_("It would do better to answer nothing else."))
    said.append(
        _("Who looks up the most similar training picture has learned nothing and is right on {n}.")
        .format(n=similar.test.right)
    )  # fmt: skip
    train, test = judged.counts("train").score, own.test
    constants = [row.train.fraction for row in rows[1:3] if row.train is not None]
    if train.fraction - test.fraction > GAP and train.fraction > max(constants):
        said.append(
            _(
                "This network knows {train} of the pictures that it has learned from, and {test} of "
                "new ones: the difference was learned by heart."
            ).format(train=percent(train.fraction), test=percent(test.fraction))
        )
    return " ".join(said)


def _one_answer(judged: Judged) -> int | None:
    """Return the answer that every picture gets, None where they get different ones."""
    shares = {
        counts.answered / counts.score.total
        for counts in (judged.counts("train"), judged.counts("test"))
    }
    return int(shares.pop()) if shares in ({0.0}, {1.0}) else None


# The threshold ------------------------------------------------------------------------------------


def _threshold(judged: Judged) -> None:
    st.markdown(prose("results", "threshold"), width=TEXT_WIDTH)
    part = choice(
        st.segmented_control, _("Counted"), SETS, key="counted", default="test", required=True
    )
    counts = judged.counts(part)
    matrix, curve = st.columns(2, gap="medium")
    with matrix:
        st.markdown(_matrix(counts, judged))
        st.markdown(_precision(counts, judged))
        st.markdown(_recall(counts, judged))
        st.markdown(
            _("**Accuracy**: {score}, 95% interval {interval}.").format(
                score=of(counts.score), interval=_interval(counts.score)
            )
        )
        wrong = counts.score.total - counts.score.right
        if wrong:
            st.button(
                _("Look at the mistake")
                if wrong == 1
                else _("Look at the {n} mistakes").format(n=wrong),
                key="look_at_mistakes",
                icon=":material/search:",
                on_click=_look_at_mistakes,
                args=(part,),
            )
    with curve:
        try:
            roc = roc_curve(judged.AL[part], judged.labels(part))
        except ValueError:
            st.info(
                _(
                    "There is no curve of found against false alarms: all {n} {place} pictures are of "
                    "one class."
                ).format(n=counts.score.total, place=PLACES[part])
            )
            return
        show_chart(
            roc_figure(roc, counts, judged.threshold),
            key="roc",
            alt=_("ROC curve: found against false alarms; area {area:.3f}.").format(area=roc.area),
        )
        st.caption(prose("results", "curve"))


def _look_at_mistakes(part: str) -> None:
    """Go to the mistakes of these pictures, whatever was last looked at there."""
    st.query_params.pop("picture", None)
    st.session_state.pop("picture_opened", None)
    st.session_state.update(part="mistakes", kind="wrong", among=part)
    name_ahead("among", PLACES[part])


def _matrix(counts: Counts, judged: Judged) -> str:
    """Write the confusion matrix, right and wrong also as signs."""
    yes, no = unbroken(judged.name(1)), unbroken(judged.name(0))
    total = counts.score.total
    lines = [
        "| | "
        + _("answered {name}").format(name=yes)
        + " | "
        + _("answered {name}").format(name=no)
        + " | "
        + _("together")
        + " |",
        "|---|---:|---:|---:|",
        _("| **is {name}** | ✓ {tp} found | ✗ {fn} missed | {n} |").format(
            name=yes, tp=counts.true_positive, fn=counts.false_negative, n=counts.positives
        ),
        _("| **is {name}** | ✗ {fp} false alarms | ✓ {tn} | {n} |").format(
            name=no,
            fp=counts.false_positive,
            tn=counts.true_negative,
            n=total - counts.positives,
        ),
        f"| {_('together')} | {counts.answered} | {total - counts.answered} | {total} |",
    ]
    return "\n".join(lines)


def _precision(counts: Counts, judged: Judged) -> str:
    name = judged.name(1)
    if counts.precision is None:
        return _(
            "**Precision** has no value here: nothing is answered {name}, so nothing can be right."
        ).format(name=name)
    return _("**Precision**: of {n} answered {name}, {tp} are: {tp} / {n} = {p}.").format(
        n=counts.answered, name=name, tp=counts.true_positive, p=percent(counts.precision)
    )


def _recall(counts: Counts, judged: Judged) -> str:
    name = judged.name(1)
    if counts.recall is None:
        return _(
            "**Recall** has no value here: no picture is {name}, so there is none to find."
        ).format(name=name)
    return _("**Recall**: of {n} that are {name}, {tp} are found: {tp} / {n} = {p}.").format(
        n=counts.positives, name=name, tp=counts.true_positive, p=percent(counts.recall)
    )
