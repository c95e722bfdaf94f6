"""The way from the file to the column as a ledger: every step, and every slip beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ui import images
from ui.frame import TEXT_WIDTH
from ui.judge import FILTERS, FITS, Judged, badge
from ui.listing import offer_code, show_lines
from ui.matrix import probability
from ui.text import _, plain

from nncore.data import pictures, pipeline
from nncore.data.pipeline import Options, Step, WhatIf
from nncore.history import History

TITLES = {
    "decode": _("Decode"),
    "turn": _("Turn upright"),
    "colour": _("Red, green, blue"),
    "opacity": _("Onto a background"),
    "fit": _("What is used"),
    "resize": _("Make it small"),
    "flatten": _("Flatten"),
    "scale": _("Divide by 255"),
}
MODES = {
    "1": _("black and white"),
    "L": _("grey"),
    "LA": _("grey with transparency"),
    "P": _("colour from a palette"),
    "PA": _("colour from a palette, with transparency"),
    "RGB": _("colour"),
    "RGBA": _("colour with transparency"),
    "CMYK": _("printing colours"),
    "I;16": _("grey of 16 bits"),
}
SLIPS = {
    "bytes": _("The file's bytes taken for pixels"),
    "unturned": _("The camera's note ignored"),
    "own_mode": _("The file's own numbers taken for red, green and blue"),
    "clipped": _("16 bits cut off at 255"),
    "opacity_dropped": _("Opacity thrown away"),
    "fit_stretch": _("All of it, stretched"),
    "fit_crop": _("Its middle square"),
    "fit_letterbox": _("All of it, with bars"),
    "unresized": _("Not made small"),
    "filter_nearest": _("One pixel taken for many"),
    "filter_bicubic": _("All pixels weighed"),
    "bgr": _("Blue first"),
    "planes": _("Colour by colour"),
    "batch": _("The wrong reshape"),
    "unscaled": _("Not divided"),
    "twice": _("Divided twice"),
}
CHOICES = ("fit_stretch", "fit_crop", "fit_letterbox", "filter_bicubic")  # no slips, but otherwise
MEANS = {
    "bytes": _("`np.frombuffer(file)`: a PNG, JPEG or WebP is packed, its bytes are no pixels."),
    "unturned": _("`Image.open` alone does not turn: telephones store a note and leave it to you."),
    "clipped": _("`convert('RGB')` does not scale 16 bits down: all above 255 is white."),
    "opacity_dropped": _("`convert('RGB')` shows what was hidden, often black."),
    "fit_stretch": _("The course does so: a wide cat becomes a narrow one."),
    "fit_crop": _("Nothing is distorted, but the sides are lost."),
    "fit_letterbox": _("Nothing is lost or distorted, but the bars are foreign to the network."),
    "unresized": _("The column begins with the uppermost rows and never gets further."),
    "filter_nearest": _("Between them everything is left out, as in older libraries."),
    "filter_bicubic": _("No pixel is left out."),
    "bgr": _("OpenCV's `imread` gives blue, green, red."),
    "planes": _("First all the red, then green, then blue, as PyTorch orders it."),
    "batch": _("`X.reshape(-1, m)` for `X.reshape(m, -1).T`: here m = 2, this picture twice."),
    "unscaled": _("Notebook 1's own slip: 0 to 255 where the network knows 0 to 1."),
    "twice": _("`plt.imread` has divided a PNG by 255 already."),
}
OWN_MODES = {
    "1": _("True and False: one number a pixel, 0 or 1."),
    "L": _("One number a pixel: three pixels become one."),
    "LA": _("Two numbers a pixel, the second for opacity."),
    "P": _("One number a pixel, and it is a place in a list of colours."),
    "RGBA": _("The fourth number of each pixel is read along: all after it is out of place."),
    "CMYK": _("Four inks a pixel, and much ink is dark."),
    "I;16": _("One number a pixel, up to 65,535."),
}
SHOWN = 112  # pixels of a picture that is shown small
MOST = 2 * SHOWN  # of its own: screens have two for one

STYLE = """<style>
.st-key-way .listing { padding: 0.5rem 0.7rem; font-size: 0.8rem; }
.st-key-way h3 { padding: 0; font-size: 1.05rem; }
.st-key-way p { line-height: 1.4; }
.st-key-way img { box-shadow: 0 0 0 1px color-mix(in srgb, currentColor 25%, transparent); }
</style>"""


@dataclass(frozen=True)
class Outcome:
    """What a slip comes to for this picture.

    Attributes
    ----------
    id : str
    same : bool
        It does no harm: the column is the same.
    flips : bool
        The answer is the other one.
    before, after : float
        The probability, right and with the slip.
    """

    id: str
    same: bool
    flips: bool
    before: float
    after: float


def outcomes(what_ifs: Sequence[WhatIf], network: History, right: Step) -> list[Outcome]:
    """Ask the network about every slip at once, beside the right column."""
    columns = [right.array, *(what_if.column for what_if in what_ifs)]
    with np.errstate(over="ignore", invalid="ignore"):  # pixels 255 times too large
        before, *after = map(float, pipeline.answers(columns, network.parameters))
    return [
        Outcome(what_if.id, what_if.same, (p > 0.5) != (before > 0.5), before, p)
        for what_if, p in zip(what_ifs, after, strict=True)
    ]


def show_way(judged: Judged, options: Options, network: History) -> None:
    """Show the ledger, and above it which slips matter for this very picture."""
    picture = judged.chosen.picture
    steps = pipeline.steps(picture, options)
    what_ifs = pipeline.what_ifs(picture, options, steps)
    found = outcomes(what_ifs, network, steps[-1])
    st.html(STYLE)
    st.markdown(summary(found), width=TEXT_WIDTH)
    beside = dict(zip((what_if.id for what_if in what_ifs), found, strict=True))
    with st.container(key="way"):
        for number, step in enumerate(steps, start=1):
            with st.container(border=True):
                left, right = st.columns([1, 1.15], gap="medium")
                with left, st.container(horizontal=True, gap="medium"):
                    _show_step(number, step, judged, options)
                with right:
                    for what_if in what_ifs:
                        if what_if.step == step.id:
                            _show_slip(what_if, beside[what_if.id], picture, network)
    offer_code(
        _("The code that does this"),
        "way_code",
        pipeline.steps,
        pictures.turn,
        pictures.on_background,
        pictures.make_square,
        pictures.shrink,
    )


def summary(found: Sequence[Outcome]) -> str:
    """Say in a sentence or two which slips matter here."""
    slips = [outcome for outcome in found if outcome.id not in CHOICES]
    harmless = [outcome for outcome in slips if outcome.same]
    flips = [outcome for outcome in slips if outcome.flips]
    text = _(
        "Of {n} slips that people make on this way, **{harmless}** would change nothing here, "
        "**{others}** the numbers but not the answer"
    )
    if flips:
        text += _(", and **{flips}** would turn the answer: {names}.")
    else:
        text += _(", and none would turn the answer.")
    return text.format(
        n=len(slips),
        harmless=len(harmless),
        others=len(slips) - len(harmless) - len(flips),
        flips=len(flips),
        names="; ".join(_lower(SLIPS[outcome.id]) for outcome in flips),
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _show_step(number: int, step: Step, judged: Judged, options: Options) -> None:
    title = f"{number}. {TITLES[step.id]}"
    st.image(
        _drawn(step, judged),
        width=32 if step.id in ("flatten", "scale") else SHOWN,
        alt=f"{title} ({judged.chosen.title})",
    )
    with st.container(gap="xxsmall", width="stretch"):
        st.markdown(f"### {title}\n\n{_note(step, judged, options)}")
        show_lines(numbers(step.array))


def _drawn(step: Step, judged: Judged) -> NDArray[np.uint8]:
    """Return the picture that a step is shown by."""
    picture = judged.chosen.picture
    if step.id == "decode":
        return images.on_checks(images.within(picture.stored, MOST), 8)
    if step.id == "turn":
        upright = pictures.turn(picture.stored, picture.orientation)
        return images.on_checks(images.within(upright, MOST), 8)
    if step.id in ("flatten", "scale"):
        return images.column_strip(judged.small.ravel())
    if step.id == "resize":
        return images.enlarge(step.array, 4)
    if step.array.shape[2] == 4:
        return images.on_checks(images.within(step.array, MOST), 8)
    return images.within(step.array, MOST)


def _note(step: Step, judged: Judged, options: Options) -> str:
    """Say in a line what the step has done to this picture."""
    picture = judged.chosen.picture
    if step.id == "decode":
        note = (
            f"{picture.format}, {MODES.get(picture.mode, picture.mode)}, "
            f"{picture.width:,} × {picture.height:,}: "
        ) + _("{n} bytes.").format(n=f"{picture.bytes:,}")
        if max(picture.width, picture.height) > pictures.WORKING_SIZE:
            note += _(" Worked on at {n} pixels.").format(n=pictures.WORKING_SIZE)
        return note
    if step.id == "turn":
        return _("Turned as the camera noted.") if picture.turned else _("Already upright.")
    if step.id == "colour":
        if picture.mode == "P":
            return _("Every number is looked up in the palette.")
        if picture.mode in ("RGB", "RGBA"):
            return _("They are there already.")
        return _("From {mode}.").format(mode=MODES.get(picture.mode, plain(picture.mode)))
    if step.id == "opacity":
        if picture.transparent:
            return _("Transparent parts on {colour}.").format(colour=_rgb(options))
        return _("Nothing is transparent.")
    if step.id == "fit":
        height, width, _channels = step.array.shape
        return f"{width:,} × {height:,}: {FITS[options.fit]}."
    if step.id == "resize":
        return _(
            "{side} × {side} pixels: all that the network sees. Shrunk with: {filter}."
        ).format(side=options.side, filter=FILTERS[options.filter])
    if step.id == "flatten":
        return _("{n} numbers, row by row, red, green and blue of each pixel together.").format(
            n=f"{len(step.array):,}"
        )
    return _("As the pictures were that the network has learned from: this is what it reads.")


def _rgb(options: Options) -> str:
    return "({}, {}, {})".format(*options.background)


def numbers(array: NDArray[np.generic]) -> str:
    """Write what an array is: shape, type, range and its first numbers."""
    flat = array.ravel()
    form = "{:.4f}".format if array.dtype.kind == "f" else str
    first = " ".join(form(value) for value in flat[:6].tolist())
    return (
        f"{array.shape} {array.dtype}\n"
        f"{form(flat.min().item())} … {form(flat.max().item())}\n"
        f"{first} …"
    )


def _show_slip(
    what_if: WhatIf, outcome: Outcome, picture: pictures.Picture, network: History
) -> None:
    """Show one slip: what the network would see, and what it would say."""
    name, choice = SLIPS[what_if.id], what_if.id in CHOICES
    kind = _("Another choice:") if choice else _("A slip:")
    if what_if.same:
        st.markdown(
            _(":gray[{sign} **{name}**: no difference here, {why}.]").format(
                sign=kind if choice else ":material/check:", name=name, why=reason(what_if, picture)
            )
        )
        return
    means = MEANS.get(what_if.id) or OWN_MODES.get(picture.mode, "")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.image(
            what_if.seen,
            width=72,
            alt=_("What the network would see: {name}").format(name=name),
        )
        lines = [f"{kind} **{name}.** {means}"]
        if what_if.code:
            lines[0] += f" `{what_if.code}`"
        if what_if.shape is not None:
            lines.append(refusal(what_if))
        with st.container(width="stretch"):
            st.markdown("  \n".join([*lines, answer(outcome, network.classes)]))


def refusal(what_if: WhatIf) -> str:
    """Say that NumPy would refuse, and what is looked at nevertheless."""
    shape, needed = what_if.shape or (), len(what_if.column)
    return _(
        ":material/error: NumPy refuses: {shape} is {n} numbers, the network reads {needed}. "
        "Forced in with `np.resize` it would be this picture."
    ).format(shape=shape, n=f"{int(np.prod(shape)):,}", needed=f"{needed:,}")


def answer(outcome: Outcome, classes: tuple[str, str]) -> str:
    """Write the answer with a slip beside the right one."""
    before, after = probability(outcome.before), probability(outcome.after)
    if outcome.flips:
        text = _(":material/swap_horiz: **The answer turns:** {badge} {after} instead of {before}.")
    elif before == after:
        text = _("The same answer: {badge} {after}, to four digits.")
    else:
        text = _("The same answer: {badge} {after} instead of {before}.")
    return text.format(badge=badge(outcome.after, classes), after=after, before=before)


def reason(what_if: WhatIf, picture: pictures.Picture) -> str:
    """Say why a slip does no harm to this picture."""
    if what_if.id == "unturned" and not picture.turned:
        return _("the camera noted no turn")
    if what_if.id == "own_mode" and picture.mode == "RGB":
        return _("the file has red, green and blue already")
    if what_if.id == "opacity_dropped" and not picture.transparent:
        return _("the picture has no transparency")
    if what_if.step == "fit":
        return _("the picture is square")
    if what_if.id == "bgr":
        return _("red and blue are the same in every pixel")
    return _("the numbers come out the same")
