"""The doodles: a data set of cats and other things, drawn by this file with NumPy alone.

A shape is its signed distance: for each pixel, how far it is from the outline, negative inside.
Then geometry is arithmetic: the union of two shapes is their minimum, what they share is their
maximum, and a shape grown by w is its distance minus w. A pixel is covered by
clip(0.5 - distance in pixels, 0, 1), an edge one pixel wide at any size: the same drawing is the
64-pixel input of a network and a 512-pixel picture for the eye.

The page is the unit square, x to the right and y down. Each thing is drawn in a frame of its own,
about -1 to 1 both ways, that is placed, scaled, turned and mirrored on the page.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, reduce
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import RandomState  # its stream never changes from one NumPy to the next

from nncore.data.dataset import Dataset
from nncore.types import FloatArray, UInt8Array

N_TRAIN, N_TRAIN_CATS = 209, 72
N_TEST, N_TEST_CATS = 50, 33
SIZE = 64
SEED = 2000
# The set and the samples as they were drawn last: else the first visitor of a server would wait until
# they are drawn again. A test draws everything and compares. Written by
# ``python -c "from nncore.data import doodles; doodles.keep()"``.
KEPT = Path(__file__).with_suffix(".npz")
LINE = 0.0075  # half the width of an outline, as a part of the page

Colour = tuple[float, float, float]
"""Red, green and blue, 0 to 255."""

Distance = FloatArray
"""The signed distance to an outline, (size, size), in units of the frame."""


@dataclass(frozen=True, eq=False)
class Pen:
    """The paint on the page, and where its pixels lie in the frame of what is being drawn.

    Attributes
    ----------
    paint : ndarray of shape (3, size, size)
        Red, green and blue, 0 to 255. The one array that is changed in place.
    x, y : ndarray of shape (size, size)
        The centres of the pixels, in the frame.
    unit : float
        Pixels to one unit of the frame.
    """

    paint: FloatArray
    x: Distance
    y: Distance
    unit: float

    def at(
        self, x: float, y: float, scale: float = 1.0, turn: float = 0.0, flip: bool = False
    ) -> "Pen":
        """Give the frame whose origin is (x, y), scaled, turned (radians, clockwise), mirrored."""
        c, s = math.cos(turn) / scale, math.sin(turn) / scale
        dx, dy = self.x - x, self.y - y
        u, v = c * dx + s * dy, c * dy - s * dx
        return Pen(self.paint, -u if flip else u, v, self.unit * scale)

    def both(self) -> "Pen":
        """Fold the frame at x = 0: what is drawn on its right appears on its left as well."""
        return replace(self, x=np.abs(self.x))


# Shapes: each gives its signed distance.


def circle(pen: Pen, x: float, y: float, r: float) -> Distance:
    dx, dy = pen.x - x, pen.y - y
    return np.sqrt(dx * dx + dy * dy) - r


def ellipse(pen: Pen, x: float, y: float, rx: float, ry: float) -> Distance:
    # u^2 + v^2 - 1 over the length of its gradient: exact on the outline, good near it.
    u, v = (pen.x - x) / rx, (pen.y - y) / ry
    slope: Distance = 2 * np.sqrt((u / rx) ** 2 + (v / ry) ** 2 + 1e-9)
    return (u * u + v * v - 1) / slope


def box(pen: Pen, x: float, y: float, half_width: float, half_height: float) -> Distance:
    return np.maximum(np.abs(pen.x - x) - half_width, np.abs(pen.y - y) - half_height)


def half_plane(pen: Pen, x: float, y: float, out_x: float, out_y: float) -> Distance:
    """All that lies behind the point (x, y) for who looks along (out_x, out_y)."""
    length = math.hypot(out_x, out_y)
    return (pen.x - x) * (out_x / length) + (pen.y - y) * (out_y / length)


def polygon(pen: Pen, *corners: tuple[float, float]) -> Distance:
    """What the half-planes behind all edges share: convex, its corners given clockwise."""
    edges = zip(corners, (*corners[1:], corners[0]), strict=True)
    return shared(*(half_plane(pen, *a, b[1] - a[1], a[0] - b[0]) for a, b in edges))


def stroke(pen: Pen, x0: float, y0: float, x1: float, y1: float, r: float) -> Distance:
    """A straight line with round ends, 2 r wide."""
    ax, ay = x1 - x0, y1 - y0
    dx, dy = pen.x - x0, pen.y - y0
    along = np.clip((dx * ax + dy * ay) / (ax * ax + ay * ay), 0, 1)
    dx, dy = dx - along * ax, dy - along * ay
    return np.sqrt(dx * dx + dy * dy) - r


def arc(
    pen: Pen, x: float, y: float, radius: float, middle: float, half: float, r: float
) -> Distance:
    """A part of a ring, 2 r wide: `half` degrees to each side of `middle` (0 right, 90 down)."""
    # Turned so that the middle points down and folded there, it has one end: at angle `half`.
    bent = pen.at(x, y, 1.0, math.radians(middle - 90)).both()
    end_x, end_y = math.sin(math.radians(half)), math.cos(math.radians(half))
    beyond = end_y * bent.x > end_x * bent.y
    to_end = circle(bent, radius * end_x, radius * end_y, 0.0)
    return np.where(beyond, to_end, np.abs(circle(bent, 0, 0, radius))) - r


def stripes(pen: Pen, period: float, width: float) -> Distance:
    """Upright stripes without end; turn the frame to turn them."""
    return np.abs((pen.x / period) % 1 - 0.5) * period - width / 2


def dots(pen: Pen, period: float, r: float) -> Distance:
    u, v = (pen.x / period) % 1 - 0.5, (pen.y / period) % 1 - 0.5
    return np.sqrt(u * u + v * v) * period - r


def union(*shapes: Distance) -> Distance:
    return reduce(np.minimum, shapes)


def shared(*shapes: Distance) -> Distance:
    return reduce(np.maximum, shapes)


# Colours, and laying them on.


def palette(codes: str) -> tuple[Colour, ...]:
    """Colours from their usual names, as "e8924a 8d8f99"."""
    return tuple((float(c[0]), float(c[1]), float(c[2])) for c in map(bytes.fromhex, codes.split()))


WHITE, DARK, PINK = palette("fffcf5 26202a f0969b")
FURS = palette("e8924a 8d8f99 4a464f f2e6d2 a9744c d9b48a 6f7c8c c96f3b")
EYES = palette("8fbf4d e8c33c 63b3d6 c9883a")
BRIGHT = palette("e4572e f3a712 4d9de0 3bb273 a867c6 e15a97 f4d35e 2a9d8f")
MUTED = palette("d9a48f 8fb39b 8ba7c2 d6bb74 a992b8 cf8c8c a3b37a 7fa9a6")
SKIES = palette("4f9fd6 7fb6dc e0a37c 86a9cf")
WATERS = palette("4fa8c9 3f7fb5 5fb3b0")
GREENS = palette("6fa857 8cbf5a 4f8f5b a3b957")
WOODS = palette("8a5c38 a9784a 6e4f3c b98d5c")
GOLD, GLASS = palette("f4b042 bcdcf0")


def mix(a: Colour, b: Colour, t: float) -> Colour:
    """The colour a part t of the way from a to b."""
    return (a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]), a[2] + t * (b[2] - a[2]))


def shade(colour: Colour, factor: float) -> Colour:
    """Darker for a factor from 0 to 1, paler from 1 to 2."""
    return mix((0, 0, 0), colour, factor) if factor < 1 else mix(WHITE, colour, 2 - factor)


def pick(rng: RandomState, colours: Sequence[Colour]) -> Colour:
    """One of the colours, never quite the same twice."""
    near = np.clip(colours[rng.randint(len(colours))] + rng.uniform(-14, 14, 3), 0, 255)
    return float(near[0]), float(near[1]), float(near[2])


def dab(pen: Pen, shape: Distance, colour: Colour, alpha: float = 1.0) -> None:
    """Colour the inside of a shape."""
    coverage = np.clip(0.5 - shape * pen.unit, 0, 1) * alpha
    for plane, value in zip(pen.paint, colour, strict=True):
        plane += coverage * (value - plane)


def paint(pen: Pen, shape: Distance, colour: Colour) -> None:
    """Colour the inside of a shape, and its outline in a darker tone of the same colour."""
    line = LINE * pen.paint.shape[-1] / pen.unit
    dab(pen, shape - line, shade(colour, 0.4))
    dab(pen, shape + line, colour)


def shadow(pen: Pen, y: float, half_width: float) -> None:
    """Darken the ground under what stands on it."""
    dab(pen, ellipse(pen, 0, y, half_width, 0.1), DARK, 0.35)


# Cats.


@dataclass(frozen=True)
class Coat:
    """The colours of an animal, and how the marks are laid."""

    fur: Colour
    pale: Colour
    mark: Colour
    eye: Colour
    pattern: str

    @property
    def tip(self) -> Colour:
        """The colour of tail, legs and ears."""
        return self.mark if self.pattern == "points" else self.fur


def new_coat(rng: RandomState) -> Coat:
    fur, eye = pick(rng, FURS), pick(rng, EYES)
    pattern = ("plain", "tabby", "tabby", "bib", "points", "patches")[rng.randint(6)]
    if pattern == "points":  # as a Siamese: pale, with dark mask, ears, legs and tail
        fur, eye = pick(rng, palette("ecdcc4")), EYES[2]
    return Coat(fur, mix(fur, WHITE, 0.75), shade(fur, 0.6), eye, pattern)


def fur_coat(pen: Pen, coat: Coat, body: Distance) -> None:
    """Paint a body with its marks."""
    paint(pen, body, coat.fur)
    inside = body + 0.04  # keeps the marks off the outline
    if coat.pattern == "tabby":
        dab(pen, shared(inside, stripes(pen.at(0, 0, 1, 0.25), 0.3, 0.1)), coat.mark)
    elif coat.pattern == "patches":
        spots = union(circle(pen, 0.35, -0.05, 0.3), circle(pen, -0.3, 0.45, 0.25))
        dab(pen, shared(inside, spots), coat.mark)


def cat_head(
    pen: Pen, rng: RandomState, coat: Coat, gaze: float = 0.0, asleep: bool = False
) -> None:
    """A head about 1 wide to each side; `gaze`, from -1 to 1, is where the face is turned."""
    sides = pen.both()
    tip, width = rng.uniform(0.55, 0.8), rng.uniform(0.88, 0.98)
    ears = polygon(sides, (0.15, -0.5), (tip, -1.15), (0.88, -0.1))
    head = union(ellipse(pen, 0, 0, width, 0.78), ears)
    paint(pen, head, coat.fur)
    inner = polygon(sides, (0.34, -0.62), (tip - 0.01, -0.98), (0.78, -0.4))
    dab(pen, inner, coat.mark if coat.pattern == "points" else PINK)

    face = pen.at(0.28 * gaze, 0.06 * abs(gaze))
    sides = face.both()
    if coat.pattern == "tabby":
        bars = (0, -0.68, 0, -0.38), (0.2, -0.66, 0.16, -0.42), (0.95, 0.1, 0.7, 0.12)
        brow = union(*(stroke(sides, x0, y0, x1, y1, 0.05) for x0, y0, x1, y1 in bars))
        dab(face, shared(brow, head), coat.mark)
    elif coat.pattern == "patches":
        dab(face, shared(circle(face, 0.5, -0.3, 0.45), head + 0.04), coat.mark)
    elif coat.pattern == "points":
        dab(face, shared(ellipse(face, 0, 0.2, 0.5, 0.5), head + 0.04), coat.mark)
    if coat.pattern in ("bib", "tabby"):
        dab(face, shared(ellipse(sides, 0.17, 0.36, 0.27, 0.24), head + 0.04), coat.pale)

    if asleep:
        dab(face, arc(sides, 0.4, -0.08, 0.17, 90, 70, 0.035), DARK)
    else:
        dab(face, ellipse(sides, 0.4, -0.06, 0.2, 0.22), DARK)
        dab(face, ellipse(sides, 0.4, -0.06, 0.165, 0.185), coat.eye)
        dab(face, ellipse(face.at(0.05 * gaze, 0).both(), 0.4, -0.06, 0.07, 0.165), DARK)
        dab(face, circle(sides, 0.44, -0.13, 0.045), WHITE)
    dab(face, polygon(face, (-0.1, 0.17), (0.1, 0.17), (0, 0.29)), shade(PINK, 0.85))
    dab(face, arc(sides, 0.11, 0.3, 0.11, 80, 75, 0.025), DARK)
    ends = ((0.3, 0.2), (0.38, 0.4), (0.46, 0.6))
    whiskers = union(*(stroke(sides, 0.42, y0, 1.15, y1, 0.02) for y0, y1 in ends))
    dab(face, whiskers, DARK if sum(coat.fur) > 300 else WHITE, 0.8)


def cat_face(pen: Pen, rng: RandomState) -> None:
    coat = new_coat(rng)
    if rng.uniform() < 0.5:
        paint(pen, ellipse(pen, 0, 1.15, 0.8, 0.6), coat.fur)
    cat_head(pen.at(0, 0.1, 0.9), rng, coat, rng.uniform(-0.5, 0.5), rng.uniform() < 0.15)


def cat_sitting(pen: Pen, rng: RandomState) -> None:
    coat, sides = new_coat(rng), pen.both()
    shadow(pen, 0.98, 0.75)
    paint(pen, arc(pen, 0.5, 0.6, 0.32, rng.uniform(-20, 20), 100, 0.09), coat.tip)
    haunches = ellipse(sides, 0.28, 0.75, 0.28, 0.24)
    fur_coat(pen, coat, union(ellipse(pen, 0, 0.42, 0.42, 0.6), haunches))
    if coat.pattern == "bib":
        dab(pen, ellipse(pen, 0, 0.25, 0.22, 0.35), coat.pale)
    paint(pen, stroke(sides, 0.13, 0.45, 0.14, 0.9, 0.1), coat.tip)
    if rng.uniform() < 0.4:
        paint(pen, arc(pen, 0, -0.1, 0.3, 90, 60, 0.05), pick(rng, BRIGHT))
        paint(pen, circle(pen, 0, 0.26, 0.08), GOLD)
    cat_head(pen.at(0, -0.36, 0.56, rng.uniform(-0.2, 0.2)), rng, coat, rng.uniform(-1, 1))


def cat_lying(pen: Pen, rng: RandomState) -> None:
    coat = new_coat(rng)
    shadow(pen, 0.75, 1.05)
    paint(pen, arc(pen, 0.75, 0.35, 0.32, 20, 95, 0.085), coat.tip)
    fur_coat(pen, coat, shared(ellipse(pen, 0.12, 0.42, 0.85, 0.5), half_plane(pen, 0, 0.72, 0, 1)))
    for x in (-0.7, -0.3):
        paint(pen, stroke(pen, x - 0.1, 0.67, x + 0.1, 0.66, 0.1), coat.tip)
    cat_head(pen.at(-0.5, 0.02, 0.5, rng.uniform(-0.2, 0.2)), rng, coat, rng.uniform(-0.8, 0.6))


def cat_curled(pen: Pen, rng: RandomState) -> None:
    coat = new_coat(rng)
    shadow(pen, 0.8, 0.9)
    fur_coat(pen, coat, ellipse(pen, 0, 0.15, 0.9, 0.66))
    cat_head(pen.at(-0.42, 0.25, 0.46, rng.uniform(-0.5, -0.1)), rng, coat, 0.2, asleep=True)
    paint(pen, arc(pen, 0.05, -0.1, 0.85, 75, 42, 0.11), coat.tip)


def cat_walking(pen: Pen, rng: RandomState) -> None:
    coat, step = new_coat(rng), rng.uniform(0.05, 0.2)
    shadow(pen, 0.9, 0.85)
    paint(pen, arc(pen, 0.95, -0.3, 0.35, rng.uniform(140, 200), 80, 0.075), coat.tip)
    for x, swing in ((-0.45, -step), (-0.35, step), (0.42, -step), (0.52, step)):
        paint(pen, stroke(pen, x, 0.2, x + swing, 0.8, 0.1), shade(coat.tip, 0.92))
    fur_coat(pen, coat, stroke(pen, -0.42, 0.12, 0.48, 0.12, 0.32))
    cat_head(pen.at(-0.68, -0.25, 0.44, rng.uniform(-0.2, 0.2)), rng, coat, rng.uniform(-1, 0.3))


def cat_in_box(pen: Pen, rng: RandomState) -> None:
    coat, card, sides = new_coat(rng), pick(rng, WOODS), pen.both()
    shadow(pen, 1, 1)
    paint(pen, box(pen, 0, 0.3, 0.85, 0.2), shade(card, 0.6))
    head = pen.at(rng.uniform(-0.2, 0.2), -0.1, 0.66, rng.uniform(-0.2, 0.2))
    cat_head(head, rng, coat, rng.uniform(-0.7, 0.7))
    paint(pen, box(pen, 0, 0.68, 0.9, 0.32), card)
    paint(pen, polygon(sides, (0.9, 0.36), (1.2, 0.62), (1.12, 0.7), (0.9, 0.5)), shade(card, 1.2))
    paint(pen, stroke(sides, 0.36, 0.32, 0.36, 0.46, 0.12), coat.tip)


# Other things.


def dog(pen: Pen, rng: RandomState) -> None:
    coat, pointed = new_coat(rng), rng.uniform() < 0.4
    if rng.uniform() < 0.5:
        paint(pen, ellipse(pen, 0, 0.85, 0.62, 0.6), coat.fur)
        pen = pen.at(0, -0.15, 0.85, rng.uniform(-0.2, 0.2))
    sides = pen.both()
    if pointed:
        paint(pen, polygon(sides, (0.2, -0.5), (0.6, -1.1), (0.7, -0.15)), coat.mark)
    paint(pen, ellipse(pen, 0, 0, 0.75, 0.8), coat.fur)
    if not pointed:
        paint(pen, ellipse(sides.at(0.78, -0.05, 1, -0.3), 0, 0, 0.22, 0.55), coat.mark)
    if coat.pattern == "patches":
        dab(pen, ellipse(pen, 0.32, -0.15, 0.25, 0.32), coat.mark)
    dab(pen, ellipse(sides, 0.32, -0.15, 0.11, 0.13), DARK)
    dab(pen, circle(sides, 0.35, -0.19, 0.04), WHITE)
    paint(pen, ellipse(pen, 0.05, 0.68, 0.14, 0.25), PINK)
    paint(pen, ellipse(pen, 0, 0.38, 0.42, 0.32), coat.pale)
    dab(pen, ellipse(pen, 0, 0.22, 0.17, 0.12), DARK)
    dab(pen, arc(sides, 0.14, 0.4, 0.14, 90, 80, 0.025), DARK)


def owl(pen: Pen, rng: RandomState) -> None:
    coat, sides = new_coat(rng), pen.both()
    paint(pen, stroke(pen, -1.3, 0.98, 1.3, 0.9, 0.08), pick(rng, WOODS))
    tufts = polygon(sides, (0.1, -0.6), (0.62, -1.05), (0.6, -0.25))
    paint(pen, union(ellipse(pen, 0, 0.1, 0.7, 0.88), tufts), coat.fur)
    belly = ellipse(pen, 0, 0.42, 0.45, 0.5)
    dab(pen, belly, coat.pale)
    dab(pen, shared(belly, dots(pen, 0.22, 0.06)), coat.mark)
    paint(pen, ellipse(sides.at(0.66, 0.25, 1, 0.2), 0, 0, 0.16, 0.5), coat.mark)
    paint(pen, circle(sides, 0.3, -0.3, 0.3), coat.pale)
    dab(pen, circle(sides, 0.28, -0.3, 0.19), coat.eye)
    dab(pen, circle(sides, 0.27, -0.3, 0.11), DARK)
    dab(pen, circle(sides, 0.31, -0.35, 0.04), WHITE)
    paint(pen, polygon(pen, (-0.1, -0.2), (0.1, -0.2), (0, 0.05)), GOLD)
    paint(pen, ellipse(sides, 0.2, 0.93, 0.14, 0.07), GOLD)


def rabbit(pen: Pen, rng: RandomState) -> None:
    coat, lean, sides = new_coat(rng), rng.uniform(0.2, 0.5), pen.both()
    shadow(pen, 1.05, 0.7)
    paint(pen, stroke(sides, 0.2, -0.4, lean, -1.1, 0.16), coat.fur)
    dab(pen, stroke(sides, 0.22, -0.5, lean, -1.08, 0.07), PINK)
    paint(pen, ellipse(pen, 0, 0.65, 0.52, 0.46), coat.fur)
    dab(pen, ellipse(pen, 0, 0.72, 0.3, 0.33), coat.pale)
    paint(pen, ellipse(pen, 0, 0, 0.62, 0.52), coat.fur)
    dab(pen, ellipse(sides, 0.26, -0.05, 0.08, 0.12), DARK)
    dab(pen, circle(sides, 0.28, -0.09, 0.03), WHITE)
    dab(pen, ellipse(sides, 0.4, 0.18, 0.1, 0.07), PINK, 0.7)
    dab(pen, polygon(pen, (-0.07, 0.12), (0.07, 0.12), (0, 0.2)), PINK)
    dab(pen, box(pen, 0, 0.32, 0.07, 0.09), WHITE)
    paint(pen, ellipse(sides, 0.32, 1.02, 0.24, 0.12), coat.pale)


def fish(pen: Pen, rng: RandomState) -> None:
    scales, fin = pick(rng, BRIGHT + FURS), pick(rng, BRIGHT)
    paint(pen, polygon(pen, (0.55, 0), (1.1, -0.5), (1.1, 0.5)), fin)
    paint(pen, polygon(pen, (-0.3, -0.4), (0.1, -0.85), (0.4, -0.3)), fin)
    body = ellipse(pen, -0.1, 0, 0.85, 0.55)
    paint(pen, body, scales)
    if rng.uniform() < 0.6:
        bands = shared(stripes(pen, 0.4, 0.16), half_plane(pen, -0.25, 0, -1, 0))
        dab(pen, shared(bands, body + 0.04), fin)
    paint(pen, polygon(pen, (0, 0.1), (0.4, 0), (0.35, 0.35)), fin)
    dab(pen, circle(pen, -0.55, -0.12, 0.15), WHITE)
    dab(pen, circle(pen, -0.58, -0.12, 0.08), DARK)
    dab(pen, arc(pen, -0.85, 0.08, 0.2, 60, 45, 0.03), DARK)


def bird(pen: Pen, rng: RandomState) -> None:
    plumage = pick(rng, BRIGHT + FURS)
    shadow(pen, 1, 0.5)
    tail = polygon(pen, (0.4, 0.1), (1.2, -0.35), (1.15, 0.05), (0.5, 0.5))
    paint(pen, tail, shade(plumage, 0.8))
    for x in (-0.1, 0.15):
        dab(pen, stroke(pen, x, 0.6, x - 0.05, 1, 0.035), DARK)
    paint(pen, polygon(pen, (-1.15, -0.22), (-0.75, -0.42), (-0.75, -0.1)), GOLD)
    body = union(ellipse(pen, 0.05, 0.2, 0.68, 0.5), circle(pen, -0.45, -0.3, 0.4))
    paint(pen, body, plumage)
    dab(pen, shared(ellipse(pen, -0.3, 0.35, 0.42, 0.35), body + 0.04), shade(plumage, 1.6))
    paint(pen, ellipse(pen.at(0.25, 0.15, 1, -0.2), 0, 0, 0.42, 0.24), shade(plumage, 0.75))
    dab(pen, circle(pen, -0.55, -0.38, 0.08), DARK)
    dab(pen, circle(pen, -0.57, -0.41, 0.03), WHITE)


def house(pen: Pen, rng: RandomState) -> None:
    wall, roof, x = pick(rng, MUTED), pick(rng, BRIGHT + FURS), rng.uniform(-0.25, 0.25)
    shadow(pen, 1, 0.95)
    paint(pen, box(pen, 0.45, -0.6, 0.12, 0.35), shade(roof, 0.7))
    paint(pen, box(pen, 0, 0.4, 0.75, 0.6), wall)
    paint(pen, polygon(pen, (-1, -0.15), (0, -0.95), (1, -0.15)), roof)
    paint(pen, box(pen, x, 0.68, 0.18, 0.32), pick(rng, WOODS))
    dab(pen, circle(pen, x + 0.1, 0.7, 0.035), WHITE)
    panes = pen.at(0, 0.13).both()
    paint(pen, box(panes, 0.42, 0, 0.17, 0.16), (250, 226, 130))
    dab(pen, union(box(panes, 0.42, 0, 0.02, 0.16), box(panes, 0.42, 0, 0.16, 0.02)), DARK)


def tree(pen: Pen, rng: RandomState) -> None:
    leaves = pick(rng, (*GREENS, FURS[0]))
    shadow(pen, 1, 0.5)
    paint(pen, polygon(pen, (-0.1, 0), (0.1, 0), (0.17, 1), (-0.17, 1)), pick(rng, WOODS))
    if rng.uniform() < 0.5:
        for half, y, tone in ((0.75, 0.55, 0.9), (0.6, 0.1, 0.99), (0.45, -0.35, 1.1)):
            paint(pen, polygon(pen, (-half, y), (0, y - 0.75), (half, y)), shade(leaves, tone))
    else:
        bulge = circle(pen.both(), 0.42, -0.15, 0.42)
        crown = union(circle(pen, 0, -0.55, 0.48), bulge, circle(pen, 0, 0, 0.4))
        paint(pen, crown, leaves)
        dab(pen, shared(dots(pen.at(0, 0, 1, 0.4), 0.36, 0.08), crown + 0.1), pick(rng, BRIGHT))


def flower(pen: Pen, rng: RandomState) -> None:
    petal, n, bloom = pick(rng, BRIGHT), rng.randint(5, 9), pen.at(0, -0.25)
    paint(pen, stroke(pen, 0, 0, rng.uniform(-0.15, 0.15), 1.2, 0.05), GREENS[2])
    paint(pen, ellipse(pen.at(0.25, 0.8, 1, -0.5), 0, 0, 0.28, 0.11), GREENS[0])
    rays = (bloom.at(0, 0, 1, 2 * math.pi * k / n) for k in range(n))
    paint(pen, union(*(ellipse(ray, 0.45, 0, 0.32, 1.1 / n + 0.04) for ray in rays)), petal)
    paint(pen, circle(bloom, 0, 0, 0.27), pick(rng, (GOLD, WOODS[0])))


def boat(pen: Pen, rng: RandomState) -> None:
    sail = pick(rng, (WHITE, *BRIGHT))
    dab(pen, stroke(pen, 0, -0.95, 0, 0.5, 0.05), shade(WOODS[2], 0.7))
    paint(pen, polygon(pen, (0.1, 0.3), (0.1, -0.9), (0.8, 0.3)), sail)
    paint(pen, polygon(pen, (-0.1, 0.3), (-0.6, 0.3), (-0.1, -0.6)), shade(sail, 0.85))
    hull = polygon(pen, (-0.95, 0.48), (0.95, 0.48), (0.65, 0.9), (-0.65, 0.9))
    paint(pen, hull, pick(rng, BRIGHT + WOODS))
    dab(pen, box(pen, 0, 0.6, 0.8, 0.04), WHITE)
    for x in (-0.9, -0.3, 0.3, 0.9):
        dab(pen, arc(pen, x, 0.72, 0.3, 90, 60, 0.045), WHITE)


def mug(pen: Pen, rng: RandomState) -> None:
    glaze = pick(rng, BRIGHT + FURS)
    shadow(pen, 0.9, 0.8)
    paint(pen, arc(pen, 0.55, 0.3, 0.32, 0, 110, 0.09), glaze)
    body = union(box(pen, 0, 0.25, 0.6, 0.55), ellipse(pen, 0, 0.8, 0.6, 0.14))
    paint(pen, body, glaze)
    patterns = dots(pen, 0.3, 0.09), stripes(pen, 0.3, 0.12), box(pen, 0, 0.35, 2, 0.16)
    dab(pen, shared(body + 0.05, patterns[rng.randint(3)]), pick(rng, (WHITE, *BRIGHT)))
    paint(pen, ellipse(pen, 0, -0.3, 0.6, 0.16), shade(glaze, 1.4))
    dab(pen, ellipse(pen, 0, -0.27, 0.5, 0.1), (104, 66, 44))
    for x in (-0.2, 0.2):
        dab(pen, arc(pen, x - 0.1, -0.6, 0.18, 0, 50, 0.04), WHITE, 0.8)
        dab(pen, arc(pen, x + 0.13, -0.88, 0.18, 180, 50, 0.04), WHITE, 0.6)


def balloon(pen: Pen, rng: RandomState) -> None:
    dab(pen, stroke(pen.both(), 0.5, 0.1, 0.14, 0.75, 0.02), DARK)
    neck = polygon(pen, (-0.6, 0.03), (0.6, 0.03), (0.2, 0.5), (-0.2, 0.5))
    skin = union(circle(pen, 0, -0.3, 0.68), neck)
    paint(pen, skin, pick(rng, BRIGHT))
    gores = union(ellipse(pen, 0, -0.25, 0.2, 0.9), np.abs(ellipse(pen, 0, -0.25, 0.5, 0.9)) - 0.05)
    dab(pen, shared(skin + 0.05, gores), pick(rng, (WHITE, *BRIGHT)))
    paint(pen, box(pen, 0, 0.83, 0.18, 0.14), pick(rng, WOODS))


def rocket(pen: Pen, rng: RandomState) -> None:
    fin, sides = pick(rng, BRIGHT), pen.both()
    dab(pen, ellipse(pen, 0, 0.85, 0.2, 0.4), (250, 150, 50))
    dab(pen, ellipse(pen, 0, 0.78, 0.1, 0.25), (255, 230, 120))
    paint(pen, polygon(sides, (0.2, 0.1), (0.62, 0.5), (0.6, 0.85), (0.2, 0.6)), fin)
    # Two large circles to either side share a pointed oval: folded, they are one.
    hull = shared(circle(sides, -0.75, 0, 1.12), half_plane(pen, 0, 0.65, 0, 1))
    paint(pen, hull, pick(rng, (WHITE, *MUTED, *FURS)))
    dab(pen, shared(hull + 0.04, half_plane(pen, 0, -0.4, 0, 1)), fin)
    paint(pen, circle(pen, 0, -0.08, 0.17), GLASS)


# Places, drawn in the frame of the page.


def gradient(page: Pen, top: Colour, bottom: Colour) -> None:
    for plane, a, b in zip(page.paint, top, bottom, strict=True):
        plane[:] = a + (b - a) * page.y


def paper(page: Pen, rng: RandomState) -> None:
    top, below = pick(rng, MUTED + BRIGHT), pick(rng, MUTED)
    gradient(page, top, below if rng.uniform() < 0.4 else top)
    turned = page.at(0.5, 0.5, 1, rng.uniform(0, math.pi))
    bands = stripes(turned, rng.uniform(0.1, 0.3), 0.05)
    disc = circle(page, 0.5, 0.5, rng.uniform(0.35, 0.48))
    patterns = bands, dots(page, rng.uniform(0.12, 0.25), 0.03), disc
    dab(page, patterns[rng.randint(3)], shade(top, 1.3))


def room(page: Pen, rng: RandomState) -> None:
    wall, floor = pick(rng, MUTED), rng.uniform(0.62, 0.8)
    gradient(page, wall, wall)
    if rng.uniform() < 0.5:
        dab(page, stripes(page, rng.uniform(0.1, 0.2), 0.03), shade(wall, 1.2))
    if rng.uniform() < 0.6:
        pane = page.at(0.2 if rng.uniform() < 0.5 else 0.8, rng.uniform(0.15, 0.3))
        paint(pane, box(pane, 0, 0, 0.14, 0.16), GLASS)
        dab(pane, union(box(pane, 0, 0, 0.01, 0.15), box(pane, 0, 0, 0.13, 0.01)), WHITE)
    paint(page, half_plane(page, 0, floor, 0, -1), pick(rng, WOODS))
    if rng.uniform() < 0.6:
        dab(page, ellipse(page, 0.5, 0.88, 0.46, 0.1), pick(rng, BRIGHT), 0.8)


def sky(page: Pen, rng: RandomState) -> None:
    top = pick(rng, SKIES)
    gradient(page, top, shade(top, 1.3))
    if rng.uniform() < 0.4:
        dab(page, circle(page, rng.uniform(0.1, 0.9), 0.14, 0.09), (252, 214, 90))
    for y in (0.15, 0.5):
        puff = page.at(rng.uniform(), y + rng.uniform(-0.1, 0.1), rng.uniform(0.1, 0.16))
        dab(puff, union(circle(puff, 0, 0, 0.6), ellipse(puff, 0, 0.25, 1.3, 0.4)), WHITE, 0.9)


def meadow(page: Pen, rng: RandomState) -> None:
    sky(page, rng)
    grass = pick(rng, GREENS)
    dab(page, ellipse(page, rng.uniform(), 0.9, 0.7, 0.3), shade(grass, 1.25))
    dab(page, half_plane(page, 0, rng.uniform(0.7, 0.85), rng.uniform(-0.1, 0.1), -1), grass)


def sea(page: Pen, rng: RandomState) -> None:
    sky(page, rng)
    dab(page, half_plane(page, 0, rng.uniform(0.55, 0.75), 0, -1), pick(rng, WATERS))


def under_water(page: Pen, rng: RandomState) -> None:
    water = pick(rng, WATERS)
    gradient(page, shade(water, 1.3), shade(water, 0.7))
    for _ in range(4):
        bubble = circle(page, rng.uniform(), rng.uniform(0, 0.8), rng.uniform(0.015, 0.045))
        dab(page, np.abs(bubble) - 0.006, WHITE, 0.8)
    dab(page, ellipse(page, rng.uniform(), 1, 0.8, 0.12), (226, 204, 150))


def night(page: Pen, rng: RandomState) -> None:
    gradient(page, pick(rng, palette("34387a")), pick(rng, palette("7a6fae")))
    for _ in range(6):
        dab(page, circle(page, rng.uniform(), rng.uniform(0, 0.8), 0.009), WHITE)
    dab(page, circle(page, rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.25), 0.09), (250, 240, 200))


# The set.

Painter = Callable[[Pen, RandomState], None]

# What there is to see and where it may be, a place named twice being twice as likely. Cats are
# mostly at home and other things mostly are not, as in life: a network may learn the room.
CATS: dict[str, tuple[Painter, tuple[Painter, ...]]] = {
    "cat's face": (cat_face, (room, room, paper)),
    "cat sitting": (cat_sitting, (room, room, meadow, paper)),
    "cat lying": (cat_lying, (room, room, meadow, paper)),
    "cat curled up": (cat_curled, (room, room, paper)),
    "cat walking": (cat_walking, (room, meadow)),
    "cat in a box": (cat_in_box, (room, room, paper)),
}
OTHERS: dict[str, tuple[Painter, tuple[Painter, ...]]] = {
    "dog": (dog, (meadow, room, paper)),
    "owl": (owl, (night, sky, meadow)),
    "rabbit": (rabbit, (meadow, paper)),
    "fish": (fish, (under_water, under_water, paper)),
    "bird": (bird, (meadow, paper)),
    "house": (house, (meadow, night)),
    "tree": (tree, (meadow,)),
    "flower": (flower, (meadow, paper)),
    "boat": (boat, (sea,)),
    "mug": (mug, (room, paper)),
    "balloon": (balloon, (sky,)),
    "rocket": (rocket, (night, sky)),
}


def _drawing(kind: str, seed: int, size: int) -> UInt8Array:
    """Draw a thing of this kind, (size, size, 3): all that may vary is drawn from the seed."""
    rng = RandomState(seed)
    painter, places = (CATS | OTHERS)[kind]
    centres = (np.arange(size) + 0.5) / size
    x, y = np.meshgrid(centres, centres)
    page = Pen(np.empty((3, size, size)), x, y, float(size))
    places[rng.randint(len(places))](page, rng)
    # Each has its own light: it deepens all colours but white, and less of it falls on the corners.
    page.paint[:] *= 1 - rng.uniform(0.4, 1) * (1 - page.paint / 255)
    page.paint[:] *= 1 - 0.65 * circle(page, 0.5, 0.45, 0)
    pen = page.at(
        rng.uniform(0.46, 0.54),
        rng.uniform(0.5, 0.56),
        scale=rng.uniform(0.34, 0.42),
        turn=rng.uniform(-0.08, 0.08),
        flip=rng.uniform() < 0.5,
    )
    painter(pen, rng)
    return np.ascontiguousarray((page.paint + 0.5).astype(np.uint8).transpose(1, 2, 0))


@cache
def _kinds() -> tuple[str, ...]:
    """What each picture shows, the training set first: all kinds in turn, then shuffled."""
    rng = RandomState(SEED)
    kinds: list[str] = []
    for m, m_cats in ((N_TRAIN, N_TRAIN_CATS), (N_TEST, N_TEST_CATS)):
        cats, others = list(CATS), list(OTHERS)
        split = [cats[i % len(cats)] for i in range(m_cats)]
        split += [others[i % len(others)] for i in range(m - m_cats)]
        kinds += [split[i] for i in rng.permutation(m)]
    return tuple(kinds)


def draw(index: int, size: int = SIZE) -> UInt8Array:
    """Draw one picture of the set, at any size.

    Parameters
    ----------
    index : int
        0 to 208 for the training set, 209 to 258 for the test set.
    size : int
        Its width and height in pixels; 64 is the picture that a network is given.

    Returns
    -------
    ndarray of shape (size, size, 3), uint8

    Raises
    ------
    IndexError
        If there is no such picture.
    """
    if not 0 <= index < N_TRAIN + N_TEST:
        raise IndexError(f"no doodle {index}: they are numbered 0 to {N_TRAIN + N_TEST - 1}")
    return _drawing(_kinds()[index], SEED + index, size)


def keep() -> None:
    """Draw the whole set and the samples, and write them where they are looked for."""
    drawn: dict[str, Any] = {sample.id: sample.draw() for sample in samples()}
    np.savez_compressed(KEPT, images=draw_all(), **drawn)


def _kept(name: str, draw: Callable[[], UInt8Array]) -> UInt8Array:
    """Read what was drawn last; draw it where the file is not there."""
    if not KEPT.is_file():
        return draw()
    with np.load(KEPT) as kept:
        images: UInt8Array = kept[name]
    return images


def draw_all() -> UInt8Array:
    """Draw the whole set, (259, 64, 64, 3): the training pictures first. Takes about a second."""
    return np.stack([draw(i) for i in range(N_TRAIN + N_TEST)])


@cache
def load() -> Dataset:
    """Return the whole set, once read or drawn.

    Returns
    -------
    Dataset
        209 training pictures (72 cats) and 50 test pictures (33 cats), 64 x 64.
    """
    images = _kept("images", draw_all)  # (259, 64, 64, 3)
    labels = np.array([[kind in CATS for kind in _kinds()]], dtype=np.int64)  # (1, 259)
    return Dataset(
        name="doodles",
        title="Doodles, drawn by this program",
        source="nncore/data/doodles.py",
        licence="MIT, like the program",
        train_images=images[:N_TRAIN],
        train_labels=labels[:, :N_TRAIN],
        test_images=images[N_TRAIN:],
        test_labels=labels[:, N_TRAIN:],
    )


@dataclass(frozen=True)
class Sample:
    """A drawing that is in neither set, to try a network on.

    Attributes
    ----------
    id : str
        A word for addresses and select boxes.
    title : str
        What it shows.
    kind : str
        A key of CATS or OTHERS.
    seed : int
        What colours, place and pose are drawn from: none of the set's.
    """

    id: str
    title: str
    kind: str
    seed: int

    def draw(self, size: int = 512) -> UInt8Array:
        """Draw it, as an ndarray of shape (size, size, 3), uint8."""
        return _drawing(self.kind, self.seed, size)

    def picture(self) -> UInt8Array:
        """Return it as it was drawn last, an ndarray of shape (512, 512, 3), uint8."""
        return _kept(self.id, self.draw)


def samples() -> tuple[Sample, ...]:
    """Name six drawings that no network of this program was trained or tested on."""
    return (
        Sample("tabby", "a grey tabby with a bell, sitting", "cat sitting", 9),
        Sample("box-cat", "a ginger cat in a box", "cat in a box", 9),
        Sample("siamese", "a Siamese cat, asleep", "cat curled up", 2),
        Sample("owl", "an owl at night", "owl", 7),
        Sample("dog", "a dog with pointed ears", "dog", 4),
        Sample("boat", "a sailing boat", "boat", 8),
    )
