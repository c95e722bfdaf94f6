"""Taking it home: the network in use as a file with its card, and as code that makes it again."""

import io
from functools import partial

import streamlit as st

from ui import store
from ui.frame import TEXT_WIDTH
from ui.knobs import INITS
from ui.matrix import four_digits
from ui.text import _, plain

from nncore import data, export
from nncore.data.pictures import side_for
from nncore.history import History
from nncore.parameters import SCALES
from nncore.run import Recipe

CODE_HEIGHT = 420


def take_home() -> None:
    """Save the network in use, show the code that makes it again, load another; when opened."""
    opened = st.expander(
        _("Take it home: the network as a file, its run as code"), on_change="rerun", key="files"
    )
    if not opened.open:
        return
    with opened:
        network = store.session_network()
        if network is None:
            st.markdown(
                _(
                    "No network of this session is in use yet. One is as soon as Explore or Watch, on "
                    "Train, has trained it; or load one from a file."
                ),
                width=TEXT_WIDTH,
            )
        else:
            recipe = _recipe(network)
            st.markdown(plain(store.describe(network)), width=TEXT_WIDTH)
            trouble = export.why_not(recipe, network)
            code = "" if recipe is None or trouble else export.script(recipe, network)
            _downloads(network, code)
            _card(network, recipe)
            _code(network, code, trouble)
        st.file_uploader(
            _("Load a network that was saved here"), type=["npz"], key="load", on_change=_load
        )
        if trouble := st.session_state.get("load_trouble"):
            st.error(plain(trouble))


def _recipe(network: History) -> Recipe | None:
    """Return what made the network; of one from a file, what its card says, where that is enough."""
    recipe = store.session_recipe()
    if recipe is None and network.settings.init in SCALES:
        return Recipe(network.settings)
    return recipe


# Out ----------------------------------------------------------------------------------------------


def _downloads(network: History, code: str) -> None:
    """Offer the files. A press makes them, on a thread of its own: the page waits for none."""
    with st.container(horizontal=True):
        st.download_button(
            _("The network (.npz)"),
            partial(_saved, network),
            file_name="network.npz",
            mime="application/octet-stream",
            key="save",
            icon=":material/download:",
            on_click="ignore",
            help=_("The parameters, with the card below. It can be loaded here again."),
        )
        if not code:
            return
        st.download_button(
            _("The code (.py)"),
            code,
            file_name="network.py",
            mime="text/x-python",
            key="save_code",
            icon=":material/code:",
            on_click="ignore",
            help=_("One script, in NumPy alone, that makes this very network again."),
        )
        pictures = None if _is_photos(network) else _pictures(network)
        if pictures is not None:
            st.download_button(
                _("Its pictures (.npz)"),
                partial(export.pictures, pictures),
                file_name=export.PICTURES,
                mime="application/octet-stream",
                key="save_pictures",
                icon=":material/image:",
                on_click="ignore",
                help=_("The script reads them from the folder in which it lies."),
            )


def _saved(network: History) -> bytes:
    file = io.BytesIO()
    network.save(file)
    return file.getvalue()


def _is_photos(network: History) -> bool:
    return network.settings.dataset in export.PHOTOS


def _pictures(network: History) -> data.Dataset | None:
    """Return the data set of a run if it is still the one on which it was trained."""
    try:
        found = store.dataset(network.settings.dataset)
    except data.DataError:
        return None
    return found if found.digest == network.data_digest else None


def _code(network: History, code: str, trouble: str) -> None:
    st.markdown(_("**The code that makes it again.**"))
    if trouble:
        st.markdown(plain(trouble), width=TEXT_WIDTH)
        return
    said = [
        _(
            "The functions are those that run here, taken from their source without the checks. It is "
            "the textbook's loop, so it takes its time."
        ),
        _("It reads the course's two .h5 files, which are not ours to give.")
        if _is_photos(network)
        else _("It reads {file}, beside it.").format(file=f"`{export.PICTURES}`"),
    ]
    if not _is_photos(network) and _pictures(network) is None:
        said.append(
            _("Those pictures are not in this session: they are offered where it was trained.")
        )
    if rises := network.rises():
        said.append(
            _(
                "In {n} steps of this run the cost rose. That can magnify the last digit of every "
                "sum, and the script adds in another order: if it ends elsewhere, it says so."
            ).format(n=f"{rises:,}")
        )
    st.markdown(" ".join(said), width=TEXT_WIDTH)
    st.code(code, language="python", height=CODE_HEIGHT)


# The card -----------------------------------------------------------------------------------------


def _card(network: History, recipe: Recipe | None) -> None:
    """Show what is written on the card of the file."""
    settings = network.settings
    rows = {
        _("data"): store.data_name(settings.dataset),
        _("labels 0 and 1"): _("{a} and {b}").format(a=network.classes[0], b=network.classes[1]),
        _("layers"): store.sizes_text(settings),
        _("first weights"): _start(recipe, network),
        _("training"): _training(recipe, network),
        _("cost"): _cost(network),
    }
    for part, name in (("train", _("training right")), ("test", _("test right"))):
        if part in network.correct:
            right, total = network.correct[part]
            rows[name] = _("{right} of {total}, {share:.1%}").format(
                right=right, total=total, share=right / total
            )
    rows[_("digest of the data")] = _short(network.data_digest) or _("not known")
    rows[_("digest of the network")] = _short(network.digest)
    lines = [f"| {name} | {_cell(value)} |" for name, value in rows.items()]
    st.markdown("\n".join([_("| The card | |"), "|---|---|", *lines]))


def _cell(text: str) -> str:
    """Write anybody's text into one cell of a table."""
    return plain(" ".join(text.split()))


def _short(digest: str) -> str:
    return f"{digest[:16]}…" if digest else ""


def _start(recipe: Recipe | None, network: History) -> str:
    root = network.settings if recipe is None else recipe.root.settings
    if root.init not in SCALES:
        return _("from a network that it was handed")
    return _("{init}, seed {seed}").format(init=INITS[root.init], seed=root.seed)


def _training(recipe: Recipe | None, network: History) -> str:
    recipe = recipe or Recipe(network.settings)
    return _(", then ").join(
        _("{n} updates, rate {rate:g}").format(n=f"{count:,}", rate=rate)
        for rate, count in export.stages_of(recipe, network.last)
    )


def _cost(network: History) -> str:
    text = _("{first} at first, {last} at the end")
    if network.test_costs.size:
        text = _("{first} at first, {last} at the end; test {test}")
    return text.format(
        first=four_digits(network.costs[0]),
        last=four_digits(network.costs[-1]),
        test=four_digits(network.test_costs[-1]) if network.test_costs.size else "",
    )


# In -----------------------------------------------------------------------------------------------


def _load() -> None:
    """Take a file as the network in use; called when one was handed over, or taken away."""
    st.session_state["load_trouble"] = ""
    upload = st.session_state["load"]
    if upload is None:
        return
    try:
        network = store.load(upload.getvalue())
        if network.settings.layers_dims[-1] != 1:
            raise ValueError(
                _(
                    "The network has {n} outputs: the pages here work with networks that have one."
                ).format(n=network.settings.layers_dims[-1])
            )
        side_for(network.settings.layers_dims[0])
    except ValueError as error:
        st.session_state["load_trouble"] = str(error)
    else:
        store.use(network)
        st.session_state["network_chosen"] = True
        st.toast(_("In use now on every page."))
