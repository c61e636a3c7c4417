from __future__ import annotations

import tracemalloc
from pathlib import Path

import anndata as ad
import numpy as np
import pytest
import scipy.sparse as sp

from grnpyg.data.expression import chunks
from grnpyg.data.expression.chunks import row_chunks, stacked
from grnpyg.data.expression.read import read_expression


def some(rows: int = 40, columns: int = 30) -> sp.csr_matrix:
    matrix = sp.random(rows, columns, 0.3, "csr", np.float32, np.random.default_rng(0))
    matrix.data = np.ceil(9 * matrix.data)
    return matrix


@pytest.fixture
def seven_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 7 * 30)


@pytest.mark.usefixtures("seven_rows")
def test_a_matrix_on_disk_is_read_a_few_rows_at_a_time(tmp_path: Path) -> None:
    ad.AnnData(some()).write_h5ad(tmp_path / "a.h5ad")
    shapes = [chunk.shape for chunk in row_chunks(read_expression(tmp_path / "a.h5ad", backed=True).X)]
    assert shapes == [(7, 30)] * 5 + [(5, 30)]


@pytest.mark.usefixtures("seven_rows")
@pytest.mark.parametrize("limits", [np.int32, np.int64])
def test_a_chunk_of_a_matrix_in_memory_costs_only_the_chunk(limits: type) -> None:
    """Limits of 64 bits beside indices of 32 made scipy convert every index of the matrix for every chunk."""
    matrix = some(7000)
    matrix.indptr = matrix.indptr.astype(limits)
    assert (matrix.indices.dtype, matrix.indptr.dtype) == (np.int32, limits)
    dense, start = matrix.toarray(), 0
    tracemalloc.start()
    for chunk in row_chunks(matrix):
        assert np.array_equal(chunk.toarray(), dense[start : start + 7])
        start += 7
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert start == 7000
    assert peak < matrix.indices.nbytes / 2


@pytest.mark.parametrize("kind", [np.float32, np.int64])
def test_stacked_blocks_are_those_of_scipy(monkeypatch: pytest.MonkeyPatch, kind: type) -> None:
    monkeypatch.setattr(chunks, "STEP", 16)
    matrix = some().astype(kind)
    blocks = [matrix[:0], matrix[:1], sp.csr_matrix((2, 30), dtype=kind), matrix[1:20], matrix[20:]]
    got, expected = stacked(iter(blocks)), sp.vstack(blocks, format="csr")
    assert got.shape == expected.shape
    for part in ("data", "indices", "indptr"):
        np.testing.assert_array_equal(getattr(got, part), getattr(expected, part))
    assert (got.dtype, got.indices.dtype, got.indptr.dtype) == (kind, np.int32, np.int32)


def test_blocks_without_a_value_are_stacked() -> None:
    got = stacked([sp.csr_matrix((2, 3), dtype=np.float32)] * 2)
    assert (got.shape, got.nnz, got.dtype) == ((4, 3), 0, np.float32)
