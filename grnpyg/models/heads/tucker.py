"""Tucker head: factors of either end and a core that says which of them go together."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from grnpyg.data.graph import GENE, TF
from grnpyg.models.heads.base import PairShape, heads
from grnpyg.models.heads.factorising import FactorisingHead, Similarity, Temperature
from grnpyg.models.layers import Width, he_linear
from grnpyg.models.width_groups import Cut, Group, ReadOfZ, linear_cuts, reads_of_ends


@heads.register("tucker")
class TuckerHead(FactorisingHead):
    """logit = u_tf^T C u_gene / tau with u_tf = norm(A z_tf + a), u_gene = norm(B z_gene + b).

    This is the Tucker decomposition of Balažević et al. 2019, arXiv 1901.09590, equation 3, with a single
    relation, so that their core tensor times the relation is one matrix C. The two ends may have different
    numbers of factors. C starts as the identity with noise.

    Args:
        shape: the sizes of the inputs.
        tf_rank: factors of a TF.
        gene_rank: factors of a gene.
        similarity: `cosine` scales both vectors of factors to length 1, `dot` does not.
        temperature: tau.
        noise: standard deviation of the noise added to the identity.
    """

    widths: ClassVar[tuple[str, ...]] = ("tf_rank", "gene_rank")
    representation: ClassVar[tuple[str, ...]] = ("factor.tf", "factor.gene")

    def __init__(
        self,
        shape: PairShape,
        *,
        tf_rank: Width = 512,
        gene_rank: Width = 512,
        similarity: Similarity = "cosine",
        temperature: Temperature = 0.05,
        noise: float = 0.01,
    ) -> None:
        super().__init__(temperature)
        self.z_channels = {TF: shape.tf_channels, GENE: shape.gene_channels}
        self.similarity = similarity
        ranks = {TF: tf_rank, GENE: gene_rank}
        self.factor = nn.ModuleDict(
            {kind: he_linear(channels, ranks[kind]) for kind, channels in self.z_channels.items()}
        )
        self.core = nn.Parameter(torch.eye(tf_rank, gene_rank) + noise * torch.randn(tf_rank, gene_rank))

    def embed(self, kind: str, z: Tensor) -> Tensor:
        """The vectors whose product is the logit times tau; C is applied to the TF."""
        u = self.normalise(self.factor[kind](z), self.similarity)
        return u @ self.core if kind == TF else u

    def groups(self) -> tuple[Group, ...]:
        """The factors of either end, which C reads."""
        return tuple(
            Group(
                width,
                linear_cuts(f"factor.{kind}"),
                (Cut("core", dim),),
                (f"factor.{kind}",),
            )
            for dim, (kind, width) in enumerate(((TF, "tf_rank"), (GENE, "gene_rank")))
        )

    def reads_of_z(self) -> tuple[ReadOfZ, ...]:
        """A and B."""
        return reads_of_ends(self.z_channels, "factor.{}")
