"""The network table: the pairs that are asked for, best first, with their places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grnpyg.networks.candidates import Candidates, Codes
from grnpyg.networks.in_order import Chunk, in_order
from grnpyg.networks.keys import COLUMNS
from grnpyg.networks.ranking import Best, Places, best_in_rows, mean
from grnpyg.networks.scores import StoredRows, blocks, tracked
from grnpyg.networks.wanted import Filter, Wanted, mean_probability

Probability = Callable[[NDArray[Any]], NDArray[np.float64]]  # of one run: scores (n,) -> (n,)


def network_table(
    runs: Sequence[StoredRows],
    probabilities: Sequence[Probability],
    candidates: Candidates,
    wanted: Wanted,
    filters: Sequence[Filter] = (),
    *,
    progress: bool = False,
) -> pd.DataFrame:
    """The pairs that are asked for, see `grnpyg.networks.predict`.

    Memory grows with the pairs that are kept, not with all pairs.

    Args:
        runs: the scores of each run.
        probabilities: of each run.
        candidates: which pairs there are.
        wanted: which of them to keep.
        filters: leave further pairs out, before `top` and `per_tf` count.
        progress: show bars on stderr.
    """
    codes, each = _selected(runs, candidates, wanted, filters, progress)
    places = _places(runs, codes, each, candidates, wanted, progress)
    return _frame(Chunk(codes, each, *places), probabilities, candidates)


def network_chunks(
    runs: Sequence[StoredRows],
    probabilities: Sequence[Probability],
    candidates: Candidates,
    wanted: Wanted,
    filters: Sequence[Filter] = (),
    *,
    progress: bool = False,
) -> Iterator[pd.DataFrame]:
    """The same table in parts, of which one is in memory, where `wanted` has no limit (`Wanted.cut`).

    It has at least one part, which may be without rows.
    """
    assert not wanted.cut
    given = False
    for chunk in in_order(runs, candidates, progress=progress):
        known = candidates.known(chunk.codes)
        keep = np.ones(known.shape, dtype=bool)
        for allows in filters:
            keep &= allows(chunk.each[:, None], known[None])[0]
        if wanted.with_known:
            keep |= known
        part = chunk if keep.all() else chunk.where(keep)
        if part.codes.size:
            given = True
            yield _frame(part, probabilities, candidates)
    if not given:
        none = np.empty(0, np.int64)
        each = np.empty((len(runs), 0), np.result_type(*(run.dtype for run in runs)))
        yield _frame(Chunk(none, each, none, none, np.empty(0)), probabilities, candidates)


def _frame(chunk: Chunk, probabilities: Sequence[Probability], candidates: Candidates) -> pd.DataFrame:
    """The columns of the network table."""
    codes, each, rank, in_tf, frequency = chunk
    tfs, genes = candidates.names
    score = mean(each)
    one = len(each) == 1
    nan = np.full(codes.size, np.nan)
    columns = {
        "TF": tfs[codes // len(genes)],
        "target": genes[codes % len(genes)],
        "importance": score,
        "probability": mean_probability(probabilities, each),
        "known": candidates.known(codes),
        "rank": rank,
        "rank_in_tf": in_tf,
        "degree_rank": candidates.degree_rank(codes),
        "sign": pd.array(candidates.sign(codes), dtype="Int8"),
        "sd": nan if one else each.astype(np.float64).std(axis=0, ddof=1),
        "frequency": nan if one else frequency,
        "cold": candidates.cold(codes),
        "provenance": candidates.provenance(codes),
    }
    return pd.DataFrame({name: columns[name] for name in COLUMNS})


def _selected(
    runs: Sequence[StoredRows],
    candidates: Candidates,
    wanted: Wanted,
    filters: Sequence[Filter],
    progress: bool,
) -> tuple[Codes, NDArray[Any]]:
    """The pairs that are kept, best first: (n,) codes and (num_runs, n) scores."""
    tf, gene = wanted.ids(candidates)
    gathered, num_genes = Best(wanted.top), candidates.shape[1]
    beside = Best()
    nothing = np.empty(0, np.int64), np.empty((len(runs), 0), np.result_type(*(s.dtype for s in runs)))
    gathered.add(*nothing)
    beside.add(*nothing)
    for start, stop in tracked(blocks(*candidates.shape), "choosing pairs", progress):
        if tf is not None and not np.any((tf >= start) & (tf < stop)):
            continue
        each = np.stack([scores.rows(start, stop) for scores in runs])
        keep = candidates.rows(start, stop)
        if tf is not None:
            keep[~np.isin(np.arange(start, stop), tf)] = False
        if gene is not None:
            keep[:, ~np.isin(np.arange(num_genes), gene)] = False
        known = candidates.known_rows(start, stop)
        if wanted.with_known:
            beside.add(np.flatnonzero(keep & known) + start * num_genes, each[:, keep & known])
            keep &= ~known
        for allows in filters:
            keep &= allows(each, known)
        if wanted.per_tf is not None:
            keep = best_in_rows(mean(each), keep, wanted.per_tf)
        gathered.add(np.flatnonzero(keep) + start * num_genes, each[:, keep])
    beside.add(*gathered.found())
    return beside.found()


def _places(
    runs: Sequence[StoredRows],
    codes: Codes,
    each: NDArray[Any],
    candidates: Candidates,
    wanted: Wanted,
    progress: bool,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """(n,) place among all candidates, place among those of the TF, and share of runs that choose the pair.

    Args:
        runs: the scores of each run.
        codes: (n,) the pairs, best first.
        each: (num_runs, n) their scores.
        candidates: which pairs there are.
        wanted: says how many pairs a run chooses: `top`, of each TF `per_tf`, or as many as there are known
            edges.
        progress: show a bar on stderr.
    """
    (num_tfs, num_genes), score = candidates.shape, mean(each)
    all_pairs, several = num_tfs * num_genes, len(runs) > 1
    if not several and codes.size == len(candidates):  # all are here, in order
        own = codes // num_genes
        of_tf = np.argsort(own, kind="stable")
        first = np.searchsorted(own[of_tf], np.arange(num_tfs))
        in_tf = np.empty(codes.size, np.int64)
        in_tf[of_tf] = np.arange(codes.size) - first[own[of_tf]] + 1
        return np.arange(1, codes.size + 1), in_tf, np.full(codes.size, np.nan)
    whole = Places(score, codes, all_pairs)
    of_runs = [Places(values, codes, all_pairs) for values in each] if several else []
    in_tf = np.empty(codes.size, np.int64)
    in_tf_of_runs = np.empty((len(of_runs), codes.size), np.int64)
    mine = np.argsort(codes, kind="stable")
    for start, stop in tracked(blocks(num_tfs, num_genes), "ranking pairs", progress):
        rows = np.stack([scores.rows(start, stop) for scores in runs])
        there = candidates.rows(start, stop)
        middle = mean(rows)
        numbers = np.flatnonzero(there) + start * num_genes
        whole.count(middle[there], numbers)
        for places, values in zip(of_runs, rows, strict=False):
            places.count(values[there], numbers)
        for tf in range(start, stop):
            ends = np.searchsorted(codes, [tf * num_genes, (tf + 1) * num_genes], sorter=mine)
            chosen = mine[ends[0] : ends[1]]
            if chosen.size:
                genes = np.flatnonzero(there[tf - start])
                ids, some = genes + tf * num_genes, codes[chosen]
                in_tf[chosen] = _within(middle[tf - start, genes], ids, score[chosen], some, all_pairs)
                for run in range(len(of_runs)):
                    of_run = rows[run, tf - start, genes], ids, each[run, chosen]
                    in_tf_of_runs[run, chosen] = _within(*of_run, some, all_pairs)
    frequency = np.full(codes.size, np.nan)
    if several:
        if wanted.top is None and wanted.per_tf is not None:
            frequency = (in_tf_of_runs <= wanted.per_tf).mean(axis=0)
        else:
            count = candidates.num_known if wanted.top is None else wanted.top
            frequency = np.mean([places.places() <= count for places in of_runs], axis=0)
    return whole.places(), in_tf, frequency


def _within(
    values: NDArray[Any], codes: Codes, of: NDArray[Any], chosen: Codes, size: int
) -> NDArray[np.int64]:
    """(n,) places of chosen pairs among those of one TF."""
    places = Places(of, chosen, size)
    places.count(values, codes)
    return places.places()
