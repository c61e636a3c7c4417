"""Co-expression of TF and gene over the cells, the simplest unsupervised score."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from grnpyg.core.errors import InputError
from grnpyg.data.graph import TF
from grnpyg.models.baselines.base import baselines
from grnpyg.models.baselines.rows import Matrix, RowBaseline
from grnpyg.splits.link_split import LabelledPairs, LinkSplit


class Correlation(RowBaseline):
    """score = |correlation| of the expression of TF and gene over the cells; 0 where one is not measured.

    A subclass chooses the correlation. Labels are not used. The graph's own float32 table is read, so that
    no second one is held.
    """

    @property
    @abstractmethod
    def kind(self) -> str:
        """Name of the correlation in `grnpyg.data.coexpression`."""

    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Take the correlations from the graph.

        Raises:
            InputError: the graph was built without them.
        """
        kind = self.kind
        if kind not in split.graph[TF]:
            raise InputError(
                f"the graph holds no {kind} correlations of TFs and genes",
                where=f"baseline {kind}",
                fix="set data.expression, or remove the baseline from evaluation.baselines; in Python: "
                f"load_grn(..., coexpression=({kind!r},))",
            )
        self.table: NDArray[np.float32] = split.graph[TF][kind].numpy()

    def rows(self, tfs: NDArray[np.intp]) -> Matrix:
        """See `RowBaseline.rows`."""
        return np.abs(self.table[tfs].astype(np.float64))

    @property
    def parameters(self) -> int:
        """See `Baseline.parameters`: the whole table."""
        return int(self.table.size)

    @property
    def macs_per_pair(self) -> int:
        """See `Baseline.macs_per_pair`: the score is looked up."""
        return 0


@baselines.register("pearson")
class Pearson(Correlation):
    """score = |Pearson correlation| of the log values of TF and gene over the cells."""

    kind = "pearson"
    needs = (kind,)


@baselines.register("spearman")
class Spearman(Correlation):
    """score = |Spearman correlation| of TF and gene over the cells, ties with their average rank."""

    kind = "spearman"
    needs = (kind,)
