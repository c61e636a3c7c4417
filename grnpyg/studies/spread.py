"""Several training seeds on several splits: how much of the spread of a score comes from each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
from scipy.stats import t

from grnpyg.metrics.variance import variance_components
from grnpyg.studies.study_file import SEEDS

if TYPE_CHECKING:
    from grnpyg.studies.study_file import Comparison

CONFIDENCE = 0.95


def t_interval(mean: float, error: float | None, df: int) -> tuple[float | None, float | None]:
    """The 95 % interval: mean +- t (df degrees of freedom) x standard error; None without an error."""
    if error is None or math.isnan(error) or df < 1:
        return None, None
    half = float(t.ppf((1 + CONFIDENCE) / 2, df)) * error
    return mean - half, mean + half


def mean_interval(values: pd.Series) -> tuple[float, float | None, float | None]:
    """The mean of independent values and its 95 % t-interval; of one value no interval.

    >>> mean_interval(pd.Series([0.5]))
    (0.5, None, None)
    """
    n = int(values.count())
    return float(values.mean()), *t_interval(values.mean(), values.std() / n**0.5, n - 1)


def interval_cell(differences: pd.Series, digits: int) -> str:
    """A table cell: the mean of paired differences and its 95 % t-interval; of one difference no interval.

    >>> interval_cell(pd.Series([0.1, 0.3]), 1)
    '+0.2 [-1.1, +1.5]'
    """
    value, low, high = mean_interval(differences)
    mean = f"{value:+.{digits}f}"
    return mean if low is None or high is None else f"{mean} [{low:+.{digits}f}, {high:+.{digits}f}]"


def cells_beside(values: pd.DataFrame, to: str, digits: int) -> pd.Series:
    """A table cell for every column: its mean, and in brackets the paired difference to one of them.

    Args:
        values: independent measurements (rows), such as seeds, that all levels (columns) have.
        to: the level that the others stand beside; its own cell has no difference.
        digits: after the point.

    >>> cells_beside(pd.DataFrame({"dual": [0.5, 0.6], "cross": [0.6, 0.9]}), "dual", 1).tolist()
    ['0.6', '0.8 (+0.2 [-1.1, +1.5])']
    """
    cells = values.mean().map(lambda mean: f"{mean:.{digits}f}")
    for level in values.columns.drop(to):
        cells[level] += f" ({interval_cell(values[level] - values[to], digits)})"
    return cells


def variances(rows: pd.DataFrame, axes: Sequence[str], metrics: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Variance components of every method's metrics over the axes `split_seed` and `seed`.

    If further axes are averaged over, their values are first averaged within one split and training.

    Args:
        rows: of a study, see `study_rows`.
        axes: those that are not averaged over.
        metrics: columns.

    Yields:
        The levels, `part regime row metric`, the fields of `VarianceComponents`, `between_splits_sd`,
        `within_split_sd`, and `low high`: mean +- t (n_splits - 1 degrees of freedom) x standard error.
    """
    keys = [*axes, "part", "regime", "row"]
    for place, group in rows.groupby(keys, sort=False):
        for metric in metrics:
            values = group.dropna(subset=[metric]).groupby(list(SEEDS))[metric].mean()
            if values.empty:
                continue
            found = variance_components(values.rename("value").reset_index())
            deviations = {
                f"{name}_sd": math.sqrt(getattr(found, name)) for name in ("between_splits", "within_split")
            }
            interval = t_interval(found.mean, found.standard_error, found.n_splits - 1)
            yield {
                **dict(zip(keys, place, strict=True)),
                "metric": metric,
                **vars(found),
                **deviations,
                **dict(zip(("low", "high"), interval, strict=True)),
            }


def paired_variances(
    rows: pd.DataFrame, axes: Sequence[str], comparison: Comparison, metrics: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Variance components of the model's differences between two levels of an axis.

    Differences are paired on every other axis, the subset and the setting.

    Args:
        rows: of a study.
        axes: all axes that are not averaged over.
        comparison: axis and levels.
        metrics: columns.
    """
    others = [axis for axis in axes if axis != comparison.axis]
    keys = [*others, *(name for name in rows.columns if name in SEEDS), "part", "regime", "row"]
    model = rows[rows["row"] == "model"]
    sides = (
        model[model[comparison.axis] == level].groupby(keys)[list(metrics)].mean()
        for level in (comparison.level, comparison.to)
    )
    first, second = sides
    return variances((first - second).reset_index(), others, metrics)
