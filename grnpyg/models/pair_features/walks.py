"""Random walks of three steps from the TF to the gene."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from grnpyg.models.pair_features.base import Messages, PairFeature, Table, pair_features, signed_log


@pair_features.register("walks")
class Walks(PairFeature):
    """Walks TF - gene' - TF' - gene, TF' not the TF: their number, and the probability of such a walk.

    The probability is P3 of Cooper et al. (2014, doi:10.1145/2567948.2579244) without returning walks.
    """

    num_tables: ClassVar[int] = 2

    def tables(self, messages: Messages) -> list[Table]:
        """See `PairFeature.tables`."""
        x = messages.edges
        tf_degree, gene_degree = np.maximum(messages.tf_degree, 1), np.maximum(messages.gene_degree, 1)
        common, steps = x @ x.T, (x / gene_degree) @ x.T
        for square in (common, steps):
            np.fill_diagonal(square, 0)
        probability = steps @ (x / tf_degree[:, None]) / tf_degree[:, None]
        return [signed_log(common @ x, 1.0), signed_log(probability, 1e-4)]
