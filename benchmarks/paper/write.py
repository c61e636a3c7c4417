"""Fill README.md and draw its figures from the stored rows: every number of the paper beside ours.

    python benchmarks/paper/write.py

Reads `benchmarks/results/paper_*.csv` (see collect.py), `published.csv` and the study files; trains nothing.
Writes between the markers of README.md, what stands outside them is written by hand. A number that was not
run is called so. Writing twice gives the same bytes.
"""

from __future__ import annotations

import argparse
import math
import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from figures import draw
from gap import gap_tables
from pruning import pruning_parts
from stored import read
from tables import (
    BASELINES,
    HEAD,
    OURS,
    Grid,
    Judged,
    Keep,
    Levels,
    Published,
    Record,
    above_additive,
    baselines,
    count,
    difference_table,
    judge,
    judged_number,
    mean_sd,
    not_run,
    read_published,
    tally,
    words,
)

from grnpyg.core import override, read_yaml
from grnpyg.recipes import PREFIX
from grnpyg.resolve import DEFAULTS, config_hash, make_config, merge
from grnpyg.studies import (
    DAGGER,
    OF_THE_RUN,
    Study,
    config_of,
    fill_sections,
    markdown_table,
    notes,
    read_rows,
    read_study,
    render,
)

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
STUDIES = HERE / "studies"
NO_PRODUCT = "cross-no-product"
SHOWN = ("auroc", "ap", "auroc_probability", "accuracy", "f1")  # of the tables that the paper left pending
FILES = ("ensembles", "curves", "roc", "effective_rank", "spectra")  # beside those of the studies


class Commands:
    """The commands that train the cells, numbered in the order in which they are asked for."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}

    def link(self, study: Study, levels: Levels) -> str:
        """A link to the command of a cell."""
        self._known.setdefault((study.name, words(levels)), command(study, levels))
        return f"[{list(self._known).index((study.name, words(levels))) + 1}](#commands)"

    def lines(self) -> list[list[str]]:
        """Number, study, cell and command."""
        return [[str(i), *key, f"`{text}`"] for i, (key, text) in enumerate(self._known.items(), 1)]


def command(study: Study, levels: Levels) -> str:
    """The shell command that trains a cell with all its seeds; the whole study where widths are matched."""
    file = STUDIES / f"{study.name}.yaml"
    whole = f"grnpyg study run {file.relative_to(REPOSITORY)} --runs runs --jobs 2 --threads 1"
    cells = [cell for cell in study.trials if levels.items() <= cell.levels.items()]
    base = read_yaml(file).get("base")
    matched = study.match is not None and levels[study.match.axis] in (
        study.match.levels or set(study.axes[study.match.axis]) - {study.match.to}
    )
    if matched or not isinstance(base, str) or not cells:
        return whole
    values = dict(study.base)
    for axis, level in levels.items():
        values = merge(values, study.axes[axis][level])
    changes = []
    for key, value in values.items():
        if value == study.base.get(key):
            continue
        component = not isinstance(DEFAULTS[key], dict) or "name" in DEFAULTS[key]
        parts = {key: value} if component else {f"{key}.{k}": v for k, v in value.items()}
        old = {} if component else {f"{key}.{k}": v for k, v in study.base.get(key, {}).items()}
        changes += [f"{k}={_flow(v)}" for k, v in parts.items() if k not in old or old[k] != v]
    config = config_of(base, file, "base")
    for cell in cells:
        again = make_config(override(config, changes) | {"seed": cell.config.seed})
        if config_hash(again) != cell.hash:
            return whole
    seeds = " ".join(str(cell.config.seed) for cell in cells)
    sets = "".join(f" --set {shlex.quote(change)}" for change in changes)
    recipe = base.removeprefix(PREFIX)
    if recipe == base:
        source = f"--config {(file.parent / base).resolve().relative_to(REPOSITORY)}"
    else:
        source = f"--recipe {recipe}"
    train = f"grnpyg train {source}{sets} --seed $seed --runs runs"
    return f"for seed in {seeds}; do {train}; done"


def _flow(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=math.inf, sort_keys=False)
    return text.removesuffix("...\n").strip()


def published_table(grid: Grid, judged: Sequence[Judged], keep: Keep, commands: Commands) -> str:
    """One line per published number, one for each other model row, and the baselines under each ratio."""
    lines, below, cells = [], baselines(grid, keep), grid.cells(keep)
    records = [record for record in grid.tables(keep).rows if record["row"].startswith("model")]
    for i, levels in enumerate(cells):
        link, cell = commands.link(grid.study, levels), words(levels)
        own = [j for j in judged if j.cell == cell]
        lines += [[*j.line(grid.row_title("model", levels)), link] for j in own]
        found = [record for record in records if words(record, grid.axes) == cell]
        if not own and not found:
            lines.append([cell, grid.row_title("model", levels), *["-"] * 6, "not run", "-", link])
        for record in found:
            if record["row"] != "model" or not own:
                lines.append([*pair(record, grid.row_title(record["row"], levels), cell), link])
        later = [words(other) for other in cells[i + 1 :]]
        ready = [record for record in below if not any(within(record["cell"], other) for other in later)]
        lines += [[*pair(record, record["row"], record["cell"]), "-"] for record in ready]
        below = [record for record in below if record not in ready]
    return markdown_table([*HEAD, "by raw logits", "command"], lines)


def within(group: str, cell: str) -> bool:
    """Whether the cell is one of those that a baseline's line holds for."""
    return group == "all" or set(group.split()) <= set(cell.split())


def pair(record: Record, row: str, cell: str) -> list[str]:
    """The line of a row without a published number, under `HEAD`: AUROC and AP, and by raw logits."""
    ranked, raw = ("auroc_probability", "ap_probability"), "-"
    if record.get("auroc_probability_mean") is None:
        ranked = ("auroc", "ap")
    else:
        raw = ", ".join(mean_sd(record[f"{metric}_mean"], None) for metric in ("auroc", "ap"))
    ours = ", ".join(mean_sd(record[f"{metric}_mean"], record[f"{metric}_sd"]) for metric in ranked)
    n = count(record["n"], record["of"] if "of" in record else record["n"])
    title = row + (f" {DAGGER}" if record["leaks"] else "")
    return [cell, title, "AUROC, AP", "-", ours, n, "-", "-", "-", raw]


def block(
    grid: Grid, keep: Keep, commands: Commands, published: Sequence[Published], study: str | None = None
) -> tuple[list[str], list[Judged]]:
    """A table with published numbers, what has to be said under it, and what was judged in it.

    Args:
        grid: study and rows.
        keep: which cells.
        commands: where each cell's command is kept.
        published: all published numbers.
        study: the study that the published numbers belong to; the grid's own by default.
    """
    judged, tables = judge(grid, published, keep, study), grid.tables(keep)
    remarks = dict.fromkeys(j.published.remark for j in judged if j.verdict == "outside")
    said = [*filter(None, remarks), *([above_additive(grid, keep)] if tables.rows else []), *notes(tables)]
    text = [published_table(grid, judged, keep, commands), lines_of(said)]
    if tables.differences:
        text += ["Paired differences, first minus second:", difference_table(grid, judged, keep)]
    return text, judged


def pending(grid: Grid, commands: Commands) -> list[str]:
    """A table that the paper does not have, as `grnpyg study table` writes it."""
    tables, cells = grid.tables(every, metrics=SHOWN), grid.cells(every)
    links = ", ".join(f"{words(levels)} {commands.link(grid.study, levels)}" for levels in cells)
    if not tables.rows:
        return ["Not run.", f"Commands: {links}."]
    return [render(tables, "md").rstrip(), f"{above_additive(grid, every)}  \nCommands: {links}."]


def ensembles(grid: Grid, stored: pd.DataFrame, published: Sequence[Published]) -> tuple[str, list[Judged]]:
    """Ensembles of all seeds of a cell; beside them the mean of the single runs, below them the baselines."""
    found = {line["cell"]: line for line in stored.to_dict("records") if line["study"] == grid.study.name}
    singles = {words(r, grid.axes): r for r in grid.tables(every).rows if r["row"] == "model"}
    of_study = [p for p in published if (p.table, p.study) == ("ensembles", grid.study.name)]
    lines, judged = [], list[Judged]()
    for levels in grid.cells(every):
        cell = words(levels)
        line, single = found.get(cell, {}), singles.get(cell, {"leaks": []})
        of = sum(levels.items() <= draft.levels.items() for draft in grid.study.trials)
        numbers = [p for p in of_study if p.is_of(levels)]
        for p in numbers:
            n, alone = int(line.get("seeds", 0)), single.get(f"{OURS[p.metric][0]}_mean")
            judged.append(Judged(p, cell, line.get(p.metric), None, n, of, alone, bool(single["leaks"])))
            lines.append(judged[-1].line("ensemble"))
        if line and not numbers:
            names = ("auroc", "ap", "accuracy")
            values = ", ".join(mean_sd(line[name], None) for name in names)
            alone = ", ".join(mean_sd(single.get(f"{OURS[name][0]}_mean"), None) for name in names)
            title = "ensemble" + (f" {DAGGER}" if single["leaks"] else "")
            seeds = count(int(line["seeds"]), of)
            lines.append([cell, title, "AUROC, AP, accuracy", "-", values, seeds, *["-"] * 3, alone])
    below = [r for r in baselines(grid, every) if any(within(r["cell"], cell) for cell in found)]
    lines += [pair(record, record["row"], record["cell"]) for record in below]
    return (markdown_table([*HEAD, "mean of single runs"], lines) if lines else "Not run."), judged


def classical(grid: Grid, published: Sequence[Published], commands: Commands) -> tuple[str, list[Judged]]:
    """Classifiers on expression alone; what was published belongs to the first cell of the study."""
    records = {(words(r, grid.axes), r["row"]): r for r in grid.tables(every).rows}
    lines, judged = [], list[Judged]()
    for levels in grid.cells(every):
        cell, link = words(levels), commands.link(grid.study, levels)
        names = dict.fromkeys(p.levels["model"] for p in published if p.table == "classical")
        if not judged:
            numbers = [(p, p.levels["model"]) for p in published if p.table == "classical"]
            judged = [judged_number(p, cell, records.get((cell, name))) for p, name in numbers]
            lines = [[*j.line(name), link] for j, (_, name) in zip(judged, numbers, strict=True)]
            names = {}
        for name in (*names, *BASELINES):
            if record := records.get((cell, name)):
                lines.append([*pair(record, name, cell), link])
    return markdown_table([*HEAD, "by raw logits", "command"], lines), judged


def share(grid: Grid, published: Sequence[Published]) -> str:
    """Which part of the gap between the heads the product term is, in a sentence."""

    def ours(metric: str) -> str:
        found = {r["model"]: 100 * r[f"{metric}_mean"] for r in grid.tables(balanced).differences}
        if not found.keys() >= set(names):
            return "not run"
        gap, product = (found[name] for name in names)
        return f"{product:.2f} of {gap:.2f} points of AUROC ({100 * product / gap:.0f} %)"

    def balanced(levels: Levels) -> bool:
        return levels["ratio"] == "1"

    names = ("cross - dual", f"cross - {NO_PRODUCT}")
    gap, product = (100 * next(p.value for p in published if p.levels.get("model") == name) for name in names)
    said = f"{product:.2f} of {gap:.2f} points ({100 * product / gap:.0f} %)"
    return (
        f"Part of the gap between the heads at 1:1 that is the product term: published {said}; ours "
        f"{ours('auroc_probability')}, by raw logits {ours('auroc')}."
    )


def missing(grids: dict[str, Grid], results: Path) -> str:
    """Every cell of every study that has no rows, and every file that is not there."""
    lines = []
    for name, grid in grids.items():
        cells = len(grid.study.trials)
        done = len(grid.rows[list(grid.study.axes)].drop_duplicates()) if len(grid.rows) else 0
        lines.append(f"- `studies/{name}.yaml`: {done} of {cells} runs")
        lines += [f"  - {line}" for line in not_run(grid)]
    names = [f"paper_{name}.csv" for name in (*grids, *FILES)]
    absent = [f"`{name}`" for name in names if not (results / name).exists()]
    lines.append(f"- files not there: {', '.join(absent) if absent else 'none'}")
    return "\n".join(lines)


def blocks(results: Path, pictures: Mapping[str, str]) -> dict[str, list[str]]:
    """What stands between the markers of README.md: name -> paragraphs and tables."""
    published, commands = read_published(HERE / "published.csv"), Commands()
    grids = {path.stem: load(read_study(path), results) for path in sorted(STUDIES.glob("*.yaml"))}
    judged, again = list[Judged](), list[Judged]()  # as coded, and the same numbers with the text's settings

    def as_coded(keep: Keep, name: str = "as_coded") -> list[str]:
        text, found = block(grids[name], keep, commands, published)
        judged.extend(found)
        return text

    def as_described(keep: Keep) -> list[str]:
        text, found = block(grids["as_described"], keep, commands, published, "as_coded")
        again.extend(found)
        return text

    def heads(*ratios: str) -> Keep:
        return lambda levels: levels["ratio"] in ratios and levels["model"] != NO_PRODUCT

    def product(levels: Levels) -> bool:
        return levels["ratio"] in ("1", "5") and levels["model"] in ("cross", NO_PRODUCT)

    parts = {
        "balanced as coded": as_coded(heads("1")),
        "balanced as described": as_described(heads("1")),
        "imbalance as coded": as_coded(heads("5", "10", "50")),
        "imbalance as described": as_described(heads("5", "10", "50")),
        "ablation as coded": [*as_coded(product), share(grids["as_coded"], published)],
        "ablation as described": pending(grids["ablation_matched"], commands),
        "temperature": as_coded(every, "temperature"),
        **{name: pending(grids[name], commands) for name in ("bilinear", "dropout", "focal", "clean")},
    }
    path = results / "paper_ensembles.csv"
    stored = read(path, float_precision="round_trip") if path.exists() else pd.DataFrame({"study": []})
    for name in ("as_coded", "as_described"):
        text, found = ensembles(grids[name], stored, published)
        judged += found
        parts[f"ensembles {name.replace('_', ' ')}"] = [text]
    text, found = classical(grids["classical"], published, commands)
    judged += found
    parts["classical"] = [text]
    parts["figures"] = [f"![{alt}](figures/{name})" for name, alt in pictures.items()] or ["Not run."]
    parts["gap"] = gap_tables(results) or ["Not run."]
    parts |= pruning_parts(grids, results)
    parts["missing"] = [missing(grids, results)]
    parts["commands"] = [markdown_table(["number", "study", "cell", "command"], commands.lines())]
    summary = [
        f"- Targets, as coded: {tally(j for j in judged if j.published.set_by == 'target')}",
        f"- Every published number, as coded: {tally(judged)}",
        f"- The same numbers with the settings of the text: {tally(again)}",
        f"- Stored: {origin(grids.values())}",
    ]
    path = results / "paper_machine.csv"
    if path.exists():
        about = pd.read_csv(path, dtype=str).itertuples(index=False)
        summary.append(f"- Measured: {'; '.join(f'{key} {value}' for key, value in about)}.")
    return {"summary": ["\n".join(summary)], **parts}


def origin(grids: Iterable[Grid]) -> str:
    """How many runs are stored, their hours, threads and package versions, in a sentence."""
    tables = [grid.rows for grid in grids if len(grid.rows)]
    if not tables:
        return "No rows are stored."
    found: dict[str, set[str]] = {}
    for table in tables:
        for name in table.columns[list(table.columns).index(OF_THE_RUN[-1]) + 1 :]:
            found.setdefault(name, set()).update(str(version) for version in table[name] if version)
    runs = pd.concat([table[table["row"] == "model"] for table in tables]).drop_duplicates("config_hash")
    threads = " or ".join(str(int(n)) for n in sorted(set(runs["threads"])))
    versions = ", ".join(f"{name} {' or '.join(sorted(several))}" for name, several in sorted(found.items()))
    hours = math.fsum(sorted(runs["seconds"])) / 3600
    return f"{len(runs)} runs, {hours:.1f} hours of training in all, threads of a run: {threads}; {versions}."


def load(study: Study, results: Path) -> Grid:
    """A study and what is stored of it."""
    path = results / f"paper_{study.name}.csv"
    return Grid(study, read_rows(study, path) if path.exists() else pd.DataFrame())


def lines_of(sentences: Sequence[str]) -> str:
    """One line for each sentence."""
    return "\n".join(f"{sentence}  " for sentence in sentences).rstrip()


def every(_: Levels) -> bool:
    """All cells."""
    return True


def sections(results: Path, figures: Path) -> dict[str, str]:
    """Marker -> text; draws the figures too."""
    return {name: "\n\n".join(part) for name, part in blocks(results, draw(results, figures)).items()}


def write(results: Path, readme: Path) -> None:
    """Fill README.md and draw the figures beside it."""
    readme.write_text(fill_sections(readme.read_text(), sections(results, readme.parent / "figures")))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--results", type=Path, default=HERE.parent / "results", help="folder of the rows")
    parser.add_argument("--readme", type=Path, default=HERE / "README.md", help="file with the markers")
    arguments = parser.parse_args()
    write(arguments.results, arguments.readme)
