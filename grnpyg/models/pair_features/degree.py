"""How many edges each end has."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from grnpyg.models.pair_features.base import Messages, PairFeature, Table, pair_features


@pair_features.register("degree")
class Degree(PairFeature):
    """log(1 + degree) of the TF and of the gene."""

    num_tables: ClassVar[int] = 2

    def tables(self, messages: Messages) -> list[Table]:
        """See `PairFeature.tables`."""
        shape = messages.edges.shape
        ends = np.log1p(messages.tf_degree)[:, None], np.log1p(messages.gene_degree)[None, :]
        return [np.broadcast_to(end, shape) for end in ends]
