"""The bilinear head is a dual encoder with a matrix between the towers."""

from __future__ import annotations

import torch

from grnpyg.core.seeding import forked
from grnpyg.models.heads import BilinearHead, DualHead
from grnpyg.testing.head import SHAPE


def test_it_starts_as_a_dual_encoder() -> None:
    with forked(0, "dual"):
        dual = DualHead(SHAPE, hidden_channels=8, out_channels=4)
    with forked(0, "dual"):
        bilinear = BilinearHead(SHAPE, hidden_channels=8, out_channels=4, noise=0.0)
    z_tf, z_gene = torch.randn(6, SHAPE.tf_channels), torch.randn(6, SHAPE.gene_channels)
    pairs = torch.zeros(2, 6, dtype=torch.long)
    assert torch.allclose(bilinear(z_tf, z_gene, pairs), dual(z_tf, z_gene, pairs), atol=1e-5)


def test_the_matrix_has_a_direction() -> None:
    with forked(0, "bilinear"):
        head = BilinearHead(SHAPE, hidden_channels=8, out_channels=4, noise=1.0)
    z_tf, z_gene = torch.randn(3, SHAPE.tf_channels), torch.randn(3, SHAPE.gene_channels)
    u = DualHead.embed(head, "tf", z_tf)
    v = DualHead.embed(head, "gene", z_gene)
    expected = torch.einsum("ni,ij,nj->n", u, head.weight, v) / 0.05
    assert torch.allclose(head(z_tf, z_gene, torch.zeros(2, 3, dtype=torch.long)), expected, atol=1e-4)
