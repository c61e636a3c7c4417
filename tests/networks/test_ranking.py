"""The best of each row of a block are those that the pairs of the row alone would give."""

from __future__ import annotations

import numpy as np
import pytest

from grnpyg.networks.ranking import best, best_in_rows


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
@pytest.mark.parametrize("count", [1, 3, 40])
def test_best_of_rows_with_ties_infinite_scores_and_pairs_left_out(dtype: type, count: int) -> None:
    rng = np.random.default_rng(count)
    values = rng.integers(0, 6, (37, 24)).astype(dtype)
    values[values == 5] = -np.inf if dtype is not np.int64 else np.iinfo(np.int64).min // 2
    allowed = rng.random(values.shape) < 0.7
    allowed[0], allowed[1] = False, True
    before = allowed.copy()
    values.flags.writeable = allowed.flags.writeable = False
    kept = best_in_rows(values, allowed, count)
    for row, there, found in zip(values, allowed, kept, strict=True):
        codes = np.flatnonzero(there)
        np.testing.assert_array_equal(np.flatnonzero(found), codes[best(row[codes], codes, count)])
    np.testing.assert_array_equal(allowed, before)
