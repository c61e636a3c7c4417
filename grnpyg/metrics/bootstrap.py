"""Bootstrap of pair metrics and of the full ranking: resample TFs, or TFs and genes.

Pairs that share a TF or a gene are not independent, so single pairs are never resampled. The two-way
bootstrap draws TFs and genes independently and gives a pair the product of its ends' multiplicities (the
pigeonhole bootstrap: Owen 2007, Annals of Applied Statistics 1:386-411). Its intervals tend to be
too wide; no bootstrap of crossed data is exact (McCullagh 2000, Bernoulli 6:285-301).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numba
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grnpyg.core.errors import InputError
from grnpyg.core.seeding import numpy_generator
from grnpyg.metrics.ranking import MIN_POSITIVES, RankingSet

Array = NDArray[Any]
DRAWS = 1 << 30  # 8 GiB


class Interval(NamedTuple):
    """A percentile interval.

    Attributes:
        low: lower end.
        high: upper end.
        left_out: resamples without a value (nan), because a class is missing.
    """

    low: float
    high: float
    left_out: int


def interval(samples: Array, level: float = 0.95) -> Interval:
    """Percentile interval of (resamples,) values; nan resamples are left out and counted.

    Both ends are nan if no resample has a value.
    """
    values = np.asarray(samples, float)
    kept = values[~np.isnan(values)]
    ends = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2]) if kept.size else np.full(2, np.nan)
    return Interval(float(ends[0]), float(ends[1]), values.size - kept.size)


def bootstrap_pairs(
    tf: Array,
    gene: Array,
    label: Array,
    scores: Mapping[str, Array],
    *,
    resamples: int = 1000,
    seed: int,
    two_way: bool = True,
) -> dict[str, pd.DataFrame]:
    """AUROC and AP of one candidate set under resampling, with the same resamples for every method.

    So the difference of two methods, resample by resample, is a paired difference. The order of the pairs
    does not matter: multiplicities are drawn for the sorted distinct ids.

    Args:
        tf: (num_pairs,) TF ids.
        gene: (num_pairs,) gene ids.
        label: (num_pairs,) above 0.5 for a positive.
        scores: method -> (num_pairs,), higher = more likely an edge.
        resamples: how many.
        seed: of the draws.
        two_way: draw genes as well; False: TFs only (cluster bootstrap).

    Returns:
        method -> (resamples, 2), columns auroc and ap; nan if a resample has only one class.

    Raises:
        InputError: a score is not finite.
    """
    tfs, tf_row = np.unique(tf, return_inverse=True)
    genes, gene_row = np.unique(gene, return_inverse=True)
    tf_weight = multiplicities(len(tfs), resamples, seed, "tf")
    gene_weight = np.ones((len(genes), resamples), np.int32)
    if two_way:
        gene_weight = multiplicities(len(genes), resamples, seed, "gene")
    samples = {}
    for row, score in scores.items():
        if not np.isfinite(score).all():
            raise InputError(f"{int((~np.isfinite(score)).sum()):,} scores are not finite", where=row)
        order = np.argsort(-score, kind="stable")
        auroc, ap, _ = _areas(
            label[order] > 0.5, score[order], tf_row[order], gene_row[order], tf_weight, gene_weight
        )
        samples[row] = pd.DataFrame({"auroc": auroc, "ap": ap})
    return samples


def bootstrap_ranking(
    ranking_set: RankingSet,
    scores: Mapping[str, Array],
    *,
    resamples: int = 1000,
    seed: int,
    min_positives: int = MIN_POSITIVES,
) -> dict[str, pd.DataFrame]:
    """Mean AUROC and median AP ratio of the TFs under two-way resampling, the same for every method.

    TFs are drawn from those that count in the full ranking (at least `min_positives` positives and one
    negative). They count in a resample even with fewer positives, but not without a positive or without a
    negative. A TF drawn twice counts twice, also in the median.

    The AUROC's resamples centre on its value. Those of the AP ratio are shifted where a TF has few positives
    (a positive drawn twice raises its own precision; one not drawn leaves fewer to find). On simulated scores
    the shift was -21 to +16 % with 3 positives per TF, and 1 to 7 % with 15. Use them for the difference of
    two methods.

    Args:
        ranking_set: n TFs x m genes.
        scores: method -> (n, m), higher = more likely an edge.
        resamples: how many.
        seed: of the draws.
        min_positives: smallest number of positives of a TF that counts.

    Returns:
        method -> (resamples, 2), columns per_tf_auroc and ap_ratio; nan if no TF is left.

    Raises:
        InputError: see `RankingSet.check`.
    """
    positives, candidate = ranking_set.positives, ranking_set.candidate
    counted = np.flatnonzero(
        (positives.sum(axis=1) >= max(min_positives, 1)) & ranking_set.negatives.any(axis=1)
    )
    counted = counted[np.argsort(ranking_set.tf[counted])]  # the order of the rows must not matter
    tf_weight = multiplicities(len(counted), resamples, seed, "tf")
    gene_weight = np.empty((len(ranking_set.gene), resamples), np.int32)
    gene_weight[np.argsort(ranking_set.gene)] = multiplicities(len(gene_weight), resamples, seed, "gene")
    one = np.ones((1, resamples), np.int32)
    samples = {}
    for row, score in scores.items():
        ranking_set.check(score)
        auroc, ap_ratio = np.empty((2, len(counted), resamples))
        for i, tf in enumerate(counted):
            columns = np.flatnonzero(candidate[tf])
            columns = columns[np.argsort(-score[tf, columns], kind="stable")]
            same = np.zeros(columns.size, np.int64)
            auroc[i], ap, prevalence = _areas(
                positives[tf, columns], score[tf, columns], same, columns, one, gene_weight
            )
            ap_ratio[i] = ap / prevalence
        weight = np.where(np.isnan(auroc), 0, tf_weight)
        with np.errstate(invalid="ignore"):  # nan where no TF is left
            mean = np.nansum(weight * auroc, axis=0) / weight.sum(axis=0)
        samples[row] = pd.DataFrame({"per_tf_auroc": mean, "ap_ratio": weighted_median(ap_ratio, weight)})
    return samples


def weighted_areas(label: Array, score: Array, weight: Array) -> tuple[Array, Array]:
    """AUROC and AP with integer weights, equal to those of a list that repeats each item `weight` times.

    Args:
        label: (n,) True for a positive.
        score: (n,) finite.
        weight: (n, resamples) whole numbers, 0 included.

    Returns:
        (resamples,) AUROC and (resamples,) AP; nan where the weight of a class is 0.
    """
    order = np.argsort(-score, kind="stable")
    one, first = np.ones((1, weight.shape[1]), np.int32), np.zeros(len(order), np.int64)
    auroc, ap, _ = _areas(label[order], score[order], first, order, one, weight.astype(np.int32))
    return auroc, ap


def list_areas(
    label: Array, score: Array, tf: Array, gene: Array, tf_weight: Array, gene_weight: Array
) -> NDArray[np.float64]:
    """AUROC and AP of a sorted list, in which a pair stands as often as its TF and gene are drawn together.

    Args:
        label: (num_pairs,) True for a positive, in descending order of score.
        score: (num_pairs,) finite, descending.
        tf: (num_pairs,) rows of `tf_weight`.
        gene: (num_pairs,) rows of `gene_weight`.
        tf_weight: (num_tfs, resamples) from `multiplicities`.
        gene_weight: (num_genes, resamples).

    Returns:
        (2, resamples): AUROC and AP; nan where a class is missing.
    """
    weights = np.ascontiguousarray(tf_weight), np.ascontiguousarray(gene_weight)
    areas: NDArray[np.float64] = _areas(label, score, tf, gene, *weights)[:2]
    return areas


def weighted_median(values: Array, weight: Array) -> Array:
    """Median of each column of (n, resamples) values repeated `weight` times; nan where all weights are 0.

    A value with weight 0 may be nan.
    """
    if not len(values):
        return np.full(values.shape[1], np.nan)
    order = np.argsort(values, axis=0, kind="stable")  # nan comes last
    ordered = np.take_along_axis(values, order, axis=0)
    upto = np.cumsum(np.take_along_axis(weight, order, axis=0), axis=0)
    total = weight.sum(axis=0)
    middle = [
        np.take_along_axis(ordered, np.argmax(upto > at, axis=0)[None], axis=0)[0]
        for at in ((total - 1) // 2, total // 2)
    ]
    return np.where(total > 0, (middle[0] + middle[1]) / 2, np.nan)


def multiplicities(size: int, resamples: int, seed: int, end: str) -> NDArray[np.int32]:
    """How often each of `size` ids is drawn, (size, resamples); a column sums to `size`.

    Args:
        size: number of ids, and of draws with replacement.
        resamples: how many.
        seed: the bootstrap's seed.
        end: `tf` or `gene`, whose draws are independent.

    Raises:
        InputError: more draws than fit in memory.
    """
    require_memory(size, resamples)
    drawn = numpy_generator(seed, "bootstrap", end).integers(max(size, 1), size=(resamples, size))
    drawn += np.arange(resamples)[:, None] * size
    counts = np.bincount(drawn.ravel(), minlength=resamples * size).reshape(resamples, size)
    return np.ascontiguousarray(counts.T, dtype=np.int32)


def require_memory(size: int, resamples: int) -> None:
    """Check that the draws of a bootstrap fit in memory.

    Args:
        size: number of ids, and of draws with replacement.
        resamples: how many.

    Raises:
        InputError: they do not.
    """
    if size * resamples > DRAWS:
        raise InputError(
            f"{resamples:,} resamples of {size:,} nodes do not fit in memory",
            where="resamples",
            fix=f"use at most {DRAWS // size:,}",
        )


# One thread: inner loops over resamples vectorise well, and every sum keeps a fixed order.
@numba.njit(cache=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _areas(label: Any, score: Any, tf: Any, gene: Any, tf_weight: Any, gene_weight: Any) -> Any:
    """(3, resamples) AUROC, AP and prevalence of n items in descending order of score.

    Item i weighs tf_weight[tf[i]] * gene_weight[gene[i]] in each resample. All counts are integers.
    """
    size = tf_weight.shape[1]
    found, before, tied = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.int64)
    above, wrong, ap = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size)
    start = 0
    while start < label.size:
        stop, hit = start, False
        while stop < label.size and score[stop] == score[start]:
            hit |= label[stop]
            stop += 1
        for i in range(start, stop):
            target = found if label[i] else (tied if hit else above)
            first, second = tf_weight[tf[i]], gene_weight[gene[i]]
            for b in range(size):
                target[b] += first[b] * second[b]
        if hit:
            for b in range(size):
                gain = found[b] - before[b]
                wrong[b] += gain * (2 * above[b] + tied[b])  # twice the pairs in the wrong order
                above[b] += tied[b]
                if gain > 0:
                    ap[b] += gain * (found[b] / (found[b] + above[b]))
                before[b], tied[b] = found[b], 0
        start = stop
    areas = np.full((3, size), np.nan)
    for b in range(size):
        if found[b] > 0 and above[b] > 0:
            areas[0, b] = 1 - wrong[b] / (2 * found[b] * above[b])
            areas[1, b] = ap[b] / found[b]
            areas[2, b] = found[b] / (found[b] + above[b])
    return areas
