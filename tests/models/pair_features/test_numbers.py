"""Products of sparse factors equal those of dense ones to the bit, whatever is kept of the factors."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array, random_array

from grnpyg.models.pair_features import EaseScores, Messages, Walks
from grnpyg.models.pair_features.numbers import Derived, PairNumber, Product
from grnpyg.testing.graph import small_graph


def factor(shape: tuple[int, int], density: float, seed: int) -> csr_array:
    return random_array(shape, density=density, format="csr", dtype=np.float32, rng=seed)


@pytest.mark.parametrize("order", ["sorted", "shuffled"])
def test_rows_that_are_more_than_half_full_are_written_out(order: str) -> None:
    """Relatives of zinc finger genes regulate nearly every gene: such rows took longest to spread out."""
    left = factor((20, 30), 0.2, 0).toarray()
    left[[3, 4, 11]] = factor((3, 30), 0.9, 1).toarray()
    left[7] = 0
    right = factor((30, 40), 0.3, 2)
    tf, gene = np.divmod(np.arange(800), 40)
    if order == "shuffled":
        tf, gene = np.random.default_rng(3).permutation(np.stack([tf, gene]), axis=1)
    product, plain = Product(csr_array(left), right), Product(left, right)
    assert np.flatnonzero(product.line >= 0).tolist() == [3, 4, 11]
    np.testing.assert_array_equal(product.at(tf, gene), plain.at(tf, gene))
    np.testing.assert_allclose(product.at(tf, gene), (left @ right.toarray())[tf, gene], rtol=1e-5)
    sparse = csr_array(left)
    assert isinstance(product.left, csr_array)
    kept = (product.left, product.full)
    assert kept[0].data.nbytes + kept[0].indices.nbytes + kept[1].nbytes < (
        sparse.data.nbytes + sparse.indices.nbytes
    )


def test_features_share_the_edges_as_a_factor() -> None:
    def product(number: PairNumber) -> Product:
        number = product(number.number) if isinstance(number, Derived) else number
        assert isinstance(number, Product)
        return number

    messages = Messages(small_graph())
    held = [product(n).right for feature in (EaseScores(), Walks()) for n in feature.numbers(messages)[:1]]
    assert all(isinstance(right, csr_array) for right in held)
    for part in ("data", "indices", "indptr"):
        assert np.shares_memory(getattr(held[0], part), getattr(held[1], part))
