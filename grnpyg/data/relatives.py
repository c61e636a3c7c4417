"""Relatives by name: genes of a family share the stem of their symbol."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array
from torch_geometric.data import HeteroData

from grnpyg.data.graph import GENE, TF
from grnpyg.data.namespaces import namespace

STEM = 3  # letters; fewer in common say nothing


def relatives(data: HeteroData) -> tuple[csr_array, csr_array]:
    """(num_tfs, num_tfs) and (num_genes, num_genes) similarities of the names, no node its own relative."""
    found = tuple(name_similarity(data[kind].name, data[kind].name) for kind in (TF, GENE))
    for similarity in found:
        similarity.setdiag(0)
    return found


def name_similarity(first: Sequence[str], second: Sequence[str]) -> csr_array:
    """((p - 2) / (l - 2))^2 of two symbols, p letters of their prefix in common, l in the longer one.

    By the nomenclature committee's rule members of a family share the stem of their symbol, as HOXA1 and
    HOXA2 or COL1A1 and COL1A2 do (Bruford et al. 2020, doi:10.1038/s41588-020-0669-3). 0 for less than a stem
    of three letters in common, and for names that are not symbols.

    Args:
        first: (n,) names, in any case.
        second: (m,) names.

    Returns:
        (n, m) similarities, sparse.
    """
    by_stem = defaultdict(list)
    for column, name in enumerate(map(str.upper, second)):
        by_stem[name[:STEM]].append((column, name))
    rows, columns, values = [], [], []
    for row, name in enumerate(map(str.upper, first)):
        if len(name) < STEM or namespace(name) != "symbol":
            continue
        for column, other in by_stem[name[:STEM]]:
            if namespace(other) != "symbol":
                continue
            common, longer = _common(name, other), max(len(name), len(other))
            rows.append(row)
            columns.append(column)
            values.append(((common - STEM + 1) / (longer - STEM + 1)) ** 2)
    shape = (len(first), len(second))
    return csr_array((np.array(values, np.float32), (rows, columns)), shape=shape)


def _common(first: str, second: str) -> int:
    """Letters of the longest prefix in common."""
    return next(
        (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b),
        min(map(len, (first, second))),
    )
