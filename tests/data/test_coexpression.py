"""Co-expression against NumPy and SciPy, and its way through a graph and a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import torch
from anndata import AnnData
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pairwise import pairwise
from scipy.stats import spearmanr

import grnpyg.data.coexpression
from grnpyg.core.config import ExperimentConfig
from grnpyg.core.data_config import DataConfig
from grnpyg.core.errors import InputError
from grnpyg.data.coexpression import coexpressed_genes, coexpression
from grnpyg.data.features import FeatureConfig
from grnpyg.data.graph import COEXPRESSED, GENE, TF, load_graph, save_graph
from grnpyg.data.grn import GRN
from grnpyg.data.load import load_grn
from grnpyg.resolve import make_config
from grnpyg.studies.datasets import dataset_key
from grnpyg.testing.rules import equal
from grnpyg.training.prepare import load as load_config

BOTH = ("pearson", "spearman")


def cells(num_cells: int, num_genes: int, seed: int) -> np.ndarray:
    """Many zeros and many ties, one gene constant, one all zero, one negative of another."""
    rng = np.random.default_rng(seed)
    values = np.log1p(rng.poisson(0.7, (num_cells, num_genes)) * rng.gamma(2, 1, num_genes)).astype(
        np.float32
    )
    values[:, 1], values[:, 2], values[:, 4] = 0.1, 0.0, 3 - values[:, 3]
    return values


def adata_of(values: np.ndarray | sp.spmatrix) -> AnnData:
    return AnnData(values, var=pd.DataFrame(index=[f"g{i}" for i in range(values.shape[1])]))


def names(*indices: int) -> list[str]:
    return [f"g{i}" for i in indices]


def expected(values: np.ndarray, kind: str) -> np.ndarray:
    """All genes with all genes, 0 for constant ones."""
    values = values.astype(np.float64)
    varies = np.ptp(values, axis=0) > 0
    some = values[:, varies]
    full = np.zeros((varies.size, varies.size))
    found = np.corrcoef(some, rowvar=False) if kind == "pearson" else spearmanr(some).statistic
    full[np.ix_(varies, varies)] = found
    return full


@pytest.mark.parametrize(
    ("kind", "stored", "chunk"),
    pairwise(BOTH, [np.asarray, sp.csr_matrix, sp.csc_matrix], [1, 3 * 50, 1 << 22]),
)
def test_it_is_what_numpy_and_scipy_say(
    kind: str, stored: type, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ties, constant genes, any storage, and blocks of one gene, of three (10 = 3 + 3 + 3 + 1), of all."""
    monkeypatch.setattr(grnpyg.data.coexpression, "CHUNK", chunk)
    values = cells(50, 10, seed=0)
    order, rows = [9, 0, 3, 1, 2, 8, 4, 7, 6, 5], [3, 1, 0, 6]
    found = coexpression(adata_of(stored(values)), [kind], names(*rows), names(*order))[kind]
    assert found.dtype == np.float32
    assert np.allclose(found, expected(values, kind)[np.ix_(rows, order)], atol=1e-6)
    assert not found[1].any()  # constant at .1, whose float64 mean is not .1
    assert not found[:, order.index(2)].any()
    assert found[0, order.index(3)] == pytest.approx(1)
    assert found[0, order.index(4)] == pytest.approx(-1)


def test_three_cells_by_hand() -> None:
    """a rises by 1 and 3, b by 3 and 1: Pearson 66 / 78, the same ranks; c falls with a tie."""
    values = np.array([[0, 0, 1], [1, 3, 1], [4, 4, 0]], np.float32)
    found = coexpression(adata_of(values), BOTH, names(0), names(1, 2))
    assert np.allclose(found["pearson"], [[66 / 78, -21 / np.sqrt(78 * 6)]])
    assert np.allclose(found["spearman"], [[1, -np.sqrt(3) / 2]])


def test_genes_that_are_not_measured_are_zero() -> None:
    values = cells(30, 6, seed=1)
    found = coexpression(adata_of(values), BOTH, ["g0", "none"], ["g5", "nothing", "g3", "g0"])
    for kind, table in found.items():
        assert np.allclose(table[0, [0, 2, 3]], expected(values, kind)[0, [5, 3, 0]], atol=1e-6)
        assert table.shape == (2, 4)
        assert not table[1].any()
        assert not table[:, 1].any()
    assert not coexpression(adata_of(values), BOTH, ["none"], ["nothing"])["pearson"].any()


@settings(deadline=None, max_examples=50)
@given(
    arrays(
        np.float32, st.tuples(st.integers(1, 6), st.integers(2, 5)), elements=st.integers(-2, 2).map(float)
    ),
    st.floats(0.5, 1000),
    st.floats(-100, 100),
)
def test_scale_and_shift_make_no_difference(values: np.ndarray, scale: float, shift: float) -> None:
    """Few cells and few values: constant genes and a single cell are among them."""
    every = names(*range(values.shape[1]))
    found = coexpression(adata_of(values), BOTH, every, every)
    moved = coexpression(adata_of((values * scale + shift).astype(np.float32)), BOTH, every, every)
    varies = np.ptp(values, axis=0) > 0
    for kind in BOTH:
        assert np.isfinite(found[kind]).all()
        assert np.abs(found[kind]).max() <= 1
        assert np.allclose(np.diag(found[kind]), varies, atol=1e-6)
        assert np.allclose(found[kind], found[kind].T, atol=1e-6)
        assert np.allclose(found[kind], moved[kind], atol=1e-3)


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(InputError, match=r"unknown co-expression 'kendall'.*pearson, spearman"):
        coexpression(adata_of(cells(5, 6, seed=0)), ["pearson", "kendall"], ["g0"], ["g1"])


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """40 cells x 12 genes of log values; g0 and g1 are TFs, the label names a gene that is not measured."""
    values = cells(40, 12, seed=2)
    frame = pd.DataFrame(values, index=[f"cell{i}" for i in range(40)], columns=names(*range(12)))
    frame.to_csv(tmp_path / "x.csv")
    edges = [("g0", "g3"), ("g0", "g5"), ("g6", "g3"), ("g6", "g0"), ("g6", "absent"), ("missing", "g7")]
    pd.DataFrame(edges, columns=["source", "target"]).to_csv(tmp_path / "labels.tsv", sep="\t", index=False)
    return tmp_path


def load(folder: Path, asked: tuple[str, ...], n_top_genes: int | None = None, neighbours: int = 0) -> GRN:
    data = DataConfig(expression=str(folder / "x.csv"), labels=str(folder / "labels.tsv"), genes_in="columns")
    features = FeatureConfig(kind="pca", n_components=1, n_top_genes=n_top_genes)
    return load_grn(data, features, 0, coexpression=asked, neighbours=neighbours)


def test_a_loaded_graph_holds_what_was_asked_for(files: Path) -> None:
    plain, one, both = (load(files, asked) for asked in ((), ("spearman",), BOTH))
    assert {"pearson", "spearman"}.isdisjoint(plain.graph[TF].keys())
    assert "pearson" not in one.graph[TF]
    rows, columns = (both.graph[kind].name for kind in (TF, GENE))
    values = cells(40, 12, seed=2)
    for kind in BOTH:
        table = both.graph[TF][kind]
        assert table.shape == (3, 5)
        for row, tf in enumerate(rows):
            for column, gene in enumerate(columns):
                measured = tf.startswith("g") and gene.startswith("g")
                wanted = expected(values, kind)[int(tf[1:]), int(gene[1:])] if measured else 0.0
                assert float(table[row, column]) == pytest.approx(wanted, abs=1e-6)
    both.graph.validate(raise_on_error=True)
    assert any("over 40 cells: pearson, spearman." in line for line in both.report.sentences)
    for kind in BOTH:  # nothing else differs
        del both.graph[TF][kind]
    assert equal(both.graph.to_dict(), plain.graph.to_dict())


def test_correlations_are_restricted_to_the_most_variable_genes_like_the_features(files: Path) -> None:
    graph = load(files, ("pearson",), n_top_genes=6).graph
    measured = graph[TF].has_expression[:, None] & graph[GENE].has_expression[None, :]
    assert 0 < int(measured.sum()) < measured.numel()
    assert equal(graph[TF].pearson != 0, measured)


def test_a_saved_graph_keeps_them(files: Path, tmp_path: Path) -> None:
    graph = load(files, BOTH).graph
    save_graph(graph, tmp_path / "graph")
    again = load_graph(tmp_path / "graph")
    assert equal(again.to_dict(), graph.to_dict())
    again.validate(raise_on_error=True)


def test_without_expression_there_is_nothing_to_correlate(files: Path) -> None:
    data = DataConfig(expression=None, labels=str(files / "labels.tsv"))
    with pytest.raises(InputError, match=r"co-expression \(pearson\) needs expression data"):
        load_grn(data, FeatureConfig(), 0, coexpression=("pearson",))


@pytest.mark.parametrize("chunk", [1, 3 * 50, 1 << 22])
@pytest.mark.parametrize("neighbours", [1, 3, 100])
def test_each_gene_hears_from_those_it_goes_most_closely_with(
    chunk: int, neighbours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grnpyg.data.coexpression, "CHUNK", chunk)
    values = cells(50, 12, seed=1)
    genes = [*names(*range(12)), "absent"]
    senders, receivers = coexpressed_genes(adata_of(values), genes, neighbours)
    strength = np.abs(expected(values, "pearson"))
    np.fill_diagonal(strength, 0)
    for gene in range(13):
        found = senders[receivers == gene]
        if gene in (1, 2, 12):  # constant, zero, not measured
            assert found.size == 0
            continue
        wanted = np.argsort(-strength[gene], kind="stable")[: min(neighbours, 9)]
        assert sorted(found) == sorted(wanted)
    assert {3, 4} <= set(receivers[np.isin(senders, [3, 4])])  # one is the negative of the other


def test_a_graph_has_edges_between_co_expressed_genes_where_they_are_asked_for(
    files: Path, tmp_path: Path
) -> None:
    plain, asked = load(files, ()), load(files, (), neighbours=2)
    assert COEXPRESSED not in plain.graph.edge_types
    senders, receivers = asked.graph[COEXPRESSED].edge_index
    assert int(torch.bincount(receivers).max()) == 2
    absent = asked.graph[GENE].name.index("absent")
    assert absent not in senders.tolist() + receivers.tolist()
    assert any("up to 2 to each gene" in line for line in asked.report.sentences)
    asked.graph.validate(raise_on_error=True)
    save_graph(asked.graph, tmp_path / "graph")
    assert equal(load_graph(tmp_path / "graph").to_dict(), asked.graph.to_dict())
    data = DataConfig(expression=None, labels=str(files / "labels.tsv"))
    with pytest.raises(InputError, match="edges between co-expressed genes need expression data"):
        load_grn(data, FeatureConfig(), 0, neighbours=2)


def test_a_config_loads_the_neighbours_that_its_encoder_reads(files: Path) -> None:
    def config(**encoder: object) -> ExperimentConfig:
        data = {
            "expression": str(files / "x.csv"),
            "labels": str(files / "labels.tsv"),
            "genes_in": "columns",
        }
        features = {"kind": "pca", "n_components": 1}
        return make_config({"data": data, "features": features, "encoder": encoder})

    some = {"edges": ["regulates", "coexpressed"]}
    configs = [
        config(name="sage", neighbours=3),
        config(name="sage", neighbours=3, **some),
        config(name="lightgcn", neighbours=1, **some),
    ]
    most = []
    for made in configs:
        graph = load_config(made).graph
        heard = graph[COEXPRESSED].edge_index[1] if COEXPRESSED in graph.edge_types else torch.zeros(0).long()
        most.append(int(torch.bincount(heard, minlength=1).max()))
    assert most == [0, 3, 1]
    assert len({dataset_key(made) for made in configs}) == 3
