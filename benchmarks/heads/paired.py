"""Models of a study side by side, seed by seed, from its stored rows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from grnpyg.studies import cells_beside, markdown_table, read_rows, read_study

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results"
COLUMNS = {  # words -> setting, metric
    "uniform": ("uniform", "auroc"),
    "same TF": ("same_tf", "auroc"),
    "degree-matched": ("degree_matched", "auroc"),
    "per TF": ("ranking", "per_tf_auroc"),
}
FACTORISING = ("dual", "additive_dual", "bilinear", "bilinear_low_rank", "tucker", "learned_sum")
CLOSED = {"degree_product": "*degree product*", "additive": "*additive*"}


def stored_rows(study: str, subset: str = "test") -> pd.DataFrame:
    """The stored rows of a study of this folder."""
    return read_rows(read_study(HERE / "studies" / f"{study}.yaml"), RESULTS / f"heads_{study}.csv", subset)


def values(rows: pd.DataFrame, row: str, column: str, axis: str = "head") -> pd.DataFrame:
    """One number for each seed (index) that all levels of an axis have, and level (columns)."""
    setting, metric = COLUMNS[column]
    own = rows[(rows["row"] == row) & (rows["regime"] == setting)]
    return own.pivot_table(index="run_seed", columns=axis, values=metric, sort=False).dropna()


def beside(
    rows: pd.DataFrame,
    to: str,
    axis: str = "head",
    sizes: dict[str, pd.Series] | None = None,
    also: dict[str, pd.DataFrame] | None = None,
) -> str:
    """Every level of an axis: its mean, and the difference to one of them with its interval over the seeds.

    Args:
        rows: of one study and test subset.
        to: the level that the others stand beside.
        axis: whose levels are compared.
        sizes: heading -> a number for each level.
        also: words -> rows of another study on the same pairs, of whose models the mean is shown.
    """
    sizes = sizes or {}
    cells = pd.DataFrame({c: cells_beside(values(rows, "model", c, axis), to, 4) for c in COLUMNS})
    lines = [
        [f"`{level}`", *(f"{size[level]:,.0f}" for size in sizes.values()), *line]
        for level, line in zip(cells.index, cells.to_numpy(), strict=True)
    ]
    means = {words: [values(rows, row, c, axis)[to].mean() for c in COLUMNS] for row, words in CLOSED.items()}
    for words, others in (also or {}).items():
        means[words] = [values(others, "model", column, "study").mean().item() for column in COLUMNS]
    lines += [[words, *[""] * len(sizes), *(f"{m:.4f}" for m in found)] for words, found in means.items()]
    return markdown_table([axis, *sizes, *COLUMNS], lines)


def parameters(rows: pd.DataFrame, axis: str = "head") -> pd.Series:
    """Parameters of every level of an axis."""
    return rows[rows["row"] == "model"].groupby(axis)["parameters"].first()
