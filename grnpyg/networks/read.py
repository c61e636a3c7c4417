"""Read a network: what grnpyg writes, and the tables and sets of other tools."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from grnpyg.core.errors import InputError
from grnpyg.core.spreadsheet import bare
from grnpyg.data.formats.leftovers import without_leftovers
from grnpyg.data.formats.parquet import check_parquet, is_parquet
from grnpyg.data.formats.read import read_rows
from grnpyg.data.formats.values import scored
from grnpyg.data.text.files import opened, read_text
from grnpyg.networks.export.anndata import no_network, unstored
from grnpyg.networks.export.checked import checked, typed
from grnpyg.networks.keys import EDGES, IMPORTANCE, MODALITY, NETWORK, OWN, SIGN, TARGET, TF
from grnpyg.networks.shards.read import is_shards, read_shards

HDF5 = (b"\x89HDF", b"MuDa")  # h5mu begins with a line of its own
IN_HDF5 = ("", f"mod/{MODALITY}/")  # h5ad, h5mu


def read_network(path: str | Path, columns: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Read a network.

    Args:
        path: what `write_network` writes as tsv, csv, parquet, h5ad or h5mu keeps all its columns. A folder
            of shards gives `TF target importance probability known`, see `read_shards`. Whatever
            else `--labels` reads (decoupler's and arboreto's tables, GMT, SIF, JSON, ...) gives `TF` and
            `target`; where the file has weights and signs, also `importance` (the largest first) and `sign`.
        columns: of a table of another tool, which column holds what: `{"source": "TF_name"}`.

    Returns:
        At least `TF` and `target`, one row a pair, best first.

    Raises:
        InputError: missing, damaged, or no network.
    """
    path = Path(path)
    if is_shards(path):
        return read_shards(path)
    if columns:
        return _other(path, columns)
    if path.is_file():
        with opened(path) as stream:
            head = stream.read(4)
        if head in HDF5:
            return _from_hdf5(path)
    table = _own_parquet(path) if path.is_file() and is_parquet(path) else _own_text(path)
    return _other(path) if table is None else checked(typed(table, path), path)


def _from_hdf5(path: Path) -> pd.DataFrame:
    import h5py
    from anndata.io import read_elem

    try:
        with h5py.File(path, "r") as file:
            for place in IN_HDF5:
                if f"{place}uns/{NETWORK}/{EDGES}" in file:
                    return unstored(read_elem(file[f"{place}uns/{NETWORK}/{EDGES}"]))
            raise no_network(path, list(file.get("uns", ())))
    except InputError:
        raise
    except Exception as error:  # h5py raises nearly anything at a damaged file
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"cannot be read as HDF5 ({reason})", where=path, fix="write it again") from error


def _is_own(names: list[str]) -> bool:
    """Whether all columns are those of the network table; arboreto's three are."""
    return {TF, TARGET} <= set(names) <= set(OWN)


def _own_parquet(path: Path) -> pd.DataFrame | None:
    check_parquet(path)
    try:
        table = pd.read_parquet(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"cannot be read ({error})", where=path, fix="write it again") from None
    return table if _is_own(list(map(str, table.columns))) else None


def _own_text(path: Path) -> pd.DataFrame | None:
    """The table as it was written; None for one with other columns, or that is no regular table."""
    text = read_text(path)
    first = text.partition("\n")[0]
    separator = "\t" if "\t" in first else ","
    names = first.split(separator)
    if not _is_own(names) or len(set(names)) < len(names):
        return None
    words = {name for name in names if OWN[name].kind == "string"}
    options: Any = {"dtype": dict.fromkeys(words, str), "keep_default_na": False}
    options["na_values"] = {name: [""] for name in names if name not in words}
    try:
        table = pd.read_csv(path, sep=separator, float_precision="round_trip", **options)
    except (ValueError, UnicodeError):  # also of the parser of pandas
        return None
    shields = {name: table[name].map({word: bare(word) for word in table[name].unique()}) for name in words}
    named: pd.DataFrame = table.assign(**shields)
    return named


def _other(path: Path, columns: Mapping[str, str] | None = None) -> pd.DataFrame:
    """A file of another tool, by the reader of labels."""
    rows = without_leftovers(read_rows(path, chosen=columns, complexes=False).table, path)
    rows = scored(rows[rows["source"].ne("") & rows["target"].ne("")], path)
    if "label" in rows:
        rows = rows[rows["label"].eq(1)]
    table = pd.DataFrame({TF: rows["source"], TARGET: rows["target"]})
    if "sign" in rows:
        table[SIGN] = rows["sign"].astype("Int8")
    if "weight" in rows:
        signed = "sign" in rows and rows["weight"].lt(0).any()
        table.insert(2, IMPORTANCE, rows["weight"].abs() if signed else rows["weight"])
        table = table.sort_values(IMPORTANCE, ascending=False, kind="stable")
    return checked(table.drop_duplicates([TF, TARGET]), path)
