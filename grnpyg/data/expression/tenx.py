"""Read what Cell Ranger and STARsolo write: a 10x HDF5 file, or a folder with a matrix and two lists."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.io import mmread

from grnpyg.core.errors import InputError, examples, warn
from grnpyg.data.expression.matrix_checks import check_one_file, check_sparse
from grnpyg.data.text.files import opened, read_text

if TYPE_CHECKING:
    from anndata import AnnData

MATRIX = ".mtx"
PACKED = 50  # bytes of text that a byte of a gzip file may stand for, with room: numbers shrink less
CELLS_IN_ROWS = ("cells_x_genes", "quants_mat")
HEADER = {
    "x",
    "v1",
    "geneid",
    "genename",
    "genesymbol",
    "gene",
    "symbol",
    "barcode",
    "barcodes",
    "cell",
    "id",
}
OTHER_TOOLS = (  # kallisto|bustools; alevin and alevin-fry
    ("cells_x_genes.mtx", "cells_x_genes.genes.txt", "cells_x_genes.barcodes.txt"),
    ("quants_mat.mtx", "quants_mat_cols.txt", "quants_mat_rows.txt"),
)
NOT_GENES = {"Antibody Capture", "CRISPR Guide Capture", "Multiplexing Capture", "Custom", "Peaks"}


def read_10x_h5(path: Path) -> AnnData:
    """Cells x genes of a file that Cell Ranger wrote.

    Raises:
        InputError: an h5ad, or a damaged file.
    """
    import h5py
    import scanpy as sc

    with h5py.File(path, "r") as file:
        check_one_file(file, where=path)
        if {"obs", "var"} <= set(file):
            fix = f"rename it to {path.with_suffix('.h5ad').name}"
            raise InputError("is an h5ad file with the ending of 10x files", where=path, fix=fix)
        for group in file.values():
            check_sparse(group, where=path)
    return sc.read_10x_h5(path)


def read_10x_folder(path: Path) -> AnnData:
    """Cell Ranger 2 (genes) and 3 (features), STARsolo (not gzipped), with or without a file prefix; alevin.

    Raises:
        InputError: a file is missing, or the numbers of genes and cells differ between the files.
    """
    from anndata import AnnData

    found = _of_other_tools(path)
    for part in () if found else ("matrix.mtx", "features.tsv|genes.tsv", "barcodes.tsv"):
        files = [file for file in sorted(path.iterdir()) if re.search(rf"({part})(\.gz)?$", file.name)]
        if len(files) != 1:
            what = f"needs one file {part.replace('|', ' or ')}, has {len(files)}"
            below = sorted(file.parent for file in path.glob("*/*matrix.mtx*"))
            fix = f"give {below[0]}" if below else "give a folder with one sample"
            raise InputError(f"is not a 10x folder: it {what}", where=path, fix=fix)
        if not files[0].is_file():
            raise InputError("is not a file", where=files[0], fix="give a folder with one sample")
        found[part.split(".")[0]] = files[0]
    features, barcodes = (
        pd.read_csv(
            io.StringIO(read_text(found[part])),
            sep="\t",
            header=None,
            dtype=str,
            keep_default_na=False,
            quoting=csv.QUOTE_NONE,
        )
        for part in ("features", "barcodes")
    )
    features, barcodes = (table.apply(lambda column: column.str.strip('"')) for table in (features, barcodes))
    _require_possible(found["matrix"])
    matrix: Any = mmread(found["matrix"])
    matrix = matrix if sp.issparse(matrix) else sp.coo_matrix(matrix)
    turned = matrix.shape == (len(barcodes), len(features)) and len(features) != len(barcodes)
    if turned or found["matrix"].name.startswith(CELLS_IN_ROWS):
        if turned and not found["matrix"].name.startswith(CELLS_IN_ROWS):
            warn("its matrix has cells in rows and genes in columns: it is read so", where=found["matrix"])
        matrix = matrix.T
    features, barcodes = _headless(features, matrix.shape[0]), _headless(barcodes, matrix.shape[1])
    symbols, ids = features[min(1, features.shape[1] - 1)], features[0]
    var = pd.DataFrame({"gene_ids": ids.to_numpy()}, index=symbols.to_numpy())
    obs = pd.DataFrame(index=barcodes[0].to_numpy())
    for lines, size, name in (
        (features, matrix.shape[0], "features"),
        (barcodes, matrix.shape[1], "barcodes"),
    ):
        if len(lines) != size:
            what = f"has {len(lines):,} lines, and {found['matrix'].name} has {size:,} {name}"
            raise InputError(what, where=found[name], fix="give the files of one sample, unchanged")
    adata = AnnData(matrix.T.tocsr().astype(np.float32), obs=obs, var=var)
    kinds = set(features[2]) if 2 in features else set()
    if "Gene Expression" in kinds:
        genes = (features[2] == "Gene Expression").to_numpy()
        if not genes.all():
            others = examples(sorted(kinds - {"Gene Expression"}))
            warn(f"{(~genes).sum():,} features are no genes and left out: {others}", where=found["features"])
        return adata[:, genes].copy()
    if other := kinds & NOT_GENES:
        what = f"holds no row of the kind Gene Expression, only {examples(sorted(kinds))}"
        raise InputError(what, where=found["features"], fix=f"give the sample's genes, not {other.pop()}")
    return adata  # the third column holds something else, such as a biotype


def _require_possible(path: Path) -> None:
    """Compare the number of values that a matrix file declares with its size, before it takes memory."""
    with opened(path) as stream:
        head = stream.read(1 << 16).decode(errors="replace").splitlines()
    line = next((line for line in head if line.strip() and not line.startswith("%")), "")
    sizes = [int(word) for word in line.split() if word.isdecimal() and len(word) < 20]
    declared = sizes[2] if len(sizes) == 3 else sizes[0] * sizes[1] if len(sizes) == 2 else 0
    size = path.stat().st_size * (PACKED if path.suffix == ".gz" else 1)
    if 2 * declared > size + (1 << 16):  # no value takes less than a digit and a space
        what = f"declares {declared:,} values in a file of {path.stat().st_size:,} bytes"
        raise InputError(what, where=path, fix="copy or download it again")


def _of_other_tools(path: Path) -> dict[str, Path]:
    """The files of a folder that kallisto|bustools or alevin wrote; none if it is another."""
    for matrix, features, barcodes in OTHER_TOOLS:
        files = {"matrix": path / matrix, "features": path / features, "barcodes": path / barcodes}
        there = {part: file for part, plain in files.items() if (file := _packed_or_not(plain)).is_file()}
        if len(there) == len(files):
            return there
    return {}


def _packed_or_not(path: Path) -> Path:
    return path if path.is_file() else path.with_name(f"{path.name}.gz")


def _headless(table: pd.DataFrame, size: int) -> pd.DataFrame:
    """A list without its first line, if that is a header: one line too many, with names of columns."""
    words = table.iloc[0].str.lower().str.replace(r"[\W_]", "", regex=True)
    headed = len(table) == size + 1 and words.isin(HEADER).any()
    return table.iloc[1:].reset_index(drop=True) if headed else table
