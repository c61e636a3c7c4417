"""Entries of matrices and of products of two matrices at given places, without the whole product.

A factor on the right is given by its columns. Sums run in float64 in the order of the columns' entries, so an
entry has the same bits whichever others are asked for with it. Indices: `tf` and `gene`, (n,) each.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Index = NDArray[np.integer[Any]]


@numba.njit(cache=True, error_model="numpy", nogil=True)  # type: ignore[untyped-decorator]  # numba has no types
def entries(rows: Index, columns: Index, values: Floats, tf: Index, gene: Index) -> Floats:
    """Entries of a sparse matrix with sorted columns, given as CSR: (n,)."""
    result = np.zeros(tf.size, np.float32)
    for i in range(tf.size):
        start, end = rows[tf[i]], rows[tf[i] + 1]
        place = start + np.searchsorted(columns[start:end], gene[i])
        if place < end and columns[place] == gene[i]:
            result[i] = values[place]
    return result


@numba.njit(cache=True, error_model="numpy", nogil=True)  # type: ignore[untyped-decorator]
def dense_dense(left: Floats, right: Floats, tf: Index, gene: Index) -> Floats:
    """Products of rows of `left`, (num_tfs, k), and rows of `right`, (num_genes, k): (n,)."""
    result = np.empty(tf.size, np.float32)
    for i in range(tf.size):
        total = 0.0
        for k in range(left.shape[1]):
            total += np.float64(left[tf[i], k]) * right[gene[i], k]
        result[i] = total
    return result


@numba.njit(cache=True, error_model="numpy", nogil=True)  # type: ignore[untyped-decorator]
def dense_sparse(
    left: Floats, starts: Index, places: Index, values: Floats, tf: Index, gene: Index
) -> Floats:
    """Products of rows of `left`, (num_tfs, k), and the sparse columns of genes: (n,)."""
    result = np.empty(tf.size, np.float32)
    for i in range(tf.size):
        total = 0.0
        for at in range(starts[gene[i]], starts[gene[i] + 1]):
            total += np.float64(left[tf[i], places[at]]) * values[at]
        result[i] = total
    return result


@numba.njit(cache=True, error_model="numpy", nogil=True)  # type: ignore[untyped-decorator]
def sparse_sparse(
    rows: Index,
    columns: Index,
    weights: Floats,
    full: Floats,
    line: Index,
    starts: Index,
    places: Index,
    values: Floats,
    tf: Index,
    gene: Index,
) -> Floats:
    """Products of sparse rows of TFs, some of which are written out, and sparse columns of genes: (n,).

    The row of a TF is spread out once for pairs of the same TF that follow each other.

    Args:
        rows, columns, weights: the rows as CSR; those that are written out are empty there.
        full: (m, k) the rows that are written out.
        line: (num_tfs,) which of them is that of a TF; -1: none.
        starts, places, values: the columns of genes.
        tf, gene: (n,) each.
    """
    result = np.empty(tf.size, np.float32)
    spread = np.zeros(full.shape[1], np.float32)
    row, of = spread, -1
    for i in range(tf.size):
        if tf[i] != of:
            if of >= 0:
                for at in range(rows[of], rows[of + 1]):
                    spread[columns[at]] = 0.0
            of = tf[i]
            row = full[line[of]] if line[of] >= 0 else spread
            for at in range(rows[of], rows[of + 1]):
                spread[columns[at]] = weights[at]
        total = 0.0
        for at in range(starts[gene[i]], starts[gene[i] + 1]):
            total += np.float64(row[places[at]]) * values[at]
        result[i] = total
    return result
