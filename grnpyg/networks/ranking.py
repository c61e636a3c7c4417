"""The best of many pairs and their exact places, from blocks of scores: nothing is sorted as a whole.

Order: the higher score first; of equal scores the smaller code, which is the first TF and then the first
target.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grnpyg.networks.candidates import Codes

SPARE = 1 << 20  # pairs that are gathered before all but the best are let go


def ordered(values: NDArray[Any], codes: Codes) -> NDArray[np.intp]:
    """Positions of pairs (n,), best first."""
    return np.lexsort((codes, -values))


def best(values: NDArray[Any], codes: Codes, count: int) -> NDArray[np.intp]:
    """Positions of the `count` best of some pairs (n,), ascending; all where there are not more."""
    if values.size <= count:
        return np.arange(values.size)
    limit = np.partition(values, values.size - count)[values.size - count]
    above, tied = np.flatnonzero(values > limit), np.flatnonzero(values == limit)
    if above.size + tied.size > count:
        tied = tied[np.argsort(codes[tied], kind="stable")[: count - above.size]]
    return np.sort(np.concatenate([above, tied]))


def best_in_rows(values: NDArray[Any], allowed: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """Which of the allowed pairs are among the `count` best of their row; of equal scores the first ones.

    Args:
        values: (n, m) scores.
        allowed: (n, m) which pairs there are.
        count: how many to keep of each row.

    Returns:
        (n, m)
    """
    if values.shape[1] <= count:
        return allowed.copy()
    everywhere, place = bool(allowed.all()), values.shape[1] - count
    scores = values if everywhere else np.where(allowed, values, -np.inf)
    limit = np.partition(scores, place, axis=1)[:, place]
    kept: NDArray[np.bool_] = scores >= limit[:, None]
    if not everywhere:
        kept &= allowed
    for row, number in enumerate(map(np.count_nonzero, kept)):
        if number > count:
            tied = np.flatnonzero(kept[row] & (scores[row] == limit[row]))
            kept[row, tied[count - number :]] = False
    return kept


@dataclass
class Best:
    """Gathers pairs block by block and keeps the best of them.

    Args:
        count: how many to keep; None: all.
        scored: so many rows of scores count, further ones go along; None: all count.
    """

    count: int | None = None
    scored: int | None = None
    _parts: list[tuple[Codes, NDArray[Any]]] = field(default_factory=list)
    _held: int = 0

    @property
    def held(self) -> int:
        """Pairs in memory."""
        return self._held

    def add(self, codes: Codes, each: NDArray[Any]) -> None:
        """More pairs: (n,) codes and (num_runs, n) scores, whose mean counts."""
        self._parts.append((codes, each))
        self._held += codes.size
        if self.count is not None and self._held > 2 * self.count + SPARE:
            self._shrink()

    def found(self) -> tuple[Codes, NDArray[Any]]:
        """The pairs, best first: (n,) codes and (num_runs, n) scores."""
        codes, each = self._shrink()
        order = ordered(mean(each[: self.scored]), codes)
        return codes[order], each[:, order]

    def _shrink(self) -> tuple[Codes, NDArray[Any]]:
        codes = np.concatenate([part for part, _ in self._parts])
        each = np.concatenate([part for _, part in self._parts], axis=1)
        if self.count is not None:
            kept = best(mean(each[: self.scored]), codes, self.count)
            codes, each = codes[kept], each[:, kept]
        self._parts, self._held = [(codes, each)], codes.size
        return codes, each


def mean(each: NDArray[Any]) -> NDArray[Any]:
    """(num_runs, ...) scores -> (...,) their mean; the scores as they are where there is one run."""
    total: NDArray[Any] = each[0]
    if len(each) == 1:
        return total
    total = total.astype(np.float64)
    for scores in each[1:]:  # one after the other: the same bits for a pair, whatever stands beside it
        total += scores
    return total / len(each)


class Places:
    """Counts, block by block, how many pairs stand before each of some pairs.

    Args:
        values: (n,) scores of the pairs whose places are wanted.
        codes: (n,) which they are.
        size: codes are below it.
    """

    def __init__(self, values: NDArray[Any], codes: Codes, size: int) -> None:
        self._order = ordered(values, codes)
        values, codes = values[self._order], codes[self._order]
        self._worst = values[-1] if values.size else None
        self._levels = np.unique(-values)  # ascending, which is the best first
        self._stride = size + 1
        level = np.searchsorted(self._levels, -values).astype(np.int64)
        self._keys = level * self._stride + codes + 1  # ascending
        self._before = np.zeros(values.size + 1, np.int64)

    def count(self, values: NDArray[Any], codes: Codes) -> None:
        """Count further pairs, (n,) each. Every candidate is counted once, the pairs themselves too."""
        if self._worst is None:
            return
        near = values >= self._worst
        values, codes = -values[near], codes[near]
        level = np.searchsorted(self._levels, values)
        # a pair between two levels stands before all pairs of the lower one
        tied = self._levels[level] == values
        keys = level * self._stride + np.where(tied, codes + 1, 0)
        at = np.searchsorted(self._keys, keys, side="right")
        self._before += np.bincount(at, minlength=self._before.size)

    def places(self) -> NDArray[np.int64]:
        """(n,) places from 1, in the order in which the pairs were given."""
        result = np.empty(self._order.size, np.int64)
        result[self._order] = np.cumsum(self._before)[:-1] + 1
        return result
