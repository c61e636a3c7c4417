"""Simple interaction format: what Cytoscape imports without a question."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from grnpyg.core.spreadsheet import BEGINNINGS
from grnpyg.networks.export.base import Format, formats
from grnpyg.networks.export.weights import signs
from grnpyg.networks.keys import TARGET, TF

RELATIONS = np.asarray(["regulates", "activates", "represses"], dtype=object)  # by sign: 0, 1, -1


@formats.register("sif")
class Sif(Format):
    """`STAT1 activates IRF1`, separated by tabs, without a header; scores are left out."""

    suffixes = (".sif",)
    read_by = "pandas, Cytoscape's documented format"
    refuses = "a double quotation mark, or one of # = + - @ ' at the beginning"

    def holds(self, name: str) -> bool:
        """See `Format`."""
        return not name.startswith((*BEGINNINGS, "#")) and '"' not in name

    def fill(self, table: pd.DataFrame, file: Path, suffix: str) -> None:
        """See `Format`."""
        with file.open("w", encoding="utf-8", newline="\n") as lines:
            for row in zip(table[TF], relations(table), table[TARGET], strict=True):
                lines.write("\t".join(row) + "\n")


def relations(table: pd.DataFrame) -> np.ndarray:
    """The word for the sign of each edge, (num_pairs,)."""
    words: np.ndarray = RELATIONS[signs(table)]
    return words
