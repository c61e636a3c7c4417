"""The baselines from PyTorch Geometric: they learn, twice the same, from training edges alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch_geometric.data import HeteroData

from grnpyg.core.seeding import torch_generator
from grnpyg.data.graph import ENCODED_BY, REGULATES
from grnpyg.metrics.classification import auroc
from grnpyg.models.baselines import Baseline, DegreeProduct, EaseGene, baselines
from grnpyg.models.baselines.pyg_model import DotProduct, PyGModel
from grnpyg.models.baselines.training_graph import TrainingGraph
from grnpyg.splits import LabelledPairs, LinkSplit, TransductiveSplit

Fit = Callable[[Baseline, np.ndarray], np.ndarray]
OPTIONS: dict[str, dict[str, Any]] = {
    "gae": {"epochs": 100},
    "vgae": {"epochs": 100},
    "lightgcn": {"epochs": 30, "batch_size": 64},
    "bpr": {"epochs": 30, "batch_size": 64},
    "metapath2vec": {"epochs": 100, "embedding_dim": 8, "lr": 0.03},
    "distmult": {"epochs": 40, "batch_size": 64},
    "complex": {"epochs": 30, "batch_size": 64},
    "rotate": {"epochs": 30, "batch_size": 64},
    "transe": {"epochs": 120, "batch_size": 64},
}
KGE = ("distmult", "complex", "rotate", "transe")
every_one = pytest.mark.parametrize("name", OPTIONS)


def quick(name: str) -> dict[str, Any]:
    return OPTIONS[name] | {"epochs": 3}


def fitted(name: str, split: LinkSplit, pairs: Any = None, seed: int = 0, **options: Any) -> np.ndarray:
    """Scores of every pair of the small graph."""
    baseline = baselines.build(name, **options)
    baseline.seed = seed
    baseline.fit(split, pairs)
    return baseline.score_all(torch.arange(6), torch.arange(20))


def test_every_one_is_here() -> None:
    built = {name for name in baselines.names() if issubclass(baselines.get(name), PyGModel)}
    assert built == set(OPTIONS)


@every_one
def test_it_learns_planted_blocks_that_degree_does_not_see(name: str, scores_on: Fit) -> None:
    """16 TFs and 60 genes in four blocks, 60 % of a block's pairs are edges, a fifth of these is held out."""
    rng = np.random.default_rng(0)
    block = np.arange(16)[:, None] % 4 == np.arange(60)[None, :] % 4
    edge = block & (rng.random(block.shape) < 0.6)
    held_out = edge & (rng.random(block.shape) < 0.2)
    train = (edge & ~held_out).astype(float)
    asked = held_out | ~block
    label = held_out[asked].astype(float)
    baseline, degree = (
        auroc(label, scores_on(row, train)[asked])
        for row in (baselines.build(name, **OPTIONS[name]), DegreeProduct())
    )
    assert degree < 0.6
    assert baseline > max(0.7, degree + 0.25)


@every_one
def test_the_seed_decides_every_bit(name: str, split: LinkSplit) -> None:
    """Also under deterministic algorithms, which a training before it leaves on."""
    first = fitted(name, split, seed=1, **quick(name))
    assert not np.array_equal(first, fitted(name, split, seed=2, **quick(name)))
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(not before)
    try:
        assert np.array_equal(first, fitted(name, split, seed=1, **quick(name)))
    finally:
        torch.use_deterministic_algorithms(before)


@every_one
def test_it_sees_neither_held_out_edges_nor_negatives_drawn_around_them(name: str, split: LinkSplit) -> None:
    """The drawn negatives that `fit` is handed avoid held-out edges: who reads them learns of these."""
    first = fitted(name, split, **quick(name))
    train = split.positives["train"]
    others = {"train": train, "validation": train[:, :1], "test": train[:, 1:3]}
    blind = replace(split, positives=others, set_aside=train[:, :2])
    assert np.array_equal(first, fitted(name, blind, LabelledPairs.join(train, train[:, :5]), **quick(name)))


@every_one
def test_a_node_without_an_edge_is_like_the_mean_of_its_kind(name: str, scores_on: Fit) -> None:
    rng = np.random.default_rng(1)
    x = (rng.random((8, 30)) < 0.4).astype(float)
    x[5], x[:, 7] = 0.0, 0.0
    baseline = baselines.build(name, **quick(name))
    scores = scores_on(baseline, x)
    assert np.isfinite(scores).all()
    warm = np.delete(np.arange(30), 7)
    if isinstance(baseline, DotProduct):
        assert np.allclose(scores[:, 7], scores[:, warm].mean(axis=1))
        assert np.allclose(scores[5], np.delete(scores, 5, axis=0).mean(axis=0))
    elif name == "distmult":  # linear in each end, in float32
        assert np.allclose(scores[:, 7], scores[:, warm].mean(axis=1), atol=1e-5)


def _graph(data: HeteroData, split: LinkSplit) -> tuple[TrainingGraph, set[tuple[int, int]]]:
    graph = TrainingGraph.of(split)
    refused = torch.cat([split.positives["train"], data[ENCODED_BY].edge_index], dim=1)
    return graph, set(map(tuple, refused.t().tolist()))


def test_negatives_are_unlabelled_pairs_of_a_tf_and_a_gene(graph: HeteroData, split: LinkSplit) -> None:
    training, refused = _graph(graph, split)
    assert graph[ENCODED_BY].edge_index.size(1) > 0
    generator = torch_generator(0, "test")
    drawn = training.negatives(500, generator)
    every = {(tf, gene) for tf in range(6) for gene in range(20)} - refused
    assert set(map(tuple, drawn.t().tolist())) == every
    positives = training.edges.repeat(1, 20)
    for end in (0, 1):
        corrupted = training.corrupt(positives, end, generator)
        assert torch.equal(corrupted[1 - end], positives[1 - end])
        assert not refused & set(map(tuple, corrupted.t().tolist()))
        assert corrupted[end].unique().tolist() == list(range((6, 20)[end]))
    assert torch.equal(positives, training.edges.repeat(1, 20))  # not changed in place


def test_a_full_row_is_no_endless_search() -> None:
    edges = torch.cartesian_prod(torch.arange(2), torch.arange(3)).t()
    full = TrainingGraph((2, 3), edges, edges[:, :0])
    assert full.corrupt(edges, 1, torch_generator(0, "test")).shape == (2, 6)


@pytest.mark.parametrize("name", KGE)
def test_a_corrupted_head_is_a_tf_and_a_corrupted_tail_a_gene(
    name: str, split: LinkSplit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyG draws both among all nodes: half of the negatives would be told by their kinds."""
    baseline = baselines.build(name, **OPTIONS[name])
    assert isinstance(baseline, PyGModel)
    graph = TrainingGraph.of(split)
    model: Any = baseline.build(graph)
    asked, forward = [], model.forward

    def spy(head: torch.Tensor, relation: torch.Tensor, tail: torch.Tensor) -> torch.Tensor:
        asked.append(torch.stack([head, tail]))
        return forward(head, relation, tail)

    monkeypatch.setattr(model, "forward", spy)
    for loss in baseline.losses(model, graph, torch_generator(0, "test")):
        assert loss.isfinite()
    positives, corrupted = (torch.cat(asked[start::2], dim=1) for start in (0, 1))
    for pairs in (positives, corrupted):
        assert pairs[0].max() < 6
        assert pairs[1].min() >= 6
    seen, edges = (set(map(tuple, p.t().tolist())) for p in (positives, graph.homogeneous(graph.edges)))
    assert seen == edges
    changed = corrupted != positives
    assert not changed.all(dim=0).any()
    assert changed.any(dim=1).all()  # heads in one half, tails in the other


def test_walks_alternate_between_tfs_and_genes(split: LinkSplit) -> None:
    baseline = baselines.build("metapath2vec", walk_length=4, context_size=5)
    assert isinstance(baseline, PyGModel)
    model: Any = baseline.build(TrainingGraph.of(split))
    for walks in model._sample(torch.arange(6)):
        is_gene = walks < 20  # PyG numbers the kinds in the order of their names: genes first
        assert is_gene.tolist() == [[False, True, False, True, False]] * len(walks)


def test_no_edge_of_a_held_out_part_carries_a_message(split: LinkSplit) -> None:
    graph = TrainingGraph.of(split)
    pairs = set(map(tuple, graph.edge_index(own=True).t().tolist()))
    for part in split.held_out:
        for tf, gene in split.positives[part].t().tolist():
            assert not {(tf, gene + 6), (gene + 6, tf)} & pairs
    train = split.positives["train"].size(1)
    assert graph.edge_index().size(1) == 2 * train
    assert graph.edge_index(own=True).size(1) == 2 * (train + split.graph[ENCODED_BY].edge_index.size(1))


def test_what_it_costs_is_counted(split: LinkSplit) -> None:
    expected = {  # 26 nodes
        "bpr": (26 * 8, 8),
        "distmult": (26 * 8 + 8, 16),
        "complex": (2 * (26 * 8 + 8), 64),
        "rotate": (2 * 26 * 8 + 8, 48),
        "gae": (26 * 8 + 8 * 8 + 8 + 8 * 4 + 4, 4),
    }
    for name, cost in expected.items():
        width = "embedding_dim" if name == "bpr" else "hidden_channels"
        options = {width: 8, "epochs": 0} | ({"out_channels": 4} if name == "gae" else {})
        baseline = baselines.build(name, **options)
        baseline.fit(split, LabelledPairs.join(split.positives["train"], split.positives["train"]))
        assert (baseline.parameters, baseline.macs_per_pair) == cost, name
    closed = EaseGene()
    closed.fit(split, LabelledPairs.join(split.positives["train"], split.positives["train"]))
    edges = split.positives["train"].size(1)  # of 6 TFs and 20 genes
    assert (closed.parameters, closed.macs_per_pair) == (6 * 6 + 20 + edges, -(-edges // 20))


def test_the_edge_weights_of_a_regulon_make_no_difference(graph: HeteroData) -> None:
    weighted = graph.clone()
    weighted[REGULATES].edge_weight = torch.arange(graph[REGULATES].edge_index.size(1)).float()
    plain, other = (TransductiveSplit().split(data, seed=0) for data in (graph, weighted))
    assert np.array_equal(*(fitted("lightgcn", split, epochs=2) for split in (plain, other)))
