"""Cross-attention: two towers that exchange what their vectors hold before they are compared."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 (PyTorch's own convention)
from torch import Tensor, nn

from grnpyg.data.graph import GENE, TF
from grnpyg.models.heads.base import PairShape, heads
from grnpyg.models.heads.factorising import Temperature
from grnpyg.models.heads.several_vectors import SeveralVectorsHead
from grnpyg.models.layers import Probability, Width
from grnpyg.models.width_groups import Cut, Group


@heads.register("cross_attention")
class CrossAttentionHead(SeveralVectorsHead):
    """logit = cos(x, y) / tau, x = mean_i (u_i + sum_j a_ij V v_j), y = mean_j (v_j + sum_i b_ji V' u_i).

    A TF has k latent tokens u_i, a gene k tokens v_j, all of length 1. Each token of one end attends to those
    of the other: a_i = softmax_j(c <Q u_i, K v_j>), b_j = softmax_i(c <Q' v_j, K' u_i>), with a learned scale
    c. This is the attention of Vaswani et al. 2017, arXiv 1706.03762, equation 1, one layer with one head,
    between the towers as in Lu et al. 2019 (ViLBERT), arXiv 1908.02265.

    Args:
        shape: the sizes of the inputs.
        hidden_channels: width of each tower's hidden layer.
        out_channels: width of a token, a query and a key.
        tokens: k.
        temperature: tau.
        dropout: probability of dropping a hidden unit in training.
    """

    def __init__(
        self,
        shape: PairShape,
        *,
        hidden_channels: Width = 512,
        out_channels: Width = 128,
        tokens: Width = 4,
        temperature: Temperature = 0.05,
        dropout: Probability = 0.0,
    ) -> None:
        both = {TF: tokens, GENE: tokens}
        super().__init__(shape, hidden_channels, out_channels, both, temperature, dropout)
        self.query, self.key, self.value = (
            nn.ModuleDict({kind: nn.Linear(out_channels, out_channels, bias=False) for kind in (TF, GENE)})
            for _ in range(3)
        )
        self.scale = nn.Parameter(torch.tensor(float(out_channels)).sqrt())  # tokens have length 1

    def nodes(self, kind: str, z: Tensor) -> Tensor:
        """Tokens with their queries, keys and values, (n, channels) -> (n, k, 4 * out_channels)."""
        tokens = super().nodes(kind, z)
        return torch.cat([tokens, *(part[kind](tokens) for part in (self.query, self.key, self.value))], -1)

    def interact(self, tf: Tensor, gene: Tensor) -> Tensor:
        """See `SeveralVectorsHead.interact`."""
        u, of_tf = self._parts(tf)
        v, of_gene = self._parts(gene)
        x = u.mean(-2) + self._heard(of_tf, of_gene)
        y = v.mean(-2) + self._heard(of_gene, of_tf)
        return F.cosine_similarity(x, y, dim=-1) / self.temperature

    @staticmethod
    def _parts(end: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor]]:
        token, query, key, value = end.float().chunk(4, dim=-1)
        return token, (query, key, value)

    def _heard(self, own: tuple[Tensor, ...], other: tuple[Tensor, ...]) -> Tensor:
        """What the tokens of one end take from those of the other, their mean, (n, out_channels)."""
        (query, _, _), (_, key, value) = own, other
        weight = (self.scale * (query @ key.transpose(-1, -2))).softmax(-1).mean(-2, keepdim=True)
        return (weight @ value).squeeze(-2)

    def groups(self) -> tuple[Group, ...]:
        """The hidden layers; the columns of tokens, and those of queries and keys that meet."""
        *hidden, tokens = super().groups()
        ends = (TF, GENE)
        reads = tuple(Cut(f"{part}.{kind}.weight", 1) for part in ("query", "key", "value") for kind in ends)
        values = tuple(Cut(f"value.{kind}.weight", 0) for kind in ends)
        met = tuple(
            Group(
                "out_channels",
                (Cut(f"query.{kind}.weight", 0), Cut(f"key.{other}.weight", 0)),
                layers=(f"query.{kind}", f"key.{other}"),
            )
            for kind, other in (ends, ends[::-1])
        )
        return (*hidden, Group("out_channels", (*tokens.makes, *values), reads, tokens.layers), *met)
