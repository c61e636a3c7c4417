"""Poly-encoder: a gene chooses which of a TF's vectors to meet."""

from __future__ import annotations

from torch import Tensor

from grnpyg.data.graph import GENE, TF
from grnpyg.models.heads.base import PairShape, heads
from grnpyg.models.heads.factorising import Temperature
from grnpyg.models.heads.several_vectors import SeveralVectorsHead
from grnpyg.models.layers import Probability, Width


@heads.register("poly")
class PolyHead(SeveralVectorsHead):
    """logit = <sum_i w_i u_i, v> / tau with w = softmax_i(<u_i, v> / tau).

    Humeau et al. 2020, arXiv 1905.01969, section 4.4: m codes give m vectors u_i of the context, here the
    TF, and the one vector v of the candidate, here the gene, attends to them. A gene that fits one role of a
    TF need not fit the others.

    Args:
        shape: the sizes of the inputs.
        hidden_channels: width of each tower's hidden layer.
        out_channels: width of each vector.
        codes: m.
        temperature: tau.
        dropout: probability of dropping a hidden unit in training.
    """

    def __init__(
        self,
        shape: PairShape,
        *,
        hidden_channels: Width = 512,
        out_channels: Width = 128,
        codes: Width = 8,
        temperature: Temperature = 0.05,
        dropout: Probability = 0.0,
    ) -> None:
        vectors = {TF: codes, GENE: 1}
        super().__init__(shape, hidden_channels, out_channels, vectors, temperature, dropout)

    def interact(self, tf: Tensor, gene: Tensor) -> Tensor:
        """See `SeveralVectorsHead.interact`."""
        scaled = (gene @ tf.transpose(-1, -2)).squeeze(-2) / self.temperature  # (n, m)
        return (scaled.softmax(-1) * scaled).sum(-1)
