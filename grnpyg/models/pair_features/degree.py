"""How many edges each end has."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from grnpyg.models.groups import DEGREE
from grnpyg.models.pair_features.base import Messages, PairFeature, pair_features
from grnpyg.models.pair_features.numbers import OfGene, OfTF, PairNumber


@pair_features.register("degree")
class Degree(PairFeature):
    """log(1 + degree) of the TF and of the gene."""

    group: ClassVar[str] = DEGREE
    num_values: ClassVar[int] = 2

    def numbers(self, messages: Messages) -> list[PairNumber]:
        """See `PairFeature.numbers`."""
        num_tfs, num_genes = messages.edges.shape
        return [
            OfTF(np.log1p(messages.tf_degree), num_genes),
            OfGene(np.log1p(messages.gene_degree), num_tfs),
        ]
