"""All candidates best first, in memory that does not grow with their number.

A sorting by distribution: the pairs go into a temporary file, in buckets between quantiles of a sample of the
scores. Each bucket is then read and sorted alone, the best one first. A score that many pairs share has a
bucket of its own, which needs no sorting.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from grnpyg.core.seeding import numpy_generator
from grnpyg.networks.candidates import Candidates, Codes
from grnpyg.networks.ranking import Best, mean, ordered
from grnpyg.networks.scores import StoredRows, blocks, disk, tracked

CHUNK = 1 << 18  # pairs that are given at a time
BUCKET = 1 << 20  # pairs that are sorted at a time, about
BUCKETS = 256  # at most; they grow where there are more pairs
SAMPLE = 1 << 20  # scores whose quantiles part the buckets


class Chunk(NamedTuple):
    """Some pairs, best first, each with its places."""

    codes: Codes
    each: NDArray[Any]  # (num_runs, n) scores
    rank: NDArray[np.int64]
    in_tf: NDArray[np.int64]
    frequency: NDArray[np.float64]

    def where(self, keep: NDArray[np.bool_]) -> Chunk:
        """Those of the pairs that are kept, (n,)."""
        return Chunk(
            self.codes[keep], self.each[:, keep], self.rank[keep], self.in_tf[keep], self.frequency[keep]
        )


def in_order(
    runs: Sequence[StoredRows], candidates: Candidates, *, progress: bool = False
) -> Iterator[Chunk]:
    """All candidates, best first: the same order and places as `network_table` has.

    Args:
        runs: the scores of each run.
        candidates: which pairs there are.
        progress: show bars on stderr.
    """
    num_tfs, num_genes = candidates.shape
    buckets, limits = _distributed(runs, candidates, progress)
    done, of_tfs = 0, np.zeros(num_tfs, np.int64)
    for codes, each in buckets.best_first():
        own = codes // num_genes
        order = np.argsort(own, kind="stable")
        counts = np.bincount(own, minlength=num_tfs)
        first = (np.cumsum(counts) - counts)[own[order]]
        in_tf = np.empty(codes.size, np.int64)
        in_tf[order] = of_tfs[own[order]] + np.arange(codes.size) - first + 1
        rank = np.arange(done + 1, done + codes.size + 1)
        yield Chunk(codes, each, rank, in_tf, _frequency(codes, each, limits))
        done, of_tfs = done + codes.size, of_tfs + counts


def _frequency(codes: Codes, each: NDArray[Any], limits: Sequence[Any]) -> NDArray[np.float64]:
    """(n,) share of the runs that have a pair among their best; `limits` are the last of each run's best."""
    if not limits:
        return np.full(codes.size, np.nan)
    chosen = [
        np.zeros(codes.size, dtype=bool)
        if last is None
        else (values > last[0]) | ((values == last[0]) & (codes <= last[1]))
        for values, last in zip(each, limits, strict=True)
    ]
    share: NDArray[np.float64] = np.mean(chosen, axis=0)
    return share


def _distributed(
    runs: Sequence[StoredRows], candidates: Candidates, progress: bool
) -> tuple[Buckets, list[tuple[Any, int] | None]]:
    """All candidates in buckets; and for several runs the last of each run's best, as many as known edges."""
    total, num_genes = len(candidates), candidates.shape[1]
    several = len(runs) > 1
    tops = [Best(candidates.num_known) for _ in runs] if several else []
    rng, sample = numpy_generator(0, "parts of a ranking"), []
    for start, stop in tracked(blocks(*candidates.shape), "parting pairs", progress):
        each, there = np.stack([run.rows(start, stop) for run in runs]), candidates.rows(start, stop)
        values, codes = mean(each)[there], np.flatnonzero(there) + start * num_genes
        drawn = min(values.size, 1 + values.size * SAMPLE // max(1, total))
        sample.append(values[rng.permutation(values.size)[:drawn]] if drawn < values.size else values)
        for top, own in zip(tops, each, strict=False):
            top.add(codes, own[there][None])
    number = min(BUCKETS, -(-total // BUCKET))
    taken = np.sort(np.concatenate(sample)) if sample else np.empty(0)
    at = np.arange(1, number) * taken.size // max(1, number)
    buckets = Buckets(np.unique(taken[at]), len(runs), np.result_type(*(run.dtype for run in runs)), total)
    for start, stop in tracked(blocks(*candidates.shape), "sorting pairs", progress):
        each, there = np.stack([run.rows(start, stop) for run in runs]), candidates.rows(start, stop)
        buckets.add(np.flatnonzero(there) + start * num_genes, each[:, there])
    return buckets, [_last(top) for top in tops]


def _last(top: Best) -> tuple[Any, int] | None:
    codes, each = top.found()
    return (each[0, -1], int(codes[-1])) if codes.size and top.count else None


class Buckets:
    """Pairs in a temporary file, parted by their scores.

    Args:
        cuts: (k,) ascending scores; there is a bucket for each of them, and one below, between and above.
        num_runs: scores of a pair.
        dtype: of the scores.
        total: how many pairs will come.
    """

    def __init__(self, cuts: NDArray[Any], num_runs: int, dtype: np.dtype[Any], total: int) -> None:
        self._cuts = cuts
        self._record = np.dtype([("code", np.int64), ("each", dtype, (num_runs,))])
        self._need = total * self._record.itemsize
        self._file = tempfile.TemporaryFile(prefix="grnpyg-")  # noqa: SIM115 (open as long as the object)
        weakref.finalize(self, self._file.close)
        self._places: list[list[tuple[int, int]]] = [[] for _ in range(2 * cuts.size + 1)]
        self._end = 0

    def add(self, codes: Codes, each: NDArray[Any]) -> None:
        """More pairs, (n,) ascending codes and (num_runs, n) scores, behind those that came before."""
        values = mean(each)
        of = self._cuts.searchsorted(values, "left") + self._cuts.searchsorted(values, "right")
        order = np.argsort(of, kind="stable")
        records = np.empty(codes.size, self._record)
        records["code"], records["each"] = codes[order], each[:, order].T
        ends = np.searchsorted(of[order], np.arange(len(self._places) + 1))
        for bucket, (first, last) in enumerate(zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)):
            if last > first:
                self._places[bucket].append((self._end + first, last - first))
        with disk(self._need):
            self._file.write(records.data)
        self._end += codes.size

    def best_first(self) -> Iterator[tuple[Codes, NDArray[Any]]]:
        """The pairs, best first, at most `CHUNK` at a time: (n,) codes and (num_runs, n) scores."""
        self._file.flush()
        for bucket in reversed(range(len(self._places))):
            places = self._places[bucket]
            # pairs of one score stand in the order of their codes already, and need not be read at once
            for part in [[place] for place in places] if bucket % 2 else [places] if places else []:
                records = np.concatenate([self._read(*place) for place in part])
                codes, each = records["code"].copy(), np.ascontiguousarray(records["each"].T)
                if not bucket % 2:
                    order = ordered(mean(each), codes)
                    codes, each = codes[order], each[:, order]
                for start in range(0, codes.size, CHUNK):
                    yield codes[start : start + CHUNK], each[:, start : start + CHUNK]

    def _read(self, first: int, count: int) -> NDArray[Any]:
        self._file.seek(first * self._record.itemsize)
        return np.fromfile(self._file, self._record, count)
