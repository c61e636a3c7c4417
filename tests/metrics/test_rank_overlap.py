"""Jaccard index and rank-biased overlap: the published formula, and what they must be for plain cases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grnpyg.metrics.rank_overlap import jaccard_at, places, rank_biased_overlap, weight_of_top

LISTS = st.lists(st.integers(0, 30), min_size=1, max_size=25, unique=True).map(np.array)
PS = st.floats(0.05, 0.995)


def by_the_paper(first: np.ndarray, second: np.ndarray, p: float) -> float:
    """Equation 32 of Webber et al. (2010), term by term."""
    short, long = sorted((list(first), list(second)), key=len)
    s, end = len(short), len(long)
    x = {d: len(set(short[:d]) & set(long[:d])) for d in range(1, end + 1)}
    one = sum(x[d] / d * p**d for d in range(1, end + 1))
    two = sum(x[s] * (d - s) / (s * d) * p**d for d in range(s + 1, end + 1))
    return (1 - p) / p * (one + two) + ((x[end] - x[s]) / end + x[s] / s) * p**end


@given(LISTS, LISTS, PS)
def test_overlap_is_that_of_the_paper(first: np.ndarray, second: np.ndarray, p: float) -> None:
    assert rank_biased_overlap(first, second, p) == pytest.approx(by_the_paper(first, second, p), abs=1e-9)


@given(LISTS, LISTS, PS, st.integers(1, 30))
def test_both_are_symmetric_and_within_their_range(
    first: np.ndarray, second: np.ndarray, p: float, k: int
) -> None:
    assert rank_biased_overlap(first, second, p) == pytest.approx(rank_biased_overlap(second, first, p))
    assert 0 <= rank_biased_overlap(first, second, p) <= 1
    assert jaccard_at(first, second, k) == jaccard_at(second, first, k)


@given(LISTS, PS, st.integers(1, 30))
def test_the_same_list_has_1_and_one_without_a_common_item_0(first: np.ndarray, p: float, k: int) -> None:
    assert rank_biased_overlap(first, first, p) == pytest.approx(1)
    assert jaccard_at(first, first, k) == 1
    assert rank_biased_overlap(first, first + 100, p) == 0
    assert jaccard_at(first, first + 100, k) == 0


def test_a_change_at_the_top_counts_more_than_one_at_the_end() -> None:
    items = np.arange(20)
    top, end = items.copy(), items.copy()
    top[[0, 1]], end[[18, 19]] = [1, 0], [19, 18]
    assert rank_biased_overlap(items, top, 0.8) < rank_biased_overlap(items, end, 0.8) < 1


def test_the_weight_of_the_top_is_that_of_the_paper() -> None:
    """Webber et al. state 86 % for the first 10 at p = .9."""
    assert weight_of_top(0.9, 10) == pytest.approx(0.8556, abs=1e-4)
    assert weight_of_top(0.5, 1) < weight_of_top(0.5, 5) < 1


def test_empty_lists_and_places() -> None:
    none = np.array([], dtype=np.int64)
    assert np.isnan(rank_biased_overlap(none, np.array([1]), 0.9))
    assert np.isnan(jaccard_at(none, none, 3))
    assert places(np.array([5, 7, 9]), np.array([9, 5])).tolist() == [1, np.inf, 0]
    assert places(np.array([5]), none).tolist() == [np.inf]
