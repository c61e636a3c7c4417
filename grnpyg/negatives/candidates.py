"""The candidates of a subset as a TF x gene table, for samplers that need all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from grnpyg.splits.link_split import LinkSplit


@dataclass(frozen=True)
class Candidates:
    """The universe of a subset as a table; a position is a row and a column.

    Attributes:
        tf: (n,) TF ids, ascending.
        gene: (m,) gene ids, ascending.
        free: (n, m) True where the pair may be drawn.
    """

    tf: NDArray[np.int64]
    gene: NDArray[np.int64]
    free: NDArray[np.bool_]

    @classmethod
    def of(cls, split: LinkSplit, subset: str, excluded: Tensor) -> Candidates:
        """The universe of `subset` without the pairs `excluded` (2, E)."""
        tf, gene = (ids.numpy() for ids in split.universe(subset))
        pairs = excluded.numpy()
        pairs = pairs[:, np.isin(pairs[0], tf) & np.isin(pairs[1], gene)]
        free = np.ones((tf.size, gene.size), dtype=bool)
        free[np.searchsorted(tf, pairs[0]), np.searchsorted(gene, pairs[1])] = False
        return cls(tf, gene, free)

    def positions(self, pairs: Tensor) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows and columns (num_pairs,) of pairs (2, num_pairs) that lie in the universe."""
        tf, gene = pairs.numpy()
        return np.searchsorted(self.tf, tf), np.searchsorted(self.gene, gene)

    def pairs(self, row: NDArray[np.int64], column: NDArray[np.int64]) -> Tensor:
        """(2, num_pairs) ids of the pairs at these positions."""
        return torch.from_numpy(np.stack([self.tf[row], self.gene[column]]))


def per_positive(num_positives: int, num: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """How many of `num` negatives each positive gets, (num_positives,): equal up to a random remainder."""
    share, rest = divmod(num, num_positives)
    counts = np.full(num_positives, share)
    counts[rng.choice(num_positives, size=rest, replace=False)] += 1
    return counts
