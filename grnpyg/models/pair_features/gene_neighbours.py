"""Similar genes that the TF regulates."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from grnpyg.models.pair_features.base import Messages, PairFeature, Table, cosine, pair_features, signed_log


@pair_features.register("gene_neighbours")
class GeneNeighbours(PairFeature):
    """Sum and mean, over the other genes of the TF, of the cosine similarity of their regulators."""

    num_tables: ClassVar[int] = 2

    def tables(self, messages: Messages) -> list[Table]:
        """See `PairFeature.tables`."""
        x, degree = messages.edges, np.maximum(messages.tf_degree, 1)
        total = x @ cosine(x.T, np.ones_like(degree))
        return [signed_log(total, 1e-1), signed_log(total / degree[:, None], 1e-2)]
