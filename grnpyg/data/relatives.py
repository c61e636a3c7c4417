"""Relatives by name: genes of a family share the stem of their symbol."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from torch_geometric.data import HeteroData

from grnpyg.data.graph import GENE, TF
from grnpyg.data.names.namespaces import namespace

STEM = 3  # letters; fewer in common say nothing


def relatives(data: HeteroData) -> tuple[csr_array, csr_array]:
    """(num_tfs, num_tfs) and (num_genes, num_genes) similarities of the names, no node its own relative.

    The same matrices are given to all callers, so they must not be changed.
    """
    tfs, genes = (_of_each_other(tuple(data[kind].name)) for kind in (TF, GENE))
    return tfs, genes


@lru_cache(maxsize=4)  # all message graphs of a training share them
def _of_each_other(names: tuple[str, ...]) -> csr_array:
    similarity = name_similarity(names, names)
    similarity.setdiag(0)
    return similarity


def name_similarity(first: Sequence[str], second: Sequence[str]) -> csr_array:
    """Similarity ((p - 2) / (l - 2))^2 of symbols: p letters of common prefix, l in the longer symbol.

    By the nomenclature committee's rule members of a family share the stem of their symbol, as HOXA1 and
    HOXA2 or COL1A1 and COL1A2 do (Bruford et al. 2020, doi:10.1038/s41588-020-0669-3). It is 0 for
    less than three letters in common, and for names that are not symbols. Placeholders (LINC00322, C8orf76)
    also count as relatives of each other.

    Args:
        first: (n,) names, in any case.
        second: (m,) names.

    Returns:
        (n, m) similarities, sparse.
    """
    return _similarity(tuple(first), tuple(second)).copy()


@lru_cache(maxsize=8)  # the same names for every message graph of a training
def _similarity(first: tuple[str, ...], second: tuple[str, ...]) -> csr_array:
    by_stem, others = _by_stem(first), _by_stem(second)
    rows, columns, values = ([np.empty(0, kind)] for kind in (np.intp, np.intp, np.float32))
    for stem in [stem for stem in by_stem if stem in others]:
        (row, names), (column, other) = by_stem[stem], others[stem]
        width = max(letters.shape[1] for letters in (names, other))
        names, other = (np.pad(n, ((0, 0), (0, width - n.shape[1]))) for n in (names, other))
        same = np.ones((row.size, column.size), dtype=bool)
        common = np.zeros((row.size, column.size), np.int32)
        for at in range(width):
            same &= (names[:, None, at] == other[:, at]) & (names[:, None, at] != 0)
            common += same
        longer = np.maximum((names != 0).sum(axis=1)[:, None], (other != 0).sum(axis=1))
        rows.append(np.repeat(row, column.size))
        columns.append(np.tile(column, row.size))
        values.append((((common - STEM + 1) / (longer - STEM + 1)) ** 2).ravel().astype(np.float32))
    ends = (np.concatenate(rows), np.concatenate(columns))
    return csr_array((np.concatenate(values), ends), shape=(len(first), len(second)))


def _by_stem(names: Sequence[str]) -> dict[str, tuple[NDArray[np.intp], NDArray[np.uint32]]]:
    """Stem -> (n,) positions of the symbols that begin with it, (n, width) letters, 0 behind the last."""
    found = defaultdict(list)
    for position, name in enumerate(map(str.upper, names)):
        if len(name) >= STEM and namespace(name) == "symbol":
            found[name[:STEM]].append((position, name))
    return {
        stem: (
            np.array([position for position, _ in members], dtype=np.intp),
            np.array([name for _, name in members]).view(np.uint32).reshape(len(members), -1),
        )
        for stem, members in found.items()
    }
