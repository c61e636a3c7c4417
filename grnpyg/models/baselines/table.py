"""A baseline whose fit gives a table of one score per TF and gene."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from grnpyg.data.graph import num_nodes
from grnpyg.models.baselines.base import Baseline
from grnpyg.splits.link_split import LinkSplit

Matrix = NDArray[np.float64]


class TableBaseline(Baseline):
    """Score pairs from a table; a subclass's `fit` sets `table`, (num_tfs, num_genes), of any floats."""

    table: NDArray[np.floating[Any]]

    def score(self, edge_label_index: Tensor) -> NDArray[np.float64]:
        """See `Baseline.score`."""
        tf, gene = edge_label_index.numpy()
        scores: NDArray[np.float64] = self.table[tf, gene].astype(np.float64, copy=False)
        return scores

    def score_all(self, tf_index: Tensor, gene_index: Tensor) -> NDArray[np.float64]:
        """See `Baseline.score_all`."""
        scores: NDArray[np.float64] = self.table[np.ix_(tf_index.numpy(), gene_index.numpy())].astype(
            np.float64, copy=False
        )
        return scores

    @property
    def parameters(self) -> int:
        """See `Baseline.parameters`: the whole table."""
        return int(self.table.size)

    @property
    def macs_per_pair(self) -> int:
        """See `Baseline.macs_per_pair`: the score is looked up."""
        return 0


def edge_table(split: LinkSplit, edges: Tensor) -> Matrix:
    """(num_tfs, num_genes), 1 for the edges (2, E), else 0."""
    table = np.zeros(num_nodes(split.graph))
    table[tuple(edges.numpy())] = 1.0
    return table
