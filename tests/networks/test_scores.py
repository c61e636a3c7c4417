"""Scores that are computed where they are asked for: whole blocks, always the same ones."""

from __future__ import annotations

import numpy as np
import pytest

from grnpyg.core.errors import InputError
from grnpyg.models.scorer import TFS_PER_BLOCK
from grnpyg.networks import scores
from grnpyg.networks.scores import Computed, stored


@pytest.mark.parametrize(("num_genes", "most"), [(7, 10**6), (7, 70), (7, 3)])
def test_rows_are_cut_from_blocks_that_do_not_depend_on_what_is_asked_for(
    num_genes: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores, "COMPUTED", most)
    monkeypatch.setattr(scores, "PAIRS", 5 * num_genes)
    num_tfs, asked = 150, list[tuple[int, int]]()
    whole = np.random.default_rng(0).normal(size=(num_tfs, num_genes)).astype(np.float32)

    def compute(start: int, stop: int) -> np.ndarray:
        asked.append((start, stop))
        return whole[start:stop].copy()

    rows = Computed((num_tfs, num_genes), compute)
    for start, stop in [(0, 1), (60, 70), (149, 150), (3, 141)]:
        np.testing.assert_array_equal(rows.rows(start, stop), whole[start:stop])
    step = max(1, min(TFS_PER_BLOCK, most // num_genes))
    assert set(asked) <= {(a, min(a + step, num_tfs)) for a in range(0, num_tfs, step)}
    asked.clear()
    np.testing.assert_array_equal(stored(rows).rows(0, num_tfs), whole)
    assert len(asked) == len(set(asked))  # in order, no block is computed twice


def test_a_score_that_is_nan_is_counted_and_refused() -> None:
    values = np.zeros((3, 4), np.float32)
    values[1, 2] = values[2, 0] = np.nan
    with pytest.raises(InputError, match=r"2 of 12 scores are nan"):
        Computed((3, 4), lambda start, stop: values[start:stop]).rows(0, 1)
