"""Cells as they are trained on, kept on the disk: a study of many trials reads and normalises a file once.

The folder is `prepared` in the cache of data sets. A file is named by a hash of what its content depends on:
the input files, what of the config shapes the cells, the names that were looked for, the program and its
packages, the kind of processor and the number of threads. So what is found is the same, to the bit, as what
would be made again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import scipy.sparse as sp
import torch

from grnpyg.core.errors import InputError, warn, warned
from grnpyg.core.files import replacing, sha256_of, unlinked, write_text
from grnpyg.core.processor import processor
from grnpyg.data.catalog import cache_dir

if TYPE_CHECKING:
    from anndata import AnnData

T = TypeVar("T")
PACKAGES = ("anndata", "igraph", "numpy", "pandas", "scanpy", "scikit-learn", "scipy")  # that make them
VARIABLE = "GRNPYG_PREPARED"
LIMIT = 10.0  # GB in the folder
PARTS = ("data", "indices", "indptr")  # of a sparse matrix


@dataclass(frozen=True)
class Described:
    """Cells with log values, and what they say about each gene.

    Attributes:
        cells: cells x named genes, log values.
        features: (num_genes, num_features), one row a gene of `cells`.
        said: what was done, in sentences.
    """

    cells: AnnData
    features: pd.DataFrame
    said: list[str]


def folder() -> Path:
    """Where prepared cells lie."""
    return unlinked(cache_dir(), "prepared")


def limit() -> float:
    """Bytes that the folder may hold: `$GRNPYG_PREPARED` in GB, 0 where it says `off`.

    Raises:
        InputError: the variable is neither a number nor `off`.
    """
    text = os.environ.get(VARIABLE, "").strip() or str(LIMIT)
    try:
        size = 0.0 if text.lower() == "off" else float(text)
    except ValueError:
        size = -1.0
    if not 0 <= size < float("inf"):
        raise InputError(f"{text!r} is no size", where=f"${VARIABLE}", fix="give a number of GB, or off")
    return 1e9 * size


def in_words() -> str:
    """Where prepared cells lie, how much there is, and how much there may be."""
    most, found = limit(), folder()
    if not most:
        return f"off (${VARIABLE})"
    size = sum(path.stat().st_size for path in found.iterdir()) if found.is_dir() else 0
    return f"{size / 1e9:.2f} of {most / 1e9:g} GB in {found}"


def key_of(*parts: Any) -> str:
    """The name of what these parts determine; sets count without their order."""
    plain = [sorted(part) if isinstance(part, (set, frozenset)) else part for part in parts]
    here = [*_program(), processor(), torch.get_num_threads()]
    return sha256_of(json.dumps([*here, *plain], sort_keys=True))[:32]


@cache
def _program() -> tuple[str, ...]:
    """The code that makes cells, and the versions of what it calls."""
    code = sha256_of(path.read_bytes() for path in sorted(Path(__file__).parent.rglob("*.py")))
    return (code, *(_version(package) for package in PACKAGES))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def kept_names(key: str, make: Callable[[], Iterable[str]]) -> list[str]:
    """The names of the genes that a file measures: those of an earlier reading, or read now.

    Args:
        key: of `key_of`.
        make: reads them.
    """

    def read(path: Path) -> tuple[list[str], list[str]]:
        found = json.loads(path.read_text())
        names, lines = ([str(name) for name in found[part]] for part in ("names", "warnings"))
        return names, lines

    def write(path: Path, names: list[str], lines: list[str]) -> None:
        write_text(path, json.dumps({"names": names, "warnings": lines}))

    return _kept(f"{key}.json", lambda: list(make()), read, write)


def kept_cells(key: str, make: Callable[[], Described]) -> Described:
    """Cells and features: those that an earlier process made, or made now.

    Args:
        key: of `key_of`.
        make: makes them.
    """
    return _kept(f"{key}.npz", make, _read, _write)


def _kept(
    name: str,
    make: Callable[[], T],
    read: Callable[[Path], tuple[T, list[str]]],
    write: Callable[[Path, T, list[str]], None],
) -> T:
    """What the file holds, with its warnings said again; where it holds nothing, made and written."""
    path = unlinked(folder(), name)
    if path.is_file():
        try:
            found, lines = read(path)
        except Exception as error:  # a damaged file fails in any of the layers that read it
            warn(f"is damaged ({type(error).__name__}), and is made again", where=path)
        else:
            _again(lines)
            with suppress(OSError):  # of somebody else
                os.utime(path)
            return found
    with warned() as lines:
        made = make()
    _again(lines)
    with suppress(OSError, TypeError, ValueError, NotImplementedError):  # no room, or a type: made again
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, made, lines)
        _make_room(path, limit())
    return made


def _again(lines: Collection[str]) -> None:
    for line in lines:
        warn(line)


def _make_room(newest: Path, most: float) -> None:
    """Remove the files that were read longest ago while the folder is larger than its limit."""
    found = sorted((path.stat().st_mtime, path) for path in newest.parent.iterdir() if path.is_file())
    sizes = {path: path.stat().st_size for _, path in found}
    total = sum(sizes.values())
    for _, path in found:
        if total <= most:
            return
        total -= sizes[path]
        path.unlink(missing_ok=True)


def _write(path: Path, made: Described, lines: list[str]) -> None:
    values = sp.csr_matrix(made.cells.X) if sp.issparse(made.cells.X) else made.cells.X
    arrays = {"x": values} if isinstance(values, np.ndarray) else {n: getattr(values, n) for n in PARTS}
    for name, table in {"obs": made.cells.obs, "var": made.cells.var}.items():
        content = pa.BufferOutputStream()
        pq.write_table(pa.Table.from_pandas(table, preserve_index=True), content)
        arrays[name] = np.frombuffer(content.getvalue(), np.uint8)
    columns = list(map(str, made.features.columns))
    text = json.dumps([columns, made.said, lines, "log1p" in made.cells.uns])
    arrays |= {"features": made.features.to_numpy(), "text": np.frombuffer(text.encode(), np.uint8)}
    with replacing(path) as file, file.open("wb") as out:
        np.savez(out, **arrays)


def _read(path: Path) -> tuple[Described, list[str]]:
    from anndata import AnnData

    with np.load(path, allow_pickle=False) as arrays:
        if sum(member.file_size for member in arrays.zip.infolist()) > path.stat().st_size:
            raise ValueError("it is packed, and none of ours is")  # it could fill the memory
        obs, var = (pq.read_table(pa.BufferReader(arrays[n].tobytes())).to_pandas() for n in ("obs", "var"))
        shape = (len(obs), len(var))
        parts = [arrays["x"]] if "x" in arrays else [arrays[name] for name in PARTS]
        columns, said, lines, log = json.loads(arrays["text"].tobytes())
        features = pd.DataFrame(arrays["features"], index=var.index.copy(), columns=columns)
    values: Any = parts[0] if len(parts) == 1 else sp.csr_matrix(tuple(parts), shape=shape)
    if sp.issparse(values):
        values.check_format(full_check=True)
    cells = AnnData(values, obs=obs, var=var, uns={"log1p": {"base": None}} if log else {})
    return Described(cells, features, said), lines
