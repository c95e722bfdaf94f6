"""What each hidden unit does, as a reader sees it."""

import re
from dataclasses import replace

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from ui import store
from ui.gallery import Plate, show_gallery
from ui.images import sheet
from ui.units import PAGE, STRONGEST

from nncore import data, pretrained
from nncore.forward import L_model_forward
from nncore.history import History
from nncore.parameters import draw_parameters

CLASSES = ("dog <b>", "cat *")  # as a reader may name them


def page(network: object, dataset: object) -> None:
    from ui.units import show_units

    show_units(network, dataset)


def opened(network: History, **query: str) -> AppTest:
    doodles = replace(data.load("doodles"), classes=CLASSES)
    kwargs = {"network": network, "dataset": doodles}
    app = AppTest.from_function(page, kwargs=kwargs, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def cards(app: AppTest) -> list[str]:
    return re.findall("<article>.*?</article>", app.get("html")[-1].proto.body, flags=re.DOTALL)


def text_of(app: AppTest) -> str:
    return "\n".join(
        str(part.value) for part in [*app.markdown, *app.caption, *app.info, *app.error]
    )


def drawn(*hidden: int) -> History:
    """A network that nothing has been taught."""
    sizes = (12288, *hidden, 1)
    network = pretrained.load("doodles")
    return replace(
        network,
        settings=replace(network.settings, layers_dims=sizes),
        parameters=draw_parameters(sizes, "he", np.random.RandomState(0)),
    )


def test_every_unit_has_a_card_whose_numbers_are_those_of_the_forward_pass() -> None:
    network, doodles = pretrained.load("doodles"), data.load("doodles")
    _, caches = L_model_forward(doodles.train_x, network.parameters)
    app = opened(network)
    assert [len(cards(app)), text_of(app).count("reads units, not pixels")] == [20, 0]
    app.segmented_control(key="unit_layer").set_value("3").run()
    assert not app.exception
    shown = cards(app)
    A = np.maximum(0, caches[2][1])
    assert len(shown) == len(A) == 5
    assert "reads units, not pixels" in text_of(app)
    for unit, (card, weight) in enumerate(zip(shown, network.parameters["W4"][0], strict=True)):
        indices = re.findall(r'aria-label="Picture (\d+), ([^:]+): A = ([^"]+)"', card)
        order = np.argsort(-A[unit], kind="stable")[:STRONGEST]
        order = order[A[unit, order] > 0]
        assert [int(i) for i, _name, _a in indices] == order.tolist()
        for i, name, a in indices:
            assert float(a) == A[unit, int(i)]
            assert name == ("dog &lt;b&gt;", "cat *")[doodles.train_labels[0, int(i)]]
        assert f"speaks for {'cat *' if weight > 0 else 'dog &lt;b&gt;'}" in card
    assert "<b>, " not in "".join(shown)  # a name that is no markup


def test_a_dead_unit_is_said_to_be_dead() -> None:
    network = drawn(4, 3)
    parameters = dict(network.parameters)
    for name in ("b1", "b2"):
        parameters[name] = np.where(np.arange(len(parameters[name])) == 1, -1e6, 1e3)[:, np.newaxis]
    network = replace(network, parameters=parameters)
    app = opened(network)
    assert "Dead: 1 of 4 units." in text_of(app)
    assert "never change again" in text_of(app)
    assert ["dead" in card for card in cards(app)] == [False, True, False, False]
    assert "None of these pictures wakes it" in cards(app)[1]
    app.segmented_control(key="unit_layer").set_value("2").run()
    assert "layers below could wake them" in text_of(app)
    app.segmented_control(key="unit_part").set_value("test").run()
    assert not app.exception


def test_many_units_come_in_pages_and_that_is_said() -> None:
    app = opened(drawn(PAGE + 7))
    assert f"Layer 1 has {PAGE + 7} units; these are units 1 to {PAGE}." in text_of(app)
    assert len(cards(app)) == PAGE
    app.get("pagination")[0].set_value(2).run()
    assert not app.exception
    assert f"these are units {PAGE + 1} to {PAGE + 7}." in text_of(app)
    assert f"Unit {PAGE + 1}<" in cards(app)[0]


def test_a_network_without_hidden_units_or_of_other_pictures_gets_a_sentence() -> None:
    assert "no hidden unit" in text_of(opened(drawn()))
    other = drawn(3)
    parameters = draw_parameters((12, 3, 1), "he", np.random.RandomState(0))
    assert "12 rows" in text_of(opened(replace(other, parameters=parameters)))


def test_a_link_names_the_layer() -> None:
    app = opened(pretrained.load("doodles"), unit_layer="2", unit_part="test")
    assert app.segmented_control(key="unit_layer").value == "2"
    assert len(cards(app)) == 7


# The gallery --------------------------------------------------------------------------------------


def test_a_sheet_has_every_picture_in_its_place() -> None:
    pictures = np.random.RandomState(0).randint(0, 256, (3, 2, 5, 4, 3)).astype(np.uint8)
    laid = sheet(pictures)
    for i, j in np.ndindex(3, 2):
        np.testing.assert_array_equal(laid[5 * i : 5 * i + 5, 4 * j : 4 * j + 4], pictures[i, j])


def test_a_gallery_escapes_what_it_is_given_and_needs_a_text_for_each_picture(monkeypatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(st, "html", shown.append)
    pictures = np.zeros((1, 2, 8, 8, 3), np.uint8)
    show_gallery(pictures, [Plate(('a"b', "c"), "<i>", ("<img src=x>",))], key="k")
    assert 'aria-label="a&quot;b"' in shown[0]
    assert "<i>" not in shown[0]
    assert "<img" not in shown[0]
    with pytest.raises(ValueError, match="text for each picture"):
        show_gallery(pictures, [Plate(("a",), "b")], key="k")


def test_no_network_of_a_session_is_kept_for_all() -> None:
    before = len(store._trained())
    opened(drawn(2))
    assert len(store._trained()) == before
