"""The network in an AnnData, on its own or with the cells."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from grnpyg.core.errors import InputError
from grnpyg.core.files import check_output, replacing
from grnpyg.networks.export.anndata import to_anndata
from grnpyg.networks.export.base import Format, formats

if TYPE_CHECKING:
    from anndata import AnnData


@formats.register("h5ad")
class H5ad(Format):
    """An AnnData with the table in `uns["grnpyg"]` and a sparse matrix in `varp["grnpyg"]`.

    Args:
        cells: an h5ad file whose cells the network is put beside; None: an AnnData without cells.
    """

    suffixes = (".h5ad",)
    read_by = "anndata, scanpy"
    every_column = True
    labels = False

    def __init__(self, *, cells: Path | None = None) -> None:
        self.cells = cells

    def fill(self, table: pd.DataFrame, file: Path, suffix: str) -> None:
        """See `Format`."""
        to_anndata(table, None if self.cells is None else read_cells(self.cells)).write_h5ad(file)


def read_cells(path: Path) -> AnnData:
    """An h5ad file, whole.

    Raises:
        InputError: it is none.
    """
    import anndata

    if path.suffix.lower() != ".h5ad":
        raise InputError("is no .h5ad file", where=path, fix="write it as h5ad first")
    try:
        return anndata.read_h5ad(path)
    except FileNotFoundError:
        raise InputError("no such file", where=path, fix="check the path") from None
    except Exception as error:  # h5py and anndata raise nearly anything at a damaged file
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"cannot be read as h5ad ({reason})", where=path, fix="copy it again") from error


def write_h5ad(adata: AnnData, path: Path) -> None:
    """Write an AnnData, whole or not at all.

    Raises:
        InputError: a place that cannot be written to.
    """
    check_output(path, (".h5ad",))
    with replacing(path) as file:
        adata.write_h5ad(file)
