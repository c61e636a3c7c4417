"""Closed forms hold no table of all pairs, and a pair has the same bits of score in any company."""

from __future__ import annotations

import pickle
from collections.abc import Callable

import numpy as np
import pytest
import torch

from grnpyg.models.baselines import Baseline, baselines

ScoresOn = Callable[[Baseline, np.ndarray], np.ndarray]


@pytest.mark.parametrize("shape", [(70, 300), (300, 70)])
@pytest.mark.parametrize("name", ["ease_gene", "ease_tf", "family", "oracle", "svd"])
def test_some_pairs_score_as_all_do(name: str, shape: tuple[int, int], scores_on: ScoresOn) -> None:
    rng = np.random.default_rng(0)
    baseline = baselines.build(name)
    scores = scores_on(baseline, (rng.random(shape) < 0.05).astype(float))
    tf, gene = (torch.from_numpy(rng.integers(0, size, 500)) for size in shape)
    np.testing.assert_array_equal(baseline.score(torch.stack([tf, gene])), scores[tf, gene])
    np.testing.assert_array_equal(baseline.score_all(tf, gene), scores[np.ix_(tf, gene)])
    assert len(pickle.dumps(baseline)) < 8 * scores.size / 1.5  # bytes of a table of all pairs


def test_no_pairs_have_no_scores(scores_on: ScoresOn) -> None:
    baseline = baselines.build("svd")
    scores_on(baseline, np.eye(4))
    assert baseline.score(torch.empty(2, 0, dtype=torch.long)).shape == (0,)
    assert baseline.score_all(torch.empty(0, dtype=torch.long), torch.arange(3)).shape == (0, 3)
