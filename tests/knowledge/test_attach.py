from __future__ import annotations

import copy
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from knowledge.tables import BLOOD, TFS, in_cells, network
from torch_geometric.data import HeteroData

from grnpyg.controls import controls
from grnpyg.core.data_config import KnowledgeConfig
from grnpyg.core.errors import InputError, LeakageError, warned
from grnpyg.data.graph import (
    DIRECT,
    GENE,
    NUMBERS,
    REGULATES,
    SIMILAR,
    TF,
    build_graph,
    direct_edges,
    is_knowledge,
    knowledge_edges,
    load_graph,
    save_graph,
    similar_edges,
)
from grnpyg.knowledge.attach import KnowledgeExtension, knowledge_hashes
from grnpyg.knowledge.tables import MissingError, fetched
from grnpyg.resolve import config_hash, make_config
from grnpyg.splits import TransductiveSplit
from grnpyg.splits.messages import without_pairs
from grnpyg.testing.rules import equal

ALL = ("atlas", "cells", "go", "motif_sets", "pfam", "position", "tf_family", "tissues")


def known(graph: HeteroData, *sources: str, cells: bool = True, **section: object) -> list[str]:
    config = make_config({"knowledge": {"sources": list(sources or ALL), **section}}).knowledge
    assert config is not None
    with warned() as lines:
        sentences, _ = KnowledgeExtension(config)(graph, in_cells() if cells else None, 0)
    return [*sentences, *lines]


def test_every_source_enters_the_graph_as_edges_and_numbers(tables: Path, graph: HeteroData) -> None:
    said = known(graph, neighbours=3)
    assert len(said) >= len(ALL)
    graph.validate(raise_on_error=True)
    genes = {name.removeprefix(SIMILAR) for _, name, _ in knowledge_edges(graph, SIMILAR, GENE)}
    tfs = {name.removeprefix(SIMILAR) for _, name, _ in knowledge_edges(graph, SIMILAR, TF)}
    direct = {name.removeprefix(DIRECT) for _, name, _ in knowledge_edges(graph, DIRECT, GENE)}
    assert genes == {*ALL} - {"tf_family"}
    assert tfs == {*ALL} - {"motif_sets"}
    assert direct == {*ALL} - {"tf_family"}
    for edge_type in [edge_type for edge_type in graph.edge_types if is_knowledge(edge_type)]:
        sender, receiver = graph[edge_type].edge_index
        assert graph[edge_type].edge_weight.shape == sender.shape
        assert (graph[edge_type].edge_weight > 0).all()
        assert (graph[edge_type].edge_weight <= 1).all()
        if edge_type[0] == edge_type[2]:
            assert (sender != receiver).all()
            assert torch.bincount(receiver).max() <= 3
        else:
            names = [(graph[TF].name[a], graph[GENE].name[b]) for a, b in zip(sender, receiver, strict=True)]
            assert all(tf != gene for tf, gene in names)
    for kind in (TF, GENE):
        numbers = graph[kind][NUMBERS]
        assert numbers.shape == (graph[kind].num_nodes, 5)  # terms; mean and maximum of two atlases
        assert numbers.mean(dim=0).abs().max() < 1e-5


def test_the_same_graph_again_and_another_order_of_names(tables: Path) -> None:
    first, again = network(), network()
    known(first)
    known(again)
    assert equal(first.to_dict(), again.to_dict())


def test_a_stored_graph_comes_back_and_a_forged_one_does_not(tables: Path, graph: HeteroData) -> None:
    known(graph)
    save_graph(graph, Path("graph.safetensors"))
    assert equal(load_graph(Path("graph.safetensors")).to_dict(), graph.to_dict())
    go = similar_edges(GENE, "go")

    def forged(change: str) -> HeteroData:
        other = copy.deepcopy(graph)
        if change == "id":
            other[go].edge_index[0, 0] = 99
        elif change == "weight":
            other[go].edge_weight[0] = float("nan")
        elif change == "rows":
            other[GENE][NUMBERS] = other[GENE][NUMBERS][:-1]
        elif change == "infinite":
            other[GENE][NUMBERS][0, 0] = float("inf")
        elif change == "type":
            other[TF, "similar_go", GENE].edge_index = other[direct_edges("go")].edge_index.clone()
        elif change == "name":
            other[GENE, "similar_", GENE].edge_index = other[go].edge_index.clone()
        return other

    for change in ("id", "weight", "rows", "infinite", "type", "name"):
        save_graph(forged(change), Path("forged.safetensors"))
        with pytest.raises(InputError, match="not a readable graph"):
            load_graph(Path("forged.safetensors"))


def test_knowledge_is_no_leak_but_a_copy_of_the_labels_under_another_name_is(
    tables: Path, graph: HeteroData
) -> None:
    """What a source says of a pair comes from outside the labels, so it may name a held-out one."""
    graph[direct_edges("any")].edge_index = graph[REGULATES].edge_index
    split = TransductiveSplit(val_ratio=0.1, test_ratio=0.2).split(graph, 0)
    assert torch.equal(split.graph[direct_edges("any")].edge_index, graph[REGULATES].edge_index)
    fewer = without_pairs(split.graph, split.positives["train"][:, :2])
    assert fewer[direct_edges("any")].edge_index is split.graph[direct_edges("any")].edge_index
    graph[TF, "knows", GENE].edge_index = graph[REGULATES].edge_index
    with pytest.raises(LeakageError, match="knows holds held-out pairs"):
        TransductiveSplit(val_ratio=0.1, test_ratio=0.2).split(graph, 0)


def test_what_is_missing_is_left_out_and_said_or_refused(tables: Path, graph: HeteroData) -> None:
    (tables / "hpa_rna_human.tsv.gz").unlink()
    said = known(graph, "atlas", "cells", "pfam", cells=False)
    assert [line for line in said if line.startswith("knowledge atlas: left out")]
    assert "knowledge cells: left out: there is no expression. Give cells with --data" in said
    assert knowledge_edges(graph, SIMILAR, GENE) == [similar_edges(GENE, "pfam")]
    with pytest.raises(InputError, match="knowledge cells: there is no expression"):
        known(network(), "cells", cells=False, missing="refuse")
    config = KnowledgeConfig(sources=("atlas", "pfam"))
    assert list(knowledge_hashes(config)) == ["knowledge pfam"]
    with pytest.raises(InputError, match="knowledge atlas"):
        knowledge_hashes(config.model_copy(update={"missing": "refuse"}))


def test_an_entry_that_was_not_fetched_names_the_command() -> None:
    with pytest.raises(MissingError, match="Run `grnpyg data fetch brain`"):
        fetched("brain")


def test_labels_with_other_identifiers_leave_sources_out(tables: Path) -> None:
    """Ensembl ids: no table knows them, and the words say what would help."""
    graph = network()
    for kind in (TF, GENE):
        graph[kind].name = [f"ENSG{zlib.crc32(name.encode()):011d}" for name in graph[kind].name]
    said = known(graph, "go")
    assert any("named by ensembl" in line and "--id-map" in line for line in said)


def test_a_single_tf_has_neighbours_among_genes_only(tables: Path) -> None:
    pairs = [("GATA1", gene) for gene in BLOOD if gene != "GATA1"]
    graph = build_graph(pd.DataFrame(pairs, columns=["source", "target"]))
    known(graph, "go", "tf_family")
    assert graph[similar_edges(TF, "go")].num_edges == 0
    assert graph[similar_edges(GENE, "go")].num_edges > 0


def test_the_default_changes_no_hash_and_a_source_does() -> None:
    plain = config_hash(make_config({}))
    assert config_hash(make_config({"knowledge": None})) == plain
    named = {"knowledge": {"sources": ["go"]}}
    with_default = {"knowledge": {"sources": [{"name": "go", "largest": 400}], "neighbours": 50}}
    assert config_hash(make_config(named)) == config_hash(make_config(with_default)) != plain
    other = {"knowledge": {"sources": [{"name": "go", "largest": 200}]}}
    assert config_hash(make_config(other)) != config_hash(make_config(named))


def test_shuffled_facts_are_those_of_other_nodes(tables: Path, graph: HeteroData) -> None:
    """Numbers and degrees stay as a whole; labels, expression and node names stay as they are."""
    known(graph)
    control = controls.build("shuffled_knowledge")
    shuffled = control.before_training(graph, 0)
    assert equal(shuffled[REGULATES].to_dict(), graph[REGULATES].to_dict())
    orders = set()
    for kind in (TF, GENE):
        rows = [sorted(map(tuple, data[kind][NUMBERS].tolist())) for data in (graph, shuffled)]
        assert rows[0] == rows[1]
        assert not torch.equal(graph[kind][NUMBERS], shuffled[kind][NUMBERS])
        for edge_type in knowledge_edges(graph, SIMILAR, kind):
            before, after = graph[edge_type], shuffled[edge_type]
            assert torch.equal(before.edge_weight, after.edge_weight)
            moved = dict(
                zip(before.edge_index.flatten().tolist(), after.edge_index.flatten().tolist(), strict=True)
            )
            assert len(set(moved.values())) == len(moved)  # a permutation
            orders.add((kind, tuple(moved.get(node, -1) for node in range(len(TFS)))))
    assert len(orders) > 8  # each source has its own
    assert not equal(control.before_training(graph, 1).to_dict(), shuffled.to_dict())
    with pytest.raises(InputError, match="no knowledge to shuffle"):
        control.before_training(network(), 0)


def test_a_source_of_ones_own_is_named_by_its_class(
    tables: Path, graph: HeteroData, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("mine.py").write_text(
        "import numpy as np\n"
        "from grnpyg.knowledge import Facts, KnowledgeSource\n"
        "from grnpyg.knowledge.nearest import Vectors\n"
        "class Letters(KnowledgeSource):\n"
        "    'First letters.'\n"
        "    date, licence, tier = '2026', 'CC0', 'measured'\n"
        "    def facts(self, genes, cells, seed):\n"
        "        unit = np.array([[float(n[0] == c) for c in 'ABCGHIMST'] for n in genes.names])\n"
        "        return Facts(unit.any(axis=1), Vectors(unit))\n"
    )
    monkeypatch.syspath_prepend(str(Path.cwd()))
    known(graph, "mine:Letters")
    sender, receiver = graph[similar_edges(GENE, "letters")].edge_index
    names = np.array(graph[GENE].name)
    assert all(a[0] == b[0] for a, b in zip(names[sender], names[receiver], strict=True))
