"""Edges to the gene from TFs that knowledge sources call similar to the TF."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from torch_geometric.data import HeteroData

from grnpyg.data.graph import SIMILAR, TF, knowledge_edges
from grnpyg.models.groups import KNOWLEDGE
from grnpyg.models.pair_features.base import Messages, PairFeature, pair_features
from grnpyg.models.pair_features.knowledge_tables import knowledge_tables
from grnpyg.models.pair_features.numbers import PairNumber, Product


@pair_features.register("similar_tfs")
class SimilarTFs(PairFeature):
    """Edges of similar TFs to the gene, for every knowledge source of the graph.

    With w the similarities of the TF's neighbours, in each source: the share of the sum of w that is of TFs
    that regulate the gene, and log(1 + 10 times the sum of those). Without knowledge there is no number.
    """

    group: ClassVar[str] = KNOWLEDGE

    def width(self, graph: HeteroData) -> int:
        """Two numbers for each source of similar TFs."""
        return 2 * len(knowledge_edges(graph, SIMILAR, TF))

    def numbers(self, messages: Messages) -> list[PairNumber]:
        """See `PairFeature.numbers`."""
        numbers: list[PairNumber] = []
        for similar in knowledge_tables(messages.graph, SIMILAR, TF):
            regulating = Product(similar, messages.by_gene)
            total = np.maximum(similar.sum(axis=1), 1e-6)
            numbers += [regulating.scaled(tf=1 / total), regulating.log(0.1)]
        return numbers
