"""Charts to hover, zoom and save: data in, Plotly figure out, no Streamlit."""

from typing import TYPE_CHECKING

from ui.style import palette, template
from ui.text import _

from nncore.cases import DocumentedRun
from nncore.history import History

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def cost_curve(history: History, documented: DocumentedRun | None, theme: str) -> "Figure":
    """Draw the cost of a run at every iteration, with the documented costs as points."""
    import plotly.graph_objects as go  # here: a visitor who never opens a chart need not wait for it

    colour = palette(theme)
    figure = go.Figure(layout={"template": template(theme), "height": 420})
    figure.add_scatter(
        x=history.iterations,
        y=history.costs,
        mode="lines",
        name=_("this run"),
        line={"color": colour["text"], "width": 1.5},
        hovertemplate=_("iteration %{x:,}<br>cost %{y:.16g}<extra></extra>"),
    )
    if documented:
        figure.add_scatter(
            x=list(documented.costs),
            y=list(documented.costs.values()),
            mode="markers",
            name=_("documented"),
            marker={"symbol": "circle-open", "color": colour["data"], "size": 8},
            hovertemplate=_("iteration %{x:,}<br>documented %{y}<extra></extra>"),
        )
    figure.update_xaxes(title_text=_("iteration"))
    figure.update_yaxes(title_text=_("cost"), rangemode="tozero")
    return figure
