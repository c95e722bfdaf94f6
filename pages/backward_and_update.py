"""Backward and update: from the error to the gradient of every weight, and one step downhill."""

import streamlit as st

from ui import backward_lesson as lesson
from ui.case import case_titles, documented_case
from ui.components.figure import (
    backward_pass_figure,
    blocks_figure,
)
from ui.frame import TEXT_WIDTH, breathe, close_page, open_page
from ui.question import ask
from ui.signpost import lead_to_case
from ui.text import _, prose

from nncore.cases import runs

page = open_page("backward_and_update", {"case": case_titles(lesson.CASES)})
st.markdown(prose(page.key, "lead"), width=TEXT_WIDTH)

with st.expander(_("The way back through the blocks")):
    dims = runs()["four_layer"].settings.layers_dims
    blocks_figure(key="blocks", layers_dims=dims)
    backward_pass_figure(key="backward_pass", layers_dims=dims)

st.header(_("Back through the activation"), anchor=False)
st.markdown(prose(page.key, "activations"), width=TEXT_WIDTH)
lesson.show_activation_demo()

breathe()
st.header(_("Back through a layer"), anchor=False)
st.markdown(prose(page.key, "cases"), width=TEXT_WIDTH)
documented_case(lesson.CASES, before=lesson.show_linear_backward_figure)
st.markdown(prose(page.key, "cases_notice"), width=TEXT_WIDTH)

st.header(_("Where 1/m lives"), anchor=False)
st.markdown(prose(page.key, "one_over_m"), width=TEXT_WIDTH)
st.markdown(lesson.one_over_m_table())
st.markdown(prose(page.key, "one_over_m_notice"), width=TEXT_WIDTH)

st.header(_("`L_model_backward`: its test is no network"), anchor=False)
st.markdown(prose(page.key, "shortcut"), width=TEXT_WIDTH)
lesson.show_shortcut()
lead_to_case("L_model_backward", _("This case in full, every number taken apart"))

st.header(_("One gradient, two names"), anchor=False)
st.markdown(prose(page.key, "names"), width=TEXT_WIDTH)
st.markdown(lesson.names_table())

st.header(_("The update"), anchor=False)
st.markdown(prose(page.key, "update"), width=TEXT_WIDTH)
lesson.show_update()
st.markdown(prose(page.key, "update_notice"), width=TEXT_WIDTH)

ask(page.key, lesson.MAKERS)
close_page(page)
