"""The fast engines against the textbook: the same numbers but for rounding, wherever they are asked."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nncore.activations import sigmoid
from nncore.cost import compute_cost
from nncore.forward import L_model_forward
from nncore.gram import Products, _sigmoid_in_place
from nncore.history import History
from nncore.parameters import SCALES, draw_parameters
from nncore.training import (
    CHECKPOINT_BYTES,
    ENGINES,
    Checkpoints,
    Training,
    choose_engine,
    count_correct,
    fit,
    gradient_descent,
)
from nncore.types import FloatArray, Parameters

FAST = ("gram", "direct")


def assert_same_network(ours: Parameters, textbook: Parameters, tolerance: float) -> None:
    """Compare array by array, relative to its layer's largest entry: a bias may cancel itself out."""
    assert list(ours) == list(textbook)
    for name, array in textbook.items():
        layer = (textbook[letter + name[1:]] for letter in "Wb")
        reach = max(1e-3, *(float(np.abs(each).max()) for each in layer))
        np.testing.assert_allclose(ours[name], array, rtol=0, atol=tolerance * reach, err_msg=name)


@st.composite
def problems(draw: st.DrawFn) -> tuple[FloatArray, FloatArray, Parameters, float, int]:
    """Random data and a start as the course's initialisers give it."""
    stream = np.random.RandomState(draw(st.integers(0, 2**31 - 1)))
    m = draw(st.one_of(st.integers(1, 30), st.integers(1, 500)))
    sizes = [
        draw(st.integers(1, 120)),
        *draw(st.lists(st.integers(1, 64), max_size=5)),
        draw(st.sampled_from([1, 1, 1, 3])),
    ]
    X = stream.rand(sizes[0], m) if draw(st.booleans()) else stream.randn(sizes[0], m)
    if draw(st.booleans()):  # pictures that occur more than once
        X = X[:, stream.randint(0, m, m)]
    if draw(st.integers(0, 4)) == 0:  # one plain picture
        X[:, stream.randint(m)] = draw(st.sampled_from([0.0, 1.0]))
    Y = (stream.rand(sizes[-1], m) < draw(st.sampled_from([0.0, 0.3, 0.5, 1.0]))).astype(float)
    parameters = draw_parameters(sizes, draw(st.sampled_from(SCALES)), stream)
    if len(sizes) > 2 and draw(st.booleans()):  # a unit that no picture wakes
        parameters["b1"][0] = -100.0
    return X, Y, parameters, draw(st.floats(1e-4, 0.1)), draw(st.integers(0, 300))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems(), engine=st.sampled_from(FAST))
def test_fast_engines_are_the_textbook_on_any_network(problem, engine: str) -> None:
    X, Y, start, rate, n = problem

    def run(name: str, start: Parameters) -> History:
        training = Training(
            X, Y, start, learning_rate=rate, num_iterations=n, engine=name, record_every=7
        )
        training.advance()
        return training.history()

    ours, textbook = run(engine, start), run("textbook", start)
    assert textbook.diverged_at is None
    np.testing.assert_array_equal(ours.iterations, textbook.iterations)
    # Where the cost swings from step to step, roundings grow: the textbook shows by how much.
    nudged = run("textbook", {name: np.nextafter(array, 9) for name, array in start.items()})
    grown = np.abs(nudged.costs / textbook.costs - 1).max()
    np.testing.assert_allclose(
        ours.costs, textbook.costs, rtol=max(1e-11, 1000 * grown), atol=1e-300
    )
    grown = max(
        np.abs(nudged.parameters[k] - array).max() for k, array in textbook.parameters.items()
    )
    assert_same_network(ours.parameters, textbook.parameters, max(1e-11, 1000 * grown))


@pytest.fixture(scope="module")
def problem() -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    stream = np.random.RandomState(8)
    X, X_test = stream.rand(40, 25), stream.rand(40, 9)
    return X, (X.mean(axis=0) > 0.5).astype(float)[None], X_test, np.ones((1, 9))


@pytest.mark.parametrize("engine", ENGINES)
def test_any_iteration_can_be_asked_for(problem, engine: str) -> None:
    X, Y, *_ = problem
    whole = fit(X, Y, (40, 6, 4, 1), learning_rate=0.1, num_iterations=230, engine=engine)
    for i in (230, 0, 1, 229, 49, 50, 51, 137, 3):
        stopped = fit(X, Y, (40, 6, 4, 1), learning_rate=0.1, num_iterations=i, engine="textbook")
        assert_same_network(whole.parameters_at(i), stopped.parameters, 1e-11)
    assert whole.parameters_at(230) is whole.parameters
    for strange in (-1, 231, 2.0):
        with pytest.raises(ValueError, match="this run went from 0 to 230"):
            whole.parameters_at(strange)


def test_looking_back_does_not_disturb_a_run_under_way(problem) -> None:
    X, Y, *_ = problem
    start = draw_parameters((40, 6, 1), "he", np.random.RandomState(1))
    kwargs = {"learning_rate": 0.1, "num_iterations": 120, "engine": "gram", "record_every": 1}
    looked, plain = (Training(X, Y, start, **kwargs) for _ in range(2))
    while not looked.finished:
        looked.advance(seconds=0)
        looked.history().parameters_at(looked.iteration // 2)
    plain.advance()
    np.testing.assert_array_equal(looked.history().costs, plain.history().costs)


@pytest.mark.parametrize("engine", ENGINES)
def test_test_curves_are_those_of_the_networks_on_the_way(problem, engine: str) -> None:
    X, Y, X_test, Y_test = problem
    history = fit(
        X,
        Y,
        (40, 6, 1),
        learning_rate=0.3,
        num_iterations=25,
        engine=engine,
        record_every=10,
        X_test=X_test,
        Y_test=Y_test,
    )
    assert history.iterations.tolist() == [0, 10, 20, 25]
    for place, i in enumerate(history.iterations):
        parameters = history.parameters_at(int(i))
        AL, _ = L_model_forward(X_test, parameters)
        np.testing.assert_allclose(history.test_costs[place], compute_cost(AL, Y_test), rtol=1e-11)
        assert history.test_accuracy[place] == count_correct(X_test, Y_test, parameters)[0] / 9
        assert history.train_accuracy[place] == count_correct(X, Y, parameters)[0] / 25
    assert history.accuracy("test") == history.test_accuracy[-1]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_that_blows_up_says_where_and_keeps_what_was_good(problem, engine: str) -> None:
    X, Y, *_ = problem
    history = fit(X, Y, (40, 6, 4, 1), learning_rate=1e200, num_iterations=30, engine=engine)
    assert history.diverged_at is not None
    assert history.last < history.diverged_at < 30
    assert np.isfinite(history.costs).all()
    assert all(np.isfinite(array).all() for array in history.parameters.values())
    assert history.iterations[-1] == history.last
    with np.errstate(over="ignore"):
        AL, _ = L_model_forward(X, history.parameters)
    assert history.costs[-1] == pytest.approx(compute_cost(AL, Y), rel=1e-9)


def test_a_run_goes_on_from_any_network(problem) -> None:
    X, Y, *_ = problem
    whole = fit(X, Y, (40, 6, 1), learning_rate=0.1, num_iterations=80)
    half = whole.parameters_at(30)
    branch = fit(X, Y, (40, 6, 1), learning_rate=0.1, num_iterations=50, init=half)
    assert branch.settings.init == "given"
    assert_same_network(branch.parameters, whole.parameters, 1e-11)
    with pytest.raises(ValueError, match="they need to be the same"):
        fit(X, Y, (40, 5, 1), init=half)
    with pytest.raises(ValueError, match="W1 holds nan"):
        fit(X, Y, (40, 6, 1), init={**half, "W1": half["W1"] * np.nan})
    with pytest.raises(ValueError, match="too large"):
        fit(X, Y, (40, 6, 1), init={name: array * 1e308 for name, array in half.items()})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Y": np.full((1, 25), 2.0)}, "labels need to be 0 or 1"),
        ({"engine": "fast"}, "one of auto, textbook, gram, direct"),
        ({"record_every": 0}, "record_every is 0"),
        ({"X_test": np.ones((40, 2))}, "belong together"),
        ({"X_test": np.ones((40, 2)), "Y_test": np.ones((1, 3))}, r"Y_test needs shape \(1, 2\)"),
        ({"X_test": np.ones((4, 2)), "Y_test": np.ones((1, 2))}, "needs 40 rows"),
        ({"init": "large"}, "it needs to be one of small"),
    ],
)
def test_fit_refuses_what_cannot_work(problem, change, message: str) -> None:
    X, Y, *_ = problem
    with pytest.raises(ValueError, match=message):
        fit(**{"X": X, "Y": Y, "layers_dims": (40, 3, 1), "num_iterations": 2, **change})


def test_the_present_network_has_to_be_read_in_time(problem) -> None:
    X, Y, *_ = problem
    start = draw_parameters((40, 3, 1), "he", np.random.RandomState(1))
    steps = gradient_descent(X, Y, start, learning_rate=0.1, num_iterations=2, engine="gram")
    first = next(steps)
    assert_same_network(first.parameters, start, 0)
    next(steps)
    AL, _ = L_model_forward(X, start)
    np.testing.assert_array_equal(first.cost, compute_cost(AL, Y))  # the answers are its own
    with pytest.raises(RuntimeError, match="has gone on"):
        first.parameters  # noqa: B018


def test_the_engine_is_chosen_by_what_it_costs() -> None:
    assert choose_engine((12288, 20, 7, 5, 1), 209, 2500, 50) == "gram"
    assert choose_engine((12288, 20, 1), 209, 0) == "direct"  # nothing to win in one pass
    assert choose_engine((12288, 20, 1), 20_000, 2500) == "direct"
    assert choose_engine((100, 20, 1), 80, 2500) == "gram"
    assert choose_engine((100, 20, 1), 80, 2500, m_test=80) == "direct"  # more memory than X
    assert choose_engine((3, 4, 1), 500, 2500) == "direct"


def test_checkpoints_stay_small() -> None:
    stream = np.random.RandomState(0)
    X, Y = stream.rand(4000, 300), (stream.rand(1, 300) > 0.5).astype(float)
    history = fit(X, Y, (4000, 64, 1), learning_rate=0.01, num_iterations=400, engine="gram")
    kept = history.rewind
    assert isinstance(kept, Checkpoints)
    assert 2 * 64 * 300 * 8 < kept.nbytes() <= CHECKPOINT_BYTES
    long = Checkpoints(lambda: pytest.fail("not asked for"), 10**6)
    for i in range(0, 10**6, 1000):
        if long.wants(i):
            long.keep(i, (np.zeros(10**5),))
    assert long.nbytes() <= CHECKPOINT_BYTES


def test_products_are_shared_between_runs(problem) -> None:
    X, Y, X_test, Y_test = problem
    products = Products(X, X_test)
    kept = products.K.copy(), products.K_test.copy()
    for seed in (1, 2):
        runs_ = [
            fit(
                X,
                Y,
                (40, 6, 1),
                seed=seed,
                num_iterations=30,
                engine="gram",
                X_test=X_test,
                Y_test=Y_test,
                products=given,
            )
            for given in (products, None)
        ]
        np.testing.assert_array_equal(runs_[0].test_costs, runs_[1].test_costs)
    np.testing.assert_array_equal(products.K, kept[0])
    np.testing.assert_array_equal(products.K_test, kept[1])


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_the_sigmoid_in_place_is_the_sigmoid(values: list[float]) -> None:
    Z = np.array([values])
    np.testing.assert_array_equal(_sigmoid_in_place(Z.copy()), sigmoid(Z)[0])
