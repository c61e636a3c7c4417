"""Correlation of TFs and genes over the cells, and the most strongly co-expressed genes of each gene."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.stats import rankdata

from grnpyg.core.errors import unknown

if TYPE_CHECKING:
    from anndata import AnnData

Columns = NDArray[np.float64]  # (num_cells, num_columns)

CHUNK = 1 << 22  # values of a block of genes that is dense at one time: 32 MiB of float64


def _as_they_are(values: Columns) -> Columns:
    return values


def _ranks(values: Columns) -> Columns:
    ranks: Columns = rankdata(values, axis=0)  # tied cells share their average rank
    return ranks


KINDS: dict[str, Callable[[Columns], Columns]] = {"pearson": _as_they_are, "spearman": _ranks}


def coexpression(
    adata_log: AnnData, kinds: Collection[str], tfs: Sequence[str], genes: Sequence[str]
) -> dict[str, NDArray[np.float32]]:
    """Correlations of TFs and genes over the cells.

    Args:
        adata_log: cells x genes in memory, log values (see `normalisation.to_log`).
        kinds: `pearson`, of the values; `spearman`, Pearson's of their ranks, ties with the average rank.
        tfs: names of the rows.
        genes: names of the columns.

    Returns:
        kind -> (num_tfs, num_genes) float32 in [-1, 1]; 0 where a gene is not measured or constant. The
        TFs take num_cells x num_tfs float32 more memory; the genes are processed in blocks.

    Raises:
        InputError: an unknown kind.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise unknown("co-expression", kind, KINDS)
    matrix = adata_log.X.tocsc() if sp.issparse(adata_log.X) else np.asarray(adata_log.X)
    names = pd.Index(adata_log.var_names)
    (tf_rows, tf_columns), (gene_rows, gene_columns) = _measured(names, tfs), _measured(names, genes)
    step = max(1, CHUNK // max(1, adata_log.n_obs))
    result = {}
    for kind in kinds:
        table = np.zeros((len(tfs), len(genes)), np.float32)
        regulators = np.empty((adata_log.n_obs, tf_rows.size), np.float32)
        for start in range(0, tf_rows.size, step):
            block = slice(start, start + step)
            regulators[:, block] = _unit(matrix[:, tf_columns[block]], KINDS[kind])
        for start in range(0, gene_rows.size, step):
            block = slice(start, start + step)
            products = regulators.T @ _unit(matrix[:, gene_columns[block]], KINDS[kind])
            table[np.ix_(tf_rows, gene_rows[block])] = products.clip(-1, 1)
        result[kind] = table
    return result


def coexpressed_genes(adata_log: AnnData, genes: Sequence[str], neighbours: int) -> NDArray[np.int64]:
    """The genes with the largest absolute Pearson correlation with each gene, as edges.

    Args:
        adata_log: as for `coexpression`.
        genes: names of the nodes.
        neighbours: how many for each gene; ties go to the gene that comes first.

    Returns:
        (2, num_edges): the neighbour, which sends, and the gene, which receives. A correlation of 0 makes no
        edge, so that a gene that is not measured or constant has none in either direction.
    """
    step = max(1, CHUNK // max(1, adata_log.n_obs, len(genes)))
    senders, receivers = [], []
    for start in range(0, len(genes), step):
        some = genes[start : start + step]
        strength = np.abs(coexpression(adata_log, ("pearson",), some, genes)["pearson"])
        rows = np.arange(len(some))
        strength[rows, start + rows] = 0  # not with itself
        best = np.argsort(-strength, axis=1, kind="stable")[:, :neighbours]
        row, rank = np.nonzero(np.take_along_axis(strength, best, axis=1))
        senders.append(best[row, rank])
        receivers.append(start + row)
    return np.stack([np.concatenate(senders), np.concatenate(receivers)]).astype(np.int64)


def _measured(names: pd.Index, wanted: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Positions in `wanted` of the names that are measured, and their columns."""
    columns = names.get_indexer(pd.Index(wanted))
    rows = np.flatnonzero(columns >= 0)
    return rows, columns[rows]


def _unit(block: Any, transform: Callable[[Columns], Columns]) -> NDArray[np.float32]:
    """Transformed columns, centred and of length 1, so that their products are correlations; constant: 0."""
    dense = block.toarray() if sp.issparse(block) else block
    values = transform(dense.astype(np.float64))
    varies = np.ptp(values, axis=0) > 0  # exact: a rounded mean would leave noise to be scaled up
    centred = values - values.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    unit: NDArray[np.float32] = (centred / np.where(varies, length, np.inf)).astype(np.float32)
    return unit
