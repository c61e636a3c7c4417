"""The network in a MuData."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from grnpyg.networks.clients import client
from grnpyg.networks.export.anndata import to_anndata
from grnpyg.networks.export.base import formats
from grnpyg.networks.export.h5ad import H5ad, read_cells
from grnpyg.networks.keys import MODALITY


@formats.register("h5mu")
class H5mu(H5ad):
    """A MuData whose modality `rna` is the AnnData of the format h5ad."""

    suffixes = (".h5mu",)
    read_by = "mudata"
    every_column = True

    def fill(self, table: pd.DataFrame, file: Path, suffix: str) -> None:
        """See `Format`."""
        mudata = client("mudata", "a .h5mu file")
        adata = to_anndata(table, None if self.cells is None else read_cells(self.cells))
        with mudata.set_options(
            pull_on_update=False
        ):  # columns stay with their modality; otherwise a warning
            mudata.MuData({MODALITY: adata}).write_h5mu(file)
