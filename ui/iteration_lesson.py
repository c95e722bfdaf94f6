"""What the page on one iteration shows, and what it asks."""

import numpy as np
import streamlit as st

from ui.address import Choices, choice
from ui.case import explore, note_names
from ui.derivation import show_derivation
from ui.frame import breathe, settings_place
from ui.iteration import (
    WHAT,
    Iteration,
    Source,
    case_names,
    case_source,
    cat_names,
    cat_source,
    choose_case,
    choose_what,
    complain,
    draw_small,
    is_loose,
    iterate,
    small_source,
)
from ui.nudge import show_gradient_check, show_nudge
from ui.question import Option, Question
from ui.stepper import enter, show_walk
from ui.text import _, plain, prose

from nncore.activations import sigmoid
from nncore.cases import Case, cases
from nncore.data import DataError
from nncore.gradcheck import check_entry

PAGE = "one_iteration"
PROOFS = {
    "nudge": _("Proof by nudging"),
    "derivation": _("Derivation"),
    "check": _("Gradient check"),
}


def choices() -> Choices:
    """Return the choices that a link may name."""
    return {"what": WHAT, "case": case_names(), "looked_into": cat_names(), "proof": PROOFS}


def choose() -> Source | Case | None:
    """Let the reader choose what is looked at.

    Returns
    -------
    Source, or Case of a documented call that belongs to no network, or None where something has to
    be mended first.
    """
    with settings_place():
        left, right = st.columns([10, 15], gap="medium")
    with left:
        what = choose_what()
    try:
        with right:
            if what == "small":
                return small_source()
            if what == "cat":
                return cat_source()
            case_place, rest = st.columns([11, 9])
            with case_place:
                id = choose_case()
            if is_loose(id):
                return cases()[id]
            with rest:
                return case_source(id)
    except (ValueError, DataError) as error:
        complain(error)
        return None


@st.fragment
def walk(source: Source) -> None:
    """Show one step, and the proofs below it; a step changes this part of the page only."""
    try:
        iteration = source.get()
    except (ValueError, DataError) as error:
        complain(error)
        return
    pinned = show_walk(iteration)
    step = iteration.steps[enter(iteration.steps)]
    breathe()
    st.header(_("Is it right?"), anchor=False)
    proof = choice(
        st.segmented_control, _("Proofs"), PROOFS, key="proof", default="nudge", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    with st.container(key=f"proof_{proof}"):
        if proof == "nudge":
            show_nudge(iteration, source.key, step, pinned)
        elif proof == "derivation":
            show_derivation(iteration, step, pinned)
        else:
            show_gradient_check(iteration, source.key)


def show_loose(case: Case) -> None:
    """Show a documented call on arrays of no network, and say why it proves nothing."""
    st.info(prose(PAGE, "loose") + "\n\n" + why_loose(case), icon=":material/link_off:")
    st.caption(_("`{call}`, with {draws}").format(call=case.call, draws=plain(case.draws)))
    explore(case, case.inputs())
    note_names(case.inputs())


def why_loose(case: Case) -> str:
    """Say what gives these arrays away, from their numbers."""
    arrays = case.inputs()
    if "AL" in arrays:
        AL, Z = arrays["AL"], arrays["Z2"]
        return _(
            "Here AL is {AL}, and no probability is above 1 or below 0; the sigmoid of its Z2 would "
            "be {s}."
        ).format(AL=_row(AL), s=_row(sigmoid(Z)[0]))
    if "Z" in arrays:
        return _("Here Z is {Z}, but W A + b is {made}.").format(
            Z=_row(arrays["Z"]), made=_row(arrays["W"] @ arrays["A"] + arrays["b"])
        )
    return _("Here dZ was drawn as it stands: there is no label and no answer that it comes from.")


def _row(values: np.ndarray) -> str:
    written = ", ".join(f"{value:.3f}".replace("-", "−") for value in values.ravel())
    return f"[{written}]".replace("[", "\\[").replace("]", "\\]")


# Questions ------------------------------------------------------------------------------------------


def _network(stream: np.random.RandomState) -> Iteration:
    arrays = draw_small((2, 2, 1), 2, int(stream.randint(10_000)))
    parameters = {name: arrays[name] for name in ("W1", "b1", "W2", "b2")}
    return iterate(arrays["X"], arrays["Y"], parameters, 0.5)


def ask_for_a_nudge(stream: np.random.RandomState) -> Question:
    """A number: the cost after a nudge, which a gradient foretells."""
    nudge = 0.01
    while True:
        made = _network(stream)
        slope = float(made.output("dW2")[0, 0])
        check = check_entry(made.X, made.Y, made.parameters, "W2", 0, 0, nudge)
        answers = {
            "right": check.cost_plus,
            "down": check.cost_minus,
            "whole": made.cost + slope,
            "sum": made.cost + 2 * nudge * slope,
        }
        texts = {key: f"{value:.4f}".replace("-", "−") for key, value in answers.items()}
        if len(set(texts.values())) == 4 and abs(slope) > 0.03:
            break
    return Question(
        _(
            "The cost of a network is {J:.4f}, for 2 examples, and `dW2[0, 0]` is {g}. That one "
            "weight is made larger by 0.01 and the network is run again. What is the cost now?"
        ).format(J=made.cost, g=f"{slope:.4f}".replace("-", "−")),
        (
            Option(
                texts["right"],
                _(
                    "It was run: {J:.4f} + 0.01 · {g} is what the gradient foretells, and the "
                    "curve of the cost does the rest."
                ).format(J=made.cost, g=_signed(slope)),
                right=True,
            ),
            Option(
                texts["down"],
                _(
                    "That is the cost with the weight made smaller. A gradient says what happens "
                    "when the number grows; it is the update that goes the other way."
                ),
            ),
            Option(
                texts["whole"],
                _("That is the whole gradient added, as for a nudge of 1: this one is 0.01."),
            ),
            Option(
                texts["sum"],
                _("That is twice the change: dW carries 1/m already, so m has no part in it."),
            ),
        ),
    )


def ask_for_a_reader(stream: np.random.RandomState) -> Question:
    """What is read again: the array that a step of the way back takes out of the cache."""
    layer = int(stream.randint(2, 5))
    wanted = str(stream.choice(["dW", "dA"]))
    right = f"A{layer - 1}" if wanted == "dW" else f"W{layer}"
    made = f"dW{layer}" if wanted == "dW" else f"dA{layer - 1}"
    why = {
        f"A{layer - 1}": _("That is what `dW{l}` needs: what each weight was multiplied with."),
        f"W{layer}": _("That is what `dA{k}` needs: how strongly each unit was read."),
        f"Z{layer}": _("That is read one step before, for `dZ{l}`: the slope of the activation."),
        f"b{layer}": _("It lies in the cache, and nobody reads it: its slope is 1."),
    }
    return Question(
        _(
            "`linear_backward` makes `{made}` from `dZ{l}`. What does it read from the cache?"
        ).format(made=made, l=layer),
        tuple(
            Option(f"`{name}`", said.format(l=layer, k=layer - 1), right=name == right)
            for name, said in why.items()
        ),
    )


def _signed(value: float) -> str:
    return f"({value:.4f})".replace("-", "−") if value < 0 else f"{value:.4f}"


MAKERS = (ask_for_a_nudge, ask_for_a_reader)
