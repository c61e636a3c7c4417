"""All heads where a later database judges, beside the dual encoder: from results/later_metrics.csv."""

from __future__ import annotations

import pandas as pd

from grnpyg.studies import cells_beside, markdown_table

HEAD, DUAL, CROSS = "head ", "best-dual", "best-cross"  # models.yaml names heads so; two are recipes
METRICS = {
    "auroc": "AUROC",
    "ap": "AP",
    "precision_at_100": "p@100",
    "precision_at_1000": "p@1,000",
    "per_tf_auroc": "per TF",
    "degree_matched_auroc": "degree-matched",
}
CLOSED = {"degree_product": "*degree product*", "additive": "*additive*"}


def of_heads(rows: pd.DataFrame) -> pd.Series:
    """Which rows are of a head that is no recipe."""
    return rows["recipe"].str.startswith(HEAD)


def beside_dual(rows: pd.DataFrame) -> str:
    """Every head: its mean, and the difference to the dual encoder with its interval over the seeds.

    Args:
        rows: of one task.
    """
    own = rows[(of_heads(rows) | rows["recipe"].isin([DUAL, CROSS])) & (rows["method"] == "model")]
    found = {
        metric: own.pivot_table(index="seed", columns="recipe", values=metric, sort=False).dropna()
        for metric in METRICS
    }
    cells = pd.DataFrame({metric: cells_beside(table, DUAL, 3) for metric, table in found.items()})
    lines = [
        [f"`{recipe.removeprefix(HEAD)}`", *line]
        for recipe, line in zip(cells.index, cells.to_numpy(), strict=True)
    ]
    for method, words in CLOSED.items():
        closed = rows[rows["method"] == method].iloc[0]
        lines.append([words, *(f"{closed[metric]:.3f}" for metric in METRICS)])
    return f"seeds: {len(found['auroc'])}.\n\n{markdown_table(['head', *METRICS.values()], lines)}"
