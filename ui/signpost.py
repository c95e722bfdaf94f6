"""The signpost on Start: from a number that differs to the place where it is taken apart."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ui import store, view
from ui.address import choice, write_cell
from ui.case import case_titles, title
from ui.formulas import explained
from ui.frame import TEXT_WIDTH, arrives
from ui.notebooks import RUNS
from ui.text import _, plain, prose

from nncore.cases import RUN_TOLERANCE, Case, DocumentedRun, cases, runs
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
    shape : tuple of int, or None
        That of the whole array where the mistake makes one of another shape, which has no such place.
    """

    case: str
    name: str
    index: tuple[int, ...]
    value: float
    mistake: str = ""
    shape: tuple[int, ...] | None = None

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
            for name in case.expected:
                if name in outputs:
                    found += _mistaken(case, name, np.asarray(outputs[name]), sentence)
    return tuple(found)


def _mistaken(
    case: Case, name: str, array: NDArray[Any], sentence: str
) -> Iterator[tuple[float, Place]]:
    """Yield the numbers of an array that a mistake makes others than the documented ones."""
    documented = np.asarray(case.expected[name])
    for index, value in np.ndenumerate(array):
        if array.shape != documented.shape:
            yield float(value), Place(case.id, name, (), np.nan, sentence, array.shape)
        elif value and abs(value - documented[index]) > case.tolerance:
            yield float(value), Place(case.id, name, index, float(documented[index]), sentence)


def _places(case: Case) -> Iterator[Place]:
    for name, array in case.expected.items():
        for index in np.ndindex(np.shape(array)):
            yield Place(case.id, name, index, float(np.asarray(array)[index]))


def numbers_in(text: str) -> list[str]:
    """Return the numbers that stand in a text, as Python prints one, or an array of them.

    >>> numbers_in("db1 = [[-0.22007063]\\n [ 0. ]]"), numbers_in("np.float64(0.1050)")
    (['-0.22007063', '0.'], ['0.1050'])
    >>> numbers_in("-0,44"), numbers_in("dW1"), numbers_in("1.2.3")
    (['-0.44'], [], [])
    """
    text = re.sub(r"^\s*[A-Za-z]\w*\s*=|\b(np\.)?(float\d+|array)\(", " ", text.replace("−", "-"))
    text = re.sub(r"^(\s*[+-]?\d+),(\d+\s*)$", r"\1.\2", text)
    return [word for word in re.split(r"[\s,;()\[\]]+", text) if _parts(word)]


def find(text: str) -> list[Place]:
    """Find where a number comes from, as far as its digits go; documented ones first.

    Raises
    ------
    ValueError
        If it is no number, or has too few digits to be known by.
    """
    sought, within = _read(text)
    return [
        place
        for value, place in _numbers()
        if abs(value - sought) <= max(within, cases()[place.case].tolerance)
    ]


def find_costs(text: str) -> list[tuple[DocumentedRun, int]]:
    """Find which documented runs print a number as their cost, and at which iterations.

    Raises
    ------
    ValueError
        As `find` does.
    """
    sought, within = _read(text)
    return [
        (run, i)
        for run in runs().values()
        for i, cost in run.costs.items()
        if abs(cost - sought) <= max(within, RUN_TOLERANCE)
    ]


def _read(text: str) -> tuple[float, float]:
    """Return a number, and how far off it may be: its last digit may be rounded or cut off."""
    words = numbers_in(text)
    parts = _parts(words[0]) if len(words) == 1 else None
    if parts is None:
        raise ValueError(_("{text} is no number: write it as NumPy prints it.").format(text=text))
    if len((parts[1] + (parts[2] or "")).lstrip("0")) < LEAST_DIGITS:
        raise ValueError(
            _(
                "Write at least {n} digits of it, not counting zeros in front: a shorter number stands "
                "in many places."
            ).format(n=LEAST_DIGITS)
        )
    decimals = min(len(parts[2] or "") - int(parts[3] or 0), 15)
    return float(parts[0]), 10.0**-decimals


def _parts(word: str) -> re.Match[str] | None:
    """Take a decimal number apart into what stands before and after its point, and its exponent."""
    parts = re.fullmatch(r"[+-]?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?", word, re.ASCII)
    return parts if parts and (parts[1] or parts[2]) else None


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
        max_chars=300,
        key="number",
        placeholder="db1 = -0.44014127",
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
    _say_older_name(place)
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
    """Say where a number, or one of several, comes from, and lead there; return whether it is known."""
    words = numbers_in(number)
    found: list[Place] = []
    costs: list[tuple[DocumentedRun, int]] = []
    refused = []
    for word in words or [number]:
        try:
            found, costs = find(word), find_costs(word)
        except ValueError as error:
            refused.append(str(error))
        if found or costs:
            break
    else:
        if len(refused) >= len(words):
            st.warning(plain(refused[0]), icon=":material/edit:")
        else:
            st.info(
                _(
                    "No documented number, and none that a usual mistake makes of one. Say below which "
                    "it should be, and see step by step what makes it."
                )
            )
        return False
    if named := re.match(r"\s*(\w+)\s*=", number):  # as "db1 = ...": what stands there comes first
        found.sort(key=lambda place: place.name != named[1])
    if len(words) > 1:
        st.markdown(_("Of these numbers, **{number}**:").format(number=plain(word)))
    for run, i in costs:
        _show_cost(run, i)
    for place in found[:MOST_FOUND]:
        case = title(cases()[place.case])
        if place.mistake:
            said = _("This is what comes out for `{code}` of {case} if {mistake}.").format(
                code=place.code, case=case, mistake=plain(place.mistake)
            )
            st.markdown(f"{said} {_should_be(place)}")
        else:
            said = _("The notebooks print it for `{code}` of {case}: **{value}**.")
            st.markdown(said.format(code=place.code, case=case, value=_written(place)))
        _say_older_name(place)
        _lead_to(place)
    if len({place.mistake for place in found}) > 1:
        st.caption(
            _("One number can come out in several ways: yours is that of what you computed.")
        )
    if len(found) > MOST_FOUND:
        st.caption(_("And in {n} more places.").format(n=len(found) - MOST_FOUND))
    return True


def _should_be(place: Place) -> str:
    """Say what the notebooks print instead."""
    if place.shape is not None:
        needed = np.shape(cases()[place.case].expected[place.name])
        return _("It has the shape {shape} then, and needs {needed}.").format(
            shape=place.shape, needed=needed
        )
    return _("The notebooks print **{value}**.").format(value=_written(place))


def _say_older_name(place: Place) -> None:
    """Say what edition 3 calls a gradient that edition 4 counts from another end."""
    older = {
        "dA0": _("N1 and N3 keep this array as `dA1`, and N3 prints it under that name."),
        "dA1": _("N1 and N3 keep this array as `dA2`; N1 prints it as `dA1`."),
    }
    if place.case == "L_model_backward" and place.name in older:
        st.caption(older[place.name])


def _show_cost(run: DocumentedRun, i: int) -> None:
    """Say which cost of a documented run it is, and lead to the run."""
    st.markdown(
        _(
            "The notebooks print it as the cost of the documented {model} run at iteration {i:,}: "
            "**{cost}**, in {sources}."
        ).format(model=RUNS[run.id], i=i, cost=run.costs[i], sources=", ".join(run.sources))
    )
    there = {"data": "photos", "model": run.id}
    place = {"at": str(i)} if store.at_hand("photos") else {"part": "watch"}
    _link("pages/train.py", _("See the run"), {**there, **place})


def recall_number(case: Case) -> None:
    """Say beside a case, too, of which usual mistake in it the reader's number comes."""
    for word in numbers_in(str(st.session_state.get("number") or "")):
        with suppress(ValueError):
            for place in find(word):
                if place.case == case.id and place.mistake:
                    said = _(
                        "Your number, {number}, is what comes out for `{code}` if {mistake}."
                    ).format(number=plain(word), code=place.code, mistake=plain(place.mistake))
                    st.info(f"{said} {_should_be(place)}", width=TEXT_WIDTH)
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
    _link(FILE, label, {"case": id, "cell": cell} if cell else {"case": id})


def _link(file: str, label: str, query: dict[str, str]) -> None:
    st.page_link(
        file,
        label=label,
        icon=":material/arrow_forward:",
        icon_position="right",
        width="content",
        query_params={**view.current().query, **query},
    )
