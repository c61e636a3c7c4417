"""Cross-encoder: one network reads the pair jointly."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import torch
import torch.nn.functional as F  # noqa: N812 (PyTorch's own convention)
from torch import Tensor, nn

from grnpyg.data.graph import GENE, TF
from grnpyg.models.heads.base import Head, PairShape, heads
from grnpyg.models.layers import Probability, Width, he_linear
from grnpyg.models.width_groups import Cut, Group, ReadOfZ, mlp_group

ROWS = 512  # genes or pairs of a block, whose hidden layers stay in the cache of a core


@heads.register("cross")
class CrossHead(Head):
    """logit = MLP([z_tf | z_gene | e_tf * e_gene]), where e are the learned columns of z.

    Args:
        shape: the sizes of the inputs.
        hidden_channels: width of the first hidden layer.
        out_channels: width of the second hidden layer.
        product: add the elementwise product of the learned columns.
        dropout: probability of dropping a unit of the first hidden layer in training.
    """

    widths: ClassVar[tuple[str, ...]] = ("hidden_channels", "out_channels")
    representation: ClassVar[tuple[str, ...]] = ("mlp.1",)

    def __init__(
        self,
        shape: PairShape,
        *,
        hidden_channels: Width = 512,
        out_channels: Width = 512,
        product: bool = True,
        dropout: Probability = 0.0,
    ) -> None:
        super().__init__()
        self.z_channels = (shape.tf_channels, shape.gene_channels)
        self.product_channels = shape.latent_channels if product else 0
        in_channels = sum(self.z_channels) + self.product_channels
        self.mlp = nn.Sequential(
            he_linear(in_channels, hidden_channels),
            nn.ReLU(),
            nn.Dropout(dropout),
            he_linear(hidden_channels, out_channels),
            nn.ReLU(),
            he_linear(out_channels, 1),
        )

    def groups(self) -> tuple[Group, ...]:
        """Both hidden layers."""
        return mlp_group("mlp", "hidden_channels", 0, 3), mlp_group("mlp", "out_channels", 3, 5)

    def reads_of_z(self) -> tuple[ReadOfZ, ...]:
        """The first layer reads both z, concatenated, followed by their product."""
        tf, gene = self.z_channels
        return (
            ReadOfZ(Cut("mlp.0.weight", 1), (TF,), tf),
            ReadOfZ(Cut("mlp.0.weight", 1, tf), (GENE,), gene),
            ReadOfZ(Cut("mlp.0.weight", 1, tf + gene), (TF, GENE), self.product_channels),
        )

    def forward(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> Tensor:
        """See `Head.forward`."""
        product = z_tf[:, : self.product_channels] * z_gene[:, : self.product_channels]
        joint = torch.cat([z_tf, z_gene, product], dim=-1)  # (num_pairs, in_channels)
        logits: Tensor = self.mlp(joint).squeeze(-1)
        return logits

    def score_all(self, z_tf: Tensor, z_gene: Tensor, tf_index: Tensor, *, block: int = 1 << 15) -> Tensor:
        """Compute the first layer's share of each end once per node; see `Head.score_all`."""
        tf_share, gene_share, of_product = self._shares(z_tf[tf_index], z_gene)
        rest, rows = self.mlp[1:], []
        for row, tf in enumerate(tf_index.tolist()):
            e_tf = z_tf[tf, : self.product_channels]
            logits = []
            for genes, share in zip(z_gene.split(block), gene_share.split(block), strict=True):
                hidden = share + genes[:, : self.product_channels] @ (of_product * e_tf).t()
                logits.append(rest(hidden + tf_share[row]).squeeze(-1))
            rows.append(torch.cat(logits))
        return torch.stack(rows) if rows else z_gene.new_empty(0, z_gene.size(0))

    def _shares(self, z_tf: Tensor, z_gene: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What each TF and each gene adds to the first layer, (n, hidden) each, and the product's weights."""
        sizes = [*self.z_channels, self.product_channels]
        first = self.mlp[0]
        assert isinstance(first, nn.Linear)
        of_tf, of_gene, of_product = first.weight.split(sizes, dim=1)
        return z_tf @ of_tf.t() + first.bias, z_gene @ of_gene.t(), of_product

    def many_pairs(self, z_tf: Tensor, z_gene: Tensor) -> Callable[[Tensor], Tensor]:
        """The first layer's share of each end once per node, as in `score_all`; see `Head.many_pairs`."""
        learned, rest = self.product_channels, self.mlp[1:]
        tf_share, gene_share, of_product = self._shares(z_tf, z_gene)

        def of_some(tf: Tensor, gene: Tensor) -> Tensor:
            product = z_tf[tf, :learned] * z_gene[gene, :learned]  # (n, learned)
            logits: Tensor = rest(tf_share[tf] + gene_share[gene] + product @ of_product.t()).squeeze(-1)
            return logits

        return lambda pairs: torch.cat([of_some(*some) for some in pairs.split(ROWS, dim=1)])

    def many_pairs_bf16(self, z_tf: Tensor, z_gene: Tensor) -> Callable[[Tensor], Tensor]:
        """The same in bf16, the last layer in float32 as in `all_pairs_bf16`."""
        _, second, last = (layer for layer in self.mlp if isinstance(layer, nn.Linear))
        tf_share, gene_share, of_product = (part.bfloat16() for part in self._shares(z_tf, z_gene))
        of_tf, of_gene = (z[:, : self.product_channels].bfloat16() for z in (z_tf, z_gene))
        weight, bias = second.weight.bfloat16(), second.bias.bfloat16()

        def of_some(tf: Tensor, gene: Tensor) -> Tensor:
            hidden = F.linear(of_tf[tf] * of_gene[gene], of_product)  # (n, hidden)
            hidden = (hidden + tf_share[tf] + gene_share[gene]).relu_()
            return F.linear(hidden, weight, bias).relu_().float() @ last.weight[0] + last.bias

        return lambda pairs: torch.cat([of_some(*some) for some in pairs.split(ROWS, dim=1)])

    def all_pairs_bf16(self, z_tf: Tensor, z_gene: Tensor) -> Callable[[Tensor], Tensor]:
        """The weights of the first layer that a TF's genes meet are put together once; see `Head`.

        The share of a gene and of its product are one matrix product: W_gene z + W_product (e_tf * z) is
        (W_gene + W_product diag(e_tf)) z for the learned columns. Sums are in float32, and so is the last
        layer, whose rounding would tie logits.
        """
        first, second, last = (layer for layer in self.mlp if isinstance(layer, nn.Linear))
        learned = self.product_channels
        sizes = [*self.z_channels, self.product_channels]
        of_tf, of_gene, of_product = first.weight.split(sizes, dim=1)
        tf_share = (z_tf @ of_tf.t() + first.bias).bfloat16()  # (num_tfs, hidden)
        further = z_gene[:, learned:] @ of_gene[:, learned:].t()  # what has no product, (num_genes, hidden)
        blocks = [part.bfloat16().split(ROWS) for part in (z_gene[:, :learned], further)]
        weight, bias = second.weight.bfloat16(), second.bias.bfloat16()

        def of_one(tf: int) -> Tensor:
            own = (of_gene[:, :learned] + of_product * z_tf[tf, :learned]).bfloat16()
            logits = []
            for genes, share in zip(*blocks, strict=True):
                hidden = F.linear(genes, own, tf_share[tf])
                if learned < z_gene.size(1):
                    hidden += share
                hidden = F.linear(hidden.relu_(), weight, bias).relu_()
                logits.append(hidden.float() @ last.weight[0] + last.bias)
            return torch.cat(logits)

        return lambda tf_index: torch.stack([of_one(tf) for tf in tf_index.tolist()])
