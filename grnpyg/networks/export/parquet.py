"""The network table as Parquet."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from grnpyg.networks.export.base import Format, formats
from grnpyg.networks.export.text_table import write_columns


@formats.register("parquet")
class Parquet(Format):
    """The network table with its types; the fastest to write and to read."""

    suffixes = (".parquet",)
    read_by = "pandas, polars, DuckDB"

    def fill(self, table: pd.DataFrame, file: Path, suffix: str) -> None:
        """See `Format`."""
        write_columns(table, file, suffix)
