from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from grnpyg.knowledge import nearest as module
from grnpyg.knowledge.nearest import Vectors, nearest, unit_rows

MATRICES = st.integers(1, 12).flatmap(
    lambda n: arrays(np.float64, (n, 3), elements=st.sampled_from([-1.0, 0.0, 0.5, 1.0, 2.0]))
)


def plain(unit: np.ndarray, k: int) -> np.ndarray:
    """The same by sorting every row."""
    similar = np.round(unit @ unit.T, 6)
    np.fill_diagonal(similar, 0)
    result = np.zeros_like(similar)
    for row, values in enumerate(similar):
        for column in np.argsort(-values, kind="stable")[:k]:
            result[row, column] = max(0.0, values[column])
    return result


@settings(max_examples=60, deadline=None)
@given(MATRICES, st.integers(1, 15), st.booleans())
def test_neighbours_are_those_of_a_sort_with_ties_to_the_first(
    matrix: np.ndarray, k: int, sparse: bool
) -> None:
    unit = unit_rows(matrix)
    rows = np.arange(len(matrix))
    space = Vectors(unit_rows(sp.csr_array(matrix)) if sparse else unit)
    found = nearest(space, rows, rows, k)
    assert found.toarray() == pytest.approx(plain(unit, k), abs=1e-6)
    assert (np.diff(found.indptr) <= k).all()
    assert found.diagonal().sum() == 0


@settings(max_examples=30, deadline=None)
@given(MATRICES)
def test_all_neighbours_of_a_symmetric_similarity_are_symmetric(matrix: np.ndarray) -> None:
    rows = np.arange(len(matrix))
    found = nearest(Vectors(unit_rows(matrix)), rows, rows, len(matrix)).toarray()
    assert (found == found.T).all()


def test_blocks_give_what_one_piece_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are worked on in blocks: a product of another size rounds otherwise, and may not decide a tie."""
    rng = np.random.default_rng(0)
    unit = unit_rows(rng.integers(0, 3, (40, 7)).astype(float))
    rows = np.arange(40)
    whole = nearest(Vectors(unit), rows, rows, 5)
    monkeypatch.setattr(module, "BLOCK", 100)
    parts = nearest(Vectors(unit), rows, rows, 5)
    assert (whole != parts).nnz == 0


def test_nodes_that_are_one_gene_are_not_neighbours() -> None:
    """An old and a new name of a gene in the labels: their similarity of 1 would be an edge between twins."""
    unit = unit_rows(np.array([[1.0, 0], [1, 0.1]]))
    found = nearest(Vectors(unit), np.array([0, 0, 1]), np.array([0, 1, -1]), 3)
    assert found.toarray().astype(bool).tolist() == [
        [False, True, False],
        [False, True, False],
        [True, False, False],
    ]


def test_lengths_do_not_overflow() -> None:
    assert unit_rows(np.array([[1e300, 1e300], [0, 0], [1e-300, 0]])) == pytest.approx(
        np.array([[2**-0.5, 2**-0.5], [0, 0], [1, 0]])
    )
