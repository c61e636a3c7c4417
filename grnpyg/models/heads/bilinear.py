"""Bilinear head: two towers and a learned matrix between them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from grnpyg.data.graph import GENE, TF
from grnpyg.models.heads.base import PairShape, heads
from grnpyg.models.heads.dual import DualHead
from grnpyg.models.heads.factorising import Similarity, Temperature
from grnpyg.models.layers import Probability, Width
from grnpyg.models.width_groups import Cut, Group, linear_cuts


@heads.register("bilinear")
class BilinearHead(DualHead):
    """logit = f(z_tf)^T W g(z_gene) / tau, W starting at the identity with noise.

    This is still a dual encoder: each node has one vector, and one matrix product scores all pairs.

    Args:
        shape: the sizes of the inputs.
        hidden_channels: width of each tower's hidden layer.
        out_channels: width of each tower's output; W is square.
        similarity: `cosine` scales both vectors to length 1 before W, `dot` does not.
        temperature: tau.
        noise: standard deviation of the noise added to the identity.
        dropout: probability of dropping a hidden unit in training.
    """

    def __init__(
        self,
        shape: PairShape,
        *,
        hidden_channels: Width = 512,
        out_channels: Width = 512,
        similarity: Similarity = "cosine",
        temperature: Temperature = 0.05,
        noise: float = 0.01,
        dropout: Probability = 0.0,
    ) -> None:
        super().__init__(
            shape,
            hidden_channels=hidden_channels,
            out_channels=out_channels,
            similarity=similarity,
            temperature=temperature,
            dropout=dropout,
        )
        self.weight = nn.Parameter(torch.eye(out_channels) + noise * torch.randn(out_channels, out_channels))

    def groups(self) -> tuple[Group, ...]:
        """W stands between the towers, so the outputs of each are separate units."""
        outputs = tuple(
            Group(
                "out_channels",
                linear_cuts(f"tower.{kind}.3"),
                (Cut("weight", dim),),
                (f"tower.{kind}.3",),
            )
            for dim, kind in enumerate((TF, GENE))
        )
        return (*self.hidden_groups(), *outputs)

    def embed(self, kind: str, z: Tensor) -> Tensor:
        """The vectors whose product is the logit times tau; W is applied to the TF."""
        u = super().embed(kind, z)
        return u @ self.weight if kind == TF else u
