"""The product of a layer, drawn as shapes: what has to be equal is joined by a bracket."""

from html import escape

from ui.style import palette
from ui.text import _

from nncore.shapes import LayerShapes, Shape

SIGN = 4  # characters of room for a sign between two arrays
EDGE = 0.5


def product_drawing(row: LayerShapes, m: int) -> str:
    """Write W A = Z of one layer as HTML, placed by characters of the code font.

    Parameters
    ----------
    row : LayerShapes
    m : int
        The number of examples.
    """
    n, n_prev = row.W.shape
    A_prev = Shape(f"A{row.layer - 1}", "", (n_prev, m))
    parts, middles, at = [], [], EDGE
    for array, sign in ((row.W, "·"), (A_prev, "="), (row.Z, "")):
        written = str(array.shape)
        rows, columns = (len(str(side)) for side in array.shape)  # in "(7, 20)": 1 and 2 characters
        middles.append((at + 1 + rows / 2, at + 3 + rows + columns / 2))
        colour = "" if array is row.W else " forward"
        parts.append(_text(f"array{colour}", at, len(written), array.name))
        parts.append(_text(f"shape{colour}", at, len(written), written))
        at += len(written)
        if sign:
            parts.append(_text("sign", at, SIGN, sign))
            at += SIGN
    (W_rows, W_columns), (A_rows, A_columns), (Z_rows, Z_columns) = middles
    units = (_("{n} unit") if n == 1 else _("{n} units")).format(n=f"{n:,}")
    inputs = _("{n} come in").format(n=f"{n_prev:,}")
    examples = (_("{m} example") if m == 1 else _("{m} examples")).format(m=f"{m:,}")
    for kind, left, right, said in (
        ("over", W_rows, Z_rows, units),
        ("under agree", W_columns, A_rows, inputs),
        ("under", A_columns, Z_columns, examples),
    ):
        parts.append(_text(f"bracket {kind}", left, right - left, ""))
        parts.append(_text(f"said {kind}", left, right - left, f"<span>{said}</span>"))
    alt = _(
        "{W} {W_shape} times {A} {A_shape} is {Z} {Z_shape}: the columns of {W} and the rows of {A} "
        "are both {n}."
    ).format(
        W=row.W.name, W_shape=row.W.shape, A=A_prev.name, A_shape=A_prev.shape,
        Z=row.Z.name, Z_shape=row.Z.shape, n=n_prev,
    )  # fmt: skip
    wide = at + EDGE
    return (
        f'<div class="product"><div role="img" aria-label="{escape(alt)}" '
        f'style="font-size: min(15px, calc(100cqw / {wide * 0.61:.1f}))">{"".join(parts)}</div></div>'
    )


def _text(kind: str, left: float, width: float, text: str) -> str:
    return f'<div class="{kind}" style="left: {left}ch; width: {width}ch">{text}</div>'


FORWARD = "light-dark({}, {})".format(*(palette(theme)["forward"] for theme in ("light", "dark")))
STYLE = """<style>
.product .forward { color: FORWARD; }
.product { container-type: inline-size; }
.product > div { position: relative; height: 8.2em; font-family: "Source Code Pro", monospace; }
.product > div > div {
  position: absolute; white-space: nowrap; text-align: center; line-height: 1.5em;
}
.product .array { top: 2.3em; font-weight: 600; }
.product .shape, .product .sign { top: 3.8em; }
.product .bracket { box-sizing: border-box; border: 1.2px solid #8889; }
.product .bracket.over { top: 1.7em; height: 1.9em; border-bottom: 0; border-radius: 5px 5px 0 0; }
.product .bracket.under { top: 5.4em; height: 0.7em; border-top: 0; border-radius: 0 0 5px 5px; }
.product .bracket.agree { border-color: currentColor; border-width: 1.8px; }
.product .said { display: flex; justify-content: center; }
.product .said span {
  font-family: "Source Sans", sans-serif; font-size: max(0.87em, 12px); opacity: 0.85;
}
.product .said.agree span { font-weight: 600; opacity: 1; }
.product .said.over { top: 0; }
.product .said.under { top: 6.3em; }
</style>""".replace("FORWARD", FORWARD)
