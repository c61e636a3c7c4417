"""Similar TFs that regulate the gene."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from grnpyg.models.pair_features.base import Messages, PairFeature, Table, cosine, pair_features, signed_log


@pair_features.register("tf_neighbours")
class TFNeighbours(PairFeature):
    """Sum and mean, over the other TFs of the gene, of their similarity to the TF.

    Similarity: cosine of their targets, once with equal weights and once with each target weighted by
    1 / degree (as in resource allocation, Zhou et al. 2009, doi:10.1140/epjb/e2009-00335-8).
    """

    num_tables: ClassVar[int] = 4

    def tables(self, messages: Messages) -> list[Table]:
        """See `PairFeature.tables`."""
        x, degree = messages.edges, np.maximum(messages.gene_degree, 1)
        result = []
        for weight in (np.ones_like(degree), 1 / degree):
            total = cosine(x, weight) @ x
            result += [signed_log(total, 1e-1), signed_log(total / degree, 1e-2)]
        return result
