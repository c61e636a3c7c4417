"""What counting and quality control write among the genes is left out of the totals, and said."""

from __future__ import annotations

from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from grnpyg.core.errors import InputError, warned
from grnpyg.data.expression import read_expression

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
