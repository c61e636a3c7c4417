"""The axes of a study: names of trials, and lines along an axis that changes a number."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from grnpyg.core.config import ExperimentConfig
from grnpyg.metrics.gains import ALWAYS
from grnpyg.studies import Study

NUMBER = re.compile(r"-?[0-9.]+(e-?[0-9]+)?( - |$)")  # a level that says nothing without its axis
METRICS = ("auroc", "ap")


def label(record: Mapping[str, Any], axes: Sequence[str], otherwise: str = "") -> str:
    """The levels of a record in words, or `otherwise` where there are none; a number gets its axis.

    >>> label({"ratio": "5", "head": "dual"}, ["ratio", "head"])
    'ratio 5, dual'
    """
    levels = [(axis, str(record[axis])) for axis in axes if axis in record]
    return (
        ", ".join(f"{axis} {level}" if NUMBER.match(level) else level for axis, level in levels) or otherwise
    )


def pruned(config: ExperimentConfig) -> float:
    """The share of units that all pruning steps of a config remove together."""
    return 1 - math.prod(1 - step.ratio for step in config.prune)


def series(
    study: Study,
    records: Sequence[Mapping[str, Any]],
    axes: Sequence[str],
    of: Callable[[ExperimentConfig], float],
) -> pd.DataFrame | None:
    """Records as lines along a number of the config: `series ratio auroc auroc_low auroc_high ap ...`.

    Args:
        study: gives the configs.
        records: of `Tables.rows`, of one subset and setting.
        axes: those that are not averaged over.
        of: the number.

    Returns:
        None where the number is the same in all trials. A line's name leaves out the axis that decides the
        number.
    """
    places = {
        tuple(trial.levels[axis] for axis in axes): round(of(trial.config), 6) for trial in study.trials
    }
    if len(set(places.values())) < 2:
        return None
    deciding = next((axis for at, axis in enumerate(axes) if _decides(places, at)), None)
    others = [axis for axis in axes if axis != deciding]
    rows = []
    for record in records:
        row: dict[str, Any] = {
            "series": _name(record, others),
            "ratio": places[tuple(record[axis] for axis in axes)],
        }
        for metric in METRICS:
            row |= {metric: record.get(f"{metric}_mean")}
            row |= {f"{metric}_{end}": record.get(f"{metric}_{end}") for end in ("low", "high")}
        rows.append(row)
    table = pd.DataFrame(rows).astype({name: float for row in rows[:1] for name in row if name != "series"})
    return table.drop_duplicates(["series", "ratio"]) if len(table) else None


def _decides(places: Mapping[tuple[str, ...], float], at: int) -> bool:
    found: dict[str, set[float]] = {}
    for levels, value in places.items():
        found.setdefault(levels[at], set()).add(value)
    return len(found) > 1 and all(len(values) == 1 for values in found.values())


def _name(record: Mapping[str, Any], axes: Sequence[str]) -> str:
    return str(record["row"]) if record["row"] in ALWAYS else label(record, axes, str(record["row"]))
