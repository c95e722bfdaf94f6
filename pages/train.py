"""Train: watch the textbook loop train a network while the cost falls."""

import streamlit as st

from ui import store, watch
from ui.frame import TEXT_WIDTH, close_page, open_page
from ui.text import prose

page = open_page("train")

with st.container(border=True):
    dataset = watch.choose_data()
    settings = watch.choose_settings(dataset) if dataset is not None else None
    shown = watch.shown_history(st.session_state.get("model", "four_layer"))
    watch.control(dataset, settings, shown)

live = store.live_run()
if live is None:
    st.markdown(prose("train", "before"), width=TEXT_WIDTH)
watch.watch(shown)
if live is None or live.state == "done":
    watch.report(shown)
    watch.baseline(shown, dataset)
    watch.closer_look(shown)
st.markdown(prose("train", "notice"), width=TEXT_WIDTH)

close_page(page)
