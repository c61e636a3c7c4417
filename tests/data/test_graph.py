from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from safetensors.torch import save_file
from strategies import graphs
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.data.graph import (
    ENCODED_BY,
    GENE,
    REGULATED_BY,
    REGULATES,
    TF,
    build_graph,
    load_graph,
    num_nodes,
    pair_codes,
    save_graph,
)
from grnpyg.testing import small_graph
from grnpyg.testing.rules import equal

EDGES = pd.DataFrame(
    {
        "source": ["B", "A", "B"],
        "target": ["x", "B", "y"],
        "weight": [1.0, -1.0, 0.5],
        "evidence": list("pqr"),
    }
)
FEATURES = pd.DataFrame({"f0": [1.0, 2.0, 3.0], "f1": [4.0, 5.0, 6.0]}, index=["x", "B", "unused"])


def named(data: HeteroData, edge_type: tuple[str, str, str]) -> list[tuple[str, str]]:
    source, target = data[edge_type].edge_index.tolist()
    names = data[edge_type[0]].name, data[edge_type[2]].name
    return [(names[0][i], names[1][j]) for i, j in zip(source, target, strict=True)]


def test_names_edges_weights_and_features_stay_together() -> None:
    data = build_graph(EDGES, FEATURES)
    assert data[TF].name == ["A", "B"]
    assert data[GENE].name == ["B", "x", "y"]
    assert num_nodes(data) == (2, 3)
    weights = dict(zip(named(data, REGULATES), data[REGULATES].edge_weight.tolist(), strict=True))
    assert weights == {("B", "x"): 1.0, ("A", "B"): -1.0, ("B", "y"): 0.5}
    assert named(data, REGULATED_BY) == [(gene, tf) for tf, gene in named(data, REGULATES)]
    assert named(data, ENCODED_BY) == [("B", "B")]
    assert data[TF].x.tolist() == [[0.0, 0.0], [2.0, 5.0]]
    assert data[GENE].x.tolist() == [[2.0, 5.0], [1.0, 4.0], [0.0, 0.0]]
    assert data[TF].has_expression.tolist() == [False, True]
    assert data[GENE].has_expression.tolist() == [True, True, False]
    assert data[TF].x.dtype == torch.float32


def test_without_features_and_weights() -> None:
    data = build_graph(EDGES[["source", "target"]])
    assert data[TF].x.shape == (2, 0)
    assert not data[GENE].has_expression.any()
    assert "edge_weight" not in data[REGULATES]


def test_a_universe_may_hold_nodes_without_edges_in_its_own_order() -> None:
    data = build_graph(EDGES, tfs=["z", "B", "A"], genes=["y", "x", "w", "B"])
    assert data[TF].name == ["z", "B", "A"]
    assert set(named(data, REGULATES)) == {("B", "x"), ("A", "B"), ("B", "y")}


@pytest.mark.parametrize(
    ("edges", "options", "words"),
    [
        (EDGES[:0], {}, "no edge"),
        (pd.concat([EDGES, EDGES[:1]]), {}, "duplicate edges"),
        (pd.DataFrame({"source": ["A"], "target": ["A"]}), {}, "self-loops"),
        (EDGES, {"tfs": ["A"]}, "1 sources are not in the tf universe: B"),
        (EDGES, {"genes": ["x"]}, "2 targets are not in the gene universe: B, y"),
        (EDGES, {"tfs": ["A", "B", "A"]}, "duplicate tf names: A"),
        (EDGES, {"features": FEATURES.assign(f0=np.nan)}, "NaN or infinite"),
        (EDGES, {"features": FEATURES.assign(f0=np.inf)}, "NaN or infinite"),
        (EDGES, {"features": FEATURES.assign(f0=1e300)}, "NaN or infinite"),  # infinite as float32
        (EDGES, {"features": pd.concat([FEATURES, FEATURES])}, "hold a gene twice"),
    ],
)
def test_bad_input_is_refused(edges: pd.DataFrame, options: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        build_graph(edges, **options)


@settings(deadline=None, max_examples=20)
@given(graphs())
def test_pair_codes_are_one_to_one(data: HeteroData) -> None:
    num_tfs, num_genes = num_nodes(data)
    pairs = torch.cartesian_prod(torch.arange(num_tfs), torch.arange(num_genes)).t()
    assert pair_codes(data, pairs).tolist() == list(range(num_tfs * num_genes))


@settings(deadline=None, max_examples=10)
@given(graphs())
def test_save_and_load_give_the_same_graph(
    tmp_path_factory: pytest.TempPathFactory, data: HeteroData
) -> None:
    data[REGULATES].edge_weight = torch.randn(data[REGULATES].num_edges)
    path = tmp_path_factory.mktemp("graph") / "graph.safetensors"
    save_graph(data, path)
    again = load_graph(path)
    assert equal(again.to_dict(), data.to_dict())
    assert num_nodes(again) == num_nodes(data)
    again.validate(raise_on_error=True)


def test_unusual_names_survive(tmp_path: Path) -> None:
    edges = pd.DataFrame({"source": ["NKX2-1", 'a"b'], "target": ["HLA|DRA/1", "µ β"]})
    save_graph(build_graph(edges), tmp_path / "g")
    assert load_graph(tmp_path / "g")[GENE].name == ["HLA|DRA/1", "µ β"]


def test_files_that_are_no_graph_are_named(tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    save_graph(small_graph(), good)
    bad.write_bytes(good.read_bytes()[:-7])
    save_file({"x": torch.ones(2)}, tmp_path / "other")
    (tmp_path / "text").write_text("not a graph")
    for path in (bad, tmp_path / "other", tmp_path / "text", tmp_path / "none", tmp_path):
        with pytest.raises(InputError, match="not a readable graph"):
            load_graph(path)


def test_small_graph_keeps_its_promises() -> None:
    for shape in ((6, 20, 5), (2, 2, 0), (5, 5, 1), (9, 40, 3)):
        data = small_graph(*shape)
        assert (*num_nodes(data), data[GENE].num_features) == shape
        edges = data[REGULATES].edge_index
        assert edges[0].unique().numel() == shape[0]
        assert edges[1].unique().numel() == shape[1]
        assert data[ENCODED_BY].num_edges == shape[0] // 2
    assert equal(small_graph().to_dict(), small_graph().to_dict())
    assert not equal(small_graph(seed=1)[REGULATES].to_dict(), small_graph()[REGULATES].to_dict())
