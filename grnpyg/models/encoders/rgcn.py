"""R-GCN encoder: one matrix for each edge type and one for the node itself, shared by TFs and genes."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch_geometric.nn import RGCNConv
from torch_geometric.typing import EdgeType

from grnpyg.data.graph import GENE, TF
from grnpyg.models.encoders.base import encoders
from grnpyg.models.encoders.message_edges import Edges
from grnpyg.models.encoders.message_passing import MessagePassingEncoder, Units


class FlatRGCN(nn.Module):
    """PyG's RGCNConv over TFs and genes in one list of nodes, with edge types as relations.

    Args:
        channels: width of both sides.
        types: the edge types.
    """

    def __init__(self, channels: int, types: tuple[EdgeType, ...]) -> None:
        super().__init__()
        self.types = types
        self.conv = RGCNConv(channels, channels, num_relations=len(types))

    def forward(self, x: dict[str, Tensor], to: dict[str, Tensor], edges: Edges) -> dict[str, Tensor]:
        """h of the receivers."""
        senders, receivers = ([ends[kind] for kind in (TF, GENE)] for ends in (x, to))
        first_sender, first_receiver = ({TF: 0, GENE: ends[0].size(0)} for ends in (senders, receivers))
        flat, relations = [], []
        for relation, (sender, name, receiver) in enumerate(self.types):
            edge_index = edges[sender, name, receiver]
            flat.append(
                edge_index + edge_index.new_tensor([[first_sender[sender]], [first_receiver[receiver]]])
            )
            relations.append(torch.full_like(edge_index[0], relation))
        h = (torch.cat(senders), torch.cat(receivers))
        out = self.conv(h, torch.cat(flat, dim=1), torch.cat(relations))
        return dict(zip((TF, GENE), out.split([ends.size(0) for ends in receivers]), strict=True))


@encoders.register("rgcn")
class RGCNEncoder(MessagePassingEncoder):
    """h_i = W_0 h_i + sum over edge types r of W_r mean_j h_j + b.

    Schlichtkrull et al., arXiv 1703.06103, without the decompositions for many relations. W_0 and b are
    the same for TFs and genes, unlike in `sage`. Options: see `MessagePassingEncoder`.
    """

    units: ClassVar[Units] = {
        "weight": (2, 1),
        "root": (1, 0),
        "bias": (0, None),
    }

    def convolution(self) -> nn.Module:
        """See `MessagePassingEncoder.convolution`."""
        return FlatRGCN(self.channels, self.edge_types)
