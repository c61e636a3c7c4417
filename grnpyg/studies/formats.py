"""The tables of a study as Markdown, CSV and LaTeX, and Markdown sections between markers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from grnpyg.core.errors import InputError, examples, unknown
from grnpyg.core.spreadsheet import shielded
from grnpyg.studies.tables import ALWAYS, Tables

TITLES = {
    "auroc": "AUROC",
    "ap": "AP",
    "auprc": "AUPRC (trapezoid)",
    "auprc_ratio": "AUPRC ratio",
    "epr": "EPR",
    "f1": "F1",
    "gain_over_degree": "over degree",
    "gain_over_additive": "over additive",
    "per_tf_auroc": "AUROC per TF",
    "ap_ratio": "AP ratio",
    "ap_over_chance": "AP / chance",
}
SPREAD = ("metric", "sd of splits", "sd of trainings", "standard error", "splits x seeds")
DAGGER = "†"
MARKED = re.compile(r"(<!-- ([^/\n][^\n]*?) -->\n).*?(<!-- /\2 -->)", re.DOTALL)
Line = list[str]


def render(tables: Tables, style: str) -> str:
    """Write the tables as text, with a line break at the end.

    Args:
        tables: from `study_tables`.
        style: `md`, `csv` (full precision, differences below the means) or `latex` (needs booktabs).

    Raises:
        InputError: another style.
    """
    if style not in STYLES:
        raise unknown("format", style, STYLES, where="--format")
    return STYLES[style](tables)


def notes(tables: Tables) -> list[str]:
    """The sentences under the tables: how many runs, what is missing, which runs leak."""
    done = tables.runs - len(tables.missing)
    averaged = f"Mean ± sd over {' and '.join(tables.over)}; f" if tables.over else "F"
    said = [f"{averaged}rom {done} of {tables.runs} runs."]
    if tables.missing:
        trials = [" ".join(f"{axis}={level}" for axis, level in trial.items()) for trial in tables.missing]
        said.append(f"Missing: {examples(trials, limit=6)}.")
    if tables.differences:
        said.append("Differences are paired on every other axis, with their 95 % t-interval.")
    if any(metric.startswith("gain_") for metric in tables.metrics):
        said.append(
            "Over degree, over additive: differences of AUROC (ranking: of its mean per TF) to these rows."
        )
    if tables.spread:
        said.append("Intervals hold for new splits and new trainings (one-way random effects).")
    if leaks := sorted({leak for record in tables.rows for leak in record["leaks"]}):
        said.append(f"{DAGGER} Evaluation pairs leak into training: {', '.join(leaks)}.")
    for row in ALWAYS:
        groups = {_group(record, tables) for record in tables.rows}
        without = groups - {_group(record, tables) for record in tables.rows if record["row"] == row}
        if without:
            said.append(f"Without a row {row}: {examples(sorted(without))}.")
    return said


def _group(record: dict[str, Any], tables: Tables) -> str:
    levels = (f"{axis}={record[axis]}" for axis in tables.axes)
    return " ".join([*levels, record["part"], record["regime"]])


def _lines(tables: Tables) -> list[tuple[Line, list[Line]]]:
    """Headings and lines, as text, of the means; then of the differences and the spread, if there are any."""
    several = [key for key in ("part", "regime") if len({record[key] for record in tables.rows}) > 1]
    keys = [*tables.axes, *several, "row"]
    titles = [TITLES.get(metric, metric) for metric in tables.metrics]

    def line(record: dict[str, Any], values: Line) -> Line:
        mark = f" {DAGGER}" if record["leaks"] else ""
        n = str(record["n"]) if record["n"] == record["of"] else f"{record['n']} of {record['of']}"
        return [*(record[key] for key in keys[:-1]), record["row"] + mark, *values, n]

    means = [
        line(record, [_parameters(record), *(_value(record, metric) for metric in tables.metrics)])
        for record in tables.rows
    ]
    differences = [
        line(record, [_interval(record, metric) for metric in tables.metrics])
        for record in tables.differences
    ]
    spread = [
        [
            *(record[key] for key in keys),
            TITLES.get(record["metric"], record["metric"]),
            *(f"{record[part]:.4f}" for part in ("between_splits_sd", "within_split_sd", "standard_error")),
            f"{record['n_splits']} x {record['n_seeds']}",
        ]
        for record in tables.spread
    ]
    heads = ([*keys, "parameters", *titles, "n"], [*keys, *titles, "n"], [*keys, *SPREAD])
    blocks = zip(heads, (means, differences, spread), strict=True)
    return [(head, lines) for head, lines in blocks if lines or head is heads[0]]


def _parameters(record: dict[str, Any]) -> str:
    low, high = record["parameters_min"], record["parameters_max"]
    if low is None:
        return "-"
    return f"{low:,}" if low == high else f"{low:,} - {high:,}"


def _value(record: dict[str, Any], metric: str) -> str:
    return _interval(record, metric) if metric.startswith("gain_") else _mean(record, metric)


def _mean(record: dict[str, Any], metric: str) -> str:
    mean, sd = record[f"{metric}_mean"], record[f"{metric}_sd"]
    if mean is None:
        return "-"
    return _number(mean) if sd is None else f"{_number(mean)} ± {_number(sd, mean)}"


def _interval(record: dict[str, Any], metric: str) -> str:
    mean, low, high = (record[f"{metric}_{name}"] for name in ("mean", "low", "high"))
    if mean is None:
        return "-"
    return f"{mean:+.4f}" if low is None else f"{mean:+.4f} [{low:+.4f}, {high:+.4f}]"


def _number(value: float, like: float | None = None) -> str:
    """Four digits for a score, one for a count, which is told by its size."""
    return f"{value:.4f}" if abs(value if like is None else like) < 10 else f"{value:,.1f}"


def _markdown(tables: Tables) -> str:
    blocks = [markdown_table(head, lines) for head, lines in _lines(tables)]
    return "\n\n".join([*blocks, "\n".join(f"{note}  " for note in notes(tables)).rstrip()]) + "\n"


def markdown_table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A Markdown table; a vertical bar in an entry is escaped."""
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(entry.replace('|', chr(92) + '|') for entry in row)} |" for row in rows)


def fill_sections(text: str, sections: Mapping[str, str]) -> str:
    """Replace what stands between the markers `<!-- name -->` and `<!-- /name -->` of each section.

    Args:
        text: Markdown with the markers, each on its own line; text outside them is left unchanged.
        sections: name -> text without a line break at its end.

    Raises:
        InputError: a section without exactly one pair of markers, or a pair without a section.
    """
    pairs = [found[2] for found in MARKED.finditer(text)]
    wrong = [
        f"<!-- {name} -->"
        for name in sections
        if not pairs.count(name) == text.count(f"<!-- {name} -->") == text.count(f"<!-- /{name} -->") == 1
    ]
    if wrong:
        raise InputError(
            f"not exactly one pair of markers for {examples(wrong)}",
            fix="put <!-- name --> and <!-- /name --> on lines of their own, once",
        )
    if empty := [f"<!-- {name} -->" for name in pairs if name not in sections]:
        raise InputError(f"no section for the markers {examples(empty)}")
    return MARKED.sub(lambda found: f"{found[1]}{sections[found[2]]}\n{found[3]}", text)


def _latex(tables: Tables) -> str:
    blocks = [_latex_table(head, lines) for head, lines in _lines(tables)]
    return "\n\n".join([*blocks, "\n".join(f"\\par\\noindent {_tex(note)}" for note in notes(tables))]) + "\n"


def _latex_table(head: Line, lines: list[Line]) -> str:
    words = head.index("row") + 1  # levels, subset and setting stand before it
    columns = "l" * words + "r" * (len(head) - words)
    body = [" & ".join(map(_tex, line)) + r" \\" for line in [head, *lines]]
    rules = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", body[0], r"\midrule", *body[1:]]
    return "\n".join([*rules, r"\bottomrule", r"\end{tabular}"])


def _tex(text: str) -> str:
    plain = {"±": r"$\pm$", DAGGER: r"$^\dagger$", "\\": r"\textbackslash{}", "~": r"\textasciitilde{}"}
    plain |= {"^": r"\textasciicircum{}"} | {sign: f"\\{sign}" for sign in "&%$#_{}"}
    return "".join(plain.get(sign, sign) for sign in text)


def _csv(tables: Tables) -> str:
    values = [f"{metric}_{name}" for metric in tables.metrics for name in ("mean", "sd", "low", "high")]
    counts = ["n", "of", "parameters_min", "parameters_max", "leaks"]
    out = io.StringIO()
    head = ["kind", *tables.axes, "part", "regime", "row", *counts, *values]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(map(shielded, head))
    for kind, records in (("mean", tables.rows), ("difference", tables.differences)):
        for record in records:
            values_of = {"kind": kind, **record, "leaks": ",".join(record["leaks"])}
            writer.writerow(shielded(values_of.get(name, "")) for name in head)
    return out.getvalue()


STYLES: dict[str, Callable[[Tables], str]] = {"md": _markdown, "csv": _csv, "latex": _latex}
