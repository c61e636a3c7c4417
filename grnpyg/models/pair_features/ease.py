"""Scores of the linear autoencoders over genes and over TFs."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from grnpyg.models.baselines.ease import ease
from grnpyg.models.pair_features.base import Messages, PairFeature, Table, pair_features, signed_log


@pair_features.register("ease")
class EaseScores(PairFeature):
    """EASE over genes, lambda 20, 100 and 500, and over TFs, lambda 50 (Steck 2019, arXiv 1905.03375)."""

    over_genes: ClassVar[tuple[float, ...]] = (20.0, 100.0, 500.0)
    over_tfs: ClassVar[tuple[float, ...]] = (50.0,)
    num_tables: ClassVar[int] = 4

    def tables(self, messages: Messages) -> list[Table]:
        """See `PairFeature.tables`."""
        x = messages.edges.astype(np.float64)
        tables = [ease(x, regularisation) for regularisation in self.over_genes]
        tables += [ease(x.T, regularisation).T for regularisation in self.over_tfs]
        return [signed_log(table, 1e-2) for table in tables]
