"""A baseline that computes the scores of some TFs with every gene when they are asked for."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from torch import Tensor

from grnpyg.data.graph import num_nodes
from grnpyg.models.baselines.base import Baseline
from grnpyg.splits.link_split import LinkSplit

Matrix = NDArray[np.float64]
TFS = 64  # whose scores are computed at a time


class RowBaseline(Baseline):
    """Score TF by TF; a subclass says what a row of scores is.

    Rows are computed when they are asked for, so that no table of all pairs need be held. Whole rows are, so
    asking for a few pairs of many TFs costs as much as asking for all of theirs.
    """

    @abstractmethod
    def rows(self, tfs: NDArray[np.intp]) -> Matrix:
        """(n,) TFs -> (n, num_genes) scores.

        A row must have the same bits whichever TFs stand beside it, so that a pair has one score. A product
        of dense matrices does not give them; one with a sparse matrix does.
        """

    def score(self, edge_label_index: Tensor) -> Matrix:
        """See `Baseline.score`."""
        tf, gene = edge_label_index.numpy()
        scores = np.empty(tf.size)
        tfs, place = np.unique(tf, return_inverse=True)
        order = np.argsort(place, kind="stable")
        ends = np.searchsorted(place, np.arange(0, tfs.size + TFS, TFS), sorter=order)
        for start, first, last in zip(range(0, tfs.size, TFS), ends, ends[1:], strict=False):
            own = order[first:last]
            scores[own] = self.rows(tfs[start : start + TFS])[place[own] - start, gene[own]]
        return scores

    def score_all(self, tf_index: Tensor, gene_index: Tensor) -> Matrix:
        """See `Baseline.score_all`."""
        tfs, genes = tf_index.numpy(), gene_index.numpy()
        scores = np.empty((tfs.size, genes.size))
        for start in range(0, tfs.size, TFS):
            scores[start : start + TFS] = self.rows(tfs[start : start + TFS])[:, genes]
        return scores


def edge_table(split: LinkSplit, edges: Tensor) -> csr_array:
    """(num_tfs, num_genes), 1 for the edges (2, E), else 0."""
    tf, gene = edges.numpy()
    table = csr_array((np.ones(tf.size), (tf, gene)), shape=num_nodes(split.graph))
    table.sum_duplicates()
    table.data[:] = 1.0
    return table
