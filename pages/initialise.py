"""Initialise: what the first weights do to everything after."""

import streamlit as st

from ui import initialise_lesson as lesson
from ui.case import case_titles
from ui.frame import TEXT_WIDTH, breathe, close_page, open_page
from ui.question import ask
from ui.text import _, prose


def say(part: str) -> None:
    st.markdown(prose("initialise", part), width=TEXT_WIDTH)


page = open_page("initialise", {"case": case_titles(lesson.CASES), "scale": lesson.NAMES})
say("lead")
dataset = lesson.choose_data()
scale, seed = lesson.choose_scale()
start = lesson.starts(dataset, seed)
lesson.show_depth(start, scale)
breathe()
say("notice")
with st.expander(_("What the first step would change, in numbers")):
    say("first_gradients")
    lesson.show_first_gradients(start)

st.header(_("The weights themselves"), anchor=False)
say("histograms")
lesson.show_histograms(dataset, seed, scale)

st.header(_("The first {n} iterations").format(n=f"{lesson.ITERATIONS:,}"), anchor=False)
say("training")
lesson.show_training(dataset, seed, scale)
say("training_notice")
with st.expander(_("How four trainings fit into a second")):
    say("exact")

st.header(_("The course's initialisers"), anchor=False)
say("documented")
lesson.show_documented()

st.header(_("The same call, other numbers"), anchor=False)
say("hidden")
lesson.show_hidden_state()

ask("initialise", lesson.MAKERS)
close_page(page)
