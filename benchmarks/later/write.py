"""The tables of README.md beside this file, from results/later_*.csv.

python benchmarks/later/write.py
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import yaml
from heads import beside_dual, of_heads

from grnpyg.studies import fill_sections

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results"
CLOSED = "closed forms"
COLUMNS = {  # metric -> heading, digits
    "auroc": ("AUROC", 3),
    "ap": ("AP", 3),
    "precision_at_100": ("p@100", 2),
    "precision_at_1000": ("p@1,000", 2),
    "precision_at_10000": ("p@10,000", 3),
    "per_tf_auroc": ("per TF", 3),
    "ap_ratio": ("AP ratio", 1),
    "degree_matched_auroc": ("degree-matched", 3),
}
NAMES = {
    "degree_product": "degree product",
    "tf_degree": "TF degree",
    "gene_degree": "gene degree",
    "ease_gene": "EASE over genes",
    "ease_tf": "EASE over TFs",
    "pearson": "expression (Pearson)",
}


def main() -> None:
    """Write the tables between their markers."""
    readme = HERE / "README.md"
    readme.write_text(fill_sections(readme.read_text(), sections()))


def sections() -> dict[str, str]:
    """Marker -> text."""
    tasks = yaml.safe_load((HERE / "tasks.yaml").read_text())
    metrics, strata, openings = (
        pd.read_csv(RESULTS / f"later_{name}.csv") for name in ("metrics", "strata", "openings")
    )
    parts, bias, heads = [], [], []
    for task, about in tasks.items():
        own = metrics[metrics["task"] == task]
        if own.empty:
            continue
        heads += [f"**{about['words']}**; {beside_dual(own)}", ""]
        own = own[~of_heads(own)]
        size = f"{own['positives'].iloc[0]:,} new edges among {own['unlabelled'].iloc[0]:,} unlabelled pairs"
        parts += [f"**{about['words']}**: {size}.", "", *_table(own), ""]
        of_task = strata[(strata["task"] == task) & ~of_heads(strata)]
        bias += [f"**{about['words']}**", "", *_strata(of_task), ""]
    opened = [
        f"{about['words']}: {_opened(openings[openings['task'] == task])}" for task, about in tasks.items()
    ]
    parts.append(f"Openings so far, by recipe. {'; '.join(opened)}.")
    sections = {"later": parts, "heads": heads, "strata": bias}
    return {marker: "\n".join(lines).rstrip() for marker, lines in sections.items()}


def _opened(rows: pd.DataFrame) -> str:
    """How often each recipe has opened a task."""
    counted = rows.groupby("recipe", sort=False)["opening"].max()
    return ", ".join(f"{recipe} {number}" for recipe, number in counted.items())


def _table(rows: pd.DataFrame) -> list[str]:
    lines = [f"| | {' | '.join(h for h, _ in COLUMNS.values())} |", f"|{'---|' * (1 + len(COLUMNS))}"]
    for name, own in _methods(rows):
        cells = []
        for metric, (_, digits) in COLUMNS.items():
            value = own[metric].mean()
            if pd.isna(value):
                cells.append("-")
            elif len(own) > 1:
                cells.append(f"{value:.{digits}f} ± {own[metric].std():.{digits}f}")
            else:
                ends = (f"{own[f'{metric}_{end}'].iloc[0]:.{digits}f}" for end in ("low", "high"))
                cells.append(f"{value:.{digits}f} [{', '.join(ends)}]")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _strata(rows: pd.DataFrame) -> list[str]:
    columns = rows.drop_duplicates(["by", "stratum"])
    columns = columns[columns["positives"] > 0]
    headings = [f"{c.by} {c.stratum} ({c.positives:,})" for c in columns.itertuples()]
    lines = [f"| | {' | '.join(headings)} |", f"|{'---|' * (1 + len(headings))}"]
    for name, own in _methods(rows):
        values = own.groupby(["by", "stratum"])["auroc"].mean()
        cells = [f"{values.get((c.by, c.stratum), float('nan')):.3f}" for c in columns.itertuples()]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _methods(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Models and their outputs first, by recipe, then the closed forms."""
    models = rows[rows["recipe"] != CLOSED].groupby(["recipe", "method"], sort=False)
    closed = rows[rows["recipe"] == CLOSED].groupby("method", sort=False)
    named = [(_of_model(str(recipe), str(method)), own) for (recipe, method), own in models]
    return named + [(NAMES.get(str(method), str(method)), own) for method, own in closed]


def _of_model(recipe: str, method: str) -> str:
    """`best`, or `best, output uniform`."""
    output = method.removeprefix("model").removeprefix("_")
    return f"{recipe}, output {output}" if output else recipe


if __name__ == "__main__":
    main()
