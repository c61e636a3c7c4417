"""Co-expression of TF and gene over the cells, the simplest unsupervised score."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from torch import Tensor

from grnpyg.core.errors import InputError
from grnpyg.data.graph import TF
from grnpyg.models.baselines.base import baselines
from grnpyg.models.baselines.table import Matrix, TableBaseline
from grnpyg.splits.link_split import LabelledPairs, LinkSplit


class Correlation(TableBaseline):
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
        self.table = split.graph[TF][kind].numpy()

    def score(self, edge_label_index: Tensor) -> Matrix:
        """See `Baseline.score`."""
        return np.abs(super().score(edge_label_index))

    def score_all(self, tf_index: Tensor, gene_index: Tensor) -> Matrix:
        """See `Baseline.score_all`."""
        return np.abs(super().score_all(tf_index, gene_index))


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
