"""Numbers, lists and matrices as R, spreadsheets and other tools write them."""

from __future__ import annotations

from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from scipy.io import mmwrite

from grnpyg.core.errors import InputError, warned
from grnpyg.data.expression.read import read_expression
from grnpyg.data.features import _cell_types
from grnpyg.data.regulons.regulon import read_regulon, read_tf_list


def write(folder: Path, text: str, name: str = "r.csv") -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_weights_with_a_decimal_comma_are_read(tmp_path):
    path = write(tmp_path, "source;target;weight\nA;B;0,25\nA;C;1,5\n")
    with warned() as warnings:
        assert read_regulon(path).table["weight"].tolist() == [0.25, 1.5]
    assert any("decimal comma" in line for line in warnings)


@pytest.mark.parametrize("weights", [("1,234", "2,345"), ("0,5", "1.5")])
def test_weights_with_commas_of_two_readings_are_refused(tmp_path, weights):
    path = write(tmp_path, f"source;target;weight\nA;B;{weights[0]}\nA;C;{weights[1]}\n")
    with pytest.raises(InputError, match="not a finite number"):
        read_regulon(path)


def test_a_typographic_minus_is_a_sign(tmp_path):
    path = write(tmp_path, "source,target,mor\nA,B,\u22121\nA,C,1\n")
    assert read_regulon(path).table["sign"].tolist() == [-1, 1]


def test_labels_are_true_and_false_in_r(tmp_path):
    path = write(tmp_path, "source,target,label\nA,B,TRUE\nA,C,FALSE\n")
    assert read_regulon(path).table["target"].tolist() == ["B"]


def test_sets_without_a_description_lose_no_gene(tmp_path):
    path = write(tmp_path, "STAT1\tIRF1\tMYC\tFOS\nJUN\tMYC\tIRF1\tFOS\n", "sets.gmt")
    with warned() as warnings:
        assert len(read_regulon(path).table) == 6
    assert any("is a gene, not a description (IRF1, MYC)" in line for line in warnings)


def test_a_description_is_no_gene(tmp_path):
    path = write(tmp_path, "STAT1\tSTAT1\tMYC\tFOS\nJUN\thttp://x\tIRF1\tFOS\n", "sets.gmt")
    assert len(read_regulon(path).table) == 4


def test_a_list_of_tfs_may_have_remarks_and_quotation_marks(tmp_path):
    path = write(tmp_path, '# Lambert et al. 2018\n"STAT1"\n"JUN"\n', "tfs.txt")
    assert read_tf_list(path) == ("JUN", "STAT1")


@pytest.mark.parametrize("name", ["unknown", "Unknown", "-"])
def test_an_unknown_type_of_cell_is_none(name):
    types = _cell_types(pd.Series(["B", "T", name, "B"]), "cell_type")
    assert types.isna().tolist() == [False, False, True, False]


COUNTS = np.random.default_rng(0).poisson(2, (5, 3)).astype(int)  # genes x cells


def folder(path: Path, matrix: object, features: str, barcodes: str = "a\nb\nc\n") -> Path:
    path.mkdir()
    mmwrite(path / "matrix.mtx", matrix)
    write(path, features, "features.tsv")
    write(path, barcodes, "barcodes.tsv")
    return path


PLAIN = "".join(f"ENSG{number:011d}\tGENE{number}\n" for number in range(5))
QUOTED = "".join(f'"ENSG{number:011d}"\t"GENE{number}"\n' for number in range(5))


@pytest.mark.parametrize(
    ("matrix", "features"),
    [
        (sp.coo_matrix(COUNTS), QUOTED),
        (sp.coo_matrix(COUNTS), "gene_id\tgene_name\n" + PLAIN),
        (COUNTS, PLAIN),
        (sp.coo_matrix(COUNTS.T), PLAIN),
    ],
    ids=["quoted", "header", "dense", "cells in rows"],
)
def test_a_folder_as_other_tools_write_it(tmp_path, matrix, features):
    adata = read_expression(folder(tmp_path / "outs", matrix, features))
    assert list(adata.var_names) == [f"GENE{number}" for number in range(5)]
    assert np.asarray(adata.X.todense()).T.tolist() == COUNTS.tolist()


def test_a_space_before_a_quotation_mark_is_no_part_of_the_name(tmp_path):
    path = write(tmp_path, '"source", "target"\n"STAT1", "IRF1"\n"STAT1", "MYC"\n')
    assert read_regulon(path).table["target"].tolist() == ["IRF1", "MYC"]


def test_the_cells_of_a_table_are_found_in_another_column_than_the_first(tmp_path):
    adata = ad.AnnData(COUNTS.T.astype(np.float32), obs=pd.DataFrame(index=["a-1", "b-1", "c-1"]))
    path = write(tmp_path, "sample,type,barcode\ns,B,c-1\ns,T,a-1\ns,NK,b-1\n", "m.csv")
    with warned() as warnings:
        assert read_expression(adata, obs=path).obs["type"].tolist() == ["T", "NK", "B"]
    assert any("its column 'barcode' names the cells" in line for line in warnings)


@pytest.mark.parametrize(
    "names",
    [
        ("cells_x_genes.mtx", "cells_x_genes.genes.txt", "cells_x_genes.barcodes.txt"),
        ("quants_mat.mtx", "quants_mat_cols.txt", "quants_mat_rows.txt"),
    ],
    ids=["bustools", "alevin"],
)
def test_folders_of_bustools_and_alevin_have_cells_in_rows(tmp_path, names):
    mmwrite(tmp_path / names[0], sp.coo_matrix(COUNTS[:3].T))  # as many genes as cells
    write(tmp_path, "STAT1\nIRF1\nMYC\n", names[1])
    write(tmp_path, "a\nb\nc\n", names[2])
    adata = read_expression(tmp_path)
    assert list(adata.var_names) == ["STAT1", "IRF1", "MYC"]
    assert np.asarray(adata.X.todense()).T.tolist() == COUNTS[:3].tolist()
