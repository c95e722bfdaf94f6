"""The curves of the lessons on forward and backward: data in, Plotly figure out, no Streamlit."""

from typing import TYPE_CHECKING

import numpy as np

from ui.style import palette, template
from ui.text import _

from nncore.activations import relu, relu_backward, sigmoid, sigmoid_backward
from nncore.cost import compute_cost

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HEIGHT = 300


def activation_curve(activation: str, theme: str) -> "Figure":
    """Draw an activation with its slope: what goes forward, and what the way back multiplies by."""
    import plotly.graph_objects as go  # here: who never opens a chart need not wait for it

    colour = palette(theme)
    Z = np.linspace(-6, 6, 241).reshape(1, -1)
    if activation == "sigmoid":
        A, slope = sigmoid(Z)[0], sigmoid_backward(np.ones_like(Z), Z)
    else:
        A, slope = relu(Z)[0], relu_backward(np.ones_like(Z), Z)
    figure = go.Figure(layout={"template": template(theme), "height": HEIGHT})
    for name, values, meaning, dash in (
        (_("A"), A, "forward", "solid"),
        (_("slope dA/dZ"), slope, "backward", "dash"),
    ):
        figure.add_scatter(
            x=Z[0],
            y=values[0],
            mode="lines",
            name=name,
            line={"color": colour[meaning], "width": 2.5, "dash": dash},
            hovertemplate="Z = %{x:.2f}<br>" + name + " = %{y:.4g}<extra></extra>",
        )
    figure.update_xaxes(title_text="Z")
    figure.update_yaxes(range=[-0.06, 1.06] if activation == "sigmoid" else [-0.3, 4.2])
    return figure


def loss_curve(probability: float, theme: str) -> "Figure":
    """Draw the loss of one picture against the answer it gets, with a point where the reader is."""
    import plotly.graph_objects as go

    colour = palette(theme)
    answers = np.concatenate(([0.001, 0.003, 0.006], np.linspace(0.01, 0.99, 99), [0.994, 0.999]))
    figure = go.Figure(layout={"template": template(theme), "height": 340})
    for name, label, meaning, dash in (
        (_("cat: −log(a)"), 1, "cat", "solid"),
        (_("non-cat: −log(1 − a)"), 0, "non_cat", "dash"),
    ):
        figure.add_scatter(
            x=answers,
            y=[loss(a, label) for a in answers],
            mode="lines",
            name=name,
            line={"color": colour[meaning], "width": 2.5, "dash": dash},
            hovertemplate="a = %{x:.3f}<br>" + _("loss") + " %{y:.4f}<extra></extra>",
        )
    here = loss(probability, 1)
    figure.add_scatter(
        x=[probability],
        y=[min(here, 7.0)],
        mode="markers",
        name=_("your true cat"),
        marker={"color": colour["cat"], "size": 13, "line": {"color": colour["text"], "width": 2}},
        hovertemplate=f"a = {probability:.3f}<br>" + _("loss") + f" {here:.4f}<extra></extra>",
        showlegend=False,
    )
    figure.update_xaxes(title_text=_("a, the probability of a cat"), range=[-0.02, 1.02])
    figure.update_yaxes(title_text=_("loss"), range=[-0.2, 7.2])
    return figure


def loss(probability: float, label: int) -> float:
    """Return the loss of one answer: the cost of a set with one picture in it."""
    return float(compute_cost(np.array([[probability]]), np.array([[label]])))
