"""The network table as Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from grnpyg.networks.export.base import Format, formats
from grnpyg.networks.export.text_table import write_columns


@formats.register("parquet")
class Parquet(Format):
    """The network table with its types; the fastest to write and to read."""

    suffixes = (".parquet",)
    read_by = "pandas, polars, DuckDB"
    every_column = True
    by_parts = True

    def fill(self, table: pd.DataFrame, file: Path, suffix: str) -> None:
        """See `Format`."""
        write_columns(iter([table]), file, suffix)

    def fill_parts(self, parts: Iterator[pd.DataFrame], file: Path, suffix: str) -> None:
        """See `Format`."""
        write_columns(parts, file, suffix)
