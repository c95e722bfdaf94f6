"""Shapes: every array of a network, and which axes have to agree."""

import streamlit as st

from ui import shapes_lesson as lesson
from ui.frame import TEXT_WIDTH, breathe, close_page, open_page
from ui.question import ask
from ui.text import _, prose


def say(part: str) -> None:
    st.markdown(prose("shapes", part), width=TEXT_WIDTH)


@st.fragment
def network_and_pairing() -> None:
    """Show what follows from the sizes: a change runs this part of the page alone."""
    dims, m = lesson.choose_network()
    lesson.show_network(dims)
    row = lesson.show_rule(dims, m)
    breathe()
    lesson.show_table(dims, m)
    say("notice")

    st.header(_("A wrong pairing"), anchor=False)
    st.markdown(
        _("It begins with layer {l} of the network above, as it should be.").format(l=row.layer)
        + " "
        + prose("shapes", "pairing"),
        width=TEXT_WIDTH,
    )
    lesson.show_pairing(row, m)


page = open_page("shapes", {"rule": {}, "entry": lesson.ENTRIES_OF_Z})  # W2 is its own id
say("lead")
network_and_pairing()

st.header(_("One column for all: broadcasting"), anchor=False)
say("broadcasting")
lesson.show_broadcasting()

st.header(_("Sums along an axis"), anchor=False)
say("sums")
lesson.show_sums()

st.header(_("What a lost axis does two functions later"), anchor=False)
say("lost")
lesson.show_lost_axis()
say("lost_notice")

st.header(_("`np.dot` and `*`"), anchor=False)
say("products")
lesson.show_products()
say("products_notice")

ask("shapes", lesson.MAKERS)
close_page(page)
