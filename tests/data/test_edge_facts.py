"""Signs and levels of known edges: read from every column that tells them, kept with their edges, counted."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import torch
from places import SHARED, needs
from safetensors import safe_open
from safetensors.torch import save_file
from torch_geometric.data import HeteroData

from grnpyg.api.grn import build_grn
from grnpyg.core.errors import InputError
from grnpyg.data.edge_facts import FACTS
from grnpyg.data.graph import GENE, REGULATES, TF, build_graph, load_graph, save_graph
from grnpyg.splits.messages import with_messages, without_pairs
from grnpyg.testing.rules import equal

WAYS = {
    "mor": "source target mor confidence\nA x 1 B\nA y -1 A\nB x 0 B\n",
    "mode": "source target mode confidence\nA x Activation B\nA y Repression A\nB x Unknown B\n",
    "weight": "source target weight confidence\nA x 1 B\nA y -1 A\nB x 1 B\nB x -1 B\n",
}


def signs(graph: HeteroData) -> dict[str, int]:
    """`TF>gene` -> sign, by the names at both ends."""
    tf, gene = graph[REGULATES].edge_index.tolist()
    names = [f"{graph[TF].name[i]}>{graph[GENE].name[j]}" for i, j in zip(tf, gene, strict=True)]
    return dict(zip(names, graph[REGULATES].sign.tolist(), strict=True))


@pytest.mark.parametrize("way", WAYS)
def test_each_column_that_tells_the_sign_reaches_the_graph_and_the_report(way: str) -> None:
    Path("mine.tsv").write_text(WAYS[way].replace(" ", "\t"))
    grn = build_grn(None, "mine.tsv")
    store = grn.graph[REGULATES]
    assert signs(grn.graph) == {"A>x": 1, "A>y": -1, "B>x": 0}
    assert store.sign.dtype == torch.int8
    assert store.provenance == {"labels": "mine.tsv", "levels": ["A", "B"]}
    assert store.confidence.tolist() == [1, 0, 1]
    counts = {name: grn.report.counts[name] for name in ("activating", "repressing", "sign_unknown")}
    assert counts == {"activating": 1, "repressing": 1, "sign_unknown": 1}
    assert grn.report.counts["sign_contradicting"] == int(way == "weight")
    assert any(line.startswith("Signs: 1 known edges activate, 1 repress") for line in grn.report.sentences)


def test_one_row_of_omnipath_may_contradict_itself() -> None:
    rows = "MYC TERT 1 1\nMYC ODC1 1 0\n"
    text = "source_genesymbol target_genesymbol is_stimulation is_inhibition\n" + rows
    Path("omnipath.tsv").write_text(text.replace(" ", "\t"))
    counts = build_grn(None, "omnipath.tsv").report.counts
    assert (counts["activating"], counts["sign_unknown"], counts["sign_contradicting"]) == (1, 1, 1)


def test_a_contradiction_outlasts_a_renaming() -> None:
    """The rows of a former name are merged with those of the current one: 0 and +1 must not become +1."""
    table = {"source": ["A"] * 3, "target": ["x.1", "x.1", "x.2"], "mor": [1, -1, 1]}
    Path("map.tsv").write_text("from\tto\nx.1\tENSG00000000001\nx.2\tENSG00000000001\nA\tENSG00000000002\n")
    grn = build_grn(None, pd.DataFrame(table), id_map="map.tsv")
    assert grn.report.counts["edges"] == 1
    assert grn.graph[REGULATES].sign.tolist() == [0]
    assert grn.report.counts["sign_contradicting"] == 1


def test_labels_without_signs_say_so() -> None:
    grn = build_grn(None, {"A": ["x", "y"], "B": ["x"]})
    assert "sign" not in grn.graph[REGULATES]
    assert grn.report.counts["sign_unknown"] == 3
    assert "Signs: the labels do not tell activation from repression." in grn.report.sentences


def signed_graph() -> HeteroData:
    edges = pd.DataFrame(
        {
            **{"source": list("AABB"), "target": list("xyxz"), "weight": [1.0, -2.0, 1.0, 3.0]},
            **{"sign": [1, -1, 0, 1], "confidence": ["hi", "", "lo", "hi"]},
        }
    )
    return build_graph(edges, labels="made up")


def test_a_graph_file_keeps_the_facts_and_older_files_have_none(tmp_path: Path) -> None:
    graph = signed_graph()
    save_graph(graph, tmp_path / "new")
    assert equal(load_graph(tmp_path / "new").to_dict(), graph.to_dict())
    old = with_messages(graph, graph[REGULATES].edge_index)  # as 0.3.0 wrote it
    save_graph(old, tmp_path / "old")
    again = load_graph(tmp_path / "old")
    assert not set(FACTS) & set(again[REGULATES])
    assert equal(again.to_dict(), old.to_dict())


def test_message_graphs_have_weights_but_no_facts_that_could_lie_beside_other_edges() -> None:
    graph = signed_graph()
    edges = graph[REGULATES].edge_index
    for fewer in (with_messages(graph, edges[:, [3, 1]]), without_pairs(graph, edges[:, :2])):
        assert not set(FACTS) & set(fewer[REGULATES])
        assert fewer[REGULATES].edge_weight.numel() == 2
    assert set(FACTS) <= set(graph[REGULATES])


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("sign", torch.tensor([1, -1, 0, 2], dtype=torch.int8), "neither -1, 0 nor 1"),
        ("sign", torch.tensor([1, -1, 0], dtype=torch.int8), "not one whole number each"),
        ("sign", torch.tensor([1.0, -1, 0, 1]), "not one whole number each"),
        ("confidence", torch.tensor([0, -1, 1, 2], dtype=torch.int32), "has no name"),
        ("provenance", {"labels": 3, "levels": []}, "not a name and a list"),
        ("provenance", {"labels": "a", "levels": [1]}, "not a list of words"),
        ("provenance", ["a"], "not a name and a list"),
    ],
)
def test_damaged_facts_are_refused(tmp_path: Path, name: str, value: object, words: str) -> None:
    save_graph(signed_graph(), tmp_path / "graph")
    with safe_open(tmp_path / "graph", framework="pt") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (not a dict)
        metadata = dict(file.metadata())
    if isinstance(value, torch.Tensor):
        tensors[f"tf|regulates|gene/{name}"] = value
    else:
        metadata["names"] = json.dumps(json.loads(metadata["names"]) | {name: value})
    save_file(tensors, tmp_path / "bad", metadata=metadata)
    with pytest.raises(InputError, match=words):
        load_graph(tmp_path / "bad")


@pytest.mark.slow
@needs("regulons", "knowledge")
@pytest.mark.parametrize(
    ("file", "activating", "repressing", "unknown", "contradicting"),
    [
        ("regulons/trrust_rawdata.human.tsv", 2_927, 1_711, 3_765, 207),
        ("regulons/dorothea_hs_A-E.tsv.gz", 410_583, 43_921, 0, 0),
        ("knowledge/collectri_human.csv.gz", 41_674, 6_018, 85, 85),
    ],
)
def test_signs_of_real_labels(
    file: str, activating: int, repressing: int, unknown: int, contradicting: int
) -> None:
    counts = build_grn(None, SHARED / file).report.counts
    found = [counts[key] for key in ("activating", "repressing", "sign_unknown", "sign_contradicting")]
    assert found == [activating, repressing, unknown, contradicting]
