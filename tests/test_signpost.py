"""The signpost: documented numbers are found, and what usual mistakes make of them."""

import numpy as np
import pytest

from ui.signpost import find, find_costs

from nncore import errata
from nncore.backward import linear_backward
from nncore.cases import cases, runs
from nncore.forward import L_model_forward
from nncore.parameters import initialize_parameters_deep
from tests.test_pages import open_app, text_of

CASE = cases()["L_model_backward"]


def test_every_documented_number_is_found_by_its_digits() -> None:
    for case in cases().values():
        for name, array in case.expected.items():
            for index, value in np.ndenumerate(array):
                written = f"{value:.8f}"
                if len(written.strip("-0.").replace(".", "")) < 4:
                    continue
                found = [(place.case, place.name, place.index) for place in find(written)]
                assert (case.id, name, index) in found


@pytest.mark.parametrize("text", ["0.10502167", " 0.105022", "0.1050", "[0.10502167]", "1.0502e-1"])
def test_a_number_is_read_as_it_is_printed(text: str) -> None:
    assert [(place.case, place.code) for place in find(text)] == [("L_model_backward", "dW1[0, 3]")]


@pytest.mark.parametrize("text", ["", "dW1", "1.2.3", "nan", "1e9999", "٣٫١٤١٥", "--1.2345", "."])
def test_what_is_no_number_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="is no number"):
        find(text)
    with pytest.raises(ValueError, match="at least 4 digits"):
        find("0.0012")


def test_mistakes_are_what_functions_with_the_mistake_return() -> None:
    def mistaken(id: str, part: str):
        return next(outputs for said, outputs in errata.mistakes(cases()[id]) if part in said)

    inputs = cases()["linear_backward_v4"].inputs()
    dZ, A_prev, m = inputs["dZ"], inputs["A_prev"], inputs["dZ"].shape[1]
    without = mistaken("linear_backward_v4", "1/m is missing")
    np.testing.assert_allclose(without["dW"], dZ @ A_prev.T)
    np.testing.assert_allclose(without["db"], dZ.sum(axis=1, keepdims=True))
    dA_prev = linear_backward(dZ, (A_prev, inputs["W"], inputs["b"]))[0]
    np.testing.assert_allclose(mistaken("linear_backward_v4", "dA_prev")["dA_prev"] * m, dA_prev)

    inputs = cases()["update_parameters"].inputs()
    np.testing.assert_allclose(
        mistaken("update_parameters", "added")["W1"], inputs["W1"] + 0.1 * inputs["dW1"]
    )
    np.testing.assert_allclose(
        mistaken("update_parameters", "rate")["b2"], inputs["b2"] - inputs["db2"]
    )

    inputs = cases()["L_model_forward_1hidden"].inputs()
    X = inputs.pop("X")
    bare = {name: value * (name[0] == "W") for name, value in inputs.items()}
    np.testing.assert_array_equal(
        mistaken("L_model_forward_1hidden", "b is not")["AL"], L_model_forward(X, bare)[0]
    )

    np.random.seed(3)
    uniform = np.random.rand(4, 5) * 0.01
    np.testing.assert_array_equal(mistaken("initialize_parameters_deep", "rand")["W1"], uniform)
    scaled = initialize_parameters_deep([5, 4, 3], seed=1, scale="scaled")
    np.testing.assert_array_equal(
        mistaken("initialize_parameters_deep", "application")["W2"], scaled["W2"]
    )

    AL, Y = cases()["compute_cost_v4"].inputs().values()
    half = mistaken("compute_cost_v4", "second term")["cost"]
    assert half == pytest.approx(-np.log(AL[Y == 1]).sum() / 3)


def test_usual_mistakes_of_db_are_those_of_numpy() -> None:
    def said(number: float) -> list[tuple[str, str, str, tuple[int, ...] | None]]:
        return [(p.case, p.code, p.mistake, p.shape) for p in find(f"{number:.8f}") if p.mistake]

    case = cases()["linear_backward_v4"]
    inputs, db = case.inputs(), case.expected["db"]
    dZ, rows = inputs["dZ"], inputs["A_prev"].shape[0]
    m = dZ.shape[1]
    for total, part, shape in (
        (np.sum(dZ, axis=0)[1], "axis 0", (4,)),
        (np.sum(dZ), "no axis", ()),
    ):
        for factor, missing in ((1 / m, False), (1, True)):
            found = [each for each in said(total * factor) if each[0] == "linear_backward_v4"]
            assert [(code, what) for _, code, _, what in found] == [("db", shape)]
            assert part in found[0][2]
            assert ("1/m is missing" in found[0][2]) == missing
    assert any("shape[0]" in each[2] for each in said(db[0, 0] * m / rows))


def test_mistakes_in_the_first_of_two_layers_are_known() -> None:
    inputs = CASE.inputs()
    dA1, (A1, W1, Z1) = CASE.compute(**inputs)["dA1"], (inputs[k] for k in ("A1", "W1", "Z1"))
    for dZ1, part in (
        (dA1, "lacks the slope"),
        (dA1 * (W1 @ A1 + inputs["b1"] > 0), "computed anew"),
        (dA1 / (1 + np.exp(-Z1)) / (1 + np.exp(Z1)), "sigmoid"),
    ):
        db1 = np.mean(dZ1, axis=1)[0]
        assert any(part in p.mistake and p.code == "db1[0, 0]" for p in find(f"{db1:.8f}")), part
    dZ1 = dA1 * (Z1 > 0)
    assert any(p.name == "db1" and p.shape == (2,) for p in find(f"{dZ1.sum(axis=0)[1]:.8f}"))


def test_every_printed_cost_is_found() -> None:
    for run in runs().values():
        for i, cost in run.costs.items():
            assert (run, i) in find_costs(repr(cost))
            assert (run, i) in find_costs(f"{cost:.6f}")
    assert not find_costs("0.123456")


def test_what_numpy_prints_can_be_pasted(on_doodles) -> None:
    app = open_app()

    def look_for(text: str) -> str:
        app.text_input(key="number").set_value(text).run()
        assert not app.exception
        return text_of(app).replace("\\", "")

    for text in (
        "np.float64(-0.22007063390291245)",
        "db1 = [[-0.22007063]\n [ 0. ]]",
        "-0,22007063",
    ):
        assert "for `db1[0, 0]` of L_model_backward: **−0.22007063**" in look_for(text)
    said = look_for("db1 = -0.44014127")
    assert said.index("for `db1[0, 0]` of L_model_backward if the 1/m") < said.index(
        "for `dA1[0, 1]`"
    )
    assert "N1 prints it as `dA1`" in said
    assert "It has the shape (2,) then, and needs (3, 1)." in look_for("-0.24842412")
    assert "cost of the documented 2-layer run at iteration 0" in look_for("0.693049735659989")
    look_for("[0. 0.]")
    assert "at least 4 digits" in app.warning[0].value


def test_no_mistake_is_the_documented_result() -> None:
    for case in cases().values():
        for said, outputs in errata.mistakes(case):
            known = set(outputs) & set(case.expected)
            assert known, (case.id, said)
            if case.id != "linear_forward_cache":  # b alone is in it, and b is what is missing
                assert any(
                    np.shape(outputs[name]) != case.expected[name].shape
                    or np.abs(outputs[name] - case.expected[name]).max() > case.tolerance
                    for name in known
                ), (case.id, said)


def test_the_signpost_leads_to_the_number(on_doodles) -> None:
    app = open_app()
    assert "`dW1[0, 0]` of L_model_backward is printed as **0.41010002**" in text_of(app)
    app.number_input[1].set_value(3).run()
    assert "`dW1[0, 3]` of L_model_backward is printed as **0.10502167**" in text_of(app)

    def ways() -> list[str]:
        return [
            each.proto.query_string for each in app.get("page_link") if "case=" in str(each.proto)
        ]

    assert ways() == ["case=L_model_backward&cell=dW1.1.4"]
    app.text_input(key="number").set_value(f"{2 * CASE.compute(**CASE.inputs())['dW1'][0, 3]:.8f}")
    app.run()
    assert "for `dW1[0, 3]` of L_model_backward if the 1/m is missing" in text_of(app).replace(
        "\\", ""
    )
    app.text_input(key="number").set_value("![x](http://evil.test/a.png)").run()
    assert "\\!\\[x\\]" in app.warning[0].value
    app.text_input(key="number").set_value("123.456789").run()
    assert "No documented number" in app.info[0].value
    for case in cases():
        app.selectbox(key="find").set_value(case).run()
        assert not app.exception
    app.selectbox(key="find").set_value("compute_cost_v3").run()
    assert ways() == ["case=compute_cost_v3&cell=cost.1.1"]
    app.selectbox(key="find").set_value("initialize_parameters").run()
    assert ways() == ["case=initialize_parameters"]
    app = open_app("start", find="linear_backward_v4")
    assert app.query_params["find"] == "linear_backward (edition 4)"


def test_what_a_number_came_of_is_said_beside_its_case_too(on_doodles) -> None:
    app = open_app()
    doubled = f"{2 * CASE.compute(**CASE.inputs())['dW1'][0, 3]:.8f}"
    app.text_input(key="number").set_value(doubled).run()
    app.switch_page("pages/notebook_numbers.py")
    app.query_params["case"] = "L_model_backward"
    app.run()
    (said,) = [each.value.replace("\\", "") for each in app.info]
    assert f"{doubled}, is what comes out for `dW1[0, 3]` if the 1/m is missing" in said
    assert "**0.10502167**" in said
    app.selectbox(key="case").set_value("linear_forward").run()
    assert not app.info


def test_the_way_leads_to_the_pinned_number(on_doodles) -> None:
    app = open_app("notebook_numbers", case="L_model_backward", cell="dW1.1.4")
    assert app.session_state["pins"]["L_model_backward"] == ("dW1", 0, 3)
