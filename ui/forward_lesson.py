"""What the lesson on the way forward shows beside its cases, and what it asks."""

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ui.case import show_arrays
from ui.components.chart import show_chart
from ui.curves import activation_curve, loss, loss_curve
from ui.frame import TEXT_WIDTH
from ui.matrix import display, scientific, together
from ui.question import Option, Question
from ui.text import _, prose

from nncore.activations import relu, sigmoid
from nncore.cost import compute_cost
from nncore.forward import linear_forward

PAGE = "forward_and_cost"
CASES = (
    "linear_forward",
    "linear_forward_cache",
    "linear_activation_forward_sigmoid",
    "linear_activation_forward_relu",
    "L_model_forward_1hidden",
    "L_model_forward_2hidden",
    "compute_cost_v3",
    "compute_cost_v4",
)


def show_activations() -> None:
    """Show both activations with their slopes, side by side."""
    names = {"sigmoid": _("sigmoid, for the output"), "relu": _("ReLU, for the hidden layers")}
    for column, (activation, name) in zip(st.columns(2), names.items(), strict=True):
        with column:
            st.markdown(f"**{name}**")
            show_chart(
                activation_curve(activation),
                key=f"curve_{activation}",
                alt=_("{name}: the curve and its slope, Z from −6 to 6").format(name=name),
            )


@st.fragment
def show_linear_network() -> None:
    """Show that two linear layers are one, until ReLU stands between them."""
    stream = np.random.RandomState(4)
    X, W1, b1, W2, b2 = (
        np.round(stream.randn(*shape), 1) for shape in ((2, 3), (3, 2), (3, 1), (1, 3), (1, 1))
    )
    bent = st.toggle(
        _("Put ReLU between the two layers"),
        key="bent",
        bind="query-params",
        persist_state="session",
    )
    show_arrays({"X": X, "W1": W1, "b1": b1, "W2": W2, "b2": b2}, decimals=1)
    Z1, _cache = linear_forward(X, W1, b1)
    two, _cache = linear_forward(relu(Z1)[0] if bent else Z1, W2, b2)
    W, b = W2 @ W1, linear_forward(b1, W2, b2)[0]
    one, _cache = linear_forward(X, W, b)
    inner = r"\mathrm{ReLU}(W_1 X + b_1)" if bent else "(W_1 X + b_1)"
    left, right = st.columns(2)
    with left:
        st.markdown(
            together(_("**Two layers**"), display(rf"W_2 \, {inner} + b_2")), width="content"
        )
        show_arrays({"two layers": two}, decimals=3)
    with right:
        product = display(r"(W_2 W_1) \, X + (W_2 b_1 + b_2)")
        st.markdown(together(_("**One layer**, with the product matrix"), product), width="content")
        show_arrays({"W2 W1": W, "one layer": one}, decimals=3)
    gap = float(np.abs(two - one).max())
    said = (
        _("The largest difference is now **{gap}**: with a bend, no single layer does the same.")
        if bent
        else _("The largest difference is **{gap}**: rounding. Two layers, the power of one.")
    )
    st.markdown(said.format(gap=f"{gap:.4f}" if bent else scientific(gap)), width=TEXT_WIDTH)


@st.fragment
def show_one_mistake() -> None:
    """Let the reader give a true cat a probability, and show what it costs."""
    left, right = st.columns(2)
    probability = left.slider(
        _("Probability that the network gives to a true cat"),
        min_value=0.0,
        max_value=1.0,
        value=0.05,
        step=0.005,
        format="%.3f",
        key="given",
        bind="query-params",
        persist_state="session",
    )
    m = right.slider(
        _("Pictures in the mean, m"),
        min_value=1,
        max_value=209,
        value=20,
        key="m_mean",
        bind="query-params",
        persist_state="session",
        help=_("All the others are cats too and get 0.9."),
    )
    others = np.full((1, m), 0.9)
    answers = others.copy()
    answers[0, 0] = probability
    cats = np.ones((1, m))
    calm, cost = float(compute_cost(others, cats)), float(compute_cost(answers, cats))
    with st.container(horizontal=True, gap="medium"):
        st.metric(_("Loss of this one cat"), f"{loss(probability, 1):.4f}", width="content")
        st.metric(_("J, with {n} others at 0.9").format(n=m - 1), f"{cost:.4f}", width="content")
        st.metric(_("J, if it were 0.9 too"), f"{calm:.4f}", width="content")
    show_chart(
        loss_curve(probability),
        key="loss",
        alt=_("The loss of a cat and of a non-cat against the probability of a cat"),
    )
    if probability == 0:
        st.info(prose(PAGE, "certain"))


def _whole(value: int) -> str:
    return str(value).replace("-", "−")


def _row(values: NDArray[Any]) -> str:
    return "[" + ", ".join(_whole(int(value)) for value in values.ravel()) + "]"


# Questions -----------------------------------------------------------------------------------------


def ask_for_an_entry(stream: np.random.RandomState) -> Question:
    """A number: one unit with ReLU."""
    while True:
        w, a = stream.randint(-3, 4, (1, 2)), stream.randint(-3, 4, (2, 1))
        b = stream.randint(1, 4, (1, 1))
        Z, _cache = linear_forward(a.astype(float), w.astype(float), b.astype(float))
        z = int(Z[0, 0])
        product, first = z - int(b[0, 0]), int(w[0, 0] * a[0, 0])
        answers = [int(relu(Z)[0][0, 0]), z, product, -z]
        if z < 0 and len(set(answers)) == 4 and first:
            break
    return Question(
        _("One ReLU unit has $W$ = {w} and $b$ = {b}; it gets $a$ = {a}. What comes out?").format(
            w=_row(w), b=b[0, 0], a=_row(a)
        ),
        (
            Option(
                "0",
                _("$Z = WA + b$ is {z}, and ReLU puts 0 for what is not positive.").format(
                    z=_whole(z)
                ),
                right=True,
            ),
            Option(_whole(z), _("That is $Z$: LINEAR is done, ACTIVATION is still to come.")),
            Option(_whole(product), _("That is $WA$ without $b$, and without ReLU.")),
            Option(_whole(-z), _("ReLU does not turn the sign round: it puts 0.")),
        ),
    )


def ask_for_a_shape(stream: np.random.RandomState) -> Question:
    """A shape: that of Z."""
    n_prev, n, m = (int(k) for k in stream.permutation(np.arange(2, 10))[:3])
    Z, _cache = linear_forward(np.zeros((n_prev, m)), np.zeros((n, n_prev)), np.zeros((n, 1)))
    return Question(
        _("A layer has $W$ ({n}, {p}); `A_prev` is ({p}, {m}). What is the shape of $Z$?").format(
            n=n, p=n_prev, m=m
        ),
        (
            Option(
                f"{Z.shape}",
                _(
                    "A row for each unit of this layer, a column for each of the {m} examples."
                ).format(m=m),
                right=True,
            ),
            Option(f"({n}, {n_prev})", _("That is the shape of $W$: the examples are missing.")),
            Option(f"({m}, {n})", _("That is $Z$ on its side: one example is one column.")),
            Option(
                f"({n}, 1)", _("That is the shape of $b$, which is added to every column of $Z$.")
            ),
        ),
    )


def ask_for_a_loss(stream: np.random.RandomState) -> Question:
    """A number: what a sure mistake costs."""
    a, label = float(stream.choice([0.01, 0.02, 0.05, 0.1])), int(stream.randint(2))
    given = a if label else 1 - a
    right = loss(given, label)
    m = 10
    what = _("a cat") if label else _("no cat")
    return Question(
        _("A picture shows {what}; the network says {given:.2f} for cat. What is its loss?").format(
            what=what, given=given
        ),
        (
            Option(
                f"{right:.3f}",
                _("$-\\log$ of {a:.2f}, the probability that it gave to the truth.").format(a=a),
                right=True,
            ),
            Option(
                f"{loss(given, 1 - label):.3f}",
                _("That would be the loss if the answer were right: the label is the other one."),
            ),
            Option(
                f"{1 - a:.3f}", _("That is how far off the answer is. The loss is a logarithm.")
            ),
            Option(
                f"{right / m:.3f}",
                _("That is its share of $J$ in a mean of {m}, not its own loss.").format(m=m),
            ),
        ),
    )


def ask_what_happens(stream: np.random.RandomState) -> Question:
    """What happens if: ReLU is left out."""
    n, h1, h2 = (int(k) for k in stream.permutation(np.arange(2, 9))[:3])
    W1, W2, W3 = np.ones((h1, n)), np.ones((h2, h1)), np.ones((1, h2))
    shape = (W3 @ W2 @ W1).shape
    return Question(
        _(
            "A network with layers {sizes} has lost its ReLU steps. Which one layer, before the "
            "sigmoid, does exactly the same?"
        ).format(sizes=[n, h1, h2, 1]),
        (
            Option(
                _("$W = W_3 W_2 W_1$, of shape {shape}").format(shape=shape),
                _(
                    "Linear after linear is linear: the product does it, and the depth was for nothing."
                ),
                right=True,
            ),
            Option(
                _("$W = W_1 W_2 W_3$, of shape {shape}").format(shape=(h1, h2)),
                _(
                    "That way round the shapes do not even meet: $W_1$ acts first, so it stands last."
                ),
            ),
            Option(
                _("$W = W_1 + W_2 + W_3$"),
                _("The layers follow each other; and matrices of three shapes have no sum."),
            ),
            Option(
                _("None: three layers can do more than one"),
                _("With ReLU between them, yes. Without, the product matrix does the same."),
            ),
        ),
    )


def ask_for_a_reader(stream: np.random.RandomState) -> Question:
    """A cache: whether an answer can be read from it."""
    z = int(stream.randint(1, 5))
    A = float(sigmoid(np.array([[float(z)]]))[0][0, 0])
    return Question(
        _(
            "A sigmoid unit has $Z$ = {z}, so $A$ = {a:.3f}. What is kept as `activation_cache`?"
        ).format(z=z, a=A),
        (
            Option(
                f"{z}", _("$Z$ itself: `sigmoid_backward` makes the slope from it."), right=True
            ),
            Option(
                f"{A:.3f}",
                _("That is $A$, the answer: the last layer returns it, and no cache keeps it."),
            ),
            Option(
                f"{A * (1 - A):.3f}",
                _("That is the slope $A(1 - A)$: it is made on the way back, from what is kept."),
            ),
        ),
    )


MAKERS = (ask_for_an_entry, ask_for_a_shape, ask_for_a_loss, ask_what_happens, ask_for_a_reader)
