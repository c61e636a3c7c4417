"""The tables of docs/evidence.md: the published gap, ours, and what stays of it; then what lies beyond
degree, and the best recipe, also on unseen TFs and genes. The main README has rows of the first table, and
the best recipe beside degree.

python benchmarks/headline.py      writes them from results/paper_*.csv, evidence_warm.csv,
                                   best_knowledge.csv, best_unseen.csv and later_metrics.csv
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from grnpyg.studies import fill_sections, interval_cell, read_rows, read_study

HERE = Path(__file__).resolve().parent
README = HERE.parent / "README.md"
PAGE = HERE.parent / "docs" / "evidence.md"
BASELINES = {"degree_product": "degree product", "additive": "additive", "namespace_match": "same namespace"}
SETTINGS = [  # text, study, row, metric
    ("as its programs do it †", "as_coded", "model", "auroc_probability"),
    ("the same runs, ranked by raw logit †", "as_coded", "model", "auroc"),
    ("the same runs, best epoch †", "as_coded", "model_best", "auroc"),
    ("as its text says †", "as_described", "model", "auroc_probability"),
    ("symbols only, no cold nodes, fresh negatives, best epoch", "clean", "model", "auroc"),
]


BEYOND = {  # row -> title; the models of the study come first
    "degree_product": "degree product",
    "gene_degree": "gene degree",
    "additive": "additive",
    "ease_gene": "EASE over genes",
    "expression_logistic": "expression alone",
    "random": "random",
}
BEST = {
    "degree_product": "degree product",
    "additive": "additive",
    "ease_gene": "EASE over genes",
    "svd": "SVD",
}
COLUMNS = {  # column -> regime, metric, figure wanted
    "uniform": ("uniform", "auroc", 0.962),
    "same TF": ("same_tf", "auroc", 0.885),
    "degree-matched": ("degree_matched", "auroc", 0.825),
    "per TF": ("ranking", "per_tf_auroc", 0.9),
    "AP ratio": ("ranking", "ap_ratio", 38),
}
CELLS: dict[str, tuple[str, tuple[float | None, ...]]] = {  # part -> title, figures wanted
    "test_cold_tf": ("unseen TF", (0.87, 0.77, 0.6, 0.86, None)),
    "test_cold_gene": ("unseen gene", (0.945, 0.75, 0.71, 0.8, None)),
    "test_cold_both": ("both unseen", (0.81, 0.63, 0.57, 0.77, None)),
}
COLD_ROWS = {
    "degree_product": "degree product",
    "additive": "additive",
    "family": "relatives by symbol",
}
LEVELS = {"all": "best", "shuffled": "knowledge shuffled", "none": "without knowledge"}
REACHED = {"model": "recipe `best`", "degree_product": "degree product", "additive": "additive"}
LATER = "symbol-labels-collectri"
BEYOND_OUTPUT = ("model_degree_matched", "its output beyond degree")
REGIMES = {"uniform": "uniform", "same_tf": "same TF", "degree_matched": "degree-matched", "hard": "hard"}


def main() -> None:
    """Write all tables between their markers of README.md and docs/evidence.md."""
    README.write_text(fill_sections(README.read_text(), sections()))
    PAGE.write_text(fill_sections(PAGE.read_text(), evidence()))


def sections() -> dict[str, str]:
    """Marker of README.md -> text."""
    return {"reached": "\n".join(reached()), "headline": "\n".join(headline())}


def evidence() -> dict[str, str]:
    """Marker of docs/evidence.md -> text."""
    return {
        "gap": "\n".join(published_gap()),
        "beyond": "\n".join(beyond_degree()),
        "best": "\n".join(best()),
        "cold": "\n".join(cold()),
    }


SHORT = {  # setting -> its title in the main README
    "as its programs do it †": "run again as its programs do it †",
    "the same runs, best epoch †": "the same runs, best epoch †",
    "symbols only, no cold nodes, fresh negatives, best epoch": "clean labels and split, best epoch",
}


def reached() -> list[str]:
    """The best recipe beside degree: on held-out edges, and on those that a later database adds."""
    values, _ = _reader("knowledge")
    later = pd.read_csv(HERE / "results" / "later_metrics.csv")
    later = later[(later["task"] == LATER) & later["recipe"].isin(["best", "closed forms"])]
    columns = ("uniform", "same TF", "degree-matched", "per TF")
    lines = [f"| AUROC | {' | '.join(columns)} | later database |", f"|{'---|' * (len(columns) + 2)}"]
    for row, title in REACHED.items():
        cells = [values("all", row, "test", column) for column in columns]
        cells.append(later[later["method"] == row]["auroc"])
        lines.append(f"| {title} | {' | '.join(f'{found.mean():.3f}' for found in cells)} |")
    held_out, opened = values("all", "model", "test", "uniform"), later[later["method"] == "model"]
    return [
        *lines,
        "",
        "Test edges of the same labels against three kinds of negatives and, per TF, against all genes (mean "
        f"of {len(held_out)} seeds); last, edges that CollecTRI added (`best`: {len(opened)} seeds).",
    ]


def headline() -> list[str]:
    """The published gap and what stays of it, with the two baselines that know nothing of a pair."""
    published = pd.read_csv(HERE / "paper" / "published.csv", dtype=str)
    lines = [
        "| AUROC, uniform negatives | dual encoder | cross-encoder | degree product | additive |",
        "|---|---|---|---|---|",
        f"| published | {_published(published, 'dual')} | {_published(published, 'cross')} | - | - |",
    ]
    counts = set()
    for text, study, row, metric in SETTINGS:
        if text in SHORT:
            cells = _cells(study, row, metric)
            counts |= {len(cell) for cell in cells[:2]}
            lines.append(f"| {SHORT[text]} | {' | '.join(_cell(cell) for cell in cells[:4])} |")
    return [
        *lines,
        "",
        f"Mean ± sd over {_range(counts)} seeds, both heads with the same number of parameters. † The "
        "published split, which leaks: nodes without any training edge are in the test.",
    ]


def published_gap() -> list[str]:
    """The published comparison as coded, as described and on clean labels."""
    published = pd.read_csv(HERE / "paper" / "published.csv", dtype=str)
    lines = [
        f"| AUROC, 1:1 | dual encoder | cross-encoder | {' | '.join(BASELINES.values())} |",
        "|---|---|---|---|---|---|",
        f"| published | {_published(published, 'dual')} | {_published(published, 'cross')} | - | - | - |",
    ]
    counts, above, total = set(), 0, 0
    for text, study, row, metric in SETTINGS:
        cells = _cells(study, row, metric)
        counts |= {len(cell) for cell in cells[:2]}
        additive = cells[2 + list(BASELINES).index("additive")].mean()
        above += sum(bool(cell.mean() > additive) for cell in cells[:2])
        total += 2
        lines.append(f"| {text} | {' | '.join(_cell(cell) for cell in cells)} |")
    lines += [
        "",
        f"Mean ± sd over {_range(counts)} seeds (in the rows with † of the training alone: the split is one, "
        "as published), 5.58 million parameters each (4.48 with symbols). † The published split: nodes "
        f"without any training edge are in the test. Above the additive row: {above} of {total} model cells.",
    ]
    return lines


def beyond_degree() -> list[str]:
    """AUROC of both heads and of closed forms in every regime."""
    study = read_study(HERE / "evidence" / "studies" / "warm.yaml")
    table = read_rows(study, HERE / "results" / "evidence_warm.csv")
    table = table[table["negatives.scheme"] == "blind"]
    models = [(name, "model", f"{name} encoder".replace("cross ", "cross-")) for name in ("dual", "cross")]
    rows = [*models, *(("dual", row, title) for row, title in BEYOND.items())]
    lines = [
        f"| | gain, same TF | gain, degree-matched | {' | '.join(REGIMES.values())} | per TF | AP ratio |",
        f"|{'---|' * (len(REGIMES) + 5)}",
    ]
    for model, row, title in rows:
        own = table[(table["model"] == model) & (table["row"] == row)].set_index("regime")
        gains = (own.loc[[regime], "gain_over_degree"].mean() for regime in ("same_tf", "degree_matched"))
        cells = [f"{100 * gain:+.1f}" for gain in gains]
        cells += [f"{own.loc[[regime], 'auroc'].mean():.3f}" for regime in REGIMES]
        cells += [f"{own.loc[['ranking'], 'per_tf_auroc'].mean():.3f}"]
        cells += [f"{own.loc[['ranking'], 'ap_ratio'].mean():.1f}"]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    seeds = table[table["row"] == "model"].groupby("model")["config_hash"].nunique()
    counted = " and ".join(str(n) for n in sorted(set(seeds)))
    return [
        *lines,
        "",
        f"AUROC by kind of test negatives, mean over {counted} seeds; gain: over the best degree row, "
        "in hundredths. Per TF: mean AUROC of the full ranking; AP ratio: median of AP over its chance.",
    ]


def best() -> list[str]:
    """The recipe, its controls and closed forms, with paired differences."""
    values, table = _reader("knowledge")
    beside = [row for row in table["row"].unique() if not row.startswith("model")]
    wanted = {column: target for column, (*_, target) in COLUMNS.items()}
    lines = [
        f"| test | {' | '.join(COLUMNS)} |",
        f"|{'---|' * (len(COLUMNS) + 1)}",
        f"| wanted | {' | '.join(f'{target:g}' for target in wanted.values())} |",
    ]
    rows = [*((level, "model", title) for level, title in LEVELS.items()), ("all", *BEYOND_OUTPUT)]
    rows += [("all", row, title) for row, title in BEST.items()]
    for level, row, title in rows:
        found = {column: values(level, row, "test", column) for column in COLUMNS}
        cells = (f"{own.mean():.{_digits(c)}f} ± {own.std():.{_digits(c)}f}" for c, own in found.items())
        lines.append(f"| {title} | {' | '.join(cells)} |")
    for title, level in {"best - shuffled": "shuffled", "best - without": "none"}.items():
        differences = {
            c: values("all", "model", "test", c) - values(level, "model", "test", c) for c in COLUMNS
        }
        lines.append(
            f"| {title} | {' | '.join(interval_cell(v, _digits(c)) for c, v in differences.items())} |"
        )
    above = {c: _above_the_best(values, beside, "test", c) for c in COLUMNS}
    lines.append(
        f"| best - best closed form | {' | '.join(interval_cell(v, _digits(c)) for c, v in above.items())} |"
    )
    trained = table[(table["row"] == "model") & (table["regime"] == "uniform")]
    counts = trained.groupby("knowledge", sort=False)["run_seed"].nunique()
    seeds = ", ".join(f"{LEVELS[name]}: {count}" for name, count in counts.items())
    own = trained[trained["knowledge"] == "all"]
    return [
        *lines,
        "",
        f"Mean ± sd over seeds ({seeds}), differences "
        "paired with 95 % t-intervals; 80/5/15 % of the edges, every node seen in training; "
        f"{own['parameters'].iloc[0]:,} parameters, {own['seconds'].mean() / 60:.1f} minutes a run with "
        f"{int(own['threads'].max())} thread(s). Best closed form: of {len(beside)}, column by column.",
    ]


def cold() -> list[str]:
    """The recipe on unseen nodes, shuffled knowledge and closed forms, with paired differences."""
    values, table = _reader("unseen")
    beside = [row for row in table["row"].unique() if not row.startswith("model")]
    rows = [*((level, "model", LEVELS[level]) for level in ("all", "shuffled"))]
    rows += [("all", row, title) for row, title in COLD_ROWS.items()]
    titles = ["wanted", *(title for *_, title in rows), "best - shuffled", "best - best closed form"]
    lines = [f"| test | {' | '.join(titles)} |", f"|{'---|' * (len(titles) + 1)}"]
    for part, (name, wanted) in CELLS.items():
        for column, target in zip(COLUMNS, wanted, strict=True):
            means = (
                f"{values(level, row, part, column).mean():.{_digits(column)}f}" for level, row, _ in rows
            )
            shuffled = values("all", "model", part, column) - values("shuffled", "model", part, column)
            above = (shuffled, _above_the_best(values, beside, part, column))
            cells = [
                f"{target:g}" if target else "-",
                *means,
                *(interval_cell(v, _digits(column)) for v in above),
            ]
            lines.append(f"| {name}, {column} | {' | '.join(cells)} |")
    seeds = table.loc[table["row"] == "model", "run_seed"].nunique()
    return [
        *lines,
        "",
        f"Means over {seeds} seeds; AUROC by kind of negatives, and the full ranking. Differences paired, "
        f"with 95 % t-intervals; best closed form: of {len(beside)}, line by line.",
    ]


Values = Callable[[str, str, str, str], pd.Series]


def _reader(name: str) -> tuple[Values, pd.DataFrame]:
    """One number a seed, by level of knowledge, row, part and column; and the whole table of the study."""
    study = read_study(HERE / "best" / "studies" / f"{name}.yaml")
    table = read_rows(study, HERE / "results" / f"best_{name}.csv")

    def values(level: str, row: str, part: str, column: str) -> pd.Series:
        regime, metric, _ = COLUMNS[column]
        own = table[(table["knowledge"] == level) & (table["row"] == row) & (table["part"] == part)]
        return own[own["regime"] == regime].set_index("run_seed")[metric]

    return values, table


def _above_the_best(values: Values, beside: list[str], part: str, column: str) -> pd.Series:
    """The recipe's values minus those of the closed form that is best there."""
    best = max((values("all", row, part, column) for row in beside), key=lambda found: found.mean())
    return values("all", "model", part, column) - best


def _cells(study: str, row: str, metric: str) -> list[pd.Series]:
    """The values over the seeds at 1:1: dual, cross, then the baselines."""
    file = HERE / "paper" / "studies" / f"{study}.yaml"
    table = read_rows(read_study(file), HERE / "results" / f"paper_{study}.csv")
    table = table[table["ratio"] == "1"]
    cells = [table[(table["model"] == model) & (table["row"] == row)][metric] for model in ("dual", "cross")]
    return cells + [table[(table["model"] == "dual") & (table["row"] == name)]["auroc"] for name in BASELINES]


def _range(counts: set[int]) -> str:
    return " to ".join(str(count) for count in sorted({min(counts), max(counts)}))


def _digits(column: str) -> int:
    return 1 if column.endswith("AP ratio") else 3


def _published(table: pd.DataFrame, model: str) -> str:
    found = table[(table["study"] == "as_coded") & (table["ratio"] == "1") & (table["model"] == model)]
    found = found[found["metric"].isin(["auroc", "auroc_probability"])]
    return f"{float(found['value'].iloc[0]):.4f}"


def _cell(values: pd.Series) -> str:
    if values.empty:
        return "not run"
    return f"{values.mean():.4f} ± {values.std():.4f}" if len(values) > 1 else f"{values.mean():.4f}"


if __name__ == "__main__":
    main()
