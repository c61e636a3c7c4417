"""Write any table as text or Parquet."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from grnpyg.core.files import check_output, replacing
from grnpyg.core.spreadsheet import shielded_table

TABLE_SUFFIXES = (".tsv", ".parquet")


def write_table(table: pd.DataFrame, path: Path, suffixes: tuple[str, ...] = TABLE_SUFFIXES) -> None:
    """Write a table as text (`.tsv`, `.csv`) or `.parquet`, whole or not at all.

    In text, a name that a spreadsheet would compute (`=cmd`) gets an apostrophe before it, which the
    reader of labels removes again (see `grnpyg.core.spreadsheet`).

    Raises:
        InputError: another suffix, or a place that cannot be written to.
    """
    check_output(path, suffixes)
    with replacing(path) as file:
        if path.suffix == ".parquet":
            table.to_parquet(file, index=False)
        else:
            shielded_table(table).to_csv(file, sep="," if path.suffix == ".csv" else "\t", index=False)
