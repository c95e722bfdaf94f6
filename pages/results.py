"""Results: how good the network is, what it is wrong about, and how much of that is luck."""

import streamlit as st

from ui import results_lesson
from ui.frame import TEXT_WIDTH, close_page, open_page
from ui.text import prose

page = open_page("results", results_lesson.choices())
part, judged = results_lesson.choose()
if judged is not None:
    if part in results_lesson.WITH_PROSE:
        st.markdown(prose("results", part), width=TEXT_WIDTH)
    results_lesson.show(part, judged)

close_page(page)
