"""The parts of ui that need no browser: what goes over the wire, what the film tells, the words."""

import gc
import threading
import time
import weakref

import numpy as np
import pytest

import ui
from ui.components.network import network_data
from ui.film import first_iteration
from ui.matrix import bracketed, number, read, write
from ui.question import Option, Question
from ui.style import palette, template
from ui.text import plain, prose

from nncore import data
from nncore.cases import runs
from nncore.cost import compute_cost
from nncore.forward import L_model_forward
from nncore.history import Settings
from nncore.parameters import draw_parameters
from nncore.run import Run


def test_the_drawing_shows_the_networks_own_numbers() -> None:
    W = [np.array([[1.0, -2.0], [0.0, 4.0], [1.0, 1.0]]), np.array([[-1.0, 0.5, 0.0]])]
    drawn = network_data(
        layers_dims=(2, 3, 1),
        weights=W,
        activations=[np.array([0.5, 1.0]), np.array([0.0, 2.0, 1.0]), np.array([0.731])],
        gradients=[None, np.array([-3.0, 0.0, 1.5]), np.array([-0.269])],
    )
    assert drawn["edges"][0]["w"] == [[0.25, -0.5], [0.0, 1.0], [0.25, 0.25]]
    assert drawn["layers"][1]["shade"] == [0.0, 1.0, 0.5]
    assert drawn["layers"][1]["sign"] == [-1.0, 0.0, 0.5]
    assert drawn["layers"][2]["result"] == ["0.7310"]
    with pytest.raises(ValueError, match="shape"):
        network_data(layers_dims=(2, 3, 1), weights=[W[0].T, W[1]])


def test_the_film_tells_the_signs_and_the_cost_after_the_step() -> None:
    doodles = data.load("doodles")
    settings = runs()["four_layer"].settings
    cat = doodles.first("cat")
    film = first_iteration(doodles, settings, cat)
    parameters = draw_parameters(settings.layers_dims, "scaled", np.random.RandomState(1))
    AL, _ = L_model_forward(doodles.train_x, parameters)
    np.testing.assert_allclose(film.gradients[-1], AL[:, cat] - 1)  # a cat: the answer was too low
    assert (film.gradients[-1] < 0).all()
    run = Run(doodles, Settings(settings.layers_dims, 0.0075, 1, "scaled", 1, "doodles"))
    while not run.finished:
        run.advance(1.0)
    before, after = (f"{cost:.4f}" for cost in run.costs)
    assert f"was {before}, and now is {after}" in film.scenes[-1].caption
    assert float(before) == round(float(compute_cost(AL, doodles.train_labels)), 4)
    assert all(array.base is None for array in (*film.activations, *film.gradients))


def test_only_one_pass_over_the_page_advances_a_run() -> None:
    """Streamlit starts a new pass before the old one has ended: a generator cannot run twice."""
    from ui.store import LiveRun

    settings = Settings((12288, 2, 1), 0.0075, 400, "scaled", 1, "doodles")
    live = LiveRun(Run(data.load("doodles"), settings))
    faults: list[Exception] = []

    def advance() -> None:
        try:
            for _ in range(6):
                live.advance(0.02)
        except (ValueError, RuntimeError) as error:
            faults.append(error)

    threads = [threading.Thread(target=advance) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert live.run.iterations == list(range(len(live.run.costs)))
    assert live.reached == (live.run.iterations, live.run.costs, live.run.seconds)


def test_a_run_can_be_looked_at_while_another_pass_trains_it() -> None:
    from ui.store import LiveRun

    settings = Settings((12288, 2, 1), 0.0075, 20_000, "scaled", 1, "doodles")
    live = LiveRun(Run(data.load("doodles"), settings))
    thread = threading.Thread(target=live.advance, args=(1.0,))
    thread.start()
    looks = [live.reached]
    while thread.is_alive():
        looks.append(live.reached)
        live.advance(0.0)
    assert all(len(look.iterations) == len(look.costs) for look in looks)
    assert live.run.iterations == list(range(len(live.run.costs)))


def test_plain_text_is_not_markdown() -> None:
    text = "![x](http://evil.test/a.png) <b>*a*</b> `c` $d$ :red[e] a_b_c 2.5"
    said = plain(text)
    for sign in "![]()<>*`$:_":
        assert said.count("\\" + sign) == text.count(sign)
    assert said.replace("\\", "").replace("\u2060", "") == text


def test_matrices_are_written_and_read_as_a_person_would() -> None:
    A = np.array([[1.62434536, -0.61175641], [-0.0, 3e-17]])
    assert bracketed(A) == (r"\begin{bmatrix} 1.6243 & -0.6118 \\ 0.0000 & 0.0000 \end{bmatrix}")
    assert bracketed(np.array([[1, -2]])) == r"\begin{bmatrix} 1 & -2 \end{bmatrix}"
    assert r"\cdots" in bracketed(np.ones((2, 30)) * 0.5)
    assert number(0.0) == number(-0.0) == "0"
    np.testing.assert_allclose(read(write(A)), A, atol=1e-9)
    np.testing.assert_array_equal(read("[[1, 2]; [3, 4]]"), [[1, 2], [3, 4]])
    np.testing.assert_array_equal(read("[[1,2],[3,4]]"), [[1, 2], [3, 4]])  # as Python writes it
    np.testing.assert_array_equal(read("[[1. 2.]\n [3. 4.]]"), [[1, 2], [3, 4]])  # as NumPy does
    np.testing.assert_array_equal(read("[1, 2]"), [[1, 2]])
    for bad, why in (("", "no number"), ("1 2; 3", "2, 1 numbers"), ("a", "is no number"),
                     ("1 nan", "finite"), ("1 " * 500, "more than 400")):  # fmt: skip
        with pytest.raises(ValueError, match=why):
            read(bad)


def test_a_question_has_one_right_answer() -> None:
    with pytest.raises(ValueError, match="exactly one"):
        Question("?", (Option("a", "w"), Option("b", "w")))
    with pytest.raises(ValueError, match="alike"):
        Question("?", (Option("a", "w", right=True), Option("a", "w")))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_themes_have_every_colour_and_a_template_that_plotly_takes(theme: str) -> None:
    import plotly.graph_objects as go

    assert all(value.startswith("#") for value in palette(theme).values())
    go.Figure(layout={"template": template(theme)})


def test_a_part_of_the_words_that_is_missing_is_noticed() -> None:
    assert "same size" in prose("start", "curve")
    with pytest.raises(KeyError):
        prose("start", "nothing")


class Knot:
    """What only garbage collection frees: it holds itself."""

    def __init__(self) -> None:
        self.me = self


def test_garbage_of_a_session_is_collected_also_where_it_was_frozen(monkeypatch) -> None:
    monkeypatch.setattr(ui, "_collected_all", time.monotonic())
    ui.collect_garbage(everything=True)
    held = Knot()
    ui.collect_garbage(everything=True)  # it lives: now it is frozen, with all that does
    gone = weakref.ref(held)
    del held
    gc.collect()
    assert gone() is not None
    monkeypatch.setattr(ui, "_collected_all", time.monotonic() - ui.COLLECT_ALL_EVERY)
    ui.collect_garbage()
    assert gone() is None
