"""False discovery rate of a list of pairs, from scores under an explicit null."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from grnpyg.core.errors import InputError

BITS = 20  # of a score that decide its bin: sign, exponent and 11 binary digits, or one part in 2,048
SHIFT = 32 - BITS


class ScoreCounts:
    """How many scores lie at or above a value: counted block by block, in 8 MB whatever their number.

    Scores within one part in 2,048 of each other share a bin, and count as equal.
    """

    def __init__(self) -> None:
        self._counts = np.zeros(1 << BITS, np.int64)

    def add(self, score: NDArray[Any]) -> None:
        """Count (n,) scores.

        Raises:
            InputError: a score that is not a number.
        """
        self._counts += np.bincount(bins(score), minlength=self._counts.size)

    @property
    def total(self) -> int:
        """How many were counted."""
        return int(self._counts.sum())

    def above(self) -> NDArray[np.int64]:
        """(2^20,) for each bin, how many scores lie in it or above."""
        return self._counts[::-1].cumsum()[::-1]


def bins(score: NDArray[Any]) -> NDArray[np.int64]:
    """(n,) the bin of each score, in the order of the scores.

    Raises:
        InputError: a score that is not a number.
    """
    values = np.asarray(score, np.float32) + np.float32(0)  # -0 is 0
    if np.isnan(values).any():
        raise InputError("a score is not a number, so that it has no rank")
    raw = values.view(np.int32).astype(np.int64)
    ordered = np.where(raw < 0, -(1 << 31) - raw - 1, raw)  # two's complement of a negative float falls
    return (ordered + (1 << 31)) >> SHIFT


def q_values(observed: ScoreCounts, nulls: list[ScoreCounts]) -> NDArray[np.float64]:
    """(2^20,) the q-value of each bin: look one up with `bins`.

    Of the pairs that score t or more, n(t) are observed and, among as many pairs under the null, e(t) are
    expected: their mean over the null runs, counted with one more, so that no q-value is 0. The false
    discovery rate at t is e(t) / n(t); all pairs are taken as null (Storey & Tibshirani 2003 with pi0 = 1),
    which can only make it larger. The q-value of a pair is the smallest rate of any t at which the pair is
    still called, at most 1; so it never rises with the score.

    Args:
        observed: scores of the pairs to be called.
        nulls: scores under the null, one per null run.

    Raises:
        InputError: no null, or no score in one.
    """
    if not nulls or not observed.total or not all(null.total for null in nulls):
        raise InputError("a false discovery rate needs scores, and scores under a null")
    size = observed.total
    per_run = np.mean([null.above() * (size / null.total) for null in nulls], axis=0)
    expected = per_run + 1 / len(nulls)
    called = observed.above()
    rate = np.divide(expected, called, out=np.full(called.size, np.inf), where=called > 0)
    smallest: NDArray[np.float64] = np.minimum(np.minimum.accumulate(rate), 1.0)
    return smallest
