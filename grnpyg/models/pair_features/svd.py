"""Low-rank approximation of the message edges."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from grnpyg.models.baselines.svd import reconstruction
from grnpyg.models.pair_features.base import Messages, PairFeature, Table, pair_features, signed_log


@pair_features.register("svd")
class SVDScores(PairFeature):
    """Truncated SVD of the edges (rank 4, 16) and of D_tf^-1/2 A D_gene^-1/2 (rank 16, 64)."""

    plain: ClassVar[tuple[int, ...]] = (4, 16)
    normalised: ClassVar[tuple[int, ...]] = (16, 64)
    num_tables: ClassVar[int] = 4

    def tables(self, messages: Messages) -> list[Table]:
        """See `PairFeature.tables`."""
        x = messages.edges.astype(np.float64)
        both = np.outer(np.maximum(messages.tf_degree, 1), np.maximum(messages.gene_degree, 1))
        scaled = x / np.sqrt(both)
        # the row of a node without an edge holds rounding errors, which would be magnified
        linked = np.outer(messages.tf_degree > 0, messages.gene_degree > 0)
        return [
            *(signed_log(reconstruction(x, rank) * linked, 1e-2) for rank in self.plain),
            *(signed_log(reconstruction(scaled, rank) * linked, 1e-4) for rank in self.normalised),
        ]
