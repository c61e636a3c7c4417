"""Late interaction: every vector of one end looks for its best match among those of the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn

from grnpyg.data.graph import GENE, TF
from grnpyg.models.heads.base import PairShape, heads
from grnpyg.models.heads.factorising import Temperature
from grnpyg.models.heads.several_vectors import SeveralVectorsHead
from grnpyg.models.layers import Probability, Width


@heads.register("late_interaction")
class LateInteractionHead(SeveralVectorsHead):
    """logit = 1 / (k tau) sum_i max_j s_ij, or 1 / tau sum_ij W_ij s_ij, with s_ij = <u_i, v_j>.

    A TF has k vectors u_i of length 1 and a gene k vectors v_j. `max_sim` is the operator of Khattab and
    Zaharia 2020 (ColBERT), arXiv 2004.12832, equation 3, divided by k so that tau means the same for any k.
    `learned_sum` weighs the matches by a learned matrix W instead, which starts at the identity over k; it is
    an inner product of two long vectors, and so a matrix product scores all pairs.

    Args:
        shape: the sizes of the inputs.
        hidden_channels: width of each tower's hidden layer.
        out_channels: width of each vector.
        vectors: k.
        interaction: `max_sim` or `learned_sum`.
        temperature: tau.
        dropout: probability of dropping a hidden unit in training.
    """

    def __init__(
        self,
        shape: PairShape,
        *,
        hidden_channels: Width = 512,
        out_channels: Width = 128,
        vectors: Width = 4,
        interaction: Literal["max_sim", "learned_sum"] = "max_sim",
        temperature: Temperature = 0.05,
        dropout: Probability = 0.0,
    ) -> None:
        both = {TF: vectors, GENE: vectors}
        super().__init__(shape, hidden_channels, out_channels, both, temperature, dropout)
        self.weight: nn.Parameter | None
        weight = nn.Parameter(torch.eye(vectors) / vectors) if interaction == "learned_sum" else None
        self.register_parameter("weight", weight)

    def retrieval_vectors(self, z_tf: Tensor, z_gene: Tensor) -> tuple[Tensor, Tensor] | None:
        """All vectors of a node as one, where W weighs the matches."""
        if self.weight is None:
            return None
        u = torch.einsum("ij,nid->njd", self.weight, self.nodes(TF, z_tf))
        return u.flatten(1) / self.temperature, self.nodes(GENE, z_gene).flatten(1)

    def score_all(self, z_tf: Tensor, z_gene: Tensor, tf_index: Tensor, *, block: int = 1 << 15) -> Tensor:
        """One matrix product where W weighs the matches; see `Head.score_all`."""
        if (vectors := self.retrieval_vectors(z_tf[tf_index], z_gene)) is not None:
            return vectors[0] @ vectors[1].t()
        return super().score_all(z_tf, z_gene, tf_index, block=block)

    def all_pairs(self, z_tf: Tensor, z_gene: Tensor) -> Callable[[Tensor], Tensor]:
        """The same, with the vectors of every node made once; see `Head.all_pairs`."""
        if (vectors := self.retrieval_vectors(z_tf, z_gene)) is not None:
            u, v = vectors
            return lambda tf_index: u[tf_index] @ v.t()
        return super().all_pairs(z_tf, z_gene)

    def interact(self, tf: Tensor, gene: Tensor) -> Tensor:
        """See `SeveralVectorsHead.interact`."""
        similarity = gene @ tf.transpose(-1, -2)  # (n, k of the gene, k of the TF)
        if self.weight is None:
            return similarity.amax(-2).mean(-1) / self.temperature
        return (similarity * self.weight.T).sum((-2, -1)) / self.temperature
