"""Several pictures judged at once: a table, one of them looked at in full, and a file to take home."""

import csv
import io
from collections.abc import Sequence

import streamlit as st

from ui import images, store
from ui.components import picked
from ui.components.answers_table import answers_table
from ui.judge import Judged
from ui.spreadsheet import inert
from ui.text import _

from nncore.history import History

KEY = "answers"


def show_many(judged: Sequence[Judged], at: Judged, network: History) -> None:
    """Show all answers; the reader picks the one that is looked at in full.

    Parameters
    ----------
    judged : sequence of Judged
    at : Judged
        The one that is looked at now.
    network : History
    """
    first, second = network.classes
    rows = []
    for place, one in enumerate(judged):
        same, total = one.steadiness.count
        rows.append(
            {
                "id": one.chosen.id,
                "picture": images.data_address(one.small),
                "alt": _("Picture {n}, as the network sees it").format(n=place + 1),
                "name": one.chosen.name or one.chosen.title,
                "second": one.probability > 0.5,
                "answer": second if one.probability > 0.5 else first,
                "probability": f"{one.probability:.4f}",
                "steady": _("{same} of {total}").format(same=same, total=total),
            }
        )
    answers_table(
        key=KEY,
        head=[
            _("picture"),
            _("file"),
            _("answer"),
            _("probability of “{name}”").format(name=second),
            _("same answer when moved"),
        ],
        rows=rows,
        at=at.chosen.id,
        caption=_("{n} pictures. Pick one to look at it in full.").format(n=len(judged)),
        on_pick=_pick,
    )
    st.download_button(
        _("Download as CSV"),
        as_csv(judged, network),
        file_name="answers.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="answers_csv",
    )


def _pick() -> None:
    id = picked(KEY)
    if id is not None:  # one that is not there is no one's: `looked_at` then takes the newest
        st.session_state["looked_at"] = id


def as_csv(judged: Sequence[Judged], network: History) -> str:
    """Write the answers as CSV, one picture a row, numbers in full."""
    first, second = network.classes
    data = store.data_name(network.settings.dataset)
    made_by = f"{store.sizes_text(network.settings)} on {data}"
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(
        (
            "file",
            "answer",
            inert(f"probability of {second}"),
            "looks with the same answer",
            "looks",
            "least probability",
            "greatest probability",
            "network",
        )
    )
    for one in judged:
        looks = one.steadiness
        writer.writerow(
            (
                inert(one.chosen.name or one.chosen.title),
                inert(second if one.probability > 0.5 else first),
                repr(one.probability),
                *looks.count,
                repr(float(looks.probabilities.min())),
                repr(float(looks.probabilities.max())),
                inert(made_by),
            )
        )
    return file.getvalue()
