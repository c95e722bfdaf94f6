"""The way from the file to the column as a ledger: every step, and every slip beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ui import images
from ui.frame import TEXT_WIDTH
from ui.judge import FILTERS, FITS, Judged
from ui.listing import lines, offer_code
from ui.matrix import probability
from ui.silent import silent_columns
from ui.style import themed_ink
from ui.text import _, as_html

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

STYLE = f"""<style>
.way {{ display: grid; gap: 1rem; }}
.way > section {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr));
  gap: 1rem 1.5rem; padding: 1rem; border-radius: 0.5rem;
  border: 1px solid {themed_ink("line")}; }}
.way .step, .way .slip {{ display: flex; gap: 0.75rem; }}
.way .step > div, .way .slip > div {{ flex: 1; min-width: 0; }}
.way .slips {{ display: grid; gap: 0.75rem; align-content: start; }}
.way .slip {{ align-items: center; }}
.way h3 {{ margin: 0 0 0.25rem; padding: 0; font-size: 1.05rem; }}
.way p {{ margin: 0 0 0.4rem; line-height: 1.4; }}
.way .slips p {{ margin: 0; }}
.way .second {{ color: {themed_ink("cat")}; }}
.way :is(.first, .same) {{ color: {themed_ink("non_cat")}; }}
.way img {{ flex: none; align-self: start; height: auto; border-radius: 0.25rem;
  box-shadow: 0 0 0 1px color-mix(in srgb, currentColor 25%, transparent); }}
.way .slip img {{ align-self: center; }}
.way img.pixels {{ image-rendering: pixelated; }}
.way code {{ font-family: "Source Code Pro", monospace; font-size: 0.875em; overflow-wrap: anywhere;
  padding: 0.1em 0.25em; border-radius: 0.25rem; background: {themed_ink("surface")}; }}
.way .icon {{ font: 1.15em/1 "Material Symbols Rounded"; vertical-align: -0.2em; }}
.way .listing {{ padding: 0.5rem 0.7rem; font-size: 0.8rem; }}
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
    silent : bool
        With the slip nothing of the picture comes through to the output.
    """

    id: str
    same: bool
    flips: bool
    before: float
    after: float
    silent: bool


def outcomes(what_ifs: Sequence[WhatIf], network: History, right: Step) -> list[Outcome]:
    """Ask the network about every slip at once, beside the right column."""
    columns = [right.array, *(what_if.column for what_if in what_ifs)]
    with np.errstate(over="ignore", invalid="ignore"):  # pixels 255 times too large
        before, *after = map(float, pipeline.answers(columns, network.parameters))
    silent = silent_columns(np.hstack(columns[1:]), network.parameters).tolist()
    return [
        Outcome(what_if.id, what_if.same, (p > 0.5) != (before > 0.5), before, p, unheard)
        for what_if, p, unheard in zip(what_ifs, after, silent, strict=True)
    ]


def show_way(judged: Judged, options: Options, network: History) -> None:
    """Show the ledger, and above it which slips matter for this very picture."""
    picture = judged.chosen.picture
    steps = pipeline.steps(picture, options)
    what_ifs = pipeline.what_ifs(picture, options, steps)
    found = outcomes(what_ifs, network, steps[-1])
    beside = dict(zip((what_if.id for what_if in what_ifs), found, strict=True))
    shown = _shown(steps, judged)
    sections = []
    for number, step in enumerate(steps, start=1):
        slips = "".join(
            _slip(what_if, beside[what_if.id], picture, network)
            for what_if in what_ifs
            if what_if.step == step.id
        )
        sections.append(
            f'<section><div class="step">{shown[step.id]}'
            f"<div>{_step(number, step, judged, options)}</div></div>"
            f'<div class="slips">{slips}</div></section>'
        )
    st.markdown(summary(found), width=TEXT_WIDTH)
    # One piece: as elements of Streamlit's own it would be a hundred, and twenty requests.
    st.html(f'{STYLE}<div class="way">{"".join(sections)}</div>')
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


def _step(number: int, step: Step, judged: Judged, options: Options) -> str:
    """Return one step as HTML: what there is after it, in words and in numbers."""
    return (
        f"<h3>{_title(number, step)}</h3>"
        f"<p>{_note(step, judged, options)}</p>{lines(numbers(step.array))}"
    )


def _title(number: int, step: Step) -> str:
    return f"{number}. {TITLES[step.id]}"


def _shown(steps: Sequence[Step], judged: Judged) -> dict[str, str]:
    """Return the picture of each step as HTML; one that is as it was before is packed once."""
    shown: dict[str, str] = {}
    before, packed = None, ""
    for number, step in enumerate(steps, start=1):
        width = 32 if step.id in ("flatten", "scale") else SHOWN
        source = _source(step, judged)
        if before is None or not np.array_equal(source, before):
            packed = _pack(images.within(source, MOST), width)
        before = source
        alt = f"{_title(number, step)} ({judged.chosen.title})"
        shown[step.id] = _image(packed, width, alt)
    return shown


def _pack(picture: NDArray[np.uint8], width: int) -> str:
    """Return a picture as HTML's `src`; where its pixels are seen as squares, exactly."""
    if picture.shape[2] == 4:
        picture = images.on_checks(picture, 8)
    large = picture.shape[1] < width
    return f'class="{"pixels" if large else ""}" src="{images.data_address(picture, exact=large)}"'


def _image(packed: str, width: int, alt: str) -> str:
    return f'<img width="{width}" alt="{escape(alt)}" {packed}>'


def _source(step: Step, judged: Judged) -> NDArray[np.uint8]:
    """Return what a step is shown by, a picture with or without opacity."""
    picture = judged.chosen.picture
    if step.id in ("flatten", "scale"):
        return images.column_strip(judged.small.ravel())
    if step.id not in ("decode", "turn"):
        return step.array
    seen = picture.stored if picture.transparent else picture.stored[:, :, :3]
    return seen if step.id == "decode" else pictures.turn(seen, picture.orientation)


def _note(step: Step, judged: Judged, options: Options) -> str:
    """Say in a line of HTML what the step has done to this picture."""
    picture = judged.chosen.picture
    if step.id == "decode":
        note = (
            f"{escape(picture.format)}, {_mode(picture)}, {picture.width:,} × {picture.height:,}: "
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
        return _("From {mode}.").format(mode=_mode(picture))
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


def _mode(picture: pictures.Picture) -> str:
    return MODES.get(picture.mode) or escape(picture.mode)


def _rgb(options: Options) -> str:
    return "({}, {}, {})".format(*options.background)


def numbers(array: NDArray[np.generic]) -> str:
    """Write what an array is: shape, type, range and its first numbers."""
    form = "{:.4f}".format if array.dtype.kind == "f" else str
    first = " ".join(form(value) for value in array.flat[:6].tolist())
    return (
        f"{array.shape} {array.dtype}\n"
        f"{form(array.min().item())} … {form(array.max().item())}\n"
        f"{first} …"
    )


def _slip(what_if: WhatIf, outcome: Outcome, picture: pictures.Picture, network: History) -> str:
    """Return one slip as HTML: what the network would see, and what it would say."""
    name, choice = SLIPS[what_if.id], what_if.id in CHOICES
    kind = _("Another choice:") if choice else _("A slip:")
    if what_if.same:
        text = _("{sign} **{name}**: no difference here, {why}.").format(
            sign=kind if choice else ":material/check:", name=name, why=reason(what_if, picture)
        )
        return f'<p class="same">{as_html(text)}</p>'
    means = MEANS.get(what_if.id) or OWN_MODES.get(picture.mode, "")
    said = [as_html(f"{kind} **{name}.** {means}")]
    if what_if.code:
        said[0] += f" <code>{escape(what_if.code)}</code>"
    if what_if.shape is not None:
        said.append(as_html(refusal(what_if)))
    said.append(answer(outcome, network.classes))
    alt = _("What the network would see: {name}").format(name=name)
    text = "".join(f"<p>{line}</p>" for line in said)
    return f'<div class="slip">{_image(_pack(what_if.seen, 72), 72, alt)}<div>{text}</div></div>'


def refusal(what_if: WhatIf) -> str:
    """Say that NumPy would refuse, and what is looked at nevertheless."""
    shape, needed = what_if.shape or (), len(what_if.column)
    return _(
        ":material/error: NumPy refuses: {shape} is {n} numbers, the network reads {needed}. "
        "Forced in with `np.resize` it would be this picture."
    ).format(shape=shape, n=f"{int(np.prod(shape)):,}", needed=f"{needed:,}")


def answer(outcome: Outcome, classes: tuple[str, str]) -> str:
    """Write the answer with a slip beside the right one, as HTML."""
    before, after = probability(outcome.before), probability(outcome.after)
    if outcome.flips:
        text = _(
            ":material/swap_horiz: **The answer turns:** {answer} {after} instead of {before}."
        )
    elif before == after:
        text = _("The same answer: {answer} {after}, to four digits.")
    else:
        text = _("The same answer: {answer} {after} instead of {before}.")
    second = outcome.after > 0.5
    sign, kind = ("●", "second") if second else ("○", "first")
    if outcome.silent:
        text += _(" Nothing of it comes through to the output: only the biases speak.")
    said = f'<span class="{kind}">{sign} {escape(classes[second])}</span>'
    return as_html(text).format(answer=said, after=after, before=before)


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
