"""Similar TFs that regulate the gene."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from grnpyg.models.pair_features.base import Messages, PairFeature, pair_features
from grnpyg.models.pair_features.numbers import PairNumber, Product


@pair_features.register("tf_neighbours")
class TFNeighbours(PairFeature):
    """Sum and mean, over the other TFs of the gene, of their similarity to the TF.

    Similarity: cosine of their targets, once with equal weights and once with each target weighted by
    1 / degree (as in resource allocation, Zhou et al. 2009, doi:10.1140/epjb/e2009-00335-8).
    """

    num_values: ClassVar[int] = 4

    def numbers(self, messages: Messages) -> list[PairNumber]:
        """See `PairFeature.numbers`."""
        degree = np.maximum(messages.gene_degree, 1)
        result: list[PairNumber] = []
        for power in (0.0, 1.0):
            length = np.sqrt(np.maximum(messages.weighted(gene=degree**-power).sum(axis=1), 1e-9))
            # cosine = common / length / length: one length goes to the other TF's edges, one to the TF
            total = Product(messages.common(power), messages.weighted(tf=1 / length)).scaled(tf=1 / length)
            result += [total.log(1e-1), total.scaled(gene=1 / degree).log(1e-2)]
        return result
