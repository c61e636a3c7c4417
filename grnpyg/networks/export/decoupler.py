"""The three columns of decoupler's networks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from grnpyg.networks.export.base import Format, formats
from grnpyg.networks.export.text_table import write_columns
from grnpyg.networks.export.weights import weights
from grnpyg.networks.keys import TARGET, TF


def to_decoupler(table: pd.DataFrame) -> pd.DataFrame:
    """`source`, `target` and `weight` (sign x strength) of a network, for the methods of `decoupler.mt`."""
    return pd.DataFrame({"source": table[TF], "target": table[TARGET], "weight": weights(table)})


@formats.register("decoupler")
class Decoupler(Format):
    """`source target weight`, as in DoRothEA and CollecTRI; the weight is sign x strength."""

    suffixes = (".tsv", ".csv", ".parquet")
    by_suffix = False
    read_by = "decoupler"

    def fill(self, table: pd.DataFrame, file: Path, suffix: str) -> None:
        """See `Format`."""
        write_columns(iter([to_decoupler(table)]), file, suffix)
