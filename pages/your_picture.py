"""Your picture: from a file to a column of numbers to an answer, and how far to trust it."""

import streamlit as st

from ui import alike, judge, many, moved, upload, way
from ui.address import choice
from ui.frame import TEXT_WIDTH, breathe, close_page, open_page, settings_place
from ui.ledger import show_ledger
from ui.text import _, plain, prose

from nncore.data import pictures
from nncore.data.pipeline import Options
from nncore.history import History

PARTS = {
    "way": _("File to column"),
    "moved": _("Moved and mirrored"),
    "alike": _("Most like it"),
    "pixels": _("Why: its pixels"),
}


@st.fragment
def picture_and_answer() -> None:
    """Let the reader choose a picture, and judge it: a change runs this part of the page alone."""
    controls, answer = st.columns(2, gap="large")
    side, trouble = 64, ""
    with controls, st.container(border=True, key="controls"):
        chosen = upload.choose_pictures(judge.suit_the_network)
        with settings_place():
            network = judge.choose_network()
            try:
                side = pictures.side_for(network.settings.layers_dims[0])
            except pictures.PictureError as error:
                trouble = str(error)
            options = judge.choose_options(side)

    if trouble:
        answer.error(plain(trouble))
        return
    if not chosen:
        answer.info(_("The answer comes here, as soon as there is a picture."))
        return
    judged = judge.judge(chosen, options, network)
    at = upload.looked_at(chosen)
    one = next(each for each in judged if each.chosen is at)
    if not one.finite:
        answer.error(judge.not_finite())
        return
    with answer:
        judge.show_answer(one, network)
        st.markdown(moved.sentence(one.steadiness))
        if len(judged) > 1:
            many.show_many(judged, one, network)
    closer_look(one, options, network)


def closer_look(one: judge.Judged, options: Options, network: History) -> None:
    """Show how the answer came about, or how far it holds: as the reader chooses."""
    part = choice(
        st.segmented_control, _("A closer look"), PARTS, key="look", default="way", required=True
    )
    if part != "pixels":
        st.markdown(prose("your_picture", part), width=TEXT_WIDTH)
    if part in ("way", "moved"):  # the others have their first line in the window
        breathe()
    if part == "way":
        way.show_way(one, options, network)
    elif part == "moved":
        moved.show_moved(one, network)
    elif part == "alike":
        alike.show_alike(one, network)
    else:
        show_ledger(
            key="ledger",
            image=one.small,
            parameters=network.parameters,
            label=judge.known_label(one.chosen, network.classes),
            classes=network.classes,
        )
    st.markdown(judge.notice(one, network), width=TEXT_WIDTH)


page = open_page("your_picture", judge.choices() | {"look": PARTS})
st.markdown(prose("your_picture", "lead"), width=TEXT_WIDTH)
picture_and_answer()
close_page(page)
