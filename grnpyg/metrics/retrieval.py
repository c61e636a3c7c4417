"""Retrieve and rerank: how many pairs have to be scored until the best ones of a slow method are found.

A quick method ranks all pairs, and a slow one scores the best of them, the candidates (Nogueira & Cho 2019,
arXiv 1901.04085, call the second step reranking). What the slow method would put on top is lost where the
quick one does not choose it.

Everywhere the higher score is better, and of equal scores the first TF comes first, then the first gene.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[Any]
Mask = NDArray[np.bool_]


def best_of_all(scores: Scores, there: Mask, share: float) -> Mask:
    """(num_tfs, num_genes) the best pairs of all, this share of those that are there, at least one.

    Args:
        scores: (num_tfs, num_genes).
        there: (num_tfs, num_genes) which pairs there are.
        share: above 0, at most 1.
    """
    return there & (_places(scores, there) < count_of(share, int(there.sum())))


def best_of_each(scores: Scores, there: Mask, count: int) -> Mask:
    """(num_tfs, num_genes) the `count` best pairs of each TF, all where it has fewer."""
    return there & (_places_in_rows(scores, there) < count)


def shares_to_find(
    scores: Scores, there: Mask, wanted: Mask, *, of_each: bool = False
) -> NDArray[np.float64]:
    """The share of pairs that have to be candidates until each of the wanted ones is among them.

    The recall at a share of pairs is the mean of `shares_to_find(...) <= share`.

    Args:
        scores: (num_tfs, num_genes) of the method that chooses candidates.
        there: (num_tfs, num_genes) which pairs there are.
        wanted: (num_tfs, num_genes) the pairs to be found, which are some of these.
        of_each: the best pairs of each TF are candidates, the same share for every TF; else the best of all.

    Returns:
        (number of wanted pairs,) above 0, at most 1. A method without any knowledge has a mean of 0.5.

    Example:
        >>> first, second = np.array([[3.0, 2.0, 1.0, 0.0]]), np.array([[0.0, 9.0, 1.0, 2.0]])
        >>> every = np.ones((1, 4), dtype=bool)
        >>> shares_to_find(first, every, best_of_all(second, every, 0.5))  # genes 1 and 3
        array([0.5, 1. ])
    """
    if of_each:
        share = (_places_in_rows(scores, there) + 1) / np.maximum(there.sum(axis=1, keepdims=True), 1)
    else:
        share = (_places(scores, there) + 1) / max(1, int(there.sum()))
    found: NDArray[np.float64] = share[wanted]
    return found


def count_of(share: float, pairs: int) -> int:
    """How many pairs a share of them is: never more than the share, but at least one.

    Example:
        >>> count_of(0.1, 1_239), count_of(0.1, 3)
        (123, 1)
    """
    return max(1, int(share * pairs * (1 + 1e-12)))


def _places(scores: Scores, there: Mask) -> NDArray[np.int64]:
    """(num_tfs, num_genes) the place of each pair among those that are there, from 0; the others are last."""
    result = np.full(scores.size, scores.size)
    codes = np.flatnonzero(there)
    result[codes[np.argsort(-scores.ravel()[codes], kind="stable")]] = np.arange(codes.size)
    return result.reshape(scores.shape)


def _places_in_rows(scores: Scores, there: Mask) -> NDArray[np.int64]:
    """The same among the pairs of a TF."""
    return np.concatenate(
        [_places(scores[row : row + 1], there[row : row + 1]) for row in range(len(scores))]
    )
