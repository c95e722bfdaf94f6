"""A question to predict first, then reveal: at the end of each lesson."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from ui.text import _
from ui.view import LESSONS, current, mark_done


@dataclass(frozen=True)
class Option:
    """One answer that a reader may give.

    Attributes
    ----------
    text : str
        Markdown; unlike the others'.
    why : str
        What makes it right, or what a reader who chose it has probably done instead.
    right : bool
    """

    text: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class Question:
    """A question with its options, exactly one of them right; the right one is computed."""

    text: str
    options: tuple[Option, ...]

    def __post_init__(self) -> None:
        if sum(option.right for option in self.options) != 1:
            raise ValueError(f"exactly one option needs to be right: {self.text}")
        if len({option.text for option in self.options}) != len(self.options):
            raise ValueError(f"two options read alike: {self.text}")


Maker = Callable[[np.random.RandomState], Question]


def ask(lesson: str, makers: Sequence[Maker]) -> None:
    """Show one question of a lesson, reveal what the reader's answer says, and offer another.

    Parameters
    ----------
    lesson : str
        The key of the page; the right answer ticks it.
    makers : sequence of callable
        Each makes a question from a random stream; they take turns, with other numbers each round.
    """
    with st.container(key="question"):
        _ask(lesson, makers, ticked=answered(lesson))


@st.fragment
def _ask(lesson: str, makers: Sequence[Maker], ticked: bool) -> None:
    """Show the question: an answer runs this part alone, a new tick the page, which shows it."""
    st.header(_("Predict, then look"), anchor=False)
    turn = _turn(lesson)
    question = makers[turn % len(makers)](np.random.RandomState(turn))
    order = np.random.RandomState(1000 + turn).permutation(len(question.options))
    options = [question.options[int(k)] for k in order]

    key = f"answer_{lesson}_{turn}"

    def tick() -> None:
        if (answer := st.session_state[key]) is not None and options[answer].right:
            mark_done(lesson)

    with st.container(border=True):
        chosen = st.radio(
            question.text,
            range(len(options)),
            index=None,
            format_func=lambda k: options[k].text,
            key=key,
            on_change=tick,
        )
        with st.container(key="answers"):
            if chosen is not None:
                option = options[chosen]
                if option.right:
                    st.success(option.why, icon=":material/check_circle:")
                    if len(current().done) == len(LESSONS):
                        st.caption(_("All {n} lessons are done.").format(n=len(LESSONS)))
                else:
                    st.warning(option.why, icon=":material/undo:")
                    st.caption(_("Choose again: the right answer ticks the lesson."))

        def another() -> None:
            st.session_state[f"turn_{lesson}"] = turn + 1

        st.button(_("Another question"), key=f"another_{lesson}", on_click=another)
    if answered(lesson) and not ticked:
        st.rerun()


def _turn(lesson: str) -> int:
    """Return which question is asked, from 0; the address counts from 1, and leads on arrival."""
    key = f"turn_{lesson}"
    if key not in st.session_state:
        asked = st.query_params.get("question", "")
        known = asked.isascii() and asked.isdigit() and 0 < len(asked) < 4
        st.session_state[key] = max(int(asked) - 1, 0) if known else 0
    turn: int = st.session_state[key]
    if turn and st.query_params.get("question") != str(turn + 1):
        st.query_params["question"] = str(turn + 1)
    elif not turn:
        st.query_params.pop("question", None)
    return turn


def answered(lesson: str) -> bool:
    """Say whether a question of this lesson has been answered rightly in this session."""
    return lesson in st.session_state.get("answered", set())
