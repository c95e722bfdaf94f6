"""What the ledger of a picture sends to the browser adds up, and what it says is computed."""

import base64
import json
import time
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from ui import ledger as page
from ui.components import pixel_ledger as component
from ui.components.pixel_ledger import ledger_data

from nncore.attribution import PixelLedger, Switch, input_gradient, pixel_ledger, switches
from nncore.data.dataset import to_columns
from nncore.forward import L_model_forward
from nncore.parameters import draw_parameters
from nncore.types import FloatArray, Parameters


def network(side: int, hidden: tuple[int, ...] = (5, 3), seed: int = 2) -> Parameters:
    sizes = (side * side * 3, *hidden, 1)
    generator = np.random.RandomState(seed)
    parameters = draw_parameters(sizes, "he", generator)
    for layer in range(1, len(sizes)):
        parameters[f"b{layer}"] = 0.1 * generator.randn(sizes[layer], 1)
    return parameters


def picture(side: int, seed: int = 0) -> Any:
    return np.random.RandomState(seed).randint(0, 256, (side, side, 3)).astype(np.uint8)


def data_of(image: Any, parameters: Parameters, label: int = 1) -> dict[str, Any]:
    x = to_columns(image[np.newaxis])
    return ledger_data(
        image=image,
        ledger=pixel_ledger(x, parameters),
        probability=float(L_model_forward(x, parameters)[0][0, 0]),
        gradient=input_gradient(x, np.array([[float(label)]]), parameters),
        gradient_note="note",
        classes=("non-cat", "cat"),
    )


def weights_of(data: dict[str, Any]) -> FloatArray:
    """The weights as the browser unpacks them."""
    sent = np.frombuffer(base64.b64decode(data["weights"]), "<f4").astype(np.float64)
    return sent * data["scale"]


@pytest.mark.parametrize("side", [1, 2, 7, 64, 100])
@pytest.mark.parametrize("hidden", [(), (4,), (6, 5, 3)])
def test_what_is_sent_adds_up_to_the_logit(side: int, hidden: tuple[int, ...]) -> None:
    image, parameters = picture(side), network(side, hidden)
    data = data_of(image, parameters)
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    x = to_columns(image[np.newaxis])
    ledger, total = pixel_ledger(x, parameters), data["sum"]
    assert total["for"] + total["against"] + total["bias"] == total["total"]
    assert total["logit"] - total["total"] == total["remainder"]
    assert abs(total["remainder"]) < 1e-12
    assert total["logit"] == ledger.logit
    assert sum(total["channels"]) + total["bias"] == pytest.approx(total["logit"], abs=1e-12)
    # What the browser adds up from pixels and weights: regions to the digits that it shows.
    pixels = np.frombuffer(base64.b64decode(data["pixels"]), np.uint8)
    np.testing.assert_array_equal(pixels, image.ravel())
    contributions = pixels / 255 * weights_of(data)
    np.testing.assert_allclose(contributions, ledger.contributions, rtol=1e-6, atol=1e-12)
    assert contributions.sum() + total["bias"] == pytest.approx(total["logit"], abs=1e-5)
    assert data["size"] in data["sizes"]
    assert max(data["sizes"]) <= side


@pytest.mark.parametrize("label", [0, 1])
def test_the_gradient_is_the_weights_times_one_number(label: int) -> None:
    image, parameters = picture(8), network(8)
    data = data_of(image, parameters, label)
    x = to_columns(image[np.newaxis])
    gradient = input_gradient(x, np.array([[float(label)]]), parameters)
    np.testing.assert_allclose(
        data["dZ"] * weights_of(data), gradient, rtol=1e-6, atol=1e-9 * np.abs(gradient).max()
    )
    assert data["dZ"] == pytest.approx(data["sum"]["probability"] - label)


def test_an_unheard_picture_has_nothing_to_draw_and_huge_weights_can_be_sent() -> None:
    parameters = network(4)
    parameters["b1"] = np.full((5, 1), -1e3)  # no unit passes
    data = data_of(picture(4), parameters)
    assert (data["scale"], data["dZ"]) == (0, 0)
    assert data["sum"]["total"] == data["sum"]["bias"] == data["sum"]["logit"]
    huge = network(4, hidden=())
    huge["W1"] *= 1e60  # beyond float32
    assert np.isfinite(weights_of(data_of(picture(4), huge))).all()
    assert data_of(np.zeros((4, 4, 3), np.uint8), network(4))["black"] == 48


def test_the_payload_is_small() -> None:
    assert len(json.dumps(data_of(picture(64), network(64)))) < 90_000


def test_what_does_not_fit_is_said() -> None:
    image, ledger = picture(4), PixelLedger(np.zeros(48), 0.0, 0.0, np.zeros(48))
    more = {"ledger": ledger, "probability": 0.5, "gradient_note": "", "classes": ("a", "b")}
    with pytest.raises(ValueError, match="needs to be a square"):
        ledger_data(image=image[:3], gradient=np.zeros(48), **more)
    with pytest.raises(ValueError, match="each number needs one of both"):
        ledger_data(image=image, gradient=np.zeros(47), **more)


# ---- how far the map reaches ------------------------------------------------------------------------


def test_the_reach_is_said_in_steps_of_255() -> None:
    far = Switch(1, 2, 0.5, 0.1, 2.0004 / 255, 39.6 / 255)
    said = page.reach([far])
    assert "more than **2** of 255" in said
    assert "unit 3 of layer 1 is the first" in said
    assert "would send 0" in said
    assert "at least 40 steps" in said
    assert "less than one step" not in said
    near = Switch(2, 0, -0.5, 0.1, 0.3009 / 255, 299.2 / 255)
    said = page.reach([near, far._replace(one_value=301 / 255)])
    assert "more than **0.3** of 255" in said
    assert "would begin to pass" in said
    assert "less than one step of 255" in said
    assert "No single colour value can do it alone: it would have to move by 300 steps" in said


def test_the_reach_is_never_said_too_large() -> None:
    """Three digits never promise more than holds, nor fewer whole steps than it takes."""
    for d in (0.30771, 0.30749, 1.9996, 12.3456):
        said = page.reach([Switch(1, 0, 1.0, 1.0, d / 255, 40.4 / 255)])
        assert 0.99 * d <= float(said.split("**")[3]) <= d
        assert "at least 41 steps" in said


# ---- on a page --------------------------------------------------------------------------------------


def script(side: int, hidden: tuple[int, ...], label: int | None, name: str, broken: bool) -> None:
    from ui.ledger import show_ledger

    from tests.test_ledger import network, picture

    parameters = network(side, hidden)
    if broken:
        parameters["W1"][0, 0] = float("nan")
    show_ledger(
        key="ledger",
        image=picture(side),
        parameters=parameters,
        label=label,
        classes=("non-cat", name),
    )


def opened(
    monkeypatch: pytest.MonkeyPatch,
    side: int = 8,
    hidden: tuple[int, ...] = (5, 3),
    label: int | None = None,
    name: str = "cat",
    broken: bool = False,
) -> tuple[AppTest, list[dict[str, Any]]]:
    """Open a page with a ledger; return it and what was mounted."""
    mounted: list[dict[str, Any]] = []
    monkeypatch.setattr(component, "_LEDGER", lambda **arguments: mounted.append(arguments))
    app = AppTest.from_function(script, args=(side, hidden, label, name, broken)).run()
    assert not app.exception
    return app, mounted


def text_of(app: AppTest) -> str:
    return "\n".join(str(part.value) for part in [*app.markdown, *app.warning])


def test_the_ledger_on_a_page(monkeypatch) -> None:
    app, [mounted] = opened(monkeypatch)
    assert mounted["key"] == "ledger"
    x, parameters = to_columns(picture(8)[np.newaxis]), network(8)
    near, AL = switches(x, parameters), L_model_forward(x, parameters)[0]
    assert mounted["data"]["sum"]["probability"] == AL[0, 0]
    said = text_of(app)
    assert page.reach(near) in said
    ledger = pixel_ledger(x, parameters)
    *before, behind, far = page.trials(x, parameters, ledger, near[0])
    assert all(abs(trial.by_map - trial.by_network) < 1e-12 for trial in before)
    assert 1e-9 < abs(behind.by_map - behind.by_network) < abs(far.by_map - far.by_network)
    assert f"{far.by_network:.5f}".replace("-", "−") in said
    rows = [line for line in said.split("\n") if line.count("|") == 6][2:]
    assert len(rows) == min(len(near), page.MOST_SWITCHES)
    assert rows[0].startswith(f"| {near[0].layer} | {near[0].unit + 1} | ")


def test_against_which_label_the_gradient_is_taken(monkeypatch) -> None:
    [known] = opened(monkeypatch, label=0)[1]
    assert known["data"]["against"] == "Of the loss against the known label, non-cat."
    assert known["data"]["dZ"] == pytest.approx(known["data"]["sum"]["probability"])
    [unknown] = opened(monkeypatch, name="a *dog*")[1]
    probability = unknown["data"]["sum"]["probability"]
    answer = "a *dog*" if probability > 0.5 else "non-cat"
    assert unknown["data"]["against"].endswith(f"against the answer given, {answer}.")
    assert unknown["data"]["dZ"] == pytest.approx(probability - (probability > 0.5))


def test_without_a_hidden_layer_the_map_is_everywhere_the_same(monkeypatch) -> None:
    app, mounted = opened(monkeypatch, hidden=())
    assert "same for every picture" in text_of(app).replace("\n", " ")
    assert not app.expander
    assert len(mounted) == 1


def test_a_broken_network_gets_a_sentence(monkeypatch) -> None:
    app, mounted = opened(monkeypatch, broken=True)
    assert "no longer finite" in text_of(app)
    assert not mounted


def test_a_visitors_class_name_is_never_markdown(monkeypatch) -> None:
    app, [mounted] = opened(monkeypatch, name="![x](http://x)", label=1)
    assert "http://x" not in text_of(app)
    assert mounted["data"]["classes"][1] == "![x](http://x)"


def test_the_cat_network_is_quick() -> None:
    from nncore.pretrained import load

    image, parameters = picture(64), load("four_layer").parameters
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        x = to_columns(image[np.newaxis])
        data_of(image, parameters)
        switches(x, parameters)
        taken.append(time.perf_counter() - start)
    assert min(taken) < 0.1
