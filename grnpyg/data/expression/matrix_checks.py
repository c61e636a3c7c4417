"""Check a matrix of unknown origin before compiled code, which trusts its indices, gets to see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp

from grnpyg.core.errors import InputError

if TYPE_CHECKING:
    import h5py

STEP = 2**22  # indices read at a time
AGAIN = "write the matrix again, or copy or download the file again"


def check_one_file(file: h5py.File, *, where: object) -> None:
    """Check that an HDF5 file holds its own data: a link could show any file of this computer.

    Raises:
        InputError: an external link, a data set stored outside of the file, or a virtual data set.
    """
    import h5py

    groups: list[h5py.Group] = [file]
    seen = set[int]()
    while groups:
        group = groups.pop()
        group.id.get_num_objs()  # fails at a damaged list of names, at which a visit may never end
        for name in group:
            if found := _elsewhere(group, name):
                fix = "store the values in the file itself: read it where it comes from and write it again"
                what = f"takes values from other files, which is refused: {found}"
                raise InputError(what, where=where, fix=fix)
            item = group[name] if isinstance(group.get(name, getlink=True), h5py.HardLink) else None
            if isinstance(item, h5py.Group) and (place := h5py.h5o.get_info(item.id).addr) not in seen:
                seen.add(place)
                groups.append(item)


def _elsewhere(group: h5py.Group, name: str) -> str | None:
    """What a member of a group takes from another file; None: nothing."""
    import h5py

    link = group.get(name, getlink=True)
    place = f"{group.name.rstrip('/')}/{name}".lstrip("/")
    if isinstance(link, h5py.ExternalLink):
        return f"{place} is an external link"
    item = group[name] if isinstance(link, h5py.HardLink) else None
    if isinstance(item, h5py.Dataset) and item.external:
        return f"{place} has external storage"
    return f"{place} is a virtual data set" if isinstance(item, h5py.Dataset) and item.is_virtual else None


def check_sparse(matrix: Any, *, where: object) -> None:
    """Check the index arrays of a sparse matrix, in memory or on disk; other matrices pass.

    Args:
        matrix: a scipy matrix, a sparse data set of anndata, or an HDF5 group of an h5ad or a 10x file.
        where: the file, for the message.

    Raises:
        InputError: the row limits do not rise from 0 to the number of values, or an index is out of range.
    """
    import h5py

    matrix = getattr(matrix, "group", matrix)
    if sp.issparse(matrix) and getattr(matrix, "format", None) in ("csr", "csc"):
        rows, columns = matrix.shape
        sizes = (rows, columns) if matrix.format == "csr" else (columns, rows)
        parts = matrix.indptr, matrix.indices, matrix.data
    elif isinstance(matrix, h5py.Group) and {"indptr", "indices", "data"} <= set(matrix):
        shape = matrix.attrs["shape"] if "shape" in matrix.attrs else matrix["shape"][()]
        by_row = matrix.attrs.get("encoding-type", "csc_matrix") == "csr_matrix"
        sizes = (int(shape[0]), int(shape[1])) if by_row else (int(shape[1]), int(shape[0]))
        parts = matrix["indptr"][()], matrix["indices"], matrix["data"]
    else:
        return
    if wrong := _fault(*sizes, *parts):
        raise InputError(f"the sparse matrix is damaged: {wrong}", where=where, fix=AGAIN)


def _fault(lines: int, length: int, indptr: np.ndarray, indices: Any, data: Any) -> str | None:
    """What is wrong with a matrix of `lines` compressed rows of `length` fields; None: nothing."""
    if any(part.ndim != 1 or part.dtype.kind not in "iu" for part in (indptr, indices)):
        return "its indices are not lists of integers"
    if len(indptr) != lines + 1 or len(indices) != len(data):
        return (
            f"{len(indptr):,} limits of {lines:,} rows, {len(indices):,} indices of {len(data):,} values do "
            "not fit together"
        )
    limits = indptr.astype(np.int64)
    if limits[0] != 0 or limits[-1] != len(indices) or (np.diff(limits) < 0).any():
        return f"the limits of its rows do not rise from 0 to {len(indices):,}"
    for start in range(0, len(indices), STEP):
        part = indices[start : start + STEP]
        if part.min() < 0 or part.max() >= length:
            bad = part.min() if part.min() < 0 else part.max()
            return f"index {bad} is out of range (0 to {length - 1:,})"
    return None
