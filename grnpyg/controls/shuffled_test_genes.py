"""Features of the test genes shuffled for scoring: the remaining score does not need them."""

from __future__ import annotations

import copy

import torch
from torch_geometric.data import HeteroData

from grnpyg.controls.base import Control, controls
from grnpyg.core.errors import InputError
from grnpyg.core.seeding import torch_generator
from grnpyg.data.graph import GENE, expression_edges
from grnpyg.splits.link_split import LinkSplit


@controls.register("shuffled_test_genes")
class ShuffledTestGenes(Control):
    """Shuffle the features of the genes of held-out positives for scoring; training is unchanged.

    Edges between co-expressed genes, and those of the knowledge source `cells`, move along with the features.
    """

    def before_scoring(self, split: LinkSplit, seed: int) -> HeteroData:
        """See `Control.before_scoring`."""
        if not split.graph[GENE].x.size(1):
            raise InputError("the graph has no expression to shuffle", where="control shuffled_test_genes")
        result = copy.copy(split.graph)
        tested = torch.cat([split.positives[subset][1] for subset in split.held_out]).unique()
        order = torch.randperm(tested.numel(), generator=torch_generator(seed, "control", "shuffle"))
        for key in ("x", "has_expression"):
            values = split.graph[GENE][key].clone()
            values[tested] = values[tested[order]]
            result[GENE][key] = values
        now = torch.arange(split.graph[GENE].x.size(0))
        now[tested[order]] = tested  # the node that now has the expression of the gene
        for edge_type in expression_edges(split.graph):
            ends = zip(edge_type[::2], split.graph[edge_type].edge_index, strict=True)
            moved = [now[ids] if kind == GENE else ids for kind, ids in ends]
            result[edge_type].edge_index = torch.stack(moved)
        return result
