"""Go through a matrix of cells by blocks of rows, and put sparse blocks one below the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import scipy.sparse as sp

CHUNK = 2**23  # values of the dense equivalent read at a time: 32 MiB of float32
STEP = 2**22  # values by which the room for stacked blocks grows


def row_chunks(matrix: Any) -> Iterator[Any]:
    """Consecutive row blocks of a matrix in memory or on disk, each an ndarray or a `csr_matrix`.

    Blocks of a matrix in memory share its values, so they must not be changed. A matrix on disk that is
    stored by columns (CSC) is loaded first: its rows cannot be read separately.
    """
    from anndata.abc import CSCDataset

    if isinstance(matrix, CSCDataset):
        matrix = matrix.to_memory()
    if sp.issparse(matrix):
        matrix = matrix.tocsr()
    num_rows, num_columns = matrix.shape
    step = max(1, CHUNK // max(1, num_columns))
    for start in range(0, num_rows, step):
        stop = min(start + step, num_rows)
        yield _rows(matrix, start, stop) if sp.issparse(matrix) else matrix[start:stop]


def _rows(matrix: Any, start: int, stop: int) -> Any:
    """`matrix[start:stop]` of a CSR matrix without a copy.

    Where limits and indices have different types, scipy's own slicing converts all indices of the whole
    matrix each time.
    """
    limits = matrix.indptr[start : stop + 1]
    inside = slice(limits[0], limits[-1])
    parts = matrix.data[inside], matrix.indices[inside], limits - limits[0]
    return sp.csr_matrix(parts, shape=(stop - start, matrix.shape[1]))


def stacked(blocks: Iterable[Any]) -> sp.csr_matrix:
    """Sparse blocks one below the other; beside the result only one block is in memory.

    `scipy.sparse.vstack` holds everything twice.

    Args:
        blocks: at least one, (num_rows, num_columns) CSR each, of the same type of values.

    Returns:
        (sum of num_rows, num_columns).
    """
    data, indices = np.empty(0), np.empty(0, np.int32)
    limits, filled, num_columns = [np.zeros(1, np.int64)], 0, 0
    for block in blocks:
        data = data if filled else np.empty(0, block.dtype)
        stop, num_columns = filled + block.nnz, block.shape[1]
        if stop > data.size:
            for array in (data, indices):
                array.resize(max(stop, data.size + STEP), refcheck=False)
        data[filled:stop], indices[filled:stop] = block.data, block.indices
        limits.append(block.indptr[1:].astype(np.int64) + filled)
        filled = stop
    for array in (data, indices):
        array.resize(filled, refcheck=False)
    indptr = np.concatenate(limits)
    return sp.csr_matrix((data, indices, indptr), shape=(indptr.size - 1, num_columns))
