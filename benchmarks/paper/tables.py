"""Stored rows of the paper's studies as Markdown tables: the published value beside ours, baselines below."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from grnpyg.studies import DAGGER, Study, Tables, markdown_table, means, study_tables

Levels = Mapping[str, str]
Keep = Callable[[Levels], bool]
Record = dict[str, Any]

# Published metric -> ours (the published programs rank by the float32 probability), and by raw logits.
OURS: dict[str, tuple[str, str | None]] = {
    "auroc": ("auroc_probability", "auroc"),
    "ap": ("ap_probability", "ap"),
    "accuracy": ("accuracy", None),
    "f1": ("f1", None),
    "distinct_probabilities": ("distinct_probabilities", "distinct_scores"),
}
METRICS = tuple(dict.fromkeys(name for pair in OURS.values() for name in pair if name))
TITLES = {"auroc": "AUROC", "ap": "AP", "f1": "F1", "distinct_probabilities": "distinct scores"}
BASELINES = ("degree_product", "tf_degree", "additive", "namespace_match")
SHARED = ("ratio", "ids")  # axes on which the baselines depend
PROGRAM_OF = {"dual-fp32": "dual", "cross-1e-3": "cross"}  # level -> the published row that it repeats
WORDS = ("table", "study", "metric", "bound", "set_by", "source", "remark")  # columns of published.csv
REGIME = "uniform"  # what the paper evaluates on
HEAD = [
    "cell",
    "row",
    "metric",
    "published",
    "ours",
    "n",
    "difference",
    "tolerance",
    "verdict",
]  # and one more
COUNTS = ("distinct_probabilities", "parameters")


@dataclass(frozen=True, eq=False)
class Published:
    """One published number.

    Attributes:
        table, study: where it stands in the paper, and the study whose cells repeat it.
        levels: of that study's axes (the last part of their names).
        metric: a key of `OURS` or `parameters`.
        value, sd, n: mean and sample deviation over the published seeds.
        tolerance: allowed difference; only upwards where `bound` is `at most`.
        set_by: `target` (fixed beforehand) or `ours`.
        source: file of the published values, or `paper table`.
        remark: shown where ours is outside.
    """

    table: str
    study: str
    levels: Levels
    metric: str
    value: float
    sd: float | None
    n: int | None
    tolerance: float
    bound: str
    set_by: str
    source: str
    remark: str

    def is_of(self, levels: Levels) -> bool:
        """Whether it is the published number of these levels (of every axis but the averaged one)."""
        wanted = {axis.rsplit(".", 1)[-1]: level for axis, level in levels.items()}
        return _programs(wanted) == _programs(self.levels)


def read_published(path: Path) -> list[Published]:
    """The published numbers, in the order of the file."""
    with path.open(newline="") as file:
        return [
            Published(
                levels={axis: line[axis] for axis in ("ratio", "model", "temperature") if line[axis]},
                value=float(line["value"]),
                sd=float(line["sd"]) if line["sd"] else None,
                n=int(line["n"]) if line["n"] else None,
                tolerance=float(line["tolerance"]),
                **{name: line[name] for name in WORDS},
            )
            for line in csv.DictReader(file)
        ]


@dataclass(frozen=True)
class Judged:
    """A published number and ours; None where it was not run.

    Attributes:
        published: the number.
        cell: of the study, in words.
        ours, sd, n, of: mean, sample deviation, how many runs there are and how many were planned.
        raw: the same metric of the raw logits.
        leaks: whether the runs leak.
    """

    published: Published
    cell: str
    ours: float | None = None
    sd: float | None = None
    n: int = 0
    of: int = 0
    raw: float | None = None
    leaks: bool = False

    @property
    def metric(self) -> str:
        """The metric's name in a table."""
        return TITLES.get(self.published.metric, self.published.metric)

    @property
    def difference(self) -> float | None:
        """Ours minus the published value."""
        return None if self.ours is None else self.ours - self.published.value

    @property
    def verdict(self) -> str:
        """`inside`, `outside` or `not run`."""
        if self.difference is None:
            return "not run"
        off = self.difference if self.published.bound == "at most" else abs(self.difference)
        return "inside" if off <= self.published.tolerance + 1e-12 else "outside"

    def line(self, row: str) -> list[str]:
        """The cells of its line under `HEAD`, and by raw logits."""
        p, like = self.published, 1000.0 if self.published.metric in COUNTS else None
        most = p.bound == "at most"
        limit = f"≤ {number(p.value + p.tolerance, like)}" if most else f"±{number(p.tolerance, like)}"
        return [
            self.cell,
            row + (f" {DAGGER}" if self.leaks else ""),
            self.metric,
            mean_sd(p.value, p.sd, like) + ("" if p.n is None else f" ({p.n})"),
            mean_sd(self.ours, self.sd, like),
            count(self.n, self.of),
            "-" if self.difference is None else signed(self.difference, like),
            f"{limit} ({p.set_by})",
            self.verdict,
            mean_sd(self.raw, None, like),
        ]


@dataclass(frozen=True)
class Grid:
    """A study and the rows that are stored of it (none, where its file is missing)."""

    study: Study
    rows: pd.DataFrame
    _whole: dict[tuple[str, tuple[str, ...]], Tables] = field(default_factory=dict, repr=False)

    @cached_property
    def axes(self) -> tuple[str, ...]:
        """The axes that the tables do not average over."""
        return tuple(axis for axis in self.study.axes if axis not in self.study.over)

    def cells(self, keep: Keep) -> list[Levels]:
        """The levels of the kept cells, once for all seeds, in the order of the study."""
        found = [{axis: cell.levels[axis] for axis in self.axes} for cell in self.study.trials]
        return [levels for i, levels in enumerate(found) if levels not in found[:i] and keep(levels)]

    def tables(self, keep: Keep, model: str = "model", metrics: tuple[str, ...] = METRICS) -> Tables:
        """What `study_tables` says of the kept cells; `model` is the row that counts as the model."""
        rows = self.rows
        if model != "model" and not rows.empty:
            rows = rows[rows["row"] == model].assign(row="model")
        drafts = [cell.levels for cell in self.study.trials if keep(cell.levels)]
        if rows.empty:
            missing = [dict(levels) for levels in drafts]
            return Tables(self.study.name, self.axes, self.study.over, (), [], [], [], missing, len(drafts))
        if (model, metrics) not in self._whole:
            stored = [metric for metric in metrics if metric in rows]
            self._whole[model, metrics] = study_tables(self.study, rows, stored)
        whole = self._whole[model, metrics]
        records = [record for record in whole.rows if keep(record)]
        differences = [record for record in whole.differences if _keeps_both(record, self, keep)]
        missing = [levels for levels in whole.missing if keep(levels)]
        return replace(whole, rows=records, differences=differences, missing=missing, runs=len(drafts))

    def row_title(self, row: str, levels: Mapping[str, Any]) -> str:
        """`model` or `model_best` in words: which weights were evaluated."""
        at = {axis: levels[axis] for axis in self.axes}
        config = next(cell.config for cell in self.study.trials if at.items() <= cell.levels.items())
        weights = config.training.keep if row == "model" else row.removeprefix("model_")
        return f"model, {weights} epoch"


def judge(grid: Grid, published: Iterable[Published], keep: Keep, study: str | None = None) -> list[Judged]:
    """Every published number of the kept cells beside ours, in the order of the cells.

    Args:
        grid: study and rows.
        published: the numbers to look among.
        keep: which cells.
        study: the study that the published numbers belong to; the grid's own by default.
    """
    published = [p for p in published if p.study == (study or grid.study.name) and p.table != "ensembles"]
    tables = grid.tables(keep)
    runs = [record for record in tables.rows if record["row"] == "model" and record["regime"] == REGIME]
    judged = []
    for levels in grid.cells(keep):
        record = next((r for r in runs if words(r, grid.axes) == words(levels)), None)
        of = sum(levels.items() <= cell.levels.items() for cell in grid.study.trials)
        judged += [judged_number(p, words(levels), record, of) for p in published if p.is_of(levels)]
    for levels, of in _pairs(grid, keep):
        record = next((r for r in tables.differences if words(r, grid.axes) == words(levels)), None)
        judged += [judged_number(p, words(levels), record, of) for p in published if p.is_of(levels)]
    return judged


def judged_number(published: Published, cell: str, record: Record | None, of: int | None = None) -> Judged:
    """A published number beside a record of means, or beside nothing; `of` as in `Judged`."""
    if record is None:
        return Judged(published, cell, of=of or 0)
    about = {"n": record["n"], "of": record["n"] if of is None else of, "leaks": bool(record["leaks"])}
    if published.metric == "parameters":
        return Judged(published, cell, record["parameters_min"], **about)
    name, raw = OURS[published.metric]
    values = (record.get(f"{key}_{part}") for key, part in ((name, "mean"), (name, "sd"), (raw, "mean")))
    ours, sd, by_logit = values
    return Judged(published, cell, ours, sd, raw=by_logit, **about)


def baselines(grid: Grid, keep: Keep) -> list[Record]:
    """Mean AUROC and AP of the baselines: once for all cells of a ratio if they agree on every seed.

    Returns:
        Records as `averages.means` makes them, with `cell`: what they hold for, in words.
    """
    rows = grid.rows
    if rows.empty:
        return []
    rows = rows[rows["row"].isin(BASELINES) & (rows["regime"] == REGIME)]
    places = rows[list(grid.axes)].itertuples(index=False, name=None)
    rows = rows[[keep(dict(zip(grid.axes, place, strict=True))) for place in places]]
    keys = [axis for axis in grid.axes if axis in SHARED]
    found: list[Record] = []
    for _, group in rows.groupby(keys, sort=False) if keys else [((), rows)]:
        seed = list(grid.study.over)
        once = group.drop_duplicates([*seed, "row", "auroc", "ap"])
        agree = not once.duplicated([*seed, "row"]).any()
        axes = tuple(keys) if agree else grid.axes
        records = means(once if agree else group, axes, ("auroc", "ap"))
        for record in sorted(records, key=lambda r: (words(r, axes), BASELINES.index(r["row"]))):
            found.append(record | {"cell": words(record, axes)})
    return found


def above_additive(grid: Grid, keep: Keep) -> str:
    """Which model rows are above the additive baseline of their own runs, in a sentence."""
    rows = grid.tables(keep).rows
    additive = {words(r, grid.axes): r["auroc_mean"] for r in rows if r["row"] == "additive"}
    models = [r for r in rows if r["row"].startswith("model") and words(r, grid.axes) in additive]
    above = [r for r in models if r["auroc_mean"] > additive[words(r, grid.axes)]]
    named = [
        f"{words(r, grid.axes)} ({grid.row_title(r['row'], r)}, n {count(r['n'], r['of'])})" for r in above
    ]
    listed = f": {'; '.join(named)}" if named else ""
    return f"AUROC by raw logits above the additive row: {len(above)} of {len(models)} model rows{listed}."


def not_run(grid: Grid) -> list[str]:
    """The cells without rows, and those for which the study plans fewer seeds than it has, in words."""
    absent = grid.tables(lambda _: True).missing
    over, lines = (grid.study.over or ("",))[0], []
    for levels in grid.cells(lambda _: True):
        cells = [cell.levels for cell in grid.study.trials if levels.items() <= cell.levels.items()]
        missing = [cell for cell in cells if cell in absent]
        said = []
        if missing and len(missing) < len(cells) and over:
            said.append(f"{over} {', '.join(cell[over] for cell in missing)} not run")
        elif missing:
            said.append("not run")
        if over and len(cells) < len(grid.study.axes[over]):
            said.append(f"{len(cells)} of the study's {len(grid.study.axes[over])} seeds planned")
        if said:
            lines.append(f"{words(levels)}: {'; '.join(said)}")
    return lines


def tally(judged: Iterable[Judged], limit: int = 12) -> str:
    """How many published numbers are inside their tolerance and which are not, in a sentence."""
    first: dict[Published, Judged] = {}
    for j in judged:  # a row that is repeated (in another precision) counts once
        first.setdefault(j.published, j)
    parts = [f"{sum(j.verdict == 'inside' for j in first.values())} of {len(first)} inside"]
    for verdict in ("outside", "not run"):
        found = [j for j in first.values() if j.verdict == verdict]
        named = [f"{j.published.table} {j.cell} {j.metric}" for j in found]
        if verdict == "not run" and len(found) > limit:
            of_table = Counter(j.published.table for j in found)
            named = [f"{table} {n}" for table, n in of_table.items()]
        parts.append(f"{verdict} {len(found)}" + (f" ({', '.join(named)})" if named else ""))
    return f"{'; '.join(parts)}."


def difference_table(grid: Grid, judged: Sequence[Judged], keep: Keep) -> str:
    """Paired differences with the weights of the run and with the others; published ones beside ours."""
    lines = []
    for row in ("model", "model_best", "model_last"):
        for record in grid.tables(keep, row).differences:
            cell = words(record, grid.axes)
            first = {axis: record[axis].partition(" - ")[0] for axis in grid.axes}
            published = next((j for j in judged if row == "model" and j.cell == cell), None)
            values = [interval(record, metric) for metric in ("auroc_probability", "auroc", "ap")]
            beside = [signed(published.published.value), published.verdict] if published else ["-", "-"]
            title = grid.row_title(row, first) + (f" {DAGGER}" if record["leaks"] else "")
            lines.append([cell, title, *values, count(record["n"], record["of"]), *beside])
    head = ["cells", "row", "AUROC", "AUROC by raw logits", "AP by raw logits", "n", "published", "verdict"]
    return markdown_table(head, lines) if lines else "No pair of cells is done."


def words(levels: Mapping[str, Any], axes: Sequence[str] | None = None) -> str:
    """`ratio=1 model=dual`, or `all` without any axis."""
    return " ".join(f"{axis}={levels[axis]}" for axis in (levels if axes is None else axes)) or "all"


def number(value: float, like: float | None = None) -> str:
    """Four digits for a score, none or one for a count."""
    if abs(value if like is None else like) < 10:
        return f"{value:.4f}"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def signed(value: float, like: float | None = None) -> str:
    """A difference, with its sign."""
    return ("+" if value >= 0 else "-") + number(abs(value), like)


def mean_sd(mean: float | None, sd: float | None, like: float | None = None) -> str:
    """`0.7941 ± 0.0096`, or `-` for nothing; `like` is a number of the size that decides the digits."""
    if mean is None:
        return "-"
    size = mean if like is None else like
    return number(mean, size) if sd is None else f"{number(mean, size)} ± {number(sd, size)}"


def interval(record: Record, metric: str) -> str:
    """A paired difference with its 95 % t-interval."""
    mean, low, high = (record.get(f"{metric}_{name}") for name in ("mean", "low", "high"))
    if mean is None:
        return "-"
    return signed(mean) if low is None or high is None else f"{signed(mean)} [{signed(low)}, {signed(high)}]"


def count(n: int, of: int) -> str:
    """`5`, or `3 of 5` where runs are missing."""
    return str(n) if n == of else f"{n} of {of}"


def _programs(levels: Levels) -> dict[str, str]:
    return {axis: PROGRAM_OF.get(level, level) for axis, level in levels.items()}


def _pairs(grid: Grid, keep: Keep) -> Iterable[tuple[Levels, int]]:
    """The levels of every comparison of kept cells, and how many pairs of runs it has."""
    drafts, cells = [cell.levels for cell in grid.study.trials], grid.cells(keep)
    for comparison in grid.study.compare:
        axis, to = comparison.axis, {comparison.axis: comparison.to}
        for levels in cells:
            if levels[axis] == comparison.level and {**levels, **to} in cells:
                pairs = [d for d in drafts if levels.items() <= d.items() and {**d, **to} in drafts]
                yield {**levels, axis: f"{comparison.level} - {comparison.to}"}, len(pairs)


def _keeps_both(record: Record, grid: Grid, keep: Keep) -> bool:
    """Whether both cells of a comparison are kept: the compared axis says `level - to`."""
    for comparison in grid.study.compare:
        sides = (comparison.level, comparison.to)
        if record.get(comparison.axis) == " - ".join(sides):
            return all(keep({**record, comparison.axis: side}) for side in sides)
    return False
