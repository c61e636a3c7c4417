"""How much of a larger model's scores a smaller one keeps."""

from __future__ import annotations

import numpy as np
from scipy.stats import spearmanr

from grnpyg.metrics.classification import Array, auroc, average_precision


def retention(label: Array, small: Array, large: Array) -> dict[str, float]:
    """AUROC and AP of both scores, the share that the small model keeps, and the Spearman correlation.

    Args:
        label: (num_pairs,) 1 for a positive.
        small: (num_pairs,) logits of the smaller model.
        large: (num_pairs,) logits of the larger one.

    Returns:
        `auroc auroc_before ap ap_before retention_auroc retention_ap score_spearman`; nan if a score is
        constant (Spearman) or there is one class.
    """
    figures = {
        "auroc": auroc(label, small),
        "auroc_before": auroc(label, large),
        "ap": average_precision(label, small),
        "ap_before": average_precision(label, large),
    }
    constant = np.ptp(small) == 0 or np.ptp(large) == 0
    return figures | {
        "retention_auroc": _over(figures["auroc"], figures["auroc_before"]),
        "retention_ap": _over(figures["ap"], figures["ap_before"]),
        "score_spearman": float("nan") if constant else float(spearmanr(small, large).statistic),
    }


def _over(after: float, before: float) -> float:
    return after / before if before else float("nan")
