"""How alike two ranked lists are: Jaccard index at a depth, and rank-biased overlap."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Items = NDArray[np.int64]


def places(first: Items, second: Items) -> NDArray[np.float64]:
    """(len(first),) place of each item of a list in another one, from 0; infinite where it is not there.

    Args:
        first, second: distinct items, best first.
    """
    order = np.argsort(second)
    at = np.minimum(np.searchsorted(second, first, sorter=order), max(len(second) - 1, 0))
    if not len(second):
        return np.full(len(first), np.inf)
    found = order[at]
    return np.where(second[found] == first, found.astype(float), np.inf)


def jaccard_at(first: Items, second: Items, k: int) -> float:
    """Share of the items in either top k that are in both: range [0, 1], 1 for the same set.

    Args:
        first, second: distinct items, best first; a list that is shorter than k counts whole.
        k: depth, from 1 up.

    Returns:
        nan if both lists are empty.
    """
    tops = first[:k], second[:k]
    both = len(np.intersect1d(*tops, assume_unique=True))
    either = len(tops[0]) + len(tops[1]) - both
    return both / either if either else float("nan")


def rank_biased_overlap(first: Items, second: Items, p: float) -> float:
    """Extrapolated rank-biased overlap of Webber, Moffat and Zobel (2010), ACM TOIS 28(4):20, equation 32.

    The mean share of common items in the top d, over all depths d with the weight (1 - p) p^(d - 1); beyond
    the end of a list, the agreement at its end is taken to go on. Range [0, 1]: 1 for the same list, 0 for
    lists without a common item. It is symmetric, and the order of the items counts, most at the top.

    Args:
        first, second: distinct items, best first.
        p: 0 < p < 1; the mean depth is 1 / (1 - p).

    Returns:
        nan if a list is empty.
    """
    if not len(first) or not len(second):
        return float("nan")
    short, long = sorted((first, second), key=len)
    s, end = len(short), len(long)
    # an item is common from the depth on at which both lists have had it
    there = places(long, short)
    common_from = np.maximum(there, np.arange(end))
    depths = common_from[np.isfinite(common_from)].astype(np.int64)
    overlap = np.cumsum(np.bincount(depths, minlength=end))[:end].astype(float)
    d = np.arange(1, end + 1)
    weight = p**d
    total = float((overlap / d * weight).sum())
    at_s, at_end = overlap[s - 1], overlap[-1]
    beyond = d[s:]
    total += float((at_s * (beyond - s) / (s * beyond) * weight[s:]).sum())
    found = (1 - p) / p * total + ((at_end - at_s) / end + at_s / s) * p**end
    return float(min(1.0, max(0.0, found)))  # rounding


def weight_of_top(p: float, k: int) -> float:
    """Share of the weight of rank-biased overlap that the top k have, equation 21 of Webber et al. (2010).

    Args:
        p: 0 < p < 1.
        k: depth, from 1 up.
    """
    d = np.arange(1, k)
    rest = math.log(1 / (1 - p)) - float((p**d / d).sum())
    return 1 - p ** (k - 1) + (1 - p) / p * k * rest
