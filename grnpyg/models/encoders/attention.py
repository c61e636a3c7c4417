"""Base of the encoders with attention heads."""

from __future__ import annotations

from torch_geometric.data import HeteroData

from grnpyg.models.encoders.message_edges import EdgeNames
from grnpyg.models.encoders.message_passing import Count, Jumping, MessagePassingEncoder, Norm
from grnpyg.models.encoders.node_inputs import Inputs
from grnpyg.models.layers import Probability, Width


class AttentionEncoder(MessagePassingEncoder):
    """Base of encoders with attention: a hidden layer concatenates heads of width `hidden_channels`.

    A unit is one channel in all heads.

    Args:
        data: the graph.
        heads: of the attention.
        inputs: this option and the following are as in `MessagePassingEncoder`.
        hidden_channels: width of one head.
        out_channels: width of z.
        num_layers: convolutions.
        norm: after each convolution.
        residual: add a layer's input.
        dropout: in training.
        jumping_knowledge: which layers z reads.
        edges: message types.
        neighbours: of `coexpressed` and of similar nodes.
    """

    def __init__(
        self,
        data: HeteroData,
        *,
        heads: Count = 2,
        inputs: Inputs = "both",
        hidden_channels: Width = 32,
        out_channels: Width = 64,
        num_layers: Count = 2,
        norm: Norm = "none",
        residual: bool = False,
        dropout: Probability = 0.0,
        jumping_knowledge: Jumping = "last",
        edges: EdgeNames = ("regulates", "reverse", "encoded_by"),
        neighbours: Count = 10,
    ) -> None:
        super().__init__(
            data,
            heads,
            inputs=inputs,
            hidden_channels=hidden_channels,
            out_channels=out_channels,
            num_layers=num_layers,
            norm=norm,
            residual=residual,
            dropout=dropout,
            jumping_knowledge=jumping_knowledge,
            edges=edges,
            neighbours=neighbours,
        )
