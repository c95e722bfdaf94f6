"""Your picture: from a file to a column of numbers to an answer."""

import streamlit as st

from ui import judge
from ui.frame import TEXT_WIDTH, close_page, open_page
from ui.text import _, plain, prose

from nncore.data import pictures

page = open_page("your_picture", judge.choices())
st.markdown(prose("your_picture", "lead"), width=TEXT_WIDTH)

controls, answer = st.columns(2, gap="large")
with controls, st.container(border=True):
    chosen = judge.choose_picture()
    fit = judge.choose_fit()
    network = judge.choose_network()

if chosen is None:
    answer.info(_("The answer comes here, as soon as there is a picture."))
else:
    try:
        side = pictures.side_for(network.settings.layers_dims[0])
    except pictures.PictureError as error:
        answer.error(plain(str(error)))
    else:
        framed = pictures.frame(chosen.picture.upright, size=side, fit=fit)
        with answer:
            judge.show_answer(chosen, framed, network)
        st.subheader(_("From the file to the column"), anchor=False)
        judge.show_steps(chosen, framed)
        st.markdown(judge.notice(framed, network), width=TEXT_WIDTH)

close_page(page)
