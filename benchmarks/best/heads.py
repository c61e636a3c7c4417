"""The recipes best-dual and best-cross, which read known edges and expression alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from grnpyg.studies import interval_cell, read_rows, read_study, t_interval

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results"
BEST = {
    "degree_product": "degree product",
    "additive": "additive",
    "ease_gene": "EASE over genes",
    "svd": "SVD",
}
COLUMNS = {  # column -> regime, metric
    "uniform": ("uniform", "auroc"),
    "same TF": ("same_tf", "auroc"),
    "degree-matched": ("degree_matched", "auroc"),
    "per TF": ("ranking", "per_tf_auroc"),
    "AP ratio": ("ranking", "ap_ratio"),
}
CELLS = {"test_cold_tf": "unseen TF", "test_cold_gene": "unseen gene", "test_cold_both": "both unseen"}
COLD_MODELS = {"dual": "best-dual", "cross": "best-cross", "noise": "noise"}
COLD_ROWS = {
    "degree_product": "degree product",
    "additive": "additive",
    "family": "relatives by symbol",
    "expression_logistic": "expression alone",
}


def heads() -> list[str]:
    """The recipe under both heads, closed forms, and the paired difference of the heads."""
    study = read_study(HERE / "studies" / "warm.yaml")
    table = read_rows(study, RESULTS / "best_warm.csv")
    rows = [(head, "model", f"best-{head}") for head in ("dual", "cross")]
    rows += [("dual", row, title) for row, title in BEST.items()]

    def values(head: str, row: str, column: str) -> pd.Series:
        """One number a seed."""
        regime, metric = COLUMNS[column]
        own = table[(table["model"] == head) & (table["row"] == row) & (table["regime"] == regime)]
        return own.set_index("run_seed")[metric]

    lines = [
        f"| | {' | '.join(COLUMNS)} |",
        f"|{'---|' * (len(COLUMNS) + 1)}",
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
        lines.append(
            f"| {title} | {' | '.join(interval_cell(v, _digits(c)) for c, v in differences.items())} |"
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
        f"Best row: of {len(beside)} baselines, column by column. Lowest uniform AUROC: {said}.",
    ]


def heads_on_unseen_nodes() -> list[str]:
    """The recipe on unseen nodes, closed forms, and the difference from the best of all rows beside it."""
    table = read_rows(read_study(HERE / "studies" / "cold.yaml"), RESULTS / "best_cold.csv")
    columns = {
        f"{title}, {name}": (part, *where) for part, title in CELLS.items() for name, where in COLUMNS.items()
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
        lines.append(f"| {column} | {' | '.join(means)} | {interval_cell(above, _digits(column))} |")
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
