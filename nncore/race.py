"""Three ways through the same iterations, a stopwatch for each, and why they give the same numbers.

    loop        one example after the other, in a Python loop
    textbook    all examples in one product, as the course writes it
    gram        the same algebra in another order (`nncore.gram`)

`Race` runs them in slices, so that a page can show how far each has come. `why_exact` follows the
algebra of the third line by line, and computes both sides of every line with the numbers of a run.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nncore.activations import relu_backward, sigmoid_backward
from nncore.backward import L_model_backward
from nncore.checks import require_input, require_labels
from nncore.cost import compute_cost
from nncore.forward import L_model_forward
from nncore.gram import Products
from nncore.history import NO_RECORDS
from nncore.parameters import update_parameters
from nncore.training import Training, gradient_descent
from nncore.types import FloatArray, Gradients, Parameters

LANES = ("loop", "textbook", "gram")
LEAST_ITERATIONS, LEAST_SECONDS = 2, 0.4  # of the loop over examples: enough to know its pace


def one_by_one(
    X: FloatArray, Y: FloatArray, parameters: Parameters, learning_rate: float
) -> Parameters:
    """Take one step of gradient descent, looking at one example at a time.

    The gradients of the examples are added up, and the mean is the step's: what the textbook gets out
    of one product over all columns, but for rounding.

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
    Y : ndarray of shape (n[L], m)
    parameters : dict
        Left unchanged.
    learning_rate : float

    Returns
    -------
    dict
        The parameters after the step.

    Examples
    --------
    >>> start = {"W1": np.array([[0.0]]), "b1": np.array([[0.0]])}
    >>> X, Y = np.array([[1.0, 3.0]]), np.array([[1.0, 0.0]])
    >>> {name: array.item() for name, array in one_by_one(X, Y, start, 1.0).items()}
    {'W1': -0.5, 'b1': 0.0}
    """
    L = require_input(X, parameters)
    require_labels(X, Y, parameters[f"W{L}"].shape[0])
    return list(_one_by_one(X, Y, parameters, learning_rate))[-1]


def _one_by_one(
    X: FloatArray, Y: FloatArray, parameters: Parameters, learning_rate: float
) -> Iterator[Parameters]:
    """Yield the parameters after each example: the old ones, and after the last one the new ones."""
    m = X.shape[1]
    total: Gradients = {f"d{name}": np.zeros_like(array) for name, array in parameters.items()}
    for i in range(m):
        if i > 0:
            yield parameters
        x, y = X[:, i : i + 1], Y[:, i : i + 1]  # one column
        AL, caches = L_model_forward(x, parameters)
        grads = L_model_backward(AL, y, caches)
        for name in total:
            total[name] += grads[name]
    mean = {name: array / m for name, array in total.items()}
    yield update_parameters(parameters, mean, learning_rate)


# The race -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lane:
    """How far one of the three has come.

    Attributes
    ----------
    name : str
        One of `LANES`.
    measured : int
        How many iterations it has truly made,
    seconds : float
        and how long they took: its own time, not that of the others.
    total : int
        How many iterations the race goes over.
    reached : float
        `measured`; but the loop over examples, once the textbook runs, goes on beside it in thought,
        at the pace that was measured.
    cost : float
        After the measured iterations; NaN before there are any.
    difference : float
        The largest difference between one of its costs and gram's after as many iterations.
    """

    name: str
    measured: int
    seconds: float
    total: int
    reached: float
    cost: float
    difference: float

    @property
    def extrapolated(self) -> bool:
        """Whether some of the iterations have not been made."""
        return self.measured < self.total

    @property
    def whole(self) -> float:
        """The seconds for all iterations: measured, or extrapolated from those that were made."""
        return self.seconds * self.total / self.measured


class Race:
    """Three trainings from the same start: gram to the end, some loops over examples, the textbook.

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
        Kept, not copied.
    Y : ndarray of shape (n[L], m)
    parameters : dict
        Where all three start.
    learning_rate : float
    num_iterations : int
        At least 1.

    Attributes
    ----------
    stage : str
        Whose turn it is, one of `LANES`, or "done".
    diverged_at : int or None
        The iteration at which the numbers stopped being finite, which ends the race.
    """

    def __init__(
        self,
        X: FloatArray,
        Y: FloatArray,
        parameters: Parameters,
        *,
        learning_rate: float,
        num_iterations: int,
    ) -> None:
        self.stage, self.total = "gram", num_iterations
        self.diverged_at: int | None = None
        self._X, self._Y, self._start, self._rate = X, Y, parameters, learning_rate
        self._training: Training | None = None  # where gram or the textbook has come to
        self._looped = parameters  # where the loop over examples has come to,
        self._examples: Iterator[Parameters] = iter(())  # and the iteration that it is in
        self._gram_costs = NO_RECORDS
        self._seconds = dict.fromkeys(LANES, 0.0)
        self._measured = dict.fromkeys(LANES, 0)
        self._costs = dict.fromkeys(LANES, float("nan"))
        self._differences = dict.fromkeys(LANES, 0.0)

    @property
    def finished(self) -> bool:
        """Whether the race is over: the textbook has arrived, or was stopped."""
        return self.stage == "done"

    def advance(self, seconds: float) -> None:
        """Let the one whose turn it is go on for about that long."""
        if self.finished:
            return
        lane, start = self.stage, time.perf_counter()
        ended = self._loop_for(seconds) if lane == "loop" else self._train_for(seconds)
        self._seconds[lane] += time.perf_counter() - start
        self._compare(lane)
        if self.diverged_at is not None or (ended and lane == "textbook"):
            self.stop()
        elif ended:
            self._training, self.stage = None, "loop" if lane == "gram" else "textbook"

    def stop(self) -> None:
        """End the race. What was measured stays; the arrays are let go."""
        self.stage, self._training = "done", None
        self._looped, self._examples = self._start, iter(())

    def lanes(self) -> dict[str, Lane]:
        """Return how things stand, by the names in `LANES`."""
        return {
            name: Lane(
                name,
                self._measured[name],
                self._seconds[name],
                self.total,
                self._reached(name),
                self._costs[name],
                self._differences[name],
            )
            for name in LANES
        }

    def _train_for(self, seconds: float) -> bool:
        if self._training is None:  # for gram, this is where the products are computed
            self._training = Training(
                self._X,
                self._Y,
                self._start,
                learning_rate=self._rate,
                num_iterations=self.total,
                engine=self.stage,
                record_every=1,
            )
        self._training.advance(seconds)
        if self.stage == "gram" and self._training.finished:
            self._gram_costs = self._training.history().costs  # W1 is made here
        self._measured[self.stage] = self._training.iteration
        self.diverged_at = self._training.diverged_at
        return self._training.finished

    def _loop_for(self, seconds: float) -> bool:
        """Stop in the middle of an iteration where it is long: others wait for their turn."""
        start = time.perf_counter()
        with np.errstate(over="ignore", invalid="ignore"):
            while True:
                network = next(self._examples, None)
                if network is None:
                    self._examples = _one_by_one(self._X, self._Y, self._looped, self._rate)
                elif network is not self._looped:
                    self._looped = network
                    self._measured["loop"] += 1
                    took = self._seconds["loop"] + time.perf_counter() - start
                    if self._measured["loop"] >= LEAST_ITERATIONS and took >= LEAST_SECONDS:
                        return True
                    if self._measured["loop"] == self.total:
                        return True
                if time.perf_counter() - start >= seconds:
                    return False

    def _compare(self, lane: str) -> None:
        """Take down the lane's cost, and how far its costs are from those of gram."""
        made = self._measured[lane]
        if self._training is not None:
            costs = np.array(self._training.costs)  # after 0, 1, ... iterations
            gram = self._gram_costs if lane == "textbook" else costs
        else:
            AL, _ = L_model_forward(self._X, self._looped)
            costs, gram = compute_cost(AL, self._Y)[np.newaxis], self._gram_costs[made:]
        both = min(len(costs), len(gram))
        self._costs[lane] = float(costs[-1])
        self._differences[lane] = float(np.abs(costs[:both] - gram[:both]).max())

    def _reached(self, lane: str) -> float:
        made = self._measured[lane]
        if lane == "loop" and made:
            pace = self._seconds["loop"] / made
            return min(max(made, self._seconds["textbook"] / pace), self.total)
        return made


# Why the numbers are the same ---------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One line of the algebra, and how well its two sides agree on the data at hand.

    Attributes
    ----------
    name : str
    statement : str
        An equation, in LaTeX.
    sentence : str
        What it says, in Markdown with formulas.
    shape : tuple of int
        Of either side.
    difference : float
        The largest |left - right|, the left side computed as training does it, the right side as
        it stands.
    scale : float
        The largest |left|: beside it, a difference is rounding or is not.
    """

    name: str
    statement: str
    sentence: str
    shape: tuple[int, ...]
    difference: float
    scale: float


class Operations(NamedTuple):
    """Multiplications and additions of one iteration in layer 1."""

    textbook: int  # 6 n[1] n[0] m: W1 X, dZ1 X^T and W1^T dZ1
    gram: int  # 2 n[1] m^2: G (X^T X + 1)


def count_operations(n0: int, n1: int, m: int) -> Operations:
    """Count what one iteration costs in layer 1, by the textbook and by the inner products.

    >>> count_operations(n0=12288, n1=20, m=209)
    Operations(textbook=308183040, gram=1747240)
    """
    return Operations(6 * n1 * n0 * m, 2 * n1 * m * m)


def why_exact(
    X: FloatArray,
    Y: FloatArray,
    parameters: Parameters,
    learning_rate: float,
    *,
    num_iterations: int = 4,
    X_test: FloatArray | None = None,
) -> list[Line]:
    """Follow the algebra of `nncore.gram` line by line, each computed both ways.

    Parameters
    ----------
    X : ndarray of shape (n[0], m)
    Y : ndarray of shape (n[L], m)
    parameters : dict
        Where the run starts.
    learning_rate : float
    num_iterations : int
        How many iterations the textbook makes for it, at least 1.
    X_test : ndarray of shape (n[0], m_test), optional

    Returns
    -------
    list of Line

    Raises
    ------
    ValueError
        If shapes do not fit, or the numbers stop being finite within these iterations.
    """
    L = require_input(X, parameters)
    require_labels(X, Y, parameters[f"W{L}"].shape[0])
    if num_iterations < 1:
        raise ValueError(f"num_iterations is {num_iterations}: it needs to be 1 or more.")
    m, t = X.shape[1], num_iterations
    rate = learning_rate / m
    with np.errstate(over="ignore", invalid="ignore"):
        networks, Z1, dZ1, cost = _textbook(X, Y, parameters, learning_rate, t)
    if not all(np.isfinite(array).all() for array in (cost, *networks[-1].values())):
        raise ValueError(
            f"learning_rate is {learning_rate:g}: with it the numbers stop being finite within {t} "
            f"iterations. Try a smaller one."
        )

    W, b = parameters["W1"], parameters["b1"]  # as they start
    W_b = np.hstack([W, b])  # (n[1], n[0] + 1)
    X_1 = np.vstack([X, np.ones((1, m))])  # (n[0] + 1, m)
    products = Products(X, X_test)
    K = products.K  # (m, m)
    G = -rate * np.sum(dZ1, axis=0)  # (n[1], m)
    gram = list(
        gradient_descent(
            X, Y, parameters, learning_rate=learning_rate, num_iterations=t,
            engine="gram", products=products,
        )
    )[-1]  # fmt: skip

    lines = [
        _line(
            "forward",
            r"\begin{aligned} Z^{[1]} &= W^{[1]} X + b^{[1]} \\ &= \begin{bmatrix} W^{[1]} & b^{[1]} "
            r"\end{bmatrix} \begin{bmatrix} X \\ 1 \end{bmatrix} \end{aligned}",
            "Layer 1 reads the pictures. The bias can stand as one more column of $W$, over a row of "
            "ones below $X$.",
            (Z1[0], W_b @ X_1),
        ),
        _line(
            "step",
            r"\begin{aligned} W^{[1]}(1) &= W^{[1]}(0) - \tfrac{\alpha}{m} \, dZ^{[1]}(0) \, X^T "
            r"\\ b^{[1]}(1) &= b^{[1]}(0) - \tfrac{\alpha}{m} \, dZ^{[1]}(0) \, \mathbf{1} "
            r"\end{aligned}",
            "One update. Whatever $dZ$ is, what $W$ loses is a mixture of the pictures themselves.",
            (networks[1]["W1"], W - (rate * dZ1[0]) @ X.T),
            (networks[1]["b1"], b - (rate * dZ1[0]).sum(axis=1, keepdims=True)),
        ),
        _line(
            "next",
            r"\begin{aligned} Z^{[1]}(1) &= Z^{[1]}(0) \\ &\quad - \tfrac{\alpha}{m} \, dZ^{[1]}(0) \, "
            r"(X^T X + 1) \end{aligned}",
            "The second line put into the first: the next $Z$ comes from the last one, without $W$.",
            (Z1[1], Z1[0] - (rate * dZ1[0]) @ K),
        ),
        _line(
            "products",
            r"X^T X + 1 = \begin{bmatrix} X \\ 1 \end{bmatrix}^T \begin{bmatrix} X \\ 1 "
            r"\end{bmatrix}",
            "How alike any two pictures are: one number for each pair. $X$ stays the same in "
            "training, so this does too, and it is computed once.",
            (K, X_1.T @ X_1),
        ),
        _line(
            "steps",
            rf"\begin{{aligned}} G &= -\tfrac{{\alpha}}{{m}} \textstyle\sum_{{s=0}}^{{{t - 1}}} "
            rf"dZ^{{[1]}}(s) \\ W^{{[1]}}({t}) &= W^{{[1]}}(0) + G X^T \\ b^{{[1]}}({t}) &= "
            rf"b^{{[1]}}(0) + G \, \mathbf{{1}} \end{{aligned}}",
            "Several updates are one: their $dZ$ are added up in $G$, and $W$ is made of it only when "
            "somebody asks.",
            (networks[t]["W1"], W + G @ X.T),
            (networks[t]["b1"], b + G.sum(axis=1, keepdims=True)),
        ),
        _line(
            "any",
            rf"Z^{{[1]}}({t}) = Z^{{[1]}}(0) + G \, (X^T X + 1)",
            "So this one small product takes the place of the large ones, in every iteration.",
            (Z1[t], Z1[0] + G @ K),
        ),
        _line(
            "cost",
            rf"J({t}) = \tfrac{{1}}{{m}} \textstyle\sum_{{i=1}}^{{m}} "
            rf"\mathcal{{L}}\big(a^{{[{L}](i)}}({t}), y^{{(i)}}\big)",
            "The layers above read the same $Z$, so all that follows is the same too: the answers, "
            "the cost, the way back, and the next $dZ$.",
            (cost, gram.cost),
        ),
    ]  # fmt: skip
    if X_test is not None:
        Z_test = networks[t]["W1"] @ X_test + networks[t]["b1"]
        test = _line(
            "test",
            rf"\begin{{aligned}} Z^{{[1]}}_{{\text{{test}}}}({t}) &= W^{{[1]}}(0) \, "
            rf"X_{{\text{{test}}}} + b^{{[1]}}(0) \\ &\quad + G \, (X^T X_{{\text{{test}}}} + 1) "
            r"\end{aligned}",
            "Other pictures are answered the same way, by how alike they are to the training "
            "pictures.",
            (Z_test, W @ X_test + b + G @ products.K_test),
        )
        lines.insert(-1, test)
    return lines


def _textbook(
    X: FloatArray, Y: FloatArray, parameters: Parameters, learning_rate: float, num_iterations: int
) -> tuple[list[Parameters], list[FloatArray], list[FloatArray], FloatArray]:
    """Train by the textbook; return every network, Z1 and dZ1 on the way, and the last cost."""
    networks, Z1, dZ1 = [parameters], [], []
    for _ in range(num_iterations):
        AL, caches = L_model_forward(X, networks[-1])
        grads = L_model_backward(AL, Y, caches)
        Z = caches[0][1]
        if len(caches) > 1:
            dZ = relu_backward(grads["dA1"], Z)
        else:  # layer 1 is the output
            dZ = sigmoid_backward(-(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL)), Z)
        Z1.append(Z)
        dZ1.append(dZ)
        networks.append(update_parameters(networks[-1], grads, learning_rate))
    AL, caches = L_model_forward(X, networks[-1])
    return networks, [*Z1, caches[0][1]], dZ1, compute_cost(AL, Y)


def _line(name: str, statement: str, sentence: str, *sides: tuple[FloatArray, FloatArray]) -> Line:
    """Compare left and right sides, one pair for each equation of the statement."""
    return Line(
        name=name,
        statement=statement,
        sentence=sentence,
        shape=sides[0][0].shape,
        difference=max(float(np.max(np.abs(left - right))) for left, right in sides),
        scale=max(float(np.max(np.abs(left))) for left, _ in sides),
    )
