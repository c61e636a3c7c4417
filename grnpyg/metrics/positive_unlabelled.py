"""Effect of hidden positives among the unlabelled pairs on a metric."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from grnpyg.core.errors import InputError
from grnpyg.metrics.classification import Array, auroc

PRIORS = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1)


def pu_bounds(label: Array, score: Array, priors: Sequence[float] = PRIORS) -> pd.DataFrame:
    """AUROC under the true labels, if a share of the unlabelled pairs is truly positive.

    auroc_scar: hidden positives score like labelled ones (selected completely at random). Then
    measured = (1 - prior) true + prior / 2 (Menon et al. 2015; Jain, White & Radivojac 2017), solved for the
    true value and not cut at 1. auroc_low and auroc_high assume nothing: the hidden positives are the lowest
    or the highest scores among the unlabelled. Both are attained, since exchanging a hidden positive for a
    higher-scored negative never lowers AUROC.

    Args:
        label: (num_pairs,) 1 = labelled positive, 0 = unlabelled.
        score: (num_pairs,) higher = more likely an edge.
        priors: shares of the unlabelled pairs of this set that are truly positive, each in [0, 1).

    Returns:
        One row per prior: prior, hidden (number of hidden positives, the prior rounded to whole pairs; every
        column is for that number), auroc (measured), auroc_scar, auroc_low, auroc_high, scar_consistent.
        scar_consistent is false where auroc_scar lies outside the bounds: no choice of hidden positives gives
        it, so the scores contradict this prior under this assumption. nan where a class is empty.

    Raises:
        InputError: a prior outside [0, 1).
    """
    unlabelled = np.flatnonzero(label <= 0.5)
    ascending = unlabelled[np.argsort(score[unlabelled])]
    measured = auroc(label, score)

    def with_hidden(pairs: Array) -> float:
        true = label > 0.5
        true[pairs] = True
        return auroc(true, score)

    rows = []
    for prior in priors:
        hidden = _hidden(prior, unlabelled.size)
        low = with_hidden(ascending[:hidden])
        high = with_hidden(ascending[ascending.size - hidden :])
        share = hidden / max(unlabelled.size, 1)
        scar = (measured - share / 2) / (1 - share) if share < 1 else math.nan
        rows.append((prior, hidden, measured, scar, low, high, _inside(low, scar, high)))
    columns = ["prior", "hidden", "auroc", "auroc_scar", "auroc_low", "auroc_high", "scar_consistent"]
    return pd.DataFrame(rows, columns=columns)


def pu_cutoff_bounds(
    label: Array, score: Array, thresholds: Sequence[float], priors: Sequence[float] = PRIORS
) -> pd.DataFrame:
    """Precision and recall at thresholds, if a share of the unlabelled pairs is truly positive.

    Bounds of the contingency table (Claesen et al. 2015): of `hidden` positives among the unlabelled, between
    max(0, hidden - unlabelled below) and min(hidden, unlabelled above) lie above the cut-off. Under SCAR
    hidden x measured recall do, and the recall is the measured one. Average precision has no such bounds:
    with tied scores it is not monotone in where the hidden positives sit.

    Args:
        label: (num_pairs,) 1 = labelled positive, 0 = unlabelled.
        score: (num_pairs,) higher = more likely an edge.
        thresholds: a pair is called where score > threshold; 0 for logits.
        priors: as in `pu_bounds`.

    Returns:
        One row per prior and threshold: prior, hidden, threshold, called, precision (measured, hidden
        positives counted as errors), precision_scar, precision_low, precision_high, recall (measured),
        recall_low, recall_high, scar_consistent. Precision is that of this candidate set and its ratio
        of negatives; nan where nothing is called. Recall is nan where nothing is positive.

    Raises:
        InputError: a prior outside [0, 1).
    """
    positive = label > 0.5
    labelled, unlabelled = int(positive.sum()), int((~positive).sum())
    rows = []
    for prior in priors:
        hidden = _hidden(prior, unlabelled)
        for threshold in thresholds:
            called = score > threshold
            found, doubtful = int((called & positive).sum()), int((called & ~positive).sum())
            low, high = max(0, hidden - (unlabelled - doubtful)), min(hidden, doubtful)
            recall = _ratio(found, labelled)
            scar = hidden * recall
            precision = [_ratio(found + extra, found + doubtful) for extra in (0, scar, low, high)]
            recalls = [_ratio(found + extra, labelled + hidden) for extra in (low, high)]
            size = found + doubtful
            consistent = _inside(low, scar, high)
            rows.append((prior, hidden, threshold, size, *precision, recall, *recalls, consistent))
    columns = [
        *("prior", "hidden", "threshold", "called"),
        *("precision", "precision_scar", "precision_low", "precision_high"),
        *("recall", "recall_low", "recall_high", "scar_consistent"),
    ]
    return pd.DataFrame(rows, columns=columns)


def _hidden(prior: float, unlabelled: int) -> int:
    if not 0 <= prior < 1:
        raise InputError(
            f"{prior} is not a valid share of hidden positives", where="prior", fix="use 0 <= prior < 1"
        )
    return round(prior * unlabelled)


def _ratio(part: float, whole: int) -> float:
    return part / whole if whole else math.nan


def _inside(low: float, value: float, high: float) -> bool:
    """With room for rounding: at prior 0 all three are one number, computed in two ways."""
    return low - 1e-9 <= value <= high + 1e-9
