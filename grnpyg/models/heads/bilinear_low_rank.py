"""Bilinear form of low rank: the simplest head that can learn which columns of z go together."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn

from grnpyg.data.graph import GENE, TF
from grnpyg.models.heads.base import PairShape, heads
from grnpyg.models.heads.factorising import FactorisingHead, Similarity, Temperature
from grnpyg.models.layers import Width, he_linear
from grnpyg.models.width_groups import Group, ReadOfZ, linear_cuts, reads_of_ends


@heads.register("bilinear_low_rank")
class BilinearLowRankHead(FactorisingHead):
    """logit = sim(A z_tf + a, B z_gene + b) / tau: a bilinear form whose matrix A^T B has at most `rank`.

    It is a dual encoder whose towers have one linear layer, so it says what the hidden layers are worth.

    Args:
        shape: the sizes of the inputs.
        rank: rows of A and of B.
        similarity: `cosine` or `dot`.
        temperature: tau.
    """

    widths: ClassVar[tuple[str, ...]] = ("rank",)
    representation: ClassVar[tuple[str, ...]] = ("factor.tf", "factor.gene")

    def __init__(
        self,
        shape: PairShape,
        *,
        rank: Width = 512,
        similarity: Similarity = "cosine",
        temperature: Temperature = 0.05,
    ) -> None:
        super().__init__(temperature)
        self.z_channels = {TF: shape.tf_channels, GENE: shape.gene_channels}
        self.similarity = similarity
        self.factor = nn.ModuleDict(
            {kind: he_linear(channels, rank) for kind, channels in self.z_channels.items()}
        )

    def embed(self, kind: str, z: Tensor) -> Tensor:
        """(n, channels) -> (n, rank)."""
        return self.normalise(self.factor[kind](z), self.similarity)

    def groups(self) -> tuple[Group, ...]:
        """Row i of A meets row i of B."""
        layers = tuple(f"factor.{kind}" for kind in (TF, GENE))
        return (Group("rank", tuple(cut for layer in layers for cut in linear_cuts(layer)), layers=layers),)

    def reads_of_z(self) -> tuple[ReadOfZ, ...]:
        """A and B."""
        return reads_of_ends(self.z_channels, "factor.{}")
