from __future__ import annotations

import builtins
import gzip
from pathlib import Path

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from pairwise import pairwise
from places import SHARED, needs
from scipy.io import mmwrite

from grnpyg.core.errors import InputError, warned
from grnpyg.data.expression import read
from grnpyg.data.expression.read import read_expression

GENES = ["GATA1", "TP53", "MYC", "ACTB"]
COUNTS = np.array([[1, 0, 5, 2], [0, 3, 0, 9], [7, 0, 0, 4]], dtype=np.float32)
CELLS = ["c1", "c2", "c3"]


def small(matrix: object = None) -> ad.AnnData:
    x = sp.csr_matrix(COUNTS) if matrix is None else matrix
    return ad.AnnData(x, obs=pd.DataFrame(index=CELLS), var=pd.DataFrame(index=GENES))


def dense(adata: ad.AnnData) -> np.ndarray:
    matrix = adata.X[:]
    return matrix.toarray() if sp.issparse(matrix) else np.asarray(matrix)


def check_small(adata: ad.AnnData, matrix: np.ndarray = COUNTS) -> None:
    assert list(adata.obs_names) == CELLS
    assert list(adata.var_names) == GENES
    np.testing.assert_array_equal(dense(adata), matrix)


def write_table(path: Path, *, genes_in: str = "rows", sep: str = ",", corner: bool = True) -> Path:
    frame = pd.DataFrame(COUNTS.astype(int), index=CELLS, columns=GENES)
    frame = frame.T if genes_in == "rows" else frame
    text = frame.to_csv(sep=sep)
    text = text if corner else text.removeprefix(sep)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize("backed", [False, True])
@pytest.mark.parametrize("layer", ["csr", "csc", "array"])
def test_h5ad_takes_the_layer_that_is_named(tmp_path: Path, layer: str, backed: bool) -> None:
    adata = small()
    adata.layers.update(csr=adata.X * 2, csc=adata.X.tocsc() * 2, array=adata.X.toarray() * 2)
    adata.write_h5ad(tmp_path / "a.h5ad")
    check_small(read_expression(tmp_path / "a.h5ad", backed=backed))
    check_small(read_expression(tmp_path / "a.h5ad", layer=layer, backed=backed), COUNTS * 2)


@pytest.mark.parametrize("backed", [False, True])
def test_h5ad_raw_has_its_own_genes(tmp_path: Path, backed: bool) -> None:
    adata = small()
    adata.raw = adata
    adata[:, :2].copy().write_h5ad(tmp_path / "a.h5ad")
    assert read_expression(tmp_path / "a.h5ad").n_vars == 2
    check_small(read_expression(tmp_path / "a.h5ad", use_raw=True, backed=backed))


def test_backed_leaves_the_matrix_on_disk(tmp_path: Path) -> None:
    small().write_h5ad(tmp_path / "a.h5ad")
    small(COUNTS).write_h5ad(tmp_path / "dense.h5ad")
    assert isinstance(read_expression(tmp_path / "a.h5ad", backed=True).X, ad.abc.CSRDataset)
    assert isinstance(read_expression(tmp_path / "dense.h5ad", backed=True).X, h5py.Dataset)


@pytest.mark.parametrize("form", [sp.csr_matrix, np.asarray])
def test_a_large_matrix_stays_on_disk_which_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: type
) -> None:
    matrix = form(COUNTS)
    small(matrix).write_h5ad(tmp_path / "a.h5ad")
    size = matrix.nbytes if form is np.asarray else matrix.data.nbytes + matrix.indices.nbytes
    monkeypatch.setattr(read, "MOST_IN_MEMORY", size)
    with warned() as warnings:
        assert isinstance(read_expression(tmp_path / "a.h5ad").X, type(matrix))
    assert not warnings
    monkeypatch.setattr(read, "MOST_IN_MEMORY", size - 1)
    with warned() as warnings:
        found = read_expression(tmp_path / "a.h5ad")
    assert isinstance(found.X, (ad.abc.CSRDataset, h5py.Dataset))
    check_small(found)
    assert ["stays on disk" in line for line in warnings] == [True]


def test_a_matrix_by_column_is_turned_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "MOST_IN_MEMORY", 0)
    small(sp.csc_matrix(COUNTS)).write_h5ad(tmp_path / "a.h5ad")
    found = read_expression(tmp_path / "a.h5ad")
    assert found.X.format == "csr"
    check_small(found)


@pytest.mark.parametrize(
    ("name", "genes_in", "sep"),
    pairwise(["t.csv", "t.tsv", "t.csv.gz", "t.txt.gz"], ["rows", "columns"], [",", "\t", ";"]),
)
def test_text_in_either_orientation_with_any_separator(
    tmp_path: Path, name: str, genes_in: str, sep: str
) -> None:
    path = write_table(tmp_path / name, genes_in=genes_in, sep=sep)
    check_small(read_expression(path, known_genes={"TP53", "unrelated"}))
    check_small(read_expression(path, genes_in=genes_in))  # type: ignore[arg-type]


def test_text_written_by_r_has_no_corner(tmp_path: Path) -> None:
    check_small(read_expression(write_table(tmp_path / "t.txt", sep=" ", corner=False), known_genes=GENES))


def test_ensembl_names_decide_without_known_genes(tmp_path: Path) -> None:
    rows = "\n".join(f"ENSG0000000000{i}.2,1,{i}" for i in range(4))
    (tmp_path / "t.csv").write_text(f",a,b\n{rows}\n")
    assert read_expression(tmp_path / "t.csv").shape == (2, 4)
    assert read_expression(tmp_path / "t.csv", known_genes={"TP53"}).shape == (2, 4)


def test_undecided_orientation_asks(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--genes-in rows"):
        read_expression(write_table(tmp_path / "t.csv"), known_genes={"other"})


@settings(max_examples=25, deadline=None)
@given(
    data=st.lists(st.lists(st.integers(0, 10**6), min_size=3, max_size=3), min_size=1, max_size=6),
    sep=st.sampled_from(",\t;"),
)
def test_text_values_survive(
    tmp_path_factory: pytest.TempPathFactory, data: list[list[int]], sep: str
) -> None:
    data[0][0] = 1  # an all-zero matrix is refused
    path = tmp_path_factory.mktemp("t") / "t.csv"
    frame = pd.DataFrame(data, columns=["a", "b", "c"], index=[f"g{i}" for i in range(len(data))])
    path.write_text(frame.to_csv(sep=sep))
    np.testing.assert_array_equal(dense(read_expression(path, genes_in="rows")), np.array(data).T)


def write_10x(folder: Path, *, names: str = "features", suffix: str = ".gz", prefix: str = "") -> Path:
    folder.mkdir()
    head = "%%MatrixMarket matrix coordinate integer general\n"
    triplets = "".join(f"{j + 1} {i + 1} {int(COUNTS[i, j])}\n" for i, j in np.argwhere(COUNTS))
    kind = "\tGene Expression" if names == "features" else ""
    files = {
        "matrix.mtx": f"{head}4 3 {np.count_nonzero(COUNTS)}\n{triplets}",
        f"{names}.tsv": "".join(f"ENSG{i}\t{gene}{kind}\n" for i, gene in enumerate(GENES)),
        "barcodes.tsv": "".join(f"{cell}\n" for cell in CELLS),
    }
    for name, text in files.items():
        packed = gzip.compress(text.encode()) if suffix else text.encode()
        (folder / f"{prefix}{name}{suffix}").write_bytes(packed)
    return folder


@pytest.mark.parametrize(
    ("names", "suffix", "prefix"), [("features", ".gz", ""), ("genes", "", ""), ("features", "", "S1_")]
)
def test_10x_folder(tmp_path: Path, names: str, suffix: str, prefix: str) -> None:
    check_small(read_expression(write_10x(tmp_path / "10x", names=names, suffix=suffix, prefix=prefix)))


def test_10x_folder_keeps_a_symbol_with_two_ids_and_refuses_one_gene_twice(tmp_path: Path) -> None:
    folder = write_10x(tmp_path / "10x", names="genes", suffix="")
    (folder / "genes.tsv").write_text("E0\tA\nE1\tA\nE2\tB\nE3\tNA\n")
    assert list(read_expression(folder).var_names) == ["A", "A-1", "B", "NA"]
    (folder / "genes.tsv").write_text("E0\tA\nE0\tA\nE2\tB\nE3\tC\n")
    with pytest.raises(InputError, match="1 gene names occur more than once: A"):
        read_expression(folder)
    (folder / "genes.tsv").unlink()
    with pytest.raises(InputError, match=r"needs one file features.tsv or genes.tsv, has 0"):
        read_expression(folder)


def test_10x_h5(tmp_path: Path) -> None:
    matrix = sp.csr_matrix(COUNTS.astype(np.int32))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        group = file.create_group("matrix")
        parts = {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr, "shape": [4, 3]}
        for key, value in parts.items():
            group[key] = value
        group["barcodes"] = np.array(CELLS, dtype="S")
        features = {"id": ["E0", "E1", "E2", "E3"], "name": GENES, "genome": ["h"] * 4}
        for key, names in (features | {"feature_type": ["Gene Expression"] * 4}).items():
            group[f"features/{key}"] = np.array(names, dtype="S")
    check_small(read_expression(tmp_path / "a.h5"))


def test_loom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loompy = pytest.importorskip("loompy")
    path = tmp_path / "a.loom"
    layers = {"": COUNTS.T, "twice": COUNTS.T * 2}
    loompy.create(
        str(path), layers, {"Gene": np.array(GENES)}, {"CellID": np.array(CELLS), "age": np.arange(3)}
    )
    check_small(read_expression(path))
    adata = read_expression(path, layer="twice")
    check_small(adata, COUNTS * 2)
    assert list(adata.obs["age"]) == [0, 1, 2]
    with pytest.raises(InputError, match=r"unknown layer 'x'\. Known: twice"):
        read_expression(path, layer="x")
    real = builtins.__import__
    block = lambda name, *rest: real("no_such_module" if name == "loompy" else name, *rest)  # noqa: E731
    monkeypatch.setattr(builtins, "__import__", block)
    with pytest.raises(InputError, match=r'pip install "grnpyg\[loom\]"'):
        read_expression(path)


def test_obs_is_joined_on_cell_names(tmp_path: Path) -> None:
    small().write_h5ad(tmp_path / "a.h5ad")
    obs = tmp_path / "obs.csv.gz"
    obs.write_bytes(gzip.compress(b"\tcell type\nc2\tB\nc1\tT\nother\tB\n"))
    types = read_expression(tmp_path / "a.h5ad", obs=obs).obs["cell type"]
    assert types["c1"] == "T"
    assert types["c2"] == "B"
    assert pd.isna(types["c3"])
    obs.write_bytes(gzip.compress(b"\tcell type\nc2\tB\nx\tT\n"))
    with pytest.raises(InputError, match="describes only 1 of the 3 cells"):
        read_expression(tmp_path / "a.h5ad", obs=obs)
    obs.write_bytes(gzip.compress(b"\tcell type\nc2\tB\nc2\tT\n"))
    with pytest.raises(InputError, match="cells occur more than once: c2"):
        read_expression(tmp_path / "a.h5ad", obs=obs)
    with pytest.raises(InputError, match="no such file"):
        read_expression(tmp_path / "a.h5ad", obs=tmp_path / "missing.csv")


def test_duplicate_cells_are_made_unique(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(",c,c\nTP53,1,2\n")
    assert list(read_expression(tmp_path / "t.csv", genes_in="rows").obs_names) == ["c", "c-1"]


BAD_TEXT = {
    "": "is an empty file",
    "a,b\n": "no header followed by rows",
    "a\nb\n": "one column",
    ",x,y\ng,1,2\nh,3\n": "ragged table: 2 fields instead of 3 in the row 'h,3'",
    ",x,y\ng,1,2,3,4\n": "ragged table: 3 fields in the header, 5 in the first row",
    ",x,length\ng,1,2\nh,3,long\n": "column 'length' holds 'long', which is not a number",
    ",x,y\ng,1,\nh,3,4\n": "1 values are NaN or infinite, the first: line 2 .row 'g'., column 'y' holds ''",
    ",x,y\ng,1,inf\nh,3,4\n": "NaN or infinite",
    ",x,y\ng,1,-2\nh,3,4\n": "negative counts",
    ",x,y\ng,0,0\nh,0,0\n": "every value is zero",
    ",x,y\ng,1,2\ng,3,4\n": "1 gene names occur more than once: g",
    "PK\3\4\0\0\0": "a zip or Excel file, not a text table",
    "\x89PNG\xff": "binary|no header",
}


@pytest.mark.parametrize("text", BAD_TEXT)
def test_bad_text_is_explained(tmp_path: Path, text: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=BAD_TEXT[text]) as caught:
        read_expression(path, genes_in="rows")
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_duplicate_genes_in_the_header_are_found(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(",TP53,MYC,TP53\nc,1,2,3\n")
    with pytest.raises(InputError, match="more than once: TP53"):
        read_expression(tmp_path / "t.csv", genes_in="columns")


def test_bad_h5ad_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "a.h5ad"
    adata = small()
    adata.layers["counts"] = adata.X
    adata.write_h5ad(path)
    with pytest.raises(InputError, match=r"unknown layer 'count'.*Did you mean 'counts'"):
        read_expression(path, layer="count")
    with pytest.raises(InputError, match=r"has no \.raw.*counts"):
        read_expression(path, use_raw=True)
    with pytest.raises(InputError, match="exclude each other"):
        read_expression(path, use_raw=True, layer="counts")
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(InputError, match=r"cannot be read as h5ad .*truncated"):
        read_expression(path)
    path.write_text("hello")
    with pytest.raises(InputError, match="cannot be read as h5ad"):
        read_expression(path)
    with h5py.File(path, "w") as file:
        file["matrix"] = [1]
    with pytest.raises(InputError, match="no obs and var"):
        read_expression(path)
    ad.AnnData(np.zeros((0, 3), np.float32)).write_h5ad(path)
    with pytest.raises(InputError, match="is empty: 0 cells x 3 genes"):
        read_expression(path)


def test_bad_paths_and_misplaced_options_are_explained(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_expression(tmp_path / "a.h5ad")
    (tmp_path / "a.docx").write_text("x")
    with pytest.raises(InputError, match="not in a known expression format"):
        read_expression(tmp_path / "a.docx")
    for option in ({"layer": "x"}, {"use_raw": True}, {"backed": True}):
        with pytest.raises(InputError, match=f"{next(iter(option))} does not apply to a text table"):
            read_expression(write_table(tmp_path / "t.csv"), **option)  # type: ignore[arg-type]


@needs("brain", "regulons")
@pytest.mark.slow
def test_darmanis() -> None:
    tfs = (SHARED / "regulons" / "tfs.human.txt").read_text().split()
    brain = SHARED / "brain"
    adata = read_expression(
        brain / "darmanis_data.csv.gz", known_genes=tfs, obs=brain / "darmanis_meta.csv.gz"
    )
    assert adata.shape == (466, 22088)
    assert adata.obs["cell type"].value_counts()["neurons"] == 131
    assert adata[:, "A1BG-AS1"].X.dtype == np.float32


def folder_of_kinds(folder: Path, kinds: list[str]) -> Path:
    folder.mkdir()
    pairs = enumerate(zip(GENES, kinds, strict=True))
    rows = "".join(f"id{i}\t{gene}\t{kind}\n" for i, (gene, kind) in pairs)
    (folder / "features.tsv").write_text(rows)
    (folder / "barcodes.tsv").write_text("".join(f"{cell}\n" for cell in CELLS))
    mmwrite(folder / "matrix.mtx", sp.coo_matrix(COUNTS.T))
    return folder


def test_a_third_column_of_biotypes_is_not_taken_for_kinds_of_features(tmp_path: Path) -> None:
    check_small(read_expression(folder_of_kinds(tmp_path / "a", ["protein_coding"] * 3 + ["lncRNA"])))
    mixed = folder_of_kinds(tmp_path / "b", ["Gene Expression"] * 3 + ["Antibody Capture"])
    assert list(read_expression(mixed).var_names) == GENES[:3]
    with pytest.raises(InputError, match="no row of the kind Gene Expression, only Antibody Capture"):
        read_expression(folder_of_kinds(tmp_path / "c", ["Antibody Capture"] * 4))


@pytest.mark.parametrize("mark", [".zgroup", "zarr.json"])
def test_a_zarr_store_is_refused_with_the_way_out(tmp_path: Path, mark: str) -> None:
    (tmp_path / mark).write_text("{}")
    with pytest.raises(InputError, match=r"is a zarr store.*write_h5ad"):
        read_expression(tmp_path)


@pytest.mark.parametrize("name", ["a.h5ad.gz", "a.h5.gz", "a.loom.gz"])
def test_compressed_hdf5_is_refused_with_the_way_out(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress(b"x"))
    with pytest.raises(InputError, match="Unpack it with `gunzip"):
        read_expression(tmp_path / name)
