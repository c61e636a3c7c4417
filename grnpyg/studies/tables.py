"""Tables of a study: mean and deviation of every group of trials, paired differences, what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from grnpyg.core.errors import InputError, unknown
from grnpyg.metrics.gains import ADDITIVE, DEGREE
from grnpyg.studies import averages
from grnpyg.studies.rows import OF_THE_RUN
from grnpyg.studies.spread import paired_variances, t_interval, variances
from grnpyg.studies.study import Study
from grnpyg.studies.study_file import SEEDS

DEFAULT_METRICS = ("gain_over_degree", "gain_over_additive", "auroc", "ap", "per_tf_auroc", "ap_ratio")

ALWAYS = (DEGREE, ADDITIVE)  # shown whatever rows are asked for
Record = dict[str, Any]


@dataclass(frozen=True)
class Tables:
    """What a study says.

    Attributes:
        study: its name.
        axes: those that were not averaged over.
        over: those that were.
        metrics: in the order of the columns.
        rows: per group of trials, part, regime and row: the levels, `part regime row n of parameters_min
            parameters_max leaks`, `<metric>_mean` and `<metric>_sd` (sample deviation; None for one run, or
            where a row has no such metric), `<metric>_low` and `_high` (95 % t-interval of the mean).
        differences: per comparison, group, part and regime: the levels (that of the compared axis is
            `level - to`), `part regime row n of leaks`, and `<metric>_mean _sd _low _high` of the paired
            differences with their 95 % t-interval.
        spread: where several split seeds are crossed with several training seeds: per group, part and regime
            of the model, `metric`, the fields of `VarianceComponents`, and `low high`: the 95 % t-interval of
            the mean for new splits and new trainings, which those of `rows` then are too.
        missing: the levels of every trial that is not done.
        runs: how many trials there are in all.
    """

    study: str
    axes: tuple[str, ...]
    over: tuple[str, ...]
    metrics: tuple[str, ...]
    rows: list[Record]
    differences: list[Record]
    spread: list[Record]
    missing: list[dict[str, str]]
    runs: int


def study_tables(
    study: Study, rows: pd.DataFrame, metrics: Sequence[str] = (), only: Sequence[str] = ()
) -> Tables:
    """Aggregate rows; the result does not depend on their order, to the bit.

    Args:
        study: from `read_study`.
        rows: from `study_rows` or `read_rows`.
        metrics: columns of the table; by default the gains over degree and additive, then the scores.
        only: rows to show; all by default. `degree_product` and `additive` are shown in any case.

    Raises:
        InputError: no trial is done, or an unknown metric or row.
    """
    if rows.empty:
        raise InputError(
            "no trial is done yet, or none has this part",
            where=f"study {study.name}",
            fix="`grnpyg study run` it; parts such as test_cold_tf need the split cold_start",
        )
    columns = list(rows.columns)
    known = columns[columns.index("row") + 1 : columns.index(OF_THE_RUN[0])]
    metrics = list(dict.fromkeys(metrics)) or [name for name in DEFAULT_METRICS if name in known]
    for metric in metrics:
        if metric not in known:
            raise unknown("metric", metric, known)
    present = set(rows["row"])
    for row in only:
        if row not in present:
            raise unknown("row", row, present)
    shown = {row for row in present if not only or row in (*only, *ALWAYS)}
    axes = tuple(axis for axis in study.axes if axis not in study.over)
    chosen = rows[rows["row"].isin(shown)]
    configured = [regime for trial in study.trials for regime in trial.config.evaluation.negatives]
    regimes = list(dict.fromkeys([*configured, *sorted(set(rows["regime"]))]))
    parts = list(dict.fromkeys(rows["part"]))
    groups = [{axis: trial.levels[axis] for axis in axes} for trial in study.trials]

    def place(record: Record) -> tuple[Any, ...]:
        levels = (list(study.axes[axis]).index(record[axis]) for axis in axes)
        at = parts.index(record["part"]), regimes.index(record["regime"])
        return (*levels, *at, *_rank(record["row"]))

    means = averages.means(chosen, axes, tuple(metrics))
    crossed = set(SEEDS) <= set(study.over)
    found = list(variances(chosen, axes, metrics)) if crossed else []
    spread = [record for record in found if record["row"] == "model"]
    for record in means:
        record["of"] = groups.count({axis: record[axis] for axis in axes})
        _add_intervals(record, metrics)
    _take_intervals(means, found, (*axes, "part", "regime", "row"))
    done = set(rows[list(study.axes)].itertuples(index=False, name=None))
    missing = [dict(c.levels) for c in study.trials if tuple(c.levels.values()) not in done]
    return Tables(
        study.name,
        axes,
        study.over,
        tuple(metrics),
        sorted(means, key=place),
        list(_differences(study, rows, axes, tuple(metrics), (parts, regimes))),
        sorted(spread, key=place),
        missing,
        len(study.trials),
    )


def _add_intervals(record: Record, metrics: Sequence[str]) -> None:
    """The 95 % t-interval of every mean, over the runs behind it."""
    n = record["n"]
    for metric in metrics:
        mean, sd = record[f"{metric}_mean"], record[f"{metric}_sd"]
        low, high = t_interval(mean, None if sd is None else sd / n**0.5, n - 1)
        record |= {f"{metric}_low": low, f"{metric}_high": high}


def _take_intervals(records: list[Record], found: list[Record], keys: Sequence[str]) -> None:
    """Intervals for new splits and new trainings in place of those over all runs."""
    at = {tuple(record[key] for key in keys): record for record in records}
    for variance in found:
        record = at.get(tuple(variance[key] for key in keys))
        if record is not None:
            name = variance["metric"]
            record |= {f"{name}_low": variance["low"], f"{name}_high": variance["high"]}


def _rank(row: str) -> tuple[int, int, str]:
    """Models, then the rows that are always there, then the others by name."""
    kind = 0 if row == "model" or row.startswith("model_") else 1 if row in ALWAYS else 2
    return kind, ALWAYS.index(row) if row in ALWAYS else 0, row


def _differences(
    study: Study,
    rows: pd.DataFrame,
    axes: tuple[str, ...],
    metrics: tuple[str, ...],
    order: tuple[list[str], list[str]],
) -> Iterable[Record]:
    for comparison in study.compare:
        others = tuple(axis for axis in axes if axis != comparison.axis)
        found = averages.differences(
            rows[rows["row"] == "model"], tuple(study.axes), study.over, comparison, metrics
        )
        pairs = _pairs(study, comparison.axis, comparison.level, comparison.to, others)

        def place(record: Record, others: tuple[str, ...] = others) -> tuple[int, ...]:
            levels = (list(study.axes[axis]).index(record[axis]) for axis in others)
            return (*levels, order[0].index(record["part"]), order[1].index(record["regime"]))

        for record in found:
            _add_intervals(record, metrics)
        if set(SEEDS) <= set(study.over):
            crossed = list(paired_variances(rows, axes, comparison, metrics))
            _take_intervals(found, crossed, (*others, "part", "regime"))
        for record in sorted(found, key=place):
            levels = {axis: record[axis] for axis in others}
            record["of"] = pairs.count(levels)
            yield {**record, comparison.axis: f"{comparison.level} - {comparison.to}", "row": "model"}


def _pairs(study: Study, axis: str, level: str, to: str, others: tuple[str, ...]) -> list[dict[str, str]]:
    """The levels of the other axes of every pair of trials that the study has."""
    points = [trial.levels for trial in study.trials]
    wanted = [{**point, axis: to} for point in points if point[axis] == level]
    return [{other: point[other] for other in others} for point in wanted if point in points]
