"""The three columns of arboreto (GRNBoost2, GENIE3), which `pyscenic ctx` takes as adjacencies."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from grnpyg.networks.export.base import Format, formats
from grnpyg.networks.export.text_table import write_columns
from grnpyg.networks.export.weights import strengths
from grnpyg.networks.keys import IMPORTANCE, TARGET, TF


@formats.register("arboreto")
class Arboreto(Format):
    """`TF target importance`, as GRNBoost2 writes it; the importance is the strength of the edge."""

    suffixes = (".tsv", ".csv", ".parquet")
    by_suffix = False
    read_by = "pandas"

    def fill(self, table: pd.DataFrame, file: Path, suffix: str) -> None:
        """See `Format`."""
        write_columns(iter([table[[TF, TARGET]].assign(**{IMPORTANCE: strengths(table)})]), file, suffix)
