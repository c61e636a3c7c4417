"""The sums over cells are scipy's and scikit-learn's, to the bit: stored features stay what they are."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.sparse.linalg import svds
from sklearn.decomposition import PCA

from grnpyg.data.expression import chunks
from grnpyg.data.gene_products import CentredProfiles, grouped_sums, of_genes

SHAPES = [(70, 30), (30, 70)]  # cells x genes


def log_values(shape: tuple[int, int], limits: type = np.int32) -> sp.csr_matrix:
    matrix = sp.random(*shape, 0.2, "csr", np.float32, np.random.default_rng(1))
    matrix.indptr = matrix.indptr.astype(limits)
    return matrix


@pytest.mark.parametrize("limits", [np.int32, np.int64])
def test_sums_of_groups_leave_out_cells_of_none(limits: type) -> None:
    cells = log_values((70, 30), limits)
    rng = np.random.default_rng(0)
    group, weight = rng.integers(-1, 3, 70), rng.random(70)
    of = np.flatnonzero(group >= 0)
    weights = sp.csr_matrix((weight[of], (group[of], of)), shape=(3, 70))
    np.testing.assert_array_equal(grouped_sums(cells, group, weight, 3), (weights @ cells).toarray())


@pytest.mark.parametrize("shape", SHAPES)
def test_centred_profiles_multiply_as_the_dense_matrix_does(
    shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 7 * shape[1])
    cells = log_values(shape)
    dense = cells.toarray().T.astype(np.float64)
    dense -= dense.mean(axis=0)
    profiles, rng = CentredProfiles(cells), np.random.default_rng(2)
    assert profiles.shape == dense.shape
    for width in ((), (3,)):
        x, y = rng.normal(size=(shape[0], *width)), rng.normal(size=(shape[1], *width))
        np.testing.assert_allclose(profiles @ x, dense @ x, atol=1e-12)
        np.testing.assert_allclose(profiles.T @ y, dense.T @ y, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_decomposition_has_the_bits_of_scikit_learn(shape: tuple[int, int]) -> None:
    cells = log_values(shape)
    pca = PCA(4, svd_solver="arpack", random_state=5)
    expected = pca.fit_transform(cells.T.astype(np.float64))
    start = np.random.RandomState(5).uniform(-1, 1, min(shape))
    left, singular, _ = svds(CentredProfiles(cells), 4, v0=start)
    got = (left * singular)[:, ::-1]
    np.testing.assert_array_equal(np.abs(got), np.abs(expected))
    projected = of_genes(cells, pca.components_.T) - pca.mean_[None, :] @ pca.components_.T
    np.testing.assert_array_equal(projected, pca.transform(cells.T.astype(np.float64)))
