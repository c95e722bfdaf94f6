"""Pictures: the data set at a glance, from picture to column, and classes of your own."""

import streamlit as st

from ui import knobs, own_classes
from ui import pictures_lesson as lesson
from ui.address import choice
from ui.frame import TEXT_WIDTH, close_page, open_page
from ui.text import _, prose

PARTS = {
    "set": _("The set"),
    "column": _("From picture to column"),
    "own": _("Your own classes"),
}

page = open_page("pictures", {"look": PARTS, **lesson.CHOICES, **own_classes.CHOICES})
part = choice(
    st.segmented_control, _("What to look at"), PARTS, key="look", default="set", required=True
)
st.markdown(prose("pictures", part), width=TEXT_WIDTH)
if part == "own":
    own_classes.show()
else:
    dataset = knobs.choose_data()
    if dataset is not None:
        {"set": lesson.show_set, "column": lesson.show_column}[part](dataset)

close_page(page)
