"""Low-rank approximations of the message edges, whose numbers rounding cannot change."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from grnpyg.models.baselines.svd import singular_vectors
from grnpyg.models.pair_features.base import Messages, PairFeature, pair_features
from grnpyg.models.pair_features.numbers import PairNumber, Product

TIED = 1e-6  # of the largest eigenvalue: what differs by less is equal up to rounding


@pair_features.register("spectral")
class Spectral(PairFeature):
    """Truncated SVD of the edges (rank 4, 16) and of D_tf^-1/2 A D_gene^-1/2 (rank 16, 64).

    A degree in D is that of the node plus the mean over all nodes of its kind that have an edge (Chaudhuri,
    Chung & Tsiatas 2012; Qin & Rohe 2013). Without that addition every connected part of the edges, however
    small, has a singular value of 1, the largest there is: a few TFs with a gene or two of their own fill
    the whole rank.

    A rank is at most half the number of TFs, or of genes, that have a message edge: an approximation of full
    rank is the matrix itself, which is 0 for every pair that is scored. With fewer than 2 of them it is 0.
    Where equal singular values lie on both sides of a rank, all of them are left out: which of their vectors
    come first is decided by rounding, and would differ between the folds of a training and the graph that is
    scored.
    """

    plain: ClassVar[tuple[int, ...]] = (4, 16)
    normalised: ClassVar[tuple[int, ...]] = (16, 64)
    num_values: ClassVar[int] = 4
    beyond: ClassVar[int] = 1  # singular values beyond the largest rank, to see whether they are equal to it

    def numbers(self, messages: Messages) -> list[PairNumber]:
        """See `PairFeature.numbers`."""
        degrees = messages.tf_degree, messages.gene_degree
        linked = tuple(degree > 0 for degree in degrees)
        most = min(int(ends.sum()) for ends in linked) // 2
        tf, gene = (self.weight(degree) for degree in degrees)
        result = list[PairNumber]()
        for x, ranks, unit in (
            (messages.edges, self.plain, 1e-2),
            (messages.weighted(tf=tf, gene=gene), self.normalised, 1e-4),
        ):
            squares, left, right = _factors(x.astype(np.float64), min(max(ranks), most) + self.beyond)
            # the row of a node without an edge holds rounding errors, which would be magnified
            left, right = left * linked[0][:, None], right * linked[1]
            for rank in ranks:
                first = self.first(squares, min(rank, most))
                result.append(Product(left[:, first:], right[first:]).log(unit))
        return result

    def weight(self, degree: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n,) degrees -> (n,) the factor of each node's edges in the normalised matrix."""
        linked = degree[degree > 0]
        mean = linked.mean() if linked.size else np.float32(1)
        weight: NDArray[np.float32] = (degree + mean) ** np.float32(-0.5)
        return weight

    def first(self, squares: NDArray[Any], rank: int) -> int:
        """Where the last `rank` of the squared singular values, in ascending order, begin: after a tie."""
        first = len(squares) - rank
        tied = TIED * float(squares.max(initial=0))
        while 0 < first < len(squares) and squares[first] - squares[first - 1] <= tied:
            first += 1
        return first


def _factors(x: csr_array, rank: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Squared singular values (rank,), the largest last; factors (num_tfs, rank) and (rank, num_genes)."""
    if x.shape[0] > x.shape[1]:
        squares, v = singular_vectors(x.T, rank)
        return squares, x @ v, v.T
    squares, u = singular_vectors(x, rank)
    return squares, u, (x.T @ u).T
