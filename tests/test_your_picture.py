"""The page Your picture as a visitor uses it: files good and bad, one and many, and what it says."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from ui import judge, many, matrix, moved, upload, way
from ui.components import pixel_ledger
from ui.spreadsheet import inert

from nncore import pretrained
from nncore.data import doodles, load, pictures, pipeline
from nncore.data.dataset import to_columns
from nncore.data.pipeline import Options
from nncore.history import History
from nncore.run import Run
from tests.conftest import ledger_of
from tests.test_pages import open_app, picture_file, text_of
from tests.test_pictures import saved
from tests.test_pipeline import in_mode


def chosen(raw: bytes, id: str = "1", name: str = "mine.png") -> upload.Chosen:
    return upload.Chosen(id, "your picture", name, pictures.decode(raw), drawn=False)


def said_of(raw: bytes, network: str = "four_layer") -> dict[str, way.Outcome]:
    picture = pictures.decode(raw)
    found = way.outcomes(
        pipeline.what_ifs(picture), pretrained.load(network), pipeline.steps(picture)[-1]
    )
    return {outcome.id: outcome for outcome in found}


def test_a_slip_with_which_nothing_comes_through_says_so() -> None:
    network = pretrained.load("doodles")
    (owl,) = (sample for sample in doodles.samples() if sample.id == "owl")
    file = io.BytesIO()
    Image.fromarray(owl.picture()).save(file, "PNG")
    found = said_of(file.getvalue(), "doodles").values()
    assert {outcome.silent for outcome in found} == {True, False}
    assert len({outcome.after for outcome in found if outcome.silent}) == 1  # the biases alone
    for outcome in found:
        said = way.answer(outcome, network.classes)
        assert ("Nothing of it comes through" in said) == outcome.silent


def open_with(*files: tuple[str, bytes], **query: str):
    app = open_app("your_picture", source="upload", **query)
    app.file_uploader(key="upload").set_value(
        [(name, content, "image/png") for name, content in files]
    ).run()
    assert not app.exception
    return app


# The ledger of steps ------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "P transparent", "RGBA", "CMYK", "I;16"])
def test_each_kind_of_file_is_shown_step_by_step(mode: str, on_doodles) -> None:
    app = open_with(("mine.png", in_mode(mode)))
    text = ledger_of(app)
    for number, title in enumerate(way.TITLES.values(), start=1):
        assert f"{number}. {title}" in text
    assert way.MODES[mode.split(" ")[0]] in text
    assert "NumPy refuses: (64, 64" in text
    without = "no difference here, the picture has no transparency"
    assert (without in text) is (mode not in ("LA", "RGBA", "P transparent"))
    assert "no difference here, the camera noted no turn" in text


def test_the_answers_beside_the_slips_are_the_networks(on_doodles) -> None:
    raw = in_mode("RGBA")
    app = open_with(("mine.png", raw))
    found = said_of(raw)
    text = ledger_of(app)
    assert any(outcome.flips for outcome in found.values())
    for outcome in found.values():
        assert outcome.flips is ((outcome.after > 0.5) != (outcome.before > 0.5))
    slips = [outcome for outcome in found.values() if outcome.id not in way.CHOICES]
    flips = sum(outcome.flips for outcome in slips)
    assert text.count("The answer turns:") == sum(outcome.flips for outcome in found.values())
    told = text_of(app)
    assert way.summary(list(found.values())) in told
    same = sum(outcome.same for outcome in slips)
    assert f"Of {len(slips)} slips" in told
    assert f"**{same}** would change nothing here, **{len(slips) - same - flips}** the" in told
    assert f"**{flips}** would turn the answer" in told or not flips
    for outcome in found.values():
        assert outcome.same or matrix.probability(outcome.after) in text


def test_a_turned_photo_says_so(on_doodles) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.linear_gradient("L").resize((90, 50)).convert("RGB")
    app = open_with(("mine.jpg", saved(image, "JPEG", exif=exif)))
    text = ledger_of(app)
    assert "Turned as the camera noted." in text
    assert "50 × 90: all, stretched" in text
    assert "A slip: The camera's note ignored." in text


def test_every_slip_has_its_words() -> None:
    ids = set()
    for mode in ("RGB", "I;16"):
        for fit in pictures.FITS:
            for filter in ("nearest", "bicubic"):
                picture = pictures.decode(in_mode(mode))
                found = pipeline.what_ifs(picture, Options(fit=fit, filter=filter))
                ids |= {slip.id for slip in found}
    assert ids == set(way.SLIPS)
    assert ids - {"own_mode"} == set(way.MEANS)
    assert set(way.OWN_MODES) | {"RGB", "PA"} == set(way.MODES)
    assert {step.id for step in pipeline.steps(picture)} == set(way.TITLES)


# Moved and mirrored, pixel by pixel ---------------------------------------------------------------


def test_the_other_parts_show_and_stand_in_the_address(on_doodles) -> None:
    app = open_app("your_picture", look="moved", sample="owl")
    assert app.segmented_control(key="look").value == "moved"
    grid = next(str(html.value) for html in app.get("html") if "looks" in str(html.value))
    assert grid.count("<td class=") == 98
    network = pretrained.load("doodles")
    one = judge.Judged(
        upload._sample("owl"), *_small_and_steady(upload._sample("owl").picture, network)
    )
    assert moved.sentence(one.steadiness) in text_of(app)
    app = open_app("your_picture", look="pixels")
    assert app.segmented_control(key="look").value == "pixels"


def _small_and_steady(picture: pictures.Picture, network):
    small = pipeline.steps(picture)[5].array
    return small, judge.steadiness(small, network.parameters)


def test_short_probabilities_never_round_to_a_certainty() -> None:
    assert [moved._short(p) for p in (0.0, 0.004, 0.005, 0.5, 0.994, 0.996, 1.0)] == [
        "0", "<.01", ".01", ".50", ".99", ">.99", "1",
    ]  # fmt: skip


def elsewhere_and_back(app, network):
    """Take a network into use on another page, and come back to this one."""
    app.switch_page("pages/start.py").run()
    app.session_state["network_in_use"] = network
    app.session_state["network"] = "session"
    app.switch_page("pages/your_picture.py").run()
    assert not app.exception
    return app


def test_the_training_pictures_most_like_it(on_doodles) -> None:
    app = open_app("your_picture", look="alike", sample="owl", network="doodles")
    small = _small_and_steady(upload._sample("owl").picture, pretrained.load("doodles"))[0]
    data = load("doodles")
    direct = np.linalg.norm(data.train_x - to_columns(small[np.newaxis]), axis=0)
    order = np.argsort(direct)[:6]
    gallery = next(
        str(html.value) for html in app.get("html") if "gallery alike" in str(html.value)
    )
    places = [gallery.index(f"training picture {i}:") for i in order]
    assert places == sorted(places)
    assert f"<span>{direct[order[0]]:.1f} apart</span>" in gallery
    most = max((0, 1), key=lambda label: (data.train_labels[0, order] == label).sum())
    count = (data.train_labels[0, order] == most).sum()
    name = ("non\\-cat", "cat")[most]
    assert f"{count} of these 6 are “{name}”; the network says “" in text_of(app)


def test_without_its_very_training_pictures_nothing_is_called_alike(on_doodles) -> None:
    app = open_app("your_picture", look="alike", network="four_layer")  # and no photos
    assert "are not here" in app.info[-1].value
    other = replace(pretrained.load("doodles"), data_digest="0" * 64)  # of the same name
    app = elsewhere_and_back(app, other)
    assert app.segmented_control(key="look").value == "alike"
    assert "are not here" in app.info[-1].value
    assert not any("gallery alike" in str(html.value) for html in app.get("html"))


# What it is ---------------------------------------------------------------------------------------


def test_what_a_picture_is_can_be_told_for_each_by_itself(on_doodles, monkeypatch) -> None:
    mounted: list[dict] = []
    monkeypatch.setattr(pixel_ledger, "_LEDGER", lambda **arguments: mounted.append(arguments))
    app = open_with(("a.png", picture_file()), ("b.png", picture_file("JPEG")), look="pixels")
    says = app.session_state["judged_pictures"][2]
    assert "Tell what it is" in text_of(app)
    assert "You have not said what the picture shows" in mounted[-1]["data"]["against"]
    newest = app.session_state["looked_at"]
    for label, truth in ((1, "It is a cat"), (0, "It is no cat")):
        app.segmented_control(key="it_is").set_value(str(label)).run()
        assert not app.exception
        right = (says[newest].probability > 0.5) == bool(label)
        assert f"{truth}: {'right' if right else 'the network is wrong'}." in text_of(app)
        assert mounted[-1]["data"]["against"].startswith("Of the loss against the known label")
        assert mounted[-1]["data"]["dZ"] == pytest.approx(says[newest].probability - label)
    app.session_state["looked_at"] = next(id for id in says if id != newest)
    app.run()
    assert app.segmented_control(key="it_is").value == judge.NOT_TOLD
    assert "Tell what it is" in text_of(app)
    app.switch_page("pages/start.py").run()
    app.switch_page("pages/your_picture.py").run()
    app.session_state["looked_at"] = newest
    app.run()
    assert app.segmented_control(key="it_is").value == "0"
    app.segmented_control(key="it_is").set_value(judge.NOT_TOLD).run()
    assert "Tell what it is" in text_of(app)


def test_of_a_sample_it_is_known(on_doodles) -> None:
    app = open_app("your_picture")
    assert not [one for one in app.segmented_control if one.key == "it_is"]
    assert "It is a cat: right." in text_of(app)


def test_what_is_told_belongs_to_the_classes_of_the_network(on_doodles) -> None:
    app = open_with(("a.png", picture_file()))
    app.segmented_control(key="it_is").set_value("1").run()
    names = ("*apples*", "![x](http://evil.test/y)")
    own = replace(pretrained.load("doodles"), classes=names)
    app = elsewhere_and_back(app, own)
    told = app.segmented_control(key="it_is")
    assert told.value == judge.NOT_TOLD
    assert "\\*apples\\*" in told.options
    told.set_value("0").run()
    assert "It is “\\*apples\\*”: " in text_of(app)
    app.selectbox(key="network").set_value("four_layer").run()
    assert app.segmented_control(key="it_is").value == "1"
    assert not any("![x](http" in text for text in (text_of(app), *told.options))


# The settings -------------------------------------------------------------------------------------


def test_settings_come_from_the_address_and_strange_ones_do_not(on_doodles) -> None:
    app = open_app(
        "your_picture", fit="letterbox", filter="nearest", background="own", colour="#112233"
    )
    assert app.selectbox(key="filter").value == "nearest"
    assert app.selectbox(key="background").value == "own"
    assert app.color_picker(key="colour").value == "#112233"
    assert "Shrunk with: nearest pixel" in ledger_of(app)
    app = open_app("your_picture", filter="sinc", background="plaid", colour="red", look="moon")
    assert not app.error
    assert app.selectbox(key="filter").value == "bicubic"
    assert app.selectbox(key="background").value == "white"
    assert app.segmented_control(key="look").value == "way"
    app = open_app("your_picture", background="own", colour="javascript:alert(1)")
    assert not app.error


def test_the_background_changes_the_answer_of_what_is_transparent(on_doodles) -> None:
    app = open_with(("mine.png", in_mode("RGBA")))
    before = ledger_of(app)
    app.selectbox(key="background").set_value("black").run()
    assert not app.exception
    assert "Transparent parts on (0, 0, 0)." in ledger_of(app)
    assert "Transparent parts on (255, 255, 255)." in before


# Several at once ----------------------------------------------------------------------------------

NAMES = (
    "![x](http://evil.test/a).png",
    "<img src=x onerror=alert(1)>.png",
    "=cmd|' /C calc'!A0.png",
)


def test_many_are_judged_each_by_itself_and_the_bad_spoil_nothing(on_doodles) -> None:
    good = [(name, saved(Image.new("RGB", (9, 9), (k * 60, 9, 9)))) for k, name in enumerate(NAMES)]
    app = open_with(("bad.png", b"MZ"), *good, ("cut.png", picture_file()[:60]))
    assert len(app.error) == 2
    assert "no picture that is known here" in app.error[0].value
    assert "damaged or cut short" in app.error[1].value
    _options, _network, judged = app.session_state["judged_pictures"]
    assert [one.chosen.name for one in judged.values()] == list(NAMES)
    tables = [part for part in app.get("bidi_component") if part.proto.id.endswith("-answers")]
    assert len(tables) == 1
    told = "\n".join(str(element.value) for element in [*app.markdown, *app.caption, *app.error])
    bodies = "\n".join(str(element.value) for element in app.get("html"))
    assert not any(name in told or name in bodies for name in (*NAMES, "bad.png"))
    assert NAMES[-1] in [text.value for text in app.text]  # the newest is looked at
    first = next(iter(judged))
    app.session_state["looked_at"] = first
    app.run()
    assert NAMES[0] in [text.value for text in app.text]
    assert NAMES[-1] not in [text.value for text in app.text]


def test_a_bad_file_alone_gives_no_answer(on_doodles) -> None:
    app = open_with(("<b>.png", b"GIF89a..."))
    assert "a GIF" in app.error[0].value
    assert "<b>.png" in [text.value for text in app.text]
    assert "The answer comes here" in app.info[0].value


@pytest.mark.parametrize(
    ("content", "what"), [(b"GIF89a...", "a GIF"), (b"BM......", "a BMP"), (b"II*\0....", "a TIFF")]
)
def test_what_only_has_the_name_of_a_picture_is_refused(content, what: str, on_doodles) -> None:
    app = open_with(("cat.webp", content))
    assert what in app.error[0].value


def test_the_uploader_and_its_label_name_the_same_limit_and_kinds(on_doodles) -> None:
    uploader = open_app("your_picture", source="upload").file_uploader(key="upload")
    limit = pictures.MOST_BYTES // 2**20
    assert f"PNG, JPEG or WebP, up to {limit} MB each" in uploader.label
    assert uploader.proto.max_upload_size_mb == limit
    assert set(uploader.proto.type) == {".png", ".jpg", ".jpeg", ".jfif", ".webp"}


def test_too_many_files_are_left_out_with_a_sentence(on_doodles, monkeypatch) -> None:
    monkeypatch.setattr(upload, "MOST_FILES", 2)
    app = open_with(*((f"{k}.png", picture_file()) for k in range(4)))
    assert len(app.error) == 2
    assert "At most 2 pictures are judged at once" in app.error[0].value
    monkeypatch.setattr(upload, "MOST_FILES", 3)  # one place more, as when another is taken away
    app.run()
    assert len(app.error) == 1
    monkeypatch.setattr(upload, "MOST_TOGETHER", 2 * len(picture_file()))
    app = open_with(*((f"{k}.png", picture_file()) for k in range(3)))
    assert len(app.error) == 1
    assert "together" in app.error[0].value


def test_pictures_are_decoded_once(on_doodles, monkeypatch) -> None:
    count = []
    real = pictures.decode
    monkeypatch.setattr(pictures, "decode", lambda raw: count.append(1) or real(raw))
    upload._sample.clear()
    app = open_with(("a.png", picture_file()), ("b.png", picture_file("JPEG")), ("c.png", b"MZ"))
    before = len(count)
    app.segmented_control(key="fit").set_value("crop").run()
    app.selectbox(key="network").set_value("two_layer").run()
    app.segmented_control(key="look").set_value("moved").run()
    assert not app.exception
    assert len(count) == before


def test_several_stay_while_looking_elsewhere_and_can_be_forgotten(on_doodles) -> None:
    app = open_with(("a.png", picture_file()), ("b.png", picture_file("JPEG")))
    app.switch_page("pages/start.py").run()
    app.switch_page("pages/your_picture.py").run()
    assert "Still here: 2 pictures of yours." in text_of(app)
    app.button(key="forget_upload").click().run()
    assert "The answer comes here" in app.info[0].value


def test_the_csv_says_it_all_and_starts_no_formula() -> None:
    network = replace(pretrained.load("four_layer"), classes=("+dogs", "=cats"))
    judged = []
    for k, name in enumerate([*NAMES, "plain.png"]):
        one = chosen(saved(Image.new("RGB", (9, 9), (60 * k, 9, 9))), str(k), name)
        judged.append(judge.Judged(one, *_small_and_steady(one.picture, network)))
    head, *rows = csv.reader(io.StringIO(many.as_csv(judged, network)))
    assert head[:2] == ["file", "answer"]
    assert [row[0] for row in rows] == [NAMES[0], NAMES[1], f"'{NAMES[2]}", "plain.png"]
    for one, row in zip(judged, rows, strict=True):
        assert float(row[2]) == one.probability
        assert row[1] == ("'=cats" if one.probability > 0.5 else "'+dogs")
        assert (int(row[3]), int(row[4])) == one.steadiness.count
        assert float(row[5]) <= one.probability <= float(row[6])
        assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in row)
    assert inert("\t=1") == "'\t=1"


def test_a_network_of_own_classes_answers_with_their_names(on_doodles) -> None:
    app = open_app()
    names = ("*apples*", "<b>pears</b>")
    own = replace(pretrained.load("doodles"), classes=names)
    own = replace(own, settings=replace(own.settings, dataset="own"))
    app.session_state["network_in_use"] = own
    app.session_state["network"] = "session"
    app.switch_page("pages/your_picture.py").run()
    assert not app.exception
    assert "\\<b\\>pears\\</b\\>" in app.header[0].value
    assert "0 is surely \\*apples\\*, 1 surely" in str(app.get("progress")[0].proto.text)
    assert "cat: right" not in text_of(app)
    assert not app.warning


def test_a_network_whose_numbers_are_no_longer_finite_is_told(on_doodles) -> None:
    app = open_app()
    doodles = pretrained.load("doodles")
    wild = {name: array * 1e200 for name, array in doodles.parameters.items()}
    app.session_state["network_in_use"] = replace(doodles, parameters=wild)
    app.session_state["network"] = "session"
    app.switch_page("pages/your_picture.py").run()
    assert not app.exception
    assert "no longer finite" in app.error[0].value


# What takes long is done once ------------------------------------------------------------------------


def test_a_file_is_decoded_once_whatever_is_changed(on_doodles, monkeypatch) -> None:
    decode, files = pictures.decode, []
    monkeypatch.setattr(pictures, "decode", lambda raw: files.append(len(raw)) or decode(raw))
    large = saved(Image.effect_noise((1000, 750), 60).resize((4000, 3000)).convert("RGB"), "JPEG")
    app = open_with(("large.jpg", large))
    for fit in ("crop", "letterbox", "stretch"):
        app.segmented_control(key="fit").set_value(fit).run()
        assert not app.exception
    app.segmented_control(key="look").set_value("moved").run()
    app.switch_page("pages/results.py").run()
    app.switch_page("pages/your_picture.py").run()
    assert files == [len(large)]


def test_the_way_leads_on_to_results_and_back(on_doodles) -> None:
    app = open_app("your_picture")
    for page in ("results", "your_picture", "results"):
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception, page
    assert app.selectbox(key="judged").value == "doodles"


# Who is asked -------------------------------------------------------------------------------------


@pytest.mark.parametrize("from_file", [False, True])
def test_a_network_that_learned_nothing_is_called_so(on_doodles, from_file: bool) -> None:
    settings = pretrained.load("doodles").settings
    settings = replace(settings, init="zeros", learning_rate=0.02, num_iterations=2)
    network = Run(load("doodles"), settings).history()
    if from_file:  # which holds no single answers
        file = io.BytesIO()
        network.save(file)
        network = History.load(io.BytesIO(file.getvalue()))
    app = elsewhere_and_back(open_app("your_picture"), network)
    assert "rate 0.02, learned nothing" in app.selectbox(key="network").options[0]
    assert "has learned nothing" in app.warning[0].value
    app.selectbox(key="network").set_value("doodles").run()
    assert not app.warning
    assert any("4\\-layer network for doodles" in caption.value for caption in app.caption)
