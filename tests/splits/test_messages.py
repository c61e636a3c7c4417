"""A pair's own edge carries no message while that pair is scored in training."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import graphs
from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.nn import SAGEConv

from grnpyg.data.graph import ENCODED_BY, GENE, REGULATED_BY, REGULATES, TF, pair_codes
from grnpyg.models.encoders import NodeEncoder
from grnpyg.models.predictor import PairModel, build_model
from grnpyg.splits.messages import with_messages, without_pairs
from grnpyg.testing.rules import equal


class OneWay(NodeEncoder):
    """One SAGE layer along `regulates` (z of a gene reads its TFs) or along its reverse."""

    def __init__(self, data: HeteroData, *, to_gene: bool = True) -> None:
        super().__init__(8)
        self.to_gene = to_gene
        self.conv = SAGEConv((data[TF].num_features, data[GENE].num_features), 8)
        self.plain = torch.nn.Linear(data[TF].num_features, 8)

    def forward(self, data: HeteroData) -> dict[str, Tensor]:
        edge_type = REGULATES if self.to_gene else REGULATED_BY
        source, _, target = edge_type
        z = self.conv((data[source].x, data[target].x), data[edge_type].edge_index)
        return {target: z, source: self.plain(data[source].x)}


def model_of(graph: HeteroData, to_gene: bool) -> PairModel:
    return build_model(graph, {"name": OneWay, "to_gene": to_gene}, {"name": "dual", "similarity": "dot"}, 0)


@pytest.mark.parametrize("to_gene", [True, False])
def test_flipping_a_pairs_own_edge_changes_its_score_only_on_the_full_graph(
    graph: HeteroData, to_gene: bool
) -> None:
    model = model_of(graph, to_gene)
    edges = graph[REGULATES].edge_index
    for position in range(0, edges.size(1), 7):
        pair = edges[:, position : position + 1]
        flipped = with_messages(graph, edges[:, torch.arange(edges.size(1)) != position])
        assert not torch.allclose(model(graph, pair), model(flipped, pair))
        scores = [model(without_pairs(data, pair), pair) for data in (graph, flipped)]
        assert torch.equal(*scores)


@pytest.mark.parametrize("to_gene", [True, False])
def test_the_own_edge_has_no_gradient_path_but_the_others_keep_theirs(
    graph: HeteroData, to_gene: bool
) -> None:
    model = model_of(graph, to_gene)
    kind, end = (TF, 0) if to_gene else (GENE, 1)
    edges = graph[REGULATES].edge_index
    degree = torch.bincount(edges[1 - end])
    pair = edges[:, degree[edges[1 - end]] > 1][:, :1]  # its reading end has other neighbours
    graph[kind].x.requires_grad_()
    scored = without_pairs(graph, pair)
    z = model.encoder(scored)[GENE if to_gene else TF][pair[1 - end]]
    reached = torch.autograd.grad(z.sum(), graph[kind].x)[0].abs().sum(dim=1) > 0
    assert not reached[pair[end]].any()
    assert int(reached.sum()) == int(degree[pair[1 - end]]) - 1


@settings(deadline=None, max_examples=30)
@given(graphs(), st.data())
def test_without_pairs_drops_exactly_these_edges_both_ways(data: HeteroData, choice: st.DataObject) -> None:
    edges = data[REGULATES].edge_index
    data[REGULATES].edge_weight = torch.arange(edges.size(1)).float()
    dropped = choice.draw(st.sets(st.integers(0, edges.size(1) - 1)))
    own = data[ENCODED_BY].edge_index  # pairs without an edge are ignored
    pairs = torch.cat([edges[:, sorted(dropped)], own], dim=1)
    result = without_pairs(data, pairs)
    kept = [position for position in range(edges.size(1)) if position not in dropped]
    assert equal(result[REGULATES].edge_index, edges[:, kept])
    assert equal(result[REGULATED_BY].edge_index, edges[:, kept].flip(0))
    assert result[REGULATES].edge_weight.tolist() == kept
    assert equal(data[REGULATES].edge_index, edges)
    assert result[TF].x is data[TF].x  # nothing large is copied


def test_with_messages_reorders_weights_with_their_edges(graph: HeteroData) -> None:
    edges = graph[REGULATES].edge_index
    graph[REGULATES].edge_weight = pair_codes(graph, edges).float()
    order = torch.randperm(edges.size(1), generator=torch.Generator().manual_seed(0))[:10]
    result = with_messages(graph, edges[:, order])
    assert result[REGULATES].edge_weight.tolist() == pair_codes(graph, edges[:, order]).tolist()


def test_no_pair_takes_no_edge_out(graph: HeteroData) -> None:
    none = torch.empty(2, 0, dtype=torch.long)
    assert equal(without_pairs(graph, none)[REGULATES].edge_index, graph[REGULATES].edge_index)
