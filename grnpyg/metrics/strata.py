"""Degree strata: is a score good among pairs of similar degree, or does it only recognise hubs?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import spearmanr

from grnpyg.metrics.classification import Array, ranking_metrics


def quantile_bins(value: Array, bins: int) -> NDArray[np.int64]:
    """Bins of about equal numbers of entries; equal values share a bin, so the order of rows never matters.

    Args:
        value: (N,) values to divide.
        bins: how many; a value that fills more than one bin leaves others empty.

    Returns:
        (N,) 0 for the lowest bin to bins - 1. A run of equal values goes where its middle lies, so that in
        three bins the number 1 always means the middle.
    """
    _, index, count = np.unique(value, return_inverse=True, return_counts=True)
    twice_middle = 2 * np.cumsum(count) - count  # whole numbers: no rounding moves a border
    bin_of_value = twice_middle * bins // (2 * max(len(value), 1))
    numbers: NDArray[np.int64] = bin_of_value[index].astype(np.int64)
    return numbers


def degree_strata(degree_product: Array, bins: int = 3) -> NDArray[np.int64]:
    """Strata of a candidate set by training degree of the TF x training degree of the gene.

    Quantiles are over all pairs of the set, positives and negatives alike, so the strata do not depend on
    labels.

    Args:
        degree_product: (num_pairs,) counted on training edges.
        bins: strata; with many ties some are empty, see `quantile_bins`.

    Returns:
        (num_pairs,) 0 for the lowest degrees to bins - 1.
    """
    return quantile_bins(degree_product, bins)


def strata_metrics(label: Array, score: Array, strata: Array) -> pd.DataFrame:
    """Ranking metrics within each stratum.

    A score that is nothing but the degree product falls towards AUROC 0.5 here as the strata get narrower.

    Args:
        label: (num_pairs,) 1 = positive.
        score: (num_pairs,) higher = more likely an edge.
        strata: (num_pairs,) from `degree_strata`.

    Returns:
        One row per stratum that has pairs: stratum, auroc, ap, positives, negatives; auroc and ap are nan if
        there is one class. The chance value of AP differs by stratum: positives / (positives + negatives).
    """
    columns = ["stratum", "auroc", "ap", "positives", "negatives"]
    rows = [
        {"stratum": int(stratum), **ranking_metrics(label[strata == stratum], score[strata == stratum])}
        for stratum in np.unique(strata)
    ]
    return pd.DataFrame(rows, columns=columns)


def degree_spearman(score: Array, degree_product: Array) -> float:
    """Spearman correlation of score and degree product over all pairs; range [-1, 1], ties share a mean rank.

    Near 1 the model ranks pairs by degree. nan where either is constant.
    """
    if np.unique(score).size < 2 or np.unique(degree_product).size < 2:
        return float("nan")
    return float(spearmanr(score, degree_product).statistic)
