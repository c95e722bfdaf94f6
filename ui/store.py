"""What is kept: data sets and runs for the whole server, networks for one visitor's session.

What a visitor has sent, and whatever is made of it, stays in that visitor's session. What all visitors
share besides, the scores and small curves of Compare, is kept in `ui.compare`.
"""

import io
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple, TypeVar

import numpy as np
import streamlit as st

from ui.room import ROOM, Room
from ui.text import _

from nncore import data, pretrained
from nncore.data import photos, pictures
from nncore.data.dataset import Dataset
from nncore.data.own import is_own
from nncore.forward import L_model_forward
from nncore.gram import Products
from nncore.history import History, Settings
from nncore.run import Recipe, Run


def dataset(name: str) -> Dataset:
    """Return a data set, one read-only copy for all sessions; of own pictures, this session's.

    Raises
    ------
    DataError
        If it cannot be read; nothing is kept then, so that mending the files is enough.
    """
    if is_own(name):
        mine = own_data()
        if mine is None or mine.dataset.name != name:
            raise data.DataError(
                _(
                    "The pictures {name} are not here: they stay in the session in which they were "
                    "sent, until others take their place. Send them again on the Pictures page."
                ).format(name=name)
            )
        return mine.dataset
    return _dataset(name, version(name))


def at_hand(name: str) -> bool:
    """Say whether a data set can be had now, without trying."""
    if is_own(name):
        mine = own_data()
        return mine is not None and mine.dataset.name == name
    return name in data.SOURCES and (name != "photos" or photos.present())


def data_name(name: str) -> str:
    """Name a data set in a sentence, after "on the"."""
    if is_own(name):
        return _("pictures of your own ({name})").format(name=name)
    return {"photos": _("cat photos"), "doodles": _("doodles")}.get(name, name)


def version(name: str) -> tuple[object, ...]:
    """Say which copy of a data set lies here, for what is kept of it."""
    return photos.fingerprint() if name == "photos" else ()


@st.cache_resource(max_entries=2, show_spinner=False)
def _dataset(name: str, version: tuple[object, ...]) -> Dataset:
    return data.load(name)


# Own pictures: one set a session, gone with it ------------------------------------------------------

MOST_OWN_RUNS = 3  # some 8 MB each, as all runs
MOST_OF_OWN_RUNS = 24 * 2**20  # bytes of them together; one stays in any case


@dataclass(eq=False)
class OwnData:
    """This session's own pictures, and what was made of them: nobody else's, and gone with them."""

    dataset: Dataset
    made: dict[str, Any] = field(default_factory=dict)
    runs: "OrderedDict[tuple[object, ...], History]" = field(default_factory=OrderedDict)


# Where this session holds a training, or what came of it, and how to come by its settings.
_TRAININGS: dict[str, Callable[[Any], Settings]] = {
    "explored": lambda explored: explored.recipe.settings,
    "training_run": lambda left: left[0].settings,
    "live_run": lambda live: live.run.settings,
    "race_running": lambda running: running.settings,
}


def own_data() -> OwnData | None:
    """Return this session's own pictures, None while there are none."""
    mine: OwnData | None = st.session_state.get("own_data")
    return mine


def keep_own(dataset: Dataset | None) -> None:
    """Put own pictures in the place of those before, or, with None, let them go.

    Where the ones before were chosen, the new ones are. All that holds the ones before goes with them,
    a training under way, too; but a network that was trained on them stays in use.
    """
    before = own_data()
    if before is not None and dataset is not None and before.dataset.name == dataset.name:
        return
    for key in ("own_data", "own_traces", "race_lines", "stress_asked", "results_answers"):
        st.session_state.pop(key, None)
    for key, about in _TRAININGS.items():
        if key in st.session_state and is_own(about(st.session_state[key]).dataset):
            del st.session_state[key]
    network = session_network()
    if network is not None and is_own(network.settings.dataset):
        # What rewinds it holds all pictures as columns.
        st.session_state["network_in_use"] = replace(network, rewind=None)
    if is_own(st.session_state.get("data") or ""):
        del st.session_state["data"]
        if dataset is not None:
            st.session_state["data"] = dataset.name
    if dataset is not None:
        st.session_state["own_data"] = OwnData(dataset)


Made = TypeVar("Made")


def made(what: str, of: Dataset, make: Callable[[], Made]) -> Made:
    """Return what is made of a data set once: for all visitors, or of own pictures for this session."""
    mine = own_data()
    if not is_own(of.name):
        return _made(what, of.name, version(of.name), make)
    if mine is None or mine.dataset is not of:  # let go in the meantime
        return make()
    if what not in mine.made:
        mine.made[what] = make()
    kept: Made = mine.made[what]
    return kept


@st.cache_resource(max_entries=12, show_spinner=False)  # six kinds, of photos and of doodles
def _made(what: str, name: str, version: tuple[object, ...], _make: Callable[[], Made]) -> Made:
    return _make()


_DECODING = threading.Lock()


def decode(raw: bytes) -> pictures.Picture:
    """Decode an uploaded picture; one at a time, for a large one takes much memory for a moment.

    Raises
    ------
    PictureError
        If it is no picture that can be read.
    """
    with _DECODING:
        return pictures.decode(raw)


MOST_NETWORK = 32 * 2**20  # bytes unpacked; the largest that is trained here, with its card, has 20
_UNPACKING = threading.Lock()


def load(raw: bytes) -> History:
    """Read a network that was sent; one at a time, for unpacking takes twice its memory for a moment.

    Raises
    ------
    ValueError
        If it is no saved network, or unpacks to too much.
    NoRoomError
        If what other visitors have sent takes all the room.
    """
    with _UNPACKING:
        network = History.load(io.BytesIO(raw), MOST_NETWORK)
        ROOM.take(network, network.nbytes, _("Send a smaller network."))
        return network


# Training to the end, for many visitors at once ---------------------------------------------------

TURN = threading.Lock()  # one training at a time: with two, each takes more than twice as long
SLICE = 0.1  # seconds of training between two looks at who else is waiting
LOOK = 0.4  # seconds between two looks of one who waits; many who look more often slow who trains
LONGEST_TURN = 1.0  # seconds after which who trains goes to the back, where others wait
MOST_RUNS = 4  # trained runs that stay in memory for all visitors, up to 8 MB each
MOST_OF_RUNS = 40 * 2**20  # bytes of them together, where they are larger; one stays in any case

LARGE = 10 * 2**20  # bytes of a run from which on it needs room; the documented ones have 5
MOST_OF_LARGE = 150 * 2**20  # bytes of all large runs that sessions hold, together
LARGE_RUNS = Room(MOST_OF_LARGE)


def make_room(run: object, size: int) -> None:
    """Take room for a run, or for a part of it that lives as long, if it is a large one.

    Raises
    ------
    NoRoomError
        If others' large runs take all there is.
    """
    if size > LARGE:
        LARGE_RUNS.take(run, size, _("Choose fewer units, or fewer iterations."))


class Line:
    """Who trains on this server, in the order of asking: the first trains, the others wait.

    So that short trainings end one by one, where taking turns every tenth of a second would let all
    of them end last.
    """

    def __init__(self) -> None:
        self._moved = threading.Condition()
        self._line: list[object] = []

    @contextmanager
    def join(self) -> Iterator[object]:
        """Stand at the back; leave, whatever happens, at the end."""
        me = object()
        with self._moved:
            self._line.append(me)
        try:
            yield me
        finally:
            with self._moved:
                self._line.remove(me)
                self._moved.notify_all()

    def ahead(self, me: object, seconds: float = 0.0) -> int:
        """Return how many are before me, after waiting up to so long to be the first."""
        with self._moved:
            self._moved.wait_for(lambda: self._line[0] is me, seconds)
            return self._line.index(me)

    def give_way(self, me: object) -> None:
        """Go to the back."""
        with self._moved:
            self._line.remove(me)
            self._line.append(me)
            self._moved.notify_all()


LINE = Line()
_WAITING = threading.local()  # how many trainings are before that of this pass over a page


def training_text(done: float) -> str:
    """Say how far this session's training is, or for whom it waits."""
    ahead = getattr(_WAITING, "ahead", 0)
    if ahead == 1:
        return _("Another visitor is training; yours is next.")
    if ahead:
        return _("{n} others are training before you; then it is your turn.").format(n=ahead)
    return _("training, {done:.0%}").format(done=done)


def listen(done: float) -> None:
    """Let a newer pass over the page take over, or a closed tab end this one: a `progress` unseen.

    Streamlit ends a pass where it touches its session, and a training that never does runs to its end.
    """
    st.session_state.get("passes")


def products(of: Dataset) -> Products:
    """Return the inner products of a data set's pictures, one copy for all who may see them."""
    return made("products", of, lambda: Products(of.train_x, of.test_x))


@st.cache_resource(show_spinner=False)
def _trained() -> OrderedDict[tuple[object, ...], History]:
    """The runs trained last, by any visitor: whoever asks for the same gets the same."""
    return OrderedDict()


def _runs_like(recipe: Recipe) -> tuple[OrderedDict[tuple[object, ...], History], int, int]:
    """Return where such runs are kept, how many at most, and how many bytes of them."""
    if not is_own(recipe.settings.dataset):
        return _trained(), MOST_RUNS, MOST_OF_RUNS
    mine = own_data()
    known = mine is not None and mine.dataset.name == recipe.settings.dataset
    runs = mine.runs if mine is not None and known else OrderedDict()
    return runs, MOST_OWN_RUNS, MOST_OF_OWN_RUNS


_TRAINED_LOCK = threading.Lock()


def identity(recipe: Recipe) -> tuple[object, ...]:
    """Return what sets a run apart: its recipe, and the copy of the data set that lies here."""
    return recipe, version(recipe.settings.dataset)


def trained(recipe: Recipe) -> History | None:
    """Return the finished run of a recipe, None where it would have to be trained."""
    with _TRAINED_LOCK:
        runs, _most, _bytes = _runs_like(recipe)
        history = runs.get(identity(recipe))
        if history is not None:
            runs.move_to_end(identity(recipe))
        return history


def _keep(recipe: Recipe, history: History) -> None:
    with _TRAINED_LOCK:
        runs, most, most_bytes = _runs_like(recipe)
        runs[identity(recipe)] = history
        while len(runs) > most or (
            len(runs) > 1 and sum(run.nbytes for run in runs.values()) > most_bytes
        ):
            runs.popitem(last=False)


def begin(recipe: Recipe, progress: Callable[[float], None] = lambda done: None) -> Run:
    """Set up the run of a recipe; of a branch, train its parent first where that has to be.

    Raises
    ------
    DataError
        If the data set cannot be read.
    ValueError
        If the settings do not fit the data set, or there is no room for so large a run.
    """
    start = None
    if recipe.parent is not None:
        start = train(recipe.parent, progress).parameters_at(recipe.at)
    data_set = dataset(recipe.settings.dataset)
    with TURN:
        run = Run(data_set, recipe.settings, start=start, products=products(data_set))
    make_room(run.rewind, run.most_bytes)  # which all that comes of it holds, too
    return run


def train(
    recipe: Recipe,
    progress: Callable[[float], None] = lambda done: None,
    run: Run | None = None,
    *,
    keep: bool = True,
) -> History:
    """Train a recipe to the end, or return it where that has been done.

    One at a time on the whole server, in the order of asking, and in slices: twenty visitors who
    train at once wait for one another, but nobody's page stands still, and who takes long gives way.

    Parameters
    ----------
    recipe : Recipe
    progress : callable
        Called with the fraction done, several times a second. In a page it should show something:
        that is also where Streamlit lets a newer run of the page take over. Called while others
        train, too: `training_text` says which it is.
    run : Run, optional
        The recipe's own, to go on with where it was left.
    keep : bool
        Whether the run shall stay in memory for all who may see it. One of many, of which only the
        curves are wanted, would push out what others look at.

    Raises
    ------
    DataError, ValueError
        As `begin`.
    """
    history = train_unless(
        lambda: False, recipe, progress, run, partial(_keep, recipe) if keep else None
    )
    assert history is not None
    return history


def train_unless(
    known: Callable[[], object],
    recipe: Recipe,
    progress: Callable[[float], None],
    run: Run | None = None,
    keep: Callable[[History], object] | None = None,
) -> History | None:
    """Train as `train` does; return None as soon as what was wanted is known without it.

    Parameters
    ----------
    known : callable
        Asked before a training and each time that it is this one's turn, as others may train the same.
    recipe, progress, run
        As of `train`.
    keep : callable, optional
        Handed the finished run before anybody else's turn comes, who may then know what they wanted.
    """
    history = trained(recipe)
    if history is not None:
        return history
    if known():
        return None
    run = run or begin(recipe, progress)
    total = max(1, recipe.settings.num_iterations)
    try:
        with LINE.join() as me:
            while not run.finished:
                while ahead := LINE.ahead(me, LOOK):
                    _WAITING.ahead = ahead
                    progress(run.iteration / total)
                _WAITING.ahead = 0
                history = trained(recipe)  # by another, in the meantime
                if history is not None:
                    return history
                if known():
                    return None
                turn = time.perf_counter() + LONGEST_TURN
                while True:
                    with TURN:
                        run.advance(SLICE)
                    progress(run.iteration / total)
                    if run.finished or time.perf_counter() >= turn:
                        break
                if not run.finished:
                    LINE.give_way(me)
            history = halt(run)
            if keep:
                keep(history)
            return history
    finally:
        _WAITING.ahead = 0


def halt(run: Run) -> History:
    """Return a run as it stands, at the end or before."""
    with TURN:
        return run.history()


# The run under way, and the network in use --------------------------------------------------------


class Reached(NamedTuple):
    """How far a training is: its records up to now, and the seconds that they took."""

    iterations: list[int]
    costs: list[float]
    seconds: float


@dataclass(eq=False)
class LiveRun:
    """The training of this session.

    Attributes
    ----------
    run : Run
    state : str
        "running", "paused" or "done".
    result : History or None
        The trained network, once it is done.
    previous : History or None
        The run before this one, its curves only.
    waited : float
        Seconds for which the last step waited for others who train.
    looked_at : bool
        Whether the browser was told to look at it again and again.
    lock : Lock
        Streamlit may start a new pass over the page before the old one has ended: only one of them
        may advance the run, or ask it anything.
    reached : Reached
        How far it was after its last step: to be read without the lock.
    """

    run: Run
    state: str = "running"
    result: History | None = None
    previous: History | None = None
    waited: float = 0.0
    looked_at: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    reached: Reached = field(init=False)

    def __post_init__(self) -> None:
        self._look()

    def _look(self) -> None:
        run = self.run
        self.reached = Reached(list(run.iterations), list(run.costs), run.seconds)

    def advance(self, seconds: float) -> None:
        """Go on for about that long, in turn; at the end, make the network the session's own."""
        if self.state == "running" and self.lock.acquire(blocking=False):
            try:
                asked = time.perf_counter()
                with TURN:
                    self.waited = time.perf_counter() - asked
                    self.run.advance(seconds)
                self._look()
            finally:
                self.lock.release()
            if self.run.finished:
                self.finish()

    def finish(self) -> None:
        """End the training, early or not, and make its network the session's own."""
        with self.lock:
            if self.state != "done":
                self.result = self.run.history()
                st.session_state["network_chosen"] = False
                use(self.result, Recipe(self.run.settings))
                self.state = "done"


def live_run() -> LiveRun | None:
    """Return this session's training, under way or ended."""
    live: LiveRun | None = st.session_state.get("live_run")
    return live


def start(run: Run) -> None:
    """Begin a new training in this session, in place of the one before.

    Raises
    ------
    NoRoomError
        If there is no room for so large a run.
    """
    make_room(run.rewind, run.most_bytes)
    before = session_network()
    if before is not None:  # of which the curves are wanted
        before = replace(before, parameters={}, answers={}, rewind=None)
    st.session_state["live_run"] = LiveRun(run, previous=before)


def use(network: History, recipe: Recipe | None = None) -> None:
    """Make a network the one in use in this session: every page asks it from now on.

    Parameters
    ----------
    network : History
        As it came out of the recipe after `network.last` of its updates.
    recipe : Recipe, optional
        What made it; None of one from a file, for which there is only its card.
    """
    st.session_state["network_in_use"] = network
    st.session_state["recipe_in_use"] = recipe
    st.session_state["network"] = "session"  # what Your picture asks
    st.session_state["judged"] = "session"  # and what Results is about


def session_network() -> History | None:
    """Return the network in use in this session, None before anything was trained or loaded."""
    network: History | None = st.session_state.get("network_in_use")
    return network


def session_recipe() -> Recipe | None:
    """Return what made the network in use, None where that is a file, or there is none.

    The network is the one after `session_network().last` updates of this recipe.
    """
    recipe: Recipe | None = st.session_state.get("recipe_in_use")
    return recipe


def networks() -> dict[str, str]:
    """Return the networks that can be used now, by id, with their names; the session's own first."""
    names = {
        "doodles": _("A 4-layer network for doodles"),
        "four_layer": _("The documented 4-layer network, for photos"),
        "two_layer": _("The documented 2-layer network, for photos"),
    }
    own = session_network()
    return names if own is None else {"session": describe(own), **names}


def describe(own: History) -> str:
    """Name the network in use in this session; what a file says of it is not Markdown of ours.

    What tells it from others, and whether to trust it, stands first: a choice shows no more of a name
    than it has room for.
    """
    recipe, total = session_recipe(), own.last
    if recipe is not None:
        text = _("Trained here, rate {rate:g}{nothing}: {sizes} on {data}, to iteration {n}")
        if recipe.parent is not None:
            text = _(
                "Trained here, a branch, rate {rate:g}{nothing}: {sizes} on {data}, to iteration {n}"
            )
        total += recipe.offset
    elif own.settings.init == "given":
        text = _("From a file, a branch of {n} updates, rate {rate:g}{nothing}: {sizes} on {data}")
    else:
        text = _("From a file, rate {rate:g}{nothing}: {sizes} on {data}, to iteration {n}")
    return text.format(
        sizes=sizes_text(own.settings),
        data=data_name(own.settings.dataset),
        n=f"{total:,}",
        rate=own.settings.learning_rate,
        nothing=_(", learned nothing") if one_answer(own) else "",
    )


def one_answer(network: History) -> bool:
    """Say whether a network gives all pictures of its data the same answer: it has learned nothing.

    By its answers; a file holds none: there, where its data are at hand, it is asked again if as many
    are right as one answer for all would be.
    """
    if network.answers:
        said = np.concatenate([answers[-1] for answers in network.answers.values()]) > 127
        return bool(said.all() or not said.any())
    if network.correct.keys() != {"train", "test"} or not at_hand(network.settings.dataset):
        return False
    try:
        pictures = dataset(network.settings.dataset)
    except data.DataError:
        return False
    counts = [pictures.counts(part) for part in ("train", "test")]
    if tuple(network.correct[part][0] for part in ("train", "test")) not in zip(
        *counts, strict=True
    ):
        return False
    sets = (pictures.train_x, pictures.test_x)
    said = [L_model_forward(X, network.parameters)[0] > 0.5 for X in sets]
    return len(np.unique(np.concatenate(said, axis=1))) == 1


def network(name: str) -> History:
    """Return a network by its id in `networks()`."""
    own = session_network()
    return own if name == "session" and own is not None else pretrained.load(name)


def sizes_text(settings: Settings) -> str:
    """Write the sizes of the layers, as 12,288 – 20 – 7 – 5 – 1."""
    return " – ".join(f"{size:,}" for size in settings.layers_dims)
