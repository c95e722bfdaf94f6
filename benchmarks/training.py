"""How long training takes, ours and others', and how that grows with the problem.

    python -m benchmarks.training             (2 to 4 minutes; --help says what can be chosen)

One run prints every table, as Markdown, once with one BLAS thread and once with two: each in a process
of its own, because the number of threads stands fast once NumPy is loaded. What takes long (the
textbook, PyTorch, scikit-learn) runs a few hundred iterations, round after round among the others, and
its time is scaled to 2,500; --full runs all of them. PyTorch and scikit-learn are left out where they
are not installed. In the same run the costs of all are compared: whoever is faster has done the same.

One machine, one moment: compare the rows of a table, not with another's.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
import tracemalloc
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nncore import data
from nncore.cases import runs
from nncore.data import photos
from nncore.gram import Descent, Products
from nncore.parameters import draw_parameters
from nncore.training import build, choose_engine, fit, gradient_descent
from nncore.types import FloatArray, Parameters

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
SETTINGS = runs()["four_layer"].settings
WHOLE, RATE = SETTINGS.num_iterations, SETTINGS.learning_rate
TARGETS = {"textbook loop": 70, "PyTorch": 50, "scikit-learn": 50}  # at least so many times gram
OVER_PRODUCTS = {1: 2.5, 2: 3.5}  # the whole fit over its products alone, by threads, at most

Work = Callable[[], FloatArray]  # what is timed; returns the costs before update 0, 1, ...


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training")
    parser.add_argument("--full", action="store_true", help="run every iteration of the slow ones")
    parser.add_argument("--iterations", type=int, default=200, help="of the slow ones, a round")
    parser.add_argument("--rounds", type=int, default=5, help="of which the median counts")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2], help="BLAS threads")
    parser.add_argument("--no-growth", action="store_true", help="leave out growth and memory")
    parser.add_argument("--child", choices=["speed", "growth"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child == "speed":
        compare(options.threads[0], WHOLE if options.full else options.iterations, options.rounds)
    elif options.child == "growth":
        growth()
        memory()
    else:
        print(machine())
        for threads in options.threads:
            run_child("speed", threads)
        if not options.no_growth:
            run_child("growth", 1)


def run_child(part: str, threads: int) -> None:
    """Run one part in a process that has so many BLAS threads."""
    command = [sys.executable, "-m", "benchmarks.training", *sys.argv[1:]]
    command += ["--child", part, "--threads", str(threads)]
    sys.stdout.flush()
    environment = {**os.environ, **dict.fromkeys(THREADS, str(threads))}
    subprocess.run(command, env=environment, check=True)


def machine() -> str:
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return (
        f"{os.cpu_count()} processors, Python {sys.version.split()[0]}, NumPy {np.__version__}, "
        f"{blas['name']} {blas['version']}, load {os.getloadavg()[0]:.1f}"
    )


def table(head: list[str], rows: list[list[str]]) -> None:
    print("\n| " + " | ".join(head) + " |")
    print("|---" + "|--:" * (len(head) - 1) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


# The documented run, ours and others' -------------------------------------------------------------


@dataclass(frozen=True)
class Contestant:
    """Somebody who trains the documented network.

    Attributes
    ----------
    name : str
    prepare : callable
        Takes the number of iterations; returns what is to be timed, from a fresh start.
    slow : bool
        Whether it may run fewer iterations than the whole.
    """

    name: str
    prepare: Callable[[int], Work]
    slow: bool


def compare(threads: int, few: int, rounds: int) -> None:
    dataset = data.load("photos" if photos.present() else "doodles")
    X, Y = dataset.train_x, dataset.train_labels.astype(np.float64)
    start = draw_parameters(
        (X.shape[0], *SETTINGS.layers_dims[1:]),
        SETTINGS.init,
        np.random.RandomState(SETTINGS.seed),
    )
    contestants = [
        Contestant("textbook loop", lambda n: textbook(X, Y, start, n), True),
        Contestant("direct", lambda n: fitted(X, Y, start, n, "direct"), True),
        Contestant("gram, whole fit", lambda n: fitted(X, Y, start, n, "gram"), False),
        Contestant("gram, its loop alone", lambda n: loop_alone(X, Y, start, n), False),
        Contestant("products G K alone", lambda n: products_alone(X, start, n), False),
    ]
    missing = []
    for name, make in (("PyTorch", torch_loop), ("scikit-learn", sklearn_loop)):
        try:
            prepare = make(X, Y, start, threads)
        except ImportError:
            missing.append(name)
        else:
            contestants.insert(1, Contestant(name, prepare, True))

    times: dict[str, list[float]] = {c.name: [] for c in contestants}
    costs: dict[str, FloatArray] = {}
    lengths = {c.name: few if c.slow else WHOLE for c in contestants}
    for contestant in contestants:
        contestant.prepare(3)()  # what is loaded or set up at the first call is not what we ask
    for _ in range(1 if few == WHOLE else rounds):
        for contestant in contestants:
            # The quick ones are over in a moment, so they run more often: no moment is lucky.
            for _ in range(1 if contestant.slow else 3):
                work = contestant.prepare(lengths[contestant.name])
                begun = time.perf_counter()
                costs[contestant.name] = work()
                times[contestant.name].append(time.perf_counter() - begun)

    whole = {name: statistics.median(t) * WHOLE / lengths[name] for name, t in times.items()}
    gram, alone = whole["gram, whole fit"], whole["products G K alone"]
    print(
        f"\n### The documented 4-layer run on the {dataset.name}, {WHOLE:,} iterations, "
        f"{threads} BLAS thread{'s' if threads > 1 else ''}"
    )
    table(
        ["", "seconds", "times gram", "largest difference of costs", "measured"],
        [
            [
                name,
                f"{took:.3g}",
                f"{took / gram:.3g}",
                apart(costs[name], costs["gram, whole fit"]),
                f"median of {len(times[name])} × {lengths[name]:,} iterations",
            ]
            for name, took in whole.items()
        ],
    )
    for name in missing:
        print(f"\n{name} is not installed: left out.")
    print()
    for name, least in TARGETS.items():
        if name in whole:
            verdict(f"{name} / gram", whole[name] / gram, least=least)
    most = OVER_PRODUCTS.get(threads, float("inf"))
    verdict("gram, whole fit / products alone", gram / alone, most=most)
    verdict("gram, its loop / products alone", whole["gram, its loop alone"] / alone, most=most)


def apart(costs: FloatArray, reference: FloatArray) -> str:
    both = min(len(costs), len(reference))
    return f"{np.abs(costs[:both] - reference[:both]).max():.1e}" if both else ""


def verdict(name: str, ratio: float, least: float = 0, most: float = float("inf")) -> None:
    target = f"at least {least:g}" if least else f"at most {most:g}"
    print(
        f"- {name}: {ratio:.3g}, target {target}: {'met' if least <= ratio <= most else 'MISSED'}"
    )


def textbook(X: FloatArray, Y: FloatArray, start: Parameters, n: int) -> Work:
    def work() -> FloatArray:
        steps = gradient_descent(X, Y, start, learning_rate=RATE, num_iterations=n)
        return np.array([progress.cost for progress in steps])

    return work


def fitted(X: FloatArray, Y: FloatArray, start: Parameters, n: int, engine: str) -> Work:
    """From the pictures to W1, the products included, with the cost of every iteration."""
    sizes = [X.shape[0], *SETTINGS.layers_dims[1:]]

    def work() -> FloatArray:
        return fit(
            X,
            Y,
            sizes,
            learning_rate=RATE,
            num_iterations=n,
            init=start,
            engine=engine,
            record_every=1,
        ).costs

    return work


def loop_alone(X: FloatArray, Y: FloatArray, start: Parameters, n: int) -> Work:
    descent = build("gram", X, Y, start, RATE)
    return lambda: go(descent, n)


def go(descent: Descent, n: int) -> FloatArray:
    for _ in range(n):
        descent.forward()
        descent.step()
    return np.empty(0)


def products_alone(X: FloatArray, start: Parameters, n: int) -> Work:
    K = Products(X).K
    G = np.random.RandomState(0).randn(start["W1"].shape[0], X.shape[1])
    Z = np.empty_like(G)

    def work() -> FloatArray:
        for _ in range(n):
            np.dot(G, K, out=Z)
        return np.empty(0)

    return work


def torch_loop(
    X: FloatArray, Y: FloatArray, start: Parameters, threads: int
) -> Callable[[int], Work]:
    """PyTorch as one writes it: modules, autograd, SGD over the full batch; float64."""
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    inputs, targets = (torch.from_numpy(np.ascontiguousarray(A.T)) for A in (X, Y))

    def prepare(n: int) -> Work:
        layers: list[nn.Module] = []
        L = len(start) // 2
        for layer in range(1, L + 1):
            W, b = start[f"W{layer}"], start[f"b{layer}"]
            linear = nn.Linear(W.shape[1], W.shape[0], dtype=torch.float64)
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(W))
                linear.bias.copy_(torch.from_numpy(b[:, 0]))
            layers += [linear, nn.ReLU() if layer < L else nn.Sigmoid()]
        model, loss_of = nn.Sequential(*layers), nn.BCELoss()
        optimizer = torch.optim.SGD(model.parameters(), lr=RATE)

        def work() -> FloatArray:
            losses = []
            for _ in range(n):
                optimizer.zero_grad()
                loss = loss_of(model(inputs), targets)
                loss.backward()
                optimizer.step()
                losses.append(loss.detach())
            return torch.stack(losses).numpy()

        return work

    return prepare


def sklearn_loop(
    X: FloatArray, Y: FloatArray, start: Parameters, threads: int
) -> Callable[[int], Work]:
    """MLPClassifier, told to do plain full-batch descent from our first weights; float64."""
    from sklearn.neural_network import MLPClassifier

    inputs, targets = np.ascontiguousarray(X.T), Y[0].astype(int)
    L = len(start) // 2

    def prepare(n: int) -> Work:
        model = MLPClassifier(
            hidden_layer_sizes=[len(start[f"b{layer}"]) for layer in range(1, L)],
            solver="sgd",
            alpha=0.0,
            batch_size=X.shape[1],
            learning_rate_init=RATE,
            max_iter=1,
            shuffle=False,
            tol=0.0,
            momentum=0.0,
            nesterovs_momentum=False,
            n_iter_no_change=10**9,
            warm_start=True,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it has not converged
            model.fit(inputs, targets)  # makes its arrays
        for layer in range(1, L + 1):
            model.coefs_[layer - 1][:] = start[f"W{layer}"].T
            model.intercepts_[layer - 1][:] = start[f"b{layer}"][:, 0]
        model.max_iter = n

        def work() -> FloatArray:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model.fit(inputs, targets)
            return np.array(model.loss_curve_[-n:])  # the curve goes on from the fit before

        return work

    return prepare


# How it grows -------------------------------------------------------------------------------------

HIDDEN = SETTINGS.layers_dims[1:-1]
SMALL = 20 * 20 * 3  # inputs of the pictures of which there are many: so that they fit into memory
MOST_K = 500e6  # bytes of X^T X; beyond, gram is left out


def growth() -> None:
    examples = [50, 209, 500, 1000, 1500, 2500, 5000, 20_000]
    print(
        f"\n### Growth, 1 BLAS thread; whole runs of {WHOLE:,} iterations, from a few dozen or more"
    )
    for title, problems in {
        f"examples m, of {SMALL:,} inputs": [(m, (SMALL, *HIDDEN, 1), m) for m in examples],
        "units of layer 1": [(n, (SMALL, n, 7, 5, 1), 209) for n in (5, 20, 100, 400)],
        "layers": [(L, (SMALL, *[20] * (L - 1), 1), 209) for L in (1, 2, 4, 8, 16)],
        "side of a picture": [(s, (s * s * 3, *HIDDEN, 1), 209) for s in (4, 8, 16, 32, 64, 128)],
    }.items():
        rows = [grown(f"{value:,}", sizes, m) for value, sizes, m in problems]
        table(
            [
                title,
                "textbook, ms",
                "direct, ms",
                "gram, ms an iteration",
                "direct, s",
                "gram, s in all",
                "chosen",
                "chosen / better",
            ],
            rows,
        )


def grown(label: str, sizes: tuple[int, ...], m: int) -> list[str]:
    """Time one problem by every engine that can do it."""
    X, Y = pictures(sizes[0], m)
    start = draw_parameters(sizes, "scaled", np.random.RandomState(1))
    steps = gradient_descent(X, Y, start, learning_rate=RATE, num_iterations=10**9)
    each = {"textbook": pace(lambda: next(steps))}
    whole = {}
    engines = ["direct"] if m * m * 8 > MOST_K else ["direct", "gram"]
    for engine in engines:
        begun = time.perf_counter()
        descent = build(engine, X, Y, start, RATE)
        descent.parameters()
        fixed = time.perf_counter() - begun
        each[engine] = pace(lambda descent=descent: go(descent, 1))
        whole[engine] = fixed + WHOLE * each[engine]
    chosen = choose_engine(sizes, m, WHOLE)
    return [
        label,
        *(f"{each[name] * 1000:.3g}" if name in each else "–" for name in ("textbook", *ENGINES)),
        *(f"{whole[name]:.3g}" if name in whole else "–" for name in ENGINES),
        chosen,
        f"{whole[chosen] / min(whole.values()):.2f}",
    ]


ENGINES = ("direct", "gram")


def pictures(n0: int, m: int) -> tuple[FloatArray, FloatArray]:
    stream = np.random.RandomState(0)
    return stream.rand(n0, m), (stream.rand(1, m) > 0.5).astype(np.float64)


def pace(step: Callable[[], object], least: float = 0.3) -> float:
    """Return the seconds of a step: the median of three spells, each of that many seconds or more."""
    step()
    spells = []
    for _ in range(3):
        count, begun = 0, time.perf_counter()
        while (took := time.perf_counter() - begun) < least / 3 or count < 3:
            step()
            count += 1
        spells.append(took / count)
    return statistics.median(spells)


def memory() -> None:
    """The most that the arrays of a fit take, the pictures included, as multiples of the pictures."""
    rows = []
    for n0, m in ((12288, 209), (12288, 2000), (3000, 3000), (1200, 20_000)):
        tracemalloc.start()
        X, Y = pictures(n0, m)
        sizes = (n0, *HIDDEN, 1)
        engine = choose_engine(sizes, m, WHOLE)
        fit(X, Y, sizes, num_iterations=20, engine=engine)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        rows.append([f"{n0:,} × {m:,}", f"{X.nbytes / 1e6:.0f}", f"{peak / X.nbytes:.2f}", engine])
    print("\n### Memory: target below 3 times X in float64, X included")
    table(["X", "MB", "peak / X", "engine"], rows)


if __name__ == "__main__":
    main()
