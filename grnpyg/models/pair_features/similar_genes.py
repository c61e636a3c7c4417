"""Edges of the TF to genes that knowledge sources call similar to the gene."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from torch_geometric.data import HeteroData

from grnpyg.data.graph import GENE, SIMILAR, knowledge_edges
from grnpyg.models.groups import KNOWLEDGE
from grnpyg.models.pair_features.base import Messages, PairFeature, pair_features
from grnpyg.models.pair_features.knowledge_tables import knowledge_tables
from grnpyg.models.pair_features.numbers import PairNumber, Product


@pair_features.register("similar_genes")
class SimilarGenes(PairFeature):
    """Edges of the TF to similar genes, for every knowledge source of the graph.

    With w the similarities of the gene's neighbours, in each source: the share of the sum of w that is of
    genes regulated by the TF, and log(1 + 10 times the sum of those). Without knowledge there is no number.
    """

    group: ClassVar[str] = KNOWLEDGE

    def width(self, graph: HeteroData) -> int:
        """Two numbers for each source of similar genes."""
        return 2 * len(knowledge_edges(graph, SIMILAR, GENE))

    def numbers(self, messages: Messages) -> list[PairNumber]:
        """See `PairFeature.numbers`."""
        numbers: list[PairNumber] = []
        for similar in knowledge_tables(messages.graph, SIMILAR, GENE):
            regulated = Product(messages.edges, similar.T)
            total = np.maximum(similar.sum(axis=1), 1e-6)
            numbers += [regulated.scaled(gene=1 / total), regulated.log(0.1)]
        return numbers
