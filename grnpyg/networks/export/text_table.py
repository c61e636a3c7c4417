"""Tables as files: text with tabs or commas, or Parquet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from grnpyg.core.errors import examples, warn
from grnpyg.core.spreadsheet import shielded

NO_VALUE = {"NA", "NaN", "nan", "NULL", "null", "None", "N/A", "n/a", "#N/A", "<NA>", "-nan", "-NaN"}


def write_text_table(parts: Iterator[pd.DataFrame], file: Path, separator: str) -> None:
    """Write a table that comes in parts of the same columns, at least one.

    Words are shielded (`grnpyg.core.spreadsheet`), true and false are in small letters.
    """
    lost: set[str] = set()
    with file.open("w", newline="", encoding="utf-8") as stream:
        for number, table in enumerate(parts):
            words = {name: _shielded(table[name]) for name in table.select_dtypes([object, "string"])}
            for name in table.select_dtypes([bool, "boolean"]):
                words[name] = table[name].map({True: "true", False: "false"})
            lost |= NO_VALUE & {*table.iloc[:, 0].unique(), *table.iloc[:, 1].unique()}
            named: Any = table.assign(**words).rename(columns=shielded)  # type: ignore[arg-type]
            named.to_csv(stream, sep=separator, index=False, header=not number)
    if lost:
        what = f"pandas reads these names as missing values unless told otherwise: {examples(sorted(lost))}"
        warn(what, fix="read the file with keep_default_na=False")


def write_parquet(parts: Iterator[pd.DataFrame], file: Path) -> None:
    """Write a table that comes in parts of the same columns, at least one; each is a row group or more."""
    first = next(parts)
    table = pa.Table.from_pandas(first, preserve_index=False)
    attributes = {b"PANDAS_ATTRS": json.dumps(first.attrs).encode()} if first.attrs else {}
    schema = table.schema.with_metadata({**(table.schema.metadata or {}), **attributes})
    with pq.ParquetWriter(file, schema) as writer:
        writer.write_table(table.replace_schema_metadata(schema.metadata))
        for part in parts:
            writer.write_table(pa.Table.from_pandas(part, schema, preserve_index=False))


def _shielded(column: pd.Series) -> pd.Series:
    return column.map({word: shielded(word) for word in column.unique()})


def write_columns(parts: Iterator[pd.DataFrame], file: Path, suffix: str) -> None:
    """Write a table that comes in parts as `.tsv`, `.csv` or `.parquet`."""
    if suffix == ".parquet":
        write_parquet(parts, file)
    else:
        write_text_table(parts, file, "\t" if suffix == ".tsv" else ",")
