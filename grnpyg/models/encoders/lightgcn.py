"""LightGCN encoder: embeddings spread along the edges without any weight, all layers averaged."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData
from torch_geometric.nn import LGConv

from grnpyg.data.graph import GENE, TF
from grnpyg.models.encoders.base import NodeEncoder, encoders
from grnpyg.models.encoders.message_edges import (
    EdgeNames,
    edge_types,
    message_edges,
    require_edges,
    symmetric_weights,
)
from grnpyg.models.encoders.message_passing import Count
from grnpyg.models.encoders.node_inputs import Inputs, NodeInputs
from grnpyg.models.encoders.per_edge_type import PerEdgeType
from grnpyg.models.layers import Width
from grnpyg.models.width_groups import Cut, Group


@encoders.register("lightgcn")
class LightGCNEncoder(NodeEncoder):
    """z = mean of h_0, ..., h_L; h_l of a node = sum of h_{l-1} of its neighbours j / sqrt(d_i d_j).

    He et al., arXiv 2002.02126. Only the inputs are learned. Between layers there is neither a matrix nor an
    activation function, so there are no options for these.

    Args:
        data: the graph.
        inputs: `id` embedding as in the paper, expression `features` projected, `both` added, or with the
            numbers of knowledge sources, see `NodeInputs`.
        embedding_dim: width of the embedding and of z.
        num_layers: steps along the edges.
        edges: message types, as in `MessagePassingEncoder`; in the paper edges go both ways between the two
            sides. Degrees are counted within a type.
        neighbours: of `coexpressed`, the genes that each gene hears from; of similar nodes, those by each
            source.

    Raises:
        InputError: the graph lacks the requested features or co-expression, or a message type is given twice.
    """

    widths: ClassVar[tuple[str, ...]] = ("embedding_dim",)

    def __init__(
        self,
        data: HeteroData,
        *,
        inputs: Inputs = "id",
        embedding_dim: Width = 64,
        num_layers: Count = 3,
        edges: EdgeNames = ("regulates", "reverse"),
        neighbours: Count = 10,
    ) -> None:
        super().__init__(embedding_dim)
        self.edge_types, self.num_layers = edge_types(edges), num_layers
        require_edges(data, self.edge_types)
        self.neighbours = neighbours
        self.inputs = NodeInputs(data, inputs, embedding_dim)
        self.start = nn.Identity()  # pruning reads its output
        self.conv = PerEdgeType(self.edge_types, lambda: LGConv(normalize=False))

    @classmethod
    def neighbours_needed(cls, options: dict[str, Any]) -> int:
        """See `NodeEncoder.neighbours_needed`."""
        return int(options["neighbours"]) if "coexpressed" in options["edges"] else 0

    def groups(self) -> tuple[Group, ...]:
        """Column i of the inputs is column i of z: nothing in between mixes columns."""
        makes = tuple(Cut(f"inputs.{name}", dim) for name, dim in self.inputs.units().items())
        return (Group("embedding_dim", makes, layers=("start",), z={TF: 0, GENE: 0}),)

    def forward(self, data: HeteroData) -> dict[str, Tensor]:
        """See `NodeEncoder.forward`."""
        edges = message_edges(data, self.edge_types, self.neighbours)
        x = {kind: self.start(h) for kind, h in self.inputs(data).items()}
        weights = symmetric_weights(x, edges)
        layers = [x]
        for _ in range(self.num_layers):
            layers.append({**x, **self.conv(layers[-1], x, edges, edge_weight_dict=weights)})
        return {kind: torch.stack([h[kind] for h in layers]).mean(0) for kind in x}
