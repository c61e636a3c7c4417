"""Tables of a study: mean and deviation of every group of trials, paired differences, what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from grnpyg.core.errors import InputError, unknown
from grnpyg.metrics.gains import ADDITIVE, DEGREE
from grnpyg.studies import averages
from grnpyg.studies.rows import OF_THE_RUN
from grnpyg.studies.spread import paired_variances, t_interval, variances
from grnpyg.studies.study import Study
from grnpyg.studies.study_file import SEEDS, Comparison

DEFAULT_METRICS = (
    *("gain_over_degree", "gain_over_additive", "auroc", "ap"),
    *("per_tf_auroc", "ap_ratio", "ap_over_chance"),
)

ALWAYS = (DEGREE, ADDITIVE)  # methods that every table shows
Record = dict[str, Any]


@dataclass(frozen=True)
class Tables:
    """What a study says.

    The records keep the names that the columns have on disk: `part` is the subset, `regime` the setting,
    `row` the method.

    Attributes:
        study: its name.
        axes: those that were not averaged over.
        over: those that were.
        metrics: in the order of the columns.
        rows: one record for every group of trials, subset, setting and method: the levels, `part regime row n
            of parameters_min parameters_max leaks`; for every metric its `_mean` and `_sd` (sample deviation;
            None for one run, or if the method has no such metric) and `_low`, `_high` (95 % t-interval of the
            mean).
        differences: one record for every comparison, group, subset and setting: the levels (that of the
            compared axis is `level - to`), `part regime row n of leaks`; for every metric the `_mean _sd _low
            _high` of the paired differences.
        spread: only if several split seeds are crossed with several training seeds. One record for every
            group, subset, setting and `metric` of the model: the fields of `VarianceComponents`, and `low
            high`: the 95 % t-interval of the mean for new splits and new trainings. `rows` then has these
            intervals too.
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
    """Average the rows of a study. No order of the rows changes a bit of a value.

    Args:
        study: from `read_study`.
        rows: from `study_rows` or `read_rows`.
        metrics: columns of the table; by default the gains over degree and additive, then the scores.
        only: methods to show; all by default. `degree_product` and `additive` are always shown.

    Raises:
        InputError: no trial is done, or an unknown metric or method.
    """
    if rows.empty:
        raise InputError(
            "no trial is done yet, or none has this subset",
            where=f"study {study.name}",
            fix="`grnpyg study run` it; subsets such as test_cold_tf need the split cold_start",
        )
    metrics = _metrics(rows, metrics)
    methods = set(rows["row"])
    for method in only:
        if method not in methods:
            raise unknown("method", method, methods)
    chosen = rows[rows["row"].isin({*only, *ALWAYS})] if only else rows
    axes = tuple(axis for axis in study.axes if axis not in study.over)
    crossed = set(SEEDS) <= set(study.over)
    place = _place(study, rows)
    groups = [{axis: trial.levels[axis] for axis in axes} for trial in study.trials]

    means = averages.means(chosen, axes, metrics)
    found = list(variances(chosen, axes, metrics)) if crossed else []
    for record in means:
        record["of"] = groups.count({axis: record[axis] for axis in axes})
    _add_intervals(means, metrics, found, (*axes, "part", "regime", "row"))
    differences = [
        record
        for comparison in study.compare
        for record in sorted(_differences(study, rows, comparison, axes, metrics, crossed), key=place)
    ]
    done = set(rows[list(study.axes)].itertuples(index=False, name=None))
    return Tables(
        study.name,
        axes,
        study.over,
        metrics,
        sorted(means, key=place),
        differences,
        sorted((record for record in found if record["row"] == "model"), key=place),
        [dict(trial.levels) for trial in study.trials if tuple(trial.levels.values()) not in done],
        len(study.trials),
    )


def _metrics(rows: pd.DataFrame, asked: Sequence[str]) -> tuple[str, ...]:
    """The columns to show: those that are asked for, each once, or the default ones that are there."""
    columns = list(rows.columns)
    known = columns[columns.index("row") + 1 : columns.index(OF_THE_RUN[0])]
    for metric in asked:
        if metric not in known:
            raise unknown("metric", metric, known)
    return tuple(dict.fromkeys(asked)) or tuple(name for name in DEFAULT_METRICS if name in known)


def _place(study: Study, rows: pd.DataFrame) -> Callable[[Record], tuple[Any, ...]]:
    """The sort key of a record: levels, subset, setting, method (models, those of `ALWAYS`, others by name).

    The level of a compared axis, `level - to`, does not count.
    """
    configured = [setting for trial in study.trials for setting in trial.config.evaluation.negatives]
    settings = list(dict.fromkeys([*configured, *sorted(set(rows["regime"]))]))
    subsets = list(dict.fromkeys(rows["part"]))
    at = {axis: {level: i for i, level in enumerate(levels)} for axis, levels in study.axes.items()}

    def place(record: Record) -> tuple[Any, ...]:
        levels = tuple(at[axis].get(record[axis], 0) for axis in study.axes if axis in record)
        method = record["row"]
        model = method == "model" or method.startswith("model_")
        kind = 0 if model else 1 + ALWAYS.index(method) if method in ALWAYS else 1 + len(ALWAYS)
        return (*levels, subsets.index(record["part"]), settings.index(record["regime"]), kind, method)

    return place


def _add_intervals(
    records: list[Record], metrics: Sequence[str], found: list[Record], keys: Sequence[str]
) -> None:
    """Add the 95 % t-interval of every mean: over the runs behind it, or for new splits and trainings.

    Args:
        records: of means or differences.
        metrics: columns.
        found: variance components, whose intervals replace those over the runs.
        keys: what identifies a record.
    """
    for record in records:
        n = record["n"]
        for metric in metrics:
            mean, sd = record[f"{metric}_mean"], record[f"{metric}_sd"]
            low, high = t_interval(mean, None if sd is None else sd / n**0.5, n - 1)
            record |= {f"{metric}_low": low, f"{metric}_high": high}
    at = {tuple(record[key] for key in keys): record for record in records}
    for variance in found:
        name = variance["metric"]
        if (key := tuple(variance[key] for key in keys)) in at:
            at[key] |= {f"{name}_low": variance["low"], f"{name}_high": variance["high"]}


def _differences(
    study: Study,
    rows: pd.DataFrame,
    comparison: Comparison,
    axes: Sequence[str],
    metrics: Sequence[str],
    crossed: bool,
) -> Iterator[Record]:
    """The records of one comparison of the model, in no particular order."""
    axis, level, to = comparison.axis, comparison.level, comparison.to
    others = [other for other in axes if other != axis]
    model = rows[rows["row"] == "model"]
    found = averages.differences(model, tuple(study.axes), study.over, comparison, metrics)
    variance = list(paired_variances(rows, axes, comparison, metrics)) if crossed else []
    _add_intervals(found, metrics, variance, (*others, "part", "regime"))
    points = [trial.levels for trial in study.trials]
    pairs = [
        {other: point[other] for other in others}
        for point in points
        if point[axis] == level and {**point, axis: to} in points
    ]
    for record in found:
        of = pairs.count({other: record[other] for other in others})
        yield {**record, "of": of, axis: f"{level} - {to}", "row": "model"}
