"""What knowledge sources say of the pair itself."""

from __future__ import annotations

from typing import ClassVar

from torch_geometric.data import HeteroData

from grnpyg.data.graph import DIRECT, GENE, knowledge_edges
from grnpyg.models.groups import KNOWLEDGE
from grnpyg.models.pair_features.base import Messages, PairFeature, pair_features
from grnpyg.models.pair_features.knowledge_tables import knowledge_tables
from grnpyg.models.pair_features.numbers import Lookup, PairNumber


@pair_features.register("direct")
class Direct(PairFeature):
    """The number that each knowledge source gives the pair: how similar the TF's own gene is to the gene.

    It is 0 where neither is among the other's nearest. Sources of sets that are named after TFs give the
    share of the TF's sets that hold the gene. No message edge is read, so these numbers are the same in
    every fold. Without knowledge there is no number.
    """

    group: ClassVar[str] = KNOWLEDGE

    def width(self, graph: HeteroData) -> int:
        """One number for each source that speaks of pairs."""
        return len(knowledge_edges(graph, DIRECT, GENE))

    def numbers(self, messages: Messages) -> list[PairNumber]:
        """See `PairFeature.numbers`."""
        return [Lookup(table.T.tocsr()) for table in knowledge_tables(messages.graph, DIRECT, GENE)]
