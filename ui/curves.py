"""The curves of the lessons on forward and backward: data in, chart out, no Streamlit."""

import numpy as np

from ui.components.chart import Axis, Chart, Dash, Ink, Panel, Points
from ui.text import _

from nncore.activations import relu, relu_backward, sigmoid, sigmoid_backward
from nncore.cost import compute_cost
from nncore.types import FloatArray

HEIGHT = 300


def activation_curve(activation: str) -> Chart:
    """Draw an activation with its slope: what goes forward, and what the way back multiplies by."""
    Z = np.linspace(-6, 6, 241).reshape(1, -1)
    if activation == "sigmoid":
        A, slope = sigmoid(Z)[0], sigmoid_backward(np.ones_like(Z), Z)
    else:
        A, slope = relu(Z)[0], relu_backward(np.ones_like(Z), Z)
    named: tuple[tuple[str, FloatArray, Ink, Dash], ...] = (
        (_("A"), A, "forward", "solid"),
        (_("slope dA/dZ"), slope, "backward", "dash"),
    )
    lines = [
        Points(
            x=Z[0],
            y=values[0],
            name=name,
            ink=ink,
            width=2.5,
            dash=dash,
            says="Z = {x}: {name} = {y}",
            legend=True,
        )
        for name, values, ink, dash in named
    ]
    ends = (-0.06, 1.06) if activation == "sigmoid" else (-0.3, 6.3)
    return Chart(Axis("Z", ends=(-6, 6)), [Panel(Axis(ends=ends), lines)], HEIGHT)


def loss_curve(probability: float) -> Chart:
    """Draw the loss of one picture against the answer it gets, with a point where the reader is."""
    answers = np.concatenate(([0.001, 0.003, 0.006], np.linspace(0.01, 0.99, 99), [0.994, 0.999]))
    says = _("{name}\na = {x}: loss {y}")
    named: tuple[tuple[str, int, Ink, Dash], ...] = (
        (_("cat: −log(a)"), 1, "cat", "solid"),
        (_("non-cat: −log(1 − a)"), 0, "non_cat", "dash"),
    )
    lines = [
        Points(
            x=answers,
            y=[loss(a, label) for a in answers],
            name=name,
            ink=ink,
            width=2.5,
            dash=dash,
            says=says,
            legend=True,
        )
        for name, label, ink, dash in named
    ]
    here = Points(
        x=[probability],
        y=[min(loss(probability, 1), 7.0)],
        name=_("your true cat"),
        ink="cat",
        sign="circle",
        size=13,
        says=_("{name}\na = {x}: loss {more}"),  # y may be cut off
        more=[f"{loss(probability, 1):.4f}"],
        level=1,
    )
    return Chart(
        Axis(_("a, the probability of a cat"), ends=(-0.02, 1.02)),
        [Panel(Axis(_("loss"), ends=(-0.2, 7.2)), [*lines, here])],
        height=340,
    )


def loss(probability: float, label: int) -> float:
    """Return the loss of one answer: the cost of a set with one picture in it."""
    return float(compute_cost(np.array([[probability]]), np.array([[label]])))
