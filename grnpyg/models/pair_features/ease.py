"""Scores of the linear autoencoders over genes and over TFs."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from grnpyg.models.baselines.ease import inverse
from grnpyg.models.pair_features.base import Messages, PairFeature, pair_features
from grnpyg.models.pair_features.numbers import PairNumber, Product


@pair_features.register("ease")
class EaseScores(PairFeature):
    """EASE over genes, lambda 20, 100 and 500, and over TFs, lambda 50 (Steck 2019, arXiv 1905.03375).

    With K = (X X^T + lambda I)^-1 the scores over genes are X - K X / d, d of each gene (see
    `grnpyg.models.baselines.ease`), and over TFs X - (K X) / diag(K), by TF. Of a pair that is no message
    edge, X is 0 and so is the TF's own part of K X. Both are left out.
    """

    over_genes: ClassVar[tuple[float, ...]] = (20.0, 100.0, 500.0)
    over_tfs: ClassVar[tuple[float, ...]] = (50.0,)
    num_values: ClassVar[int] = 4

    def numbers(self, messages: Messages) -> list[PairNumber]:
        """See `PairFeature.numbers`."""
        x = messages.edges.astype(np.float64)
        gram, result = x @ x.T, list[PairNumber]()
        for regularisation in (*self.over_genes, *self.over_tfs):
            k: NDArray[Any] = inverse(gram, regularisation)
            own = k.diagonal().copy()
            if regularisation in self.over_genes:
                rest = (1.0 - (x * (k @ x)).sum(axis=0)) / regularisation
            np.fill_diagonal(k, 0)
            total = Product(k, messages.by_gene)
            over_genes = len(result) < len(self.over_genes)
            result.append(
                (total.scaled(gene=-1 / rest) if over_genes else total.scaled(tf=-1 / own)).log(1e-2)
            )
        return result
