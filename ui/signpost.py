"""The signpost on Start: from a number that differs to the place where it is taken apart."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import streamlit as st

from ui import view
from ui.address import choice, write_cell
from ui.case import case_titles, title
from ui.formulas import explained
from ui.frame import TEXT_WIDTH, arrives
from ui.text import _, plain, prose

from nncore.cases import Case, cases
from nncore.errata import mistakes

LEAST_DIGITS = 4  # of a number that is looked for: a shorter one stands in many places
MOST_FOUND = 4
DEFAULT = "L_model_backward"
FILE = "pages/notebook_numbers.py"


@dataclass(frozen=True)
class Place:
    """One documented number.

    Attributes
    ----------
    case, name : str
        The id of the case, and which of its outputs.
    index : tuple of int
        Counted from 0, as NumPy does.
    value : float
        As printed.
    mistake : str
        What is wrong where another number comes out at this place; "" for the documented one.
    """

    case: str
    name: str
    index: tuple[int, ...]
    value: float
    mistake: str = ""

    @property
    def code(self) -> str:
        """The entry as it is written in Python."""
        return self.name + (f"[{', '.join(map(str, self.index))}]" if self.index else "")


@cache
def _numbers() -> tuple[tuple[float, Place], ...]:
    """Return every documented number, and every number that a usual mistake makes of one."""
    found: list[tuple[float, Place]] = []
    for case in cases().values():
        found += [(place.value, place) for place in _places(case)]
    for case in cases().values():
        for sentence, outputs in mistakes(case):
            for place in _places(case):
                if place.name not in outputs:
                    continue
                value = float(np.asarray(outputs[place.name])[place.index])
                if value and abs(value - place.value) > case.tolerance:
                    found.append((value, replace(place, mistake=sentence)))
    return tuple(found)


def _places(case: Case) -> Iterator[Place]:
    for name, array in case.expected.items():
        for index in np.ndindex(np.shape(array)):
            yield Place(case.id, name, index, float(np.asarray(array)[index]))


def find(text: str) -> list[Place]:
    """Find where a number comes from, as far as its digits go; documented ones first.

    Raises
    ------
    ValueError
        If it is no number, or has too few digits to be known by.
    """
    written = text.strip().replace("−", "-").strip("[](), ")
    parts = re.fullmatch(r"[+-]?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?", written, re.ASCII)
    if parts is None or not (parts[1] or parts[2]):
        raise ValueError(_("{text} is no number: write it as NumPy prints it.").format(text=text))
    if len((parts[1] + (parts[2] or "")).lstrip("0")) < LEAST_DIGITS:
        raise ValueError(
            _(
                "Write at least {n} digits of it, not counting zeros in front: a shorter number stands "
                "in many places."
            ).format(n=LEAST_DIGITS)
        )
    decimals = min(len(parts[2] or "") - int(parts[3] or 0), 15)
    sought = float(written)
    # The last digit may be rounded or cut off, here and in the print.
    return [
        place
        for value, place in _numbers()
        if abs(value - sought) <= max(10.0**-decimals, cases()[place.case].tolerance)
    ]


def restore_number() -> None:
    """Write the reader's number into the address again, where the browser has come back without it.

    A link to another page writes over the address that it leaves, and Streamlit would take the missing
    number for an empty field. Called first, before the field is bound to the address.
    """
    if arrives() and st.session_state.get("number") and "number" not in st.query_params:
        st.query_params["number"] = st.session_state["number"]
        st.rerun()


@st.fragment
def show_signpost() -> None:
    """Ask for a number, or for its place, and lead to where it is taken apart."""
    st.markdown(prose("start", "signpost"), width=TEXT_WIDTH)
    number = st.text_input(
        _("Your number, or the notebook's"),
        max_chars=40,
        key="number",
        placeholder="-0.44014127",
        bind="query-params",
        persist_state="session",
    )
    if not (number.strip() and _tell(number)):
        _choose_and_lead()


def _choose_and_lead() -> None:
    """Let the reader say where a number stands, and lead there."""
    st.markdown(_("Or say where it stands, counted from 0 as NumPy does:"))
    place = _choose()
    st.markdown(
        _("`{code}` of {case} is printed as **{value}**, in {sources}.").format(
            code=place.code,
            case=title(cases()[place.case]),
            value=_written(place),
            sources=", ".join(cases()[place.case].sources),
        )
    )
    _lead_to(place)


def _choose() -> Place:
    """Let the reader choose a case, an array and an entry."""
    wide, array, left, right = st.columns([5, 3, 2, 2])
    with wide:
        case = cases()[
            choice(st.selectbox, _("Function"), case_titles(), key="find", default=DEFAULT)
        ]
    with array:
        names = {name: name for name in case.expected}
        default = "dW1" if "dW1" in names else next(iter(names))
        name = choice(st.selectbox, _("Array"), names, key="array", default=default, follows=True)
    index = []
    sides = (_("Row"), _("Column"))
    shape = np.shape(case.expected[name])
    for place, side, n in zip((left, right), sides, shape, strict=False):
        key = f"{side} {case.id} {name}"  # each array has axes of its own
        index.append(int(place.number_input(side, 0, n - 1, key=key, disabled=n == 1)))
    return Place(case.id, name, tuple(index), float(np.asarray(case.expected[name])[tuple(index)]))


def _tell(number: str) -> bool:
    """Say where a number comes from, with ways there; return whether it was found."""
    try:
        found = find(number)
    except ValueError as error:
        st.warning(plain(str(error)), icon=":material/edit:")
        return False
    if not found:
        st.info(
            _(
                "No documented number, and none that a usual mistake makes of one. Say below which "
                "it should be, and see step by step what makes it."
            )
        )
        return False
    for place in found[:MOST_FOUND]:
        case = title(cases()[place.case])
        if place.mistake:
            said = _(
                "This is what comes out for `{code}` of {case} if {mistake}. The notebooks print "
                "**{value}**."
            )
        else:
            said = _("The notebooks print it for `{code}` of {case}: **{value}**.")
        st.markdown(
            said.format(
                code=place.code, case=case, mistake=plain(place.mistake), value=_written(place)
            )
        )
        _lead_to(place)
    if len(found) > MOST_FOUND:
        st.caption(_("And in {n} more places.").format(n=len(found) - MOST_FOUND))
    return True


def recall_number(case: Case) -> None:
    """Say beside a case, too, of which usual mistake in it the reader's number comes."""
    number = str(st.session_state.get("number") or "")
    with suppress(ValueError):
        for place in find(number):
            if place.case == case.id and place.mistake:
                st.info(
                    _(
                        "Your number, {number}, is what comes out for `{code}` if {mistake}. The "
                        "notebooks print **{value}**."
                    ).format(
                        number=plain(number.strip()),
                        code=place.code,
                        mistake=plain(place.mistake),
                        value=_written(place),
                    ),
                    width=TEXT_WIDTH,
                )
                return


def _written(place: Place) -> str:
    """Write a documented number with its printed digits."""
    if place.value == int(place.value):
        return str(int(place.value)).replace("-", "−")
    decimals = cases()[place.case].decimals
    text = repr(place.value) if decimals >= 15 else f"{place.value:.{decimals}f}"
    return text.replace("-", "−")


def _lead_to(place: Place) -> None:
    """Link to the case in full, with the number pinned where the case takes it apart."""
    cell = ""
    if place.name in explained(place.case):
        row, column = (*place.index, 0, 0)[:2]
        cell = write_cell(place.name, row, column)
    lead_to_case(place.case, _("See what makes {code}").format(code=f"`{place.code}`"), cell)


def lead_to_case(id: str, label: str, cell: str = "") -> None:
    """Link to a documented case in full, in the same tab, perhaps with an entry pinned."""
    query = {"case": id, "cell": cell} if cell else {"case": id}
    st.page_link(
        FILE,
        label=label,
        icon=":material/arrow_forward:",
        icon_position="right",
        width="content",
        query_params={**view.current().query, **query},
    )
