from __future__ import annotations

import numpy as np
import pytest
import torch

from grnpyg.metrics.classification import auroc
from grnpyg.models.baselines import RandomScore
from grnpyg.models.baselines.random_score import SEED
from grnpyg.splits import LabelledPairs, LinkSplit, TransductiveSplit
from grnpyg.testing import small_graph


def model_for(split: LinkSplit) -> RandomScore:
    model = RandomScore()
    model.fit(split, LabelledPairs.join(split.positives["train"], split.positives["train"][:, :0]))
    return model


def splitmix64(value: int) -> int:
    """The finaliser of SplitMix64 (Steele, Lea & Flood 2014), in Python's own integers."""
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB % 2**64
    return value ^ (value >> 31)


def test_scores_are_the_hash_of_the_two_ids(split: LinkSplit) -> None:
    pairs = torch.tensor([[0, 0, 1, 5, 819], [0, 1, 0, 19, 5862]])
    expected = [(splitmix64((tf << 32 | gene) ^ SEED) >> 11) / 2**53 for tf, gene in pairs.t().tolist()]
    assert model_for(split).score(pairs).tolist() == expected
    assert len(set(expected)) == 5


def test_they_know_nothing_of_the_data(split: LinkSplit) -> None:
    other = TransductiveSplit().split(small_graph(9, 40, seed=3), seed=1)
    everything = torch.arange(6), torch.arange(20)
    assert np.array_equal(model_for(split).score_all(*everything), model_for(other).score_all(*everything))


@pytest.mark.slow
def test_auroc_is_a_half_for_any_structured_label(split: LinkSplit) -> None:
    """Labels by TF, by gene, by both: 300,000 pairs, the standard error is .009 at most."""
    tf, gene = torch.cartesian_prod(torch.arange(300), torch.arange(1000)).t()
    score = model_for(split).score(torch.stack([tf, gene]))
    assert 0 <= score.min() < score.max() < 1
    assert np.unique(score).size == score.size
    for positive in (
        tf < 30,
        tf % 2 == 0,
        gene < 100,
        gene % 7 == 0,
        (tf < 150) & (gene < 500),
        tf == gene % 300,
    ):
        assert abs(auroc(positive.numpy(), score) - 0.5) < 0.02
    assert abs(np.corrcoef(tf, score)[0, 1]) < 0.01
    assert abs(np.corrcoef(gene, score)[0, 1]) < 0.01
