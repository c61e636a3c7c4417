"""Metrics of several methods on the same pairs, each with its gain over degree and additive baselines."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grnpyg.metrics.bootstrap import bootstrap_pairs, bootstrap_ranking, interval
from grnpyg.metrics.classification import Array, classification_metrics
from grnpyg.metrics.classification import ranking_metrics as score_metrics
from grnpyg.metrics.gains import DEGREE, GAINS
from grnpyg.metrics.ranking import RankingSet, ranking_metrics
from grnpyg.metrics.strata import degree_spearman, degree_strata, strata_metrics

COUNTS = ("distinct_scores", "positives", "negatives")
STRATA = ("low", "middle", "high")  # thirds of the pairs by training degree product


@dataclass(frozen=True, eq=False)
class MethodTable(Mapping[str, Mapping[str, float]]):
    """Method -> metric -> value, the gains in front.

    >>> table = MethodTable({"model": {"auroc": 0.9}, "degree_product": {"auroc": 0.8}})
    >>> table["model"]["auroc"]
    0.9

    Attributes:
        metrics: method -> metric -> value.
    """

    metrics: Mapping[str, Mapping[str, float]]

    def __getitem__(self, method: str) -> Mapping[str, float]:
        return self.metrics[method]

    def __iter__(self) -> Iterator[str]:
        return iter(self.metrics)

    def __len__(self) -> int:
        return len(self.metrics)

    def to_frame(self) -> pd.DataFrame:
        """One line per method, metrics as columns; nan where a method does not have a metric."""
        return pd.DataFrame.from_dict(self.to_dict(), orient="index").rename_axis("method").reset_index()

    def to_dict(self) -> dict[str, dict[str, float]]:
        """Nested dictionaries that JSON can hold."""
        return {method: dict(metrics) for method, metrics in self.items()}

    @classmethod
    def from_lines(cls, lines: pd.DataFrame) -> MethodTable:
        """The metrics of one subset and setting from lines with the columns `method metric value`."""
        return cls(
            {
                str(method): {
                    metric: int(value) if metric in COUNTS else float(value)
                    for metric, value in zip(own["metric"], own["value"], strict=True)
                }
                for method, own in lines.groupby("method", sort=False)
            }
        )

    @classmethod
    def with_gains(
        cls,
        metrics: Mapping[str, Mapping[str, float]],
        score: str,
        samples: Mapping[str, NDArray[Any]] | None = None,
    ) -> MethodTable:
        """The metrics of every method with its gains in front.

        Args:
            metrics: method -> metric -> value, with the methods `grnpyg.metrics.gains.ALWAYS`.
            score: the metric that the gains are differences of.
            samples: method -> (resamples,) bootstrap values of that metric, the same resamples for every
                method. With them the score and its gains have 95 % intervals, `<name>_low` and `<name>_high`.
        """
        best = {gain: max(names, key=lambda name: metrics[name][score]) for gain, names in GAINS.items()}
        result: dict[str, dict[str, float]] = {}
        for method, own in metrics.items():
            values = {gain: own[score] - metrics[other][score] for gain, other in best.items()}
            if samples is not None:
                drawn = {gain: samples[method] - samples[other] for gain, other in best.items()}
                for name, sample in (drawn | {score: samples[method]}).items():
                    low, high, _ = interval(sample)
                    values |= {f"{name}_low": low, f"{name}_high": high}
            result[method] = values | dict(own)
        return cls(result)


def set_metrics(
    tf: Array,
    gene: Array,
    label: Array,
    scores: Mapping[str, Array],
    logits: Collection[str] = (),
    *,
    resamples: int = 0,
    seed: int = 0,
) -> MethodTable:
    """Metrics of every method on one candidate set.

    `gain_over_degree` is the difference of AUROC to the best degree baseline (product, TF or gene) on these
    pairs, `gain_over_additive` to the additive one. `auroc_low_degree`, `_middle_` and `_high_` are within
    thirds of the pairs by degree product. `degree_spearman` says how much the score is merely degree.

    Args:
        tf: (num_pairs,) TF ids.
        gene: (num_pairs,) gene ids.
        label: (num_pairs,) above 0.5 for a positive.
        scores: method -> (num_pairs,), with the three degree baselines and `additive`.
        logits: methods whose scores are logits; only they have accuracy and F1.
        resamples: of the two-way bootstrap. Above 0 there are also `gain_over_degree_low` and `_high` and the
            like for `gain_over_additive` and `auroc`, 95 % percentile intervals.
        seed: of the bootstrap.
    """
    strata = degree_strata(scores[DEGREE], len(STRATA))
    metrics: dict[str, dict[str, float]] = {}
    for method, score in scores.items():
        own = classification_metrics(label, score) if method in logits else score_metrics(label, score)
        own["degree_spearman"] = degree_spearman(score, scores[DEGREE])
        for stratum, auroc in strata_metrics(label, score, strata).set_index("stratum")["auroc"].items():
            own[f"auroc_{STRATA[int(str(stratum))]}_degree"] = float(auroc)
        metrics[method] = own
    samples = None
    if resamples:
        drawn = bootstrap_pairs(tf, gene, label, scores, resamples=resamples, seed=seed)
        samples = {method: table["auroc"].to_numpy() for method, table in drawn.items()}
    return MethodTable.with_gains(metrics, "auroc", samples)


def full_ranking_metrics(
    candidates: RankingSet, scores: Mapping[str, Array], *, resamples: int = 0, seed: int = 0
) -> MethodTable:
    """Metrics of every method in the full ranking; gains are differences of the mean per-TF AUROC.

    Args:
        candidates: n TFs x m genes.
        scores: method -> (n, m), with the three degree baselines and `additive`.
        resamples: of the two-way bootstrap; above 0 there are also 95 % intervals, see `set_metrics`.
        seed: of the bootstrap.
    """
    metrics = {method: ranking_metrics(candidates, score) for method, score in scores.items()}
    samples = None
    if resamples:
        drawn = bootstrap_ranking(candidates, scores, resamples=resamples, seed=seed)
        samples = {method: table["per_tf_auroc"].to_numpy() for method, table in drawn.items()}
    return MethodTable.with_gains(metrics, "per_tf_auroc", samples)


def metric_lines(table: MethodTable, subset: str, setting: str) -> pd.DataFrame:
    """The metrics as lines of a run's table: `subset setting method metric value`.

    A metric that is nan is left out, but for AUROC and AP: a set with one class has neither.
    """
    lines = [
        (subset, setting, method, metric, float(value))
        for method, own in table.items()
        for metric, value in own.items()
        if not np.isnan(value) or metric in ("auroc", "ap")
    ]
    return pd.DataFrame(lines, columns=["subset", "setting", "method", "metric", "value"])
