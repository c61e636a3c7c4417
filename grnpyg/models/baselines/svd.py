"""Truncated singular value decomposition of the training edges."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.linalg import LinAlgError, eigh
from scipy.sparse import csr_array

from grnpyg.models.baselines.base import baselines
from grnpyg.models.baselines.rows import Matrix, RowBaseline, edge_table
from grnpyg.splits.link_split import LabelledPairs, LinkSplit


def low_rank(x: csr_array, num_components: int) -> tuple[Matrix, Matrix]:
    """(n, k) and (k, m) whose product is the best approximation of `x` of that rank (Eckart & Young 1936).

    k is `num_components`, or less if that is more than the shape of `x` allows. Of a row or a column of zeros
    all numbers are 0.
    """
    if x.shape[0] > x.shape[1]:
        right, left = low_rank(csr_array(x.T), num_components)
        return left.T, right.T
    _, u = singular_vectors(x, num_components)
    u = np.where(x.sum(axis=1)[:, None] > 0, u, 0.0)  # there it would hold rounding errors
    return u, u.T @ x


def singular_vectors(x: Matrix | csr_array, num_components: int) -> tuple[Matrix, Matrix]:
    """Squares of the largest singular values (k,) of `x` (n, m), in ascending order, and left vectors (n, k).

    k is `num_components`, or n if that is less.

    From the exact eigenvectors of X X^T. Iterative solvers restart at random for a matrix of low rank, so
    fits would not be reproducible to the bit.
    """
    size = x.shape[0]
    if min(size, num_components) < 1:
        return np.zeros(0), np.zeros((size, 0))
    gram = x @ x.T
    first = max(0, size - num_components)  # eigenvalues come in ascending order
    dense = gram if isinstance(gram, np.ndarray) else gram.toarray()
    try:
        squares, u = eigh(dense, subset_by_index=(first, size - 1))
    except LinAlgError:  # LAPACK's solver for some of the vectors may give up where many values are equal
        squares, u = (found[..., first:] for found in eigh(dense, driver="evd"))
    return squares, u


@baselines.register("svd")
class SVD(RowBaseline):
    """score = the entry of the training matrix (1 for an edge, else 0) in the low-rank approximation.

    Args:
        num_components: singular vectors kept; all of them if the matrix has fewer.
    """

    def __init__(self, *, num_components: Annotated[int, Field(ge=1)] = 4) -> None:
        self.num_components = num_components

    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Decompose the training edges; the drawn negatives are not used."""
        x = edge_table(split, split.positives["train"])
        self._left, self._right = low_rank(x, self.num_components)

    def rows(self, tfs: NDArray[np.intp]) -> Matrix:
        """See `RowBaseline.rows`."""
        rows = np.zeros((tfs.size, self._right.shape[1]))
        for left, right in zip(self._left[tfs].T, self._right, strict=True):  # no BLAS: see `RowBaseline`
            rows += left[:, None] * right
        return rows

    @property
    def parameters(self) -> int:
        """See `Baseline.parameters`: both factors."""
        return int(self._left.size + self._right.size)

    @property
    def macs_per_pair(self) -> int:
        """See `Baseline.macs_per_pair`: one for each component."""
        return int(self._right.shape[0])
