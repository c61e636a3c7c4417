"""How many pairs have to be scored again until the best ones are found."""

from __future__ import annotations

import numpy as np
import pytest

from grnpyg.metrics.retrieval import best_of_all, best_of_each, count_of, shares_to_find

FIRST = np.array([[9.0, 8.0, 1.0, 0.0], [7.0, 6.0, 5.0, 4.0]])
SECOND = np.array([[0.0, 9.0, 8.0, 1.0], [2.0, 3.0, 7.0, 4.0]])
EVERY = np.ones((2, 4), dtype=bool)


def test_the_best_pairs_by_hand() -> None:
    np.testing.assert_array_equal(np.flatnonzero(best_of_all(SECOND, EVERY, 0.375)), [1, 2, 6])
    np.testing.assert_array_equal(np.flatnonzero(best_of_each(SECOND, EVERY, 1)), [1, 6])
    np.testing.assert_array_equal(best_of_each(SECOND, EVERY, 9), EVERY)


def test_shares_by_hand() -> None:
    """The pairs 1, 2 and 6 stand at places 2, 7 and 5 of the eight by the first method."""
    wanted = best_of_all(SECOND, EVERY, 0.375)
    np.testing.assert_allclose(shares_to_find(FIRST, EVERY, wanted), np.array([2, 7, 5]) / 8)
    found = shares_to_find(FIRST, EVERY, wanted, of_each=True)
    np.testing.assert_allclose(found, np.array([2, 3, 3]) / 4)


def test_pairs_that_are_not_there_take_no_place() -> None:
    there = EVERY.copy()
    there[0, 0] = there[1, 1] = False
    wanted = best_of_all(SECOND, there, 0.5)
    assert not (wanted & ~there).any()
    np.testing.assert_array_equal(np.flatnonzero(wanted), [1, 2, 6])
    np.testing.assert_allclose(shares_to_find(FIRST, there, wanted), np.array([1, 5, 3]) / 6)
    np.testing.assert_allclose(shares_to_find(FIRST, there, wanted, of_each=True), np.array([1, 2, 2]) / 3)


def test_a_method_finds_its_own_best_first_and_ties_go_by_place() -> None:
    wanted = best_of_all(FIRST, EVERY, 0.25)
    assert shares_to_find(FIRST, EVERY, wanted).max() == 0.25
    flat = np.zeros((2, 4))
    np.testing.assert_array_equal(np.flatnonzero(best_of_all(flat, EVERY, 0.25)), [0, 1])
    np.testing.assert_array_equal(np.flatnonzero(best_of_each(flat, EVERY, 1)), [0, 4])


@pytest.mark.parametrize(
    ("share", "pairs", "count"), [(0.1, 1239, 123), (0.1, 3, 1), (0.07, 100, 7), (0.29, 100, 29), (1.0, 7, 7)]
)
def test_a_share_is_never_exceeded_but_there_is_a_pair(share: float, pairs: int, count: int) -> None:
    """0.29 * 100 is 28.999999999999996 in floating point."""
    assert count_of(share, pairs) == count
