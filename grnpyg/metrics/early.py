"""Precision at the top of one long list of pairs, with ties in random order, and its two-way bootstrap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
PRECISION_AT = (100, 1_000, 10_000)


def precision_at(label: Array, score: Array, ks: Sequence[int] = PRECISION_AT) -> dict[int, float]:
    """Share of positives among the k pairs with the highest scores: range [0, 1], chance = prevalence.

    Where pairs tie with the k-th, this is the expected value when tied pairs stand in random order: the
    places that are left at that score are filled with its share of positives. So the order of the input never
    matters, and a constant score has the prevalence at every k.

    Args:
        label: (num_pairs,) True for a positive.
        score: (num_pairs,) finite, higher = more likely an edge.
        ks: how many pairs to take, each at least 1.

    Returns:
        k -> precision; nan where there are fewer than k pairs.
    """
    result = {}
    for k in ks:
        if k > len(score):
            result[k] = float("nan")
            continue
        cut = np.partition(score, len(score) - k)[len(score) - k]  # the k-th largest
        above, tied = score > cut, score == cut
        share = (k - int(above.sum())) / int(tied.sum())
        result[k] = float((label[above].sum() + share * label[tied].sum()) / k)
    return result


def bootstrap_precision(
    tf: Array,
    gene: Array,
    label: Array,
    score: Array,
    tf_weight: Array,
    gene_weight: Array,
    ks: Sequence[int] = PRECISION_AT,
) -> NDArray[np.float64]:
    """`precision_at` when each pair stands in the list as often as its TF and its gene were drawn together.

    Equal to `precision_at` of a list that repeats pair i tf_weight[tf[i]] * gene_weight[gene[i]] times. Only
    the top of the list is read.

    Args:
        tf: (num_pairs,) rows of `tf_weight`.
        gene: (num_pairs,) rows of `gene_weight`.
        label: (num_pairs,) True for a positive.
        score: (num_pairs,) finite.
        tf_weight: (num_tfs, resamples) from `grnpyg.metrics.bootstrap.multiplicities`.
        gene_weight: (num_genes, resamples).
        ks: how many pairs to take.

    Returns:
        (resamples, len(ks)); nan where the resampled list is shorter than k.
    """
    order = np.argsort(-score, kind="stable")
    wanted = np.array(ks, np.int64)
    found: NDArray[np.float64] = _precision(
        label[order], score[order], tf[order], gene[order], tf_weight, gene_weight, wanted
    )
    return found


@numba.njit(cache=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _precision(label: Any, score: Any, tf: Any, gene: Any, tf_weight: Any, gene_weight: Any, ks: Any) -> Any:
    """(resamples, len(ks)) of n pairs in descending order of score."""
    size = tf_weight.shape[1]
    result = np.full((size, ks.size), np.nan)
    entered, found = np.zeros(size, np.int64), np.zeros(size, np.int64)
    tied, hits = np.zeros(size, np.int64), np.zeros(size, np.int64)
    start = 0
    while start < label.size and entered.min() < ks.max():
        stop = start
        tied[:], hits[:] = 0, 0
        while stop < label.size and score[stop] == score[start]:
            first, second = tf_weight[tf[stop]], gene_weight[gene[stop]]
            for b in range(size):
                tied[b] += first[b] * second[b]
            if label[stop]:
                for b in range(size):
                    hits[b] += first[b] * second[b]
            stop += 1
        for b in range(size):
            for i in range(ks.size):
                if entered[b] < ks[i] <= entered[b] + tied[b]:
                    result[b, i] = (found[b] + hits[b] * (ks[i] - entered[b]) / tied[b]) / ks[i]
            entered[b] += tied[b]
            found[b] += hits[b]
        start = stop
    return result
