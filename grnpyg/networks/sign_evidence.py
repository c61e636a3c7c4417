"""What known signs say of the sign of a pair: those of its TF, its gene, and TFs with shared targets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
NAMES = ("TF", "gene", "similar TFs")
PRIOR = 3.0  # edges with the mean sign that are added to those of each TF and gene
SMALL = 0.5  # added to the support of `similar TFs`, so that one shared target says little
TFS_PER_BLOCK = 64


class SignEvidence:
    """Three numbers for each pair, -1 (repression) to 1 (activation), from signed edges without its own.

    1. TF: mean sign of the TF's known edges, with `PRIOR` edges of the mean sign added.
    2. gene: the same of the gene's known edges.
    3. similar TFs: with s (num_tfs, num_genes) the known signs and d the number of signed edges of a TF,
       sum_u a_u s_ug / (sum_u n_u |s_ug| + `SMALL`) over the other TFs u, where
       a_u = sum_h s_th s_uh / sqrt(d_t d_u) says whether u agrees with the TF t on shared targets h, and n_u
       is the same of the |s|: TFs that agree vote for their sign at the gene, TFs that disagree against it.

    Args:
        tf: (num_edges,) TF of each signed edge.
        gene: (num_edges,) its gene.
        sign: (num_edges,) 1 or -1.
        shape: numbers of TFs and genes.
    """

    def __init__(
        self, tf: NDArray[Any], gene: NDArray[Any], sign: NDArray[Any], shape: tuple[int, int]
    ) -> None:
        self.mean = float(sign.mean()) if sign.size else 0.0
        self.signs = sparse.csr_array((sign.astype(float), (tf, gene)), shape=shape)
        self.edges = abs(self.signs)
        self.sums = tuple(np.asarray(self.signs.sum(axis)).ravel() for axis in (1, 0))
        self.degrees = tuple(np.asarray(self.edges.sum(axis)).ravel() for axis in (1, 0))
        self.scale = 1 / np.sqrt(np.maximum(self.degrees[0], 1))
        agree = (self.signs @ self.signs.T).toarray() * np.outer(self.scale, self.scale)
        shared = (self.edges @ self.edges.T).toarray() * np.outer(self.scale, self.scale)
        np.fill_diagonal(agree, 0)
        np.fill_diagonal(shared, 0)
        self.agree, self.shared = agree, shared

    def of_pairs(self, tf: NDArray[Any], gene: NDArray[Any]) -> Floats:
        """(num_pairs, 3) evidence on pairs that are no signed edge."""
        return self._numbers(tf, gene, np.zeros(len(tf)))

    def of_edges(self, tf: NDArray[Any], gene: NDArray[Any], sign: NDArray[Any]) -> Floats:
        """(num_edges, 3) evidence on signed edges, each as if its own sign were not known."""
        return self._numbers(tf, gene, sign.astype(float))

    def _numbers(self, tf: NDArray[Any], gene: NDArray[Any], own: Floats) -> Floats:
        there = np.abs(own)
        means = [
            (sums[node] - own + PRIOR * self.mean) / (degrees[node] - there + PRIOR)
            for node, sums, degrees in zip((tf, gene), self.sums, self.degrees, strict=True)
        ]
        votes, support = self._votes(tf, gene)
        # what the edge itself added to the agreement with the gene's other TFs
        at_gene = np.asarray(self.edges.T @ self.scale).ravel()[gene]
        echo = there * self.scale[tf] * (at_gene - there * self.scale[tf])
        similar = (votes - own * echo) / (np.maximum(support - echo, 0) + SMALL)
        return np.stack([*means, np.clip(similar, -1, 1)], axis=1)

    def _votes(self, tf: NDArray[Any], gene: NDArray[Any]) -> tuple[Floats, Floats]:
        votes, support = np.zeros(len(tf)), np.zeros(len(tf))
        order = np.argsort(tf, kind="stable")
        tfs, starts = np.unique(tf[order], return_index=True)
        ends = [*starts[1:], len(tf)]
        for first in range(0, len(tfs), TFS_PER_BLOCK):
            block = tfs[first : first + TFS_PER_BLOCK]
            at = order[starts[first] : ends[first + len(block) - 1]]
            row = np.searchsorted(block, tf[at])
            for weights, edges, found in (
                (self.agree, self.signs, votes),
                (self.shared, self.edges, support),
            ):
                found[at] = (edges.T @ weights[block].T)[gene[at], row]
        return votes, support
