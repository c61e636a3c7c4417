"""What knowledge sources say of each end by itself."""

from __future__ import annotations

from typing import ClassVar

from torch_geometric.data import HeteroData

from grnpyg.data.graph import GENE, NUMBERS, TF
from grnpyg.models.groups import KNOWLEDGE
from grnpyg.models.pair_features.base import Messages, PairFeature, pair_features
from grnpyg.models.pair_features.numbers import OfGene, OfTF, PairNumber


@pair_features.register("node_facts")
class NodeFacts(PairFeature):
    """The numbers that knowledge sources give of a node, of the TF and of the gene.

    How many GO terms a gene has, how much and in how many tissues it is expressed, and so on. They say how
    well known and how widely active a gene is, also of one without a message edge.
    """

    group: ClassVar[str] = KNOWLEDGE

    def width(self, graph: HeteroData) -> int:
        """The numbers of both ends; none without knowledge."""
        return sum(graph[kind][NUMBERS].size(1) for kind in (TF, GENE) if NUMBERS in graph[kind])

    def numbers(self, messages: Messages) -> list[PairNumber]:
        """See `PairFeature.numbers`."""
        num_tfs, num_genes = messages.edges.shape
        graph, found = messages.graph, list[PairNumber]()
        if NUMBERS in graph[TF]:
            found += [OfTF(column, num_genes) for column in graph[TF][NUMBERS].cpu().numpy().T]
        if NUMBERS in graph[GENE]:
            found += [OfGene(column, num_tfs) for column in graph[GENE][NUMBERS].cpu().numpy().T]
        return found
