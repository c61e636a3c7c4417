"""Known edges are scored as if they were not known: out of fold."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.data.graph import REGULATES, num_nodes, pair_codes
from grnpyg.splits.folds import fold_numbers

FOLDS = 8  # where the training of a model has none of its own


class KnownEdges:
    """The scores of the message edges of a graph, each by a method that has not read this edge.

    A method that has read an edge knows the answer, and gives scores that it never gave in training. So the
    message edges are divided into folds, and the edges of a fold are scored without this fold. All of them
    are scored at once, when the first one is asked for.

    Args:
        graph: the graph that the method reads.
        folds: how many.
        seed: of the training; decides who is in which fold.
        score_without: (E,) True for the message edges that the method must not read, and (2, n) pairs to
            score without them -> (n,) scores, or (n, k) by several outputs.
    """

    def __init__(
        self,
        graph: HeteroData,
        folds: int,
        seed: int,
        score_without: Callable[[Tensor, Tensor], NDArray[Any]],
    ) -> None:
        self.graph, self.folds, self.seed, self.score_without = graph, folds, seed, score_without
        codes = pair_codes(graph, graph[REGULATES].edge_index).numpy()
        self._order = np.argsort(codes, kind="stable")
        self._codes = codes[self._order]

    @cached_property
    def _scores(self) -> NDArray[Any]:
        """(E,) or (E, k), in the order of the codes."""
        edges = self.graph[REGULATES].edge_index
        of = fold_numbers(edges.size(1), self.folds, self.seed)
        parts = [of == number for number in of.unique()]
        scores = [self.score_without(mine, edges[:, mine]) for mine in parts]
        result = np.empty((edges.size(1), *scores[0].shape[1:]), scores[0].dtype)
        for mine, some in zip(parts, scores, strict=True):
            result[mine.numpy()] = some
        return result[self._order]

    def put(self, scores: NDArray[Any], pairs: Tensor) -> NDArray[Any]:
        """Scores (n,) or (n, k) of pairs (2, n), those of known edges replaced."""
        if not self._codes.size:
            return scores
        codes = pair_codes(self.graph, pairs.cpu()).numpy()
        at = np.minimum(np.searchsorted(self._codes, codes), self._codes.size - 1)
        known = self._codes[at] == codes
        if known.any():
            scores = scores.copy()
            scores[known] = self._scores[at[known]]
        return scores

    def put_all(self, scores: NDArray[Any], tf_index: Tensor, gene_index: Tensor) -> NDArray[Any]:
        """Scores (n, m) or (n, m, k) of TFs (n,) with genes (m,), those of known edges replaced."""
        num_genes, genes = num_nodes(self.graph)[1], gene_index.cpu().numpy()
        first = tf_index.cpu().numpy().astype(np.int64) * num_genes
        row, edge = _spans(*np.searchsorted(self._codes, [first, first + num_genes]))
        order = np.argsort(genes, kind="stable")
        of_edge, some = self._codes[edge] % num_genes, genes[order]
        which, at = _spans(some.searchsorted(of_edge, "left"), some.searchsorted(of_edge, "right"))
        if which.size:
            scores = scores.copy()
            scores[row[which], order[at]] = self._scores[edge[which]]
        return scores


def _spans(first: NDArray[np.intp], last: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Every number of some ranges (n,), `last` not included: which range it is of, and the number."""
    counts = last - first
    which = np.repeat(np.arange(counts.size), counts)
    return which, np.arange(which.size) - (np.cumsum(counts) - counts - first)[which]
