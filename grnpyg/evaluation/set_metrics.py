"""Metrics of all rows on one candidate set: the gain over degree first, then the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grnpyg.evaluation.rows import MODEL_ROWS, Scores
from grnpyg.metrics.bootstrap import bootstrap_pairs
from grnpyg.metrics.classification import classification_metrics, ranking_metrics
from grnpyg.metrics.gains import DEGREE, add_gains
from grnpyg.metrics.strata import degree_spearman, degree_strata, strata_metrics
from grnpyg.models.baselines import baselines
from grnpyg.splits import LabelledPairs
from grnpyg.splits.split_file import Evaluation

MetricLine = tuple[str, str, str, str, float]  # part, regime, row, metric, value
STRATA = ("low", "middle", "high")  # thirds of the pairs by training degree product


def set_metrics(
    pairs: LabelledPairs, scores: dict[str, NDArray[Any]], *, resamples: int = 0, seed: int = 0
) -> dict[str, dict[str, float]]:
    """Metrics of every row on the same pairs.

    `gain_over_degree` is the difference of AUROC to the best degree row (product, TF or gene) of these pairs,
    `gain_over_additive` to the additive row. `auroc_low_degree`, `_middle_` and `_high_` are within thirds of
    the pairs by degree product, `degree_spearman` says how far the score is degree in disguise.

    Args:
        pairs: the candidate set.
        scores: row -> (num_pairs,), with the three degree rows and `additive`.
        resamples: of the two-way bootstrap; with some there are also `gain_over_degree_low` and `_high` and
            the like for `gain_over_additive` and `auroc`, 95 % percentile intervals.
        seed: of the bootstrap.

    Returns:
        row -> metric -> value; accuracy and F1 only where the scores are logits.
    """
    label = pairs.edge_label.numpy()
    strata = degree_strata(scores[DEGREE], len(STRATA))
    metrics: dict[str, dict[str, float]] = {}
    for row, score in scores.items():
        logits = row in MODEL_ROWS or baselines.get(row).gives_logits
        own = classification_metrics(label, score) if logits else ranking_metrics(label, score)
        own["degree_spearman"] = degree_spearman(score, scores[DEGREE])
        for stratum, auroc in strata_metrics(label, score, strata).set_index("stratum")["auroc"].items():
            own[f"auroc_{STRATA[int(str(stratum))]}_degree"] = float(auroc)
        metrics[row] = own
    samples = None
    if resamples:
        tf, gene = pairs.edge_label_index.numpy()
        drawn = bootstrap_pairs(tf, gene, label, scores, resamples=resamples, seed=seed)
        samples = {row: table["auroc"].to_numpy() for row, table in drawn.items()}
    return add_gains(metrics, "auroc", samples)


def metric_rows(evaluation: Evaluation, scores: Scores) -> pd.DataFrame:
    """Every metric of every candidate set as one line: part, regime, row, metric, value."""
    lines = []
    for regime, parts in evaluation.items():
        for part, pairs in parts.items():
            rows = {row: regimes[regime][part] for row, regimes in scores.items()}
            lines += metric_lines(part, regime, set_metrics(pairs, rows))
    # the order of the tables: row by row
    order = {row: at for at, row in enumerate(scores)}
    lines.sort(key=lambda line: order[line[2]])
    return pd.DataFrame(lines, columns=["part", "regime", "row", "metric", "value"])


def metric_lines(part: str, regime: str, metrics: dict[str, dict[str, float]]) -> list[MetricLine]:
    """The metrics of a set as lines of a run's table."""
    return [
        (part, regime, row, metric, float(value))
        for row, own in metrics.items()
        for metric, value in own.items()
        if not np.isnan(value) or metric in ("auroc", "ap")
    ]
