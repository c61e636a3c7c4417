"""Effective rank against values worked out by hand, and its bounds for any matrix."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from grnpyg.compress.effective_rank import representations
from grnpyg.core.errors import InputError
from grnpyg.metrics.effective_rank import entropy_rank, participation_ratio, spectrum
from grnpyg.models.heads import heads
from grnpyg.models.predictor import build_model
from grnpyg.testing import small_graph
from grnpyg.testing.graph import some_pairs

GRAPH = small_graph()


@pytest.mark.parametrize("k", [1, 2, 7])
def test_k_equal_directions_have_rank_k(k: int) -> None:
    rows = np.tile(3.0 * np.eye(k, 10), (5, 1))
    singular = spectrum(rows)
    assert participation_ratio(singular) == pytest.approx(k)
    assert entropy_rank(singular) == pytest.approx(k)


def test_two_directions_of_different_size() -> None:
    singular = spectrum(np.diag([3.0, 1.0]))  # eigenvalues of C: 9/2 and 1/2
    assert singular.tolist() == pytest.approx([3.0, 1.0])
    assert participation_ratio(singular) == pytest.approx((9 + 1) ** 2 / (81 + 1))
    assert entropy_rank(singular) == pytest.approx(np.exp(-(0.75 * np.log(0.75) + 0.25 * np.log(0.25))))


def test_a_constant_row_is_one_direction_and_none_when_centred() -> None:
    rows = np.ones((6, 4))
    assert participation_ratio(spectrum(rows)) == pytest.approx(1)
    assert np.isnan(participation_ratio(np.zeros(4)))
    assert np.isnan(entropy_rank(np.zeros(4)))
    assert spectrum(rows, centred=True).max() < 1e-12


def test_the_published_formula_from_the_covariance() -> None:
    rows = np.random.default_rng(0).normal(size=(50, 8)) * np.arange(1, 9)
    covariance = rows.T @ rows / 50
    expected = np.trace(covariance) ** 2 / np.square(covariance).sum()
    assert participation_ratio(spectrum(rows)) == pytest.approx(expected)


@given(
    arrays(
        np.float64, st.tuples(st.integers(2, 12), st.integers(1, 6)), elements=st.floats(-10, 10, width=16)
    )
)
def test_both_lie_between_1_and_the_channels_whatever_the_basis(rows: np.ndarray) -> None:
    if np.abs(rows).max() < 1e-3:
        return
    rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(rows.shape[1],) * 2))[0]
    for rank in (participation_ratio, entropy_rank):
        value = rank(spectrum(rows))
        assert 1 - 1e-9 <= value <= min(rows.shape) + 1e-9
        assert rank(spectrum(rows @ rotation)) == pytest.approx(value, abs=1e-4)
        assert rank(spectrum(5 * rows)) == pytest.approx(value)
    assert entropy_rank(spectrum(rows)) >= participation_ratio(spectrum(rows)) - 1e-9


@pytest.mark.parametrize("head", [name for name in heads.names() if name != "zero"])  # has no layer
def test_every_head_says_what_it_makes_of_a_pair(head: str) -> None:
    model = build_model(GRAPH, {"name": "lookup", "embedding_dim": 4}, {"name": head}, 0)
    pairs = some_pairs(GRAPH)
    rows = representations(model, GRAPH, pairs)
    assert rows.shape[0] == pairs.size(1)
    if head == "cross":
        joint = [model.encoder(GRAPH)[kind][pairs[at]] for at, kind in enumerate(("tf", "gene"))]
        product = joint[0][:, :4] * joint[1][:, :4]
        hidden = model.head.mlp[:2](torch.cat([*joint, product], dim=1))
        assert np.allclose(rows, hidden.detach().numpy(), atol=1e-5)
    else:
        of_tf, of_gene = map(model.head.get_submodule, model.head.representation)
        tf = of_tf(model.encoder(GRAPH)["tf"])[pairs[0]]
        gene = of_gene(model.encoder(GRAPH)["gene"])[pairs[1]]
        assert np.allclose(rows, torch.cat([tf, gene], dim=1).detach().numpy(), atol=1e-5)


def test_a_layer_that_is_not_there_is_refused() -> None:
    model = build_model(GRAPH, {"name": "lookup"}, {"name": "dual"}, 0)
    with pytest.raises(InputError, match=r"unknown layer 'head.mlp.1'.*head.tower.tf"):
        representations(model, GRAPH, some_pairs(GRAPH), ("head.mlp.1",))
