"""What the ledger of a picture sends to the browser adds up, and what it says is computed."""

import base64
import json
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
        answer=label,
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
    more = {
        "ledger": ledger,
        "probability": 0.5,
        "answer": 0,
        "gradient_note": "",
        "classes": ("a", "b"),
    }
    with pytest.raises(ValueError, match="needs to be a square"):
        ledger_data(image=image[:3], gradient=np.zeros(48), **more)
    with pytest.raises(ValueError, match="each number needs one of both"):
        ledger_data(image=image, gradient=np.zeros(47), **more)


# ---- how far the map reaches ------------------------------------------------------------------------


def test_the_reach_is_said_in_steps_of_255() -> None:
    far = Switch(1, 2, 0.5, 0.1, 2.0004 / 255, 39.6 / 255)
    assert "more than **2** of 255" in page.reach(far)
    assert "Less than one" not in page.reach(far)
    said = page.first_switch([far])
    assert "first that may switch is unit 3 of layer 1" in said
    assert "would then send 0" in said
    assert "at least 40 steps" in said
    near = Switch(2, 0, -0.5, 0.1, 0.3009 / 255, 299.2 / 255)
    assert "more than **0.3** of 255" in page.reach(near)
    assert "Less than one of 255 steps" in page.reach(near)
    said = page.first_switch([near, far._replace(one_value=301 / 255)])
    assert "would then pass" in said
    assert "No colour value, moved alone, can make a unit switch: it would take 300 steps" in said


def test_the_reach_is_never_said_too_large() -> None:
    """Three digits never promise more than holds, nor fewer whole steps than it takes."""
    for d in (0.30771, 0.30749, 1.9996, 12.3456):
        first = Switch(1, 0, 1.0, 1.0, d / 255, 40.4 / 255)
        assert 0.99 * d <= float(page.reach(first).split("**")[3]) <= d
        assert "at least 41 steps" in page.first_switch([first])


def test_where_no_change_of_colours_reaches_a_switch_the_map_is_that_of_every_picture() -> None:
    parameters = network(4)
    parameters["b1"] = np.full((5, 1), 1e3)
    parameters["b2"] = np.full((3, 1), 1e5)
    [first, *_others] = switches(to_columns(picture(4)[np.newaxis]), parameters)
    assert first.every_value > 1
    assert "for every picture" in page.reach(first)
    maps = [
        pixel_ledger(to_columns(picture(4, seed)[np.newaxis]), parameters).weights
        for seed in range(3)
    ]
    np.testing.assert_array_equal(maps[0], maps[1])
    np.testing.assert_array_equal(maps[0], maps[2])


# ---- why --------------------------------------------------------------------------------------------


def ledger_of(pixels: FloatArray, bias: float) -> PixelLedger:
    """A ledger of 16 × 16 pixels whose red values add so much."""
    contributions = np.zeros((16, 16, 3))
    contributions[:, :, 0] = pixels
    flat = contributions.ravel()
    return PixelLedger(flat, bias, float(flat.sum()) + bias, flat)


def quarters(*values: float) -> FloatArray:
    """Four regions of 8 × 8 that add so much: upper left, upper right, lower left, lower right."""
    return np.kron(np.reshape(values, (2, 2)), np.full((8, 8), 1 / 64))


NAMES = ("non-cat", "cat")


@pytest.mark.parametrize(
    ("pixels", "bias", "threshold", "said"),
    [
        ((1, 0, 0, -0.5), -2.0, 0.5, "**The bias decides:** the pixels alone would make it “cat”."),
        ((-1, 0, 0, 0.5), 2.0, 0.5, "**The bias decides:** the pixels alone would make it “non\\-cat”"),
        ((3, 0, 0, 0.5), -2.0, 0.5, "**The pixels decide:** the bias alone would make it “non\\-cat”."),
        ((-3, 0, 0, 0.5), 2.0, 0.5, "**The pixels decide:** the bias alone would make it “cat”."),
        ((-3, 0, 0, 0.5), -1.0, 0.5, "**Both agree:** either alone would make it “non\\-cat”, too."),
        ((3, 0, 0, 0.5), 1.0, 0.5, "**Both agree:** either alone would make it “cat”, too."),
        ((1, 0, 0, 0), 1.0, 0.8, "**Only together** do they make it “cat”"),
        ((1, 0, 0, 0), 1.0, 0.9, "**Both agree:** either alone would make it “non\\-cat”, too."),
        ((-1, 0, 0, 0), 0.0, 0.5, "The bias is 0: **the pixels decide** alone."),
    ],
)  # fmt: skip
def test_what_decides_is_said(pixels, bias: float, threshold: float, said: str) -> None:
    text = page.why(ledger_of(quarters(*pixels), bias), 16, NAMES, threshold)
    assert said in text
    answer = bool(1 / (1 + np.exp(-(sum(pixels) + bias))) > threshold)
    assert text.startswith("**Why “cat”?**" if answer else "**Why “non\\-cat”?**")
    assert ("speaks most for “cat”" in text) is answer


def test_the_documented_miss_is_answered() -> None:
    """What a learner asked: the pixels speak for the cat, and yet the answer is that it is none."""
    text = page.why(ledger_of(quarters(2, 0.25, -0.4, -1.5), -2.51), 16, NAMES)
    assert "All pixels together add **+0.35**, which speaks for “cat”" in text
    assert "adds **−2.51**, which speaks against it. Together that is **−2.16**." in text
    assert "probability of “cat” is **0.103**, not over 0.5." in text
    assert text.endswith(
        "What speaks most against “cat”: in the lower right corner (rows 9–16, columns 9–16) with "
        "−1.50; then in the lower left corner (rows 9–16, columns 1–8) with −0.40. No region decides "
        "alone: in all, +2.25 speaks for “cat” and −1.90 against it, and the two nearly cancel."
    )


def test_regions_are_named_only_where_some_speak_for_the_answer() -> None:
    one = page.why(ledger_of(quarters(1, 1, 1, -0.5), -9.0), 16, NAMES)
    assert one.count("rows") == 1
    none = page.why(ledger_of(quarters(1, 1, 1, 1), -9.0), 16, NAMES)
    assert none.endswith("No region of 8 × 8 pixels speaks against “cat”.")
    small = PixelLedger(np.ones(3), 0.5, 3.5, np.ones(3))
    assert "rows" not in page.why(small, 1, NAMES)
    nothing = page.why(ledger_of(np.zeros((16, 16)), -1.0), 16, NAMES)
    assert "No pixel adds anything: there is only the bias" in nothing
    assert "rows" not in nothing


def test_numbers_add_up_as_they_are_written_and_no_probability_passes_for_another() -> None:
    generator = np.random.RandomState(0)
    for size in (1e-9, 1e-3, 1.0, 30.0, 1e9):
        for _ in range(100):
            parts = (size * generator.randn(2)).tolist()
            a, b, total = page.as_a_sum(*parts, sum(parts))
            if 1e-3 < size < 1e5:
                written = [float(text.replace("−", "-").replace(",", "")) for text in (a, b, total)]
                assert written[0] + written[1] == pytest.approx(written[2], abs=1e-9)
            assert {a[0], b[0], total[0]} <= {"+", "−"}
    for threshold in (0.01, 0.5, 0.99):
        for p in (1e-300, threshold, np.nextafter(threshold, 1), 1 - 2.0**-53):
            text = page._probability(float(p), threshold)
            assert (float(text) > threshold) == (p > threshold)
            assert 0 < float(text) < 1


@pytest.mark.parametrize("hidden", [(), (4,), (6, 5, 3)])
def test_what_is_said_is_what_the_browser_draws(hidden: tuple[int, ...], monkeypatch) -> None:
    """The first region of the sentence is that with which the view opens."""
    named_some = False
    for side in (7, 20, 64):
        app, [mounted] = opened(monkeypatch, side=side, hidden=hidden)
        data = mounted["data"]
        answer = data["sum"]["probability"] > 0.5
        assert data["direction"] == (1 if answer else -1)
        size, pixels = data["size"], np.frombuffer(base64.b64decode(data["pixels"]), np.uint8)
        adds = (weights_of(data) * pixels / 255).reshape(side, side, 3).sum(axis=2)
        sums = {
            (row, column): adds[row : row + size, column : column + size].sum()
            for row in range(0, side, size)
            for column in range(0, side, size)
        }
        row, column = max(sums, key=lambda place: data["direction"] * sums[place])
        if data["direction"] * sums[row, column] <= 0:
            assert "(rows" not in text_of(app)
            continue
        named_some = True
        ends = [min(at + size, side) for at in (row, column)]
        spans = [
            f"{at + 1}–{end}" if end > at + 1 else f"{end}"
            for at, end in zip((row, column), ends, strict=True)
        ]
        named = text_of(app).split("(rows ")[1]
        assert named.startswith(f"{spans[0]}, columns {spans[1]}) with")
    assert named_some


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
    assert page.reach(near[0]) in said
    assert page.first_switch(near) in said
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
    assert unknown["data"]["against"].endswith(f"as if the network's answer, {answer}, were right.")
    assert unknown["data"]["dZ"] == pytest.approx(probability - (probability > 0.5))


def test_without_a_hidden_layer_the_map_is_everywhere_the_same(monkeypatch) -> None:
    app, mounted = opened(monkeypatch, hidden=())
    assert "same for every picture" in text_of(app).replace("\n", " ")
    assert [box.label for box in app.expander] == ["What “the bias, before any pixel” is"]
    assert len(mounted) == 1


def test_a_broken_network_gets_a_sentence(monkeypatch) -> None:
    app, mounted = opened(monkeypatch, broken=True)
    assert "no longer finite" in text_of(app)
    assert not mounted


def test_a_visitors_class_name_is_never_markdown(monkeypatch) -> None:
    app, [mounted] = opened(monkeypatch, name="![x](http://x)", label=1)
    assert "http://x" not in text_of(app)
    assert "“\\!\\[x\\]\\(http" in text_of(app)
    assert mounted["data"]["classes"][1] == "![x](http://x)"
