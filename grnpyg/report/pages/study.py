"""The page of a study: a headline table with degree and additive first, and what the axes change."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from grnpyg.metrics.gains import ADDITIVE, DEGREE
from grnpyg.report import pl
from grnpyg.report.figure import Figure
from grnpyg.report.page import Command, Figures, Page, Section, Table, Text, section
from grnpyg.report.pages.scores import STRATA, cold_start_figure, cost_figures, strata_figure
from grnpyg.report.pages.study_axes import label, pruned, series
from grnpyg.report.pages.study_runs import run_sections
from grnpyg.report.pages.words import METHODS, number, setting, with_interval
from grnpyg.studies import Store, Study, Tables, study_tables

MODEL = "model"
TEST, RANKING, COMPRESSION = "test", "ranking", "compression"
DRAWN = 40  # lines of a forest plot
GAIN = "gain_over_degree"
WANTED = (GAIN, "gain_over_additive", "auroc", "ap", "per_tf_auroc", *STRATA)
Record = dict[str, Any]


def study_page(
    study: Study, rows: pd.DataFrame, runs: Path | None = None, *, trust_plugins: bool = False
) -> Page:
    """The page of a study.

    Args:
        study: from `read_study`.
        rows: from `study_rows` or `read_rows`.
        runs: folder of the run directories, for curves and spectra; None: rows alone.
        trust_plugins: run the plug-in files that a run names.

    Raises:
        InputError: no trial is done.
    """
    have = [name for name in WANTED if name in rows]
    tables = study_tables(study, rows, have)
    settings = list(dict.fromkeys(r["regime"] for r in tables.rows if r["regime"] != COMPRESSION))
    main = settings[0]
    test = [record for record in tables.rows if record["part"] == TEST]
    own = [record for record in test if record["regime"] == main]
    of_runs = (
        [] if runs is None else run_sections(study, Store(runs), tables.axes, trust_plugins=trust_plugins)
    )
    return Page(
        "study",
        f"Study {study.name}",
        _answer(tables, own, main),
        {"trials": f"{tables.runs - len(tables.missing):,} of {tables.runs:,}"}
        | {axis: f"{len(levels):,} levels" for axis, levels in study.axes.items()},
        [
            *section("headline", "Headline", *(_headline(test, name, tables.axes) for name in settings)),
            *section("gain", "What the models add to degree", Figures(_forests(test, settings, tables.axes))),
            *section("compared", "Differences", Figures(_differences(tables, main))),
            *section("imbalance", "More negatives per edge", Figures(_imbalance(study, own, tables.axes))),
            *of_runs[:3],
            *section("cold", "Unseen TFs and genes", Figures(_cold(tables, main))),
            *section("strata", "Within strata of degree", Figures(_strata(own, tables.axes, main))),
            *section("pruning", "Pruning", Figures(_pruning(study, own, tables.axes))),
            *of_runs[3:],
            *section("cost", "Accuracy and cost", Figures(_costs(rows, own, tables, main))),
            *_made(study, tables, runs),
        ],
    )


def _answer(tables: Tables, own: Sequence[Record], main: str) -> list[str]:
    models = [r for r in own if r["row"] == MODEL and r.get(f"{GAIN}_mean") is not None]
    lines = []
    if models:
        best = max(models, key=lambda record: record[f"{GAIN}_mean"])
        interval = with_interval(*(best[f"{GAIN}_{end}"] for end in ("mean", "low", "high")))
        lines.append(
            f"Against {setting(main)}, the largest gain over degree is that of "
            f"{label(best, tables.axes, tables.study)}: {interval} hundredths of AUROC."
        )
        above = sum(r[f"{GAIN}_low"] is not None and r[f"{GAIN}_low"] > 0 for r in models)
        lines.append(
            f"{above} of {len(models)} models have a gain whose 95 % interval lies above 0. The largest of "
            "several gains is chosen: expect less of it on new data."
        )
    if leaks := sorted({leak for record in own for leak in record["leaks"]}):
        lines.append(f"Evaluation pairs leak into training: {', '.join(leaks)}.")
    return lines or ["No model of this study is done."]


def _headline(test: Sequence[Record], name: str, axes: tuple[str, ...]) -> Table | None:
    records = [record for record in test if record["regime"] == name]
    score = "per_tf_auroc" if name == RANKING else "auroc"
    if not any(record.get(f"{score}_mean") is not None for record in records):
        return None
    rows: list[list[str]] = []
    for method in _order(records):
        own = len(rows)
        seen = set[tuple[Any, ...]]()
        for record in (r for r in records if r["row"] == method):
            cells = [
                _mean(record, score),
                *([] if score == "per_tf_auroc" else [_mean(record, "ap")]),
                with_interval(*(record.get(f"{GAIN}_{end}") for end in ("mean", "low", "high"))),
            ]
            same = tuple(record.get(f"{key}_mean") for key in (score, "ap"))
            if not method.startswith(MODEL) and same in seen:  # the same pairs, whatever model is beside it
                continue
            seen.add(same)
            rows.append([METHODS.get(method, method), label(record, axes), str(record["n"]), *cells])
        if len(rows) == own + 1 and not method.startswith(MODEL):
            rows[own][1] = ""  # it is the same beside all models
    middle = ["mean AUROC of the TFs"] if score == "per_tf_auroc" else ["AUROC", "AP"]
    headings = ["method", "trial", "n", *middle, "gain over degree x 100"]
    caption = f"Test edges against {setting(name)}: mean ± deviation of n trials; gain with 95 % interval"
    return Table(caption, headings, rows, frozenset({0, 1}))


def _order(records: Sequence[Record]) -> list[str]:
    """Methods: degree and additive, the models, then all others."""
    names = list(dict.fromkeys(record["row"] for record in records))
    first = [name for name in (DEGREE, ADDITIVE) if name in names]
    models = [name for name in names if name.startswith(MODEL)]
    return [*first, *models, *(name for name in names if name not in (*first, *models))]


def _mean(record: Record, metric: str) -> str:
    mean, sd = record.get(f"{metric}_mean"), record.get(f"{metric}_sd")
    return number(mean) if sd is None else f"{number(mean)} ± {number(sd)}"


def _forest(records: Sequence[Record], metric: str, axes: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"name": label(record, axes, record["row"])}
            | {
                end: record[f"{metric}_{key}"]
                for end, key in (("gain", "mean"), ("low", "low"), ("high", "high"))
            }
            for record in records
            if record.get(f"{metric}_mean") is not None
        ],
        columns=["name", "gain", "low", "high"],
    )


def _forests(test: Sequence[Record], settings: Sequence[str], axes: tuple[str, ...]) -> list[Figure]:
    figures = []
    for name in settings:
        frame = _forest([r for r in test if r["regime"] == name and r["row"] == MODEL], GAIN, axes)
        if frame.empty:
            continue
        caption = (
            f"AUROC of the model less that of the best degree method, test edges against {setting(name)}; "
            "whiskers: 95 % t-intervals over the trials." + _cut(frame)
        )
        size = (4.8, 0.9 + 0.22 * min(len(frame), DRAWN))
        draw = partial(pl.gain, frame.head(DRAWN))
        figures.append(Figure(f"gain-{name}", f"Gain over degree, {name}", caption, draw, frame, size))
    return figures


def _cut(frame: pd.DataFrame) -> str:
    return f" The first {DRAWN} of {len(frame)} are drawn." if len(frame) > DRAWN else ""


def _differences(tables: Tables, main: str) -> list[Figure]:
    records = [r for r in tables.differences if r["part"] == TEST and r["regime"] == main]
    frame = _forest(records, "auroc", tables.axes)
    if frame.empty:
        return []
    caption = (
        f"Differences of AUROC between two levels, paired on everything else, against {setting(main)}; "
        "whiskers: 95 % t-intervals." + _cut(frame)
    )

    def draw(ax: Any) -> Any:
        drawn = pl.gain(frame.head(DRAWN), ax=ax)
        drawn.set_xlabel("difference in AUROC")
        return drawn

    size = (4.8, 0.9 + 0.22 * min(len(frame), DRAWN))
    return [Figure("differences", "Paired differences", caption, draw, frame, size)]


def _imbalance(study: Study, own: Sequence[Record], axes: tuple[str, ...]) -> list[Figure]:
    shown = [record for record in own if record["row"] in (MODEL, DEGREE, ADDITIVE)]
    table = series(study, shown, axes, lambda config: config.negatives.ratio)
    figures = []
    for metric, title in (("ap", "AP"), ("auroc", "AUROC")):
        if table is not None and metric in table and table[metric].notna().any():
            caption = (
                f"{title} on test edges against training negatives per edge; whiskers: 95 % t-intervals."
            )
            draw = partial(pl.imbalance, table, metric=metric, label="training negatives per edge")
            figures.append(
                Figure(f"imbalance-{metric}", f"Imbalance, {title}", caption, draw, table, (4.8, 3.0))
            )
    return figures


def _pruning(study: Study, own: Sequence[Record], axes: tuple[str, ...]) -> list[Figure]:
    models = [record for record in own if record["row"] == MODEL]
    table = series(study, models, axes, pruned)
    if table is None:
        return []
    caption = "AUROC on test edges against the share of units removed; whiskers: 95 % t-intervals."
    return [Figure("pruning", "Pruning", caption, partial(pl.pruning, table), table, (4.8, 3.0))]


def _cold(tables: Tables, main: str) -> list[Figure]:
    closed = (DEGREE, ADDITIVE)
    ordered = sorted(tables.rows, key=lambda record: record["row"] not in closed)
    table = pd.DataFrame(
        {"method": _method(r, tables.axes), "subset": r["part"], "auroc": r.get("auroc_mean")}
        for r in ordered
        if r["regime"] == main and r["row"] in (MODEL, *closed)
    )
    return cold_start_figure(table, setting(main))


def _strata(own: Sequence[Record], axes: tuple[str, ...], main: str) -> list[Figure]:
    ordered = sorted(own, key=lambda record: record["row"] not in (DEGREE, ADDITIVE))
    table = pd.DataFrame(
        {"method": _method(r, axes), **{key: r.get(f"{key}_mean") for key in STRATA}}
        for r in ordered
        if r["row"] in (MODEL, DEGREE, ADDITIVE)
    )
    return strata_figure(table.drop_duplicates("method"), setting(main)) if len(table) else []


def _method(record: Record, axes: tuple[str, ...]) -> str:
    """A model by the levels of its trials, a closed form by its name."""
    return label(record, axes, MODEL) if record["row"] == MODEL else str(record["row"])


def _costs(rows: pd.DataFrame, own: Sequence[Record], tables: Tables, main: str) -> list[Figure]:
    chosen = rows[(rows["row"] == MODEL) & (rows["regime"] == main) & (rows["part"] == TEST)]
    seconds = chosen.groupby(list(tables.axes))["seconds"].mean() if tables.axes else None
    table = pd.DataFrame(
        {
            "name": _method(r, tables.axes),
            "auroc": r.get("auroc_mean"),
            "parameters": r["parameters_max"],
            "seconds": chosen["seconds"].mean() if seconds is None else _at(seconds, r, tables.axes),
        }
        for r in own
        if r["row"] == MODEL
    )
    return cost_figures(table.head(DRAWN), setting(main)) if len(table) else []


def _at(seconds: Any, record: Record, axes: tuple[str, ...]) -> float:
    place = tuple(record[axis] for axis in axes)
    return float(seconds.get(place if len(place) > 1 else place[0], float("nan")))


def _made(study: Study, tables: Tables, runs: Path | None) -> list[Section]:
    words = ["grnpyg", "study", "run", str(study.file), *([] if runs is None else ["--runs", str(runs)])]
    command = Command(shlex.join(words))
    missing = [[", ".join(levels.values())] for levels in tables.missing]
    table = Table("Trials that are not done", ["trial"], missing) if missing else None
    return section(
        "rebuild", "How it was made", Text(["This command trains what is missing:"]), command, table
    )
