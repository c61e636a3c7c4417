"""The table of a bench: for every entry its scores and what it cost, mean and deviation over the seeds."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from grnpyg.core.spreadsheet import shielded
from grnpyg.evaluation.full_ranking import RANKING
from grnpyg.runs.manifest import MethodCost
from grnpyg.studies.bench.costs import Costs
from grnpyg.studies.bench.suite import ENTRY
from grnpyg.studies.formats import markdown_table
from grnpyg.studies.rows import study_rows
from grnpyg.studies.store import Store
from grnpyg.studies.study import Study
from grnpyg.studies.tables import study_tables

Record = dict[str, Any]
RANKED = ("per_tf_auroc", "ap_ratio")  # of the full ranking
MODEL = {"name": "model"}  # what the entries that are no baseline are called
FIGURES = ("fit_seconds", "wall_seconds", "peak_memory_mb", "parameters", "macs_per_pair")
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
            name, those of the full ranking, and what the runs cost; None if it is not known.
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


def bench_table(suite: Study, runs: Path) -> BenchTable:
    """Read the runs that are done.

    Raises:
        InputError: none is done, or one cannot be read.
    """
    rows = study_rows(suite, runs)
    tables = study_tables(suite, rows[rows["row"] == "model"].reset_index(drop=True), ("auroc", *RANKED))
    names = {trial.levels[ENTRY]: (trial.config.baseline or MODEL)["name"] for trial in suite.trials}
    figures = _figures(suite, runs)
    records: dict[tuple[str, str], Record] = {}
    for line in tables.rows:
        entry, part, regime = line[ENTRY], line["part"], line["regime"]
        start = {ENTRY: entry, "row": names[entry], "part": part, "n": line["n"]}
        record = records.setdefault((entry, part), start)
        shown = {name: name for name in RANKED} if regime == RANKING else {regime: "auroc"}
        for figure, metric in shown.items():
            record |= {f"{figure}_{what}": line[f"{metric}_{what}"] for what in ("mean", "sd")}
    for (entry, _), record in records.items():
        record |= figures[entry]
    return BenchTable(suite.trials[0].config.evaluation.negatives, list(records.values()))


def _figures(suite: Study, runs: Path) -> dict[str, Record]:
    """Entry -> mean and deviation of what its runs cost; None where a figure is not known for all of them."""
    store, costs = Store(runs), Costs(runs)
    found: dict[str, list[Record]] = {}
    for trial in suite.trials:
        if (manifest := store.manifest(trial)) is not None:
            own, cost = manifest.costs.get("model", MethodCost()), costs.read(trial)
            figures = {"fit_seconds": own.seconds, "parameters": own.parameters}
            figures |= {"macs_per_pair": own.macs_per_pair, **(asdict(cost) if cost else {})}
            found.setdefault(trial.levels[ENTRY], []).append(figures)
    records: dict[str, Record] = {}
    for entry, trials in found.items():
        record = records[entry] = Record()
        for name in FIGURES:
            values = [figures[name] for figures in trials if figures.get(name) is not None]
            known = len(values) == len(trials)
            record[f"{name}_mean"] = fmean(values) if known else None
            record[f"{name}_sd"] = stdev(values) if known and len(values) > 1 else None
    return records


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
    writer.writerows({name: shielded(value) for name, value in record.items()} for record in table.records)
    return out.getvalue()
