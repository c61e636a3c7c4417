"""The tables of the main README: the published gap, ours, and what stays of it; then what lies beyond degree,
and the best recipe, also on unseen TFs and genes.

python benchmarks/headline.py      writes them into README.md from results/paper_*.csv, evidence_warm.csv,
                                   best_warm.csv and best_cold.csv
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from grnpyg.studies import fill_sections, read_rows, read_study, t_interval

HERE = Path(__file__).resolve().parent
README = HERE.parent / "README.md"
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
    "uniform": ("uniform", "auroc", 0.955),
    "same TF": ("same_tf", "auroc", 0.88),
    "degree-matched": ("degree_matched", "auroc", 0.82),
    "per TF": ("ranking", "per_tf_auroc", 0.89),
    "AP ratio": ("ranking", "ap_ratio", 30),
}
CELLS = {"test_cold_tf": "unseen TF", "test_cold_gene": "unseen gene", "test_cold_both": "both unseen"}
COLD = {
    "uniform": ("uniform", "auroc"),
    "same TF": ("same_tf", "auroc"),
    "degree-matched": ("degree_matched", "auroc"),
    "per TF": ("ranking", "per_tf_auroc"),
    "AP ratio": ("ranking", "ap_ratio"),
}
COLD_MODELS = {"dual": "best-dual", "cross": "best-cross", "noise": "noise"}
COLD_ROWS = {
    "degree_product": "degree product",
    "additive": "additive",
    "family": "relatives by symbol",
    "expression_logistic": "expression alone",
}
REGIMES = {"uniform": "uniform", "same_tf": "same TF", "degree_matched": "degree-matched", "hard": "hard"}


def main() -> None:
    """Write both tables between their markers of README.md."""
    README.write_text(fill_sections(README.read_text(), sections()))


def sections() -> dict[str, str]:
    """Marker -> text."""
    return {
        "headline": "\n".join(published_gap()),
        "beyond": "\n".join(beyond_degree()),
        "best": "\n".join(best()),
        "cold": "\n".join(cold()),
    }


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
        file = HERE / "paper" / "studies" / f"{study}.yaml"
        table = read_rows(read_study(file), HERE / "results" / f"paper_{study}.csv")
        table = table[table["ratio"] == "1"]
        cells = [
            table[(table["model"] == model) & (table["row"] == row)][metric] for model in ("dual", "cross")
        ]
        cells += [table[(table["model"] == "dual") & (table["row"] == name)]["auroc"] for name in BASELINES]
        counts |= {len(cell) for cell in cells[:2]}
        additive = cells[2 + list(BASELINES).index("additive")].mean()
        above += sum(bool(cell.mean() > additive) for cell in cells[:2])
        total += 2
        lines.append(f"| {text} | {' | '.join(_cell(cell) for cell in cells)} |")
    seeds = " to ".join(str(count) for count in sorted({min(counts), max(counts)}))
    lines += [
        "",
        f"Mean ± sd over {seeds} seeds (in the rows with † of the training alone: the split is one, as "
        "published), 5.58 million parameters each (4.48 with symbols). † The published split: nodes without "
        f"any training edge are in the test. Above the additive row: {above} of {total} model cells.",
    ]
    return lines


def beyond_degree() -> list[str]:
    """AUROC of both heads and of closed forms in every regime."""
    study = read_study(HERE / "evidence" / "studies" / "warm.yaml")
    table = read_rows(study, HERE / "results" / "evidence_warm.csv")
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
    """The recipe under both heads, closed forms, and the paired difference of the heads."""
    study = read_study(HERE / "best" / "studies" / "warm.yaml")
    table = read_rows(study, HERE / "results" / "best_warm.csv")
    rows = [(head, "model", f"best-{head}") for head in ("dual", "cross")]
    rows += [("dual", row, title) for row, title in BEST.items()]

    def values(head: str, row: str, column: str) -> pd.Series:
        """One number a seed."""
        regime, metric, _ = COLUMNS[column]
        own = table[(table["model"] == head) & (table["row"] == row) & (table["regime"] == regime)]
        return own.set_index("run_seed")[metric]

    wanted = {column: target for column, (*_, target) in COLUMNS.items()}
    lines = [
        f"| | {' | '.join(COLUMNS)} |",
        f"|{'---|' * (len(COLUMNS) + 1)}",
        f"| wanted | {' | '.join(f'{target:g}' for target in wanted.values())} |",
    ]
    for head, row, title in rows:
        found = {column: values(head, row, column) for column in COLUMNS}
        cells = (f"{own.mean():.{_digits(c)}f} ± {own.std():.{_digits(c)}f}" for c, own in found.items())
        lines.append(f"| {title} | {' | '.join(cells)} |")
    beside = [row for row in table["row"].unique() if not row.startswith("model")]
    for title, differences in {
        "best-dual - best row beside it": {c: _above_the_best(values, beside, c) for c in COLUMNS},
        "cross - dual": {c: values("cross", "model", c) - values("dual", "model", c) for c in COLUMNS},
    }.items():
        lines.append(f"| {title} | {' | '.join(_paired(v, _digits(c)) for c, v in differences.items())} |")
    reached = sum(
        max(values(head, "model", column).mean() for head in ("dual", "cross")) >= target
        for column, target in wanted.items()
    )
    lowest = {head: values(head, "model", "uniform").nsmallest(2) for head in ("dual", "cross")}
    said = ", ".join(
        f"best-{head} {own.iloc[0]:.3f} with seed {own.index[0]}, then {own.iloc[1]:.3f}"
        for head, own in lowest.items()
    )
    trained = table[table["row"] == "model"].drop_duplicates("config_hash")
    seeds = " and ".join(map(str, sorted(set(trained["model"].value_counts()))))
    smallest, largest = trained["parameters"].min(), trained["parameters"].max()
    return [
        *lines,
        "",
        f"Test AUROC, mean ± sd over {seeds} seeds, differences paired with 95 % t-intervals; "
        f"80/5/15 % of the edges, every node seen in training; {smallest:,} and {largest:,} parameters, "
        f"{trained['seconds'].mean() / 60:.1f} minutes a run with {int(trained['threads'].max())} thread(s).",
        f"Best row: of {len(beside)} baselines, column by column. "
        f"Columns in which a head reaches what is wanted: {reached} of {len(COLUMNS)}. "
        f"Lowest uniform AUROC: {said}.",
    ]


def cold() -> list[str]:
    """The recipe on unseen nodes, closed forms, and the difference from the best of all rows beside it."""
    table = read_rows(read_study(HERE / "best" / "studies" / "cold.yaml"), HERE / "results" / "best_cold.csv")
    columns = {
        f"{title}, {name}": (part, *where) for part, title in CELLS.items() for name, where in COLD.items()
    }

    def values(model: str, row: str, column: str) -> pd.Series:
        """One number a seed."""
        part, regime, metric = columns[column]
        own = table[(table["model"] == model) & (table["row"] == row)]
        return own[(own["part"] == part) & (own["regime"] == regime)].set_index("run_seed")[metric]

    rows = [(model, "model", title) for model, title in COLD_MODELS.items()]
    rows += [("dual", row, title) for row, title in COLD_ROWS.items()]
    beside = [row for row in table["row"].unique() if not row.startswith("model")]
    titles = [title for *_, title in rows] + ["best-dual - best row"]
    lines = [f"| | {' | '.join(titles)} |", f"|{'---|' * (len(titles) + 1)}"]
    clear = 0
    for column in columns:
        means = (f"{values(model, row, column).mean():.{_digits(column)}f}" for model, row, _ in rows)
        above = _above_the_best(values, beside, column)
        clear += t_interval(above.mean(), above.std() / above.count() ** 0.5, above.count() - 1)[0] > 0
        lines.append(f"| {column} | {' | '.join(means)} | {_paired(above, _digits(column))} |")
    counts = sorted({values(model, "model", next(iter(columns))).count() for model in COLD_MODELS})
    return [
        *lines,
        "",
        f"Test means over {' or '.join(map(str, counts))} seeds; AUROC by kind of negatives, and the full "
        "ranking. Noise: expression drawn at random. Difference paired, with 95 % t-intervals, from the best "
        f"of {len(beside)} baselines in the line: above 0 in {clear} of {len(columns)} lines.",
    ]


def _above_the_best(values: Callable[..., pd.Series], beside: list[str], column: str) -> pd.Series:
    """The dual encoder's values minus those of the row that is best in this column."""
    best = max((values("dual", row, column) for row in beside), key=lambda found: found.mean())
    return values("dual", "model", column) - best


def _digits(column: str) -> int:
    return 1 if column.endswith("AP ratio") else 3


def _paired(differences: pd.Series, digits: int) -> str:
    mean, n = differences.mean(), differences.count()
    low, high = t_interval(mean, differences.std() / n**0.5, n - 1)
    return f"{mean:+.{digits}f} [{low:+.{digits}f}, {high:+.{digits}f}]"


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
