"""The known edges as scores: the positive control of an evaluation."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from grnpyg.models.baselines.base import baselines
from grnpyg.models.baselines.rows import Matrix, RowBaseline, edge_table
from grnpyg.splits.link_split import LabelledPairs, LinkSplit


@baselines.register("oracle")
class Oracle(RowBaseline):
    """score = 1 for every known edge, held out or not, else 0.

    Its AUROC is 1: any other value shows a broken evaluation, such as a known edge among the negatives.
    """

    sees_held_out: ClassVar[bool] = True

    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Read all known edges."""
        self._known = edge_table(split, split.known)

    def rows(self, tfs: NDArray[np.intp]) -> Matrix:
        """See `RowBaseline.rows`."""
        known: Matrix = self._known[tfs].toarray()
        return known

    @property
    def parameters(self) -> int:
        """See `Baseline.parameters`: one for each known edge."""
        return int(self._known.nnz)

    @property
    def macs_per_pair(self) -> int:
        """See `Baseline.macs_per_pair`: the score is looked up."""
        return 0
