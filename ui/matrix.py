"""Numbers and matrices as a careful textbook prints them."""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ui.text import _

MOST_ROWS, MOST_COLUMNS = 8, 8


def scientific(value: float) -> str:
    """Write a number that is about rounding: two digits and a power of ten.

    >>> scientific(5e-9), scientific(0.0)
    ('5e−9', '0')
    """
    if value == 0 or not np.isfinite(value):
        return f"{value:g}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}".replace("-", "−")


def short(value: float) -> str:
    """Write a number with four digits, none of them a zero at the end.

    >>> short(-0.4), short(0.088611)
    ('−0.4', '0.08861')
    """
    return f"{value:.4g}".replace("-", "−")


def four_digits(value: float) -> str:
    """Write a number with four digits, zeros at the end too, so that it can be compared with others.

    A whole number is written whole.

    >>> four_digits(0.4), four_digits(0.08861), four_digits(1234.5), four_digits(-1.0)
    ('0.4000', '0.08861', '1234', '−1')
    """
    if value == round(value, 0) and abs(value) < 1e6:
        return str(int(value)).replace("-", "−")
    return f"{value:#.4g}".rstrip(".").replace("-", "−")


def probability(p: float) -> str:
    """Write a probability with four digits, without making a certainty of it.

    >>> probability(0.98123), probability(0.999999), probability(3e-7), probability(1.0)
    ('0.9812', 'above 0.9999', '3e-07', '1')
    """
    return _("above 0.9999") if 0.99995 <= p < 1 else f"{p:.4g}"


def number(value: float, decimals: int = 4) -> str:
    """Write a number for LaTeX with so many decimals; far from 1, as a power of ten.

    A signed zero, and noise that the decimals cannot show, is plain 0.

    >>> number(1.62434536), number(-0.0), number(3.0), number(-1.5e-9)
    ('1.6243', '0', '3', '-1.5000\\\\cdot 10^{-9}')
    """
    if not np.isfinite(value):
        return r"\text{NaN}" if np.isnan(value) else (r"\infty" if value > 0 else r"-\infty")
    if value == 0 or abs(value) < 1e-15:
        return "0"
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    if 1e-3 <= abs(value) < 1e6:
        return f"{value:.{decimals}f}"
    mantissa, exponent = f"{value:.{decimals}e}".split("e")
    return rf"{mantissa}\cdot 10^{{{int(exponent)}}}"


def together(*parts: str) -> str:
    """Join paragraphs and formulas into one piece of Markdown.

    Every element of a page makes all changes on it a little slower: Streamlit looks at each of them,
    several times for every change of any.
    """
    return "\n\n".join(parts)


def display(latex: str) -> str:
    """Write a formula in Markdown, on a line of its own.

    >>> display("m = 4")
    '$$\\nm = 4\\n$$'
    """
    return f"$$\n{latex}\n$$"


def bracketed(array: NDArray[Any], decimals: int = 4) -> str:
    """Write a matrix in LaTeX, decimals aligned; of a large one, its corners.

    Parameters
    ----------
    array : ndarray of no, one or two axes
        One axis is written as a row without a second bracket, as NumPy sees it.
    """
    array = np.asarray(array)
    if array.ndim == 0:
        return number(float(array), decimals)
    flat = array.ndim == 1
    rows = array.reshape(1, -1) if flat else array
    whole = bool(np.all(rows == np.round(rows))) and bool(np.all(np.abs(rows) < 1e6))
    lines = []
    for i in _shown(rows.shape[0], MOST_ROWS):
        if i is None:
            lines.append(r"\vdots")
            continue
        cells = [
            r"\cdots" if j is None else _cell(float(rows[i, j]), whole, decimals)
            for j in _shown(rows.shape[1], MOST_COLUMNS)
        ]
        lines.append(" & ".join(cells))
    body = r" \\ ".join(lines)
    kind = "pmatrix" if flat else "bmatrix"
    return rf"\begin{{{kind}}} {body} \end{{{kind}}}"


def _cell(value: float, whole: bool, decimals: int) -> str:
    if not np.isfinite(value):
        return number(value)
    if whole:
        return str(int(value))
    if value == 0 or abs(value) < 1e-15:
        return f"{0:.{decimals}f}"
    if abs(value) < 0.5 * 10.0**-decimals or abs(value) >= 1e6:
        return number(value, 2)
    return f"{value:.{decimals}f}"


def _shown(n: int, most: int) -> list[int | None]:
    """Which of n rows or columns are written; None stands for those left out."""
    if n <= most:
        return list(range(n))
    return [*range(most - 2), None, n - 1]


def shape_of(array: NDArray[Any]) -> str:
    """Write a shape as it stands beside a name: (20, 12288), or (3,) of one axis."""
    return str(np.asarray(array).shape)


def write(array: NDArray[Any]) -> str:
    """Write a matrix as a person would type it: numbers with spaces, rows on lines of their own."""
    rows = np.atleast_2d(np.asarray(array))
    return "\n".join(" ".join(f"{value:.10g}" for value in row) for row in rows)


def read(text: str, most: int = 400) -> NDArray[np.float64]:
    """Read a matrix as a person types it: numbers with spaces or commas, rows on lines, with ; or [].

    Raises
    ------
    ValueError
        If it is empty, too large, ragged, or a part is no number.
    """
    lines = re.sub(r"[;\[\]]", "\n", text).split("\n")
    rows = [line.replace(",", " ").split() for line in lines if line.strip(" ,")]
    if not rows:
        raise ValueError(
            "There is no number: write rows of numbers, as 1 2.5 on one line and 3 -4 below."
        )
    if sum(len(row) for row in rows) > most:
        raise ValueError(
            f"There are more than {most} numbers; a matrix to look at has at most so many."
        )
    if len({len(row) for row in rows}) > 1:
        lengths = ", ".join(str(len(row)) for row in rows)
        raise ValueError(f"The rows have {lengths} numbers: a matrix needs as many in each row.")
    try:
        array = np.array([[float(part) for part in row] for row in rows])
    except ValueError as error:
        raise ValueError(f"{str(error).split(': ')[-1]} is no number.") from error
    if not np.isfinite(array).all():
        raise ValueError("A matrix to look at needs finite numbers.")
    return array
