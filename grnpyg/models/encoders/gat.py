"""GATv2 encoder: neighbours weighted by attention over both ends."""

from __future__ import annotations

from typing import ClassVar

from torch import nn
from torch_geometric.nn import GATv2Conv

from grnpyg.models.encoders.attention import AttentionEncoder
from grnpyg.models.encoders.base import encoders
from grnpyg.models.encoders.message_passing import Units
from grnpyg.models.encoders.per_edge_type import PerEdgeType


@encoders.register("gat")
class GATEncoder(AttentionEncoder):
    """GATv2: h_i = sum over edge types of sum_j alpha_ij W_1 h_j + b.

    alpha_ij = softmax_j of a . leaky_relu(W_1 h_j + W_2 h_i); Brody et al., arXiv 2105.14491. There are no
    self-loops between two node types: a node sees its own input only through two layers or `residual`.
    Options: see `AttentionEncoder`.
    """

    units: ClassVar[Units] = {
        "lin_l.weight": (0, 1),
        "lin_l.bias": (0, None),
        "lin_r.weight": (0, 1),
        "lin_r.bias": (0, None),
        "att": (2, None),
        "bias": (0, None),
    }

    def convolution(self) -> nn.Module:
        """See `MessagePassingEncoder.convolution`."""
        ends = (self.channels, self.channels)
        return PerEdgeType(
            self.edge_types,
            lambda: GATv2Conv(ends, self.hidden_channels, heads=self.heads, add_self_loops=False),
        )
