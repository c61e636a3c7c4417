"""One convolution for each edge type, their results summed at the receiver."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable

from torch import Tensor, nn
from torch_geometric.nn import HeteroConv
from torch_geometric.typing import EdgeType

from grnpyg.models.encoders.message_edges import Edges


class PerEdgeType(nn.Module):
    """PyG's `HeteroConv` over bipartite convolutions, where the receivers may be a subset of the nodes.

    Args:
        types: the edge types.
        convolution: makes the convolution of one edge type, with its own parameters.
    """

    def __init__(self, types: Iterable[EdgeType], convolution: Callable[[], nn.Module]) -> None:
        super().__init__()
        with warnings.catch_warnings():
            # intended: a node type that receives nothing keeps its representation
            warnings.filterwarnings("ignore", message="There exist node types")
            self.conv = HeteroConv({edge_type: convolution() for edge_type in types}, aggr="sum")

    def forward(
        self, x: dict[str, Tensor], to: dict[str, Tensor], edges: Edges, **messages: Edges
    ) -> dict[str, Tensor]:
        """h of the receivers, for the node types that edges lead to."""
        ends = {edge_type: (x[edge_type[0]], to[edge_type[2]]) for edge_type in edges}
        h: dict[str, Tensor] = self.conv(ends, edges, **messages)
        return h
