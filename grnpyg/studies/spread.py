"""Several training seeds on several splits: which of the two moves a score."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
from scipy.stats import t

from grnpyg.evaluation.variance import variance_components

CONFIDENCE = 0.95


def variances(rows: pd.DataFrame, axes: Sequence[str], metrics: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Variance components of the model's metrics over the axes `split_seed` and `seed`.

    Args:
        rows: of a study, see `study_rows`.
        axes: those that are not averaged over.
        metrics: columns.

    Yields:
        The levels, `part regime row metric`, the fields of `VarianceComponents`, `between_splits_sd`,
        `within_split_sd`, and `low high`: mean +- t (n_splits - 1 degrees of freedom) x standard error.
    """
    keys = [*axes, "part", "regime", "row"]
    for place, group in rows[rows["row"] == "model"].groupby(keys, sort=False):
        for metric in metrics:
            values = group[["split_seed", "seed", metric]].rename(columns={metric: "value"}).dropna()
            if values.empty:
                continue
            found = variance_components(values)
            df = found.n_splits - 1
            half = float(t.ppf((1 + CONFIDENCE) / 2, df)) * found.standard_error if df else math.nan
            deviations = {
                f"{name}_sd": math.sqrt(getattr(found, name)) for name in ("between_splits", "within_split")
            }
            interval = (None, None) if math.isnan(half) else (found.mean - half, found.mean + half)
            yield {
                **dict(zip(keys, place, strict=True)),
                "metric": metric,
                **vars(found),
                **deviations,
                **dict(zip(("low", "high"), interval, strict=True)),
            }
