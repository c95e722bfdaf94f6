"""What the lesson on the way back shows beside its cases, and what it asks."""

import numpy as np
import streamlit as st

from ui import matrix
from ui.case import show_arrays, show_comparisons
from ui.components.figure import linear_backward_figure
from ui.components.matrix_explorer import matrix_explorer
from ui.formulas import formulas
from ui.frame import TEXT_WIDTH
from ui.matrix import scientific
from ui.question import Option, Question
from ui.text import _, plain

from nncore.activations import relu_backward, sigmoid, sigmoid_backward
from nncore.backward import L_model_backward, linear_backward
from nncore.cases import Case, cases, compare
from nncore.forward import L_model_forward
from nncore.gradcheck import check_entry
from nncore.parameters import update_parameters
from nncore.trace import Rule
from nncore.types import Cache, FloatArray, Gradients, Parameters

CASES = (
    "linear_backward_v3",
    "linear_backward_v4",
    "linear_activation_backward_sigmoid",
    "linear_activation_backward_relu",
    "L_model_backward",
    "update_parameters",
)
NUDGE = 1e-6  # as the words say: a millionth


def show_linear_backward_figure(case: Case) -> None:
    """Draw the linear-backward box with the shapes of a case of that function."""
    if case.function != "linear_backward":
        return
    inputs = case.inputs()
    n, n_prev = inputs["W"].shape
    linear_backward_figure(key="linear_backward", n=n, n_prev=n_prev, m=inputs["dZ"].shape[1])


@st.fragment
def show_activation_demo() -> None:
    """Send a dA of the reader's through both activations."""
    left, right = st.columns(2)
    texts = {
        "dA": left.text_area(
            _("dA, what comes from the right"),
            value="1 -2 0.5 3",
            height=68,
            max_chars=400,
            key="demo_dA",
            bind="query-params",
            persist_state="session",
        ),
        "Z": right.text_area(
            _("Z, from the cache"),
            value="-1 2 0 0.5",
            height=68,
            max_chars=400,
            key="demo_Z",
            bind="query-params",
            persist_state="session",
        ),
    }
    try:
        dA, Z = (matrix.read(text) for text in texts.values())
        with np.errstate(all="ignore"):
            outputs = {"dZ relu": relu_backward(dA, Z), "dZ sigmoid": sigmoid_backward(dA, Z)}
    except ValueError as error:
        st.error(plain(str(error)))
        return
    matrix_explorer(
        key="demo",
        rules=[Rule(name, f"{name[3:]}_backward", (("dA", "ij"), ("Z", "ij"))) for name in outputs],
        inputs={"dA": dA, "Z": Z},
        outputs=outputs,
        phase="backward",
        names=dict.fromkeys(outputs, "dZ"),
    )
    at_zero = int(np.sum(Z == 0))
    if at_zero:
        st.caption(
            _(
                "Entries of Z that are exactly 0: {n} of {total}. There ReLU has a corner and no slope "
                "of its own; the course takes 0, so nothing passes."
            ).format(n=at_zero, total=Z.size)
        )


# L_model_backward ----------------------------------------------------------------------------------


def _documented() -> tuple[FloatArray, FloatArray, list[Cache]]:
    """Return AL, Y and the caches of the documented case."""
    arrays = cases()["L_model_backward"].inputs()
    caches = [
        ((arrays[f"A{layer}"], arrays[f"W{layer}"], arrays[f"b{layer}"]), arrays[f"Z{layer}"])
        for layer in (1, 2)
    ]
    return arrays["AL"], arrays["Y"], caches


def show_shortcut() -> None:
    """Show that the shortcut AL - Y, right in a network, fails the documented case."""
    AL, Y, caches = _documented()
    linear_cache, Z2 = caches[-1]
    dAL = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    shortcut, formula = AL - Y, sigmoid_backward(dAL, Z2)
    show_arrays({"AL": AL, "sigmoid(Z2)": sigmoid(Z2)[0], "Y": Y})
    documented = cases()["L_model_backward"].expected["dW2"]
    left, right = st.columns(2)
    with left:
        st.markdown(_("**From dAL**, as the course does"))
        show_arrays({"dZ2": formula, "dW2": linear_backward(formula, linear_cache)[1]})
    with right:
        st.markdown(_("**The shortcut** AL − Y"))
        show_arrays({"AL − Y": shortcut, "dW2": linear_backward(shortcut, linear_cache)[1]})
    off = float(np.abs(linear_backward(shortcut, linear_cache)[1] - documented).max())
    same = shortcut_gap()
    st.markdown(
        _(
            "The shortcut misses the documented `dW2` by up to **{off:.4f}**. On a real forward "
            "pass (the documented case with one hidden layer) both ways differ by **{same}**: "
            "there `AL` is the sigmoid of `Z2`, and the shortcut is right."
        ).format(off=off, same=scientific(same)),
        width=TEXT_WIDTH,
    )


def shortcut_gap() -> float:
    """Return how far the shortcut is from the formula on a real forward pass."""
    X, Y, parameters = forward_case()
    AL, caches = L_model_forward(X, parameters)
    dAL = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    return float(np.abs(sigmoid_backward(dAL, caches[-1][1]) - (AL - Y)).max())


def names_table() -> str:
    """Return the same gradients under the names of both editions, as a Markdown table."""
    AL, Y, caches = _documented()
    new, old = L_model_backward(AL, Y, caches), L_model_backward(AL, Y, caches, old_names=True)
    lines = [
        _("| gradient of | shape | N2, N4, N5 | N1, N3 | equal? |"),
        "|---|---|---|---|---|",
    ]
    for layer in range(len(caches), 0, -1):
        pairs = [
            (_("the input of layer {l}").format(l=layer), f"dA{layer - 1}", f"dA{layer}"),
            (f"$W^{{[{layer}]}}$", f"dW{layer}", f"dW{layer}"),
            (f"$b^{{[{layer}]}}$", f"db{layer}", f"db{layer}"),
        ]
        for what, name, old_name in pairs:
            same = np.array_equal(new[name], old[old_name])
            sign = ":material/check:" if same else ":material/close:"
            shown = f"`{old_name}`" if name == old_name else f"**`{old_name}`**"
            lines.append(f"| {what} | {matrix.shape_of(new[name])} | `{name}` | {shown} | {sign} |")
    return "\n".join(lines)


# Where 1/m lives -----------------------------------------------------------------------------------


def forward_case() -> tuple[FloatArray, FloatArray, Parameters]:
    """Return X, Y and parameters of the documented network with one hidden layer; labels are 1, 0."""
    inputs = cases()["L_model_forward_1hidden"].inputs()
    return inputs.pop("X"), np.array([[1, 0]]), inputs


def one_over_m_table() -> str:
    """Compare formula and nudge, for each entry of dW2 and of dA1, as a Markdown table."""
    X, Y, parameters = forward_case()
    AL, caches = L_model_forward(X, parameters)
    grads: Gradients = L_model_backward(AL, Y, caches)
    lines = [
        _("| nudged | change of J | dW2 or dA1 | / m | differ by |"),
        "|---|--:|--:|--:|--:|",
    ]
    for what in ("W2", "A1"):
        gradient = grads[f"d{what}"]
        for row, column in np.ndindex(gradient.shape):
            check = check_entry(X, Y, parameters, what, row, column, NUDGE)
            lines.append(
                f"| `{what}[{row}, {column}]` | {_signed(check.numeric)} "
                f"| {_signed(gradient[row, column])} "
                f"| {'' if what == 'W2' else _signed(check.analytic)} "
                f"| {scientific(abs(check.numeric - check.analytic))} |"
            )
    return "\n".join(lines)


def _signed(value: float) -> str:
    return f"{value:.4f}".replace("-", "−") if abs(value) >= 5e-5 else "0"


# The update ----------------------------------------------------------------------------------------


@st.fragment
def show_update() -> None:
    """Show a parameter before and after the update; the reader sets the learning rate."""
    case = cases()["update_parameters"]
    inputs = case.inputs()
    rate = round(
        st.slider(
            _("Learning rate"),
            min_value=0.0,
            max_value=1.0,
            value=0.1,
            step=0.01,
            key="update_rate",
            bind="query-params",
            persist_state="session",
            help=_("α, how far the step goes. The documented case has 0.1."),
        ),
        2,
    )
    found = formulas("update_parameters", inputs, learning_rate=rate)
    matrix_explorer(
        key="updated",
        rules=found.rules,
        inputs=found.inputs,
        outputs=found.outputs,
        phase=found.phase,
    )
    if rate == 0.1:
        show_comparisons(compare(case, found.outputs), case)
    else:
        st.info(_("The documented numbers are for a learning rate of 0.1."))


# Questions -----------------------------------------------------------------------------------------


def _row(values: FloatArray) -> str:
    return "[" + ", ".join(f"{value:g}".replace("-", "−") for value in values.ravel()) + "]"


def ask_for_a_sign(stream: np.random.RandomState) -> Question:
    """A sign: dZ of the output for one picture."""
    a, label = float(stream.choice([0.2, 0.3, 0.4, 0.6, 0.7, 0.8])), int(stream.randint(2))
    Z = np.log(np.array([[a / (1 - a)]]))
    dAL = -(label / a - (1 - label) / (1 - a))
    dZ = float(sigmoid_backward(np.array([[dAL]]), Z)[0, 0])
    toward = _("down, away from the truth") if label else _("down, toward the truth")
    return Question(
        _("A picture shows {what}; the network says {a:g}. What is $dZ$ at the output?").format(
            what=_("a cat") if label else _("no cat"), a=a
        ),
        (
            Option(
                _number(dZ),
                _("$dZ = a - y$. The update goes against it: $Z$ goes {way}.").format(
                    way=_("up, toward the truth") if dZ < 0 else _("down, toward the truth")
                ),
                right=True,
            ),
            Option(
                _number(-dZ),
                _(
                    "That is $y - a$. The update subtracts the gradient: $Z$ would move {way}."
                ).format(way=toward if label else _("up, away from the truth")),
            ),
            Option(
                _number(dAL),
                _("That is $dA$, before it is multiplied by the slope of the sigmoid."),
            ),
        ),
    )


def _number(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def ask_for_a_shape(stream: np.random.RandomState) -> Question:
    """A shape: that of dW."""
    n_prev, n, m = (int(k) for k in stream.permutation(np.arange(2, 10))[:3])
    cache = (np.zeros((n_prev, m)), np.zeros((n, n_prev)), np.zeros((n, 1)))
    dA_prev, dW, db = linear_backward(np.zeros((n, m)), cache)
    return Question(
        _("`dZ` is ({n}, {m}) and `A_prev` is ({p}, {m}). What is the shape of `dW`?").format(
            n=n, p=n_prev, m=m
        ),
        (
            Option(
                f"{dW.shape}",
                _("The shape of $W$. The {m} examples meet in the product and are summed.").format(
                    m=m
                ),
                right=True,
            ),
            Option(
                f"({n_prev}, {n})",
                _("That is $A^{prev} dZ^T$: the product the other way round."),
            ),
            Option(
                f"{dA_prev.shape}",
                _("That is `dA_prev`. A gradient has the shape of what it is the gradient of."),
            ),
            Option(f"{db.shape}", _("That is `db`, one number for each unit.")),
        ),
    )


def ask_for_a_gate(stream: np.random.RandomState) -> Question:
    """A number: relu_backward, at exactly 0 too."""
    magnitudes = stream.permutation(np.arange(1, 10))[:3]
    dA = np.array([[-magnitudes[0], magnitudes[1], magnitudes[2]]], dtype=float)
    Z = np.array([[float(stream.randint(1, 5)), 0.0, -float(stream.randint(1, 5))]])
    right = relu_backward(dA, Z)
    return Question(
        _("`dA` = {dA} and `Z` = {Z}. What does `relu_backward` return?").format(
            dA=_row(dA), Z=_row(Z)
        ),
        (
            Option(
                _row(right),
                _("It passes where $Z > 0$, whatever its own sign, and stops elsewhere, at 0 too."),
                right=True,
            ),
            Option(
                _row(np.where(Z >= 0, dA, 0.0)),
                _("That passes at $Z = 0$ as well; the course takes the slope there as 0."),
            ),
            Option(
                _row(np.maximum(0, dA)),
                _("That is ReLU of `dA`. What decides is the sign of $Z$, not that of `dA`."),
            ),
            Option(_row(dA), _("That is `dA` itself: two of the units were off and pass nothing.")),
        ),
    )


def ask_for_a_mean(stream: np.random.RandomState) -> Question:
    """A number: db."""
    while True:
        dZ = stream.randint(-6, 7, (1, 4)).astype(float)
        db = linear_backward(dZ, (np.ones((1, 4)), np.ones((1, 1)), np.ones((1, 1))))[2]
        right, whole, size = float(db[0, 0]), float(dZ.sum()), float(np.abs(dZ).mean())
        if len({right, whole, size, -right}) == 4:
            break
    return Question(
        _("One unit, m = 4, `dZ` = {dZ}. What is `db`?").format(dZ=_row(dZ)),
        (
            Option(
                _row(db),
                _("The sum over the examples, divided by $m$: `db` is a gradient of the mean."),
                right=True,
            ),
            Option(_row(np.array(whole)), _("That is the sum: the $1/m$ is missing.")),
            Option(_row(np.array(size)), _("Signs count: examples may pull against each other.")),
            Option(_row(-db), _("The minus comes later, in the update.")),
        ),
    )


def ask_what_happens(stream: np.random.RandomState) -> Question:
    """What happens if: the 1/m is forgotten."""
    m, rate = int(stream.choice([10, 50, 200])), float(stream.choice([0.005, 0.01, 0.02]))
    W, dW = {"W1": np.zeros((1, 1)), "b1": np.zeros((1, 1))}, np.ones((1, 1))
    steps = [
        float(update_parameters(W, {"dW1": k * dW, "db1": dW}, rate)["W1"][0, 0]) for k in (1, m)
    ]
    same = rate * steps[1] / steps[0]
    return Question(
        _(
            "You forget the $1/m$ in `dW` and `db`, with m = {m} and a learning rate of {rate:g}. "
            "What happens?"
        ).format(m=m, rate=rate),
        (
            Option(
                _("The same as with a learning rate of {rate:g}").format(rate=same),
                _("Each step is {m} times as long, in the same direction: likely too long.").format(
                    m=m
                ),
                right=True,
            ),
            Option(
                _("The same as with a learning rate of {rate:g}").format(rate=rate / m),
                _("It is the other way: without the division the gradient is larger, not smaller."),
            ),
            Option(
                _("Nothing, only the direction counts"),
                _("The length counts too: the step is learning rate times gradient."),
            ),
            Option(
                _("The steps go uphill"),
                _("A positive factor never turns a direction round."),
            ),
        ),
    )


MAKERS = (ask_for_a_sign, ask_for_a_shape, ask_for_a_gate, ask_for_a_mean, ask_what_happens)
