from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grnpyg.metrics.survival import surviving_share


@pytest.mark.parametrize(
    ("score", "control", "chance", "expected"),
    [
        (0.9, 0.7, 0.5, 0.5),
        (0.9, 0.9, 0.5, 1.0),
        (0.9, 0.5, 0.5, 0.0),
        (0.7, 0.4, 0.5, -0.5),  # the control is under chance
        (0.6, 0.8, 0.5, 3.0),  # the control is better
        (0.30, 0.15, 0.10, 0.25),  # AP at one positive in ten
    ],
)
def test_golden_values(score: float, control: float, chance: float, expected: float) -> None:
    assert surviving_share(score, control, chance) == pytest.approx(expected)


@pytest.mark.parametrize("score", [0.5, 0.4, float("nan")])
def test_a_score_that_is_not_above_chance_has_nothing_to_survive(score: float) -> None:
    assert math.isnan(surviving_share(score, 0.6, 0.5))


def test_a_control_without_a_value_has_no_share() -> None:
    assert math.isnan(surviving_share(0.9, float("nan"), 0.5))


@given(st.floats(0.51, 1), st.floats(0, 1), st.floats(0, 1))
def test_more_control_is_more_survival(score: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert surviving_share(score, low, 0.5) <= surviving_share(score, high, 0.5)
