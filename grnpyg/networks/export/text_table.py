"""Tables as files: text with tabs or commas, or Parquet."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from grnpyg.core.errors import examples, warn
from grnpyg.core.spreadsheet import shielded

NO_VALUE = {"NA", "NaN", "nan", "NULL", "null", "None", "N/A", "n/a", "#N/A", "<NA>", "-nan", "-NaN"}


def write_text_table(table: pd.DataFrame, file: Path, separator: str) -> None:
    """Write a table; words are shielded (`grnpyg.core.spreadsheet`), true and false are in small letters."""
    words = {name: _shielded(table[name]) for name in table.select_dtypes([object, "string"])}
    for name in table.select_dtypes([bool, "boolean"]):
        words[name] = table[name].map({True: "true", False: "false"})
    if lost := sorted(NO_VALUE & {*table.iloc[:, 0].unique(), *table.iloc[:, 1].unique()}):
        what = f"pandas reads these names as missing values unless told otherwise: {examples(lost)}"
        warn(what, fix="read the file with keep_default_na=False")
    table.assign(**words).rename(columns=shielded).to_csv(file, sep=separator, index=False)  # type: ignore[arg-type]


def _shielded(column: pd.Series) -> pd.Series:
    return column.map({word: shielded(word) for word in column.unique()})


def write_columns(table: pd.DataFrame, file: Path, suffix: str) -> None:
    """Write a table as `.tsv`, `.csv` or `.parquet`."""
    if suffix == ".parquet":
        table.to_parquet(file, index=False)
    else:
        write_text_table(table, file, "\t" if suffix == ".tsv" else ",")
