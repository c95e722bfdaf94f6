"""Forward and cost: from the numbers of a picture to an answer, and how wrong the answer is."""

import streamlit as st

from ui import forward_lesson as lesson
from ui.case import case_titles, documented_case
from ui.components.figure import architecture_figure, picture_to_column_figure
from ui.frame import TEXT_WIDTH, breathe, close_page, open_page
from ui.question import ask
from ui.text import _, prose

from nncore.cases import runs

page = open_page("forward_and_cost", {"case": case_titles(lesson.CASES)})
st.markdown(prose(page.key, "lead"), width=TEXT_WIDTH)

with st.expander(_("The network as blocks, and a picture as its input")):
    dims = runs()["four_layer"].settings.layers_dims
    picture_to_column_figure(key="picture_to_column")
    architecture_figure(key="architecture", layers_dims=dims)
    architecture_figure(key="architecture_2", layers_dims=runs()["two_layer"].settings.layers_dims)

documented_case(lesson.CASES)
st.markdown(prose(page.key, "notice"), width=TEXT_WIDTH)

breathe()
st.header(_("The two activations"), anchor=False)
st.markdown(prose(page.key, "activations"), width=TEXT_WIDTH)
lesson.show_activations()
st.markdown(prose(page.key, "activations_notice"), width=TEXT_WIDTH)

st.header(_("Why an activation"), anchor=False)
st.markdown(prose(page.key, "linear"), width=TEXT_WIDTH)
lesson.show_linear_network()

st.header(_("What one confident mistake costs"), anchor=False)
st.markdown(prose(page.key, "cost"), width=TEXT_WIDTH)
lesson.show_one_mistake()
st.markdown(prose(page.key, "cost_notice"), width=TEXT_WIDTH)

ask(page.key, lesson.MAKERS)
close_page(page)
