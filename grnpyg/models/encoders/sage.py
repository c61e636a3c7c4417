"""GraphSAGE encoder: the mean of a node's neighbours and the node itself."""

from __future__ import annotations

from typing import ClassVar

from torch import nn
from torch_geometric.nn import SAGEConv

from grnpyg.models.encoders.base import encoders
from grnpyg.models.encoders.message_passing import MessagePassingEncoder, Units
from grnpyg.models.encoders.per_edge_type import PerEdgeType


@encoders.register("sage")
class SAGEEncoder(MessagePassingEncoder):
    """GraphSAGE: h_i = sum over edge types of W_1 mean_j h_j + W_2 h_i + b.

    Hamilton et al., arXiv 1706.02216, with the mean aggregator. Options: see `MessagePassingEncoder`.
    """

    units: ClassVar[Units] = {
        "lin_l.weight": (0, 1),
        "lin_l.bias": (0, None),
        "lin_r.weight": (0, 1),
    }

    def convolution(self) -> nn.Module:
        """See `MessagePassingEncoder.convolution`."""
        ends = (self.channels, self.channels)
        return PerEdgeType(self.edge_types, lambda: SAGEConv(ends, self.channels))
