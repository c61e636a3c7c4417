"""Do claims come true? Pairs in fixed bins of their claimed probability, with the share that is found."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from grnpyg.metrics.classification import Array

EDGES = (0.0, 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.0)
ABOVE = 0.05  # claims that are worth a reader's time; nearly all pairs lie below
Z = float(norm.ppf(0.975))


class ReliabilityBins:
    """Counts of pairs, claims and hits in the bins `EDGES`; grows block by block, flat in memory.

    A bin holds its lower edge; the last one holds 1 as well.
    """

    def __init__(self) -> None:
        self.pairs, self.claimed, self.hits = np.zeros((3, len(EDGES) - 1))

    def add(self, probability: Array, hit: Array, weight: float = 1.0) -> None:
        """Count pairs.

        Args:
            probability: (n,) claimed.
            hit: (n,) True for an edge that was found.
            weight: of each of them.
        """
        place = np.minimum(np.searchsorted(EDGES, probability, side="right") - 1, len(EDGES) - 2)
        for total, values in ((self.pairs, None), (self.claimed, probability), (self.hits, hit)):
            total += weight * np.bincount(place, values, minlength=total.size)

    def table(self) -> pd.DataFrame:
        """One line per bin that holds pairs, lowest first.

        Columns `low high` (of the bin), `pairs`, `claimed` (mean probability), `hits`, `hit_rate`, and its
        95 % Wilson interval `hit_low hit_high`. The interval takes pairs as independent; pairs of one TF are
        not, so it is rather too narrow.
        """
        there = self.pairs > 0
        pairs, hits = self.pairs[there], self.hits[there]
        rate = hits / pairs
        centre = (rate + Z**2 / (2 * pairs)) / (1 + Z**2 / pairs)
        half = Z * np.sqrt(rate * (1 - rate) / pairs + Z**2 / (4 * pairs**2)) / (1 + Z**2 / pairs)
        return pd.DataFrame(
            {
                "low": np.array(EDGES[:-1])[there],
                "high": np.array(EDGES[1:])[there],
                "pairs": pairs,
                "claimed": self.claimed[there] / pairs,
                "hits": hits,
                "hit_rate": rate,
                "hit_low": np.clip(centre - half, 0, 1),
                "hit_high": np.clip(centre + half, 0, 1),
            }
        )

    def summary(self, above: float = ABOVE) -> dict[str, float]:
        """The pairs with a probability above an edge of the bins.

        Returns:
            `pairs`, `expected` (sum of the claims), `hits`, `ece` (mean gap between claim and hit rate of the
            bins, weighted by pairs; nan without pairs) and `ece_of_chance`: what it would be on average if
            every claim held, from the number of pairs alone (normal approximation).
        """
        at = np.array(EDGES[:-1]) >= above
        pairs, claimed, hits = self.pairs[at], self.claimed[at], self.hits[at]
        total = float(pairs.sum())
        result = {"pairs": total, "expected": float(claimed.sum()), "hits": float(hits.sum())}
        if not total:
            return {**result, "ece": math.nan, "ece_of_chance": math.nan}
        mean = claimed / np.maximum(pairs, 1e-300)
        noise = np.sqrt(2 / math.pi * mean * (1 - mean) * pairs)
        return {
            **result,
            "ece": float(np.abs(claimed - hits).sum()) / total,
            "ece_of_chance": float(noise.sum()) / total,
        }


def folds(size: int, rng: np.random.Generator, number: int = 5) -> NDArray[np.int64]:
    """(size,) random numbers from 0 to below `number`, each as often as the others."""
    fold: NDArray[np.int64] = rng.permutation(size) % number
    return fold
