"""Similar genes that the TF regulates."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from grnpyg.models.pair_features.base import Messages, PairFeature, pair_features
from grnpyg.models.pair_features.numbers import PairNumber, Product


@pair_features.register("gene_neighbours")
class GeneNeighbours(PairFeature):
    """Sum and mean, over the other genes of the TF, of the cosine similarity of their regulators.

    With U the edges divided by the root of the gene's degree, the cosines are U^T U and the sums
    X (U^T U) = (X U^T) U, so that no gene x gene matrix is formed. The TF itself is no common regulator of
    another gene and a gene that it does not regulate.
    """

    num_values: ClassVar[int] = 2

    def numbers(self, messages: Messages) -> list[PairNumber]:
        """See `PairFeature.numbers`."""
        unit = messages.weighted(gene=np.maximum(messages.gene_degree, 1) ** -0.5)
        total = Product(messages.common(0.5), unit)
        return [total.log(1e-1), total.scaled(tf=1 / np.maximum(messages.tf_degree, 1)).log(1e-2)]
