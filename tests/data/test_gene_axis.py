"""What counting and quality control write among the genes is left out of the totals, and said."""

from __future__ import annotations

from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from grnpyg.core.data_config import DataConfig, FeatureConfig
from grnpyg.core.errors import InputError, warned
from grnpyg.data.expression.read import read_expression
from grnpyg.data.load import load_grn

GENES = ["GATA1", "TP53", "MYC"]
NO_GENES = ["__no_feature", "__ambiguous", "N_unmapped", "N_noFeature", "nCount_RNA", "nFeature_RNA"]
NO_GENES += ["percent.mt", "total_counts", "n_genes", "n_genes_by_counts", "pct_counts_mt", "G2M.Score"]


def table(genes: list[str], form: type = sp.csr_matrix) -> ad.AnnData:
    matrix = np.arange(1, 1 + 4 * len(genes), dtype=np.float32).reshape(4, -1)
    obs = pd.DataFrame(index=["a", "b", "c", "d"])
    return ad.AnnData(form(matrix), obs=obs, var=pd.DataFrame(index=genes))


@pytest.mark.parametrize("form", [np.asarray, sp.csr_matrix, sp.csc_matrix])
@pytest.mark.parametrize("backed", [False, True])
def test_entries_that_are_no_genes_are_left_out_and_said(tmp_path: Path, backed: bool, form: type) -> None:
    table([*GENES, *NO_GENES], form).write_h5ad(tmp_path / "a.h5ad")
    with warned() as lines:
        adata = read_expression(tmp_path / "a.h5ad", backed=backed)
    assert list(adata.var_names) == GENES
    assert np.asarray(adata.X.sum(axis=1)).ravel().tolist() == [6.0, 51.0, 96.0, 141.0]
    assert f"{len(NO_GENES)} entries are no genes" in lines[0]
    assert "__no_feature" in lines[0]


def test_names_of_genes_stay() -> None:
    names = [*GENES, "N6AMT1", "NCOUNT", "PCTP", "S100A4", "TOTAL", "NGF"]
    with warned() as lines:
        assert list(read_expression(table(names)).var_names) == names
        assert "n_genes" in read_expression(table([*GENES, "n_genes"]), known_genes={"n_genes"}).var_names
    assert lines == []


def test_a_table_without_genes_is_refused() -> None:
    with pytest.raises(InputError, match="holds no genes"):
        read_expression(table(NO_GENES))


def with_ids() -> ad.AnnData:
    adata = table([f"ENSG0000000000{i}" for i in range(3)])
    adata.var["feature_name"] = GENES
    return adata


@pytest.mark.parametrize("memory", [False, True])
def test_a_column_that_names_the_genes_is_named_and_the_advice_works(tmp_path: Path, memory: bool) -> None:
    with_ids().write_h5ad(tmp_path / "a.h5ad")
    source = with_ids() if memory else tmp_path / "a.h5ad"
    with pytest.raises(InputError, match=r"'feature_name' 3\. Use `--var-names feature_name`"):
        read_expression(source, known_genes=GENES)
    adata = read_expression(source, known_genes=GENES, var_names="feature_name")
    assert list(adata.var_names) == GENES
    with pytest.raises(InputError, match="unknown var column 'symbol'"):
        read_expression(source, var_names="symbol")


def test_symbols_of_several_ids_are_counted() -> None:
    adata = table(["IL6", "IL6", "MYC"])
    adata.var["gene_ids"] = ["a", "b", "c"]
    with warned() as lines:
        assert list(read_expression(adata).var_names) == ["IL6", "IL6-1", "MYC"]
    assert "1 gene names belong to several gene ids (IL6)" in lines[0]


@pytest.mark.parametrize("memory", [False, True])
def test_raw_with_more_genes_of_the_labels_is_named(tmp_path: Path, memory: bool) -> None:
    adata = table(GENES)
    adata.raw = adata.copy()
    adata = adata[:, :1].copy()
    adata.write_h5ad(tmp_path / "a.h5ad")
    with warned() as lines:
        read_expression(adata if memory else tmp_path / "a.h5ad", known_genes=GENES)
    assert "X holds 1 genes of the labels, .raw 3. To read .raw use `--use-raw`" in lines[0]
    del adata.X
    adata.write_h5ad(tmp_path / "b.h5ad")
    with pytest.raises(InputError, match="`--use-raw`"):
        read_expression(adata if memory else tmp_path / "b.h5ad", known_genes=GENES)


def test_the_keys_of_a_config_reach_the_reader(tmp_path: Path) -> None:
    with_ids().write_h5ad(tmp_path / "a.h5ad")
    (tmp_path / "l.tsv").write_text("source\ttarget\nGATA1\tTP53\nTP53\tMYC\n")
    labels, path = str(tmp_path / "l.tsv"), str(tmp_path / "a.h5ad")
    data = DataConfig(expression=path, labels=labels, var_names="feature_name", state="normalised")
    report = load_grn(data, FeatureConfig(kind="pca"), 0).report
    assert report.counts["genes_without_expression"] == 0
    assert any("normalised but not logged" in line for line in report.sentences)


@pytest.mark.parametrize(("count", "left"), [(3, 6), (4, 3), (5, 3)])
def test_summaries_without_underscores_are_left_out_if_several_are_there(count: int, left: int) -> None:
    old = ["no_feature", "ambiguous", "too_low_aQual", "not_aligned", "alignment_not_unique"][:count]
    with warned() as lines:
        assert read_expression(table([*GENES, *old])).n_vars == left
    assert len(lines) == (left == 3)
