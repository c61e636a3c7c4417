"""The clients that docs/network.md names read each format as it is, and find the same network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from networks.tables import PAIRS, client, network, regulons_of_ctxcore

from grnpyg.networks.export import strengths, to_networkx, weights, write_network

TABLE = network()
TABLES = {".tsv": "\t", ".csv": ","}


def written(name: str, format: str | None = None) -> Path:
    path = Path(name)
    write_network(TABLE, path, format)
    return path


def polars_kind(column: str) -> str:
    words = ("TF", "target", "cold", "provenance", "frequency")  # an empty column has no type
    return "String" if column in words else "Boolean" if column == "known" else "number"


@pytest.mark.parametrize("suffix", [".tsv", ".csv", ".parquet"])
def test_polars_reads_the_table_with_its_types(suffix: str) -> None:
    pl = client("polars")
    path = written(f"network{suffix}")
    table = pl.read_parquet(path) if suffix == ".parquet" else pl.read_csv(path, separator=TABLES[suffix])
    assert table.columns == list(TABLE.columns)
    for name, kind in table.schema.items():
        if not (suffix == ".parquet" and name == "frequency"):
            assert polars_kind(name) == ("number" if kind.is_numeric() else str(kind)), name
    assert list(zip(table["TF"], table["target"], strict=True)) == PAIRS
    np.testing.assert_allclose(table["probability"].to_numpy(), TABLE["probability"])
    assert table["sd"].null_count() + int(table["sd"].is_nan().sum() or 0) == 2


@pytest.mark.parametrize("suffix", [".tsv", ".csv", ".parquet"])
def test_duckdb_queries_the_file(suffix: str) -> None:
    duckdb = client("duckdb")
    path = written(f"network{suffix}")
    query = f"select TF, target, importance, rank from '{path}' where known and sign >= 0 order by rank"
    expected = TABLE[TABLE["known"] & TABLE["sign"].ge(0)]
    rows = duckdb.sql(query).fetchall()
    assert [row[:2] for row in rows] == list(zip(expected["TF"], expected["target"], strict=True))
    np.testing.assert_allclose([row[2] for row in rows], expected["importance"])


@pytest.mark.parametrize("suffix", [".tsv", ".csv"])
def test_arboretos_columns_as_pyscenic_reads_adjacencies(suffix: str) -> None:
    """pySCENIC's `load_adjacencies` is this call; an importance has to be positive there."""
    path = written(f"adjacencies{suffix}", "arboreto")
    dtype = {0: str, 1: str, 2: np.float64}
    table = pd.read_csv(path, sep=TABLES[suffix], dtype=dtype, keep_default_na=False)  # type: ignore[arg-type]
    assert list(table.columns) == ["TF", "target", "importance"]
    assert list(zip(table["TF"], table["target"], strict=True)) == PAIRS
    assert (table["importance"] > 0).all()
    assert table["importance"].is_monotonic_decreasing


@pytest.mark.parametrize("method", ["ulm", "aucell"])
@pytest.mark.parametrize("suffix", [".tsv", ".csv", ".parquet"])
def test_decoupler_runs_on_the_file(suffix: str, method: str) -> None:
    dc, anndata = client("decoupler"), client("anndata")
    path = written(f"net{suffix}", "decoupler")
    net = pd.read_parquet(path) if suffix == ".parquet" else pd.read_csv(path, sep=TABLES[suffix])
    names = [*{name for pair in PAIRS for name in pair}, *(f"G{i}" for i in range(30))]
    values = np.random.default_rng(0).random((6, len(names)))
    adata = anndata.AnnData(values, var=pd.DataFrame(index=names))
    getattr(dc.mt, method)(adata, net, tmin=2)
    assert list(adata.obsm[f"score_{method}"].columns) == ["STAT1"]
    assert np.isfinite(adata.obsm[f"score_{method}"]).all().all()


def test_a_repressed_target_counts_against_the_tf_in_decoupler() -> None:
    """The sign of the weight is what a univariate model reads; an unknown sign counts as activation."""
    dc, anndata = client("decoupler"), client("anndata")
    net = pd.read_csv(written("net.tsv", "decoupler"), sep="\t")
    assert net["weight"].gt(0).tolist() == [sign >= 0 for sign in TABLE["sign"]]
    names = [f"G{i}" for i in range(20)]
    values = np.vstack([np.eye(1, 20), np.arange(1.0, 21)])  # the first cell expresses G0 alone
    adata = anndata.AnnData(values, var=pd.DataFrame(index=names))
    for sign in (1, -1):
        one = pd.DataFrame({"TF": "A", "target": names[:2], "sign": [sign, 1], "importance": 1.0})
        write_network(one, Path("one.tsv"), "decoupler")
        dc.mt.ulm(adata, pd.read_csv("one.tsv", sep="\t"), tmin=2)
        assert np.sign(adata.obsm["score_ulm"].iloc[0, 0]) == sign


@pytest.mark.parametrize(
    ("format", "sets"),
    [
        ("gmt", {"STAT1": ["IRF1", "CXCL10", "HLA-A"], "SPI1": ["CD19"], "IRF1": ["B2M"]}),
        (
            "pyscenic",
            {"STAT1(+)": ["IRF1", "CXCL10", "HLA-A"], "SPI1(-)": ["CD19"], "IRF1(+)": ["B2M"]},
        ),
    ],
)
def test_pyscenics_reader_and_decouplers_take_the_sets(format: str, sets: dict[str, list[str]]) -> None:
    """pySCENIC first guesses the separator: the first of tab, `;` and `,` with 3 fields in every line."""
    path = written("regulons.gmt", format)
    assert min(len(line.split("\t")) for line in path.read_text().splitlines()) >= 3
    signatures = regulons_of_ctxcore().GeneSignature.from_gmt(str(path))
    assert {signature.name: list(signature.genes) for signature in signatures} == sets
    net = client("decoupler").pp.read_gmt(path)
    assert {tf: list(genes) for tf, genes in net.groupby("source")["target"]} == sets


def test_networkx_reads_typed_attributes() -> None:
    nx = client("networkx")
    graph = nx.read_graphml(written("network.graphml"))
    assert graph.is_directed()
    assert set(graph.edges) == set(PAIRS)
    assert graph.nodes["STAT1"] == {"name": "STAT1", "is_tf": True}
    assert graph.nodes["B2M"]["is_tf"] is False
    for row in TABLE.to_dict("records"):
        told = graph.edges[row["TF"], row["target"]]
        assert type(told["known"]) is bool
        assert type(told["rank"]) is int
        assert type(told["importance"]) is float
        assert ("sd" in told) == (not np.isnan(row["sd"]))
        assert "frequency" not in told
        for name in set(told) - {"interaction"}:
            assert told[name] == pytest.approx(row[name]), name
        assert told["interaction"] == {1: "activates", 0: "regulates", -1: "represses"}[row["sign"]]


def test_igraph_reads_the_same_graph() -> None:
    graph = client("igraph").Graph.Read_GraphML(str(written("network.graphml")))
    assert graph.is_directed()
    names = graph.vs["name"]
    assert [(names[edge.source], names[edge.target]) for edge in graph.es] == PAIRS
    np.testing.assert_allclose(graph.es["probability"], TABLE["probability"])
    assert graph.es["known"] == TABLE["known"].tolist()
    assert [names[v.index] for v in graph.vs if v["is_tf"]] == ["STAT1", "SPI1", "IRF1"]


def test_a_graph_in_memory_is_the_one_in_the_file() -> None:
    nx = client("networkx")
    graph, file = to_networkx(TABLE), nx.read_graphml(written("network.graphml"))
    assert set(graph.edges) == set(file.edges)
    assert graph.edges["STAT1", "IRF1"]["known"]
    assert [graph.nodes[name]["is_tf"] for name in file] == [file.nodes[name]["is_tf"] for name in file]


def test_a_sif_line_has_three_fields() -> None:
    """Cytoscape's manual: `nodeA <relationship type> nodeB`, separated by tabs where names have blanks."""
    rows = [line.split("\t") for line in written("network.sif").read_text().splitlines()]
    assert [(row[0], row[2]) for row in rows] == PAIRS
    assert [row[1] for row in rows[:3]] == ["activates", "regulates", "represses"]


def test_scanpy_and_mudata_open_their_files() -> None:
    sc, mudata = client("scanpy"), client("mudata")
    adata = sc.read_h5ad(written("network.h5ad"))
    assert mudata.read_h5mu(written("network.h5mu"))["rna"].uns.keys() == adata.uns.keys()
    matrix = adata.varp["grnpyg"]
    assert matrix.nnz == len(TABLE)
    for (tf, target), weight in zip(PAIRS, weights(TABLE), strict=True):
        assert matrix[adata.var_names.get_loc(tf), adata.var_names.get_loc(target)] == weight


def test_strengths_are_positive_and_fall_whatever_is_known() -> None:
    assert strengths(TABLE).tolist() == TABLE["probability"].tolist()
    scores = TABLE.drop(columns="probability")
    assert strengths(scores.assign(importance=np.exp(TABLE["importance"])))[0] == np.exp(np.float32(3))
    with pytest.warns(match="no probabilities"):
        assert strengths(scores).tolist() == pytest.approx([1, 0.8, 0.6, 0.4, 0.2])
    assert strengths(TABLE[["TF", "target"]]).tolist() == [1] * 5
