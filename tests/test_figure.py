"""The course's figures as data: what they say is what nncore computes, and a layout holds it all."""

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ui.components import figure

from nncore.backward import L_model_backward, linear_backward
from nncore.forward import L_model_forward
from nncore.parameters import initialize_parameters_deep

NETWORKS = ([12288, 20, 7, 5, 1], [12288, 7, 1], [5, 4, 3, 1], [3, 1], [9, 8, 7, 6, 5, 4, 2])


def figures(dims):
    yield figure.architecture(dims)
    yield figure.blocks(dims)
    yield figure.backward_pass(dims)
    yield figure.backward_pass(dims, old_names=True)
    yield figure.outline()
    yield figure.picture_to_column(64, 64, 3)
    yield figure.linear_backward_box(dims[1], dims[0], 209)


def lines_of(data):
    return [line for node in data["nodes"].values() for line in (*node["lines"], *node["under"])]


@pytest.mark.parametrize("dims", NETWORKS, ids=str)
def test_every_layout_has_a_cell_of_its_own_for_every_node(dims) -> None:
    for data in figures(dims):
        assert json.loads(json.dumps(data)) == data  # so it reaches the browser as it is
        for layout in data["layouts"]:
            assert layout["cells"].keys() == data["nodes"].keys()
            places = [tuple(cell) for cell in layout["cells"].values()]
            assert len(set(places)) == len(places)
        for arrow in data["arrows"]:
            assert {arrow["from"], arrow["to"]} <= data["nodes"].keys()
        for frame in data["frames"]:
            assert set(frame["members"]) <= data["nodes"].keys()


@pytest.mark.parametrize("dims", NETWORKS[:4], ids=str)
def test_architecture_has_the_shapes_of_a_real_pass(dims) -> None:
    m = 6
    parameters = initialize_parameters_deep(dims)
    AL, caches = L_model_forward(np.ones((dims[0], m)), parameters)
    data = figure.architecture(dims)
    nodes = data["nodes"]
    activations = [linear_cache[0] for linear_cache, _ in caches[1:]] + [AL]
    for layer, A in enumerate(activations, start=1):
        W, shape = parameters[f"W{layer}"], f"({A.shape[0]}, *m*)"
        assert nodes[f"linear{layer}"]["under"] == [f"*W*^{{[{layer}]}}", str(W.shape)]
        assert nodes[f"active{layer}"]["under"] == [f"*A*^{{[{layer}]}}", shape]
        assert f"W{layer} {W.shape}" in data["alt"]
    names = [nodes[f"active{layer}"]["lines"][0] for layer in range(1, len(dims))]
    assert names == ["RELU"] * (len(dims) - 2) + ["SIGMOID"]


@pytest.mark.parametrize("old_names", [False, True])
@pytest.mark.parametrize("dims", NETWORKS[:4], ids=str)
def test_backward_pass_names_the_gradients_that_there_are(dims, old_names) -> None:
    Y = np.array([[1.0, 0.0, 1.0]])
    AL, caches = L_model_forward(np.ones((dims[0], 3)), initialize_parameters_deep(dims))
    grads = L_model_backward(AL, Y, caches, old_names=old_names)
    data = figure.backward_pass(dims, old_names=old_names)
    said = lines_of(data) + [arrow["label"] for arrow in data["arrows"]]
    for name in grads:
        assert f"`{name}`" in said
    missing = "dA0" if old_names else f"dA{len(dims) - 1}"
    assert f"`{missing}`" not in said
    assert data["alt"].endswith(", ".join(grads) + ".")


def test_linear_backward_has_the_shapes_of_a_real_call() -> None:
    n, n_prev, m = 3, 5, 4
    A_prev, W, b = np.ones((n_prev, m)), np.ones((n, n_prev)), np.ones((n, 1))
    given = {"dZ": np.ones((n, m)), "A_prev": A_prev, "W": W, "b": b}
    got = linear_backward(given["dZ"], (A_prev, W, b))
    data = figure.linear_backward_box(n, n_prev, m)
    for name, array in (given | dict(zip(("dA_prev", "dW", "db"), got, strict=True))).items():
        assert data["nodes"][name]["lines"] == [f"`{name}`", str(array.shape)]
        assert f"{name} {array.shape}" in data["alt"]


def test_blocks_hand_each_cache_from_forward_to_backward() -> None:
    data = figure.blocks([5, 4, 3, 1])
    pairs = {(arrow["from"], arrow["to"]) for arrow in data["arrows"]}
    for layer in (1, 2, 3):
        assert {
            (f"forward{layer}", f"cache{layer}"),
            (f"cache{layer}", f"backward{layer}"),
        } <= pairs
        cached = ", ".join(data["nodes"][f"cache{layer}"]["lines"])
        for name in (f"*Z*^{{[{layer}]}}", f"*A*^{{[{layer - 1}]}}", f"*W*^{{[{layer}]}}"):
            assert name in cached
    assert {("forward3", "cost"), ("cost", "backward3"), ("backward1", "dX")} <= pairs


def test_a_deep_network_is_drawn_with_dots_that_keep_the_right_names() -> None:
    deep = NETWORKS[-1]
    labels = {
        (arrow["from"], arrow["to"]): arrow["label"] for arrow in figure.blocks(deep)["arrows"]
    }
    assert labels["forward2", "forwardNone"] == "*A*^{[2]}"
    assert labels["forwardNone", "forward6"] == "*A*^{[5]}"
    assert labels["backward6", "backwardNone"] == "*dA*^{[5]}"
    assert labels["backwardNone", "backward2"] == "*dA*^{[2]}"
    labels = {
        (arrow["from"], arrow["to"]): arrow["label"]
        for arrow in figure.backward_pass(deep)["arrows"]
    }
    assert labels["linear6", "activeNone"] == "`dA5`"
    assert labels["activeNone", "active2"] == "`dA2`"
    assert "layers of 8, 7, 6, 5, 4, 2 units" in figure.blocks(deep)["alt"]


def test_a_picture_becomes_as_many_numbers_as_it_has() -> None:
    data = figure.picture_to_column(64, 48, 3)
    n = np.zeros((64, 48, 3)).size
    assert f"*x*  ({n}, 1)" in lines_of(data)
    assert data["nodes"]["column"]["pixels"] == ["pixel 1", "pixel 2", "pixel 3,072"]
    assert f"of shape ({n}, m)" in data["alt"]
    assert figure.picture_to_column(1, 1, 1)["nodes"]["column"]["pixels"] == ["pixel 1"]


def test_sizes_that_cannot_be_get_a_sentence() -> None:
    for draw in (figure.architecture, figure.blocks, figure.backward_pass):
        with pytest.raises(ValueError, match="two or more layers"):
            draw([5])
        with pytest.raises(ValueError, match="one or more units"):
            draw([5, 0, 1])
    with pytest.raises(ValueError, match="64 × 0 × 3"):
        figure.picture_to_column(64, 0, 3)
    with pytest.raises(ValueError, match="n_prev = 0"):
        figure.linear_backward_box(1, 0, 2)


def test_all_figures_mount() -> None:
    def page() -> None:
        from ui.components import figure

        figure.outline_figure(key="outline")
        figure.picture_to_column_figure(key="picture", height=32, width=32)
        figure.architecture_figure(key="architecture", layers_dims=(4, 3, 1))
        figure.blocks_figure(key="blocks", layers_dims=(4, 3, 1))
        figure.linear_backward_figure(key="linear", n=3, n_prev=4, m=2)
        figure.backward_pass_figure(key="pass", layers_dims=(4, 3, 1), old_names=True)

    app = AppTest.from_function(page).run()
    assert not app.exception
    assert not app.run().exception
