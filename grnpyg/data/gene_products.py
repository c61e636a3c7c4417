"""Sums over the cells of sparse log values in float64, without a copy of the values.

scipy converts a float32 matrix to float64 for each such sum, which takes 12 bytes for every value that is not
0. The order of summation is that of scipy's own sums, so the results have the same bits.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import LinearOperator
from sklearn.utils.sparsefuncs import mean_variance_axis

from grnpyg.data.expression.chunks import row_chunks

Floats = NDArray[np.float64]


def grouped_sums(cells: sp.csr_matrix, group: NDArray[np.intp], weight: Floats, num_groups: int) -> Floats:
    """Weighted sums over the cells of each group.

    Args:
        cells: (num_cells, num_genes) CSR.
        group: (num_cells,) 0 to num_groups - 1; negative: in no group.
        weight: (num_cells,).
        num_groups: rows of the result.

    Returns:
        (num_groups, num_genes).
    """
    sums = np.zeros((num_groups, cells.shape[1]))
    _add_cells(cells.indptr, cells.indices, cells.data, group, weight, sums)
    return sums


class CentredProfiles(LinearOperator):  # type: ignore[misc]  # scipy has no types
    """Profiles of genes over cells, less the mean over the genes in each cell, as a matrix to multiply by.

    Args:
        cells: (num_cells, num_genes) CSR.
    """

    def __init__(self, cells: sp.csr_matrix) -> None:
        super().__init__(np.float64, cells.shape[::-1])
        self.cells = cells
        self._group = np.zeros(cells.shape[0], np.intp)
        means = [mean_variance_axis(rows.astype(np.float64).T, axis=0)[0] for rows in row_chunks(cells)]
        self.mean = np.concatenate(means)[None, :]

    def _matvec(self, vector: Floats) -> Floats:
        """(num_cells,) -> (num_genes,)."""
        sums = grouped_sums(self.cells, self._group, vector.ravel(), 1)[0]
        centred: Floats = sums - self.mean @ vector.ravel()
        return centred

    def _matmat(self, vectors: Floats) -> Floats:
        """(num_cells, k) -> (num_genes, k)."""
        centred: Floats = of_genes(self.cells, vectors) - self.mean @ vectors
        return centred

    def _rmatvec(self, vector: Floats) -> Floats:
        """(num_genes,) -> (num_cells,)."""
        centred: Floats = self._of_cells(vector.ravel()) - self.mean[0] * vector.sum()
        return centred

    def _rmatmat(self, vectors: Floats) -> Floats:
        """(num_genes, k) -> (num_cells, k)."""
        products = np.stack([self._of_cells(vector) for vector in vectors.T], axis=1)
        centred: Floats = products - self.mean.T @ vectors.sum(axis=0)[None, :]
        return centred

    def _of_cells(self, vector: Floats) -> Floats:
        result: Floats = _products(self.cells.indptr, self.cells.indices, self.cells.data, vector.copy())
        return result


def of_genes(cells: sp.csr_matrix, vectors: Floats) -> Floats:
    """`cells.T @ vectors`, (num_cells, num_genes) and (num_cells, k) -> (num_genes, k)."""
    group = np.zeros(cells.shape[0], np.intp)
    return np.stack([grouped_sums(cells, group, vector.copy(), 1)[0] for vector in vectors.T], axis=1)


@numba.njit(cache=True, error_model="numpy", nogil=True)  # type: ignore[untyped-decorator]  # numba has no types
def _add_cells(limits: Any, genes: Any, values: Any, group: Any, weight: Floats, sums: Floats) -> None:
    for cell in range(group.size):
        if group[cell] >= 0:
            line = sums[group[cell]]
            for at in range(limits[cell], limits[cell + 1]):
                line[genes[at]] += weight[cell] * values[at]


@numba.njit(cache=True, error_model="numpy", nogil=True)  # type: ignore[untyped-decorator]
def _products(limits: Any, genes: Any, values: Any, vector: Floats) -> Floats:
    result = np.zeros(limits.size - 1)
    for cell in range(result.size):
        total = 0.0
        for at in range(limits[cell], limits[cell + 1]):
            total += values[at] * vector[genes[at]]
        result[cell] = total
    return result
