"""Notebook numbers: everything that the notebooks print, recomputed on the spot."""

import streamlit as st

from ui import notebooks
from ui.case import case_titles, documented_case
from ui.frame import TEXT_WIDTH, arrives, breathe, close_page, open_page
from ui.question import ask
from ui.signpost import recall_number
from ui.text import _, prose

page = open_page("notebook_numbers", {"case": case_titles()})

# Who follows a link to a case sees the case first; it stays where it is when another is chosen.
if arrives():
    st.session_state["came_for_a_case"] = "case" in st.query_params
came_for_a_case = st.session_state["came_for_a_case"]


def one_case() -> None:
    with st.container(key="one_case"):
        st.header(_("One case, in full"), anchor=False)
        documented_case(notebooks.CASES, before=recall_number)


if came_for_a_case:
    one_case()
rows = notebooks.case_rows()
st.metric(
    _("Documented cases that agree"),
    _("{n} of {total}").format(n=sum(bool(row["agrees"]) for row in rows), total=len(rows)),
    width="content",
)
st.markdown(prose("notebook_numbers", "lead"), width=TEXT_WIDTH)
notebooks.show_cases(rows, leads_to="one_case")
breathe()
st.markdown(prose("notebook_numbers", "notice"), width=TEXT_WIDTH)
if not came_for_a_case:
    one_case()

st.header(_("The training runs"), anchor=False)
st.markdown(prose("notebook_numbers", "runs"), width=TEXT_WIDTH)
st.markdown(notebooks.runs_table())
st.caption(notebooks.tolerance_note())
notebooks.offer_costs()
notebooks.recompute_runs()

st.header(_("The five notebooks"), anchor=False)
st.markdown(prose("notebook_numbers", "editions"), width=TEXT_WIDTH)
st.markdown(notebooks.editions_table())

st.header(_("Slips"), anchor=False)
st.markdown(prose("notebook_numbers", "slips"), width=TEXT_WIDTH)
notebooks.show_slips()

ask("notebook_numbers", notebooks.MAKERS)

close_page(page)
