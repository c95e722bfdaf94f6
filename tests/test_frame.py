"""What the frame keeps in the session and in the address: hidden groups, presenter mode, ticks."""

import pytest
from streamlit.testing.v1 import AppTest

from ui.components.presenter import BACK, FORWARD
from ui.frame import ENTRIES, LESSONS, SELECTORS
from ui.text import HERE, LANGUAGE, _parts, plain
from ui.two_models import MODELS
from ui.view import HIDEABLE, View, among
from ui.view import LESSONS as IDS

from tests.test_pages import open_app, text_of

WORDS = HERE / LANGUAGE


def style_of(app: AppTest) -> str:
    """The style sheet that the frame puts on the page."""
    return next(each.value for each in app.sidebar.markdown if ".st-key-tools" in each.value)


def hidden(app: AppTest) -> set[str]:
    return {
        group for group, rule in SELECTORS.items() if f"{rule} {{ display: none" in style_of(app)
    }


def test_every_lesson_is_a_page_and_every_id_its_own() -> None:
    keys = [entry.key for entry in ENTRIES]
    assert [keys.index(lesson) for lesson in LESSONS] == sorted(map(keys.index, LESSONS))
    assert len(set(IDS.values())) == len(LESSONS)
    assert set(SELECTORS) == set(HIDEABLE)


@pytest.mark.parametrize("text", ["", ",,,", "moon", "CONTROLS", "controls;question", "x" * 9000])
def test_what_an_address_asks_for_in_vain_is_ignored(text: str) -> None:
    assert among(text, HIDEABLE) == ()


def test_a_view_is_written_and_read_back() -> None:
    view = View(hidden=("controls", "nav"), done=("shapes", "notebook_numbers"))
    assert among(view.query["hide"], HIDEABLE) == view.hidden
    assert among(view.query["done"], IDS.values()) == ("shapes", "numbers")
    assert View().query == {}


def test_a_link_hides_groups_and_the_visitor_gets_them_back(on_doodles) -> None:
    app = open_app("train", part="watch", hide="controls,moon,<script>", rate="0.02")
    assert hidden(app) == {"controls"}
    assert "moon" not in style_of(app)
    assert app.query_params["hide"] == "controls"  # what means nothing does not stay
    assert app.select_slider(key="rate").value == 0.02  # hidden, and still in force
    app.switch_page("pages/shapes.py").run()
    assert hidden(app) == {"controls"}
    assert app.query_params["hide"] == "controls"
    app.button(key="show_all").click().run()
    assert not hidden(app)
    assert "hide" not in app.query_params
    assert not [each for each in app.button if each.key == "show_all"]


def test_what_asks_for_a_setting_goes_with_the_settings(on_doodles) -> None:
    asked = "Choose a case that the course's notebooks print."
    assert asked in text_of(open_app("forward_and_cost"))
    hidden_too = text_of(open_app("forward_and_cost", hide="controls"))
    assert asked not in hidden_too
    assert "Point at any number, or tap it" in hidden_too


def test_no_words_show_the_brackets_of_what_asks_for_a_setting() -> None:
    for file in WORDS.glob("*.md"):
        whole, without = _parts(file.stem, False), _parts(file.stem, True)
        assert whole.keys() == without.keys()
        for text in (*whole.values(), *without.values()):
            assert "[[" not in text
            assert "]]" not in text
            assert text


def test_the_last_of_the_lessons_is_told_so(on_doodles) -> None:
    app = open_app("shapes", done=",".join(id for id in IDS.values() if id != "shapes"))
    for k in range(len(app.radio[0].options)):
        assert "All 6 lessons are done." not in text_of(app)
        app.radio[0].set_value(k).run()
        if "ticks the lesson" not in text_of(app):
            break
    assert "All 6 lessons are done." in text_of(app)


def test_presenter_mode_lasts_from_page_to_page_until_it_is_turned_off(on_doodles) -> None:
    app = open_app("shapes", present="1")
    assert "--larger: 1.35" in style_of(app)
    app.switch_page("pages/initialise.py").run()
    assert "--larger: 1.35" in style_of(app)
    assert app.query_params["present"] == "1"
    assert app.toggle(key="presenting").value
    app.toggle(key="presenting").set_value(False).run()
    assert "--larger: 1.35" not in style_of(app)
    assert "present" not in app.query_params
    app.toggle(key="presenting").set_value(True).run()
    assert app.query_params["present"] == "1"


def test_the_right_answer_is_ticked_in_the_session_and_in_the_address(on_doodles) -> None:
    app = open_app("shapes", done="initialise,forward_and_cost,moon")
    assert app.query_params["done"] == "initialise"
    assert "Lesson 1 of 6 · 1 of 6 done" in text_of(app)
    wrong = []
    for k in range(len(app.radio[0].options)):
        app.radio[0].set_value(k).run()
        if "ticks the lesson" not in text_of(app):
            break
        wrong.append(k)
        assert "Lesson 1 of 6 · 1 of 6 done" in text_of(app)
        assert app.query_params["done"] == "initialise"
    assert wrong
    assert "Lesson 1 of 6 ✓ · 2 of 6 done" in text_of(app)  # at once, not one press later
    app.radio[0].set_value(wrong[0]).run()
    assert "Lesson 1 of 6 ✓" in text_of(app)  # once right is right
    assert app.query_params["done"] == "shapes,initialise"
    app.switch_page("pages/start.py").run()
    links = [each.proto.label for each in app.get("page_link")]
    assert sum("question answered" in label for label in links) == 2
    assert "Go on with Forward and cost" in links


@pytest.mark.parametrize(
    ("page", "asked", "instead"),
    [
        ("train", {"part": "wacth"}, "`explore`, `watch`, `compare`"),
        ("forward_and_cost", {"case": "linear_backward_v4"}, "`linear_forward`"),
        ("results", {"judged": "session"}, "A network that was trained in a session stays in that"),
        ("results", {"part": "two", "two_a": "run3"}, "`two_layer`"),
    ],
)
def test_an_address_that_asks_for_what_is_not_here_is_told_so(
    page: str, asked: dict[str, str], instead: str, on_doodles
) -> None:
    app = open_app(page, **asked)
    (said,) = [each.value for each in app.info if "asks for" in each.value]
    assert instead in said
    app.run()
    assert said in [each.value for each in app.info]  # nothing jumps when something is changed
    app.switch_page("pages/shapes.py").run()
    assert "asks for" not in text_of(app)


@pytest.mark.parametrize(
    ("page", "asked"),
    [
        ("train", {"part": "watch", "model": "2-layer, documented"}),
        ("results", {"part": "two", "two_b": "two_layer_here"}),
        ("results", {"part": "Two models", "two_a": MODELS["two_layer"]}),
        ("initialise", {"case": "initialize_parameters_deep", "scale": "he"}),
    ],
)
def test_ids_and_names_that_are_known_are_taken(
    page: str, asked: dict[str, str], on_doodles
) -> None:
    assert "asks for" not in text_of(open_app(page, **asked))


@pytest.mark.parametrize("text", ["<b>x</b>", "![](http://x.y/z.png)", "`x`", "$x$", "x" * 5000])
def test_what_an_address_says_is_shown_as_it_is_and_not_at_length(text: str, on_doodles) -> None:
    app = open_app("train", part=text)
    (said,) = [each.value for each in app.info if "asks for" in each.value]
    assert f"“{plain(text[:60])}”" in said
    assert len(said) < 300


@pytest.mark.parametrize(
    ("page", "query", "said"),
    [
        ("shapes", {"m": "-5"}, r"\-5” (m), which cannot be set here; the page begins with 209."),
        (
            "shapes",
            {"m": "1e309"},
            "1e309” (m), which cannot be set here; the page begins with 209.",
        ),
        (
            "results",
            {"threshold": "7"},
            r"7” (threshold), which cannot be set here; the page begins with 0\.5.",
        ),
        (
            "one_iteration",
            {"step": "999"},
            "999” (step), which cannot be set here; the page begins with 17.",
        ),
        (
            "one_iteration",
            {"cell": "dW9.1.1"},
            "dW9.1.1” (cell), which cannot be set here; it is left",
        ),
        (
            "train",
            {"data": "doodles", "iterations": "20", "branch": "5@7"},
            "(branch), which cannot",
        ),
    ],
)
def test_a_setting_that_a_page_cannot_take_is_told_until_the_page_is_left(
    page, query, said
) -> None:
    app = open_app(page, **query)
    (told,) = [each.value for each in app.info if "cannot be set" in each.value]
    assert said in told
    assert not app.exception
    app.run()
    assert told in [each.value for each in app.info]
    app.switch_page("pages/start.py").run()
    assert "cannot be set" not in text_of(app)


@pytest.mark.parametrize(
    ("page", "query"),
    [
        # What it begins with, and another.
        ("shapes", {"m": "209", "dims": "5, 4, 3", "question": "1"}),
        ("results", {"threshold": "0.50"}),
        ("train", {"data": "doodles", "iterations": "20", "rate": "0.0075", "at": "20"}),
        ("one_iteration", {"what": "small", "step": "2"}),
        ("initialise", {"scale": "he", "from": "a newsletter"}),
    ],
)
def test_of_a_setting_that_is_taken_or_is_none_nothing_is_told(page, query) -> None:
    assert "asks for" not in text_of(open_app(page, **query))


def test_a_newcomer_is_told_where_to_begin(on_doodles) -> None:
    app = open_app()
    links = [each.proto.label for each in app.get("page_link")]
    assert links[0] == "Begin with Shapes"
    assert {f"**{entry.title}**" for entry in ENTRIES[1:]} <= set(links)


def test_a_link_names_a_question(on_doodles) -> None:
    first = open_app("shapes").radio[0].label
    app = open_app("shapes", question="2")
    second = app.radio[0].label
    assert second != first
    app.button(key="another_shapes").click().run()
    assert app.query_params["question"] == "3"
    for strange in ("0", "-3", "x", "²", "99999"):
        assert open_app("shapes", question=strange).radio[0].label == first


def test_the_presenters_key_finds_what_it_presses(on_doodles) -> None:
    app = open_app("one_iteration", present="1")
    assert {f".st-key-{button.key} button" for button in app.button} >= {FORWARD[0], BACK[0]}
