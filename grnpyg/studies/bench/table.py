"""The table of a bench: for every entry its scores and what it cost, mean and deviation over the seeds."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from grnpyg.evaluation.full_ranking import RANKING
from grnpyg.studies.bench.costs import FIGURES, Cost, Costs
from grnpyg.studies.bench.suite import ENTRY, Suite
from grnpyg.studies.formats import markdown_table
from grnpyg.studies.rows import study_rows
from grnpyg.studies.tables import study_tables

Record = dict[str, Any]
RANKED = ("per_tf_auroc", "ap_ratio")  # of the full ranking
TITLES = {
    "per_tf_auroc": "per TF",
    "ap_ratio": "AP ratio",
    "fit_seconds": "fit s",
    "wall_seconds": "process s",
    "peak_memory_mb": "peak MB",
    "parameters": "parameters",
    "macs_per_pair": "MACs a pair",
}


@dataclass(frozen=True)
class BenchTable:
    """What a bench says.

    Attributes:
        regimes: the evaluation regimes, whose AUROC is shown.
        records: per entry and test part: `entry row part n`, and mean and sample deviation (None for one
            seed) of every figure as `<figure>_mean`, `<figure>_sd`. Figures: the AUROC of each regime by its
            name, those of the full ranking, and those of `Cost`; None where there is none.
    """

    regimes: tuple[str, ...]
    records: list[Record]

    @property
    def scores(self) -> tuple[str, ...]:
        """The figures that are scores."""
        return (*self.regimes, *RANKED)

    @property
    def parts(self) -> bool:
        """Whether there is more than one test part."""
        return len({record["part"] for record in self.records}) > 1


def bench_table(suite: Suite, runs: Path) -> BenchTable:
    """Read the runs that are done.

    Raises:
        InputError: none is done, or one cannot be read.
    """
    rows = study_rows(suite.study, runs)
    own = rows[rows["row"] == rows[ENTRY].map(suite.rows)].reset_index(drop=True)
    regimes = suite.study.trials[0].config.evaluation.negatives
    tables = study_tables(suite.study, own, ("auroc", *RANKED))
    costs, found = Costs(runs), dict[str, list[Cost]]()
    for trial in suite.study.trials:
        if (cost := costs.read(trial)) is not None:
            found.setdefault(trial.levels[ENTRY], []).append(cost)
    records: dict[tuple[str, str], Record] = {}
    for line in tables.rows:
        entry, part, regime = line[ENTRY], line["part"], line["regime"]
        start = {ENTRY: entry, "row": suite.rows[entry], "part": part, "n": line["n"]}
        record = records.setdefault((entry, part), start)
        names = dict.fromkeys(RANKED) if regime == RANKING else {"auroc": None}
        for name in names:
            figure = regime if name == "auroc" else name
            record |= {f"{figure}_{what}": line[f"{name}_{what}"] for what in ("mean", "sd")}
    for (entry, _), record in records.items():
        record |= _costs(found.get(entry, []))
    return BenchTable(regimes, list(records.values()))


def _costs(costs: Sequence[Cost]) -> Record:
    record: Record = {}
    for name in FIGURES:
        values = [getattr(cost, name) for cost in costs]
        known = bool(values) and None not in values
        record[f"{name}_mean"] = fmean(values) if known else None
        record[f"{name}_sd"] = stdev(values) if known and len(values) > 1 else None
    return record


def lines(table: BenchTable, figures: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """Headings and lines of the table, as words, with these figures."""
    keys = [ENTRY, *(["part"] if table.parts else [])]
    head = [*keys, *(TITLES.get(name, name.replace("_", " ")) for name in figures), "n"]
    return head, [
        [*(record[key] for key in keys), *(_words(record, name) for name in figures), str(record["n"])]
        for record in table.records
    ]


def _words(record: Mapping[str, Any], figure: str) -> str:
    mean, sd = record.get(f"{figure}_mean"), record.get(f"{figure}_sd")
    if mean is None:
        return "-"
    if figure in ("parameters", "macs_per_pair"):
        return f"{mean:,.0f}"
    digits = 0 if figure == "peak_memory_mb" else 1 if figure in (*FIGURES, "ap_ratio") else 3
    return f"{mean:,.{digits}f}" if sd is None else f"{mean:,.{digits}f} ± {sd:,.{digits}f}"


def render(table: BenchTable, suffix: str) -> str:
    """The table as `.md`, or with all digits as `.csv`."""
    if suffix == ".md":
        return f"{markdown_table(*lines(table, (*table.scores, *FIGURES)))}\n"
    figures = [f"{name}_{what}" for name in (*table.scores, *FIGURES) for what in ("mean", "sd")]
    out = io.StringIO()
    writer = csv.DictWriter(out, [ENTRY, "row", "part", "n", *figures], lineterminator="\n")
    writer.writeheader()
    writer.writerows(table.records)
    return out.getvalue()
