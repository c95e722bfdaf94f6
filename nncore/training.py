"""Gradient descent: forward, cost, backward, update, again and again.

`gradient_descent` is a generator that yields before every update, so that the caller owns pace and
stopping. `Training` is its one consumer: it keeps the records, notices when the numbers blow up, and
can be advanced for as long as one likes. `fit` advances it to the end.

Three engines do the same iterations. "textbook" is the loop as the course writes it; "gram" and
"direct" are the same algebra in another order (`nncore.gram`): the same numbers but for rounding.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from nncore.backward import L_model_backward
from nncore.checks import (
    require_binary,
    require_finite,
    require_input,
    require_labels,
    require_layers,
    require_matrix,
    require_number,
    require_parameters,
)
from nncore.cost import mean_losses
from nncore.forward import L_model_forward
from nncore.gram import Descent, Direct, Gram, Products, Snapshot, require_products
from nncore.history import NO_RECORDS, History, Progress, Rewind, Settings
from nncore.parameters import draw_parameters, sizes_of, update_parameters
from nncore.types import FloatArray, IntArray, Parameters, UInt8Array

ENGINES = ("textbook", "gram", "direct")
SPACING = 100  # updates between two checkpoints at least: a few milliseconds of training
CHECKPOINTS, CHECKPOINT_BYTES = 50, 8_000_000  # at most so many, and together at most so large
KEPT_BYTES = 1_000_000  # of the weights of an engine that is kept for the next rewinding


def gradient_descent(
    X: FloatArray,
    Y: FloatArray,
    parameters: Parameters,
    *,
    learning_rate: float,
    num_iterations: int,
    engine: str = "textbook",
    X_test: FloatArray | None = None,
    products: Products | None = None,
) -> Iterator[Progress]:
    """Train by full-batch gradient descent.

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
    Y : ndarray of shape (n[L], m)
        Labels. Any finite numbers: a public test of the course trains on normal ones.
    parameters : dict
        Where to start; left unchanged.
    learning_rate : float
    num_iterations : int
        How many updates to make.
    engine : str
        One of `ENGINES`, or "auto": the cheaper of the fast ones, see `choose_engine`.
    X_test : ndarray of shape (n[0], m_test), optional
        Pictures to be answered on the way (`Progress.network.answers_test`).
    products : Products, optional
        Of X and X_test, where they are at hand from an earlier run.

    Yields
    ------
    Progress
        num_iterations + 1 of them: number i comes after i updates and holds the answers and the cost
        of the parameters as they then are. The last is the trained network.

    Raises
    ------
    ValueError
        If shapes do not fit, a number is not finite, or the settings make no sense; at once, not
        at the first step.
    """
    L = require_input(X, parameters)
    require_labels(X, Y, parameters[f"W{L}"].shape[0])
    require_finite("X", X)
    require_finite("Y", Y)
    if X_test is not None:
        require_input(X_test, parameters, "X_test")
        require_finite("X_test", X_test)
    require_number("learning_rate", learning_rate)
    if not isinstance(num_iterations, int | np.integer) or num_iterations < 0:
        raise ValueError(
            f"num_iterations is {num_iterations}: it needs to be a whole number, 0 or more."
        )
    engine = resolve(engine, X, parameters, num_iterations, X_test)
    if engine == "textbook":
        start = {name: array.copy() for name, array in parameters.items()}  # they become read-only
        return _textbook(X, Y, start, learning_rate, num_iterations, X_test)
    descent = build(engine, X, Y, parameters, learning_rate, X_test, products)
    return _in_buffers(descent, Y, num_iterations)


# The loop, as the course writes it, and in buffers ------------------------------------------------


class _Standing:
    """The parameters of one iteration of the textbook, which no later iteration changes."""

    def __init__(self, parameters: Parameters, X_test: FloatArray | None) -> None:
        self._parameters, self._X_test = parameters, X_test

    def parameters(self) -> Parameters:
        return self._parameters

    def answers_test(self) -> FloatArray:
        if self._X_test is None:
            raise ValueError("There are no test pictures: hand them over as X_test.")
        return L_model_forward(self._X_test, self._parameters)[0]


def _textbook(
    X: FloatArray,
    Y: FloatArray,
    parameters: Parameters,
    learning_rate: float,
    num_iterations: int,
    X_test: FloatArray | None,
) -> Iterator[Progress]:
    for i in range(num_iterations + 1):
        AL, caches = L_model_forward(X, parameters)
        yield Progress(i, num_iterations, AL, Y, _Standing(parameters, X_test))
        if i < num_iterations:
            grads = L_model_backward(AL, Y, caches)
            parameters = update_parameters(parameters, grads, learning_rate)
            del grads  # dA0 is as large as X, and this may rest here for long


class _Passing:
    """A network that its engine changes in place: to be read before the training goes on."""

    __slots__ = ("_descent", "_steps")

    def __init__(self, descent: Descent) -> None:
        self._descent, self._steps = descent, descent.steps

    def parameters(self) -> Parameters:
        return self._now().parameters()

    def answers_test(self) -> FloatArray:
        return self._now().answers_test()

    def _now(self) -> Descent:
        if self._descent.steps != self._steps:
            raise RuntimeError(
                "The training has gone on, and this engine keeps only the present network. Read it "
                "before taking the next progress, or use the engine “textbook”."
            )
        return self._descent

    def snapshot(self) -> Snapshot:
        return self._now().snapshot()


def _in_buffers(descent: Descent, Y: FloatArray, num_iterations: int) -> Iterator[Progress]:
    for i in range(num_iterations + 1):
        AL = descent.forward().copy()
        yield Progress(i, num_iterations, AL, Y, _Passing(descent))
        if i < num_iterations:
            descent.step()


# Which engine -------------------------------------------------------------------------------------


def build(
    engine: str,
    X: FloatArray,
    Y: FloatArray,
    parameters: Parameters,
    learning_rate: float,
    X_test: FloatArray | None = None,
    products: Products | None = None,
) -> Descent:
    """Set up one of the fast engines at its start."""
    if products is not None:
        require_products(products, X, X_test)
    X, Y = np.asarray(X, dtype=np.float64), np.asarray(Y, dtype=np.float64)
    W, b = parameters["W1"], parameters["b1"]
    first = (
        Gram(products or Products(X, X_test), W, b) if engine == "gram" else Direct(X, X_test, W, b)
    )
    return Descent(first, parameters, Y, learning_rate)


def resolve(
    engine: str,
    X: FloatArray,
    parameters: Parameters,
    num_iterations: int,
    X_test: FloatArray | None = None,
) -> str:
    """Return the name of an engine, with "auto" made the cheaper of the fast ones."""
    if engine == "auto":
        m_test = 0 if X_test is None else X_test.shape[1]
        return choose_engine(sizes_of(parameters), X.shape[1], num_iterations, m_test)
    if engine not in ENGINES:
        raise ValueError(f"engine is {engine!r}: it needs to be one of auto, {', '.join(ENGINES)}.")
    return engine


def choose_engine(layers_dims: Sequence[int], m: int, num_iterations: int, m_test: int = 0) -> str:
    """Choose the faster of "gram" and "direct", by what they cost in floating-point operations.

    Only the first layer tells them apart; with n0 inputs, n1 units in layer 1 and t iterations:

        gram    2 n0 m (m + m_test)   once, for X^T X and X^T X_test
              + 2 n1 m m              an iteration, t + 1 times
              + 4 n1 n0 m             once, for W1(0) X at the start and G X^T at the end
        direct  2 n1 n0 m             an iteration forward, t + 1 times
              + 2 n1 n0 m             an iteration backward, t times

    Memory too: "gram" is chosen only where X^T X and X^T X_test together are at most one and a half
    times as large as X, m + m_test <= 1.5 n0.

    Parameters
    ----------
    layers_dims : sequence of int
    m, m_test : int
        How many pictures.
    num_iterations : int

    Examples
    --------
    >>> choose_engine([12288, 20, 7, 5, 1], m=209, num_iterations=2500, m_test=50)
    'gram'
    >>> choose_engine([2, 4, 1], m=400, num_iterations=2500)
    'direct'
    """
    n0, n1, t = int(layers_dims[0]), int(layers_dims[1]), num_iterations
    gram = 2 * n0 * m * (m + m_test) + 2 * n1 * m * m * (t + 1) + 4 * n1 * n0 * m
    direct = 2 * n1 * n0 * m * (2 * t + 1)
    return "gram" if gram < direct and m + m_test <= 1.5 * n0 else "direct"


# A run and its records ----------------------------------------------------------------------------


class Checkpoints:
    """Snapshots of a run, and the few steps from one of them to any iteration.

    Parameters
    ----------
    build : callable
        Makes an engine that stands at the start of the run; called at the first question.
    num_iterations : int
        How long the run is meant to be.
    """

    def __init__(self, build: Callable[[], Descent], num_iterations: int) -> None:
        self.spacing = max(SPACING, math.ceil(num_iterations / CHECKPOINTS))
        self._kept: dict[int, Snapshot] = {}
        self._build = build
        self._descent: Descent | None = None
        self._lock = threading.Lock()  # one run may be looked at by several visitors

    def wants(self, iteration: int) -> bool:
        """Say whether a snapshot belongs at this iteration."""
        return iteration % self.spacing == 0 and iteration not in self._kept

    def keep(self, iteration: int, snapshot: Snapshot) -> None:
        """Keep the snapshot of this iteration; every other one is let go where they grow too large."""
        self._kept[iteration] = snapshot
        if len(self._kept) > 2 and self.nbytes() > CHECKPOINT_BYTES:
            self.spacing *= 2
            self._kept = {i: kept for i, kept in self._kept.items() if i % self.spacing == 0}

    def parameters_at(self, iteration: int) -> Parameters:
        """Return the parameters after `iteration` updates."""
        with self._lock, np.errstate(over="ignore", invalid="ignore"):
            if self._descent is None:
                self._descent = self._build()
                self.keep(0, self._descent.snapshot())
            nearest = max(kept for kept in self._kept if kept <= iteration)
            descent = self._descent.restore(self._kept[nearest])
            for i in range(nearest, iteration):
                descent.forward()
                descent.step()
                if self.wants(i + 1):
                    self.keep(i + 1, descent.snapshot())
            parameters = descent.parameters()
            if parameters["W1"].nbytes > KEPT_BYTES:
                self._descent = None  # to make it again takes 10 ms for the documented networks
            return parameters

    def nbytes(self) -> int:
        """Return how much memory the snapshots take, in bytes."""
        return sum(array.nbytes for snapshot in self._kept.values() for array in snapshot)


class _Records:
    """Answers at the recorded iterations, made costs and accuracies when somebody asks.

    Many at once: one logarithm of a large array costs a fraction of many of small ones.
    """

    def __init__(self, Y: FloatArray) -> None:
        self.Y = Y
        self._pending: list[FloatArray] = []
        self._costs: list[float] = []
        self._right: list[int] = []
        self._answers: list[UInt8Array] = []

    def add(self, AL: FloatArray) -> None:
        self._pending.append(AL)
        if len(self._pending) == 256:
            self._evaluate()

    def _evaluate(self) -> None:
        if self._pending:
            costs, right = measure(np.stack(self._pending), self.Y)
            self._costs += costs.tolist()
            self._right += right.tolist()
            self._answers.append(as_bytes(np.stack(self._pending)))
            self._pending.clear()

    @property
    def costs(self) -> list[float]:
        self._evaluate()
        return self._costs

    @property
    def right(self) -> list[int]:
        self._evaluate()
        return self._right

    def answers(self, count: int) -> UInt8Array:
        self._evaluate()
        return np.concatenate(self._answers)[:count]


class _Curves(NamedTuple):
    """The records of one part of the data, (k,) each, and (k, m) for the answers."""

    costs: FloatArray
    right: IntArray
    answers: UInt8Array

    @property
    def accuracy(self) -> FloatArray:
        fractions: FloatArray = self.right / self.answers.shape[1]
        return fractions


def _curves(records: _Records, count: int, AL: FloatArray | None) -> _Curves:
    """Return the first `count` records, and one more of the answers `AL`, (n[L], m), if given."""
    costs, right, answers = records.costs[:count], records.right[:count], records.answers(count)
    if AL is not None:
        cost, correct = measure(AL, records.Y)
        costs, right = [*costs, float(cost)], [*right, int(correct)]
        answers = np.concatenate([answers, as_bytes(AL)[np.newaxis]])
    return _Curves(np.array(costs), np.array(right), answers)


def measure(AL: FloatArray, Y: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return the cost, and how many answers are right, of many sets of answers.

    Parameters
    ----------
    AL : ndarray of shape (k, n[L], m)
    Y : ndarray of shape (n[L], m)

    Returns
    -------
    costs : ndarray of shape (k,)
    right : ndarray of shape (k,)
        With one output: cat where the probability is over 0.5.
    """
    return mean_losses(AL, Y), np.sum((AL > 0.5) == (Y == 1), axis=(-2, -1))


def as_bytes(AL: FloatArray) -> UInt8Array:
    """Round probabilities to 1/255 and keep them as bytes, each on its own side of 1/2.

    Parameters
    ----------
    AL : ndarray of shape (..., 1, m)

    Returns
    -------
    ndarray of shape (..., m), uint8
        128 and more where AL is over 0.5, 127 and less elsewhere.
    """
    near = np.rint(AL[..., 0, :] * 255)
    return np.where(AL[..., 0, :] > 0.5, np.maximum(near, 128), np.minimum(near, 127)).astype(
        np.uint8
    )


class Training:
    """A training under way: advance it for as long as you like, stop when you like.

    Parameters
    ----------
    X, Y, learning_rate, num_iterations, engine, X_test, products
        As `gradient_descent` takes them. X is kept, not copied.
    parameters : dict, or callable that returns one
        Where to start. What a callable draws is not kept: it is asked again, and has to draw the same,
        where the run is rewound.
    Y_test : ndarray of shape (n[L], m_test), optional
        Needed where there is an X_test.
    record_every : int
        A record is kept at every multiple of it, and at the end.
    settings : Settings, optional
        What the History is to say of the run.

    Attributes
    ----------
    settings : Settings
    engine : str
        The one in use, never "auto".
    iteration : int
        How many updates are behind us.
    finished : bool
        Whether nothing is left to do: all iterations made, or diverged.
    diverged_at : int or None
        The iteration at which the answers stopped being finite numbers.
    seconds : float
        How long `advance` has worked so far.
    """

    def __init__(
        self,
        X: FloatArray,
        Y: FloatArray,
        parameters: Parameters | Callable[[], Parameters],
        *,
        learning_rate: float,
        num_iterations: int,
        engine: str = "auto",
        record_every: int = 100,
        X_test: FloatArray | None = None,
        Y_test: FloatArray | None = None,
        products: Products | None = None,
        settings: Settings | None = None,
    ) -> None:
        start = parameters() if callable(parameters) else parameters
        if not isinstance(record_every, int | np.integer) or record_every < 1:
            raise ValueError(
                f"record_every is {record_every!r}: it needs to be a whole number, 1 or more."
            )
        with np.errstate(over="ignore", invalid="ignore"):
            self._steps = gradient_descent(
                X,
                Y,
                start,
                learning_rate=learning_rate,
                num_iterations=num_iterations,
                engine=engine,
                X_test=X_test,
                products=products,
            )
        if X_test is not None:
            require_labels(X_test, Y_test, Y.shape[0], ("X_test", "Y_test"))
        self.settings = settings or Settings(
            sizes_of(start), learning_rate, num_iterations, "given", 0
        )
        self.engine = resolve(engine, X, start, num_iterations, X_test)
        self.iterations: list[int] = []  # those of which there is a record
        self.finished, self.seconds = False, 0.0
        self.diverged_at: int | None = None
        self._every, self._X, self._Y, self._X_test = int(record_every), X, Y, X_test
        self._train = _Records(Y)
        self._test = _Records(np.empty((Y.shape[0], 0)) if Y_test is None else Y_test)
        fast = resolve("auto", X, start, num_iterations, X_test)
        again = parameters if callable(parameters) else lambda: start
        self._checkpoints = Checkpoints(
            lambda: build(fast, X, Y, again(), learning_rate, X_test, products), num_iterations
        )
        self._keeps = self.engine == fast
        with np.errstate(over="ignore", invalid="ignore"):
            self._take()
        if self.finished and self.diverged_at == 0:
            raise ValueError(
                "The answers of the network that the run would start from are not finite numbers: "
                "its parameters are too large. Start from smaller ones."
            )

    def advance(self, seconds: float = math.inf) -> None:
        """Go on for about that long (at least one iteration), or to the end."""
        start = time.perf_counter()
        with np.errstate(over="ignore", invalid="ignore"):  # a run that blows up is told in words
            while not self.finished:
                self._take()
                if time.perf_counter() - start >= seconds:
                    break
        self.seconds += time.perf_counter() - start

    def _take(self) -> None:
        progress = next(self._steps)
        i, network = progress.iteration, progress.network
        if not math.isfinite(np.vdot(progress.AL, progress.AL)):
            self.finished, self.diverged_at = True, i
            return
        self.iteration, self._last = i, progress
        self.finished = i == progress.num_iterations
        if i % self._every == 0:
            self.iterations.append(i)
            self._train.add(progress.AL)
            if self._X_test is not None:
                self._test.add(network.answers_test())
        if self._keeps and isinstance(network, _Passing) and self._checkpoints.wants(i):
            self._checkpoints.keep(i, network.snapshot())

    @property
    def rewind(self) -> Rewind:
        """What brings its network of any iteration back: the run and all of its histories hold it."""
        return self._checkpoints

    @property
    def most_bytes(self) -> int:
        """How much memory a history of it takes, in bytes, without the pictures: some more, if any."""
        sizes, steps = self.settings.layers_dims, self.settings.num_iterations
        m = int(self._Y.shape[1])
        weights = [n * (n_prev + 1) for n_prev, n in pairwise(sizes)]
        m_test = 0 if self._X_test is None else int(self._X_test.shape[1])
        record = m + m_test + 8 * 5  # answers as bytes, the iteration and four curves
        snapshot = 8 * (sizes[1] * m + sum(weights[1:]))  # of "gram"
        count = min(CHECKPOINTS, steps // SPACING) + 2
        snapshots = min(count * snapshot, CHECKPOINT_BYTES)
        return 8 * sum(weights) + record * (steps // self._every + 2) + snapshots

    @property
    def diverged(self) -> bool:
        """Whether the numbers have stopped being finite. The last good network is kept."""
        return self.diverged_at is not None

    @property
    def costs(self) -> list[float]:
        """The costs on record: costs[j] is the cost after iterations[j] updates."""
        return self._train.costs

    def history(self) -> History:
        """Return the run as it stands, with the network that it has trained so far."""
        with np.errstate(over="ignore", invalid="ignore"):  # the last good network may be near it
            last, AL, parameters = self._last_good()
            kept = sum(i <= last for i in self.iterations)
            unrecorded = self.iterations[kept - 1] != last
            iterations = [*self.iterations[:kept], last] if unrecorded else self.iterations[:kept]
            curves = {"train": _curves(self._train, kept, AL if unrecorded else None)}
            if self._X_test is not None:
                AL_test, _ = L_model_forward(self._X_test, parameters)
                curves["test"] = _curves(self._test, kept, AL_test if unrecorded else None)
        single = {part: c for part, c in curves.items() if self._Y.shape[0] == 1}
        return History(
            settings=self.settings,
            iterations=np.array(iterations, dtype=np.int64),
            costs=curves["train"].costs,
            parameters=parameters,
            correct={part: (int(c.right[-1]), c.answers.shape[1]) for part, c in single.items()},
            test_costs=curves["test"].costs if "test" in curves else NO_RECORDS,
            train_accuracy=single["train"].accuracy if "train" in single else NO_RECORDS,
            test_accuracy=single["test"].accuracy if "test" in single else NO_RECORDS,
            answers={part: c.answers for part, c in single.items()},
            engine=self.engine,
            diverged_at=self.diverged_at,
            rewind=self._checkpoints,
        )

    def _last_good(self) -> tuple[int, FloatArray, Parameters]:
        """Return the last iteration whose network is finite, its answers and its parameters."""
        i, AL = self.iteration, self._last.AL
        if self.diverged_at is None or self.engine == "textbook":
            parameters = self._last.parameters
        else:
            parameters = self._checkpoints.parameters_at(i)
        while not all(np.isfinite(array).all() for array in parameters.values()):
            i -= 1  # answers can be finite where a weight is infinite already
            parameters = self._checkpoints.parameters_at(i)
            AL, _ = L_model_forward(self._X, parameters)
        return i, AL, parameters


def first_parameters(settings: Settings) -> Parameters:
    """Draw the first weights of a run from its settings."""
    stream = np.random.RandomState(settings.seed)
    return draw_parameters(settings.layers_dims, settings.init, stream)


def fit(
    X: FloatArray,
    Y: FloatArray,
    layers_dims: Sequence[int],
    *,
    learning_rate: float = 0.0075,
    num_iterations: int = 2500,
    init: str | Parameters = "scaled",
    seed: int = 1,
    engine: str = "auto",
    record_every: int = 100,
    X_test: FloatArray | None = None,
    Y_test: FloatArray | None = None,
    products: Products | None = None,
) -> History:
    """Train a network from start to end; by default as the course trains its 4-layer network.

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
        Kept, not copied: leave it as it is while `History.parameters_at` is in use.
    Y : ndarray of shape (n[L], m)
        Labels, 0 or 1.
    layers_dims : sequence of int
        Sizes of the layers, the input first.
    learning_rate : float
    num_iterations : int
    init : str or dict
        The scale of the random first weights ("scaled" 1/sqrt(n[l-1]), the application's; "small"
        0.01; "he"; "zeros"), or parameters to go on from.
    seed : int
        Of the random first weights.
    engine : str
        "auto", or one of `ENGINES`.
    record_every : int
        A record is kept at every multiple of it, and at num_iterations.
    X_test : ndarray of shape (n[0], m_test), optional
    Y_test : ndarray of shape (n[L], m_test), optional
    products : Products, optional
        Of X and X_test, where several runs use the same pictures.

    Raises
    ------
    ValueError
        If shapes do not fit, labels are not 0 or 1, a number is not finite, or the settings make no
        sense. A run that diverges raises nothing: see `History.diverged_at`.

    Examples
    --------
    >>> X, Y = np.array([[0.0, 1.0, 2.0, 3.0]]), np.array([[0.0, 0.0, 1.0, 1.0]])
    >>> history = fit(X, Y, [1, 1], learning_rate=1.0, num_iterations=200)
    >>> history.iterations.tolist(), history.train_accuracy.tolist()
    ([0, 100, 200], [0.75, 1.0, 1.0])
    """
    require_matrix("Y", Y)
    require_binary("Y", Y)
    if (X_test is None) != (Y_test is None):
        raise ValueError("X_test and Y_test belong together: one of them is missing.")
    if Y_test is not None:
        require_matrix("Y_test", Y_test)
        require_binary("Y_test", Y_test)
    require_layers(layers_dims)
    sizes = tuple(int(size) for size in layers_dims)
    if isinstance(init, str):
        settings = Settings(sizes, learning_rate, num_iterations, init, seed)
        start: Parameters | Callable[[], Parameters] = partial(first_parameters, settings)
    else:
        settings = Settings(sizes, learning_rate, num_iterations, "given", seed)
        start = init
        require_parameters(start)
        if sizes_of(start) != sizes:
            raise ValueError(
                f"init holds a network of sizes {sizes_of(start)} and layers_dims is {sizes}: "
                f"they need to be the same."
            )
        for name, array in start.items():
            require_finite(name, array)
    training = Training(
        X,
        Y,
        start,
        learning_rate=learning_rate,
        num_iterations=num_iterations,
        engine=engine,
        record_every=record_every,
        X_test=X_test,
        Y_test=Y_test,
        products=products,
        settings=settings,
    )
    training.advance()
    return training.history()


def count_correct(
    X: FloatArray, Y: FloatArray | IntArray, parameters: Parameters
) -> tuple[int, int]:
    """Count the right answers of a network with one output: cat where the probability is over 0.5.

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
    Y : ndarray of shape (1, m)

    Returns
    -------
    (int, int)
        How many are right, and of how many. An answer that is no number counts as non-cat.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # of a run that blew up
        AL, _ = L_model_forward(X, parameters)
    return int(np.sum((AL > 0.5) == (Y == 1))), Y.shape[1]
