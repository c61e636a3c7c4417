"""Pair features of knowledge sources, on graphs done by hand and against plain tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from known_graphs import add_numbers, add_similar
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.data.graph import (
    GENE,
    NUMBERS,
    REGULATES,
    TF,
    build_graph,
    direct_edges,
    num_nodes,
    similar_edges,
)
from grnpyg.models.pair_features import Messages, pair_features
from grnpyg.models.structure import StructureTerm
from grnpyg.splits.messages import without_pairs
from grnpyg.testing import check_pair_feature
from grnpyg.testing.graph import small_graph
from grnpyg.testing.pair_feature import pair_tables

NAMES = ("similar_genes", "similar_tfs", "direct")


@pytest.fixture
def known() -> HeteroData:
    return add_similar(add_similar(small_graph(7, 21), "first", 1), "second", 2)


@pytest.mark.parametrize("name", NAMES)
def test_they_keep_the_contract_with_knowledge(name: str, known: HeteroData) -> None:
    check_pair_feature(name, known)


@pytest.mark.parametrize("name", NAMES)
def test_numbers_are_those_of_plain_tables(name: str, known: HeteroData) -> None:
    x = Messages(known).edges.toarray()

    def table(edge_type: tuple[str, str, str]) -> np.ndarray:
        found = np.zeros([num_nodes(known)[kind == GENE] for kind in (edge_type[2], edge_type[0])])
        sender, receiver = known[edge_type].edge_index.numpy()
        found[receiver, sender] = known[edge_type].edge_weight.numpy()
        return found

    expected = []
    for source in ("first", "second"):
        if name == "direct":
            expected.append(table(direct_edges(source)).T)
            continue
        kind = GENE if name == "similar_genes" else TF
        similar = table(similar_edges(kind, source))
        total = x @ similar.T if kind == GENE else similar @ x
        sums = similar.sum(axis=1) if kind == GENE else similar.sum(axis=1)[:, None]
        expected += [total / np.maximum(sums, 1e-9), np.log1p(10 * total)]
    found = pair_tables(pair_features.build(name), known)
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert one == pytest.approx(other, rel=1e-4, abs=1e-6)


def test_a_small_example() -> None:
    """B is similar to A (.5) and C (.25); T regulates A alone, U regulates C."""
    edges = pd.DataFrame([("T", "A"), ("U", "C")], columns=["source", "target"])
    data = build_graph(edges, tfs=["T", "U"], genes=["A", "B", "C"])
    data[similar_edges(GENE, "go")].edge_index = torch.tensor([[0, 2], [1, 1]])
    data[similar_edges(GENE, "go")].edge_weight = torch.tensor([0.5, 0.25])
    share, log = (
        number.rows(np.arange(2)) for number in pair_features.build("similar_genes").numbers(Messages(data))
    )
    assert share == pytest.approx(np.array([[0, 2 / 3, 0], [0, 1 / 3, 0]]))
    assert log[:, 1] == pytest.approx(np.log1p([5, 2.5]))


def test_a_pairs_own_edge_has_no_part(known: HeteroData) -> None:
    """With and without the edge T -> G, the numbers of T and G are the same."""
    for pair in known[REGULATES].edge_index.t()[:10]:
        fewer = without_pairs(known, pair.view(2, 1))
        for name in NAMES:
            tf, gene = (np.array([int(end)]) for end in pair)
            with_edge, without = (
                [number.at(tf, gene).item() for number in pair_features.build(name).numbers(Messages(data))]
                for data in (known, fewer)
            )
            assert with_edge == pytest.approx(without)


def test_without_knowledge_there_is_no_number() -> None:
    data = small_graph()
    for name in NAMES:
        feature = pair_features.build(name)
        assert feature.width(data) == 0
        assert feature.numbers(Messages(data)) == []
    with pytest.raises(InputError, match="it holds no knowledge"):
        StructureTerm(data, NAMES)
    term = StructureTerm(data, ("degree", *NAMES))
    assert torch.isfinite(term(data, data[REGULATES].edge_index)).all()


@pytest.mark.parametrize("kinds", [(TF, GENE), (TF,), (GENE,)], ids="+".join)
def test_node_facts_are_the_numbers_of_both_ends(kinds: tuple[str, ...]) -> None:
    """Of every pair: those of its TF, then those of its gene; a kind of node may have none."""
    data = add_numbers(small_graph(7, 21), {kind: {TF: 3, GENE: 2}[kind] for kind in kinds})
    feature = pair_features.build("node_facts")
    check_pair_feature("node_facts", data)
    expected = [
        np.broadcast_to(column[:, None] if kind == TF else column, num_nodes(data))
        for kind in kinds
        for column in data[kind][NUMBERS].numpy().T
    ]
    found = pair_tables(feature, data)
    assert feature.width(data) == len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert (one == other).all()
    without = without_pairs(data, data[REGULATES].edge_index)
    for one, other in zip(pair_tables(feature, without), found, strict=True):
        assert (one == other).all(), "they depend on no edge"


def test_node_facts_need_knowledge() -> None:
    data = small_graph()
    feature = pair_features.build("node_facts")
    assert feature.width(data) == 0
    assert feature.numbers(Messages(data)) == []
    with pytest.raises(InputError, match="it holds no knowledge"):
        StructureTerm(data, ("node_facts",))


def test_a_structure_term_has_a_column_for_each_number(known: HeteroData) -> None:
    term = StructureTerm(known, NAMES)
    assert len(term.names) == 4 + 4 + 2
    values = term.values(known, known[REGULATES].edge_index)
    assert values.shape == (known[REGULATES].num_edges, 10)
