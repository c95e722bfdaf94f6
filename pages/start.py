"""Start: what this is, the network moving, where to begin."""

import streamlit as st

from ui import view
from ui.case import case_titles
from ui.components.figure import outline_figure
from ui.components.network import network_drawing
from ui.components.run_chart import run_chart
from ui.film import Film, first_iteration
from ui.frame import ENTRIES, TEXT_WIDTH, breathe, close_page, first_step, open_page
from ui.question import answered
from ui.signpost import restore_number, show_signpost
from ui.store import dataset
from ui.text import _, prose

from nncore import pretrained
from nncore.cases import runs

page = open_page("start", {"find": case_titles()})
restore_number()


@st.cache_resource(show_spinner=False)
def film() -> Film:
    """One film for all visitors: the drawings are always there, with no download."""
    doodles = dataset("doodles")
    return first_iteration(doodles, runs()["four_layer"].settings, doodles.first("cat"))


st.markdown(prose("start", "lead"), width=TEXT_WIDTH)
with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
    first_step()
    with st.container(key="controls_way", width="content"):
        st.markdown("[{}](#number)".format(_("Where does a number come from?")), width="content")
shown = film()
network_drawing(
    key="film",
    layers_dims=shown.settings.layers_dims,
    activations=shown.activations,
    gradients=shown.gradients,
    weights=shown.weights,
    picture=shown.picture,
    scenes=shown.scenes,
    phone_height=320,  # so that the buttons are in sight
    alt=_("The network as columns of units: one picture goes forward, its error comes backward."),
)
st.markdown(prose("start", "after_film"), width=TEXT_WIDTH)

breathe()
network = pretrained.load("four_layer")
documented = runs()["four_layer"]
right, total = network.correct["train"]
right_test, total_test = network.correct["test"]
st.header(_("After {n} iterations").format(n=f"{network.settings.num_iterations:,}"), anchor=False)
st.markdown(prose("start", "curve"), width=TEXT_WIDTH)
run_chart(
    key="documented",
    iterations=network.iterations.tolist(),
    costs=network.costs.tolist(),
    num_iterations=network.settings.num_iterations,
    documented=documented.costs,
    animate=True,
)
st.caption(
    _(
        "At the end it is right on {a} of {b} training pictures and {c} of {d} test pictures."
    ).format(a=right, b=total, c=right_test, d=total_test)
)

with st.container(key="controls_signpost"):
    st.header(_("Where does a number come from?"), anchor="number")
    show_signpost()

st.header(_("Begin"), anchor=False)
st.markdown(prose("start", "begin"), width=TEXT_WIDTH)
for entry in ENTRIES[1:]:
    done = answered(entry.key)
    with st.container(border=True, gap="xxsmall", key=f"card_{entry.key}"):
        st.page_link(
            entry.file,
            label=f"**{entry.title}**" + (_(" · question answered") if done else ""),
            icon=":material/check_circle:" if done else entry.icon,
            query_params=view.current().query,
        )
        st.markdown(entry.point)

with st.expander(_("The functions, and how they nest")):
    outline_figure(key="outline")
with st.expander(_("The notation, in one table")):
    st.markdown(prose("start", "notation"))

close_page(page)
