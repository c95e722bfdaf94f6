"""What the chart of a run sends to the browser, and what it takes from there."""

import base64
import json
import zlib
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import streamlit as st

from ui.components import run_chart as module
from ui.components.run_chart import MOST_POINTS, Curves, Tiles, decimate, replay, run_chart


@pytest.fixture
def mounted(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Catch what is mounted; `answer` is what the browser says back."""
    caught = SimpleNamespace(answer=None)

    def mount(**arguments: Any) -> SimpleNamespace:
        json.dumps(arguments["data"], allow_nan=False)  # as it has to travel
        caught.__dict__.update(arguments)
        return SimpleNamespace(view=caught.answer)

    monkeypatch.setattr(module, "_mount", mount)
    monkeypatch.setattr(st, "session_state", {})
    return caught


def floats(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype="<f4")


def iterations(x: list[int] | str) -> np.ndarray:
    if isinstance(x, str):
        return np.frombuffer(base64.b64decode(x), dtype="<i4")
    first, step, count = x
    return first + step * np.arange(count)


def a_run(n: int = 101, **more: Any) -> Curves:
    x = np.arange(n)
    cost = 1 / (1 + x / 50)
    return Curves("this run", x, cost, cost + 0.1, 1 - cost / 2, 1 - cost, **more)


def some_tiles(pictures: int = 259, train: int = 209, frames: int = 126) -> Tiles:
    said = np.random.RandomState(0).randint(0, 256, (frames, pictures)).astype(np.uint8)
    return Tiles(b"\xff\xd8" + bytes(110_000), 40, 32, [1, 0] * (pictures // 2) + [1], train,
                 np.arange(frames) * 20, said)  # fmt: skip


def test_a_thinned_curve_keeps_its_ends_its_spikes_and_its_documented_points() -> None:
    x = np.arange(2501)
    y = 1 / (1 + x / 500)
    y[1234], y[777] = 9.0, -1.0
    xs, ys = decimate(x, y, 2500, keep=[0, 100, 2400])
    assert len(xs) <= MOST_POINTS
    assert {0, 100, 777, 1234, 2400, 2500} <= set(xs)
    assert dict(zip(xs, ys, strict=True))[1234] == 9.0
    assert len(xs) > 300
    assert xs == sorted(xs)


def test_a_thinned_curve_does_not_shift_while_it_grows() -> None:
    y = np.random.RandomState(0).rand(2501)
    early, _ = decimate(np.arange(1000), y[:1000], 2500)
    late, _ = decimate(np.arange(2501), y, 2500)
    assert set(early[:-4]) <= set(late)


def test_a_curve_ends_at_the_first_cost_that_is_no_number() -> None:
    xs, ys = decimate([0, 1, 2, 3], [0.5, 0.4, float("nan"), 0.3], 10)
    assert xs == [0, 1, 2]
    assert ys == [0.5, 0.4, None]


def test_a_growing_run_is_sent_thinned_and_compared_in_full(mounted: SimpleNamespace) -> None:
    x, cost = list(range(2501)), (0.7 - np.arange(2501) / 5000).tolist()
    run_chart(key="r", iterations=x, costs=cost, num_iterations=2500, documented={100: 0.6},
              previous=([0, 1, 2], [0.9, float("inf"), 0.8]))  # fmt: skip
    sent = mounted.data["run"]
    assert len(iterations(sent["x"])) == len(floats(sent["cost"])) <= MOST_POINTS
    np.testing.assert_allclose(
        floats(sent["cost"]), np.array(cost)[iterations(sent["x"])], rtol=1e-6
    )
    assert mounted.data["documented"] == [(100, 0.6, cost[100])]
    assert floats(mounted.data["ghosts"][0]["cost"]["y"]).tolist() == [
        np.float32(0.9),
        np.float32(0.8),
    ]
    assert len(json.dumps(mounted.data)) < 8_000  # four times a second


@pytest.mark.parametrize("costs", [[], [None], [float("nan"), 1.0]])
def test_a_run_without_a_cost_can_be_shown(mounted: SimpleNamespace, costs: list[Any]) -> None:
    x = list(range(len(costs)))
    run_chart(key="r", iterations=x, costs=costs, num_iterations=10)
    assert floats(mounted.data["run"]["cost"]).size == 0
    assert "without a cost" in mounted.data["alt"]
    assert replay(key="r", run=Curves("run", x, costs), num_iterations=10) is None
    assert iterations(mounted.data["run"]["x"]).size == 0


def test_a_replay_carries_every_recorded_point(mounted: SimpleNamespace) -> None:
    run = a_run()
    replay(key="r", run=run, num_iterations=100, best=7, totals=(209, 50))
    sent = mounted.data["run"]
    assert sent["x"] == [0, 1, 101]
    recorded = {
        "cost": run.costs,
        "testCost": run.test_costs,
        "trainAccuracy": run.train_accuracy,
        "testAccuracy": run.test_accuracy,
    }
    for name, values in recorded.items():
        np.testing.assert_allclose(floats(sent[name]), values, rtol=1e-6)
    assert mounted.data["best"] == 7
    assert mounted.data["totals"] == [209, 50]


def test_a_run_that_breaks_ends_before(mounted: SimpleNamespace) -> None:
    replay(
        key="r",
        run=Curves("r", [0, 10, 20], [1.0, float("inf"), 2.0], [1, 2, 3]),
        num_iterations=20,
    )
    assert mounted.data["run"]["broken"] == 10
    assert floats(mounted.data["run"]["testCost"]).tolist() == [1.0]


def test_a_branch_stands_where_it_begins_and_counts_for_itself(mounted: SimpleNamespace) -> None:
    mounted.answer = {"iteration": 850}
    stopped = replay(key="r", run=a_run(offset=800), ghosts=[a_run(offset=20)], num_iterations=100,
                     documented={1: 0.5}, best=7, at=3, tiles=some_tiles(5, 3, 2))  # fmt: skip
    assert stopped == 50
    data = mounted.data
    assert data["run"]["x"] == [800, 1, 101]
    assert data["numIterations"] == 900
    assert (data["best"], data["at"], data["documented"][0][0]) == (807, 803, 801)
    assert data["tiles"]["x"] == [800, 20, 2]
    assert iterations(data["ghosts"][0]["testCost"]["x"])[0] == 20
    assert mounted.default == {"view": {"iteration": 803, "kept": []}}


@pytest.mark.parametrize(("said", "meant"), [(None, None), (40, 40), (40.0, 40), (-5, 0), (100, None),
                                             (10**9, None), ("x", None)])  # fmt: skip
def test_a_browser_may_say_anything(mounted: SimpleNamespace, said: object, meant: object) -> None:
    for mounted.answer in ({"iteration": said}, {"iteration": said, "kept": said}):
        st.session_state["r"] = {"view": mounted.answer}
        assert replay(key="r", run=a_run(), num_iterations=100, tiles=some_tiles(5, 3, 2)) == meant
        assert mounted.data["tiles"]["sprite"]["text"]
    mounted.answer = said
    assert replay(key="r", run=a_run(), num_iterations=100) is None


def test_a_whole_replay_with_all_photos_stays_small(mounted: SimpleNamespace) -> None:
    tiles = some_tiles()
    replay(key="r", run=a_run(2501), ghosts=[a_run(2501)] * 3, num_iterations=2500, tiles=tiles)
    assert len(json.dumps(mounted.data)) < 400_000
    sent = mounted.data["tiles"]
    said = zlib.decompress(base64.b64decode(sent["probabilities"]["text"]))
    np.testing.assert_array_equal(
        np.frombuffer(said, dtype=np.uint8).reshape(126, 259), tiles.probabilities
    )
    assert sent["sprite"]["text"].startswith("data:image/jpeg;base64,")
    assert mounted.data["totals"] == [209, 50]


def test_what_the_browser_has_is_not_sent_again(mounted: SimpleNamespace) -> None:
    tiles, others = some_tiles(), some_tiles(frames=100)

    def send(tiles: Tiles) -> dict[str, Any]:
        replay(key="r", run=a_run(2501), num_iterations=2500, tiles=tiles)
        sent: dict[str, Any] = mounted.data["tiles"]
        return sent

    first = send(tiles)
    assert send(tiles) == first
    ids = [first[name]["id"] for name in ("sprite", "probabilities")]
    st.session_state["r"] = {"view": {"iteration": 40, "kept": ids}}
    for name, again in send(tiles).items():
        if name in ("sprite", "probabilities"):
            assert again == {"id": first[name]["id"], "text": None}
        else:
            assert again == first[name]
    assert len(json.dumps(mounted.data)) < 100_000
    another = send(others)  # of another run, the pictures are the same
    assert another["sprite"]["text"] is None
    assert another["probabilities"]["text"]


def test_what_does_not_fit_is_said(mounted: SimpleNamespace) -> None:
    with pytest.raises(ValueError, match="2 iterations, but 3 of testCost"):
        replay(key="r", run=Curves("r", [0, 1], [1, 1], [1, 1, 1]), num_iterations=1)
    with pytest.raises(ValueError, match="ascend"):
        replay(key="r", run=Curves("r", [0, 0], [1, 1]), num_iterations=1)
    tiles = some_tiles(5, 3, 2)
    wrong = Tiles(tiles.sprite, 40, 32, tiles.labels[:4], 3, tiles.iterations, tiles.probabilities)
    with pytest.raises(ValueError, match=r"shape \(2, 4\), uint8"):
        replay(key="r", run=a_run(), num_iterations=100, tiles=wrong)
