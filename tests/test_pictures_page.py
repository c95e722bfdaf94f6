"""The Pictures page through app.py: the set, the column, and from a zip to a network on Train."""

import io
import re
import zipfile
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from ui import store

from nncore.cases import runs
from nncore.data import own
from nncore.run import Recipe
from tests.conftest import charts, listings, points
from tests.test_own import png, two_classes, zipped
from tests.test_pages import open_app, text_of

EVIL = "![x](http://evil.test/a.png)"


def html_of(app: AppTest) -> str:
    return "\n".join(str(part.proto.body) for part in app.get("html"))


def grid_of(app: AppTest) -> list[int]:
    return [int(number) for number in re.findall(r"<figcaption>(\d+):", html_of(app))]


def send(app: AppTest, raw: bytes, name: str = "mine.zip") -> AppTest:
    app.file_uploader(key=f"own_zip_{turn(app)}").upload(name, raw).run()
    assert not app.exception
    return app


def turn(app: AppTest) -> int:
    return int(app.session_state["own_turn"])


def own_name(app: AppTest) -> str:
    return str(app.session_state["own_data"].dataset.name)


# The set ----------------------------------------------------------------------------------------------


def test_the_set_is_counted_and_what_one_answer_scores_is_said(on_doodles) -> None:
    app = open_app("pictures")
    said = text_of(app)
    assert "| cat (label 1) | 72 | 33 |" in said
    assert "| right by always answering “cat” | 34.4% | 66.0% |" in said
    assert "34% of the training pictures, but of 66% of the test pictures" in said
    assert {mark["name"]: mark["y"] for mark in points(charts(app)[0])} == {
        "cat": [72, 33],
        "non-cat": [137, 17],
    }


def test_the_notebooks_grid(photo_set) -> None:
    app = open_app("pictures", data="photos")
    assert grid_of(app)[:3] == [148, 49, 138]
    assert len(grid_of(app)) == 25
    assert "Notebook 5 draws these very pictures: 148, 49, 138" in text_of(app)


def test_the_grid_is_drawn_again_and_its_seed_is_in_the_address(on_doodles) -> None:
    app = open_app("pictures")
    first = grid_of(app)
    app.button(key="grid_next").click().run()
    assert app.number_input(key="grid").value == 102
    assert grid_of(app) != first
    app.button(key="grid_first").click().run()
    assert grid_of(app) == first
    app.segmented_control(key="of").set_value("test").run()
    assert max(grid_of(app)) < 50
    linked = open_app("pictures", grid="7", of="test")
    assert linked.number_input(key="grid").value == 7
    assert linked.segmented_control(key="of").value == "test"
    assert not linked.exception


@pytest.mark.parametrize(
    "query",
    [
        {"look": "moon", "data": "x", "of": "all", "grid": "-1"},
        {"look": "column", "train_picture": "999999", "grid": "nan"},
        {"look": "column", "of": "test", "test_picture": EVIL},
        {"look": "own", "own_from": "ftp", "own_share": "99", "own_seed": "x", "own_fit": ""},
    ],
)
def test_strange_addresses_fall_back_to_defaults(query, on_doodles) -> None:
    app = open_app("pictures", **query)
    assert not app.error


def test_any_picture_by_its_number_in_the_address(on_doodles) -> None:
    app = open_app("pictures", look="column", of="test", test_picture="3")
    assert app.number_input(key="test_picture").value == 3
    assert "**Test picture 3: " in text_of(app)
    app.segmented_control(key="of").set_value("train").run()
    assert "**Training picture 10: non\\-cat**, so *y* = 0" in text_of(app)


def test_flattened_wrongly_it_learns_little(on_doodles) -> None:
    app = open_app("pictures", look="column")
    assert listings(app) == [
        "return images.reshape(m, -1).T / 255.0",
        "X = images.reshape(-1, m)",
    ]
    assert "| right |" not in text_of(app)
    app.button(key="train_both").click().run()
    said = text_of(app)
    right, wrong = (
        int(re.search(rf"\| {way} \|.*\| (\d+) of 50", said)[1]) for way in ("right", "wrong")
    )
    assert right > 33 >= wrong


# Own classes ------------------------------------------------------------------------------------------


def test_from_a_zip_to_a_network_that_says_its_classes(on_doodles) -> None:
    app = send(open_app("pictures", look="own"), zipped(two_classes(6)))
    assert "| cats (label 1) | 5 | 1 |" in text_of(app)
    name = own_name(app)
    assert app.session_state["data"] == name
    app.switch_page("pages/train.py").run()
    assert not app.exception
    assert app.segmented_control(key="data").value == name
    assert "dogs and cats" in text_of(app) or "cats and dogs" in text_of(app)
    tiles = app.session_state["explored"].tiles
    assert tiles.classes == ("dogs", "cats")
    assert app.session_state["network_in_use"].settings.dataset == name


def test_watch_and_compare_say_the_classes_too(on_doodles) -> None:
    app = send(open_app("pictures", look="own"), zipped(two_classes(6)))
    app.switch_page("pages/train.py").run()
    app.number_input(key="iterations").set_value(3).run()
    app.segmented_control(key="part").set_value("watch").run()
    app.button(key="go").click().run()
    for _ in range(100):
        if app.button(key="go").label == "Train again":
            break
        app.run()
    assert not app.exception
    assert "Always answering “cats” would be right on" in text_of(app) or "same answer" in text_of(
        app
    )
    app.segmented_control(key="part").set_value("compare").run()
    app.segmented_control(key="sweep").set_value("seeds").run()
    app.button(key="sweep_start").click().run()
    assert not app.exception
    assert "Always answering “cats” is right on 1 of 2" in text_of(app)
    assert not re.search(r"\bcat\b", text_of(app))


def test_nothing_of_it_is_kept_for_other_visitors(on_doodles, monkeypatch) -> None:
    for_all = store._made

    def not_own(what: str, name: str, *more: object) -> object:
        assert not own.is_own(name)
        return for_all(what, name, *more)

    monkeypatch.setattr(store, "_made", not_own)
    app = send(open_app("pictures", look="own"), zipped(two_classes(4)))
    app.switch_page("pages/train.py").run()
    app.switch_page("pages/one_iteration.py")
    app.query_params["what"] = "cat"
    app.run()
    assert not app.exception
    assert not app.error
    assert app.session_state["own_data"].runs
    assert app.session_state["own_traces"].kept
    name = own_name(app)
    from ui.iteration import _traces

    assert not any(name in repr(key) for key in store._trained())
    assert not any(name in repr(key) for key in _traces().kept)
    other = open_app("train", data=name)
    assert not other.exception
    assert other.segmented_control(key="data").value == "doodles"
    assert "stay in the session in which they were sent" in " ".join(
        part.value.replace("\n", " ") for part in other.info
    )


def test_another_split_is_another_set_and_takes_the_place_of_the_first(on_doodles) -> None:
    app = send(open_app("pictures", look="own"), zipped(two_classes(6)))
    first = own_name(app)
    app.number_input(key="own_seed").set_value(2).run()
    assert own_name(app) != first
    assert app.session_state["data"] == own_name(app)
    app.segmented_control(key="own_share").set_value("50").run()
    assert "| cats (label 1) | 3 | 3 |" in text_of(app)
    app.switch_page("pages/train.py").run()
    assert app.segmented_control(key="data").value == own_name(app)
    app.switch_page("pages/pictures.py").run()
    app.button(key="own_forget").click().run()
    assert not app.exception
    for key in ("own_data", "own_collection", "explored"):
        assert key not in app.session_state
    app.switch_page("pages/train.py").run()
    assert app.segmented_control(key="data").value == "doodles"
    assert not app.exception


def test_a_kept_run_of_pictures_that_are_gone_is_told_not_shown(on_doodles) -> None:
    app = send(open_app("pictures", look="own"), zipped(two_classes(4)))
    app.switch_page("pages/train.py").run()
    app.button(key="keep").click().run()
    app.switch_page("pages/pictures.py").run()
    app.number_input(key="own_seed").set_value(5).run()
    app.switch_page("pages/train.py").run()
    app.segmented_control(key="part").set_value("compare").run()
    shown = next(button for button in app.button if button.key.startswith("kept_show"))
    shown.click().run()
    assert not app.exception
    assert "not here any more" in app.toast[0].value
    assert app.segmented_control(key="data").value == own_name(app)


@pytest.mark.parametrize("part", ["explore", "watch", "compare"])
def test_two_and_two_pictures_are_enough_for_every_part(part: str, on_doodles) -> None:
    app = send(open_app("pictures", look="own"), zipped(two_classes(2)))
    assert "4 pictures in all" in text_of(app)
    app.segmented_control(key="look").set_value("set").run()
    assert not app.exception
    app.segmented_control(key="look").set_value("column").run()
    app.button(key="train_both").click().run()
    assert not app.exception
    app.switch_page("pages/train.py").run()
    app.number_input(key="iterations").set_value(30).run()
    app.segmented_control(key="part").set_value(part).run()
    assert not app.exception
    assert not app.error


def test_two_lots_of_files(on_doodles) -> None:
    app = open_app("pictures", look="own", own_from="files")
    assert app.button(key="own_make").disabled
    app.text_input(key="own_class_1").set_value(EVIL)
    for number in (1, 2):
        pictures = [(f"{k}.png", png(100 * number + k), "image/png") for k in range(3)]
        app.file_uploader(key=f"own_files_{number}_0").set_value(pictures)
    app.run()
    assert not app.button(key="own_make").disabled
    app.button(key="own_make").click().run()
    assert not app.exception
    assert EVIL not in text_of(app)
    assert r"\!\[x\]\(http\:" in text_of(app).replace("\u2060", "")
    app.switch_page("pages/train.py").run()
    assert not app.exception
    assert EVIL not in text_of(app)
    for part in ("watch", "compare"):
        app.segmented_control(key="part").set_value(part).run()
        assert not app.exception
        assert EVIL not in text_of(app)


def test_what_is_wrong_with_a_zip_is_said_and_the_page_stays(on_doodles) -> None:
    app = open_app("pictures", look="own")
    for raw, why in (
        (b"PK no", "no zip"),
        (zipped({"cats/1.png": png(1)}), "Only one folder"),
        (zipped({"cats/1.png": png(1), f"{EVIL}/1.png": png(2)}), "too few pictures|folders"),
    ):
        app.file_uploader(key="own_zip_0").clear()
        send(app, raw)
        assert re.search(why, app.error[0].value)
        assert EVIL not in app.error[0].value
        assert app.title[0].value == "Pictures"
    app.file_uploader(key="own_zip_0").clear()
    send(app, zipped(two_classes()))
    assert not app.error


def test_what_was_left_out_is_listed_as_plain_text(on_doodles) -> None:
    files = two_classes() | {"cats/![x](a|b).txt": b"x"}
    app = send(open_app("pictures", look="own"), zipped(files))
    assert "Left out: 1" in text_of(app)
    assert r"| cats/\!\[x\]\(a\|b\).txt | is no picture, by its name |" in text_of(app)


def test_the_sample_is_taken_with_one_press(on_doodles) -> None:
    app = open_app("pictures", look="own")
    app.button(key="own_sample").click().run()
    assert not app.exception
    assert f"| together | {2 * own.SAMPLE_SIZE - 10} | 10 |" in text_of(app)
    with zipfile.ZipFile(io.BytesIO(own.sample_zip())) as archive:
        assert archive.testzip() is None


def test_own_runs_are_bounded_and_never_mixed_with_others() -> None:
    recipe = Recipe(replace(runs()["four_layer"].settings, dataset="own-00000000"))
    assert store.trained(recipe) is None  # outside of a session there are none
    kept, most, _bytes = store._runs_like(recipe)
    assert not kept
    assert most == store.MOST_OWN_RUNS
    assert store._runs_like(Recipe(runs()["four_layer"].settings))[0] is store._trained()
