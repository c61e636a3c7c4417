from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import LinAlgError, eigh
from scipy.sparse import csr_array
from sklearn.decomposition import TruncatedSVD

from grnpyg.core.errors import InputError
from grnpyg.models.baselines import SVD, Baseline, baselines, svd
from grnpyg.models.baselines.svd import low_rank
from grnpyg.testing import check_baseline

ScoresOn = Callable[[Baseline, np.ndarray], np.ndarray]


def sparse(num_tfs: int, num_genes: int, seed: int) -> np.ndarray:
    return (np.random.default_rng(seed).random((num_tfs, num_genes)) < 0.3).astype(float)


@settings(deadline=None, max_examples=50)
@given(st.integers(2, 12), st.integers(2, 12), st.integers(1, 15), st.integers(0, 99))
def test_no_matrix_of_that_rank_is_nearer(num_tfs: int, num_genes: int, num: int, seed: int) -> None:
    """The distance to x is that of the singular values left out, and the rank is not exceeded."""
    x = sparse(num_tfs, num_genes, seed)
    left, right = low_rank(csr_array(x), num)
    rebuilt = left @ right
    left_out = np.linalg.svd(x, compute_uv=False)[num:]
    assert np.linalg.norm(x - rebuilt) == pytest.approx(np.linalg.norm(left_out), abs=1e-7)
    assert np.linalg.matrix_rank(rebuilt, tol=1e-7) <= num


@pytest.mark.parametrize("shape", [(15, 40), (40, 15)])
@pytest.mark.parametrize("num", [1, 4, 10])
def test_it_is_what_scikit_learn_rebuilds(shape: tuple[int, int], num: int, scores_on: ScoresOn) -> None:
    x = sparse(*shape, seed=1)
    reference = TruncatedSVD(num, algorithm="arpack", random_state=0)
    expected = reference.inverse_transform(reference.fit_transform(x))
    assert np.allclose(scores_on(SVD(num_components=num), x), expected)


def test_one_component_by_hand(scores_on: ScoresOn) -> None:
    """Singular values sqrt(3) and 1: the leading left vector is (1, 1, 0) / sqrt(2), the block's mean row."""
    x = np.array([[1, 1, 0], [1, 0, 1], [0, 0, 0]])
    assert np.allclose(scores_on(SVD(num_components=1), x), [[1, 0.5, 0.5], [1, 0.5, 0.5], [0, 0, 0]])


def test_more_components_than_there_are_give_the_training_matrix(scores_on: ScoresOn) -> None:
    x = sparse(6, 9, seed=2)
    assert np.allclose(scores_on(SVD(num_components=64), x), x)


def test_a_matrix_of_low_rank_gives_the_same_bits_each_time(scores_on: ScoresOn) -> None:
    """scikit-learn's ARPACK restarts such a matrix at random: other last bits in every fit."""
    for x in (np.ones((6, 20)), np.kron(np.eye(5), np.ones((2, 3))), np.kron(np.eye(2), np.ones((4, 10)))):
        first = scores_on(SVD(num_components=4), x)
        assert all(np.array_equal(scores_on(SVD(num_components=4), x), first) for _ in range(3))


def test_there_is_at_least_one_component() -> None:
    assert baselines.options("svd") == {"num_components": 4}
    with pytest.raises(InputError, match="greater than or equal to 1"):
        baselines.build("svd", num_components=0)


def test_it_keeps_its_contract_at_low_rank_too() -> None:
    check_baseline("svd", num_components=2)


def test_a_node_without_an_edge_scores_exactly_0(
    scores_on: Callable[[Baseline, np.ndarray], np.ndarray],
) -> None:
    """Rounding errors gave a cold TF an order of genes, and AUROC .53 where nothing can be known."""
    x = (np.random.default_rng(0).random((12, 30)) < 0.3).astype(float)
    x[3], x[:, 7] = 0, 0
    scores = scores_on(SVD(num_components=3), x)
    assert (scores[3] == 0).all()
    assert (scores[:, 7] == 0).all()
    assert (scores[[0, 1]][:, [0, 1]] != 0).any()


def test_where_the_solver_for_some_vectors_gives_up_all_are_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    """LAPACK did so for a matrix with 60 equal singular values."""

    def gives_up(matrix: np.ndarray, **options: Any) -> Any:
        if "subset_by_index" in options:
            raise LinAlgError("Internal Error.")
        return eigh(matrix, **options)

    x = sparse(15, 40, seed=1)
    squares, vectors = svd.singular_vectors(x, 4)
    monkeypatch.setattr(svd, "eigh", gives_up)
    others, same = svd.singular_vectors(x, 4)
    np.testing.assert_allclose(others, squares)
    np.testing.assert_allclose(same @ same.T, vectors @ vectors.T, atol=1e-9)
