"""The stored rows of a BEELINE study, averaged over seeds, and how to find one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from grnpyg.metrics import ADDITIVE, DEGREES
from grnpyg.studies import read_rows, read_study, study_tables

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results"
SETS = ("auroc", "ap", "auprc", "auprc_ratio", "epr")  # of the negatives of a regime
RANKED = ("per_tf_auroc", "ap_ratio")  # of all genes of each TF
EASE = ("ease_gene", "ease_tf")
BAR = (*DEGREES, ADDITIVE, *EASE)  # what a model has to be above
NO_MODEL = "none"

Record = dict[str, Any]


@dataclass(frozen=True)
class Rows:
    """What the stored rows of a study say, averaged over seeds.

    Attributes:
        groups: the levels of its axes but for model and seed, in order.
        models: the levels of the axis `model` that are trained.
        records: from `study_tables`, of the part `test`.
        said: how many cells are there.
    """

    groups: list[dict[str, str]]
    models: list[str]
    records: list[Record]
    said: str

    def find(self, group: dict[str, str], regime: str, row: str, model: str | None = None) -> Record | None:
        """The record of a row; of a baseline by default that of the cells without a model."""
        wanted = {**group, "regime": regime, "row": row} | ({"model": model} if model else {})
        return next((r for r in self.records if all(r[key] == at for key, at in wanted.items())), None)

    def trained(self, group: dict[str, str], regime: str) -> list[str]:
        """The models that a group has."""
        return [model for model in self.models if self.find(group, regime, "model", model)]

    def gain(self, group: dict[str, str], regime: str, model: str, metric: str = "auroc") -> float | None:
        """What a model scores above the best closed form of its own cells."""
        own = self.find(group, regime, "model", model)
        top = best(self, group, regime, BAR, metric, model)
        return own[f"{metric}_mean"] - top[f"{metric}_mean"] if own and top else None

    def baselines(self) -> list[str]:
        """The rows without a model, in the order of the tables."""
        return list(dict.fromkeys(r["row"] for r in self.records if not r["row"].startswith("model")))


@cache
def load(name: str) -> Rows | None:
    """A study's rows; None where nothing is stored."""
    study, path = read_study(HERE / "studies" / f"{name}.yaml"), RESULTS / f"beeline_{name}.csv"
    if not path.exists():
        return None
    rows = read_rows(study, path)
    if rows.empty:
        return None
    tables = study_tables(study, rows, [metric for metric in (*SETS, *RANKED) if metric in rows])
    axes = [axis for axis in tables.axes if axis != "model"]
    groups = [dict(zip(axes, levels, strict=True)) for levels in _levels(tables.rows, axes)]
    models = [level for level in study.axes["model"] if level != NO_MODEL]
    done = tables.runs - len(tables.missing)
    seeds = {level: {r["n"] for r in tables.rows if r["model"] == level} for level in study.axes["model"]}
    counted = "; ".join(
        f"{'closed forms' if level == NO_MODEL else level} {' or '.join(map(str, sorted(n)))}"
        for level, n in seeds.items()
        if n
    )
    over = " and ".join(tables.over)
    said = f"Mean ± sd over {over} ({counted}), {done} of {tables.runs} cells."
    return Rows(groups, models, tables.rows, said)


def _levels(records: list[Record], axes: list[str]) -> Iterable[tuple[str, ...]]:
    return dict.fromkeys(tuple(record[axis] for axis in axes) for record in records)


def best(
    found: Rows,
    group: dict[str, str],
    regime: str,
    names: Iterable[str],
    metric: str,
    model: str | None = None,
) -> Record | None:
    """The record of the row that is best by a metric, beside a model."""
    records = [r for name in names if (r := found.find(group, regime, name, model)) is not None]
    records = [r for r in records if r.get(f"{metric}_mean") is not None]
    return max(records, key=lambda r: r[f"{metric}_mean"], default=None)
