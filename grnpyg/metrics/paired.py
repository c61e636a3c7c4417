"""Two models on the same pairs: is one better, and by how much?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata, wilcoxon

from grnpyg.metrics.classification import Array

MIN_NONZERO = 6  # with 5 non-zero differences the smallest two-sided p is 2 / 2**5 = .0625
DECIMALS = 12  # differences that agree to here are equal: .8 - .7 and .7 - .6 differ in the last bit
ASSUMPTION = "pairs taken as independent"


@dataclass(frozen=True)
class PairedTest:
    """Model a against model b over TFs; differences are a - b.

    Attributes:
        n: TFs with a value of both models.
        nonzero: TFs where the two differ.
        mean_difference: in the unit of the values.
        median_difference: in the unit of the values.
        effect_size: matched-pairs rank-biserial correlation, in [-1, 1]: 1 where a is better on every TF that
            differs, 0 where none does.
        p: two-sided; nan with fewer than 6 non-zero differences.
    """

    n: int
    nonzero: int
    mean_difference: float
    median_difference: float
    effect_size: float
    p: float


def per_tf_wilcoxon(a: Array, b: Array) -> PairedTest:
    """Wilcoxon's signed rank test of per-TF values, two-sided.

    TFs are the units, so a TF with many pairs counts once; it ignores that TFs share genes.
    Zero differences are ranked with the others and then left out (Pratt 1959). The p-value is that of
    `scipy.stats.wilcoxon`: exact in small samples, else the normal approximation with tie correction.
    Effect size: (rank sum of a > b - rank sum of b > a) / (both), the simple difference formula (Kerby 2014).

    Args:
        a: (num_tf,) for example per-TF AUROC; nan (a TF with one class) leaves the TF out.
        b: (num_tf,) the same TFs in the same order.

    Returns:
        p is nan with fewer than 6 non-zero differences, where no outcome could fall below .05; the rest is
        nan only where no TF is left.

    Raises:
        ValueError: the shapes differ.
    """
    if a.shape != b.shape:
        raise ValueError(f"{a.shape} and {b.shape} values are not of the same TFs")
    difference = np.round(a.astype(np.float64) - b.astype(np.float64), DECIMALS)
    difference = difference[~np.isnan(difference)]
    if difference.size == 0:
        return PairedTest(0, 0, math.nan, math.nan, math.nan, math.nan)
    rank = rankdata(np.abs(difference))
    better, worse = float(rank[difference > 0].sum()), float(rank[difference < 0].sum())
    nonzero = int(np.count_nonzero(difference))
    p = float(wilcoxon(difference, zero_method="pratt").pvalue) if nonzero >= MIN_NONZERO else math.nan
    return PairedTest(
        n=difference.size,
        nonzero=nonzero,
        mean_difference=float(difference.mean()),
        median_difference=float(np.median(difference)),
        effect_size=(better - worse) / (better + worse) if nonzero else 0.0,
        p=p,
    )


def holm(p_values: Array | Sequence[float]) -> NDArray[np.float64]:
    """p-values adjusted for the number of tests: controls the family-wise error (Holm 1979), no assumption.

    The i-th smallest of m is multiplied by m - i + 1, never falls below its predecessor, and is cut at 1.

    Args:
        p_values: (m,) a nan stays nan and is not counted as a test.

    Returns:
        (m,) in the order given; an adjusted value below alpha is significant at alpha.

    Raises:
        ValueError: a value outside [0, 1].
    """
    p = np.asarray(p_values, dtype=np.float64)
    tested = np.flatnonzero(~np.isnan(p))
    if ((p[tested] < 0) | (p[tested] > 1)).any():
        raise ValueError("p-values lie in [0, 1]")
    order = tested[np.argsort(p[tested], kind="stable")]
    adjusted = np.full(p.shape, np.nan)
    factor = np.arange(order.size, 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(factor * p[order]), 1.0)
    return adjusted


@dataclass(frozen=True)
class DeLong:
    """AUROC of score a against AUROC of score b on the same pairs; differences are a - b.

    Attributes:
        auroc_a: AUROC of score a.
        auroc_b: AUROC of score b.
        difference: auroc_a - auroc_b.
        effect_size: d of a - d of b with d = sqrt(2) probit(AUROC), the distance of the classes in standard
            deviations if scores were normal with equal variances (Ruscio 2008): .95 to .97 is a larger step
            than .55 to .57. nan if an AUROC is 0 or 1.
        variance: of `difference`.
        z: difference / sqrt(variance).
        p: two-sided, normal approximation.
        low: lower end of the 95 % interval of `difference`, not cut at -1.
        high: upper end, not cut at 1.
        assumption: of p and interval, which pairs of a network violate, see `delong`.
    """

    auroc_a: float
    auroc_b: float
    difference: float
    effect_size: float
    variance: float
    z: float
    p: float
    low: float
    high: float
    assumption: str = ASSUMPTION


def delong(label: Array, score_a: Array, score_b: Array) -> DeLong:
    """Test of the difference of two correlated AUROCs (DeLong, DeLong & Clarke-Pearson 1988).

    A pair's placement is the share of the other class on its right side, a tie counting one half. The
    variance is that of the placements' differences a - b over positives plus the same over negatives, each
    divided by its number. Placements come from midranks (Sun & Xu 2014) in O(N log N).

    **Anti-conservative here.** The variance takes pairs as independent. Pairs of one TF, or of one gene,
    share that node's embedding and degree and are right or wrong together, so there is less information than
    pairs: p is too small and the interval too narrow. A claim needs `per_tf_wilcoxon` or a bootstrap of TFs.

    Args:
        label: (num_pairs,) 1 = positive.
        score_a: (num_pairs,) finite, higher = more likely an edge.
        score_b: (num_pairs,) of the same pairs.

    Returns:
        Two scores that order all positives against all negatives alike have variance 0 and get z = 0, p = 1
        and the interval [0, 0]. Where the variance is 0 but the AUROCs differ (all placements differ by the
        same amount), or a class has fewer than two pairs, the variance says nothing: z, p and interval are
        nan. AUROCs are nan where there is one class.

    Raises:
        ValueError: the shapes differ.
    """
    if not label.shape == score_a.shape == score_b.shape:
        raise ValueError(f"shapes {label.shape}, {score_a.shape}, {score_b.shape} differ")
    positive = label > 0.5
    positives, negatives = int(positive.sum()), int((~positive).sum())
    if not (positives and negatives):
        nan = math.nan
        return DeLong(nan, nan, nan, nan, nan, nan, nan, nan, nan)
    positives_a, negatives_a = _placements(positive, score_a)
    positives_b, negatives_b = _placements(positive, score_b)
    auroc_a, auroc_b = float(positives_a.mean()), float(positives_b.mean())
    difference = float((positives_a - positives_b).mean())
    variance = z = p = error = math.nan
    if min(positives, negatives) > 1:
        over_positives = float((positives_a - positives_b).var(ddof=1))
        over_negatives = float((negatives_a - negatives_b).var(ddof=1))
        variance = over_positives / positives + over_negatives / negatives
        if variance > 0:
            error = math.sqrt(variance)
            z = difference / error
            p = float(2 * norm.sf(abs(z)))
        elif difference == 0:
            error, z, p = 0.0, 0.0, 1.0
    margin = float(norm.ppf(0.975)) * error
    return DeLong(
        auroc_a=auroc_a,
        auroc_b=auroc_b,
        difference=difference,
        effect_size=_separation(auroc_a) - _separation(auroc_b),
        variance=variance,
        z=z,
        p=p,
        low=difference - margin,
        high=difference + margin,
    )


def _separation(value: float) -> float:
    return math.sqrt(2) * float(norm.ppf(value)) if 0 < value < 1 else math.nan


def _placements(positive: Array, score: Array) -> tuple[Array, Array]:
    """Shares of negatives below each positive, (P,), and of positives above each negative, (N,)."""
    rank = rankdata(score)
    below = rank[positive] - rankdata(score[positive])
    above = positive.sum() - (rank[~positive] - rankdata(score[~positive]))
    return below / (~positive).sum(), above / positive.sum()
