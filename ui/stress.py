"""Stress: the test pictures changed a little, and what becomes of the answers."""

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import streamlit as st

from ui.address import Choices, choice
from ui.components.chart import show_chart
from ui.figures import accuracy_over_strength
from ui.frame import TEXT_WIDTH, breathe
from ui.gallery import Plate, show_gallery
from ui.text import _, plain, prose

from nncore.agreement import Agreement, compare
from nncore.data.dataset import Dataset
from nncore.history import History
from nncore.stress import Stress, answers, stresses
from nncore.types import FloatArray, IntArray, Parameters, UInt8Array

NAMES = {
    "mirror": _("mirrored"),
    "right": _("moved right"),
    "left": _("moved left"),
    "down": _("moved down"),
    "up": _("moved up"),
    "brighter": _("brighter"),
    "darker": _("darker"),
    "noise": _("noise"),
    "grey": _("grey"),
    "swap": _("red and blue swapped"),
}
EDGES = {"wrap": _("wraps around"), "repeat": _("edge repeated"), "black": _("black")}
CHOICES: Choices = {"stress": NAMES, "edge": EDGES}  # for the page's `open_page`
SHIFTS = ("right", "left", "down", "up")
AXES = {
    **dict.fromkeys(SHIFTS, _("pixels")),
    "brighter": _("every number multiplied by"),
    "darker": _("every number multiplied by"),
    "noise": _("standard deviation of the noise, of 255"),
    "grey": _("share of grey"),
}
MOST_SHOWN = 24  # pictures that flip
PAIR = 84  # pixels of a picture that has another beside it: two pairs fit on a phone
MOST_ASKED = 200  # test pictures: each is changed some twenty times


@dataclass(frozen=True, eq=False)
class _Asked:
    """The test pictures in question, and what the network says of them as they are."""

    images: UInt8Array
    labels: IntArray
    classes: tuple[str, str]
    parameters: Parameters
    before: FloatArray
    known: dict[tuple[Stress, float], Agreement] = field(default_factory=dict)

    def under(self, change: Stress, strength: float) -> Agreement:
        """Return the answers before and after a change, asked for once in a session."""
        if (change, strength) not in self.known:
            after = answers(change.apply(self.images, strength), self.parameters)
            self.known[change, strength] = compare(self.before, after, self.labels)
        return self.known[change, strength]

    @property
    def total(self) -> int:
        return len(self.images)

    def always(self) -> tuple[str, int]:
        """Return the one answer that is right most often without a look, and how often."""
        ones = int(self.labels.sum())
        label = int(2 * ones >= self.total)
        return self.classes[label], ones if label else self.total - ones


_table = cache(stresses)  # the same changes each time: what is known of one is known again


def _ask(network: History, dataset: Dataset) -> _Asked:
    """Return what this session knows already of a network under stress, or begin to."""
    last = st.session_state.get("stress_asked")
    if last is None or last[0] is not network or last[1] is not dataset:
        last = st.session_state["stress_asked"] = network, dataset, _begin(network, dataset)
    asked: _Asked = last[2]
    return asked


def _begin(network: History, dataset: Dataset) -> _Asked:
    parameters = network.parameters
    images, labels = dataset.test_images[:MOST_ASKED], dataset.test_labels[:, :MOST_ASKED]
    return _Asked(images, labels, dataset.classes, parameters, answers(images, parameters))


@st.fragment
def show_stress(network: History, dataset: Dataset) -> None:
    """Show how a network's test answers stand small changes of the pictures.

    Parameters
    ----------
    network : History
        With one output, and as many inputs as a picture has numbers.
    dataset : Dataset
    """
    st.markdown(prose("stress", "lead"), width=TEXT_WIDTH)
    try:
        asked = _ask(network, dataset)
    except ValueError as error:
        st.error(plain(str(error)))
        return
    overview, detail = st.columns([1.3, 1], gap="large")
    with detail:
        change, table = _choose()
        strength = _choose_strength(change)
    # The others as much as usual: what is not to be seen and set would not be in a link, either.
    strengths = {id: each.usual for id, each in table.items()} | {change.id: strength}
    names = {id: _name(each, strengths[id]) for id, each in table.items()}
    found = {id: asked.under(each, strengths[id]) for id, each in table.items()}
    with overview:
        _overview(asked, names, found, change)
        if asked.total < dataset.test_labels.shape[1]:
            st.caption(_("The first {n} test pictures.").format(n=asked.total))
    with detail:
        if change.strengths:
            _curve(asked, change, strength)
        else:
            st.caption(_("There is no more and no less of it: {does}").format(does=_(change.does)))
    breathe()
    _say(found, names)
    _flips(asked, change, strength, found[change.id])


# What to do to the pictures -----------------------------------------------------------------------


def _choose() -> tuple[Stress, dict[str, Stress]]:
    id = choice(st.selectbox, _("Change"), NAMES, key="stress", default="left")
    edge = choice(
        st.segmented_control,
        _("Empty side of a shifted picture"),
        EDGES,
        key="edge",
        default="wrap",
        required=True,
        help=prose("stress", "edges"),
    )
    table = _table(edge)
    return table[id], table


def _choose_strength(change: Stress) -> float:
    if not change.strengths:
        return change.usual
    strength: float = st.select_slider(
        _("How much"),
        change.strengths,
        value=change.usual,
        format_func=lambda strength: write_strength(change.id, strength),
        key=f"strength_{change.id}",
        bind="query-params",
        persist_state="session",
    )
    return strength


def write_strength(id: str, strength: float) -> str:
    """Write how much of a change there is.

    >>> write_strength("left", 4), write_strength("darker", 0.5), write_strength("grey", 0.2)
    ('4\\xa0px', '×\\xa00.5', '20%')
    """
    if id in SHIFTS:
        return _("{n:g}\u00a0px").format(n=strength)
    if id == "grey":
        return f"{strength:.0%}"
    return f"{strength:g}" if id == "noise" else f"×\u00a0{strength:g}"


def _name(change: Stress, strength: float) -> str:
    name = NAMES[change.id]
    return f"{name}, {write_strength(change.id, strength)}" if change.strengths else name


# What becomes of the answers ----------------------------------------------------------------------


def _overview(
    asked: _Asked, names: dict[str, str], found: dict[str, Agreement], chosen: Stress
) -> None:
    """Show a row for each change."""
    unchanged = int(found[chosen.id].first_right.sum())
    rows = [
        _("| change | right of {n} | share | net | now wrong | now right |").format(n=asked.total),
        "|---|---:|---:|---:|---:|---:|",
        _row(_("unchanged"), unchanged, asked.total),
    ]
    for id, agreement in found.items():
        both, lost, won, _neither = agreement.counts
        name = f"**{names[id]}**" if id == chosen.id else names[id]
        rows.append(_row(name, both + won, asked.total, _signed(won - lost), str(lost), str(won)))
    answer, right = asked.always()
    rows.append(_row(_("always “{name}”").format(name=plain(answer)), right, asked.total))
    st.markdown("\n".join(rows))


def _signed(n: int) -> str:
    return f"{n:+d}".replace("-", "−") if n else "0"


def _row(name: str, right: int, total: int, *more: str) -> str:
    rest = " | ".join(more or ("", "", ""))
    return f"| {name} | {right} | {right / total:.0%} | {rest} |"


def _curve(asked: _Asked, change: Stress, strength: float) -> None:
    counts = [int(asked.under(change, each).second_right.sum()) for each in change.strengths]
    answer, right = asked.always()
    show_chart(
        accuracy_over_strength(
            change.strengths,
            counts,
            asked.total,
            strength,
            (_("always “{name}”").format(name=answer), right / asked.total),
            AXES[change.id],
        ),
        key="stress_curve",
        alt=_("Test pictures right: {points}.").format(
            points="; ".join(
                f"{write_strength(change.id, each)}: {count}"
                for each, count in zip(change.strengths, counts, strict=True)
            )
        ),
    )


def _say(found: dict[str, Agreement], names: dict[str, str]) -> None:
    """Say which change costs most, and which number hides that answers have changed."""
    counts = {id: agreement.counts for id, agreement in found.items()}
    loss = {id: lost - won for id, (_both, lost, won, _neither) in counts.items()}
    total = sum(next(iter(counts.values())))
    most = max(loss.values())
    said = [_("No change here costs this network a right answer on balance.")]
    if most > 0:
        worst = [names[id] for id in loss if loss[id] == most]
        said = [
            _("Hardest on this network, with {n} fewer of {total} right: {names}.").format(
                names="; ".join(f"“{name}”" for name in worst), n=most, total=total
            )
        ]
    hidden = [id for id in loss if loss[id] == 0 and counts[id][1]]
    if hidden:
        id = hidden[0]
        said.append(
            _(
                "With “{name}” the percentage stays as it is, and yet {n} answers change sides: as "
                "many turn right as turn wrong."
            ).format(name=names[id], n=2 * counts[id][1])
        )
    st.markdown(_("**What to notice.** ") + " ".join(said), width=TEXT_WIDTH)


def _flips(asked: _Asked, change: Stress, strength: float, agreement: Agreement) -> None:
    """Show the pictures that get another answer, before and after."""
    places = agreement.differing()
    st.markdown(
        _("**{n} of {total} test pictures flip** ({name})").format(
            n=len(places), total=len(agreement.labels), name=_name(change, strength)
        )
    )
    if not len(places):
        st.caption(_("Every answer is the same as before."))
        return
    one = asked.classes[1]
    shown = places[:MOST_SHOWN]
    images = asked.images[shown]
    plates = []
    for place in shown:
        before, after = float(agreement.first[place]), float(agreement.second[place])
        label = asked.classes[agreement.labels[place]]
        plates.append(
            Plate(
                alts=tuple(
                    _("Test picture {i}, {label}, {state}: probability of “{one}” {p}").format(
                        i=place, label=label, state=state, one=one, p=repr(p)
                    )
                    for state, p in ((_("as it is"), before), (_name(change, strength), after))
                ),
                title=f"{before:.3f} → {after:.3f}",
                lines=(
                    _("right → wrong ✗") if agreement.first_right[place] else _("wrong → right ✓"),
                    _("{i}: {label}").format(i=place, label=label),
                ),
            )
        )
    pairs = np.stack([images, change.apply(images, strength)], axis=1)
    show_gallery(pairs, plates, key="flips", size=PAIR)
    more = len(places) - len(shown)
    st.caption(
        _(
            "Left as it is, right as changed; the probability of “{one}” before and after, the number "
            "of the picture and its label."
        ).format(one=plain(one))
        + (" " + _("{n} more are not shown.").format(n=more) if more else "")
    )
