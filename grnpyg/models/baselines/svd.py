"""Truncated singular value decomposition of the training edges."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field
from scipy.linalg import eigh

from grnpyg.models.baselines.base import baselines
from grnpyg.models.baselines.table import Matrix, TableBaseline, edge_table
from grnpyg.splits.link_split import LabelledPairs, LinkSplit


def reconstruction(x: Matrix, num_components: int) -> Matrix:
    """The best approximation of `x` of that rank (Eckart & Young 1936); `x` itself where it has no more.

    From the exact eigenvectors of the smaller of X X^T and X^T X. The iterative solvers restart a matrix of
    low rank at random, so that twice the same fit would not give the same bits.
    """
    if x.shape[0] > x.shape[1]:
        return reconstruction(x.T, num_components).T
    size = x.shape[0]
    first = max(0, size - num_components)  # eigenvalues come in ascending order
    u: Matrix = eigh(x @ x.T, subset_by_index=(first, size - 1))[1]
    return u @ (u.T @ x)


@baselines.register("svd")
class SVD(TableBaseline):
    """score = the entry of the training matrix (1 for an edge, else 0) as rebuilt at low rank.

    Args:
        num_components: singular vectors kept; all of them, where the matrix has fewer.
    """

    def __init__(self, *, num_components: Annotated[int, Field(ge=1)] = 4) -> None:
        self.num_components = num_components

    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Decompose the training edges; the drawn negatives are not looked at."""
        x = edge_table(split, split.positives["train"])
        # a node without an edge has a row of rounding errors, which is no order
        linked = x.any(axis=1, keepdims=True) & x.any(axis=0, keepdims=True)
        self.table = np.where(linked, reconstruction(x, self.num_components), 0.0)
