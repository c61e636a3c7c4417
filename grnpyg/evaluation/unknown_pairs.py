"""The pairs that the labels of a run do not name: all of them, or a weighted sample, never a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from grnpyg.core.seeding import numpy_generator
from grnpyg.data.graph import ENCODED_BY, num_nodes
from grnpyg.splits import LinkSplit

SAMPLE = 1 << 18  # pairs


@dataclass(frozen=True)
class UnknownPairs:
    """Candidate pairs of a subset that no label names, or a sample of them.

    Attributes:
        pairs: (2, m) TF and gene ids; in a sample a pair may stand more than once.
        weight: (m,) how many unknown pairs each stands for; sums to `total`.
        total: unknown pairs of the subset's universe.
    """

    pairs: Tensor
    weight: NDArray[np.float64]
    total: int


def excluded_codes(split: LinkSplit) -> NDArray[np.int64]:
    """Sorted codes of the pairs that are not unknown: known edges, and a TF with its own gene."""
    both = torch.cat([split.known, split.graph[ENCODED_BY].edge_index], dim=1)
    return np.unique(_codes(split, both.numpy()))


def unknown_pairs(split: LinkSplit, subset: str, seed: int, sample: int = SAMPLE) -> UnknownPairs:
    """All unknown pairs of a subset's universe, or as many drawn at random as `sample` says.

    Half of a sample is drawn evenly and half by degree, (degree of the TF + 1) x (degree of the gene + 1),
    where high scores lie; a pair's weight is one over its chance of being drawn (importance sampling). So the
    sample says of a thousand top pairs what an even one would need millions for.

    Args:
        split: gives the universe, the known edges and the degrees, of the training edges.
        subset: whose universe.
        seed: of the draw.
        sample: how many; a universe that is no larger is taken whole.
    """
    tf, gene = (ids.numpy() for ids in split.universe(subset))
    known = excluded_codes(split)
    inside = np.isin(known // num_nodes(split.graph)[1], tf) & np.isin(
        known % num_nodes(split.graph)[1], gene
    )
    total = len(tf) * len(gene) - int(inside.sum())
    if len(tf) * len(gene) <= sample:
        pairs = np.stack([tf.repeat(len(gene)), np.tile(gene, len(tf))])
        pairs = pairs[:, ~np.isin(_codes(split, pairs), known)]
        return UnknownPairs(torch.from_numpy(pairs), np.ones(pairs.shape[1]), total)
    rng = numpy_generator(seed, "probability", subset)
    chances = [_chance(split, end, ids) for end, ids in enumerate((tf, gene))]
    half = sample // 2
    at = [
        np.concatenate([rng.integers(len(chance), size=half), rng.choice(len(chance), half, p=chance)])
        for chance in chances
    ]
    drawn = 0.5 / (len(tf) * len(gene)) + 0.5 * chances[0][at[0]] * chances[1][at[1]]
    pairs = np.stack([tf[at[0]], gene[at[1]]])
    free = ~np.isin(_codes(split, pairs), known)
    weight = 1 / drawn[free]
    return UnknownPairs(torch.from_numpy(pairs[:, free]), weight * (total / weight.sum()), total)


def _chance(split: LinkSplit, end: int, ids: NDArray[np.int64]) -> NDArray[np.float64]:
    edges = split.positives["train"][end].numpy()
    degree = np.bincount(edges, minlength=num_nodes(split.graph)[end])[ids] + 1.0
    chance: NDArray[np.float64] = degree / degree.sum()
    return chance


def _codes(split: LinkSplit, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    codes: NDArray[np.int64] = pairs[0] * num_nodes(split.graph)[1] + pairs[1]
    return codes
