"""Formulas with numbers in, in LaTeX.

Numbers have the colour of the array that they come from: what goes forward, what comes backward.
"""

from ui.matrix import number
from ui.style import palette


class Pen:
    """Writes numbers in the colours of a theme."""

    def __init__(self, theme: str) -> None:
        self.colours = palette(theme)

    def ink(self, name: str, latex: str) -> str:
        """Colour what comes from an array: gradients as backward, activations as forward."""
        meaning = "backward" if name.startswith("d") else "forward" if name[0] in "AZ" else "text"
        return rf"\textcolor{{{self.colours[meaning]}}}{{{latex}}}"

    def value(self, name: str, value: float) -> str:
        """Write a number that comes from an array; a negative one in brackets."""
        written = number(float(value))
        return self.ink(name, f"({written})" if written.startswith("-") else written)


def aligned(*lines: str) -> str:
    """Put lines below each other, aligned at their &."""
    return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"
