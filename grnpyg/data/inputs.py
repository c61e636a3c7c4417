"""SHA-256 of what a graph is made from: catalogue entries, files, and objects in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from grnpyg.core.data_config import IN_MEMORY
from grnpyg.core.errors import InputError
from grnpyg.core.files import sha256, sha256_of
from grnpyg.core.inputs import Input
from grnpyg.data import catalog
from grnpyg.data.expression.chunks import row_chunks

if TYPE_CHECKING:
    from anndata import AnnData

    from grnpyg.core.data_config import DataConfig


ROLES = ("expression", "obs", "labels", "id_map", "tfs")


def input_hashes(data: DataConfig, roles: Sequence[str] = ROLES) -> dict[str, Input]:
    """Source and SHA-256 of every file that the config names, by role.

    Args:
        data: the config.
        roles: those that are asked for.

    Raises:
        InputError: an input is missing.
    """
    hashes: dict[str, Input] = {}
    for role in roles:
        source = getattr(data, role)
        if source not in (None, IN_MEMORY):
            digests = _digests(source, role)
            # several files of one input: the hash of their hashes
            whole = digests[0] if len(digests) == 1 else sha256_of("".join(digests))
            hashes[role] = {"source": source, "sha256": whole}
    return hashes


def _digests(source: str, role: str) -> list[str]:
    """The hash of each file; that of the catalogue for its files, which may be packed otherwise here."""
    found = catalog.resolve(source)
    if isinstance(found, Path):
        paths = sorted(p for p in found.rglob("*") if p.is_file()) if found.is_dir() else [found]
        return [sha256(path) for path in paths]
    hashes = {file.role: file.sha256 for file in found.files}
    return [hashes[role]] if role in hashes else list(hashes.values())


def in_memory_hashes(
    expression: AnnData | None, regulons: pd.DataFrame | Mapping[str, Sequence[str]] | None
) -> dict[str, Input]:
    """Like `input_hashes`, for objects in memory: values, names and cell metadata are hashed.

    Raises:
        InputError: the cells are not an AnnData.
    """
    found: dict[str, Iterable[bytes]] = {}
    if expression is not None:
        if not hasattr(expression, "obs"):
            kind = type(expression).__name__
            fix = "give an AnnData, a path or a catalogue name"
            raise InputError(f"a {kind} is not expression data", fix=fix)
        found["expression"] = _of_anndata(expression)
    if regulons is not None:
        table = regulons if isinstance(regulons, pd.DataFrame) else pd.Series(dict(regulons)).explode()
        found["labels"] = [table.to_csv().encode()]
    return {role: {"source": IN_MEMORY, "sha256": sha256_of(parts)} for role, parts in found.items()}


def _of_anndata(adata: AnnData) -> Iterable[bytes]:
    for table in (adata.obs, adata.var):
        yield table.to_csv().encode()
    for matrix in (adata.X, None if adata.raw is None else adata.raw.X, *adata.layers.values()):
        if matrix is not None:
            for rows in row_chunks(matrix):
                yield np.ascontiguousarray(rows.toarray() if hasattr(rows, "toarray") else rows).tobytes()
