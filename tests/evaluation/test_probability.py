"""Probabilities of unknown pairs: the sample behind them, and what a judge says of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

from grnpyg.core.errors import InputError
from grnpyg.data.graph import GENE, TF, build_graph
from grnpyg.evaluation.probability import fitted_probability, split_probability
from grnpyg.evaluation.unknown_pairs import excluded_codes, unknown_pairs
from grnpyg.splits import LinkSplit, splits

NUM_TFS, NUM_GENES = 40, 200


@pytest.fixture(scope="module")
def split() -> LinkSplit:
    """3,000 edges of 40 TFs to 200 genes, some nodes with many more than others; TF T0 is gene T0."""
    rng = np.random.default_rng(3)
    chance = np.outer(rng.pareto(2, NUM_TFS) + 0.2, rng.pareto(2, NUM_GENES) + 0.2)
    tfs = [f"T{i}" for i in range(NUM_TFS)]
    genes = ["T0", *(f"G{i}" for i in range(1, NUM_GENES))]
    chance[0, 0] = 0
    at = rng.choice(chance.size, 3000, replace=False, p=chance.ravel() / chance.sum())
    ends = {"source": [tfs[i // NUM_GENES] for i in at], "target": [genes[i % NUM_GENES] for i in at]}
    return splits.build("transductive").split(build_graph(pd.DataFrame(ends), tfs=tfs, genes=genes), 0)


class Degrees:
    """Scores pairs by degree."""

    gives_logits, seed, parameters, macs_per_pair = False, 0, 0, 0

    def __init__(self, split: LinkSplit) -> None:
        edges = split.positives["train"]
        sizes = (NUM_TFS, NUM_GENES)
        self.degree = [np.bincount(edges[end], minlength=size) for end, size in enumerate(sizes)]

    def fit(self, split: Any, pairs: Any) -> None:
        """Nothing."""

    def score(self, edge_label_index: Tensor) -> np.ndarray:
        """Product of the degrees."""
        tf, gene = edge_label_index.numpy()
        return np.log1p(self.degree[0][tf]) + np.log1p(self.degree[1][gene])

    def score_all(self, tf_index: Tensor, gene_index: Tensor) -> np.ndarray:
        """The same of all."""
        return self.score(torch.cartesian_prod(tf_index, gene_index).t()).reshape(len(tf_index), -1)


def test_no_pair_of_the_sample_is_known_or_a_tf_with_its_own_gene(split: LinkSplit) -> None:
    excluded = set(excluded_codes(split).tolist())
    assert len(excluded) == 3001
    for sample in (10**6, 2000):
        drawn = unknown_pairs(split, "validation", 0, sample)
        codes = drawn.pairs[0] * NUM_GENES + drawn.pairs[1]
        assert not excluded & set(codes.tolist())
        assert drawn.weight.sum() == pytest.approx(drawn.total)


def test_a_sample_stands_for_all_unknown_pairs(split: LinkSplit) -> None:
    """Its weighted shares are those of all pairs, where scores are high above all."""
    whole, drawn = (unknown_pairs(split, "validation", 0, size) for size in (10**6, 4000))
    assert whole.total == drawn.total == whole.pairs.size(1)
    model = Degrees(split)
    every, some = model.score(whole.pairs), model.score(drawn.pairs)
    for share in (0.5, 0.9, 0.99):
        limit = np.quantile(every, share)
        expected = (every > limit).sum()
        assert drawn.weight[some > limit].sum() == pytest.approx(expected, rel=0.25)


def test_probabilities_add_up_and_never_fall_with_the_score(split: LinkSplit) -> None:
    model = Degrees(split)
    probability = split_probability(split, model, 0)
    whole = unknown_pairs(split, "validation", 0, 10**6)
    score = np.sort(model.score(whole.pairs))
    assert probability(score).sum() == pytest.approx(0.2 * 3000, rel=1e-6)
    steps = np.diff(probability(score))
    assert (steps >= -1e-15).all()  # of equal scores some processors round the last value in another way
    assert (steps[np.diff(score) > 0] >= 0).all()
    assert probability.expecting(100)(score).sum() == pytest.approx(100)
    assert probability.prior == pytest.approx(600 / whole.total)
    assert "20% of the 3,000 known edges" in probability.sentence()


def test_probabilities_hold_on_edges_that_were_not_in_the_fit(split: LinkSplit) -> None:
    """Held-out test edges among all unknown pairs, for a fit on the validation alone."""
    model, test = Degrees(split), split.positives["test"]
    whole = unknown_pairs(split, "validation", 0, 10**6)
    probability = split_probability(split, model, 0, new_edges=test.size(1))
    score = np.concatenate([model.score(test), model.score(whole.pairs)])
    hit = np.arange(len(score)) < test.size(1)
    claimed = probability(score)
    top = claimed >= np.quantile(claimed, 0.95)
    assert claimed[top].mean() == pytest.approx(hit[top].mean(), rel=0.35)


def test_what_cannot_be_fitted_is_refused(split: LinkSplit) -> None:
    whole = unknown_pairs(split, "validation", 0, 10**6)
    with pytest.raises(InputError, match="Give one of them"):
        split_probability(split, Degrees(split), 0, new_edges=5, prior=0.1)
    with pytest.raises(InputError, match="need 10 held-out"):
        fitted_probability(np.zeros(whole.pairs.size(1)), whole, np.zeros(3), 3000)
    with pytest.raises(InputError, match="no validation"):
        split_probability(split.of_training(), Degrees(split), 0)
    assert split.graph[TF].num_nodes == NUM_TFS
    assert split.graph[GENE].num_nodes == NUM_GENES
