"""Every mistake as a picture; one of them large, with the training pictures most like it."""

from collections import Counter
from collections.abc import Callable, Sequence

import streamlit as st

from ui import images, store
from ui.address import Choices, choice
from ui.components.picker import Tile, picked, picker
from ui.frame import TEXT_WIDTH, breathe
from ui.judged import PLACES, Judged, apart
from ui.ledger import show_ledger
from ui.matrix import probability
from ui.text import _, prose

from nncore.data.dataset import Dataset
from nncore.neighbours import levels, nearest
from nncore.scores import Answer, sure

AMONG = {"both": _("both")} | PLACES
KINDS = {
    "wrong": _("mistakes"),
    "miss": _("misses"),
    "alarm": _("false alarms"),
    "right": _("right"),
    "all": _("all"),
}
ORDERS = {
    "sure": _("most confident first"),
    "unsure": _("least confident first"),
    "index": _("by number"),
}
CHOICES: Choices = {"among": AMONG, "kind": KINDS, "order": ORDERS}
MOST = 24  # pictures of a part that are shown before somebody asks for all
NEIGHBOURS = 6
SURE = 0.9  # the probability of an answer from which on it counts as sure
CLOSER = "closer"  # the anchor of the chosen picture
LARGE = 4  # how many times as large as it is the chosen picture is shown

Place = tuple[str, int]  # the part, "train" or "test", and the index in it

# Beside a long list the chosen picture stays in sight. A telephone has one column and no room for that:
# there a bar at the foot of the screen says which picture is chosen, and leads to it.
STAYS = """<style>
@media (min-width: 900px) {
  .stColumn:has(.st-key-closer) {
    position: sticky; top: 4rem; align-self: flex-start;
  }
}
[data-testid="stLayoutWrapper"]:has(> .st-key-to_closer) { position: sticky; bottom: 8px; z-index: 2; }
.st-key-to_closer a {
  display: flex; justify-content: space-between; gap: 1rem; padding: 0.7rem 1rem; border-radius: 8px;
  font-weight: 600; text-decoration: none; color: #fff; background: light-dark(#334155, #52708f);
}
@media (min-width: 641px) {
  [data-testid="stLayoutWrapper"]:has(> .st-key-to_closer) { display: none; }
}
</style>"""


def read_place(text: str) -> Place | None:
    """Read a picture from an address; None where it is none.

    >>> read_place("test.12"), read_place("test.x"), read_place("moon.1")
    (('test', 12), None, None)
    """
    part, point, index = text[:20].partition(".")
    if part not in ("train", "test") or not (point and index.isascii() and index.isdigit()):
        return None
    return part, int(index)


def write_place(place: Place) -> str:
    """Write a picture as it stands in an address.

    >>> write_place(("test", 12))
    'test.12'
    """
    return f"{place[0]}.{place[1]}"


@st.fragment
def show(judged: Judged) -> None:
    """Show the whole part."""
    st.markdown(prose("results", "mistakes"), width=TEXT_WIDTH)
    st.html(STAYS)
    among, kind, order = _choose()
    parts = ["test", "train"] if among == "both" else [among]
    listed = {part: _sorted(_of_kind(judged.answers(part), kind), order) for part in parts}
    st.markdown(_("**What to notice.** ") + _notice(judged, parts), width=TEXT_WIDTH)
    left, right = st.columns([1.5, 1], gap="medium")
    place = _place(judged, listed)
    with left:
        for part, shown in listed.items():
            _show_part(judged, part, shown, place)
        st.caption(_meaning(judged))
        with st.container(key="to_closer"):
            st.html(_bar(judged, place))
    with right, st.container(key="closer"):
        _closer(judged, place)
    breathe()
    st.header(_("What each pixel adds"), anchor=False)
    part, index = place
    show_ledger(
        key="ledger",
        image=judged.images(part)[index],
        parameters=judged.network.parameters,
        label=int(judged.labels(part)[0, index]),
        classes=judged.dataset.classes,
        threshold=judged.threshold,
    )
    with st.expander(_("What such mistakes have in common")):
        st.markdown(prose("results", "common"))


def _choose() -> tuple[str, str, str]:
    """Let the reader filter and sort."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = choice(
            st.segmented_control, _("Show"), KINDS, key="kind", default="wrong", required=True
        )
        among = choice(
            st.segmented_control, _("Among"), AMONG, key="among", default="both", required=True
        )
        order = choice(st.selectbox, _("Order"), ORDERS, key="order", default="sure", width=200)
    return among, kind, order


def _of_kind(answers: list[Answer], kind: str) -> list[Answer]:
    if kind == "all":
        return answers
    if kind == "wrong":
        return [answer for answer in answers if not answer.right]
    return [answer for answer in answers if answer.kind == kind]


def _sorted(answers: list[Answer], order: str) -> list[Answer]:
    if order == "index":
        return answers
    return sorted(answers, key=lambda answer: answer.confidence, reverse=order == "sure")


def _notice(judged: Judged, parts: list[str]) -> str:
    """Say how often the network is wrong where it is sure."""
    scores = {part: sure(judged.answers(part), SURE) for part in parts}
    said = [
        _("No answer to a {part} picture is more than {p:.0%} sure.")
        .format(part=PLACES[part], p=SURE)
        if score is None
        else _("{n} answers to {part} pictures are more than {p:.0%} sure; {wrong} are wrong.")
        .format(n=score.total, part=PLACES[part], p=SURE, wrong=score.total - score.right)
        for part, score in scores.items()
    ]  # fmt: skip
    if any(scores.values()):
        said.append(
            _("(Sure of {name}: a probability over {p:g}; of {other}: under {q:g}.)").format(
                name=judged.name(1), other=judged.name(0), p=SURE, q=1 - SURE
            )
        )
    if any(score is not None and score.right < score.total for score in scores.values()):
        said.append(_("To be sure is not to be right."))
    return " ".join(said)


def _meaning(judged: Judged) -> str:
    return _(
        "A miss (false negative) is {yes} that is answered {no}; a false alarm (false positive) is "
        "{no} that is answered {yes}. Below a picture stand the probability of {yes}, its number, "
        "counted from 0 as in `X[:, 0]`, and its label."
    ).format(yes=judged.name(1), no=judged.name(0))


# Which picture is looked at -----------------------------------------------------------------------


def _place(judged: Judged, listed: dict[str, list[Answer]]) -> Place:
    """Return the picture that is looked at: of the address, of this session, or the first listed."""
    for text in (st.query_params.get("picture", ""), st.session_state.get("picture_opened", "")):
        place = read_place(text)
        if place is not None and place[1] < judged.labels(place[0]).shape[1]:
            st.session_state["picture_opened"] = write_place(place)
            if st.query_params.get("picture") != write_place(place):
                st.query_params["picture"] = write_place(place)
            return place
    st.query_params.pop("picture", None)
    return next(((part, shown[0].index) for part, shown in listed.items() if shown), ("test", 0))


def _opens(key: str) -> Callable[[], None]:
    """Return what happens when the reader picks a picture in a grid of them."""

    def open_it() -> None:
        place = read_place(picked(key) or "")
        if place is not None:
            st.session_state["picture_opened"] = st.query_params["picture"] = write_place(place)

    return open_it


# All of them --------------------------------------------------------------------------------------


def _thumbnails(dataset: Dataset, places: Sequence[Place]) -> list[str]:
    """Return pictures as addresses, each made when it is first shown."""
    made: dict[Place, str] = store.made("thumbnails", dataset, dict)
    for part, index in places:
        if (part, index) not in made:
            pictures = dataset.train_images if part == "train" else dataset.test_images
            made[part, index] = images.data_address(pictures[index])
    return [made[place] for place in places]


def _show_part(judged: Judged, part: str, shown: list[Answer], place: Place) -> None:
    counts = judged.counts(part).score
    title = _("Test pictures") if part == "test" else _("Training pictures")
    st.markdown(
        _("**{title}**: {wrong} of {total} answered wrongly, {n} shown.").format(
            title=title, wrong=counts.total - counts.right, total=counts.total, n=len(shown)
        )
    )
    if not shown:
        st.caption(_("There is none of this kind."))
        return
    key = f"pictures_{part}"
    whole = len(shown) <= MOST or st.session_state.get(f"{key}_all", False)
    offered = shown if whole else shown[:MOST]
    pictures = _thumbnails(judged.dataset, [(part, answer.index) for answer in offered])
    picker(
        [
            _tile(judged, part, answer, picture)
            for answer, picture in zip(offered, pictures, strict=True)
        ],
        key=key,
        label=title,
        chosen=write_place(place),
        on_pick=_opens(key),
    )
    if len(shown) > MOST:
        st.toggle(
            _("all {n}").format(n=len(shown)),
            key=f"{key}_all",
            bind="query-params",
            persist_state="session",
        )


def _tile(judged: Judged, part: str, answer: Answer, picture: str) -> Tile:
    classes = judged.dataset.classes
    sign = "✓" if answer.right else "✗"
    return Tile(
        id=write_place((part, answer.index)),
        picture=picture,
        title=_("{part} picture {i}: {label}, answered {says}").format(
            part=_("test") if part == "test" else _("training"),
            i=answer.index,
            label=classes[answer.label],
            says=classes[answer.says],
        ),
        lines=(
            f"{sign} {_probability(answer.probability)}",
            _("{i}: {label}").format(i=answer.index, label=classes[answer.label]),
        ),
    )


def _probability(p: float) -> str:
    """Write a probability with three decimals, and never one that is not 0 or 1 as if it were.

    >>> _probability(0.62345), _probability(0.00001), _probability(0.9999)
    ('0.623', '<0.001', '>0.999')
    """
    if p < 0.0005:
        return "<0.001"
    return ">0.999" if p >= 0.9995 else f"{p:.3f}"


# One picture --------------------------------------------------------------------------------------


def _title(place: Place) -> str:
    part, index = place
    return (_("Test picture {i}") if part == "test" else _("Training picture {i}")).format(i=index)


def _bar(judged: Judged, place: Place) -> str:
    """Return, as HTML, the bar that says which picture is chosen and leads to it."""
    part, index = place
    said = _("answered rightly") if judged.answers(part)[index].right else _("answered wrongly")
    return (
        f'<div role="status"><a href="#{CLOSER}"><span>{_title(place)}, {said}</span>'
        f'<span aria-hidden="true">↓</span></a></div>'
    )


def _closer(judged: Judged, place: Place) -> None:
    """Show a picture large, what it is and what is said of it, and its neighbours."""
    part, index = place
    answer = judged.answers(part)[index]
    picture = judged.images(part)[index]
    st.header(_title(place), anchor=CLOSER)
    with st.container(horizontal=True, gap="medium"):
        st.image(images.magnified(picture, LARGE), width=170, alt=_title(place))
        with st.container(width="content", gap="xxsmall"):
            st.markdown(_("It is {name}.").format(name=judged.name(answer.label)))
            st.markdown(
                (_("✓ Answered {name}.") if answer.right else _("✗ Answered {name}.")).format(
                    name=judged.name(answer.says)
                )
            )
            st.markdown(
                _("Probability of {name}: **{p}**").format(
                    name=judged.name(1), p=probability(answer.probability)
                ),
                help=repr(answer.probability),
            )
    _neighbours(judged, place)


def _neighbours(judged: Judged, place: Place) -> None:
    part, index = place
    dataset = judged.dataset
    found = nearest(apart(dataset, part), index, NEIGHBOURS, itself=part == "train")
    labels = [int(dataset.train_labels[0, one.index]) for one in found]
    st.markdown(_("**The training pictures most like it**"))
    pictures = _thumbnails(dataset, [("train", one.index) for one in found])
    tiles = [
        Tile(
            id=write_place(("train", one.index)),
            picture=picture,
            title=_("training picture {i}: {label}, at a distance of {d:.1f}").format(
                i=one.index, label=dataset.classes[label], d=one.distance
            ),
            lines=(
                dataset.classes[label],
                _("{d:.1f} apart").format(d=one.distance),
                _("{n:.0f} levels").format(n=levels(one.distance, dataset.train_images[0].size)),
            ),
        )
        for one, label, picture in zip(found, labels, pictures, strict=True)
    ]
    picker(
        tiles,
        key="neighbours",
        label=_("The training pictures most like it"),
        width=88,
        on_pick=_opens("neighbours"),
    )
    most, count = Counter(labels).most_common(1)[0]
    st.caption(
        _("{count} of these {n} are {name}.").format(
            count=count, n=len(labels), name=judged.name(most)
        )
        + " "
        + prose("results", "neighbours")
    )
