"""Metrics of one candidate set; ties are handled as in scikit-learn, never by sort order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from grnpyg.metrics.ranking import early_metrics

Array = NDArray[Any]


def auroc(label: Array, score: Array) -> float:
    """Area under the ROC curve: range [0, 1], higher is better, chance 0.5; a tied pair counts one half.

    nan where there is only one class.
    """
    return float(roc_auc_score(label, score)) if _two_classes(label) else float("nan")


def average_precision(label: Array, score: Array) -> float:
    """Average precision (step-wise area under precision and recall, not the trapezoid).

    Range [0, 1], higher is better, chance = share of positives; tied scores enter together. nan where there
    is only one class.
    """
    return float(average_precision_score(label, score)) if _two_classes(label) else float("nan")


def accuracy(label: Array, logit: Array) -> float:
    """Share of pairs on the right side of logit 0 (probability one half); range [0, 1], higher is better.

    Chance is the share of the larger class.
    """
    return float(np.mean((logit > 0) == (label > 0.5)))


def f1(label: Array, logit: Array) -> float:
    """F1 of the positive class at logit 0; range [0, 1], higher is better; 0 where nothing is predicted.

    nan where there is no pair.
    """
    if label.size == 0:
        return float("nan")
    return float(f1_score(label > 0.5, logit > 0, zero_division=0.0))


def distinct_scores(score: Array) -> int:
    """The number of different scores: few mean a collapsed model whose AUROC is mostly ties."""
    return int(np.unique(score).size)


def ranking_metrics(label: Array, score: Array) -> dict[str, float]:
    """Metrics of any score: auroc, ap (step), auprc (trapezoid), its ratio to chance, epr, and counts.

    `auprc_ratio` and `epr` are BEELINE's, within these pairs: see `grnpyg.metrics.ranking`.
    """
    positives = int((label > 0.5).sum())
    return {
        "auroc": auroc(label, score),
        "ap": average_precision(label, score),
        **early_metrics(score[label > 0.5], score[label < 0.5]),
        "distinct_scores": distinct_scores(score),
        "positives": positives,
        "negatives": len(label) - positives,
    }


def classification_metrics(label: Array, logit: Array) -> dict[str, float]:
    """Metrics of a logit: those of a score, accuracy and f1 at logit 0, and those of its float32 probability.

    `auroc_probability`, `ap_probability` and `distinct_probabilities` rank by sigmoid(logit) rounded to
    float32, like programs that evaluate probabilities: logits above 16.7 or below -88.7 are all tied. If they
    differ from `auroc`, the model is saturated.
    """
    with np.errstate(over="ignore"):
        probability = expit(logit.astype(np.float32))
    return {
        **ranking_metrics(label, logit),
        "accuracy": accuracy(label, logit),
        "f1": f1(label, logit),
        "auroc_probability": auroc(label, probability),
        "ap_probability": average_precision(label, probability),
        "distinct_probabilities": distinct_scores(probability),
    }


def _two_classes(label: Array) -> bool:
    return bool(np.unique(label).size == 2)
