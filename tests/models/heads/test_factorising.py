"""Heads that are an inner product of one vector for each end."""

from __future__ import annotations

import torch

from grnpyg.core.seeding import forked
from grnpyg.models.heads import AdditiveDualHead, BilinearLowRankHead, DualHead, TuckerHead
from grnpyg.testing.head import SHAPE

PAIRS = torch.tensor([[0, 1, 2, 3], [3, 2, 1, 0]])
Z_TF, Z_GENE = torch.randn(4, SHAPE.tf_channels), torch.randn(4, SHAPE.gene_channels)


def test_a_bilinear_form_has_at_most_its_rank() -> None:
    head = BilinearLowRankHead(SHAPE, rank=2, similarity="dot", temperature=1.0)
    genes, tfs = torch.randn(30, SHAPE.gene_channels), torch.randn(20, SHAPE.tf_channels)
    logits = head.score_all(tfs, genes, torch.arange(20))
    assert int(torch.linalg.matrix_rank(logits)) == 2


def test_a_core_of_the_identity_is_a_low_rank_form() -> None:
    tucker = TuckerHead(SHAPE, tf_rank=5, gene_rank=5, noise=0.0)
    form = BilinearLowRankHead(SHAPE, rank=5)
    form.load_state_dict({name: values for name, values in tucker.state_dict().items() if name != "core"})
    assert torch.allclose(tucker(Z_TF, Z_GENE, PAIRS), form(Z_TF, Z_GENE, PAIRS), atol=1e-5)


def test_the_core_joins_ends_of_different_rank() -> None:
    head = TuckerHead(SHAPE, tf_rank=3, gene_rank=6, noise=1.0, temperature=1.0)
    u, v = (head.normalise(head.factor[kind](z), "cosine") for kind, z in (("tf", Z_TF), ("gene", Z_GENE)))
    expected = torch.einsum("ni,ij,nj->n", u, head.core, v)
    assert torch.allclose(head(Z_TF, Z_GENE, PAIRS), expected, atol=1e-5)


def test_the_degree_part_is_apart_from_the_interaction() -> None:
    with forked(0, "additive"):
        head = AdditiveDualHead(SHAPE, hidden_channels=8, out_channels=4)
    dual = DualHead(SHAPE, hidden_channels=8, out_channels=4)
    dual.load_state_dict({name: v for name, v in head.state_dict().items() if name.startswith("tower")})
    with torch.no_grad():
        for bias in head.bias:
            bias.uniform_(-1, 1)
    logits, interaction = head(Z_TF, Z_GENE, PAIRS), dual(Z_TF, Z_GENE, PAIRS)
    by_tf, by_gene = head.node_bias("tf", Z_TF, PAIRS[0]), head.node_bias("gene", Z_GENE, PAIRS[1])
    assert torch.allclose(logits, by_tf + by_gene + interaction, atol=1e-5)
    other = head.node_bias("tf", Z_TF + 1, PAIRS[0])  # it is read from z, so a new node has one as well
    assert not torch.allclose(other, by_tf)
