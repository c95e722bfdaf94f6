"""The lesson on shapes: the table of a network, two products, and axes that do not agree."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from ui.address import choice
from ui.components.network import network_drawing
from ui.frame import TEXT_WIDTH
from ui.matrix import bracketed, display, number, read, together, write
from ui.question import Option, Question
from ui.shape_product import STYLE, product_drawing
from ui.style import palette
from ui.text import _, plain

from nncore.cases import cases, check, runs
from nncore.checks import require_layers
from nncore.forward import linear_forward
from nncore.parameters import read_sizes, update_parameters
from nncore.shapes import (
    BYTES,
    Axes,
    LayerShapes,
    count_learned,
    count_remembered,
    entrywise_product,
    lose_axis,
    matrix_product,
    pair,
    pair_without_checks,
    shape_table,
)
from nncore.types import FloatArray

MOST_SIZES = 10  # of a network that can still be drawn on a phone
MOST_EXAMPLES = 1_000_000
MOST_SIDE = 1_000_000  # of the arrays that are paired: only their shapes exist
RATE = 0.1  # as in the documented case of update_parameters
COURSE = runs()["four_layer"].settings.layers_dims
# On a narrow screen a row of the table takes two lines, so that nothing has to be scrolled to: what has
# to agree stands below the shapes, and what is summed up under the table is left out.
NARROW = """<style>.st-key-shape_table :is(td, th) { padding: 0.4rem 0.6rem; }
@media (min-width: 641px) {
  .st-key-shape_table :is(td, th):not(:nth-child(5)) { white-space: nowrap; }
}
@media (max-width: 640px) {
  .st-key-shape_table table { width: 100%; }
  .st-key-shape_table :is(thead, tbody) { display: block; }
  .st-key-shape_table tr { display: grid; grid-template-columns: 4.6rem 6rem 4.2rem 1fr;
    border-bottom: 1px solid #8886; }
  .st-key-shape_table :is(td, th) { border: 0; padding: 0.25rem 0.3rem; font-size: 0.875rem; }
  .st-key-shape_table :is(td, th):nth-child(5) { grid-column: 1 / -1; padding-bottom: 0.4rem; }
  .st-key-shape_table :is(td, th):nth-child(n+6), .st-key-shape_table td:nth-child(5):empty {
    display: none; }
}
</style>"""


def _shape(array: FloatArray) -> str:
    """Write a shape as NumPy does: one lost axis leaves (3,)."""
    return str(array.shape)


# The table ----------------------------------------------------------------------------------------


Network = tuple[tuple[int, ...], int]


def choose_network() -> Network:
    """Let the reader choose sizes and m; where they make no network, say so and keep the last."""
    sizes, examples = st.columns([3, 1])
    text = sizes.text_input(
        "layers_dims",
        value=", ".join(map(str, COURSE)),
        max_chars=80,
        key="dims",
        bind="query-params",
        persist_state="session",
        help=_("The sizes of the layers, the input first: 4, 3, 2 or 4-3-2."),
    )
    m = examples.number_input(
        _("m, the examples"),
        min_value=1,
        max_value=MOST_EXAMPLES,
        value=209,
        key="m",
        bind="query-params",
        persist_state="session",
    )
    trouble = st.empty()  # always there, so that what follows keeps its place
    try:
        dims = _read_network(text)
    except ValueError as error:
        kept: tuple[int, ...] = st.session_state.get("last_dims", COURSE)
        trouble.error(
            plain(str(error))
            + " "
            + _("Until then you see {dims}.").format(dims=", ".join(map(str, kept)))
        )
        return kept, int(m)
    st.session_state["last_dims"] = dims
    return dims, int(m)


def _read_network(text: str) -> tuple[int, ...]:
    dims = read_sizes(text)
    if len(dims) > MOST_SIZES:
        raise ValueError(
            _("These are {n} sizes: at most {most} can be drawn here. Leave some out.").format(
                n=len(dims), most=MOST_SIZES
            )
        )
    require_layers(dims)
    return dims


def show_network(dims: tuple[int, ...]) -> None:
    """Draw the network."""
    network_drawing(
        key="sizes",
        layers_dims=dims,
        height=300,
        alt=_("A network with layers of {sizes} units.").format(sizes=", ".join(map(str, dims))),
    )


def show_rule(dims: tuple[int, ...], m: int) -> LayerShapes:
    """Say why the W of one layer has its shape, and draw its product; return that layer."""
    table = shape_table(dims, m)
    names = {row.W.name: row.W.name for row in table}
    left, right = st.columns([6, 5], gap="medium", vertical_alignment="center")
    with left:
        default = "W2" if "W2" in names else "W1"
        chosen = choice(
            st.segmented_control,
            _("Why this shape?"),
            names,
            key="rule",
            default=default,
            follows=True,
            required=True,
        )
        row = next(row for row in table if row.W.name == chosen)
        st.markdown(_rule(row))
    right.html(STYLE + product_drawing(row, m))
    return row


def _rule(row: LayerShapes) -> str:
    n, n_prev = row.W.shape
    rows = (
        _("a row for the one unit of layer {l}")
        if n == 1
        else _("a row for each of the {n} units of layer {l}")
    )
    columns = (
        _("a column for the one number that comes in")
        if n_prev == 1
        else _("a column for each of the {k} that come in")
    )
    order = ""
    if n != n_prev:
        goes_in = _("1 number goes in") if n_prev == 1 else _("{k} numbers go in")
        order = goes_in + (_(" and 1 comes out") if n == 1 else _(" and {n} come out"))
        order += _(", yet {n} stands first: each row")
    return (
        _("**{W} is {shape}**: {rows}, {columns}. ")
        + (order or _("Each row"))
        + _(
            " is one unit's weights, so that *Z* = *W A* keeps one column for each example. {b} "
            "{b_shape} is then added to every column."
        )
    ).format(
        W=row.W.name,
        shape=row.W.shape,
        rows=rows.format(n=n, l=row.layer),
        columns=columns.format(k=n_prev),
        k=n_prev,
        n=n,
        b=row.b.name,
        b_shape=row.b.shape,
    )


def show_table(dims: tuple[int, ...], m: int) -> None:
    """Write the table of every shape, and how much that is together."""
    table = shape_table(dims, m)
    st.html(NARROW)  # first, so that nothing is ever wider than the page
    with st.container(key="shape_table"):
        st.markdown(_table(table))
    learned, remembered = count_learned(table), count_remembered(table)
    st.markdown(
        _(
            "**Together** {n} numbers are learned: {b} bytes, for a float64 takes {each}. One "
            "forward pass over the {m} examples leaves {r} numbers behind, with X: {rb} bytes."
        ).format(
            n=f"{learned:,}",
            b=f"{learned * BYTES:,}",
            each=BYTES,
            m=f"{m:,}",
            r=f"{remembered:,}",
            rb=f"{remembered * BYTES:,}",
        ),
        width=TEXT_WIDTH,
    )


def _table(table: Sequence[LayerShapes]) -> str:
    first = table[0]
    lines = [
        _(
            "| layer | W, :red[dW] | b, :red[db] | :violet[Z, A], :red[dZ, dA] | has to agree "
            "| learned | bytes |"
        ),
        "|---|---|---|---|---|---:|---:|",
        (
            r"| $l$ | $(n^{[l]}, n^{[l-1]})$ | $(n^{[l]}, 1)$ | $(n^{[l]}, m)$ "
            rf"| $n^{{[l-1]}}$ | W + b | × {BYTES} |"
        ),
        f"| **0** | | | X = A0: ({first.W.shape[1]}, {first.A.shape[1]}) | | | |",
    ]
    for row in table:
        agreement = _("columns of W{l} = rows of A{k} = {n}").format(
            l=row.layer, k=row.layer - 1, n=row.W.shape[1]
        )
        kind = {"relu": "ReLU", "sigmoid": "sigmoid"}[row.activation]
        cells = (
            f"**{row.layer}** {kind}",
            *(str(array.shape) for array in (row.W, row.b, row.Z)),
            agreement,
            f"{row.learned:,}",
            f"{row.learned * BYTES:,}",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


# A wrong pairing ----------------------------------------------------------------------------------

SIDES = ("W_0", "W_1", "A_prev_0", "A_prev_1", "b_0", "b_1")


@st.fragment
def show_pairing(row: LayerShapes, m: int) -> None:
    """Let the reader change one dimension, and say in words which axes do not agree.

    It begins with the arrays of a layer, and begins anew with those of another. Another m is
    another width of A_prev, and leaves what the reader has set of the rest.
    """
    n, n_prev = row.W.shape
    right = dict(zip(SIDES, (n, n_prev, n_prev, m, n, 1), strict=True))
    state = st.session_state
    before = state.setdefault("paired", right)
    if before != right:
        state["paired"] = right
        only_m = before | {"A_prev_1": m} == right
        state.update({"A_prev_1": m} if only_m else right)
    shapes: list[Axes] = []
    for place, name in zip(st.columns(3), ("W", "A_prev", "b"), strict=True):
        rows, columns = (
            place.number_input(
                _("{side} of {name}").format(side=side, name=name),
                min_value=1,
                max_value=MOST_SIDE,
                key=f"{name}_{axis}",
                bind="query-params",
                persist_state="session",
                value=right[f"{name}_{axis}"],  # so a link names only what was changed
            )
            for axis, side in enumerate((_("rows"), _("columns")))
        )
        shapes.append((int(rows), int(columns)))
    weights, A_prev, b = shapes
    try:
        Z = pair(weights, A_prev, b)
    except ValueError as error:
        st.error(str(error))
        st.markdown(_numpy_alone(weights, A_prev, b), width=TEXT_WIDTH)
        return
    st.success(
        _(
            "It fits: W {W} times A_prev {A} is {Z}, for the columns of W and the rows of A_prev are "
            "both {n}. b {b} is added to each of the {m} columns."
        ).format(W=weights, A=A_prev, Z=Z, n=weights[1], b=b, m=Z[1])
    )


def _numpy_alone(weights: Axes, A_prev: Axes, b: Axes) -> str:
    """Say what NumPy would have done: sometimes nothing at all."""
    try:
        Z = pair_without_checks(weights, A_prev, b)
    except ValueError as error:
        return _("NumPy alone says of `np.dot(W, A_prev) + b`: “{error}”.").format(error=error)
    return _(
        "NumPy alone would have said **nothing**: it stretches b and returns {shape}, and the mistake "
        "shows later, somewhere else."
    ).format(shape=Z)


# Broadcasting -------------------------------------------------------------------------------------

W = np.array([[1.0, 2.0], [0.0, 3.0], [2.0, 1.0]])  # 3 units, 2 inputs
X = np.array([[1.0, 0.0, 2.0, 4.0], [3.0, 1.0, 0.0, 2.0]])  # 4 examples
B = np.array([[10.0], [20.0], [30.0]])
ENTRIES_OF_Z = {
    f"{i}{j}": _("row {i}, column {j}").format(i=i, j=j)
    for i in range(1, len(W) + 1)
    for j in range(1, X.shape[1] + 1)
}


@st.fragment
def show_broadcasting() -> None:
    """Show W X + b in letters and in numbers, and one entry of it followed."""
    Z, _cache = linear_forward(X, W, B)
    rows, columns = Z.shape
    with st.container(width=260):
        chosen = choice(st.selectbox, _("Entry of Z"), ENTRIES_OF_Z, key="entry", default="11")
    i, j = int(chosen[0]) - 1, int(chosen[1]) - 1
    symbols = [_letters("w", W.shape), _letters("x", X.shape), [["b_1"], ["b_2"], ["b_3"]]]
    values = [_numbers(W), _numbers(X), _numbers(B)]
    for place, title, (w, x, b), z in zip(
        st.columns(2, gap="medium"),
        (_("**In letters**"), _("**In numbers**")),
        (symbols, values),
        (_letters("z", Z.shape), _numbers(Z)),
        strict=True,
    ):
        stretched = [row * columns for row in b]
        steps = (
            rf"{_lit(w, rows=(i,))} {_lit(x, columns=(j,))}",
            rf"+\; {_lit(b, rows=(i,))} \;\to\; +\; {_lit(stretched, rows=(i,), columns=(j,))}",
            _entry(w, x, b, i, j),
            rf"Z = {_lit(z, rows=(i,), columns=(j,))}",
        )
        place.markdown(together(title, *map(display, steps)))
    with st.expander(_("Every entry of Z, in letters and in numbers")):
        both = st.columns(2, gap="medium")
        for place, (w, x, b) in zip(both, (symbols, values), strict=True):
            lines = [_entry(w, x, b, i, j) for i in range(rows) for j in range(columns)]
            body = r" \\ ".join(line.replace("=", "&=", 1) for line in lines)
            place.latex(rf"\begin{{aligned}} {body} \end{{aligned}}")


Cells = list[list[str]]


def _letters(letter: str, shape: tuple[int, ...]) -> Cells:
    return [
        [f"{letter}_{{{i}{j}}}" for j in range(1, shape[1] + 1)] for i in range(1, shape[0] + 1)
    ]


def _numbers(array: FloatArray) -> Cells:
    return [[number(float(value)) for value in row] for row in array]


def _lit(
    cells: Cells, rows: tuple[int, ...] | None = None, columns: tuple[int, ...] | None = None
) -> str:
    """Write a matrix with some rows and columns in the colour of forward."""
    ink = palette(st.context.theme.type or "light")["forward"]
    body = r" \\ ".join(
        " & ".join(
            rf"\textcolor{{{ink}}}{{{cell}}}"
            if (rows is None or i in rows) and (columns is None or j in columns)
            else cell
            for j, cell in enumerate(row)
        )
        for i, row in enumerate(cells)
    )
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"


def _entry(w: Cells, x: Cells, b: Cells, i: int, j: int) -> str:
    """Write one entry of W X + b with its terms, and in numbers with what it comes to."""
    dot = "" if w[0][0].startswith("w") else r" \cdot "
    terms = " + ".join(f"{w[i][k]}{dot}{x[k][j]}" for k in range(len(x)))
    line = f"z_{{{i + 1}{j + 1}}} = {terms} + {b[i][0]}"
    if not dot:
        return line
    Z, _cache = linear_forward(X, W, B)
    return f"{line} = {number(float(Z[i, j]))}"


# Sums along an axis -------------------------------------------------------------------------------


def read_matrix(label: str, default: FloatArray, key: str, place: object = st) -> FloatArray | None:
    """Let the reader type a matrix, and show it, which stays where a link hides the field.

    None, with a sentence, where it is none.
    """
    text = place.text_area(  # type: ignore[attr-defined]
        label,
        value=write(default),
        height=100,
        max_chars=400,
        key=key,
        bind="query-params",
        persist_state="session",
        help=_("Numbers with spaces between, each row on a line of its own."),
    )
    try:
        array = read(text, most=64)
    except ValueError as error:
        place.error(f"{label}: {error}")  # type: ignore[attr-defined]
        return None
    place.latex(f"{label} = {bracketed(array)}")  # type: ignore[attr-defined]
    return array


@st.fragment
def show_sums() -> None:
    """Show np.sum along both axes, with keepdims and without, for a matrix of the reader's."""
    case = cases()["sum_axis_keepdims"]
    documented = case.inputs()["A"]
    left, right = st.columns([1, 3], gap="medium")
    A = read_matrix("A", documented, "summed", left)
    if A is None:
        return
    sums = case.compute(A=A)
    for axis in (1, 0):
        shown = [(name, value) for name, value in sums.items() if name.startswith(f"axis={axis}")]
        for place, (name, value) in zip(right.columns(len(shown)), shown, strict=True):
            with place.container(border=True, gap="xsmall", height="stretch"):
                shape = _(":small[shape {shape}]").format(shape=_shape(value))
                st.markdown(together(f"`{name}`", display(bracketed(value)), shape))
    if np.array_equal(A, documented):
        results = check(case)
        right.caption(
            _("{agreeing} of {n} equal what the course prints; the largest difference is {d:g}.")
            .format(
                agreeing=sum(result.agrees for result in results),
                n=len(results),
                d=max(result.difference for result in results),
            )
        )  # fmt: skip


def show_lost_axis() -> None:
    """Show what becomes of b where the sum that made db lost an axis."""
    inputs = cases()["linear_backward_v4"].inputs()
    step = lose_axis(inputs["dZ"], inputs["b"], RATE)
    kept, lost = st.columns(2, gap="medium")
    for place, title, db, stepped in (
        (kept, _("**With** `keepdims=True`"), step.db, step.stepped),
        (lost, _("**Without**"), step.db_lost, step.stepped_lost),
    ):
        place.markdown(
            together(
                title,
                display(rf"db = {bracketed(db, 3)}"),
                _(":small[shape {shape}]").format(shape=_shape(db)),
                display(rf"b - {RATE} \, db = {bracketed(stepped, 3)}"),
                _(":small[{b} minus {db} is {shape}]").format(
                    b=_shape(step.b), db=_shape(db), shape=_shape(stepped)
                ),
            )
        )
    try:
        update_parameters(
            {"W1": inputs["W"], "b1": step.b},
            {"dW1": np.zeros_like(inputs["W"]), "db1": step.db_lost},
            RATE,
        )
    except ValueError as error:
        lost.warning(
            _("`update_parameters` refuses it: ") + str(error), icon=":material/front_hand:"
        )


# Two products -------------------------------------------------------------------------------------


@st.fragment
def show_products() -> None:
    """Show np.dot and * on the same two matrices of the reader's."""
    first, second = st.columns(2, gap="medium")
    P = read_matrix("A", np.array([[1.0, 2.0], [3.0, 4.0]]), "left", first)
    Q = read_matrix("B", np.array([[10.0, 20.0], [30.0, 40.0]]), "right", second)
    if P is None or Q is None:
        return
    first, second = st.columns(2, gap="medium")  # a row of its own: on a phone, after both
    _product(first, "np.dot(A, B)", matrix_product, P, Q)
    _product(second, "A * B", entrywise_product, P, Q)


def _product(
    place: object,
    code: str,
    multiply: Callable[[FloatArray, FloatArray], FloatArray],
    P: FloatArray,
    Q: FloatArray,
) -> None:
    with place.container(border=True):  # type: ignore[attr-defined]
        try:
            product = multiply(P, Q)
        except ValueError as error:
            st.markdown(f"`{code}`")
            st.error(str(error))
            return
        if multiply is matrix_product:
            terms = [
                rf"{_factor(p)} \cdot {_factor(q)}" for p, q in zip(P[0], Q[:, 0], strict=True)
            ]
            if len(terms) > 4:
                terms = [*terms[:2], r"\cdots", terms[-1]]
            said = _("row times column, so {p} and {q} give {shape}")
        else:
            terms = [rf"{_factor(P[0, 0])} \cdot {_factor(Q[0, 0])}"]
            said = _("entry times entry, so {p} and {q} give {shape}")
        top_left = f"{' + '.join(terms)} = {number(product[0, 0])}"
        shapes = said.format(p=_shape(P), q=_shape(Q), shape=_shape(product))
        st.markdown(
            together(
                f"`{code}`",
                display(bracketed(product)),
                display(rf"\text{{{_('top left:')}}}\quad {top_left}"),
                f":small[{shapes}]",
            )
        )


def _factor(value: float) -> str:
    return f"({number(value)})" if value < 0 else number(value)


# Questions ----------------------------------------------------------------------------------------


def _dims(stream: np.random.RandomState) -> tuple[tuple[int, ...], int]:
    """Draw four sizes and an m, all different, so that no wrong answer is right by chance."""
    drawn = stream.permutation(np.arange(2, 13))[:4]
    return (*(int(n) for n in drawn[:3]), 1), int(drawn[3]) * 10


def _shape_question(stream: np.random.RandomState) -> Question:
    dims, m = _dims(stream)
    row = shape_table(dims, m)[1]
    n, n_prev = row.W.shape
    return Question(
        _("layers_dims is {dims} and m is {m}. What is the shape of W2?").format(
            dims=list(dims), m=m
        ),
        (
            Option(
                f"({n}, {n_prev})",
                _("A row for each of the {n} units, a column for each of its {k} inputs.").format(
                    n=n, k=n_prev
                ),
                right=True,
            ),
            Option(
                f"({n_prev}, {n})",
                _(
                    "That is W2 transposed: its {n} columns would have to meet the {k} rows of A1."
                ).format(n=n, k=n_prev),
            ),
            Option(
                f"({n}, {m})",
                _("That is the shape of Z2 and A2: weights know nothing of the examples."),
            ),
            Option(
                f"({dims[3]}, {n})",
                _("That is W3: one layer too far. The input is layer 0."),
            ),
        ),
    )


def _gradient_question(stream: np.random.RandomState) -> Question:
    dims, m = _dims(stream)
    row = shape_table(dims, m)[0]
    n, n_prev = row.W.shape
    return Question(
        _("layers_dims is {dims} and m is {m}. What is the shape of dA1?").format(
            dims=list(dims), m=m
        ),
        (
            Option(
                f"({row.A.shape[0]}, {row.A.shape[1]})",
                _("A gradient has the shape of what it is the gradient of: here A1."),
                right=True,
            ),
            Option(f"({n}, {n_prev})", _("That is dW1, the gradient of the weights.")),
            Option(f"({n}, 1)", _("That is db1: one number for each unit, examples summed up.")),
            Option(
                f"({m}, {n})",
                _("That is dA1 transposed: one example is one column, not one row."),
            ),
        ),
    )


def _count_question(stream: np.random.RandomState) -> Question:
    dims, m = _dims(stream)
    row = shape_table(dims, m)[0]
    n, n_prev = row.W.shape
    return Question(
        _("layers_dims is {dims} and m is {m}. How many numbers does layer 1 learn?").format(
            dims=list(dims), m=m
        ),
        (
            Option(
                f"{row.learned}",
                _("{w} in W1 and {b} in b1.").format(w=row.W.count, b=row.b.count),
                right=True,
            ),
            Option(f"{row.W.count}", _("That is W1 alone: the {n} biases count too.").format(n=n)),
            Option(
                f"{row.W.count + n * m}",
                _("That has a bias for every example: b1 is one column for all of them."),
            ),
            Option(
                f"{row.W.count + n_prev}",
                _("That has a bias for each input: there is one for each unit, {n}.").format(n=n),
            ),
        ),
    )


def _sum_question(stream: np.random.RandomState) -> Question:
    A = stream.randint(1, 6, size=(2, 3)).astype(float)
    A[0, 0] += 10  # so that no two sums are alike
    sums = cases()["sum_axis_keepdims"].compute(A=A)

    def shown(name: str) -> str:
        return f"${bracketed(sums[name])}$ " + _("of shape {s}").format(s=_shape(sums[name]))

    return Question(
        _("$A = {A}$. What is `np.sum(A, axis=1, keepdims=True)`?").format(A=bracketed(A)),
        (
            Option(
                shown("axis=1, keepdims=True"),
                _("axis=1 adds along each row; keepdims leaves a column, one number for each row."),
                right=True,
            ),
            Option(
                shown("axis=1, keepdims=False"),
                _("The numbers are right, but keepdims=True leaves the summed axis with length 1."),
            ),
            Option(
                shown("axis=0, keepdims=True"),
                _("That is axis=0: it adds down each column."),
            ),
        ),
    )


def _lost_question(stream: np.random.RandomState) -> Question:
    n = int(stream.randint(3, 9))
    step = lose_axis(np.ones((n, 2)), np.zeros((n, 1)), RATE)
    return Question(
        _(
            "b is ({n}, 1) and db has lost an axis: ({n},). What is the shape of b - 0.1 * db?"
        ).format(n=n),
        (
            Option(
                _shape(step.stepped_lost),
                _(
                    "NumPy reads ({n},) as a row, (1, {n}), and stretches both: every bias minus every "
                    "gradient."
                ).format(n=n),
                right=True,
            ),
            Option(
                _shape(step.stepped), _("That is what it should be, and is with keepdims=True.")
            ),
            Option(f"({n},)", _("NumPy keeps the larger number of axes: two.")),
            Option(
                _("none: NumPy raises an error"),
                _("It would be kind, but ({n}, 1) and (1, {n}) can both be stretched.").format(n=n),
            ),
        ),
    )


MAKERS = (_shape_question, _gradient_question, _lost_question, _count_question, _sum_question)
