from __future__ import annotations

import copy
import dataclasses

import pytest
import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.controls import controls
from grnpyg.core.errors import InputError
from grnpyg.data.graph import (
    ENCODED_BY,
    GENE,
    REGULATED_BY,
    REGULATES,
    TF,
    direct_edges,
    num_nodes,
    pair_codes,
    similar_edges,
)
from grnpyg.splits import TransductiveSplit
from grnpyg.testing import small_graph
from grnpyg.testing.rules import equal, generators_untouched

DATA = small_graph(10, 40)


def degrees(data: HeteroData, edges: Tensor) -> list[list[int]]:
    return [torch.bincount(edges[end], minlength=n).tolist() for end, n in enumerate(num_nodes(data))]


@pytest.mark.parametrize("name", controls.names())
def test_a_control_is_decided_by_the_seed_and_leaves_its_input_alone(name: str) -> None:
    data, control = copy.copy(DATA), controls.build(name)
    data[similar_edges(GENE, "mine")].edge_index = torch.arange(40).view(2, 20)
    before = copy.deepcopy(data.to_dict())
    split = TransductiveSplit().split(data, 0)
    with generators_untouched(name):
        first, again, other = (
            control.before_training(control.before_split(data, seed), seed) for seed in (0, 0, 1)
        )
        scored, scored_again, scored_other = (control.before_scoring(split, seed) for seed in (0, 0, 1))
    assert equal(first.to_dict(), again.to_dict())
    assert equal(scored.to_dict(), scored_again.to_dict())
    changed = not equal(first.to_dict(), other.to_dict())
    assert changed or not equal(scored.to_dict(), scored_other.to_dict())
    assert equal(before, data.to_dict())


def test_noise_replaces_expression_and_nothing_else() -> None:
    noisy = controls.build("expression_noise").before_training(DATA, 0)
    assert equal(noisy[REGULATES].to_dict(), DATA[REGULATES].to_dict())
    for kind in (TF, GENE):
        assert noisy[kind].x.shape == DATA[kind].x.shape
        assert torch.equal(noisy[kind].has_expression, DATA[kind].has_expression)
        assert (noisy[kind].x[~DATA[kind].has_expression] == 0).all()
        both = torch.corrcoef(torch.stack([noisy[kind].x.flatten(), DATA[kind].x.flatten()]))
        assert abs(float(both[0, 1])) < 0.3
    tf, gene = DATA[ENCODED_BY].edge_index
    assert torch.equal(noisy[TF].x[tf], noisy[GENE].x[gene])  # a TF and its own gene are one gene


def test_noise_replaces_co_expression_as_well() -> None:
    data = copy.copy(DATA)
    data[TF].pearson = torch.ones(num_nodes(DATA))
    noisy = controls.build("expression_noise").before_training(data, 0)
    assert noisy[TF].pearson.shape == data[TF].pearson.shape
    assert not torch.equal(noisy[TF].pearson, data[TF].pearson)


def test_noise_needs_expression() -> None:
    with pytest.raises(InputError, match="no expression to replace"):
        controls.build("expression_noise").before_training(small_graph(num_features=0), 0)


@pytest.mark.parametrize("seed", range(5))
def test_rewiring_keeps_every_degree_and_makes_no_self_loop(seed: int) -> None:
    data = small_graph(10, 40, seed=seed)
    rewired = controls.build("rewired_labels").before_split(data, seed)
    edges, before = rewired[REGULATES].edge_index, data[REGULATES].edge_index
    assert degrees(data, edges) == degrees(data, before)
    codes = pair_codes(data, edges)
    assert codes.unique().numel() == codes.numel()
    assert not torch.isin(codes, pair_codes(data, data[ENCODED_BY].edge_index)).any()
    kept = torch.isin(codes, pair_codes(data, before)).float().mean()
    assert kept < 0.6  # density is about .25, so chance alone keeps as much
    assert torch.equal(rewired[REGULATED_BY].edge_index, edges.flip(0))


def test_one_tf_cannot_be_rewired() -> None:
    data = small_graph(2, 8)
    edges = data[REGULATES].edge_index
    from grnpyg.splits.messages import with_messages

    lone = with_messages(data, edges[:, edges[0] == 0])
    rewired = controls.build("rewired_labels").before_split(lone, 0)
    assert sorted(rewired[REGULATES].edge_index.t().tolist()) == sorted(
        lone[REGULATES].edge_index.t().tolist()
    )


def test_shuffled_features_touch_the_tested_genes_when_they_are_scored_and_nothing_else() -> None:
    split = TransductiveSplit().split(DATA, 0)
    graph = controls.build("shuffled_test_genes").before_scoring(split, 0)
    tested = torch.cat([split.positives["validation"][1], split.positives["test"][1]]).unique()
    untouched = torch.ones(num_nodes(DATA)[1], dtype=torch.bool)
    untouched[tested] = False
    assert torch.equal(graph[GENE].x[untouched], split.graph[GENE].x[untouched])
    assert torch.equal(graph[TF].x, split.graph[TF].x)
    assert not torch.equal(graph[GENE].x[tested], split.graph[GENE].x[tested])
    assert sorted(graph[GENE].x[tested].tolist()) == sorted(split.graph[GENE].x[tested].tolist())
    assert controls.build("shuffled_test_genes").before_split(DATA, 0) is DATA


def test_shuffling_needs_expression() -> None:
    split = TransductiveSplit().split(small_graph(10, 40, num_features=0), 0)
    with pytest.raises(InputError, match="no expression to shuffle"):
        controls.build("shuffled_test_genes").before_scoring(split, 0)


def test_co_expressed_genes_go_where_the_expression_goes() -> None:
    """Noise: the edges of other measured genes. Shuffled: an edge follows the features of its ends."""
    from encoder_graphs import coexpressed_graph

    from grnpyg.data.graph import COEXPRESSED

    data = coexpressed_graph(10, 40)
    edges = data[COEXPRESSED].edge_index
    noisy = controls.build("expression_noise").before_training(data, 0)[COEXPRESSED].edge_index
    assert not torch.equal(noisy, edges)
    assert degrees_of(noisy) == degrees_of(edges)
    assert data[GENE].has_expression[noisy].all()
    split = TransductiveSplit().split(data, 0)
    graph = controls.build("shuffled_test_genes").before_scoring(split, 0)
    moved = graph[COEXPRESSED].edge_index
    assert not torch.equal(moved, edges)
    measured = data[GENE].has_expression[edges].all(dim=0)
    for end in (0, 1):
        assert torch.equal(graph[GENE].x[moved[end]][measured], data[GENE].x[edges[end]][measured])


def degrees_of(edges: torch.Tensor) -> list[list[int]]:
    """Sorted degrees of each end."""
    return [torch.bincount(end, minlength=40).sort().values.tolist() for end in edges]


@pytest.mark.parametrize("name", ["expression_noise", "shuffled_test_genes"])
def test_similar_nodes_by_the_users_cells_move_with_expression(name: str) -> None:
    """They are expression in another form; those of other sources stay."""
    data, control = copy.copy(DATA), controls.build(name)
    by_cells, by_go = (similar_edges(GENE, source) for source in ("cells", "go"))
    for edge_type in (by_cells, by_go, direct_edges("cells")):
        data[edge_type].edge_index = torch.stack([torch.arange(10), torch.arange(10, 20)])
    split = TransductiveSplit().split(data, 0)
    changed = control.before_scoring(
        dataclasses.replace(split, graph=control.before_training(split.graph, 0)), 0
    )
    assert torch.equal(changed[by_go].edge_index, data[by_go].edge_index)
    for edge_type in (by_cells, direct_edges("cells")):
        assert not torch.equal(changed[edge_type].edge_index, data[edge_type].edge_index)
    if name == "shuffled_test_genes":
        assert torch.equal(changed[direct_edges("cells")].edge_index[0], torch.arange(10))
