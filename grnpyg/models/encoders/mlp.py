"""MLP encoder: reads expression features only, so it can encode unseen TFs and genes."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.data.graph import GENE, TF
from grnpyg.models.encoders.base import NodeEncoder, encoders
from grnpyg.models.layers import Probability, Width, he_linear
from grnpyg.models.width_groups import Group, linear_cuts, mlp_group


@encoders.register("mlp")
class MLPEncoder(NodeEncoder):
    """z = W2 relu(W1 x), with separate networks for TFs and genes.

    Args:
        data: the graph; every node type needs features.
        hidden_channels: width of the hidden layer.
        out_channels: width of z.
        dropout: probability of dropping a hidden unit in training.

    Raises:
        InputError: the graph has no expression features.
    """

    uses_messages: ClassVar[bool] = False
    widths: ClassVar[tuple[str, ...]] = ("hidden_channels", "out_channels")

    def __init__(
        self,
        data: HeteroData,
        *,
        hidden_channels: Width = 512,
        out_channels: Width = 512,
        dropout: Probability = 0.0,
    ) -> None:
        super().__init__(out_channels)
        if min(data[TF].num_features, data[GENE].num_features) == 0:
            raise InputError(
                "the encoder mlp reads expression features, but the graph has none",
                fix="give --data, or use --encoder lookup",
            )
        self.mlp = nn.ModuleDict(
            {
                kind: nn.Sequential(
                    he_linear(data[kind].num_features, hidden_channels),
                    nn.ReLU(),
                    nn.Dropout(dropout),
                    he_linear(hidden_channels, out_channels),
                )
                for kind in (TF, GENE)
            }
        )

    def groups(self) -> tuple[Group, ...]:
        """A hidden layer for each node type; column i of z comes from both networks."""
        hidden = tuple(mlp_group(f"mlp.{kind}", "hidden_channels", 0, 3) for kind in (TF, GENE))
        makes = tuple(cut for kind in (TF, GENE) for cut in linear_cuts(f"mlp.{kind}.3"))
        layers = tuple(f"mlp.{kind}.3" for kind in (TF, GENE))
        return (*hidden, Group("out_channels", makes, layers=layers, z={TF: 0, GENE: 0}))

    def forward(self, data: HeteroData) -> dict[str, Tensor]:
        """See `NodeEncoder.forward`."""
        return {kind: self.mlp[kind](data[kind].x) for kind in (TF, GENE)}

    def encode_pairs(self, data: HeteroData, edge_label_index: Tensor) -> tuple[Tensor, Tensor]:
        """Only the rows asked for; see `NodeEncoder.encode_pairs`."""
        tf, gene = edge_label_index
        return self.mlp[TF](data[TF].x[tf]), self.mlp[GENE](data[GENE].x[gene])
