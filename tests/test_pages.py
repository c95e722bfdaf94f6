"""Every page, opened through app.py as a visitor opens it: twice, used once, fed something broken."""

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from ui import watch
from ui.frame import ENTRIES

from nncore.data import photos
from tests.conftest import ledger_of

ROOT = Path(__file__).parents[1]


def open_app(page: str | None = None, **query: str) -> AppTest:
    """Open a page, wait for it, and see that it says nothing of a fault."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    if page:
        app.switch_page(f"pages/{page}.py")
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
    assert not app.exception
    return app


def text_of(app: AppTest) -> str:
    """All prose on the page."""
    parts = [*app.markdown, *app.caption, *app.title, *app.header, *app.info, *app.error]
    return "\n".join(str(part.value) for part in parts).replace("\u00a0", " ")


def formulas_of(app: AppTest) -> str:
    """All formulas that stand on lines of their own, by themselves or in a piece of prose."""
    in_prose = re.findall(
        r"\$\$\n(.*?)\n\$\$", "\n\n".join(part.value for part in app.markdown), re.S
    )
    return "\n".join([*(part.value for part in app.latex), *in_prose])


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.key)
def test_every_page_opens_and_opens_again(entry, on_doodles) -> None:
    app = open_app(entry.key)
    assert entry.point in text_of(app)
    assert not app.error
    app.run()
    assert not app.exception
    assert entry.point in text_of(app)


def test_start_tells_a_true_iteration(on_doodles) -> None:
    from ui.film import first_iteration

    from nncore.cases import runs
    from nncore.cost import compute_cost
    from nncore.data import load
    from nncore.forward import L_model_forward
    from nncore.parameters import draw_parameters

    doodles = load("doodles")
    settings = runs()["four_layer"].settings
    film = first_iteration(doodles, settings, doodles.first("cat"))
    parameters = draw_parameters(settings.layers_dims, "scaled", np.random.RandomState(1))
    AL, caches = L_model_forward(doodles.train_x, parameters)
    cost = float(compute_cost(AL, doodles.train_labels))
    said = " ".join(scene.caption for scene in film.scenes)
    assert f"cost: {cost:.4f}" in said
    assert f"{AL[0, doodles.first('cat')]:.4g} that this is a cat" in said
    phases = [(scene.phase, scene.layer) for scene in film.scenes]
    assert phases == [
        ("input", 0),
        *[("forward", layer) for layer in (1, 2, 3, 4)],
        ("cost", 4),
        *[("backward", layer) for layer in (4, 3, 2, 1)],
        ("update", 0),
    ]
    for layer, gradient in enumerate(film.gradients[1:-1], start=1):
        dead = caches[layer - 1][1][:, doodles.first("cat")] <= 0
        assert (gradient[dead] == 0).all()


def train_a_little(app: AppTest, iterations: int = 3) -> AppTest:
    app.number_input(key="iterations").set_value(iterations).run()
    app.button(key="go").click().run()
    for _ in range(200):
        if app.button(key="go").label == "Train again":
            break
        app.run()
    assert not app.exception
    return app


def test_train_starts_pauses_resumes_and_stops(on_doodles) -> None:
    app = open_app("train", part="watch")
    assert app.segmented_control(key="data").value == "doodles"
    app.button(key="go").click().run()
    assert app.select_slider(key="rate").disabled  # a run's settings stand fast
    app.button(key="go").click().run()
    paused = app.session_state["live_run"]
    reached = len(paused.run.costs)
    app.run()
    assert len(paused.run.costs) == reached
    assert "changed elsewhere" not in text_of(app)
    app.segmented_control(key="part").set_value("explore").run()
    app.number_input(key="seed").set_value(7).run()
    app.segmented_control(key="part").set_value("watch").run()
    # What is shown, and cannot be changed, is not the run's:
    assert "changed elsewhere" in text_of(app)
    app.segmented_control(key="part").set_value("explore").run()
    app.number_input(key="seed").set_value(1).run()
    app.segmented_control(key="part").set_value("watch").run()
    assert "changed elsewhere" not in text_of(app)
    assert len(paused.run.costs) == reached
    app.button(key="go").click().run()
    assert len(paused.run.costs) > reached
    app.button(key="stop").click().run()
    assert not app.exception
    trained = app.session_state["live_run"].result
    assert trained.iterations[-1] == len(paused.run.costs) - 1 < 2500
    right, total = trained.correct["test"]
    assert f"{right} of {total}" in [metric.value for metric in app.metric]
    assert "right on 33 of 50 test pictures" in text_of(app) or "same answer" in text_of(app)


def test_the_last_drawing_of_a_run_is_waited_for_once(on_doodles, monkeypatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(watch, "time", SimpleNamespace(sleep=waits.append))
    app = open_app("train", part="watch")
    app.button(key="go").click().run()  # start
    assert waits == []
    app.button(key="go").click().run()  # pause
    app.run()
    assert waits == [watch.ARRIVAL]
    app.button(key="go").click().run()  # resume
    app.button(key="stop").click().run()
    app.run()
    assert waits == [watch.ARRIVAL] * 2


def test_a_closer_look_shows_every_iteration(on_doodles) -> None:
    import json

    app = open_app("train", part="watch")
    assert not app.get("plotly_chart")  # nothing is drawn, or even imported, before it is asked for
    app.session_state["zoom"] = True
    app.run()
    assert not app.exception
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert [trace["name"] for trace in figure["data"]] == ["this run"]


def test_a_trained_network_judges_on_the_next_page(on_doodles) -> None:
    app = train_a_little(open_app("train", part="watch"))
    app.switch_page("pages/your_picture.py").run()
    assert not app.exception
    assert app.selectbox(key="network").value == "session"
    assert "Trained here" in app.selectbox(key="network").options[0]
    app.switch_page("pages/train.py").run()
    assert len(app.metric) == 3  # its results are still there
    assert app.number_input(key="iterations").value == 3


def test_start_takes_what_stands_in_the_fields_at_that_moment(on_doodles) -> None:
    app = open_app("train", part="watch")
    app.number_input(key="iterations").set_value(4)
    app.button(key="go").click()
    app.run()  # both in one pass, as when a reader types a number and presses Start at once
    assert app.session_state["live_run"].run.settings.num_iterations == 4


def test_a_late_press_of_pause_does_not_start_again(on_doodles) -> None:
    app = open_app("train", part="watch")
    app.number_input(key="iterations").set_value(30).run()
    app.button(key="go").click().run()
    assert app.button(key="go").label == "Pause"
    live = app.session_state["live_run"]
    while not live.run.finished:
        live.run.advance(1.0)
    app.button(key="go").click().run()  # it still says Pause
    assert app.session_state["live_run"] is live
    assert not app.exception


def test_the_curve_shown_has_the_chosen_settings(on_doodles) -> None:
    app = open_app("train", part="watch")
    assert "on the doodles" in text_of(app)
    assert app.metric[1].value == "209 of 209"
    app.select_slider(key="rate").set_value(0.5).run()
    assert "No run with these settings yet" in app.info[0].value
    assert not app.metric


def test_what_to_notice_is_about_this_run(on_doodles) -> None:
    app = open_app("train", part="watch")
    assert "Training pictures are answered better" in text_of(app)
    app.select_slider(key="rate").set_value(7.5).run()
    app = train_a_little(app, 6)
    assert "every picture gets the same answer" in text_of(app)
    assert "No training picture wakes any unit of layer" in text_of(app)
    assert "Try a smaller learning rate than 7.5" in text_of(app)
    assert "Training pictures are answered better" not in text_of(app)


def test_own_sizes(on_doodles) -> None:
    app = open_app("train", part="watch", model="own", hidden="4 3", iterations="2")
    assert app.text_input(key="hidden").value == "4 3"
    app = train_a_little(app, 2)
    assert app.session_state["live_run"].result.settings.layers_dims == (12288, 4, 3, 1)
    for bad in ("4, x", "0", "999999", "3,3,3,3,3,3,3,3,3,3,3"):
        app.text_input(key="hidden").set_value(bad).run()
        assert not app.exception
        assert len(app.error) == 1
        assert app.button(key="go").disabled
    app.text_input(key="hidden").set_value("").run()  # no hidden layer: logistic regression
    assert not app.error


def test_a_learning_rate_that_is_too_large_is_told_in_words(on_doodles, monkeypatch) -> None:
    from dataclasses import replace

    from ui import watch

    from nncore import data
    from nncore.run import Run

    def wild(dataset: data.Dataset, settings, engine: str) -> Run:
        return Run(dataset, replace(settings, learning_rate=1e200), engine=engine)

    monkeypatch.setattr(watch, "Run", wild)
    app = train_a_little(open_app("train", part="watch"), 50)
    app.select_slider(key="rate").set_value(0.02).run()  # the last run stays in sight
    assert "stopped being a number" in app.error[0].value
    assert not app.button(key="go").disabled


def test_documented_run_shows_its_documented_costs(photo_set) -> None:
    app = open_app("train", part="watch", data="photos")
    assert app.segmented_control(key="data").value == "photos"
    assert "26 documented costs" in app.metric[3].delta
    assert float(app.metric[3].value.replace("−", "-")) < 1e-9


def test_photos_that_are_not_there_are_offered_and_a_failing_download_is_told(
    on_doodles, monkeypatch
) -> None:
    def fails(**_: object) -> Iterator[photos.FetchProgress]:
        yield photos.FetchProgress("train_catvnoncat.h5", 1, 10)
        raise photos.DataError("train_catvnoncat.h5 could not be downloaded.")

    monkeypatch.setattr(photos, "fetch", fails)
    app = open_app("train", part="watch", data="photos")
    assert "not here" in app.info[0].value
    assert app.button(key="go").disabled
    app.button(key="fetch").click().run()
    assert not app.exception
    assert "could not be downloaded" in app.error[0].value
    assert "The doodles work without" in app.error[0].value


def test_a_broken_photo_file_is_told(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "train_catvnoncat.h5").write_bytes(b"version https://git-lfs")
    monkeypatch.setenv(photos.FOLDER_VARIABLE, str(tmp_path))
    app = open_app("train", part="watch")
    assert "Git LFS pointer" in app.error[0].value
    assert app.button(key="go").disabled


def picture_file(kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (90, 50), (200, 120, 40)).save(file, kind)
    return file.getvalue()


def test_a_sample_is_judged_by_who_knows_drawings_a_file_by_who_knows_photos(on_doodles) -> None:
    app = open_app("your_picture")
    assert app.selectbox(key="network").value == "doodles"
    assert "It is a cat: right." in text_of(app)
    app.segmented_control(key="source").set_value("upload").run()
    assert app.selectbox(key="network").value == "four_layer"
    assert "The answer comes here" in app.info[0].value
    app.file_uploader(key="upload").upload("mine.png", picture_file()).run()
    assert not app.exception
    assert not app.error
    assert "PNG, colour, 90 × 50" in ledger_of(app)
    app.segmented_control(key="fit").set_value("crop").run()
    assert "50 × 50" in ledger_of(app)
    app.selectbox(key="network").set_value("doodles").run()
    assert "Drawings are all this network knows" in app.warning[0].value


def test_an_uploaded_picture_is_kept_while_looking_elsewhere(on_doodles) -> None:
    app = open_app("your_picture", source="upload")
    app.file_uploader(key="upload").upload("mine.jpg", picture_file("JPEG")).run()
    app.switch_page("pages/train.py").run()
    app.switch_page("pages/your_picture.py").run()
    assert app.segmented_control(key="source").value == "upload"
    assert "JPEG, colour, 90 × 50" in ledger_of(app)


def test_what_is_no_picture_gets_a_sentence_and_the_page_stays(on_doodles) -> None:
    app = open_app("your_picture", source="upload")
    for name, content in (("a.png", b"MZ\x90"), ("b.png", b""), ("c.png", picture_file()[:60])):
        app.file_uploader(key="upload").set_value((name, content, "image/png")).run()
        assert not app.exception
        assert len(app.error) == 1
        assert app.title[0].value == "Your picture"
        assert "The answer comes here" in app.info[0].value


def test_the_camera(on_doodles) -> None:
    app = open_app("your_picture", source="camera")
    app.camera_input(key="camera").upload("photo.jpg", picture_file("JPEG")).run()
    assert not app.exception
    assert "JPEG, colour, 90 × 50" in ledger_of(app)


@pytest.mark.parametrize(
    "query",
    [
        {"data": "dogs", "model": "nine", "rate": "-1", "iterations": "x", "seed": "one"},
        {"rate": "nan", "iterations": "99999999", "seed": "-5"},
        {"source": "moon", "sample": "", "fit": "oval", "network": "session"},
        {"network": "../../etc/passwd"},
    ],
)
@pytest.mark.parametrize("page", ["train", "your_picture"])
def test_strange_addresses_fall_back_to_defaults(page: str, query, on_doodles) -> None:
    app = open_app(page, **query)
    assert not app.error
    if page == "train":
        assert app.segmented_control(key="data").value == "doodles"
        assert app.selectbox(key="model").value == "four_layer"
        assert app.select_slider(key="rate").value == 0.0075
        assert app.number_input(key="iterations").value == 2500
        assert app.number_input(key="seed").value == 1
    else:
        assert app.segmented_control(key="source").value == "sample"
        assert app.segmented_control(key="fit").value == "stretch"
        assert app.selectbox(key="network").value == "doodles"


def test_what_a_link_brings_is_shown_as_plain_text(on_doodles) -> None:
    app = open_app("train", part="watch", model="own", hidden="![x](http://evil.test/a.png)")
    assert "\\!\\[x\\]\\(http" in app.error[0].value


def test_settings_are_read_from_the_address(on_doodles) -> None:
    app = open_app(
        "train", part="watch", model="two_layer", rate="0.02", iterations="300", seed="5"
    )
    assert app.selectbox(key="model").value == "two_layer"
    assert app.select_slider(key="rate").value == 0.02
    assert app.number_input(key="iterations").value == 300
    assert app.number_input(key="seed").value == 5
    app = open_app("your_picture", sample="owl", fit="crop", network="two_layer")
    assert app.selectbox(key="sample").value == "owl"
    assert app.segmented_control(key="fit").value == "crop"
    assert app.selectbox(key="network").value == "two_layer"


def test_photos_that_vanish_under_a_running_server_are_missed_in_a_sentence(
    photo_set, tmp_path: Path, monkeypatch
) -> None:
    here = tmp_path / "photos"
    shutil.copytree(photos.folder(), here)
    monkeypatch.setenv(photos.FOLDER_VARIABLE, str(here))
    app = open_app("train", model="two_layer", iterations="100")
    assert app.session_state["network_in_use"].settings.dataset == "photos"
    app.session_state["recomputed"] = app.session_state["files"] = True
    assert not told_on_every_page(app)
    here.rename(tmp_path / "elsewhere")
    assert len(told_on_every_page(app)) >= 8
    (tmp_path / "elsewhere").rename(here)
    assert not told_on_every_page(app)


def told_on_every_page(app: AppTest) -> list[str]:
    """Open every page, and what holds pictures on it; return where photos are missed."""
    told = []
    for entry in ENTRIES:
        app.switch_page(f"pages/{entry.key}.py").run()
        for key, options in WITH_PICTURES.get(entry.key, {"": ("",)}).items():
            for option in options:
                if key and any(each.key == key for each in app.segmented_control):
                    app.segmented_control(key=key).set_value(option).run()
                assert not app.exception, (entry.key, option)
                assert entry.point in text_of(app)
                if "has no train\\_catvnoncat.h5" in text_of(app):
                    told.append(f"{entry.key} {option}")
    return told


WITH_PICTURES = {
    "one_iteration": {"what": ("small", "cat")},
    "pictures": {"look": ("set", "column")},
    "results": {"part": ("mistakes", "stress", "units", "two", "scores")},
    "train": {"part": ("explore", "watch", "compare")},
}


def test_photos_that_vanish_from_their_usual_place_leave_the_doodles(
    photo_set, no_photos: Path
) -> None:
    shutil.copytree(Path(photo_set.source.split(" from ")[1]), no_photos)
    app = open_app("pictures")
    assert app.segmented_control(key="data").value == "photos"
    shutil.rmtree(no_photos)
    app.run()
    assert "The course's photos are not here" in app.info[0].value
    assert not app.exception
    assert open_app("pictures").segmented_control(key="data").value == "doodles"
