"""What a dual encoder keeps of its teacher's gain over degree: stored rows of studies/distilled.yaml."""

from __future__ import annotations

import pandas as pd
from paired import CLOSED, COLUMNS, parameters, stored_rows, values

from grnpyg.studies import interval_cell, markdown_table

TEACHER, DEGREE, WHOLE, SMALL = "teacher", "degree_product", "taught", "taught, pruned, taught again"
HARDER = ("same TF", "degree-matched")


def sections() -> dict[str, str]:
    """Marker -> text."""
    rows = stored_rows("distilled")
    return {"distilled": f"{_table(rows)}\n\n{_said(rows)}"}


def _table(rows: pd.DataFrame) -> str:
    """Every model and closed form: means, and the share of the teacher's gain over degree."""
    of_model = {column: values(rows, "model", column) for column in COLUMNS}
    sizes = parameters(rows)
    lines = []
    for name in of_model["uniform"].columns:
        cells = [f"{found[name].mean():.4f}" for found in of_model.values()]
        kept = [f"{_kept(rows, name, column).mean():.0%}" for column in HARDER]
        lines.append([name, f"{sizes[name]:,.0f}", *cells, *kept])
    for row, words in CLOSED.items():
        means = [f"{values(rows, row, column)[TEACHER].mean():.4f}" for column in COLUMNS]
        lines.append([words, "", *means, *("" for _ in HARDER)])
    heads = [f"gain kept, {column}" for column in HARDER]
    return markdown_table(["model", "parameters", *COLUMNS, *heads], lines)


def _kept(rows: pd.DataFrame, name: str, column: str) -> pd.Series:
    """For each seed, the gain over the degree product as a share of the teacher's."""
    found, degree = values(rows, "model", column), values(rows, DEGREE, column)[TEACHER]
    return (found[name] - degree) / (found[TEACHER] - degree)


def _said(rows: pd.DataFrame) -> str:
    """The lowest share that a seed keeps, and what pruning loses."""
    lowest = {column: _kept(rows, WHOLE, column) for column in HARDER}
    words = ", ".join(f"{column} {kept.min():.0%}" for column, kept in lowest.items())
    changes = {column: values(rows, "model", column) for column in COLUMNS}
    lost = "; ".join(f"{c} {interval_cell(v[SMALL] - v[WHOLE], 4)}" for c, v in changes.items())
    return (
        f"Seeds: {len(changes['uniform'])}. "
        f"The lowest share of the gain that a seed of the taught model keeps: {words}. "
        f"Pruned and taught again beside the whole taught model: {lost}."
    )
