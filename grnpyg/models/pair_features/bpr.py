"""Factors of Bayesian personalised ranking."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

import numba
import numpy as np
from numpy.typing import NDArray

from grnpyg.core.files import sha256_of
from grnpyg.core.seeding import numpy_generator
from grnpyg.core.threads import in_threads
from grnpyg.models.pair_features.base import Messages, PairFeature, pair_features
from grnpyg.models.pair_features.numbers import PairNumber, Product


@pair_features.register("bpr")
class BPR(PairFeature):
    """w_tf . h_gene, fitted so that an edge scores above the same edge with one end replaced.

    Stochastic ascent of sum log sigmoid(s_edge - s_other) - l2 |w, h|^2 (Rendle et al. 2009,
    arXiv 1205.2618, section 4). The other end is drawn in proportion to its degree, which leaves the factors
    what a degree does not say; the TF and the gene are replaced in turn. A node without a message edge gets
    0. The draws follow from the edges, so the same graph gives the same factors.
    """

    channels: ClassVar[int] = 32
    passes: ClassVar[int] = 120
    rate: ClassVar[float] = 0.1
    l2: ClassVar[float] = 0.1
    fits: ClassVar[int] = 2  # whose mean is taken; they differ in what they draw
    num_values: ClassVar[int] = 1

    def numbers(self, messages: Messages) -> list[PairNumber]:
        """See `PairFeature.numbers`."""
        messages.edges  # noqa: B018 (before the threads, which all read it)
        fits = in_threads([partial(self._factors, messages, number) for number in range(self.fits)])
        w, h = (np.concatenate(ends, axis=1) for ends in zip(*fits, strict=True))
        w[messages.tf_degree == 0] = 0.0
        h[messages.gene_degree == 0] = 0.0
        return [Product(w / self.fits, h.T)]

    def _factors(self, messages: Messages, number: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """(num_tfs, channels) and (num_genes, channels) of one fit."""
        num_tfs, num_genes = messages.edges.shape
        tf, gene = (ends.astype(np.int64) for ends in messages.edges.nonzero())
        known = tf * num_genes + gene  # ascending
        generator = numpy_generator(0, "bpr", number, sha256_of(known.tobytes()))
        w, h = (generator.normal(0, 0.1, (size, self.channels)) for size in (num_tfs, num_genes))
        for turn in range(self.passes if known.size else 0):
            order = generator.permutation(known.size)
            drawn = generator.integers(known.size, size=known.size)  # an end of a random edge, by its degree
            one, two = (drawn, order) if turn % 2 else (order, drawn)
            codes = tf[one] * num_genes + gene[two]
            other = known[np.minimum(np.searchsorted(known, codes), known.size - 1)] != codes
            order, drawn = order[other], drawn[other]  # without pairs that are edges themselves
            if turn % 2:
                _ascend(h, w, gene[order], tf[order], tf[drawn], self.rate, self.l2)
            else:
                _ascend(w, h, tf[order], gene[order], gene[drawn], self.rate, self.l2)
        return w, h


@numba.njit(cache=True, error_model="numpy", nogil=True)  # type: ignore[untyped-decorator]  # numba has no types
def _ascend(
    own: NDArray[Any],
    items: NDArray[Any],
    row: NDArray[Any],
    item: NDArray[Any],
    other: NDArray[Any],
    rate: float,
    l2: float,
) -> None:
    """One step for each triple: `item` above `other` for `row`, (n,) each; changes the factors."""
    for step in range(row.size):
        u, i, j = own[row[step]], items[item[step]], items[other[step]]
        margin = 0.0
        for k in range(u.size):
            margin += u[k] * (i[k] - j[k])
        pull = 1.0 / (1.0 + np.exp(margin))
        for k in range(u.size):
            a, b, c = u[k], i[k], j[k]
            u[k] += rate * (pull * (b - c) - l2 * a)
            i[k] += rate * (pull * a - l2 * b)
            j[k] += rate * (-pull * a - l2 * c)
