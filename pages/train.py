"""Train: watch the textbook loop train a network while the cost falls."""

import streamlit as st

from ui import watch
from ui.frame import TEXT_WIDTH, close_page, open_page
from ui.text import plain, prose

page = open_page("train", {"data": watch.DATA, "model": watch.MODELS})
st.markdown(prose("train", "lead"), width=TEXT_WIDTH)

# The curve stands first, on a phone too; what it is made with stands beside it.
curve, controls = st.columns([2.6, 1], gap="medium")
with controls:
    dataset = watch.choose_data()
    settings, trouble = watch.choose_settings(dataset) if dataset is not None else (None, "")
with curve:
    if trouble:
        st.error(plain(trouble))
    watch.control(dataset, settings)
    shown = watch.shown_history(settings)
    watch.watch(shown)

if shown is not None and not watch.under_way():
    watch.report(shown)
    watch.notice(shown, dataset)
    watch.closer_look(shown)

close_page(page)
