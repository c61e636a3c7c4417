"""q-values against an explicit null, by hand and on scores that come from the null."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grnpyg.core.errors import InputError
from grnpyg.core.seeding import numpy_generator
from grnpyg.metrics.false_discovery import ScoreCounts, bins, q_values


def counts(score: list[float] | np.ndarray) -> ScoreCounts:
    result = ScoreCounts()
    result.add(np.asarray(score, float))
    return result


@given(st.lists(st.floats(width=32, allow_nan=False), min_size=2, max_size=50))
def test_bins_are_in_the_order_of_the_scores(score: list[float]) -> None:
    assert (np.diff(bins(np.sort(np.array(score, np.float32)))) >= 0).all()


def test_scores_a_thousandth_apart_have_bins_of_their_own() -> None:
    assert np.unique(bins(np.array([-1.001, -1, 0, 1, 1.001]))).size == 5
    assert bins(np.array([0.0]))[0] == bins(np.array([-0.0]))[0]


def test_q_values_by_hand() -> None:
    """Null above 4: 0, above 3: 1 of 4, above 2: 2; with one more each, over 1, 2 and 3 called."""
    observed, null = [4.0, 3, 2, 1], [3.0, 2, 1, 0]
    q = q_values(counts(observed), [counts(null)])[bins(np.array(observed))]
    assert q.tolist() == pytest.approx([1.0, 1.0, 1.0, 1.0])
    many = [10.0] * 50 + [1.0] * 50
    q = q_values(counts(many), [counts([1.0] * 99 + [10.0])])[bins(np.array([10.0, 1.0]))]
    assert q.tolist() == pytest.approx([(1 + 1) / 50, 1.0])


def test_a_null_of_another_size_is_brought_to_that_of_the_observed() -> None:
    observed = counts([5.0] * 100 + [1.0] * 100)
    small, large = counts([5.0] + [1.0] * 99), counts([5.0] * 10 + [1.0] * 990)
    one, two = (q_values(observed, [null])[bins(np.array([5.0]))][0] for null in (small, large))
    assert one == two == pytest.approx((2 + 1) / 100)


def test_nothing_is_discovered_where_the_scores_are_those_of_the_null() -> None:
    rng = numpy_generator(0, "fdr")
    score = rng.normal(size=20_000)
    q = q_values(counts(score), [counts(rng.normal(size=20_000))])
    assert (q[bins(score)] <= 0.2).sum() <= 20


def test_the_rate_holds_where_a_tenth_is_real() -> None:
    rng = numpy_generator(1, "fdr")
    null, real = rng.normal(size=18_000), rng.normal(4, 1, size=2_000)
    called = q_values(counts(np.r_[null, real]), [counts(rng.normal(size=20_000)) for _ in range(3)])
    false, true = ((called[bins(part)] <= 0.1).sum() for part in (null, real))
    assert true > 1500
    assert false / (false + true) < 0.13


def test_what_cannot_be_judged_is_refused() -> None:
    with pytest.raises(InputError, match="not a number"):
        counts([np.nan])
    with pytest.raises(InputError, match="under a null"):
        q_values(counts([1.0]), [])
