"""One iteration: every step of it, every number of it, and the proof that the gradients are right."""

import streamlit as st

from ui import iteration_lesson as lesson
from ui.frame import TEXT_WIDTH, close_page, open_page
from ui.iteration import Source
from ui.question import ask
from ui.text import prose

page = open_page("one_iteration", lesson.choices())
chosen = lesson.choose()
if isinstance(chosen, Source):
    lesson.walk(chosen)
    st.markdown(prose(page.key, "notice"), width=TEXT_WIDTH)
elif chosen is not None:
    lesson.show_loose(chosen)

ask(page.key, lesson.MAKERS)
close_page(page)
