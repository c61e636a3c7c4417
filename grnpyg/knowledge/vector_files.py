"""Read vectors of genes from a file: npz, Parquet, h5ad, or a text table."""

from __future__ import annotations

import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from grnpyg.core.errors import InputError
from grnpyg.data.expression.matrix_checks import check_one_file, check_sparse
from grnpyg.data.formats.parquet import check_parquet
from grnpyg.data.text.matrix import read_text_table

MOST_BYTES = 1 << 32  # of a file's arrays when unpacked
NAMES = ("genes", "gene", "names", "symbols", "gene_names", "index", "var_names", "obs_names")


@dataclass(frozen=True)
class GeneVectors:
    """Vectors as a file holds them.

    Attributes:
        names: (n,) genes.
        values: (n, width) numbers.
        columns: what the columns are called, if they have names.
    """

    names: list[str]
    values: NDArray[np.floating[Any]]
    columns: list[str] | None = None


def read_vectors(path: Path, key: str, known: Collection[str]) -> GeneVectors:
    """The vectors of a file, by its suffix.

    Args:
        path: the file.
        key: of an h5ad: `X`, `obsm/NAME` or `varm/NAME`.
        known: names of the graph, which tell genes from cells or columns.

    Raises:
        InputError: it cannot be read, holds no vectors, or NaN or infinite values (names the first row).
    """
    suffix = "".join(path.suffixes[-1:]).lower()
    readers = {".npz": _npz, ".parquet": _parquet}
    try:
        if suffix == ".h5ad":
            found = _h5ad(path, key, known)
        elif suffix in readers:
            found = readers[suffix](path)
        else:
            found = _text(path, known)
    except (OSError, ValueError, KeyError, MemoryError, zipfile.BadZipFile) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(f"cannot be read ({reason})", where=path, fix="write or fetch it again") from None
    bad = np.flatnonzero(~np.isfinite(found.values).all(axis=1))
    if bad.size:
        first = f"first row {bad[0] + 1:,} ({found.names[bad[0]]})"
        raise InputError(
            f"{bad.size:,} rows hold NaN or infinite values, {first}",
            where=path,
            fix="leave these genes out, or fill the values in",
        )
    if not found.names or not found.values.shape[1]:
        raise InputError("holds no vectors", where=path, fix="a row per gene: its name, then its numbers")
    return found


def _npz(path: Path) -> GeneVectors:
    with zipfile.ZipFile(path) as file:
        if sum(part.file_size for part in file.infolist()) > MOST_BYTES:
            raise InputError("unpacks to more than 4 GiB", where=path, fix="leave out what is no vector")
    with np.load(path, allow_pickle=False) as file:
        try:
            arrays = {name: file[name] for name in file.files}
        except ValueError as error:
            if "pickle" not in str(error):
                raise
            fix = "store the names as text: np.savez(path, genes=np.array(names, dtype=str), vectors=matrix)"
            raise InputError("holds Python objects, which are not read", where=path, fix=fix) from None
    text = [name for name, array in arrays.items() if array.ndim == 1 and array.dtype.kind in "US"]
    tables = [name for name, array in arrays.items() if array.ndim == 2 and array.dtype.kind in "fiub"]
    listed = next((name for name in NAMES if name in text), text[0] if len(text) == 1 else None)
    if listed is not None and len(tables) == 1:
        names, values = [_word(name) for name in arrays[listed]], arrays[tables[0]]
        if len(names) != len(values):
            raise InputError(f"{len(names):,} names for {len(values):,} rows", where=path)
        return GeneVectors(names, values.astype(np.float64))
    widths = {array.shape for array in arrays.values() if array.ndim == 1 and array.dtype.kind in "fiu"}
    if len(widths) == 1 and len(arrays) > 1 and not text and not tables:  # a gene's name is its key
        return GeneVectors(list(arrays), np.stack(list(arrays.values())).astype(np.float64))
    raise InputError(
        f"holds {', '.join(f'{name} {array.shape}' for name, array in list(arrays.items())[:5])}",
        where=path,
        fix="store two arrays: np.savez(path, genes=names, vectors=matrix), a row per gene",
    )


def _word(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)


def _parquet(path: Path) -> GeneVectors:
    check_parquet(path)
    table = pd.read_parquet(path)
    if not pd.api.types.is_numeric_dtype(table.index) and len(table.index.names) == 1:
        names = [str(name) for name in table.index]
    else:
        text = [column for column in table if all(isinstance(value, str) for value in table[column])]
        if not text:
            raise InputError("has no column of gene names", where=path, fix="make the genes its first column")
        names = table[text[0]].tolist()
        table = table.drop(columns=text[0])
    lists = [column for column in table if isinstance(table[column].iloc[0], np.ndarray)]
    if len(lists) == 1:
        return GeneVectors(names, np.stack(table[lists[0]].to_list()).astype(np.float64))
    numbers = table.select_dtypes("number")
    return GeneVectors(names, numbers.to_numpy(np.float64), [str(column) for column in numbers])


def _h5ad(path: Path, key: str, known: Collection[str]) -> GeneVectors:
    import h5py
    from anndata.io import read_elem

    with h5py.File(path, "r") as file:
        check_one_file(file, where=path)
        if not {"obs", "var"} <= set(file) or key not in file:
            held = [f"{part}/{name}" for part in ("obsm", "varm") for name in file.get(part, ())]
            what = f"holds no {key}" if {"obs", "var"} <= set(file) else "is HDF5 but not h5ad"
            held = [*(["X"] if "X" in file else []), *held]
            raise InputError(what, where=path, fix=f"set the option key to {', '.join(held) or 'another'}")
        matrix = file[key]
        check_sparse(matrix, where=path)
        values: Any = read_elem(matrix)
        ends = [[str(name) for name in read_elem(file[part]).index] for part in ("obs", "var")]
    values = values.to_numpy() if isinstance(values, pd.DataFrame) else values
    values = np.asarray(values.toarray() if sp.issparse(values) else values, np.float64)
    wanted = set(known)
    in_rows = sum(name in wanted for name in ends[0]) >= sum(name in wanted for name in ends[1])
    if key.startswith("varm") or (key == "X" and not in_rows):
        return GeneVectors(ends[1], values if key.startswith("varm") else values.T)
    return GeneVectors(ends[0], values, ends[1] if key == "X" else None)


def _text(path: Path, known: Collection[str]) -> GeneVectors:
    table = read_text_table(path, "rows", known, None)  # turned round: the genes are its columns
    matrix: Any = table.X
    values = matrix.toarray() if sp.issparse(matrix) else np.asarray(matrix)
    names, columns = ([str(name) for name in axis] for axis in (table.var_names, table.obs_names))
    return GeneVectors(names, np.asarray(values, np.float64).T, columns)
