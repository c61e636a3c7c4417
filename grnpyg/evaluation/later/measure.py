"""Metrics of one score table: the whole list, its top, each TF, matched negatives; and their resamples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grnpyg.metrics.bootstrap import bootstrap_pairs, bootstrap_ranking, list_areas, multiplicities
from grnpyg.metrics.classification import auroc
from grnpyg.metrics.early import PRECISION_AT, bootstrap_precision, precision_at
from grnpyg.metrics.ranking import RankingSet, ranking_metrics
from grnpyg.splits import LabelledPairs

BLOCK = 50  # resamples at a time: their weights stay in the processor's cache

PRECISIONS = tuple(f"precision_at_{k}" for k in PRECISION_AT)
SAMPLED = ("auroc", "ap", *PRECISIONS, "per_tf_auroc", "ap_ratio", "degree_matched_auroc")


@dataclass(frozen=True)
class Weights:
    """How often each TF and gene is drawn, the same for every method.

    Attributes:
        tf: (num_tfs, resamples).
        gene: (num_genes, resamples).
    """

    tf: NDArray[np.int32]
    gene: NDArray[np.int32]

    @classmethod
    def draw(cls, num_tfs: int, num_genes: int, resamples: int, seed: int) -> Weights:
        """Draw with replacement, TFs and genes independently."""
        return cls(
            multiplicities(num_tfs, resamples, seed, "tf"), multiplicities(num_genes, resamples, seed, "gene")
        )


def measure(ranked: RankingSet, table: NDArray[Any], matched: LabelledPairs) -> dict[str, float]:
    """The metrics of one method.

    `auroc`, `ap` (step-wise) and `precision_at_K` (see `precision_at`) are of all candidates as one list.
    `per_tf_auroc` is the mean and `ap_ratio` the median over the `ranked_tfs` TFs with at least three
    positives. `degree_matched_auroc` is on the pairs of `matched`. `distinct_scores` counts among candidates.

    Args:
        ranked: the candidates.
        table: (num_tfs, num_genes) scores.
        matched: positives and matched negatives.
    """
    of_tfs = ranking_metrics(ranked, table)
    label, score = ranked.label[ranked.candidate], table[ranked.candidate]
    first = precision_at(label, score)
    pairs, truth = matched.edge_label_index.numpy(), matched.edge_label.numpy()
    return {
        "auroc": of_tfs["auroc_all"],
        "ap": of_tfs["ap_all"],
        **{f"precision_at_{k}": value for k, value in first.items()},
        "per_tf_auroc": of_tfs["per_tf_auroc"],
        "ap_ratio": of_tfs["ap_ratio"],
        "degree_matched_auroc": auroc(truth, table[*pairs]),
        "ranked_tfs": of_tfs["ranked_tfs"],
        "distinct_scores": int(np.unique(score).size),
    }


def resample(
    ranked: RankingSet, table: NDArray[Any], matched: LabelledPairs, weights: Weights, seed: int
) -> dict[str, NDArray[np.float64]]:
    """The metrics `SAMPLED` when TFs and genes are drawn with replacement, (resamples,) each.

    A pair counts as often as its TF and its gene were drawn together; see `grnpyg.metrics.bootstrap`.

    Args:
        ranked: the candidates.
        table: (num_tfs, num_genes) scores.
        matched: positives and matched negatives.
        weights: of the list and its top.
        seed: of the draws for single TFs and for the matched pairs.
    """
    tf, gene = (ids.astype(np.int32) for ids in np.nonzero(ranked.candidate))
    label, score = ranked.label[ranked.candidate], table[ranked.candidate]
    order = np.argsort(-score, kind="stable")
    tf, gene, label, score = tf[order], gene[order], label[order], score[order]
    resamples, areas = weights.tf.shape[1], list[NDArray[np.float64]]()
    for start in range(0, resamples, BLOCK):
        block = slice(start, start + BLOCK)
        areas.append(list_areas(label, score, tf, gene, weights.tf[:, block], weights.gene[:, block]))
    of_list = np.concatenate(areas, axis=1)
    top = bootstrap_precision(tf, gene, label, score, weights.tf, weights.gene)
    of_tfs = bootstrap_ranking(ranked, {"": table}, resamples=resamples, seed=seed)[""]
    pairs, truth = matched.edge_label_index.numpy(), matched.edge_label.numpy()
    drawn = {"": table[*pairs]}
    on_matched = bootstrap_pairs(pairs[0], pairs[1], truth, drawn, resamples=resamples, seed=seed)[""]
    return {
        "auroc": of_list[0],
        "ap": of_list[1],
        **dict(zip(PRECISIONS, top.T, strict=True)),
        "per_tf_auroc": of_tfs["per_tf_auroc"].to_numpy(),
        "ap_ratio": of_tfs["ap_ratio"].to_numpy(),
        "degree_matched_auroc": on_matched["auroc"].to_numpy(),
    }
