"""Genes as members of sets: sparse vectors in which rare sets count more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from grnpyg.knowledge.genes import Genes
from grnpyg.knowledge.nearest import Ids, Vectors, unit_rows


def members(genes: Genes, rows: Ids, sets: Sequence[Any] | pd.Series[Any]) -> sp.csr_array:
    """(num_genes, num_sets) bool: which gene is in which set; sets without a gene of the graph are left out.

    Args:
        genes: of the graph.
        rows: (num_rows,) the gene of each row of a table, -1 for none of the graph.
        sets: (num_rows,) the set of each row.
    """
    codes, found = pd.factorize(np.asarray(sets, object)[rows >= 0], sort=True)
    ends = (rows[rows >= 0], codes)
    table = sp.csr_array((np.ones(codes.size, bool), ends), shape=(len(genes.names), len(found)))
    table.sum_duplicates()
    return table.astype(bool)


def idf_space(table: Any, sizes: Any, num_genes: int) -> Vectors:
    """Genes as vectors with log(num_genes / size) for every set that they are in.

    Args:
        table: (n, num_sets) bool, sparse.
        sizes: (num_sets,) genes of each set, in the whole source.
        num_genes: of the whole source.
    """
    idf = np.log(np.maximum(1.0 + 1e-9, num_genes / np.maximum(1, np.asarray(sizes, np.float64))))
    return Vectors(unit_rows((table.astype(np.float64) @ sp.diags_array(idf)).tocsr()))
