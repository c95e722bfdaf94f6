"""Which of the pictures that a network has learned from are most like a picture of one's own."""

from collections import Counter

import streamlit as st

from ui import store
from ui.gallery import Plate, show_gallery
from ui.judge import Judged
from ui.text import _, plain, prose

from nncore.data import DataError
from nncore.data.dataset import Dataset
from nncore.history import History
from nncore.neighbours import distances_to, levels, nearest

NEIGHBOURS = 6


def show_alike(judged: Judged, network: History) -> None:
    """Show the training pictures most like a picture, or say why there is nothing to compare with."""
    dataset = _learned_from(network)
    if dataset is None or dataset.train_images.shape[1:] != judged.small.shape:
        st.info(prose("your_picture", "not_at_hand"), icon=":material/info:")
        return
    found = nearest(distances_to(judged.small, dataset.train_images), 0, NEIGHBOURS, itself=False)
    names = [dataset.classes[int(dataset.train_labels[0, one.index])] for one in found]
    plates = []
    for one, name in zip(found, names, strict=True):
        title = _("training picture {i}: {label}, at a distance of {d:.1f}")
        plates.append(
            Plate(
                alts=(title.format(i=one.index, label=name, d=one.distance),),
                title=name,
                lines=(
                    _("{d:.1f} apart").format(d=one.distance),
                    _("{n:.0f} levels").format(n=levels(one.distance, judged.small.size)),
                ),
            )
        )
    pictures = dataset.train_images[[one.index for one in found]]
    show_gallery(pictures[:, None], plates, key="alike")
    st.markdown(_verdict(names, network.classes[int(judged.probability > 0.5)]))
    st.caption(prose("results", "neighbours"))


def _learned_from(network: History) -> Dataset | None:
    """Return the very pictures that a network has learned from, None where they are not to be had."""
    name = network.settings.dataset
    name = "photos" if name == "own photos" else name
    if not store.at_hand(name):
        return None
    try:
        dataset = store.dataset(name)
    except DataError:
        return None
    same = not network.data_digest or network.data_digest == dataset.digest
    return dataset if same else None


def _verdict(labels: list[str], says: str) -> str:
    """Say what most of the neighbours are, and what the network says."""
    label, count = Counter(labels).most_common(1)[0]
    return _("{count} of these {n} are “{name}”; the network says “{says}”.").format(
        count=count, n=len(labels), name=plain(label), says=plain(says)
    )
