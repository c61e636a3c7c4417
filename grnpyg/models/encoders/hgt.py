"""HGT encoder: attention whose matrices depend on the types of both nodes and of the edge."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn
from torch_geometric.nn import HGTConv
from torch_geometric.typing import EdgeType

from grnpyg.data.graph import GENE, TF
from grnpyg.models.encoders.attention import AttentionEncoder
from grnpyg.models.encoders.base import encoders
from grnpyg.models.encoders.message_edges import Edges


class WholeHGT(nn.Module):
    """PyG's HGTConv, which always computes all nodes as receivers.

    Args:
        channels: width of both sides.
        types: the edge types.
        heads: of the attention.
    """

    def __init__(self, channels: int, types: tuple[EdgeType, ...], heads: int) -> None:
        super().__init__()
        self.conv = HGTConv(channels, channels, ([TF, GENE], list(types)), heads=heads)
        for kind in {TF, GENE} - {receiver for _, _, receiver in types}:
            # parameters after the messages of a node type that gets none would never learn
            del self.conv.skip[kind], self.conv.out_lin.lins[kind]

    def forward(self, x: dict[str, Tensor], to: dict[str, Tensor], edges: Edges) -> dict[str, Tensor]:
        """h of all nodes of the types that edges lead to."""
        h: dict[str, Tensor] = self.conv(x, edges)
        return h


@encoders.register("hgt")
class HGTEncoder(AttentionEncoder):
    """Heterogeneous graph transformer, Hu et al., arXiv 2003.01332: one softmax over all edge types.

    It mixes a learned share of each node's own h into its result; `residual` adds h once more.
    Options: see `AttentionEncoder`.

    `hidden_channels` cannot be pruned: products are divided by the root of a head's width, so removing
    units would sharpen the attention, while setting them to zero would not.
    """

    some_receivers: ClassVar[bool] = False

    def convolution(self) -> nn.Module:
        """See `MessagePassingEncoder.convolution`."""
        return WholeHGT(self.channels, self.edge_types, self.heads)
