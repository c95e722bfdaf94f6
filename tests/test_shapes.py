"""The shape table against real arrays, and the lesson on shapes as a reader uses it."""

import re
from itertools import product

import numpy as np
import pytest

from ui import shapes_lesson
from ui.question import Question
from ui.shape_product import product_drawing

from nncore.backward import L_model_backward
from nncore.cases import cases
from nncore.forward import L_model_forward, linear_activation_forward, linear_forward
from nncore.parameters import draw_parameters
from nncore.shapes import (
    BYTES,
    count_learned,
    count_remembered,
    entrywise_product,
    lose_axis,
    matrix_product,
    pair,
    pair_without_checks,
    shape_table,
)
from tests.test_pages import formulas_of, open_app, text_of


@pytest.mark.parametrize(("dims", "m"), [((6, 4, 3, 1), 7), ((5, 4, 3), 2), ((3, 1), 1)])
def test_the_table_says_what_real_arrays_are(dims, m) -> None:
    stream = np.random.RandomState(0)
    X = stream.randn(dims[0], m)
    parameters = draw_parameters(dims, "scaled", stream)
    AL, caches = L_model_forward(X, parameters)
    grads = L_model_backward(AL, np.ones((dims[-1], m)), caches)
    outputs = [cache[0][0] for cache in caches[1:]] + [AL]
    table = shape_table(dims, m)
    for row, A, (_linear, Z) in zip(table, outputs, caches, strict=True):
        assert row.W.shape == parameters[row.W.name].shape == grads[f"d{row.W.name}"].shape
        assert row.b.shape == parameters[row.b.name].shape == grads[f"d{row.b.name}"].shape
        assert row.Z.shape == Z.shape
        assert row.A.shape == A.shape
        if row.layer < len(table):
            assert row.A.shape == grads[f"d{row.A.name}"].shape
    assert [row.activation for row in table] == ["relu"] * (len(table) - 1) + ["sigmoid"]
    assert count_learned(table) * BYTES == sum(array.nbytes for array in parameters.values())
    kept = [X, *outputs, *(Z for _linear, Z in caches)]
    assert count_remembered(table) * BYTES == sum(array.nbytes for array in kept)


def test_what_makes_no_table_is_refused() -> None:
    with pytest.raises(ValueError, match="at least two sizes"):
        shape_table([5], 1)
    with pytest.raises(ValueError, match="m is 0"):
        shape_table([5, 1], 0)


def test_both_products_or_a_sentence_with_the_axis() -> None:
    A, B = np.ones((2, 3)), np.full((2, 3), 2.0)
    np.testing.assert_array_equal(entrywise_product(A, B), A * B)
    with pytest.raises(ValueError, match=r"columns of A, 3, .* rows of B, 2\. Try B\.T"):
        matrix_product(A, B)
    np.testing.assert_array_equal(matrix_product(A, B.T), A @ B.T)
    with pytest.raises(ValueError, match=r"rows of A, 2, .* those of B, 4"):
        entrywise_product(A, np.ones((4, 3)))
    assert entrywise_product(A, np.ones((1, 3))).shape == (2, 3)


def test_a_lost_axis_gives_every_bias_minus_every_gradient() -> None:
    dZ, b = np.array([[1.0, 3.0], [5.0, 7.0], [0.0, 2.0]]), np.array([[10.0], [20.0], [30.0]])
    step = lose_axis(dZ, b, 0.5)
    np.testing.assert_array_equal(step.stepped, [[9.0], [17.0], [29.5]])
    assert step.db_lost.shape == (3,)
    np.testing.assert_array_equal(
        step.stepped_lost, [[9.0, 7.0, 9.5], [19.0, 17.0, 19.5], [29.0, 27.0, 29.5]]
    )


def test_the_cat_network_is_the_default() -> None:
    app = open_app("shapes")
    assert not app.error
    text = text_of(app)
    assert "| (20, 12288) | (20, 1) | (20, 209) | columns of W1 = rows of A0 = 12288 |" in text
    table = shape_table((12288, 20, 7, 5, 1), 209)
    assert f"{count_learned(table):,} numbers are learned" in text
    assert f"{count_learned(table) * BYTES:,} bytes" in text


def test_other_sizes_come_from_the_address_and_from_the_reader() -> None:
    app = open_app("shapes", dims="5, 4, 3", m="2")
    assert (
        "| **2** sigmoid | (3, 4) | (3, 1) | (3, 2) | columns of W2 = rows of A1 = 4 |"
        in text_of(app)
    )
    for bad in ("", "5", "5, x", "5, 0", "1,2,3,4,5,6,7,8,9,10,11"):
        app.text_input(key="dims").set_value(bad).run()
        assert not app.exception
        assert len(app.error) == 1
        assert "Until then you see 5, 4, 3" in app.error[0].value
        assert "columns of W2 = rows of A1 = 4" in text_of(app)
        assert app.text_input(key="dims").value == bad
    app.text_input(key="dims").set_value("4-3-2").run()
    assert not app.error
    assert "columns of W2 = rows of A1 = 3" in text_of(app)
    app.text_input(key="dims").set_value("4 2 1").run()
    assert not app.error
    assert "columns of W2 = rows of A1 = 2" in text_of(app)


def test_sizes_that_make_no_network_on_arrival_leave_the_course_network() -> None:
    app = open_app("shapes", dims="4+3")
    assert "Until then you see 12288, 20, 7, 5, 1" in app.error[0].value
    assert "columns of W2 = rows of A1 = 20" in text_of(app)


def test_the_rule_is_told_and_drawn_for_any_layer_of_any_network() -> None:
    app = open_app("shapes", dims="4, 3, 2", m="5")
    assert (
        "**W2 is (2, 3)**: a row for each of the 2 units of layer 2, a column for each of the 3 that "
        "come in. 3 numbers go in and 2 come out, yet 2 stands first" in text_of(app)
    )
    drawn = "\n".join(part.proto.body for part in app.get("html"))
    assert "W2 (2, 3) times A1 (3, 5) is Z2 (2, 5)" in drawn
    app.segmented_control(key="rule").set_value("W1").run()
    assert "**W1 is (3, 4)**: a row for each of the 3 units of layer 1" in text_of(app)
    assert app.number_input(key="A_prev_0").value == 4
    app.text_input(key="dims").set_value("5, 5, 1").run()
    assert "**W1 is (5, 5)**" in text_of(app)
    assert "numbers go in" not in text_of(app)
    app.segmented_control(key="rule").set_value("W2").run()
    assert "a row for the one unit of layer 2" in text_of(app)
    app.text_input(key="dims").set_value("5, 1").run()  # no W2 any more
    assert not app.exception
    assert "**W1 is (1, 5)**" in text_of(app)
    assert "5 numbers go in and 1 comes out" in text_of(app)
    assert open_app("shapes", rule="W3").segmented_control(key="rule").value == "W3"


def test_who_has_chosen_no_layer_sees_what_a_link_to_the_sizes_shows() -> None:
    app = open_app("shapes", dims="1, 4")
    assert "**W1 is (4, 1)**" in text_of(app)
    assert "1 number goes in and 4 come out" in text_of(app)
    app.text_input(key="dims").set_value("3, 3, 3").run()
    assert "**W2 is (3, 3)**" in text_of(app)


def test_who_has_chosen_a_layer_keeps_it() -> None:
    app = open_app("shapes", dims="5, 4, 3")
    app.segmented_control(key="rule").set_value("W1").run()
    for dims, shape in (("5, 1", (1, 5)), ("5, 4, 3", (4, 5))):  # of the first W1 is the default
        app.text_input(key="dims").set_value(dims).run()
        assert f"**W1 is {shape}**" in text_of(app)


def test_brackets_join_what_is_equal() -> None:
    row = shape_table((12, 3456, 7), 89)[0]  # W1 (3456, 12), A0 (12, 89), Z1 (3456, 89)
    drawn = product_drawing(row, 89)
    text = [" "] * 60
    spans = []
    for kind, left, width, said in re.findall(
        r'<div class="([\w ]+)" style="left: ([\d.]+)ch; width: ([\d.]+)ch">([^<]*)<', drawn
    ):
        at = float(left) - 0.5
        if kind.startswith("shape"):
            text[int(at) : int(at) + len(said)] = said
        elif kind.startswith("bracket"):
            spans.append((at, at + float(width)))

    def number_at(middle: float) -> str:
        words = re.finditer(r"\d+", "".join(text))
        return next(w[0] for w in words if (w.start() + w.end()) / 2 == pytest.approx(middle))

    assert [tuple(map(number_at, span)) for span in spans] == [
        ("3456", "3456"), ("12", "12"), ("89", "89"),
    ]  # fmt: skip


def test_every_entry_of_the_broadcast_sum_is_followed() -> None:
    Z, _ = linear_forward(shapes_lesson.X, shapes_lesson.W, shapes_lesson.B)
    app = open_app("shapes", entry="23")
    assert "z_{23} = w_{21}x_{13} + w_{22}x_{23} + b_2" in formulas_of(app)
    assert f"= {Z[1, 2]:.0f}" in formulas_of(app)
    assert app.query_params["entry"] == "row 2, column 3"  # a link made now shows the same
    app = open_app("shapes", entry="99")
    assert app.selectbox(key="entry").value == "11"


def test_sums_equal_the_documented_ones_and_follow_the_reader() -> None:
    app = open_app("shapes")
    assert "4 of 4 equal what the course prints" in text_of(app)
    expected = cases()["sum_axis_keepdims"].expected
    for name, value in expected.items():
        assert f"`{name}`" in text_of(app)
        body = (r" \\ " if value.ndim == 2 and value.shape[1] == 1 else " & ").join(
            str(n) for n in value.ravel()
        )
        kind = "bmatrix" if value.ndim == 2 else "pmatrix"
        assert rf"\begin{{{kind}}} {body} \end{{{kind}}}" in formulas_of(app)
    app.text_area(key="summed").set_value("1 2 3").run()
    # Beside the field, which a link may hide:
    assert r"A = \begin{bmatrix} 1 & 2 & 3 \end{bmatrix}" in formulas_of(app)
    assert r"\begin{bmatrix} 6 \end{bmatrix}" in formulas_of(app)
    assert "course prints" not in text_of(app)
    for bad in ("", "1 2\n3", "a b", "1 inf", "1 " * 200):
        app.text_area(key="summed").set_value(bad).run()
        assert not app.exception
        assert len(app.error) == 1


def test_the_lost_axis_is_shown_and_refused() -> None:
    app = open_app("shapes")
    assert "(3, 1) minus (3,) is (3, 3)" in text_of(app)
    assert "db1 has shape (3,)" in app.warning[0].value


def test_both_products_on_the_page() -> None:
    app = open_app("shapes")
    assert r"70 & 100 \\ 150 & 220" in formulas_of(app)
    assert r"10 & 40 \\ 90 & 160" in formulas_of(app)
    app.text_area(key="right").set_value("10 20").run()
    assert "columns of A, 2, need to be as many as the rows of B, 1" in app.error[0].value
    assert r"10 & 40 \\ 30 & 80" in formulas_of(app)
    app.text_area(key="right").set_value("1 2 3").run()
    assert len(app.error) == 2
    assert not app.exception


def test_pairs_are_as_numpy_has_them() -> None:
    for W, A, b in product(product((1, 2, 3), repeat=2), repeat=3):
        arrays = [np.zeros(shape) for shape in (W, A, b)]
        for shapes_alone, real in (
            (pair, lambda W, A, b: linear_activation_forward(A, W, b, "relu")[0]),
            (pair_without_checks, lambda W, A, b: np.dot(W, A) + b),
        ):
            try:
                Z = real(*arrays)
            except ValueError as error:
                with pytest.raises(ValueError, match=f"^{re.escape(str(error))}$"):
                    shapes_alone(W, A, b)
            else:
                assert shapes_alone(W, A, b) == Z.shape
    assert pair((10**6, 10**6), (10**6, 10**6), (10**6, 1)) == (10**6, 10**6)


def test_a_wrong_pairing_is_named() -> None:
    app = open_app("shapes")
    assert "(7, 209)" in app.success[0].value
    app.number_input(key="W_1").set_value(5).run()
    assert "W needs 20 columns" in app.error[0].value
    assert "NumPy alone says" in text_of(app)
    app.number_input(key="W_1").set_value(20).run()
    app.number_input(key="b_1").set_value(209).run()
    assert "b needs shape (7, 1)" in app.error[0].value
    assert "said **nothing**" in text_of(app)
    app.number_input(key="m").set_value(12).run()  # another width of A_prev, and nothing else
    assert "b needs shape (7, 1)" in app.error[0].value
    assert [app.number_input(key=side).value for side in ("A_prev_1", "b_1")] == [12, 209]
    app.number_input(key="m").set_value(209).run()
    app.text_input(key="dims").set_value("4, 3, 2").run()  # begins anew with what was chosen
    assert "W (2, 3) times A_prev (3, 209) is (2, 209)" in app.success[0].value
    assert "It begins with layer 2 of the network above" in text_of(app)
    app = open_app("shapes", b_0="1", dims="4, 3, 2")
    assert "b needs shape (2, 1)" in app.error[0].value


def test_only_what_the_reader_has_changed_of_a_pairing_is_in_the_link() -> None:
    app = open_app("shapes", W_0="9")
    app.segmented_control(key="rule").set_value("W3").run()
    sides = [app.number_input(key=side).value for side in shapes_lesson.SIDES]
    assert sides == [5, 7, 7, 209, 5, 1]
    assert not set(shapes_lesson.SIDES) & set(app.query_params)


@pytest.mark.parametrize("make", shapes_lesson.MAKERS)
def test_questions_hold_for_many_numbers(make) -> None:
    texts = {make(np.random.RandomState(seed)).text for seed in range(30)}
    assert len(texts) > 1
    assert isinstance(make(np.random.RandomState(3)), Question)


def test_answers_right_and_wrong_are_explained() -> None:
    app = open_app("shapes")
    radio = app.radio(key="answer_shapes_0")
    seen = set()
    for k in range(len(radio.options)):
        app.radio(key="answer_shapes_0").set_value(k).run()
        assert not app.exception
        right = len(app.success) == 2  # the pairing fits, and the answer does
        assert ("Choose again" in text_of(app)) != right
        seen.add(right)
    assert seen == {True, False}
    assert "shapes" in app.session_state["answered"]
