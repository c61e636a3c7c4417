"""A matrix with false indices, or with values from other files, is refused before it is used."""

from __future__ import annotations

from pathlib import Path

import anndata as ad
import h5py
import numpy as np
import pytest
import scipy.sparse as sp

from grnpyg.core.errors import InputError
from grnpyg.data.expression.read import read_expression

FAULTS = {
    "index too large": ("indices", 0, 99, "index 99 is out of range"),
    "index negative": ("indices", 1, -5, "index -5 is out of range"),
    "limits fall": ("indptr", 1, 1000, "do not rise"),
    "limits end early": ("indptr", -1, 2, "do not rise"),
    "limits begin late": ("indptr", 0, 1, "do not rise"),
}


def h5ad(path: Path, form: type = sp.csr_matrix) -> Path:
    ad.AnnData(form(np.arange(1, 13, dtype=np.float32).reshape(3, 4))).write_h5ad(path)
    return path


@pytest.mark.parametrize("form", [sp.csr_matrix, sp.csc_matrix])
@pytest.mark.parametrize("backed", [False, True])
@pytest.mark.parametrize("fault", FAULTS)
def test_false_indices_in_a_file_are_refused(tmp_path: Path, fault: str, backed: bool, form: type) -> None:
    part, place, value, message = FAULTS[fault]
    path = h5ad(tmp_path / "a.h5ad", form)
    with h5py.File(path, "r+") as file:
        file["X"][part][place] = value
    with pytest.raises(InputError, match=message) as caught:
        read_expression(path, backed=backed)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("backed", [False, True])
def test_indices_that_do_not_fit_the_values_are_refused(tmp_path: Path, backed: bool) -> None:
    path = h5ad(tmp_path / "a.h5ad")
    with h5py.File(path, "r+") as file:
        data = file["X"]["data"][:-3]
        del file["X"]["data"]
        file["X"]["data"] = data
    with pytest.raises(InputError, match="do not fit together"):
        read_expression(path, backed=backed)


@pytest.mark.parametrize("value", [99, -5])
def test_false_indices_in_memory_are_refused(value: int) -> None:
    matrix = sp.csr_matrix(np.ones((3, 4), dtype=np.float32))
    matrix.indices[2] = value
    with pytest.raises(InputError, match=f"index {value} is out of range"):
        read_expression(ad.AnnData(matrix))


@pytest.mark.parametrize("value", [99, -5])
def test_false_indices_in_a_10x_file_are_refused(tmp_path: Path, value: int) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        matrix = file.create_group("matrix")  # two genes, three cells
        matrix["shape"], matrix["data"], matrix["indices"] = [2, 3], [1, 2, 3], [0, value, 1]
        matrix["indptr"], matrix["barcodes"] = [0, 1, 2, 3], [b"a", b"b", b"c"]
        features = matrix.create_group("features")
        for name in ("id", "name", "genome", "feature_type"):
            features[name] = [b"x", b"y"]
    with pytest.raises(InputError, match=f"index {value} is out of range"):
        read_expression(tmp_path / "a.h5")


@pytest.mark.parametrize("kind", ["external storage", "external link", "virtual data set"])
@pytest.mark.parametrize("name", ["a.h5ad", "a.h5", "a.loom"])
def test_values_from_other_files_are_refused(tmp_path: Path, name: str, kind: str) -> None:
    other, path = h5ad(tmp_path / "other.h5ad"), tmp_path / name
    h5ad(path)
    with h5py.File(path, "r+") as file:
        del file["X"]
        if kind == "external storage":
            file.create_dataset("X", (3, 4), "u1", external=[(str(other), 0, h5py.h5f.UNLIMITED)])
        elif kind == "external link":
            file["X"] = h5py.ExternalLink(str(other), "X")
        else:
            layout = h5py.VirtualLayout((12,), "f4")
            layout[:] = h5py.VirtualSource(str(other), "X/data", (12,))
            file.create_virtual_dataset("X", layout)
    with pytest.raises(InputError, match=f"X (is an|has|is a) {kind}"):
        read_expression(path)
