"""HGT encoder: attention whose matrices depend on the types of both nodes and of the edge."""

from __future__ import annotations

from typing import Any

from torch import nn
from torch_geometric.nn import HGTConv

from grnpyg.data.graph import GENE, TF
from grnpyg.encoders.attention import AttentionEncoder
from grnpyg.encoders.base import encoders


@encoders.register("hgt")
class HGTEncoder(AttentionEncoder):
    """Heterogeneous graph transformer, Hu et al., arXiv 2003.01332: one softmax over all edge types.

    It mixes a learned share of each node's own h into its result, so that `residual` adds a second one.
    Options: see `AttentionEncoder`.

    `hidden_channels` cannot be pruned: products are divided by the root of a head's width, so a layer of
    fewer units attends more sharply than one whose units are zero.
    """

    def convolution(self) -> nn.Module:
        """See `MessagePassingEncoder.convolution`."""
        metadata = ([TF, GENE], list(self.edge_types))
        conv: Any = HGTConv(self.channels, self.channels, metadata, heads=self.heads)
        for kind in {TF, GENE} - {receiver for _, _, receiver in self.edge_types}:
            # what follows the messages of a node type that gets none would never learn
            del conv.skip[kind], conv.out_lin.lins[kind]
        layer: nn.Module = conv
        return layer
