"""How steady an answer is: the same picture moved by a few pixels, and mirrored."""

import numpy as np
import streamlit as st

from ui import images
from ui.judge import Judged
from ui.style import themed_ink
from ui.text import _, plain

from nncore.history import History
from nncore.steady import Move, Steadiness, look

SAME = 1e-12  # apart, and two probabilities differ by rounding only

STYLE = """<style>
.looks { display: flex; flex-wrap: wrap; gap: 1rem 2rem; }
.looks table { border-collapse: separate; border-spacing: 2px; font-variant-numeric: tabular-nums; }
.looks caption { text-align: left; padding-bottom: 4px; font-weight: 600; }
.looks :is(th, td) { font-size: 0.8rem; line-height: 1; padding: 0; text-align: center; border: 0; }
.looks th { font-weight: 400; opacity: 0.75; padding: 0 4px; }
.looks td { width: 40px; height: 30px; border-radius: 4px; outline-offset: -2px; }
.looks td.other { outline: 2px dashed currentColor; }
.looks td.rest { font-weight: 700; text-decoration: underline; text-underline-offset: 3px; }
</style>"""


def show_moved(judged: Judged, network: History) -> None:
    """Show the answers to the picture moved and mirrored; `sentence` says it beside the answer."""
    steady = judged.steadiness
    _show_looks(judged, network)
    st.html(STYLE + f'<div class="looks">{_grid(steady, 0)}{_grid(steady, 1)}</div>')
    st.caption(
        _(
            "In each cell the probability of “{name}”: moved right and down by so many pixels "
            "of {side}, what is left empty filled with the outermost pixels. Underlined: not moved. "
            "In a dashed frame: the other answer."
        ).format(name=plain(network.classes[1]), side=len(judged.small))
    )


def sentence(steady: Steadiness) -> str:
    """Say how steady the answer is, and what turns it."""
    same, total = steady.count
    least, most = float(steady.probabilities.min()), float(steady.probabilities.max())
    far = max(steady.moves)
    if steady.one_look:
        return _(
            "**The same everywhere:** moved or mirrored this picture stays as it is, so how steady the "
            "answer is cannot be told."
        )
    if most - least < SAME and SAME < least < 1 - SAME:
        return _(
            "**Deaf:** moved or mirrored, all {total} looks get the very same probability. "
            "However this picture is placed, nothing of it comes through to the output: only the "
            "biases speak. Another picture may come through."
        ).format(total=total)
    if steady.grade == "all":
        return _(
            "**Steady:** moved by up to {far} pixels each way and mirrored, all {total} copies get the "
            "same answer, with probabilities from {least:#.3g} to {most:#.3g}."
        ).format(far=far, total=total, least=least, most=most)
    text = {
        "most": _("**Mostly steady:** this answer comes for {same} of {total} {copies}."),
        "wavers": _("**It wavers:** this answer comes for {same} of {total} {copies}."),
        "half": _(
            "**Near half:** this answer comes for {same} of {total} {copies}; which of the two comes "
            "is luck."
        ),
        "few": _("**An exception:** this answer comes for only {same} of {total} {copies}."),
    }[steady.grade]
    turns = _(" It changes {move}.")
    flip = steady.nearest_flip
    copies = _("copies, moved a little or mirrored")
    said = text.format(same=same, total=total, copies=copies)
    return said if flip is None else said + turns.format(move=way(flip))


def way(move: Move) -> str:
    """Write a move in words.

    >>> way(Move(False, -2, 4))
    'when moved 2 up and 4 to the right, in pixels'
    """
    ways = (
        (move.down, _("down"), _("up")),
        (move.right, _("to the right"), _("to the left")),
    )
    parts = [f"{abs(n)} {there if n > 0 else back}" for n, there, back in ways if n]
    if not parts:
        return _("in the mirror")
    moved = _("when moved {parts}, in pixels").format(parts=_(" and ").join(parts))
    return _("in the mirror, {moved}").format(moved=moved) if move.mirrored else moved


def _show_looks(judged: Judged, network: History) -> None:
    """Show the picture, its mirror image and the nearest look with the other answer."""
    steady = judged.steadiness
    looks = [(_("as it is"), Move(False, 0, 0)), (_("mirrored"), Move(True, 0, 0))]
    flip = steady.nearest_flip
    if flip is not None and flip != looks[1][1]:
        looks.append((_("the nearest look that turns it"), flip))
    with st.container(horizontal=True, gap="medium"):
        for title, move in looks:
            p = steady.at(move)
            st.image(
                images.magnified(look(judged.small, move), 2),
                width=128,
                caption=f"{title}: {p:#.3g}",
                alt=_("{title}: probability {p:#.3g}").format(title=title, p=p),
            )


def _grid(steady: Steadiness, side: int) -> str:
    """Return the answers of one side as a table; there is no text but ours in it."""
    colour = themed_ink("cat")
    name = _("As it is") if side == 0 else _("Mirrored")
    head = "".join(f'<th scope="col">{_signed(move)}</th>' for move in steady.moves)
    rows = []
    for down, probabilities, agrees in zip(
        steady.moves, steady.probabilities[side], steady.agrees[side], strict=True
    ):
        cells = []
        for right, p, same in zip(steady.moves, probabilities, agrees, strict=True):
            marks = " ".join(
                mark for mark, holds in (("other", not same), ("rest", down == right == 0)) if holds
            )
            share = round(float(p) * 48)
            cells.append(
                f'<td class="{marks}" style="background:color-mix(in srgb, {colour} {share}%, '
                f'transparent)">{_short(float(p))}</td>'
            )
        rows.append(f'<tr><th scope="row">{_signed(down)}</th>{"".join(cells)}</tr>')
    corner = _("↓ down, right →")
    return (
        f"<table><caption>{name} <small>({corner})</small></caption>"
        f"<tr><td></td>{head}</tr>{''.join(rows)}</table>"
    )


def _signed(move: int) -> str:
    return f"−{-move}" if move < 0 else str(move)


def _short(p: float) -> str:
    """Write a probability in two decimals, none of them rounded to a certainty.

    >>> _short(0.9996), _short(0.5), _short(1.0)
    ('>.99', '.50', '1')
    """
    if p in (0.0, 1.0):
        return str(round(p))
    if p > 0.995:
        return ">.99"
    return "<.01" if p < 0.005 else f"{np.floor(p * 100 + 0.5) / 100:.2f}"[1:]
