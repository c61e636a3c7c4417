"""Transformer encoder: neighbours weighted by scaled dot-product attention."""

from __future__ import annotations

from torch import nn
from torch_geometric.nn import TransformerConv

from grnpyg.models.encoders.attention import AttentionEncoder
from grnpyg.models.encoders.base import encoders
from grnpyg.models.encoders.per_edge_type import PerEdgeType


@encoders.register("transformer")
class TransformerEncoder(AttentionEncoder):
    """Graph transformer: h_i = sum over edge types of W_1 h_i + sum_j alpha_ij W_2 h_j + b.

    alpha_ij = softmax_j of q_i . k_j / sqrt(d) with q = W_3 h and k = W_4 h; Shi et al., arXiv 2009.03509.
    Options: see `AttentionEncoder`.

    `hidden_channels` cannot be pruned: products are divided by the root of the width d of a head, so
    removing units would sharpen the attention, while setting them to zero would not.
    """

    def convolution(self) -> nn.Module:
        """See `MessagePassingEncoder.convolution`."""
        ends = (self.channels, self.channels)
        return PerEdgeType(
            self.edge_types, lambda: TransformerConv(ends, self.hidden_channels, heads=self.heads)
        )
