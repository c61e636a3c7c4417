"""What every format is read into: rows with a source and a target, and what a reader should know of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pandas as pd

ENDS = ["source", "target"]
MISSING = ("", "NA", "NaN")  # exact case: `nan` and `Na` are genes of the fly
KINDS_HINT = (
    "give a tsv, csv, JSON {TF: [genes]}, GMT (also .gz) or Parquet file, or a folder with Label.csv and "
    "Target.csv"
)


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a file of known edges, not yet cleaned.

    Args:
        table: `source` and `target` (str) and, where the file has them, `weight` (float), `sign` (int: -1, 0
            or 1), `contradicting` (bool: the row says both signs), `label` (0 or 1) and `confidence` (str).
        notes: sentences for the report, on what the file was taken for.
        columns: kind of column -> its name in the file; empty where a format has no named columns.
    """

    table: pd.DataFrame
    notes: tuple[str, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)

    def noting(self, table: pd.DataFrame, *notes: str) -> Rows:
        """The same with another table and further notes."""
        return replace(self, table=table, notes=(*self.notes, *notes))
