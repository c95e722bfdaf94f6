"""What the matrix explorer sends to the browser ends in the number, and what comes back is checked."""

import base64
import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ui.components import matrix_explorer as explorer
from ui.components.matrix_explorer import checked_pin, explorer_data
from ui.formulas import can_explore, formulas

from nncore.cases import cases
from nncore.parameters import initialize_parameters_deep
from nncore.trace import Rule, trace_iteration

CASES = [case for case in cases().values() if can_explore(case)]
LINEAR = Rule("Z", "product", (("W", "ik"), ("A", "kj")), addend=("b", "i0"))


def of_case(case):
    return formulas(case.function, case.inputs(), activation=case.id.rsplit("_", 1)[-1])


def data_of(found, **options):
    return explorer_data(
        rules=found.rules, inputs=found.inputs, outputs=found.outputs, phase=found.phase, **options
    )


def linear(n, n_prev, m, seed=0):
    """Make a layer of any size."""
    rng = np.random.default_rng(seed)
    A, W, b = (rng.standard_normal(shape) for shape in ((n_prev, m), (n, n_prev), (n, 1)))
    return {"A": A, "W": W, "b": b}, {"Z": W @ A + b}


def numbers(panel):
    return np.array([[float(value) for value in row] for row in panel["values"]])


# ---- small matrices: all numbers are sent, and make the output ------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_documented_case_is_sent_whole_and_its_formulas_hold(case) -> None:
    found = of_case(case)
    data = data_of(found)
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    for rule, formula in zip(found.rules, data["formulas"], strict=True):
        assert formula["sums"] is None
        *parts, output = formula["panels"]
        expected = np.atleast_2d(found.outputs[rule.output])
        assert np.array_equal(numbers(output), expected)  # the very float64
        assert np.allclose(computed(formula, parts), expected, rtol=1e-13, atol=1e-15)


def computed(formula, parts):
    """Follow a formula from nothing but what the browser gets."""
    by_part = {panel["part"]: numbers(panel) for panel in parts}
    scale = 1.0 if formula["scale"] is None else formula["scale"]
    match formula["kind"]:
        case "product":
            factors = [numbers(panel) for panel in parts if panel["part"] == "factor"]
            if len(factors) == 2:
                total = factors[0] @ factors[1]
            else:
                along = 1 if parts[0]["columns"] == "k" else 0
                total = factors[0].sum(axis=along, keepdims=True)
            return scale * total + by_part.get("addend", 0.0)
        case "relu":
            return np.maximum(0, by_part["factor"])
        case "sigmoid":
            return 1 / (1 + np.exp(-by_part["factor"]))
        case "relu_backward":
            return np.where(by_part["Z"] > 0, by_part["dA"], 0)
        case "sigmoid_backward":
            s = 1 / (1 + np.exp(-by_part["Z"]))
            return by_part["dA"] * s * (1 - s)
        case "update":
            return by_part["parameter"] - scale * by_part["change"]
        case "dAL":
            AL, Y = by_part["AL"], by_part["Y"]
            return -(Y / AL - (1 - Y) / (1 - AL))
        case "cost":
            AL, Y = by_part["AL"], by_part["Y"]
            return np.array([[scale * np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL))]])
    raise AssertionError(formula["kind"])


def test_every_step_of_a_trace_can_be_explored() -> None:
    X, Y = np.random.default_rng(1).standard_normal((4, 5)), np.array([[1.0, 0, 1, 0, 0]])
    parameters = initialize_parameters_deep([4, 3, 1])
    for step in trace_iteration(X, Y, parameters, 0.1):
        data = data_of(step)
        for formula in data["formulas"]:
            *parts, output = formula["panels"]
            assert np.allclose(computed(formula, parts), numbers(output), rtol=1e-12, atol=1e-15)


def test_matrices_stand_as_in_the_formula_and_say_how_they_are_stored() -> None:
    data = data_of(of_case(cases()["linear_backward_v4"]))
    dW, db, dA_prev = data["formulas"]
    assert [f["equation"] for f in data["formulas"]] == [
        "dW = 1/m · dZ · A_prevᵀ",
        "db = 1/m · Σ dZ",
        "dA_prev = Wᵀ · dZ",
    ]
    dZ, A_prev, out = dW["panels"]
    assert (A_prev["shape"], A_prev["size"], A_prev["transposed"]) == ([5, 4], [4, 5], True)
    assert (dZ["columns"], A_prev["rows"]) == ("k", "k")  # these two must agree
    assert [dW["axes"][a]["many"] for a in "ijk"] == ["units", "inputs", "examples"]
    assert [dA_prev["axes"][a]["many"] for a in "ijk"] == ["inputs", "examples", "units"]
    assert (dW["m"], db["m"], dA_prev["m"]) == (4, 4, None)
    assert out["size"] == [3, 5]
    assert db["panels"][-1]["columns"] == "0"


def test_an_input_knows_the_formula_that_made_it() -> None:
    data = data_of(of_case(cases()["linear_activation_forward_relu"]))
    Z = data["formulas"][1]["panels"][0]
    assert Z["name"] == "Z"
    assert Z["madeBy"] == 0
    update = data_of(of_case(cases()["update_parameters"]))["formulas"][0]["panels"]
    assert [panel["madeBy"] for panel in update] == [None] * 3  # the old W1 came with the inputs
    assert [panel["new"] for panel in update] == [False, False, True]
    assert update[0]["limit"] == update[2]["limit"]  # old and new on one scale


# ---- large matrices: windows, largest terms, overviews --------------------------------------------


def test_an_input_knows_the_step_that_made_it(monkeypatch) -> None:
    inputs = {"W2": np.ones((2, 3)), "A1": np.ones((3, 4)), "b2": np.ones((2, 1))}
    arrays = {"inputs": inputs, "outputs": {"Z2": np.full((2, 4), 4.0)}}
    rules = [Rule("Z2", "product", (("W2", "ik"), ("A1", "kj")), addend=("b2", "i0"))]
    [formula] = explorer_data(rules=rules, **arrays, elsewhere={"A1": "step 2"})["formulas"]
    assert {panel["name"]: panel["madeIn"] for panel in formula["panels"]} == {
        "W2": None, "A1": "step 2", "b2": None, "Z2": None,
    }  # fmt: skip

    def left(said: object) -> object:
        monkeypatch.setattr(explorer.st, "session_state", {"explorer": {"leave": said}})
        return explorer._left("explorer", {"A1": "step 2"}, rules, **arrays)

    assert left({"to": ["A1", 2, 3], "from": ["Z2", 1, 3]}) == (("A1", 2, 3), ("Z2", 1, 3))
    assert left({"to": ["A1", 2, 3], "from": None}) == (("A1", 2, 3), None)
    assert left({"to": ["A1", 2, 3], "from": ["Z2", 9, 9]}) == (("A1", 2, 3), None)
    unknown = (
        {"to": ["A1", 3, 0]},
        {"to": ["W2", 0, 0]},
        {"to": [["A1"], 0, 0]},
        {},
        [],
        "A1",
        None,
    )
    for nothing in unknown:
        assert left(nothing) is None


def test_a_long_sum_is_told_by_its_largest_terms_and_ends_in_the_value() -> None:
    inputs, outputs = linear(20, 3000, 50)
    view = {"windows": {"Z": {"i": 12, "j": 46, "k": 1000}}}
    data = explorer_data(rules=[LINEAR], inputs=inputs, outputs=outputs, view=view)
    formula = data["formulas"][0]
    W, A, b, Z = (numbers(panel) for panel in formula["panels"])
    (i, rows), (j, columns), (k, _) = (formula["windows"][axis] for axis in "ijk")
    assert (i, k) == (12, 1000)
    assert np.array_equal(Z, outputs["Z"][i : i + rows, j : j + columns])
    assert np.array_equal(W, inputs["W"][i : i + rows, k : k + W.shape[1]])
    assert np.array_equal(A, inputs["A"][k : k + A.shape[0], j : j + columns])
    for r in range(rows):
        for c in range(columns):
            told = formula["sums"][r][c]
            terms = inputs["W"][i + r] * inputs["A"][:, j + c]
            shown = [w * a for w, a in told["parts"]]
            assert shown == sorted(terms, key=abs, reverse=True)[: explorer.MOST_TERMS]
            assert [terms[at] for _, at in told["at"]] == shown
            assert told["others"] == 3000 - explorer.MOST_TERMS
            assert sum(shown) + told["rest"] + b[r, 0] == pytest.approx(
                Z[r, c], rel=1e-12, abs=1e-12
            )


def test_a_long_cost_is_told_the_same_way() -> None:
    rng = np.random.default_rng(0)
    AL, Y = rng.random((1, 209)), (rng.random((1, 209)) < 0.4).astype(float)
    data = data_of(formulas("compute_cost", {"AL": AL, "Y": Y}))
    formula = data["formulas"][0]
    told = formula["sums"][0][0]
    terms = [y * np.log(a) + (1 - y) * np.log(1 - a) for a, y in told["parts"]]
    cost = formula["scale"] * (sum(terms) + told["rest"])
    assert cost == pytest.approx(float(formula["panels"][-1]["values"][0][0]), rel=1e-13)
    assert [AL[0, at] for _, at in told["at"]] == [a for a, _ in told["parts"]]


def test_an_answer_of_exactly_0_or_1_costs_what_the_core_says() -> None:
    AL, Y = np.zeros((1, 40)), np.ones((1, 40))
    found = formulas("compute_cost", {"AL": AL, "Y": Y})
    told = data_of(found)["formulas"][0]["sums"][0][0]
    assert -(told["rest"] + 6 * np.log(explorer.LEAST_PROBABILITY)) / 40 == pytest.approx(
        float(found.outputs["cost"])
    )


def test_the_size_of_the_cats_travels_light() -> None:
    inputs, outputs = linear(20, 12288, 209)
    named = {"W1": inputs["W"], "A0": inputs["A"], "b1": inputs["b"]}
    rule = Rule("Z1", "product", (("W1", "ik"), ("A0", "kj")), addend=("b1", "i0"))
    call = {"rules": [rule], "inputs": named, "outputs": {"Z1": outputs["Z"]}, "pictures": True}
    first = explorer_data(**call)
    assert len(json.dumps(first)) < 200_000
    W1, A0, b1, Z1 = first["formulas"][0]["panels"]
    assert (W1["pictures"]["side"], W1["pictures"]["count"]) == (64, 20)
    assert (A0["pictures"], b1["pictures"], Z1["pictures"]) == (None, None, None)
    assert (A0["overview"]["rows"], A0["overview"]["columns"]) == (128, 128)
    for image in (W1["overview"], W1["pictures"]):
        assert first["images"]["blobs"][image["image"]]
    again = explorer_data(**call, view={"images": first["images"]["id"], "n": 3})
    assert again["images"] == {"id": first["images"]["id"], "blobs": None}
    assert len(json.dumps(again)) < 30_000
    assert explorer_data(**call, view={"images": "another"})["images"] == first["images"]


def test_an_overview_keeps_what_is_largest_and_zero_is_neutral() -> None:
    array = np.zeros((300, 1000))
    array[7, 123], array[250, 999] = -5.0, 3.0
    small = explorer.overview(array)
    assert small.shape == (128, 128)
    assert (small.min(), small.max()) == (-5.0, 3.0)
    assert np.count_nonzero(small) == 2
    coded = explorer.indices(small, 5.0)
    assert (coded.min(), coded.max(), np.median(coded)) == (1, 204, 128)
    assert explorer.indices(np.zeros((1, 1)), 0.0)[0, 0] == 128
    assert np.array_equal(explorer.overview(np.eye(3)), np.eye(3))


def test_pictures_are_rows_with_the_channels_averaged() -> None:
    W1 = np.zeros((2, 3 * 64))
    W1[1, 3 * 10 : 3 * 10 + 3] = 3.0, 6.0, -18.0  # pixel 10 of the second unit: mean -3
    found = Rule("dW1", "update", (("W1", "ij"), ("dW1", "ij")), scale=1.0)
    data = explorer_data(
        rules=[found], inputs={"W1": W1, "dW1": W1}, outputs={"dW1": W1}, pictures=True
    )
    pictures = data["formulas"][0]["panels"][0]["pictures"]
    assert (pictures["side"], pictures["limit"]) == (8, 3.0)
    pixels = np.frombuffer(base64.b64decode(data["images"]["blobs"][pictures["image"]]), np.uint8)
    assert pixels[64 + 10] == 1
    assert (np.delete(pixels, 64 + 10) == 128).all()


@pytest.mark.parametrize("sizes", [(1, 1, 1), (3, 4, 2), (8, 8, 8), (20, 12, 209), (500, 9, 7)])
def test_windows_are_never_empty_and_lie_inside(sizes) -> None:
    inputs, outputs = linear(*sizes)
    for at in (0, 5, 10**6):
        view = {"windows": {"Z": dict.fromkeys("ijk", at)}}
        formula = explorer_data(rules=[LINEAR], inputs=inputs, outputs=outputs, view=view)[
            "formulas"
        ][0]
        for axis, n in zip("ikj", sizes, strict=True):
            start, length = formula["windows"][axis]
            assert 0 < length <= n
            assert 0 <= start <= n - length
            assert length == n or length >= explorer.LEAST


def test_a_pin_from_a_link_is_in_the_window() -> None:
    inputs, outputs = linear(20, 300, 209)
    view = {"pinned": ("Z", 19, 100)}
    formula = explorer_data(rules=[LINEAR], inputs=inputs, outputs=outputs, view=view)["formulas"][
        0
    ]
    for axis, at in (("i", 19), ("j", 100)):
        start, length = formula["windows"][axis]
        assert start <= at < start + length


# ---- what the browser sends is not trusted --------------------------------------------------------

JUNK = [
    None, 7, "Z", [], ["Z"], ["Z", 0], ["Z", 0, 0, 0], ["Z", 3, 0], ["Z", 0, 2], ["Z", -1, 0],
    ["Z", 0.5, 0], ["Z", True, 0], ["Z", "0", 0], ["Z", float("nan"), 0], ["Z", None, None],
    ["W", 0, 0], [["Z"], 0, 0], {"Z": 1}, ["Z", 1e300, 0],
]  # fmt: skip


@pytest.mark.parametrize("pin", JUNK, ids=repr)
def test_a_pin_that_is_no_entry_is_ignored(pin) -> None:
    _, outputs = linear(3, 4, 2)
    assert checked_pin(pin, [LINEAR], outputs) is None
    assert checked_pin(["Z", 2, 1.0], [LINEAR], outputs) == ["Z", 2, 1]


@pytest.mark.parametrize(
    "view",
    [
        {"windows": 3},
        {"windows": {"Z": [1, 2]}},
        {"windows": {"Z": {"i": -4, "j": "x", "k": 1.5, "q": 2, "0": 1}}},
        {"windows": {"Z": {"i": None, "j": float("inf"), "k": True}}},
        {"pinned": [[]], "images": [1], "n": "x"},
    ],
    ids=repr,
)
def test_windows_that_are_none_are_ignored(view) -> None:
    inputs, outputs = linear(20, 300, 40)
    call = {"rules": [LINEAR], "inputs": inputs, "outputs": outputs}
    assert explorer_data(**call, view=view) == explorer_data(**call)
    assert explorer.echo(view) == 0


def script() -> None:
    import numpy as np
    import streamlit as st

    from ui.components.matrix_explorer import matrix_explorer

    from nncore.trace import Rule

    W, A = np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]])
    found = matrix_explorer(
        key="explorer",
        rules=[Rule("Z", "product", (("W", "ik"), ("A", "kj")))],
        inputs={"W": W, "A": A},
        outputs={"Z": W @ A},
        pinned=("Z", 0, 0),
    )
    st.write(
        "pinned" if found is None else f"{found.name} {found.row} {found.column} {found.value}"
    )


def test_what_is_pinned_comes_back() -> None:
    at = AppTest.from_function(script).run()
    assert not at.exception
    assert at.markdown[0].value == "Z 0 0 11.0"  # as the page asked, until the reader pins another


# ---- numbers that are none, and shapes that do not fit --------------------------------------------


def test_what_is_not_finite_travels_as_a_word() -> None:
    Z = np.array([[np.nan, np.inf, -np.inf, 1.0]])
    data = explorer_data(
        rules=[Rule("A", "relu", (("Z", "ij"),))], inputs={"Z": Z}, outputs={"A": Z}
    )
    json.dumps(data, allow_nan=False)
    panel = data["formulas"][0]["panels"][0]
    assert panel["values"] == [["NaN", "Infinity", "-Infinity", 1.0]]
    assert panel["limit"] == 1.0


def test_a_long_sum_with_what_is_not_finite_still_travels() -> None:
    inputs, outputs = linear(2, 500, 30)
    inputs["W"][0, 3], inputs["A"][7, 1] = np.nan, np.inf
    outputs["Z"] = inputs["W"] @ np.nan_to_num(inputs["A"])
    json.dumps(explorer_data(rules=[LINEAR], inputs=inputs, outputs=outputs), allow_nan=False)


def test_shapes_that_do_not_fit_are_named() -> None:
    inputs, outputs = linear(3, 4, 2)
    with pytest.raises(ValueError, match=r"A has 5 along k where 4 is needed: W \(3, 4\)"):
        explorer_data(rules=[LINEAR], inputs=inputs | {"A": np.ones((5, 2))}, outputs=outputs)
    with pytest.raises(ValueError, match="b of the rule for Z is not among the arrays"):
        explorer_data(rules=[LINEAR], inputs={"W": inputs["W"], "A": inputs["A"]}, outputs=outputs)
    with pytest.raises(ValueError, match="Z is not among the outputs"):
        explorer_data(rules=[LINEAR], inputs=inputs, outputs={})
    with pytest.raises(ValueError, match="there is no entry"):
        explorer_data(rules=[LINEAR], inputs=inputs | {"b": np.ones((3, 0))}, outputs=outputs)
    with pytest.raises(ValueError, match="is no kind of rule"):
        explorer_data(rules=[Rule("Z", "magic", ())], inputs=inputs, outputs=outputs)
    with pytest.raises(ValueError, match="There is no rule"):
        explorer_data(rules=[], inputs=inputs, outputs=outputs)
    with pytest.raises(ValueError, match="has no formulas"):
        formulas("initialize_parameters", {})


@pytest.mark.parametrize(
    ("values", "decimals", "power"),
    [
        ([1.6243, -0.6118, 0.5282], 4, 0),
        ([0.0162, -0.0061, 0.004], 5, 0),
        ([1, 0, 1], 0, 0),
        ([0, 0, 0], 0, 0),
        ([120.5, -80.25, 99.0], 2, 0),
        ([3e-7, -2e-7, 1e-7], 3, -7),
        ([1.5e8, 2.5e7, 3.3e8], 3, 8),
        ([np.nan, np.inf, 1.5], 3, 0),
    ],
    ids=str,
)
def test_numbers_of_a_matrix_are_written_alike(values, decimals, power) -> None:
    assert explorer._written(np.array([values])) == {"decimals": decimals, "power": power}
