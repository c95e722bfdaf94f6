"""An answer to a picture, moved and mirrored."""

import numpy as np
import pytest

from ui.moved import sentence, way

from nncore import pretrained
from nncore.data import doodles
from nncore.data.dataset import to_columns
from nncore.forward import L_model_forward
from nncore.steady import MOVES, Move, Steadiness, look, steadiness


@pytest.fixture(scope="module")
def small():
    return doodles.samples()[0].draw(64)


def test_every_look_is_the_answer_to_that_look(small) -> None:
    parameters = pretrained.load("doodles").parameters
    steady = steadiness(small, parameters)
    assert steady.probabilities.shape == (2, len(MOVES), len(MOVES))
    for mirrored in (False, True):
        for down in MOVES:
            for right in MOVES:
                move = Move(mirrored, down, right)
                x = to_columns(look(small, move)[np.newaxis])
                AL, _ = L_model_forward(x, parameters)
                assert steady.at(move) == pytest.approx(float(AL[0, 0]), abs=1e-12)
    np.testing.assert_array_equal(look(small, Move(False, 0, 0)), small)
    np.testing.assert_array_equal(look(small, Move(True, 0, 0)), small[:, ::-1])
    np.testing.assert_array_equal(look(small, Move(False, 2, -1))[2:, :-1], small[:-2, 1:])


def test_a_picture_of_one_colour_is_not_called_deaf(small) -> None:
    parameters = pretrained.load("doodles").parameters
    assert not steadiness(small, parameters).one_look
    plain = steadiness(np.full_like(small, 90), parameters)
    assert plain.one_look
    assert sentence(plain).startswith("**The same everywhere:**")
    loud = {name: array * 1e3 for name, array in parameters.items()}  # every answer is sure
    assert "Deaf" not in sentence(steadiness(small, loud))
    unheard = parameters | {"b1": np.full_like(parameters["b1"], -1e3)}
    assert sentence(steadiness(small, unheard)).startswith("**Deaf:**")


def made(probabilities) -> Steadiness:
    return Steadiness((-1, 0, 1), np.array(probabilities, dtype=np.float64))


def test_what_is_said_of_an_answer() -> None:
    all_alike = np.full((2, 3, 3), 0.8)
    assert "very same probability" in sentence(made(all_alike))
    steady = all_alike.copy()
    steady[1, 2, 2] = 0.6
    assert sentence(made(steady)).startswith("**Steady:**")
    assert "from 0.600 to 0.800" in sentence(made(steady))
    one = steady.copy()
    one[1, 1, 1] = 0.5  # not over a half: the other class
    assert made(one).count == (17, 18)
    assert made(one).nearest_flip == Move(True, 0, 0)
    assert sentence(made(one)).endswith("It changes in the mirror.")
    two = one.copy()
    two[0, 0, 1] = 0.1
    two[0, 0, 0] = 0.1
    assert made(two).nearest_flip == Move(False, -1, 0)
    assert sentence(made(two)).startswith(
        "**Mostly steady:** this answer comes for 15 of 18 copies"
    )
    lonely = np.full((2, 3, 3), 0.2)
    lonely[0, 1, 1] = 0.9
    assert sentence(made(lonely)).startswith("**An exception:** this answer comes for only 1 of 18")
    assert way(Move(True, 2, -4)) == "in the mirror, when moved 2 down and 4 to the left, in pixels"


@pytest.mark.parametrize(
    ("same", "grade"),
    [(98, "all"), (97, "most"), (89, "most"), (88, "most"), (79, "most"), (78, "wavers"),
     (59, "wavers"), (58, "half"), (49, "half"), (40, "half"), (39, "few"), (1, "few")],
)  # fmt: skip
def test_the_grades_at_their_borders(same: int, grade: str) -> None:
    probabilities = np.full(98, 0.9)
    probabilities[0] = 0.8  # not all the very same, which is deaf
    probabilities[same:] = 0.1
    steady = Steadiness(MOVES, np.roll(probabilities, 24).reshape(2, 7, 7))  # the first: as it is
    assert steady.answer > 0.5
    assert steady.count == (same, 98)
    assert steady.grade == grade
    said = sentence(steady)
    assert ("luck" in said) is (grade == "half")
    if grade != "all":
        assert f" {same} of 98 copies, moved a little or mirrored" in said


def test_rest_needs_to_be_among_the_moves(small) -> None:
    with pytest.raises(ValueError, match="0, the picture as it is, needs to be among them"):
        steadiness(small, pretrained.load("doodles").parameters, moves=(1, 2))
