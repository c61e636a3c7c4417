"""Cells kept on the disk: the same bits as read and normalised again, and never in the way."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from scipy.io import mmwrite

import grnpyg.data.measured as reader
from grnpyg.core.data_config import DataConfig, FeatureConfig
from grnpyg.core.errors import InputError
from grnpyg.data import prepared_cells
from grnpyg.data.graph import GENE, TF
from grnpyg.data.grn import GRN
from grnpyg.data.load import load_grn
from grnpyg.data.measured import measured
from grnpyg.data.prepared_cells import Described
from grnpyg.testing.rules import equal

GENES = [f"GENE{number}" for number in range(30)]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRNPYG_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("GRNPYG_PREPARED", raising=False)
    return tmp_path / "cache" / "prepared"


def cells() -> ad.AnnData:
    counts = np.random.default_rng(0).poisson(1.0, (40, len(GENES))).astype(np.float32)
    types = pd.Categorical(["B cell", "T/NK cell"] * 20)  # a slash is no name in HDF5
    obs = pd.DataFrame({"cell_type": types}, index=[f"c{number}" for number in range(40)])
    return ad.AnnData(sp.csr_matrix(counts), obs=obs, var=pd.DataFrame(index=GENES))


def h5ad(folder: Path) -> Path:
    cells().write_h5ad(folder / "cells.h5ad")
    return folder / "cells.h5ad"


def loom(folder: Path) -> Path:
    pytest.importorskip("loompy")
    cells().write_loom(folder / "cells.loom")
    return folder / "cells.loom"


def tenx(folder: Path) -> Path:
    made, adata = folder / "10x", cells()
    made.mkdir()
    mmwrite(made / "matrix.mtx", sp.coo_matrix(adata.X.T.astype(int)))
    lines = [f"ID{number}\t{name}\tGene Expression" for number, name in enumerate(GENES)]
    (made / "features.tsv").write_text("\n".join(lines) + "\n")
    (made / "barcodes.tsv").write_text("\n".join(adata.obs_names) + "\n")
    return made


def table(folder: Path) -> Path:
    cells().to_df().to_csv(folder / "cells.csv")
    return folder / "cells.csv"


def load(folder: Path, expression: Path, seed: int = 1, **features: Any) -> GRN:
    labels = folder / "labels.tsv"
    edges = [f"GENE{tf}\tGENE{gene}" for tf in range(4) for gene in range(5, 25, tf + 1)]
    labels.write_text("source\ttarget\n" + "\n".join([*edges, "GENE1\tGENE9999"]) + "\n")
    backed = features.pop("backed", False)
    data = DataConfig(expression=str(expression), labels=str(labels), backed=backed)
    config = FeatureConfig.model_validate({"kind": "both", "n_components": 3, **features})
    return load_grn(data, config, seed, coexpression=("pearson",), neighbours=2)


def same_graph(one: GRN, other: GRN) -> bool:
    return equal(one.graph.to_dict(), other.graph.to_dict())


def same(one: GRN, other: GRN) -> bool:
    return same_graph(one, other) and one.report == other.report


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The source of each reading."""
    found: list[str] = []
    read = reader.read_cells

    def counted(data: DataConfig, *rest: Any) -> ad.AnnData:
        found.append(str(data.expression))
        return read(data, *rest)

    monkeypatch.setattr(reader, "read_cells", counted)
    return found


@pytest.mark.parametrize("write", [h5ad, loom, tenx, table])
def test_what_is_kept_is_what_would_be_made(
    write: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, readings: list[str]
) -> None:
    file = write(tmp_path)
    options = {"kind": "pca"} if write in (loom, tenx, table) else {}
    first, second = load(tmp_path, file, **options), load(tmp_path, file, **options)
    assert readings == [str(file)]
    monkeypatch.setenv("GRNPYG_PREPARED", "off")
    plain = load(tmp_path, file, **options)
    assert len(readings) == 2
    assert same(first, plain)
    assert same(second, plain)
    assert plain.graph[GENE].x.any()
    assert plain.graph[TF].pearson.any()


def test_backed_cells_are_kept_as_well(tmp_path: Path, readings: list[str]) -> None:
    file = h5ad(tmp_path)
    one, other = load(tmp_path, file, backed=True), load(tmp_path, file, backed=True)
    assert len(readings) == 1
    assert same(one, other)


def test_cells_with_every_gene_are_kept_apart(tmp_path: Path, readings: list[str]) -> None:
    """`predict --new` describes genes that the labels do not name; a second time without reading."""
    data = DataConfig(expression=str(h5ad(tmp_path)))
    config = FeatureConfig(kind="celltype_means")
    one, other = (measured(data, config, 1, GENES[:9]) for _ in range(2))
    assert len(readings) == 1
    pd.testing.assert_frame_equal(one.features, other.features, check_exact=True)
    assert (one.cells.X != other.cells.X).nnz == 0
    assert measured(data, config, 1, GENES[:7]).features.shape == one.features.shape
    assert len(readings) == 2, "another reference is another table"


@pytest.mark.parametrize(
    "change", [{"kind": "pca"}, {"seed": 2, "kind": "pca"}, {"n_top_genes": 20}, {"standardize": False}]
)
def test_another_config_takes_nothing_from_the_first(
    tmp_path: Path, change: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = h5ad(tmp_path)
    load(tmp_path, file)
    kept = load(tmp_path, file, **change)
    monkeypatch.setenv("GRNPYG_PREPARED", "off")
    assert same(kept, load(tmp_path, file, **change))


def test_a_changed_file_is_read_again(tmp_path: Path, readings: list[str]) -> None:
    file = h5ad(tmp_path)
    first = load(tmp_path, file)
    changed = cells()
    changed.X[0, 6] += 3
    changed.write_h5ad(file)
    assert not same_graph(first, load(tmp_path, file))
    assert len(readings) == 2


@pytest.mark.parametrize("content", [b"", b"no h5ad", b"{}"])
def test_a_damaged_file_is_said_and_made_again(
    tmp_path: Path, cache: Path, content: bytes, readings: list[str]
) -> None:
    file = h5ad(tmp_path)
    first = load(tmp_path, file)
    for path in cache.iterdir():
        path.write_bytes(content)
    again = load(tmp_path, file)
    assert same_graph(first, again)
    assert sum("is damaged" in line and "is made again" in line for line in again.report.warnings) == 2
    assert same(first, load(tmp_path, file)), "it was mended"
    assert len(readings) == 2


@pytest.mark.parametrize("harm", ["packed", "index"])
def test_a_file_of_somebody_else_is_not_trusted(
    tmp_path: Path, cache: Path, harm: str, readings: list[str]
) -> None:
    """One that unpacks to more than it holds, and one whose indices lead out of the matrix."""
    file = h5ad(tmp_path)
    first = load(tmp_path, file)
    (kept,) = cache.glob("*.npz")
    with np.load(kept) as arrays:
        content = dict(arrays)
    if harm == "packed":
        content["more"] = np.zeros(10_000_000, np.uint8)
        np.savez_compressed(kept, **content)
    else:
        content["indices"][0] = 1_000_000
        np.savez(kept, **content)
    again = load(tmp_path, file)
    assert same_graph(first, again)
    assert any("is damaged (ValueError)" in line for line in again.report.warnings)
    assert len(readings) == 2


def test_nothing_is_kept_of_cells_in_memory(tmp_path: Path, cache: Path) -> None:
    labels = {"GENE0": GENES[3:9], "GENE1": GENES[5:12]}
    load_grn(DataConfig(), FeatureConfig(kind="pca", n_components=2), 0, expression=cells(), regulons=labels)
    assert not cache.exists()


def test_the_folder_keeps_its_size(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that were read longest ago go; what does not fit is made again, and nothing fails."""
    file = h5ad(tmp_path)
    load(tmp_path, file)
    size = sum(path.stat().st_size for path in cache.iterdir())
    for path in cache.iterdir():
        os.utime(path, (1, 1))
    monkeypatch.setenv("GRNPYG_PREPARED", str(1.5 * size / 1e9))
    load(tmp_path, file, kind="pca")
    left = [path for path in cache.iterdir() if path.suffix == ".npz"]
    assert len(left) == 1
    assert left[0].stat().st_mtime > 1
    monkeypatch.setenv("GRNPYG_PREPARED", "0.000000001")
    load(tmp_path, file, kind="celltype_means")


def test_cells_that_no_table_can_hold_are_made_each_time(tmp_path: Path, cache: Path) -> None:
    named = Described(cells(), pd.DataFrame(index=GENES), [])
    named.cells.obs["odd"] = [1, "two"] * 20  # of two types
    for _ in range(2):
        assert prepared_cells.kept_cells("key", lambda: named) is named
    assert not list(cache.glob("*.npz"))


def test_a_full_disk_is_no_failure(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(np, "savez", full)
    file = table(tmp_path)
    one, other = (load(tmp_path, file, kind="pca") for _ in range(2))
    assert same(one, other)
    assert not list(cache.glob("*.npz"))


@pytest.mark.parametrize("value", ["-1", "much", "nan", "inf"])
def test_a_size_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("GRNPYG_PREPARED", value)
    with pytest.raises(InputError, match=r"GRNPYG_PREPARED.* is no size\. Give a number of GB, or off"):
        load(tmp_path, h5ad(tmp_path))


def test_the_key_holds_the_program_and_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    key = prepared_cells.key_of({"a": 1}, frozenset("bc"))
    assert key == prepared_cells.key_of({"a": 1}, {"c", "b"})
    for name in ("processor", "_program"):
        with monkeypatch.context() as patch:
            patch.setattr(prepared_cells, name, lambda: ("another",))
            assert prepared_cells.key_of({"a": 1}, frozenset("bc")) != key
    monkeypatch.setattr(prepared_cells.torch, "get_num_threads", lambda: 99)
    assert prepared_cells.key_of({"a": 1}, frozenset("bc")) != key
