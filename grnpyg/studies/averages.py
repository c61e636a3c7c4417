"""Means, deviations and paired differences of the rows of a study.

`statistics` adds exactly, so that no order of the rows changes a bit of the result.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from grnpyg.studies.study_file import Comparison

Record = dict[str, Any]


def means(rows: pd.DataFrame, axes: Sequence[str], metrics: Sequence[str]) -> list[Record]:
    """Mean and sample deviation of every metric, for each level of `axes`, subset, setting and method.

    Args:
        rows: of a study, see `study_rows`.
        axes: those that are not averaged over.
        metrics: columns.

    Returns:
        Records in no particular order: the levels, `part regime row n parameters_min parameters_max leaks`,
        and `<metric>_mean`, `<metric>_sd`. Both are None if a value is missing, the deviation also for n = 1.
    """
    records = []
    sizes = rows["parameters"].to_numpy(float, na_value=np.nan)
    for record, at in _groups(rows, [*axes, "part", "regime", "row"], metrics):
        known = sizes[at][~np.isnan(sizes[at])]
        low, high = (int(known.min()), int(known.max())) if len(known) else (None, None)
        records.append(record | {"parameters_min": low, "parameters_max": high})
    return records


def differences(
    rows: pd.DataFrame,
    axes: Sequence[str],
    over: Sequence[str],
    comparison: Comparison,
    metrics: Sequence[str],
) -> list[Record]:
    """Differences between two levels of an axis, paired on every other axis, the subset and the setting.

    Args:
        rows: those of the model.
        axes: all axes.
        over: those that are averaged over after pairing.
        comparison: axis and levels.
        metrics: columns.

    Returns:
        Records in no particular order: the levels of the axes that are neither compared nor averaged over,
        `part regime n leaks`, and `<metric>_mean`, `<metric>_sd` as in `means`.
    """
    others = [axis for axis in axes if axis != comparison.axis]
    pairing = [*others, "part", "regime"]
    first, second = (
        rows.loc[rows[comparison.axis] == level, [*pairing, "leaks", *metrics]]
        for level in (comparison.level, comparison.to)
    )
    pairs = first.merge(second, on=pairing, suffixes=("", " to"))
    for metric in metrics:
        pairs[metric] = pairs[metric] - pairs[f"{metric} to"]
    pairs["leaks"] = pairs["leaks"] + "," + pairs["leaks to"]
    keys = [*(axis for axis in others if axis not in over), "part", "regime"]
    return [record for record, _ in _groups(pairs, keys, metrics)]


def _groups(
    rows: pd.DataFrame, keys: list[str], metrics: Sequence[str]
) -> Iterator[tuple[Record, np.ndarray]]:
    """Every group's record and the positions of its rows."""
    values = {metric: rows[metric].to_numpy(float, na_value=np.nan) for metric in metrics}
    leaks = rows["leaks"].to_numpy()
    places: Mapping[Any, Any] = rows.groupby(keys, sort=False).indices
    for place, at in places.items():
        record: Record = {**dict(zip(keys, place, strict=True)), "n": len(at)}
        record["leaks"] = sorted({*",".join(leaks[at]).split(",")} - {""})
        for metric in metrics:
            record[f"{metric}_mean"], record[f"{metric}_sd"] = _mean_and_sd(values[metric][at])
        yield record, at


def _mean_and_sd(values: np.ndarray) -> tuple[float | None, float | None]:
    """Mean and sample deviation; None if a value is missing, and for the deviation of a single one."""
    if np.isnan(values).any():
        return None, None
    numbers = values.tolist()
    return statistics.mean(numbers), statistics.stdev(numbers) if len(numbers) > 1 else None
