"""Pictures with words under them: one file for all of them, which the browser cuts up."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ui import images

MOST_PLATES = 240  # of 64 pixels each, one above the other: no WebP file is higher than 16,383


@dataclass(frozen=True)
class Plate:
    """What is said of one picture, or of two or three that stand side by side.

    Attributes
    ----------
    alts : tuple of str
        One for each picture: what it is, for those who do not see it.
    title : str
    lines : tuple of str
        Any text, also what a visitor typed: it is escaped here.
    """

    alts: tuple[str, ...]
    title: str
    lines: tuple[str, ...] = ()


def show_gallery(
    pictures: NDArray[np.uint8], plates: Sequence[Plate], *, key: str, size: int = 96
) -> None:
    """Show plates side by side, in as many rows as there have to be.

    Parameters
    ----------
    pictures : ndarray of shape (n, k, height, width, 3), uint8
        k pictures for each plate.
    plates : sequence of n Plate
    key : str
        A class name of its own on the page.
    size : int
        Of one picture on the screen, in pixels.
    """
    if len(plates) > MOST_PLATES or pictures.shape[:2] != (len(plates), len(plates[0].alts)):
        raise ValueError(
            f"There are {len(plates)} plates for pictures of shape {pictures.shape}: a gallery needs "
            f"as many, at most {MOST_PLATES}, and a text for each picture."
        )
    n, k = pictures.shape[:2]
    address = images.data_address(images.sheet(pictures))
    figures = []
    for row, plate in enumerate(plates):
        cells = "".join(
            f'<div role="img" aria-label="{html.escape(alt)}" title="{html.escape(alt)}" '
            f'style="background-position:{-size * column}px {-size * row}px"></div>'
            for column, alt in enumerate(plate.alts)
        )
        lines = "".join(f"<span>{html.escape(line)}</span>" for line in plate.lines)
        figures.append(
            f"<figure><div>{cells}</div>"
            f"<figcaption><b>{html.escape(plate.title)}</b>{lines}</figcaption></figure>"
        )
    own = f".gallery.{key}"
    st.html(
        f"<style>.gallery{{display:flex;flex-wrap:wrap;gap:12px}}"
        f".gallery figure{{margin:0}}.gallery figure>div{{display:flex;gap:4px}}"
        f".gallery [role=img]{{border-radius:4px}}"
        f".gallery figcaption{{font-size:.85rem;line-height:1.35;padding-top:3px}}"
        f".gallery figcaption>*{{display:block;font-weight:400;overflow-wrap:anywhere}}"
        f".gallery figcaption>b{{font-weight:600}}"
        f"{own} figure{{width:{(size + 4) * k - 4}px}}"
        f"{own} [role=img]{{width:{size}px;height:{size}px;background-image:url({address});"
        f"background-size:{size * k}px {size * n}px}}</style>"
        f'<div class="gallery {key}">{"".join(figures)}</div>'
    )
