"""GCN-style encoder: neighbours weighted by 1 / sqrt(d_i d_j), on a bipartite graph."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn
from torch_geometric.nn import GraphConv

from grnpyg.models.encoders.base import encoders
from grnpyg.models.encoders.message_edges import Edges, symmetric_weights
from grnpyg.models.encoders.message_passing import MessagePassingEncoder, Units
from grnpyg.models.encoders.per_edge_type import PerEdgeType


@encoders.register("gcn")
class GCNEncoder(MessagePassingEncoder):
    """GCN on a bipartite graph: h_i = sum over edge types of W_1 sum_j h_j / sqrt(d_i d_j) + W_2 h_i + b.

    Kipf & Welling, arXiv 1609.02907. PyG's GCNConv needs one node type because of its self-loops. Between two
    types there are none, so the node itself gets a separate matrix (PyG's GraphConv). Degrees are counted
    within an edge type. Options: see `MessagePassingEncoder`.
    """

    units: ClassVar[Units] = {
        "lin_rel.weight": (0, 1),
        "lin_rel.bias": (0, None),
        "lin_root.weight": (0, 1),
    }

    def convolution(self) -> nn.Module:
        """See `MessagePassingEncoder.convolution`."""
        ends = (self.channels, self.channels)
        return PerEdgeType(self.edge_types, lambda: GraphConv(ends, self.channels))

    def messages(self, x: dict[str, Tensor], edges: Edges) -> dict[str, Edges]:
        """The weights of the edges."""
        return {"edge_weight_dict": symmetric_weights(x, edges)}
