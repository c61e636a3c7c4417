"""Lookup encoder: a learned vector per node id, concatenated with the node's expression features."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from grnpyg.data.graph import GENE, TF
from grnpyg.models.encoders.base import NodeEncoder, encoders
from grnpyg.models.layers import Width
from grnpyg.models.width_groups import Cut, Group


@encoders.register("lookup")
class LookupEncoder(NodeEncoder):
    """z = [embedding | x].

    The node representation of the paper (512 learned channels and the expression profile). The embedding of
    a node without training edges stays random. Its tables have sparse gradients, so a training step costs
    only as much as the rows that it reads.

    Args:
        data: the graph.
        embedding_dim: width of the learned vector, initialised from N(0, 0.01).
        features: append `x` to the embedding.
    """

    uses_messages: ClassVar[bool] = False
    widths: ClassVar[tuple[str, ...]] = ("embedding_dim",)

    def __init__(self, data: HeteroData, *, embedding_dim: Width = 512, features: bool = True) -> None:
        extra = {kind: data[kind].num_features if features else 0 for kind in (TF, GENE)}
        super().__init__({kind: embedding_dim + extra[kind] for kind in extra}, embedding_dim)
        self.features = features
        sizes = {kind: (int(data[kind].num_nodes), embedding_dim) for kind in extra}
        self.embedding = nn.ModuleDict(
            {
                kind: nn.Embedding.from_pretrained(
                    nn.init.normal_(torch.empty(size), std=0.01), freeze=False, sparse=True
                )
                for kind, size in sizes.items()
            }
        )

    def groups(self) -> tuple[Group, ...]:
        """Column i of both tables is column i of z."""
        makes = tuple(Cut(f"embedding.{kind}.weight", 1) for kind in (TF, GENE))
        layers = tuple(f"embedding.{kind}" for kind in (TF, GENE))
        return (Group("embedding_dim", makes, layers=layers, z={TF: 0, GENE: 0}),)

    def forward(self, data: HeteroData) -> dict[str, Tensor]:
        """See `NodeEncoder.forward`."""
        return {kind: self._rows(data, kind, None) for kind in (TF, GENE)}

    def encode_pairs(self, data: HeteroData, edge_label_index: Tensor) -> tuple[Tensor, Tensor]:
        """Only the rows asked for; see `NodeEncoder.encode_pairs`."""
        return self._rows(data, TF, edge_label_index[0]), self._rows(data, GENE, edge_label_index[1])

    def _rows(self, data: HeteroData, kind: str, index: Tensor | None) -> Tensor:
        x = data[kind].x
        if index is None:
            index = torch.arange(x.size(0), device=x.device)
        embedding: Tensor = self.embedding[kind](index)
        return torch.cat([embedding, x[index]], dim=-1) if self.features else embedding
