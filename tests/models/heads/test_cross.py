"""The cross-encoder in bf16: rounded, but in the order of float32."""

from __future__ import annotations

import pytest
import torch
from scipy.stats import spearmanr
from torch import Tensor

from grnpyg.core.seeding import forked
from grnpyg.models.heads import CrossHead, PairShape

SHAPE = PairShape(tf_channels=70, gene_channels=66, latent_channels=64, num_tfs=9, num_genes=1100)


@pytest.mark.parametrize("product", [True, False])
def test_bf16_orders_pairs_as_float32_does(product: bool) -> None:
    """More genes than a block has, columns with and without a product, and logits that are not tied."""
    with forked(0, "test bf16"), torch.no_grad():
        head = CrossHead(SHAPE, product=product)
        z_tf, z_gene = torch.randn(SHAPE.num_tfs, 70), torch.randn(SHAPE.num_genes, 66)
        some = torch.tensor([8, 0, 3])
        exact, rounded = (make(z_tf, z_gene)(some) for make in (head.all_pairs, head.all_pairs_bf16))
        assert rounded.shape == (3, SHAPE.num_genes)
        assert rounded.dtype == torch.float32
        assert not torch.equal(exact, rounded)
        assert spearmanr(exact.flatten(), rounded.flatten()).statistic > 0.9995
        assert rounded.unique().numel() > 0.99 * rounded.numel()


@pytest.mark.parametrize("product", [True, False])
def test_some_pairs_in_bf16_are_those_of_all_pairs_but_for_rounding(product: bool) -> None:
    """More pairs than a block has; candidates of a reranking are scored so."""
    with forked(0, "test bf16"), torch.no_grad():
        head = CrossHead(SHAPE, product=product)
        z_tf, z_gene = torch.randn(SHAPE.num_tfs, 70), torch.randn(SHAPE.num_genes, 66)
        pairs = torch.stack([torch.arange(1000) % SHAPE.num_tfs, torch.arange(1000)])
        exact, rounded = (make(z_tf, z_gene)(pairs) for make in (head.many_pairs, head.many_pairs_bf16))
        assert rounded.shape == (1000,)
        assert not torch.equal(exact, rounded)
        assert spearmanr(exact, rounded).statistic > 0.9995


def test_a_head_with_its_own_forward_is_not_scored_by_the_bf16_of_its_parent() -> None:
    class Doubled(CrossHead):
        def forward(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> Tensor:
            return 2 * super().forward(z_tf, z_gene, edge_label_index)

    assert CrossHead.gains_by_bf16()
    assert not Doubled.gains_by_bf16()
