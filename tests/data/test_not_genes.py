"""Totals, statistics, clusters, antibodies and peaks in a matrix count neither as genes nor as cells."""

from __future__ import annotations

from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from grnpyg.core.errors import warned
from grnpyg.data.expression import chunks
from grnpyg.data.expression.read import read_expression

GENES = [f"GENE{number}" for number in range(8)]
CELLS = [f"c{number}" for number in range(6)]
COUNTS = pd.DataFrame(np.random.default_rng(0).poisson(4, (8, 6)), index=GENES, columns=CELLS)


def read(path: Path, table: pd.DataFrame) -> tuple[ad.AnnData, list[str]]:
    table.to_csv(path)
    with warned() as warnings:
        return read_expression(path, known_genes=GENES), list(warnings)


@pytest.mark.parametrize("name", ["Total", "ALL", "sum"])
def test_a_row_that_is_the_sum_of_the_others_is_no_gene(tmp_path, name):
    table = pd.concat([COUNTS, COUNTS.sum().to_frame(name).T])
    adata, warnings = read(tmp_path / "a.csv", table)
    assert list(adata.var_names) == GENES
    assert any(f"1 entries are no genes and left out, also of the cell totals: {name}" in w for w in warnings)


@pytest.mark.parametrize("form", [sp.csr_matrix, np.asarray])
@pytest.mark.parametrize("backed", [False, True])
def test_the_sum_of_the_others_is_found_in_blocks_of_cells(tmp_path, monkeypatch, backed, form):
    table = pd.concat([COUNTS, COUNTS.sum().to_frame("ALL").T]).T.astype(np.float32)
    cells = ad.AnnData(form(table.to_numpy()), obs=table.iloc[:, :0], var=pd.DataFrame(index=table.columns))
    cells.write_h5ad(tmp_path / "a.h5ad")
    monkeypatch.setattr(chunks, "CHUNK", 2 * cells.n_vars)  # two cells at a time
    with warned() as warnings:
        found = read_expression(tmp_path / "a.h5ad", known_genes=GENES, backed=backed)
    assert list(found.var_names) == GENES
    assert any("also of the cell totals: ALL" in line for line in warnings)
    matrix = found.X.toarray() if sp.issparse(found.X) else found.X
    np.testing.assert_array_equal(matrix, COUNTS.T)


@pytest.mark.parametrize("name", ["Total", "Mean", "SD", "rowSums", "Grand Total"])
def test_a_column_of_totals_or_statistics_is_no_cell(tmp_path, name):
    adata, warnings = read(tmp_path / "a.csv", COUNTS.assign(**{name: COUNTS.sum(axis=1)}))
    assert list(adata.obs_names) == CELLS
    assert any(f"1 entries are no cells and left out: {name}" in w for w in warnings)


@pytest.mark.parametrize("name", ["leiden", "seurat_clusters", "UMAP_1", "PC_2", "sum", "detected"])
def test_metadata_of_cells_are_no_genes(tmp_path, name):
    adata, warnings = read(tmp_path / "a.csv", COUNTS.T.assign(**{name: -0.5}))
    assert list(adata.var_names) == GENES
    assert any(name in w for w in warnings)


@pytest.mark.parametrize("names", [GENES[:2], ["CD4_TotalSeq", "CD8_TotalSeq"]])
def test_antibodies_beside_genes_are_left_out(tmp_path, names):
    matrix = np.hstack([COUNTS.T.to_numpy(), 1000 * COUNTS.T.to_numpy()[:, :2]]).astype(np.float32)
    kinds = ["Gene Expression"] * 8 + ["Antibody Capture"] * 2
    var = pd.DataFrame({"feature_types": kinds}, index=[*GENES, *names])
    with warned() as warnings:
        adata = read_expression(ad.AnnData(matrix, obs=pd.DataFrame(index=CELLS), var=var))
    assert list(adata.var_names) == GENES
    assert any("left out: 2 Antibody Capture" in line for line in warnings)


def test_spike_ins_are_said(tmp_path):
    table = COUNTS.rename({"GENE7": "ERCC-00002"})
    _, warnings = read(tmp_path / "a.csv", table)
    assert any("1 entries are spike-ins" in line for line in warnings)


def test_genes_and_cells_of_usual_names_stay(tmp_path):
    names = ["SUMO1", "TOTAL", "PCA3", "LEF1", "CLUSTERIN", "PC", "UMAD1", "DETECTED"]
    COUNTS.set_axis(names, axis=0).T.to_csv(tmp_path / "a.csv")
    with warned() as warnings:
        adata = read_expression(tmp_path / "a.csv", known_genes=["SUMO1", "LEF1"])
    assert list(adata.var_names) == names
    assert not warnings
