"""The network table as text, separated by commas."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from grnpyg.networks.export.base import Format, formats
from grnpyg.networks.export.text_table import write_columns


@formats.register("csv")
class Csv(Format):
    """The network table, columns separated by commas."""

    suffixes = (".csv",)
    read_by = "pandas, polars, DuckDB"

    def fill(self, table: pd.DataFrame, file: Path, suffix: str) -> None:
        """See `Format`."""
        write_columns(table, file, suffix)
