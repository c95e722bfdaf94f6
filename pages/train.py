"""Train: explore what every setting does, watch the textbook loop, compare many runs."""

import streamlit as st

from ui import compare, explore, knobs, race, watch
from ui.address import choice
from ui.frame import TEXT_WIDTH, breathe, close_page, name_network, open_page, settings_place
from ui.take_home import take_home
from ui.text import _, plain, prose

PARTS = {"explore": _("Explore"), "watch": _("Watch"), "compare": _("Compare")}

page = open_page("train", {"part": PARTS, **knobs.CHOICES, **compare.CHOICES})
part = choice(
    st.segmented_control, _("What to do"), PARTS, key="part", default="explore", required=True
)
st.markdown(prose("train", part), width=TEXT_WIDTH)

# What a run is made with stands before it: beside the curve, on a phone folded above it.
controls, main = st.columns([1, 3.2], gap="medium")
fixed = part == "watch" and watch.under_way()
with controls, st.container(key="controls"), settings_place():
    dataset = knobs.choose_data(fixed=fixed)
    settings, trouble = (None, "")
    if dataset is not None:
        settings, trouble = knobs.choose_settings(dataset, fixed=fixed)
    if fixed:
        watch.note_other_settings(settings)
moment = None
with main:
    if trouble:
        st.error(plain(trouble))
    if part == "explore" and dataset is not None and settings is not None:
        moment = explore.explore(dataset, settings)
    elif part == "watch":
        watch.show(dataset, settings)
    elif part == "compare" and dataset is not None and settings is not None:
        compare.show(dataset, settings, explore.show_recipe)
explore.say_place(moment)
name_network()  # which has just been trained
breathe()
if part == "watch":
    race.race(dataset, settings)
if moment is not None and dataset is not None:
    explore.network_at(moment, dataset)
take_home()

close_page(page)
