"""Probabilities of unknown pairs, on scores whose odds are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.special import expit

from grnpyg.core.errors import InputError
from grnpyg.core.seeding import numpy_generator
from grnpyg.metrics.held_out_odds import HeldOutOdds, shift_to


def fitted(edges: np.ndarray, pairs: np.ndarray, weight: np.ndarray | None = None) -> HeldOutOdds:
    odds = HeldOutOdds()
    odds.fit(edges, pairs, np.ones(len(pairs)) if weight is None else weight)
    return odds


def normal(edges: int = 2000, pairs: int = 100_000) -> tuple[np.ndarray, np.ndarray]:
    """Held-out edges are N(2, 1) and unknown pairs N(0, 1): the log odds are log(edges/pairs) + 2s - 2."""
    rng = numpy_generator(0, "held out odds")
    return rng.normal(2, 1, edges), rng.normal(0, 1, pairs)


def test_the_true_odds_are_found() -> None:
    odds = fitted(*normal())
    score = np.linspace(-0.5, 3.5, 30)
    np.testing.assert_allclose(odds(score), np.log(2000 / 100_000) + 2 * score - 2, atol=0.35)


def test_a_weighted_sample_says_the_same_as_all_pairs() -> None:
    edges, pairs = normal()
    part = np.r_[np.flatnonzero(pairs > 1), np.flatnonzero(pairs <= 1)[::10]]
    weight = np.where(pairs[part] > 1, 1.0, 10.0)
    score = np.linspace(0, 3, 20)
    np.testing.assert_allclose(
        fitted(edges, pairs[part], weight)(score), fitted(edges, pairs)(score), atol=0.1
    )


def test_nothing_is_claimed_above_what_was_measured() -> None:
    edges, pairs = normal()
    odds = fitted(edges, pairs)
    top, beyond = odds(np.array([edges.max(), edges.max() + 100]))
    assert top == beyond


@settings(deadline=None, max_examples=30)
@example([0.0] * 9 + [5e-324], [0.0])
@given(
    st.lists(st.floats(-20, 20), min_size=10, max_size=60),
    st.lists(st.floats(-20, 20), min_size=1, max_size=60),
)
def test_odds_never_fall_and_are_finite(edges: list[float], pairs: list[float]) -> None:
    odds = fitted(np.array(edges), np.array(pairs))(np.linspace(-30, 30, 200))
    assert np.isfinite(odds).all()
    assert (np.diff(odds) >= -1e-9).all()


def test_one_score_for_all_pairs_says_nothing() -> None:
    odds = fitted(np.zeros(20), np.zeros(1000))
    np.testing.assert_allclose(expit(odds(np.array([-1.0, 0, 1]))), 20 / 1020, rtol=1e-9)


@pytest.mark.parametrize("difference", [5e-324, 1e-300, 1e-17, 1e-11])
def test_scores_that_hardly_differ_are_one_score(difference: float) -> None:
    pairs, score = np.array([-20.0, 0.0]), np.linspace(-30, 30, 200)
    nearly, equal = (fitted(np.r_[np.zeros(9), last], pairs)(score) for last in (difference, 0.0))
    np.testing.assert_array_equal(nearly, equal)


def test_few_edges_and_bad_scores_are_refused() -> None:
    with pytest.raises(InputError, match="need 10 held-out edges"):
        fitted(np.zeros(9), np.zeros(5))
    with pytest.raises(InputError, match="not finite"):
        fitted(np.r_[np.zeros(20), np.nan], np.zeros(5))


@given(st.lists(st.floats(-30, 10), min_size=2, max_size=40), st.floats(0.001, 0.999))
def test_the_shift_gives_the_number_of_edges_that_is_wanted(log_odds: list[float], share: float) -> None:
    values, weight = np.array(log_odds), np.arange(1.0, len(log_odds) + 1)
    wanted = share * weight.sum()
    shift = shift_to(values, weight, wanted)
    assert weight @ expit(values + shift) == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("number", [0, -1, 10, 11])
def test_more_edges_than_pairs_are_refused(number: float) -> None:
    with pytest.raises(InputError, match="10 unknown pairs"):
        shift_to(np.zeros(10), np.ones(10), number)
