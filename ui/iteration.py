"""Which iteration is looked at: the networks that a reader may choose, each as a trace of its steps.

What a session keeps is how to ask for its trace (`Source`), not the trace: with all pictures one is
25 MB, and there are many sessions. The traces lie in one place for the whole server, which keeps only
so many bytes of them; what has gone is computed again.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ui import matrix, store
from ui.address import choice
from ui.case import case_titles, was_chosen_elsewhere
from ui.text import _, plain

from nncore.cases import cases, documented
from nncore.cost import compute_cost
from nncore.data import photos
from nncore.data.dataset import Dataset
from nncore.data.own import is_own
from nncore.forward import L_model_forward
from nncore.history import History
from nncore.parameters import draw_parameters, read_sizes
from nncore.run import Recipe
from nncore.trace import Step, trace_iteration
from nncore.types import FloatArray, Parameters

WHAT = {
    "case": _("Documented"),
    "small": _("Small net"),
    "cat": _("Cat network"),
}
FIXTURE = "one_layer"
WHOLE = ("L_model_forward_2hidden", "L_model_forward_1hidden", FIXTURE)
LOOSE = (  # documented calls on arrays that were drawn one by one: they belong to no network
    "linear_backward_v3",
    "linear_backward_v4",
    "linear_activation_backward_sigmoid",
    "linear_activation_backward_relu",
    "L_model_backward",
)

LABELS = {WHOLE[0]: "1 0 1 0", WHOLE[1]: "1 0", FIXTURE: "1 1"}

MOST_LAYERS, MOST_UNITS, MOST_EXAMPLES = 5, 8, 8  # of a small net, to look at
MOST = 10_000  # the largest number in it
FEW = 4  # pictures at first
MOST_CHOSEN = 24
ALL = "all"


@dataclass(frozen=True, eq=False)
class Iteration:
    """One iteration of a network, step by step.

    Attributes
    ----------
    X, Y : ndarray
    parameters : dict
        Before the update.
    rate : float
    steps : list of Step
    cost_after : float
        Of the updated network, computed by running it.
    images : ndarray of shape (m, h, w, 3), uint8, or None
        Where the examples are pictures.
    numbers : sequence of int
        Which example of the data set each column is.
    owner : object
        What the key of this trace names by its id, kept so that the id stays its own.
    """

    X: FloatArray
    Y: FloatArray
    parameters: Parameters
    rate: float
    steps: list[Step]
    cost_after: float
    images: NDArray[np.uint8] | None = None
    numbers: tuple[int, ...] = ()
    owner: object = None

    @property
    def L(self) -> int:
        """The number of layers."""
        return len(self.parameters) // 2

    @property
    def sizes(self) -> tuple[int, ...]:
        """The units of each layer, the input first."""
        return (len(self.X), *(len(self.parameters[f"W{k + 1}"]) for k in range(self.L)))

    @property
    def cost(self) -> float:
        """The cost before the update."""
        return float(self.output("cost"))

    def output(self, name: str) -> NDArray[Any]:
        """Return an array that some step made, the last of that name; A0 is X."""
        found = [step.outputs[name] for step in self.steps if name in step.outputs]
        return found[-1] if found else self.X

    def maker(self, name: str) -> Step:
        """Return the step that makes a gradient or what goes forward."""
        return next(step for step in self.steps if name in step.outputs)

    @property
    def nbytes(self) -> int:
        """What it takes in memory beside what was there before."""
        arrays = {id(a): a.nbytes for step in self.steps for a in step.outputs.values()}
        return sum(arrays.values()) + (self.X.nbytes if self.images is not None else 0)


Key = tuple[object, ...]


@dataclass(frozen=True, eq=False)
class Source:
    """How to come by an iteration.

    Attributes
    ----------
    key : tuple
        Equal where the iteration is.
    make : callable
        It holds nothing large, for it lies in the session.
    private : bool
        Whether it is of this visitor's own pictures, and to be kept in this session only.
    """

    key: Key
    make: Callable[[], Iteration]
    private: bool = False

    def get(self) -> Iteration:
        """Return the iteration, from where they are kept or computed anew."""
        if self.private:
            mine: Traces = st.session_state.setdefault("own_traces", Traces(most=2))
            return mine.get(self)
        return _traces().get(self)


@dataclass(eq=False)
class Traces:
    """The traces looked at last, by any visitor, up to so many bytes."""

    most_bytes: int = 64_000_000
    most: int = 60
    kept: OrderedDict[Key, Iteration] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, source: Source) -> Iteration:
        """Return an iteration; the one asked for last is always kept."""
        with self.lock:
            found = self.kept.get(source.key)
            if found is not None:
                self.kept.move_to_end(source.key)
                return found
        made = source.make()
        with self.lock:
            self.kept[source.key] = made
            while len(self.kept) > 1 and (
                len(self.kept) > self.most
                or sum(each.nbytes for each in self.kept.values()) > self.most_bytes
            ):
                self.kept.popitem(last=False)
        return made


@st.cache_resource(show_spinner=False)
def _traces() -> Traces:
    return Traces()


_HEAVY = ThreadPoolExecutor(max_workers=1, thread_name_prefix="heavy")


def heavily(work: Callable[[], Any]) -> Any:
    """Compute with large arrays, all of it in one thread of the server.

    What a thread has freed stays with that thread: with one thread for each visitor, four who looked
    at all pictures took 120 MB more than one.
    """
    return _HEAVY.submit(work).result()


def iterate(
    X: FloatArray, Y: FloatArray, parameters: Parameters, rate: float, **more: Any
) -> Iteration:
    """Trace one iteration, and run the updated network once."""
    steps = trace_iteration(X, Y, parameters, rate)
    X = steps[0].inputs["A0"]
    updated = {name: array for step in steps[-len(parameters) // 2 :]
               for name, array in step.outputs.items()}  # fmt: skip
    after = float(compute_cost(L_model_forward(X, updated)[0], Y))
    return Iteration(X, Y, dict(parameters), rate, steps, after, **more)


def _digest(arrays: Mapping[str, NDArray[Any]]) -> str:
    found = hashlib.sha256()
    for name, array in arrays.items():
        found.update(f"{name}{array.shape}".encode())
        found.update(np.ascontiguousarray(array, dtype=np.float64).tobytes())
    return found.hexdigest()


def _of_arrays(arrays: Mapping[str, FloatArray], rate: float) -> Source:
    """Return the source of a small network from X, Y, W1, b1, ..."""
    parameters = {name: array for name, array in arrays.items() if name not in "XY"}
    return Source(
        ("arrays", _digest(arrays), rate),
        lambda: iterate(arrays["X"], arrays["Y"], parameters, rate),
    )


# What a reader chooses ------------------------------------------------------------------------------


def case_names() -> dict[str, str]:
    """Return the names of the documented cases of this page by their ids."""
    titles = case_titles() | {FIXTURE: _("one layer (notebook 3)")}
    titles |= {
        WHOLE[0]: _("two hidden layers"),
        WHOLE[1]: _("one hidden layer"),
    }
    return {id: titles[id] for id in (*WHOLE, *LOOSE)}


def is_loose(id: str) -> bool:
    """Tell whether a documented case belongs to no network."""
    return id in LOOSE


def choose_what() -> str:
    """Let the reader choose the kind of network."""
    return choice(
        st.segmented_control, _("Network"), WHAT, key="what", default="case", required=True
    )


def choose_case() -> str:
    """Let the reader choose a documented case; what was looked at on another page stays there."""
    return choice(
        st.selectbox,
        _("Case"),
        case_names(),
        key="case",
        default=WHOLE[0],
        foreign=was_chosen_elsewhere("iteration"),
    )


def _rate(default: float) -> float:
    return float(
        st.number_input(
            _("Rate α"),
            min_value=0.0,
            max_value=1000.0,
            value=default,
            format="%.5g",
            key=f"alpha{default:g}",
            bind="query-params",
            persist_state="session",
            help=_("The learning rate: how far the update goes against the gradient."),
        )
    )


def case_source(id: str) -> Source:
    """Let the reader label a documented network; return its iteration.

    Raises
    ------
    ValueError
        If the labels do not fit.
    """
    if id == FIXTURE:  # of notebook 3: one layer whose AL really is sigmoid(Z)
        fixture = documented()["fixtures"][id]
        arrays = {name: np.array(fixture[name]) for name in ("A0", "W1", "b1")}
        arrays["X"] = arrays.pop("A0")
    else:
        arrays = cases()[id].inputs()
    left, right = st.columns(2)
    with left:
        text = st.text_input(
            _("Labels Y"),
            value=LABELS[id],
            max_chars=40,
            key=f"labels_{id}",
            bind="query-params",
            persist_state="session",
            help=_("One for each example, 1 or 0. The case has none of its own: choose them."),
        )
    with right:
        rate = _rate(0.1)
    Y = _labels(text, (1, arrays["X"].shape[1]))
    return _of_arrays({"X": arrays.pop("X"), "Y": Y, **arrays}, rate)


def _labels(text: str, shape: tuple[int, int]) -> FloatArray:
    Y = matrix.read(text)
    if Y.shape != shape:
        raise ValueError(
            _(
                "Y has shape {given} and {needed} is needed: {rows}, a label for each of the {m} "
                "examples. Try {try_}."
            ).format(
                given=Y.shape,
                needed=shape,
                rows=_("one row") if shape[0] == 1 else _("{n} rows").format(n=shape[0]),
                m=shape[1],
                try_=" ".join(str((k + 1) % 2) for k in range(shape[1])),
            )
        )
    if not np.isin(Y, (0, 1)).all():
        wrong = Y[~np.isin(Y, (0, 1))][0]
        raise ValueError(_("A label is {v:g}: it needs to be 1 or 0.").format(v=wrong))
    return Y


# A small net ----------------------------------------------------------------------------------------


def small_source() -> Source:
    """Let the reader make a small net, down to its last number; return its iteration.

    Raises
    ------
    ValueError
        If sizes or numbers make no sense.
    """
    columns = st.columns([1.5, 1, 1, 1, 1.2], vertical_alignment="bottom")
    with columns[0]:
        text = st.text_input(
            _("Layer sizes"),
            value="3, 4, 2, 1",
            max_chars=40,
            key="units",
            bind="query-params",
            persist_state="session",
            help=_("The inputs first: 3, 4, 2, 1 is 3 inputs, then layers of 4, 2 and 1 units."),
        )
    with columns[1]:
        m = st.number_input(
            _("Examples"), 1, MOST_EXAMPLES, 3, key="examples",
            bind="query-params", persist_state="session",
        )  # fmt: skip
    with columns[2]:
        seed = st.number_input(
            _("Seed"), 0, 2**31 - 1, 1, key="draw",
            bind="query-params", persist_state="session", help=_("Which numbers are drawn."),
        )  # fmt: skip
    with columns[3]:
        rate = _rate(0.5)
    drawn = draw_small(_small_sizes(text), int(m), int(seed))
    with columns[4], st.popover(_("Edit"), help=_("Change its numbers"), width="stretch"):
        arrays = _edited(drawn, f"{'-'.join(map(str, _small_sizes(text)))}.{m}.{seed}")
    return _of_arrays(arrays, rate)


def _small_sizes(text: str) -> tuple[int, ...]:
    sizes = read_sizes(text)
    if len(sizes) < 2 or len(sizes) > MOST_LAYERS + 1 or max(sizes) > MOST_UNITS:
        raise ValueError(
            _(
                "{sizes} is no small net: it needs 2 to {most} sizes from 1 to {units}, the inputs "
                "first, as 3, 4, 2, 1."
            ).format(
                sizes=", ".join(map(str, sizes)) or _("Nothing"),
                most=MOST_LAYERS + 1,
                units=MOST_UNITS,
            )
        )
    return sizes


def draw_small(sizes: tuple[int, ...], m: int, seed: int) -> dict[str, FloatArray]:
    """Draw X, Y, W1, b1, ... with two decimals, so that they can be read and typed."""
    stream = np.random.RandomState(seed)
    parameters = draw_parameters(sizes, "he", stream)
    arrays = {"X": stream.randn(sizes[0], m)}
    for layer in range(1, len(sizes)):
        arrays[f"W{layer}"] = parameters[f"W{layer}"]
        arrays[f"b{layer}"] = 0.1 * stream.randn(sizes[layer], 1)
    rounded = {name: np.round(array, 2) + 0.0 for name, array in arrays.items()}
    labels = (np.add.outer(np.arange(sizes[-1]), np.arange(m)) + 1) % 2
    return {"X": rounded.pop("X"), "Y": labels.astype(np.float64), **rounded}


def _edited(drawn: Mapping[str, FloatArray], name_of: str) -> dict[str, FloatArray]:
    """Let the reader change every number; what is wrong is told beside it, all of it at once."""
    keys = {name: f"{name_of}.{name}" for name in drawn}
    texts = {name: matrix.write(array) for name, array in drawn.items()}

    def restore() -> None:
        for name, key in keys.items():
            st.session_state[key] = texts[name]

    st.caption(_("Rows on lines of their own, or with ; between them. Everything follows."))
    found: dict[str, FloatArray] = {}
    errors = []
    columns = st.columns(3)
    for k, (name, array) in enumerate(drawn.items()):
        with columns[k % 3]:
            text = st.text_area(
                f"{name} {array.shape}",
                value=texts[name],
                height=max(68, 34 + 26 * len(array)),
                max_chars=1500,
                key=keys[name],
                bind="query-params",
                persist_state="session",
            )
        try:
            found[name] = _labels(text, array.shape) if name == "Y" else _like(name, text, array)
        except ValueError as error:
            errors.append(f"{name}: {error}")
    st.button(
        _("Back to the drawn numbers"), key="restore_small", icon=":material/undo:",
        on_click=restore,
    )  # fmt: skip
    if errors:
        raise ValueError("\n".join(errors))
    return found


def _like(name: str, text: str, like: FloatArray) -> FloatArray:
    array = matrix.read(text)
    if array.shape != like.shape:
        raise ValueError(
            _("the shape is {given} and {needed} is needed: {rows} of {columns}.").format(
                given=array.shape,
                needed=like.shape,
                rows=_("one row") if len(like) == 1 else _("{n} rows").format(n=len(like)),
                columns=_("one number")
                if like.shape[1] == 1
                else _("{n} numbers").format(n=like.shape[1]),
            )
        )
    if np.abs(array).max() > MOST:
        raise ValueError(
            _(
                "{v:g} is too large to look at: it needs to be between −{most:,} and {most:,}."
            ).format(v=array.ravel()[np.abs(array).argmax()], most=MOST)
        )
    return array


# The cat network ------------------------------------------------------------------------------------


def cat_names() -> dict[str, str]:
    """Return the networks that can be looked into, by id; what is at hand comes first."""
    own = store.session_network()
    shipped = {
        "four_layer": _("4-layer, on the photos"),
        "two_layer": _("2-layer, on the photos"),
    }
    known = own is not None and (
        not is_own(own.settings.dataset) or store.at_hand(own.settings.dataset)
    )
    names = {"session": store.describe(own)} if own is not None and known else {}
    names |= shipped if photos.present() else {}
    return names | {"doodles": _("4-layer, on the doodles")}


def cat_source() -> Source:
    """Let the reader choose a trained network, an iteration of it, and pictures.

    Raises
    ------
    ValueError
        If the pictures are none.
    DataError
        If they cannot be read.
    """
    names = cat_names()
    columns = st.columns([2, 1, 1.5])
    with columns[0]:
        id = choice(
            st.selectbox, _("Trained network"), names, key="looked_into", default=next(iter(names))
        )
    history = store.network(id)
    dataset = store.dataset(history.settings.dataset)
    with columns[1]:
        last = history.last
        at = int(
            st.number_input(
                _("Iteration"),
                min_value=0,
                max_value=last,
                value=last,
                step=100,
                key=f"iteration_{id}_{last}",
                bind="query-params",
                persist_state="session",
                help=_("After how many updates the network is looked at: 0 to {n}.").format(
                    n=f"{last:,}"
                ),
            )
        )
    m = dataset.train_x.shape[1]
    with columns[2]:
        text = st.text_input(
            _("Training pictures"),
            value=" ".join(map(str, few(dataset))),
            max_chars=120,
            key=f"pictures_{dataset.name}",
            bind="query-params",
            persist_state="session",
            help=_(
                "Their numbers, from 0 to {last}; or all, for all {m} as in training. With a few "
                "the numbers are easier to read, and the gradient is that of these alone."
            ).format(last=m - 1, m=m),
        )
    chosen = read_pictures(text, m)
    rewound = _history(history, at)
    key = (
        "cat",
        id if id != "session" else id_of(history),
        at,
        chosen,
        store.version(dataset.name),
    )
    private = is_own(dataset.name)
    return Source(key, lambda: _of_pictures(rewound, at, dataset.name, chosen), private)


def id_of(history: History) -> tuple[object, ...]:
    """Name a run of this session: it is kept as long as its traces are, so its id is its own."""
    return ("session", id(history))


def few(dataset: Dataset) -> list[int]:
    """Return the first cats and the first others, as many."""
    labels = dataset.train_labels[0]
    cats, others = (np.flatnonzero(labels == label)[: FEW // 2] for label in (1, 0))
    return sorted(int(k) for k in (*cats, *others))


def read_pictures(text: str, m: int) -> tuple[int, ...]:
    """Read which pictures of m are meant; nothing means all.

    >>> read_pictures("2, 0 2", 9), read_pictures("all", 9)
    ((2, 0), ())
    """
    if text.strip().lower() == ALL:
        return ()
    found = []
    for part in text.replace(",", " ").replace(";", " ").split():
        if not (part.isascii() and part.isdigit() and len(part) < 7 and int(part) < m):
            raise ValueError(
                _(
                    "{part} is no picture: it needs to be a number from 0 to {last}, or the word "
                    "all. Try 0 1 2."
                ).format(part=part, last=m - 1)
            )
        found.append(int(part))
    found = list(dict.fromkeys(found))
    if not 1 <= len(found) <= MOST_CHOSEN:
        raise ValueError(
            _("{n} pictures were chosen: it needs 1 to {most}, or all.").format(
                n=len(found), most=MOST_CHOSEN
            )
        )
    return tuple(found)


def _history(history: History, at: int) -> Callable[[], History]:
    """Return what can go back to an iteration: the run itself, or the same one, trained again."""
    if at == history.last or history.rewind is not None:
        return lambda: history
    recipe = Recipe(history.settings)
    if store.trained(recipe) is None:
        again, place = _("It is trained again, to look at iteration {n}").format(n=at), st.empty()
        store.train(
            recipe,
            lambda done: place.progress(done, text=f"{again}: {store.training_text(done)}"),
        )
        place.empty()
    return lambda: store.train(recipe)


def _of_pictures(
    rewound: Callable[[], History], at: int, name: str, chosen: tuple[int, ...]
) -> Iteration:
    history, dataset = rewound(), store.dataset(name)
    numbers = chosen or tuple(range(dataset.train_x.shape[1]))
    columns = list(numbers)
    X = dataset.train_x if not chosen else np.ascontiguousarray(dataset.train_x[:, columns])
    X.flags.writeable = False
    Y = dataset.train_labels[:, columns].astype(np.float64)
    images = dataset.train_images if not chosen else dataset.train_images[columns]
    parameters, rate = history.parameters_at(at), history.settings.learning_rate
    made: Iteration = heavily(
        lambda: iterate(X, Y, parameters, rate, images=images, numbers=numbers, owner=history)
    )
    return made


def complain(error: Exception) -> None:
    """Show what is wrong, as text."""
    st.error("  \n".join(plain(line) for line in str(error).split("\n")))
