"""Every documented number is reproduced, and the comparison notices when one is not."""

from dataclasses import replace

import numpy as np
import pytest

from nncore.cases import Case, cases, check, documented_run, runs


@pytest.mark.parametrize("case", cases().values(), ids=cases())
def test_documented_case(case: Case) -> None:
    for comparison in check(case):
        assert comparison.computed.shape == comparison.documented.shape
        assert comparison.agrees, (comparison.name, comparison.difference)
        np.testing.assert_allclose(
            comparison.computed, comparison.documented, rtol=0, atol=case.tolerance
        )


def test_there_are_18_cases_with_tolerances_of_half_a_printed_digit() -> None:
    assert len(cases()) == 18
    assert cases()["linear_forward"].tolerance == pytest.approx(5e-9)
    assert cases()["compute_cost_v3"].tolerance == 1e-15


@pytest.mark.parametrize("case", cases().values(), ids=cases())
def test_a_wrong_number_is_noticed(case: Case) -> None:
    for name in case.expected:

        def wrong(_name: str = name, **inputs: object) -> dict[str, object]:
            outputs = case.compute(**inputs)
            return {**outputs, _name: np.asarray(outputs[_name]) + 3 * case.tolerance}

        found = {c.name: c.agrees for c in check(replace(case, compute=wrong))}
        assert not found[name]


def test_a_wrong_shape_and_a_nan_are_noticed() -> None:
    case = cases()["linear_backward_v3"]
    flat = replace(case, compute=lambda **i: {k: v.ravel() for k, v in case.compute(**i).items()})
    assert not any(c.agrees for c in check(flat))
    nan = replace(case, compute=lambda **i: {k: v * np.nan for k, v in case.compute(**i).items()})
    assert not any(c.agrees for c in check(nan))


def test_inputs_are_fresh_and_cases_leave_the_global_stream_alone() -> None:
    np.random.seed(5)
    before = np.random.get_state()[1].copy()
    for case in cases().values():
        first, second = case.inputs(), case.inputs()
        for name, value in first.items():
            np.testing.assert_array_equal(value, second[name])
            assert not isinstance(value, np.ndarray) or value is not second[name]
        check(case)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_the_documented_al_is_no_probability() -> None:
    """So the backward pass has to start from dAL: the shortcut AL - Y fails this very case."""
    AL = cases()["L_model_backward"].inputs()["AL"]
    assert AL.max() > 1


def test_documented_runs_are_recognised_by_all_their_settings() -> None:
    run = runs()["four_layer"]
    assert documented_run(run.settings) is run
    for change in ({"seed": 2}, {"dataset": "doodles"}, {"learning_rate": 0.01}, {"init": "he"}):
        assert documented_run(replace(run.settings, **change)) is None
