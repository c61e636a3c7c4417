"""Low-rank approximation of the message edges."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from grnpyg.models.baselines.svd import singular_vectors
from grnpyg.models.pair_features.base import Messages, PairFeature, pair_features
from grnpyg.models.pair_features.numbers import PairNumber, Product


@pair_features.register("svd", version=2)
class SVDScores(PairFeature):
    """Truncated SVD of the edges (rank 4, 16) and of D_tf^-1/2 A D_gene^-1/2 (rank 16, 64).

    A rank is at most half the number of TFs, or of genes, that have a message edge: an approximation of full
    rank is the matrix itself, which is 0 for every pair that is scored. With fewer than 2 of them it is 0.

    Every connected part of the edges gives the second matrix a singular value of 1. Where there are more
    parts than a rank, rounding decides which parts its number describes; for pairs of the others it is near
    0. This may differ between the folds of a training and the graph that is scored.
    """

    plain: ClassVar[tuple[int, ...]] = (4, 16)
    normalised: ClassVar[tuple[int, ...]] = (16, 64)
    num_values: ClassVar[int] = 4

    def numbers(self, messages: Messages) -> list[PairNumber]:
        """See `PairFeature.numbers`."""
        tf, gene = (np.maximum(d, 1) ** -0.5 for d in (messages.tf_degree, messages.gene_degree))
        linked = messages.tf_degree > 0, messages.gene_degree > 0
        most = min(int(ends.sum()) for ends in linked) // 2
        result = list[PairNumber]()
        for x, ranks, unit in (
            (messages.edges, self.plain, 1e-2),
            (messages.weighted(tf=tf, gene=gene), self.normalised, 1e-4),
        ):
            left, right = _factors(x.astype(np.float64), min(max(ranks), most))
            # the row of a node without an edge holds rounding errors, which would be magnified
            left, right = left * linked[0][:, None], right * linked[1]
            for rank in ranks:
                first = max(0, left.shape[1] - rank)
                result.append(Product(left[:, first:], right[first:]).log(unit))
        return result


def _factors(x: csr_array, rank: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """(num_tfs, rank) and (rank, num_genes), whose product approximates x; largest singular value last."""
    if x.shape[0] > x.shape[1]:
        v = singular_vectors(x.T, rank)
        return x @ v, v.T
    u = singular_vectors(x, rank)
    return u, (x.T @ u).T
