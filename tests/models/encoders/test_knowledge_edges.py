"""Encoders that read similar nodes and numbers of knowledge sources."""

from __future__ import annotations

import copy

import pytest
import torch
from encoder_graphs import MESSAGES, small
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.data.graph import GENE, NUMBERS, TF, num_nodes, similar_edges
from grnpyg.models.encoders import encoders
from grnpyg.models.encoders.message_edges import SIMILAR_GENES, SIMILAR_TFS, edge_types, message_edges
from grnpyg.testing import check_encoder, small_graph

EDGES = ("regulates", "reverse", "similar_genes", "similar_tfs")


def similar(data: HeteroData, kind: str, source: str, pairs: list[tuple[int, int, float]]) -> None:
    """Edges from the first to the second node of a pair."""
    data[similar_edges(kind, source)].edge_index = torch.tensor([pair[:2] for pair in pairs]).t()
    data[similar_edges(kind, source)].edge_weight = torch.tensor([pair[2] for pair in pairs])


@pytest.fixture
def known() -> HeteroData:
    data = small_graph()
    similar(data, GENE, "a", [(1, 0, 0.5), (2, 0, 0.9), (3, 0, 0.7), (0, 4, 0.2)])
    similar(data, GENE, "b", [(2, 0, 0.3), (5, 0, 0.1), (6, 7, 1.0)])
    similar(data, TF, "b", [(1, 0, 0.5), (0, 1, 0.5)])
    generator = torch.Generator().manual_seed(0)
    for kind, size in zip((TF, GENE), num_nodes(data), strict=True):
        data[kind][NUMBERS] = torch.randn(size, 3, generator=generator)
    return data


def test_the_nearest_of_every_source_are_put_together(known: HeteroData) -> None:
    """Gene 0 hears from the two most similar by a (2, 3) and by b (2, 5), from each once."""
    found = message_edges(known, edge_types(("similar_genes", "similar_tfs")), 2)
    assert found[SIMILAR_GENES].t().tolist() == [[2, 0], [3, 0], [5, 0], [0, 4], [6, 7]]
    assert found[SIMILAR_TFS].t().tolist() == [[1, 0], [0, 1]]
    every = message_edges(known, (SIMILAR_GENES,), 50)[SIMILAR_GENES]
    assert every.size(1) == 6
    assert message_edges(known, (SIMILAR_GENES,), 2)[SIMILAR_GENES].size(1) == 5  # not what was kept before


def test_another_source_in_the_graph_is_seen(known: HeteroData) -> None:
    """The joined edges are kept while the graph's are the same, and no longer."""
    message_edges(known, (SIMILAR_GENES,), 9)
    more = copy.copy(known)
    similar(more, GENE, "c", [(9, 10, 1.0)])
    assert [9, 10] in message_edges(more, (SIMILAR_GENES,), 9)[SIMILAR_GENES].t().tolist()
    assert [9, 10] not in message_edges(known, (SIMILAR_GENES,), 9)[SIMILAR_GENES].t().tolist()


@pytest.mark.slow
@pytest.mark.parametrize("inputs", ["knowledge", "all"])
@pytest.mark.parametrize("name", MESSAGES)
def test_encoders_keep_the_contract_with_knowledge(name: str, inputs: str, known: HeteroData) -> None:
    check_encoder(name, known, edges=EDGES, inputs=inputs, **small(name))


@pytest.mark.parametrize("name", MESSAGES)
def test_knowledge_reaches_z(name: str, known: HeteroData) -> None:
    """A node that hears from another by knowledge alone changes with that node's numbers."""
    # one layer, as some convolutions read no node's own state
    options = {"edges": ("similar_genes",), "inputs": "knowledge", "num_layers": 1, **small(name)}
    encoder = encoders.build(name, known, **options).eval()
    before, moved = encoder(known)[GENE], []
    for change in (5.0, -5.0, torch.tensor([5.0, -5.0, 5.0])):  # a unit may be off for one of them
        changed = copy.copy(known)
        changed[GENE][NUMBERS] = known[GENE][NUMBERS].clone()
        changed[GENE][NUMBERS][6] += change
        after = encoder(changed)[GENE]
        moved.append(not torch.allclose(before[7], after[7]))  # 6 is similar to 7
        assert torch.allclose(before[8], after[8])
    assert any(moved)


def test_without_expression_numbers_are_enough() -> None:
    data = small_graph(num_features=0)
    for kind, size in zip((TF, GENE), num_nodes(data), strict=True):
        data[kind][NUMBERS] = torch.ones(size, 2)
    z = encoders.build("sage", data, inputs="knowledge", **small("sage"))(data)
    assert torch.isfinite(z[GENE]).all()


def test_what_the_graph_lacks_is_refused() -> None:
    data = small_graph()
    with pytest.raises(InputError, match="no knowledge source gives similar tfs"):
        encoders.build("sage", data, edges=("regulates", "similar_tfs"))
    with pytest.raises(InputError, match="need numbers of a knowledge source"):
        encoders.build("sage", data, inputs="knowledge")
