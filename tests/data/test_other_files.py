"""Files that are nearly right: what is said must be true of them, and what is advised must work."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from scipy.io import mmwrite

from grnpyg.core.errors import InputError, warned
from grnpyg.data.expression.read import read_expression
from grnpyg.data.names.marks import mended
from grnpyg.data.regulons.regulon import check_tfs, read_regulon

GENES = ["STAT1", "IRF1", "CD74", "TAP1"]
COUNTS = np.array([[1, 0, 3, 2], [4, 1, 0, 7], [2, 9, 1, 1]], dtype=np.float32)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def cells(values: Any = COUNTS, names: list[str] | None = None) -> ad.AnnData:
    obs = pd.DataFrame(index=names or [f"cell{number}" for number in range(len(COUNTS))])
    return ad.AnnData(sp.csr_matrix(values), obs=obs, var=pd.DataFrame(index=GENES))


def tenx(name: str = "outs", *, genes: int = 4, barcodes: int = 3) -> Path:
    folder = Path(name)
    folder.mkdir(parents=True)
    mmwrite(folder / "matrix.mtx", sp.coo_matrix(COUNTS.T.astype(int)))
    lines = [f"ENSG{number:011d}\t{gene}\tGene Expression\n" for number, gene in enumerate(GENES[:genes])]
    (folder / "features.tsv").write_text("".join(lines))
    (folder / "barcodes.tsv").write_text("".join(f"cell{number}\n" for number in range(barcodes)))
    return folder


def test_a_folder_above_a_10x_folder_names_it() -> None:
    tenx("outs/filtered_feature_bc_matrix")
    with pytest.raises(InputError, match="is not a 10x folder") as caught:
        read_expression("outs")
    below = re.search(r"Give (\S+)", str(caught.value))
    assert below is not None
    assert read_expression(below[1]).shape == (3, 4)


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ({"genes": 2}, r"features.tsv: has 2 lines, and matrix.mtx has 4 features"),
        ({"barcodes": 1}, r"barcodes.tsv: has 1 lines, and matrix.mtx has 3 barcodes"),
    ],
)
def test_a_10x_folder_whose_files_do_not_fit(sizes: dict[str, int], said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_expression(tenx(**sizes))


def test_the_matrix_of_a_10x_folder_alone() -> None:
    folder = tenx()
    with pytest.raises(InputError, match=r"without the names of its genes and cells. Give the folder"):
        read_expression(folder / "matrix.mtx")
    assert read_expression(folder).shape == (3, 4)


def test_an_h5ad_with_the_ending_of_10x_files() -> None:
    cells().write_h5ad("cells.h5")
    with pytest.raises(InputError, match="is an h5ad file with the ending of 10x files") as caught:
        read_expression("cells.h5")
    name = str(caught.value).split()[-1]
    assert read_expression(Path("cells.h5").rename(name)).shape == (3, 4)


@pytest.mark.parametrize("name", ["cells.h5mu", "cells.rds", "cells.xlsx"])
def test_files_of_other_programs_are_named_with_a_way_out(name: str) -> None:
    Path(name).write_bytes(b"\x89HDF")
    with pytest.raises(InputError, match=r"is (a MuData|an R object|an Excel).*(Write|Save)"):
        read_expression(name)


def test_what_is_changed_or_odd_about_cells_is_said() -> None:
    values = COUNTS.copy()
    values[1] = 0
    with warned() as lines:
        adata = read_expression(cells(values, ["a", "a", "b"]))
    assert list(adata.obs_names) == ["a", "a-1", "b"]
    assert "1 cells have the name of another one (a): they get -1, -2, ..." in lines[0]
    assert "1 of 3 cells have only zeros" in lines[1]
    with warned() as lines:
        read_expression(cells(COUNTS > 0))
    assert "every value is 0 or 1: taken for counts" in lines[0]


def test_integer_labels_beside_a_table_of_symbols() -> None:
    Path("cells.csv").write_text("cell,STAT1,IRF1\na,1,2\nb,3,4\n")
    with pytest.raises(InputError, match=r"labels are integers \(10, 11\).*--id-map"):
        read_expression("cells.csv", known_genes={"10", "11"})


@pytest.mark.parametrize("name", ["GRCh38_{}", "hg19_{}"])
def test_names_with_a_prefix_tell_the_axis_of_the_genes(name: str) -> None:
    shown = [name.format(gene) for gene in GENES]
    Path("cells.csv").write_text(",".join(["cell", *shown]) + "\na,1,2,3,4\nb,3,4,0,1\n")
    assert read_expression("cells.csv", known_genes=GENES).shape == (2, 4)


@pytest.mark.parametrize("header", ["TF\ttargets", "from\tto", "eRegulon_name\tGene"])
def test_further_names_of_columns(header: str) -> None:
    Path("labels.tsv").write_text(f"{header}\nSTAT1\tIRF1\nIRF1\tCD74\n")
    assert read_regulon("labels.tsv").counts.edges == 2


def test_a_weight_that_no_edge_reaches() -> None:
    Path("labels.tsv").write_text("source\ttarget\tweight\nSTAT1\tIRF1\t0.5\nIRF1\tCD74\t-2\n")
    with pytest.raises(InputError, match="none of its weights reaches 5: the largest is 2") as caught:
        read_regulon("labels.tsv", min_weight=5)
    largest = re.search(r"largest is (\S+?)\.", str(caught.value))
    assert largest is not None
    assert read_regulon("labels.tsv", min_weight=float(largest[1])).counts.edges == 1


def test_rows_without_a_name_are_said() -> None:
    Path("labels.tsv").write_text("source\ttarget\nSTAT1\tIRF1\nIRF1\tNA\n\tCD74\n")
    with warned() as lines:
        assert read_regulon("labels.tsv").counts.missing == 2
    assert lines == ["labels.tsv: 2 rows have no name at one end: left out"]


def test_a_list_of_tfs_in_another_kind_of_name_is_not_to_be_used_as_a_filter() -> None:
    table = pd.DataFrame({"source": ["STAT1", "IRF1"], "target": ["CD74", "CD74"]})
    with pytest.raises(InputError, match=r"2 of 2 sources are not in the TF list.*it has ENSG1") as caught:
        check_tfs(table, ["ENSG1"], "labels.tsv")
    assert "filter" not in str(caught.value)


def test_a_pointer_of_git_lfs_is_no_table() -> None:
    Path("labels.tsv").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 3\n")
    with pytest.raises(InputError, match="pointer of Git LFS"):
        read_regulon("labels.tsv")


@pytest.mark.parametrize(
    ("text", "edges"),
    [
        ('{"STAT1": {"IRF1": 0.5, "CD74": -2}, "IRF1": {"CD74": 1}}', [1.0, -2.0, 0.5]),
        ('{"STAT1": ["IRF1", "CD74"], "IRF1": []}', [1.0, 1.0]),
    ],
)
def test_sets_in_json_may_have_weights(text: str, edges: list[float]) -> None:
    Path("sets.json").write_text(text)
    with warned():
        assert read_regulon("sets.json").table["weight"].tolist() == edges


@pytest.mark.parametrize(
    "text",
    [
        '{"A": {"B": true, "C": "x"}}',
        '{"A": {"B": 1e99}}',
        '{"A": {"B": NaN}}',
        '[["A", "B"]]',
        '{"A": "B"}',
    ],
)
def test_json_of_another_shape_is_refused(text: str) -> None:
    Path("sets.json").write_text(text)
    with pytest.raises(InputError, match=r"is JSON, but not \{TF: \[genes\]\}"):
        read_regulon("sets.json")


def test_names_of_two_references_are_said() -> None:
    names = ["GRCh38_STAT1", "GRCh38_IRF1", "mm10___Cd74", "mm10___Tap1"]
    with warned() as lines:
        mended(names, "cells.h5ad")
    assert any("several references (GRCh38, mm10)" in line for line in lines)
    with warned() as lines:
        mended(names[:2], "cells.h5ad")
    assert not any("several" in line for line in lines)


def test_features_and_cells_that_are_left_out_are_said() -> None:
    folder = tenx()
    features = (folder / "features.tsv").read_text().replace("TAP1\tGene Expression", "CD4\tAntibody Capture")
    (folder / "features.tsv").write_text(features)
    Path("cells.csv").write_text("cell,kind\ncell0,a\ncell1,b\n")
    with warned() as lines:
        adata = read_expression(folder, obs="cells.csv")
    assert adata.shape == (3, 3)
    assert "1 features are no genes and left out: Antibody Capture" in lines[0]
    assert "cells.csv: does not describe 1 of the 3 cells" in lines[1]
    described = cells()
    described.obs["kind"] = "c"
    with warned() as lines:
        adata = read_expression(described, obs="cells.csv")
    assert list(adata.obs["kind"])[:2] == ["a", "b"]
    assert "its columns kind take the place of those in the matrix's file" in lines[1]


def test_advice_to_name_the_columns_of_a_first_line_that_is_a_header() -> None:
    Path("labels.tsv").write_text("A\tB\nA\tC\nD\tB\n")
    with warned() as lines:
        assert read_regulon("labels.tsv").counts.edges == 3
    assert "If the first line is a header, name its columns with --columns" in lines[0]
    with warned() as lines:
        assert read_regulon("labels.tsv", chosen={"source": "A", "target": "B"}).counts.edges == 2
    assert lines == []


def test_a_matrix_of_one_column_names_separators_that_work() -> None:
    Path("cells.csv").write_text("gene|cell1|cell2\nSTAT1|1|2\nIRF1|3|4\n")
    with pytest.raises(InputError, match=r"one column.*Separate the fields by tabs, commas or semicolons"):
        read_expression("cells.csv", known_genes=GENES)
    for mark in "\t,;":
        Path("cells.csv").write_text(Path("cells.csv").read_text().replace("|", mark))
        assert read_expression("cells.csv", known_genes=GENES).shape == (2, 2)
        Path("cells.csv").write_text(Path("cells.csv").read_text().replace(mark, "|"))
