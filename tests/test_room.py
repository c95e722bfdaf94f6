"""Room for what visitors send: all sessions share it, and who leaves gives theirs back."""

import io
import threading
import time
import weakref

import numpy as np
import pytest
from PIL import Image

from ui import collect_garbage, own_classes, room, store, upload
from ui.room import NoRoomError, Room

from nncore import data, pretrained
from nncore.data import own, pictures
from nncore.history import Settings
from nncore.run import Run
from tests.test_own import collected, png, two_classes, zipped
from tests.test_pages import open_app, text_of
from tests.test_pictures_page import own_name, send
from tests.test_take_home import load, opened, saved
from tests.test_your_picture import open_with

MB = 2**20
REFUSED = "There is no room for this now"


class Thing:
    """Something that takes room."""


@pytest.fixture
def small_room(monkeypatch: pytest.MonkeyPatch) -> Room:
    """A server with so little room that two sets of six pictures do not fit."""
    little = Room(7 * (2 * own.SMALL_BYTES + own.SPLIT_BYTES))
    for module in (own_classes, store, upload):
        monkeypatch.setattr(module, "ROOM", little)
    return little


def all_given_back(shared: Room) -> bool:
    """Say whether nothing takes room any more; the last thread of a session may need a moment."""
    for _ in range(50):
        collect_garbage(everything=True)
        if shared.free == shared.most:
            return True
        time.sleep(0.1)
    return False


# The room itself --------------------------------------------------------------------------------------


def test_what_is_held_takes_room_and_what_is_let_go_gives_it_back() -> None:
    shared, first, second = Room(10 * MB), Thing(), Thing()
    shared.take(first, 6 * MB, "Send less.")
    with pytest.raises(NoRoomError) as refusal:
        shared.take(second, 5 * MB, "Send less.")
    said = str(refusal.value)
    assert "it takes 5.0 MB, and of the 10 MB" in said
    assert "4.0 MB are free. Send less. Or try again" in said
    assert shared.free == 4 * MB
    shared.take(second, 4 * MB, "Send less.")
    assert shared.free == 0
    del first
    assert shared.free == 6 * MB


def test_room_is_handed_on_and_nothing_changes_where_that_does_not_fit() -> None:
    shared, sent, made = Room(10 * MB), Thing(), Thing()
    shared.take(sent, 8 * MB, "")
    with pytest.raises(NoRoomError, match=r"it takes 11.0 MB, .* 2.0 MB are free"):
        shared.take(made, 11 * MB, "", of=sent)
    assert shared.free == 2 * MB
    shared.take(made, 9 * MB, "", of=sent)
    assert shared.free == MB
    del sent
    assert shared.free == MB


def test_many_at_once_never_take_more_than_there_is() -> None:
    shared, kept, start = Room(50), [], threading.Barrier(8)

    def come() -> None:
        start.wait()
        for _ in range(20):
            thing = Thing()
            try:
                shared.take(thing, 1, "")
            except NoRoomError:
                return
            kept.append(thing)

    threads = [threading.Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(kept) == 50
    assert shared.free == 0


def test_what_is_counted_is_what_is_held() -> None:
    collection = collected(zipped(two_classes(6)))
    dataset = own.split(collection, fit="crop", share=0.2, seed=1)
    arrays = [dataset.train_images, dataset.test_images, dataset.train_x, dataset.test_x]
    views = {id(v): v for small in collection.pictures for v in small.views.values()}
    assert collection.nbytes == sum(array.nbytes for array in [*arrays, *views.values()])
    assert len(views) == 24  # a picture that is not square is there twice
    assert own.unzip(zipped(two_classes(6))).most_bytes == collection.nbytes
    square = {
        f"{name}.png": png(k, (30, 30)) for k, name in enumerate(("a/1", "a/2", "b/1", "b/2"))
    }
    assert collected(zipped(square)).nbytes == 4 * (own.SMALL_BYTES + own.SPLIT_BYTES)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "CMYK", "1", "I;16"])
def test_a_picture_takes_no_more_than_is_asked_for_it(mode: str) -> None:
    image = Image.radial_gradient("L").resize((900, 900))
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) << 8)
    else:
        image = image.convert(mode)
    file = io.BytesIO()
    image.save(file, "JPEG" if mode == "CMYK" else "PNG")
    picture = pictures.decode(file.getvalue())
    assert picture.stored.nbytes <= picture.nbytes <= pictures.LARGEST


# On the pages -----------------------------------------------------------------------------------------


def test_a_set_that_finds_no_room_is_refused_and_leaving_gives_it_back(
    small_room: Room, on_doodles
) -> None:
    first = send(open_app("pictures", look="own"), zipped(two_classes(3)))
    assert own_name(first)
    second = send(open_app("pictures", look="own"), zipped(two_classes(2)))
    assert REFUSED in second.error[0].value
    assert "Send fewer pictures" in second.error[0].value
    assert "own_collection" not in second.session_state
    second.run()
    assert REFUSED in second.error[0].value  # it is not unpacked again and again
    first.button(key="own_forget").click().run()
    collect_garbage(everything=True)
    second.button(key="own_again").click().run()
    assert not second.error
    assert own_name(second)


def test_a_session_that_ends_gives_its_room_back(small_room: Room, on_doodles) -> None:
    app = send(open_app("pictures", look="own"), zipped(two_classes(3)))
    app.switch_page("pages/train.py").run()
    assert not app.exception
    assert small_room.free < small_room.most
    del app
    assert all_given_back(small_room)


def test_another_split_lets_go_of_the_columns_of_the_one_before(on_doodles) -> None:
    app = send(open_app("pictures", look="own"), zipped(two_classes(6)))
    app.switch_page("pages/train.py").run()
    network = app.session_state["network_in_use"]
    columns = weakref.ref(app.session_state["own_data"].dataset.train_x)
    app.switch_page("pages/results.py").run()
    app.switch_page("pages/pictures.py").run()
    app.number_input(key="own_seed").set_value(2).run()
    app.run()  # Streamlit keeps the values of the pass before
    assert app.session_state["network_in_use"].digest == network.digest
    del network
    collect_garbage(everything=True)
    assert columns() is None


def test_pictures_to_be_judged_find_room_or_a_sentence(monkeypatch, on_doodles) -> None:
    raw = [picture_of(shade) for shade in (10, 90)]
    size = pictures.decode(raw[0]).nbytes
    little = Room(pictures.LARGEST + size // 2)
    monkeypatch.setattr(upload, "ROOM", little)
    app = open_with(("a.png", raw[0]), ("b.png", raw[1]))
    assert len(app.error) == 1
    assert REFUSED in app.error[0].value
    assert "Send fewer or smaller pictures" in app.error[0].value
    assert len(app.session_state["own_pictures"]["upload"]) == 2
    assert little.free == little.most - size
    little.most += size
    app.run()  # there is room now: the one left out is looked at
    assert not app.error
    del app
    assert all_given_back(little)


def test_forgotten_pictures_give_their_room_back(monkeypatch, on_doodles) -> None:
    little = Room(upload.ROOM.most)
    monkeypatch.setattr(upload, "ROOM", little)
    app = open_with(("a.png", picture_of(10)), ("b.png", picture_of(90)))
    app.segmented_control(key="it_is").set_value("0").run()
    app.switch_page("pages/results.py").run()
    app.switch_page("pages/your_picture.py").run()
    assert little.free < little.most
    app.button(key="forget_upload").click().run()
    app.run()  # Streamlit keeps the values of the pass before
    assert not app.exception
    assert all_given_back(little)


def picture_of(shade: int) -> bytes:
    return png(shade, (800, 600))


def test_a_network_that_finds_no_room_is_refused_and_the_one_before_stays(
    monkeypatch, on_doodles
) -> None:
    app = opened()
    network = app.session_state["network_in_use"]
    raw = saved(pretrained.load("four_layer"))
    monkeypatch.setattr(store, "ROOM", Room(MB))
    load(app, raw)
    assert REFUSED in app.error[0].value
    assert app.session_state["network_in_use"] is network
    monkeypatch.setattr(store, "ROOM", room.ROOM)
    app.file_uploader(key="load").clear()
    load(app, raw)
    assert not app.error
    assert "From a file" in text_of(app)


def test_a_network_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(on_doodles) -> None:
    file = io.BytesIO()
    np.savez_compressed(file, W1=np.zeros((1, store.MOST_NETWORK // 8)), b1=np.zeros((1, 1)))
    assert len(file.getvalue()) < MB
    app = load(opened(), file.getvalue())
    assert f"at most {store.MOST_NETWORK:,} are read" in app.error[0].value


def test_large_runs_are_let_go_sooner_than_small_ones(monkeypatch) -> None:
    from tests.test_store import recipe

    run = pretrained.load("doodles")
    runs = store._trained()
    runs.clear()
    monkeypatch.setattr(store, "MOST_OF_RUNS", 2 * run.nbytes)
    for seed in range(4):
        store._keep(recipe(seed), run)
    assert [key[0].settings.seed for key in runs] == [2, 3]
    monkeypatch.setattr(store, "MOST_OF_RUNS", 1)
    store._keep(recipe(4), run)
    assert len(runs) == 1  # whoever has trained it can look at it
    runs.clear()


# Large runs -------------------------------------------------------------------------------------------

WIDE = {"model": "own", "hidden": "100", "iterations": "30", "data": "doodles"}


@pytest.mark.parametrize(
    ("hidden", "iterations"), [((20, 7, 5), 2500), ((40,), 500), ((100,), 500)]
)
def test_a_run_takes_no_more_than_was_said_before(hidden: tuple[int, ...], iterations: int) -> None:
    doodles = data.load("doodles")
    run = Run(doodles, Settings((12288, *hidden, 1), 0.0075, iterations, "scaled", 1, "doodles"))
    said = run.most_bytes
    run.advance()
    history = run.history()
    history.parameters_at(iterations // 2)
    assert 0.5 * said < history.nbytes <= said
    assert history.rewind is run.rewind
    assert (said > store.LARGE) is (hidden == (100,))


def test_a_large_run_that_finds_no_room_is_refused_and_the_page_stays(
    on_doodles, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 8 * (12288 * 100 + 1000) + MB
    little = Room(size)
    monkeypatch.setattr(store, "LARGE_RUNS", little)
    monkeypatch.setattr(store, "LARGE", 9 * MB)
    first = open_app("train", **WIDE)
    assert not first.error
    second = open_app("train", seed="5", **WIDE)
    assert REFUSED in second.error[0].value
    assert "Choose fewer units" in second.error[0].value
    second.segmented_control(key="part").set_value("watch").run()
    for button in ("go", "race"):
        second.button(key=button).click().run()
        assert not second.exception
        assert REFUSED in second.error[0].value
    second.segmented_control(key="part").set_value("compare").run()
    assert REFUSED in second.error[0].value
    second.segmented_control(key="part").set_value("explore").run()
    second.text_input(key="hidden").set_value("7").run()
    assert not second.error
    store._trained().clear()
    del first
    assert all_given_back(little)
    second.text_input(key="hidden").set_value("100").run()
    assert not second.error
    assert little.free < MB
    store._trained().clear()
    del second
    assert all_given_back(little)
