"""Heads with several vectors of a node, against their formulas written out for one pair."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from grnpyg.core.seeding import forked
from grnpyg.models.heads import Head, heads
from grnpyg.testing.head import SHAPE

TAU = 0.5


def built(name: str, **options: Any) -> tuple[Any, Tensor, Tensor, Tensor]:
    """A head, z of three pairs, and their ids."""
    with forked(0, name):
        head: Head = heads.build(name, SHAPE, hidden_channels=8, out_channels=4, temperature=TAU, **options)
        z_tf, z_gene = torch.randn(3, SHAPE.tf_channels), torch.randn(3, SHAPE.gene_channels)
    return head, z_tf, z_gene, torch.tensor([[0, 1, 2], [2, 1, 0]])


def vectors(head: Any, kind: str, z: Tensor) -> Tensor:
    """(k, 4) of one node, each of length 1."""
    with torch.no_grad():
        return torch.stack([F.normalize(v, dim=0) for v in head.tower[kind](z).chunk(head.vectors[kind])])


def test_max_sim_takes_the_best_match_of_every_vector_of_the_tf() -> None:
    head, z_tf, z_gene, pairs = built("late_interaction", vectors=3)
    u, v = vectors(head, "tf", z_tf[1]), vectors(head, "gene", z_gene[1])
    best = [max(float(ui @ vj) for vj in v) for ui in u]
    assert head(z_tf, z_gene, pairs)[1].item() == pytest.approx(sum(best) / 3 / TAU, abs=1e-5)


def test_a_learned_sum_weighs_all_matches_and_factorises() -> None:
    head, z_tf, z_gene, pairs = built("late_interaction", vectors=3, interaction="learned_sum")
    with torch.no_grad():
        head.weight.copy_(torch.arange(9.0).view(3, 3))
    u, v = vectors(head, "tf", z_tf[2]), vectors(head, "gene", z_gene[2])
    expected = sum((3 * i + j) * float(u[i] @ v[j]) for i in range(3) for j in range(3)) / TAU
    assert head(z_tf, z_gene, pairs)[2].item() == pytest.approx(expected, abs=1e-4)
    of_tf, of_gene = head.retrieval_vectors(z_tf, z_gene)
    assert torch.allclose((of_tf * of_gene).sum(-1), head(z_tf, z_gene, pairs), atol=1e-4)


def test_with_max_sim_a_node_is_no_single_vector() -> None:
    head, z_tf, z_gene, _ = built("late_interaction")
    assert head.retrieval_vectors(z_tf, z_gene) is None


def test_one_vector_of_either_end_is_a_dual_encoder() -> None:
    head, z_tf, z_gene, pairs = built("late_interaction", vectors=1)
    poly, *_ = built("poly", codes=1)
    poly.load_state_dict(head.state_dict())
    cosine = F.cosine_similarity(head.tower["tf"](z_tf), head.tower["gene"](z_gene)) / TAU
    for one in (head, poly):
        assert torch.allclose(one(z_tf, z_gene, pairs), cosine, atol=1e-5)


def test_a_gene_attends_to_the_codes_of_a_tf() -> None:
    head, z_tf, z_gene, pairs = built("poly", codes=3)
    u, v = vectors(head, "tf", z_tf[0]), vectors(head, "gene", z_gene[0])[0]
    weight = (u @ v / TAU).softmax(0)
    expected = float((weight.unsqueeze(1) * u).sum(0) @ v) / TAU
    assert head(z_tf, z_gene, pairs)[0].item() == pytest.approx(expected, abs=1e-5)


def test_cross_attention_without_values_compares_mean_tokens() -> None:
    head, z_tf, z_gene, pairs = built("cross_attention", tokens=3)
    u, v = vectors(head, "tf", z_tf[0]), vectors(head, "gene", z_gene[0])
    a = (head.scale * head.query["tf"](u) @ head.key["gene"](v).T).softmax(1)
    b = (head.scale * head.query["gene"](v) @ head.key["tf"](u).T).softmax(1)
    x = (u + a @ head.value["gene"](v)).mean(0)
    y = (v + b @ head.value["tf"](u)).mean(0)
    expected = F.cosine_similarity(x, y, dim=0).item() / TAU
    assert head(z_tf, z_gene, pairs)[0].item() == pytest.approx(expected, abs=1e-5)
    with torch.no_grad():
        for value in head.value.values():
            value.weight.zero_()
    plain = float(F.cosine_similarity(u.mean(0), v.mean(0), dim=0)) / TAU
    assert head(z_tf, z_gene, pairs)[0].item() == pytest.approx(plain, abs=1e-5)
