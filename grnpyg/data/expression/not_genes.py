"""Entries of an expression matrix that are no genes and no cells: summaries, totals, antibodies, peaks."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from grnpyg.core.errors import InputError, examples, warn
from grnpyg.data.expression.chunks import row_chunks, stacked

if TYPE_CHECKING:
    from anndata import AnnData

# What counting, quality control and clustering write among the genes: HTSeq, STAR, Seurat, scanpy, scran.
SUMMARIES = re.compile(
    r"__(no_feature|ambiguous|too_low_aqual|not_aligned|alignment_not_unique)"
    r"|n_(unmapped|multimapping|nofeature|ambiguous)"
    r"|(ncount|nfeature)_\w+|n_(umis?|genes?|counts?|features?)|n(genes?|umis?)|n_(genes|cells)_by_\w+"
    r"|(log1?0?p?_)?(total|n_genes)_(by_)?(counts|umis?|features)(_\w+)?"
    r"|(percent|pct|perc)[._]\w[\w.]*|log10genesperumi|(s|g2m)[._]score|doublet[._]scores?"
    r"|leiden|louvain|(seurat_)?clusters?|(x_)?(umap|tsne|pca?)[._]\d+|size[._]?factors?"
    r"|lib(rary)?[._]?size|(?-i:sum|detected|total)",
    re.IGNORECASE,
)
# The same names as old versions of HTSeq wrote them; a few alone may be something else.
HTSEQ = {"no_feature", "ambiguous", "too_low_aqual", "not_aligned", "alignment_not_unique"}
HTSEQ_TOGETHER = 4  # the matrix `brain` of the catalogue has three of them, in all stored results
NO_CELLS = re.compile(
    r"(grand[ _.]?|row[ _.]?)?(totals?|sums?|means?)|average|median|sd|std(ev)?|variance|total[ _.]counts?",
    re.IGNORECASE,
)
GENES = "Gene Expression"  # among the kinds of features of 10x: Antibody Capture, Peaks, ...
FEW_GENES, FEW_CELLS = 5, 3  # in fewer one gene may be the sum of the others by chance
SPIKES = re.compile(r"ERCC-\d{5}")


def without_others(adata: AnnData, known_genes: Collection[str], *, where: object) -> AnnData:
    """Leave out entries that would enter the totals of the cells, or count as cells; what goes is said.

    A name in `known_genes` stays. A matrix on disk with such entries is read into memory.

    Args:
        adata: cells x genes.
        known_genes: names of the labels.
        where: the file, for messages.

    Raises:
        InputError: there are no other entries.
    """
    adata = _of_genes(adata, where)
    keep = _no_summary(adata, known_genes)
    total = _totals(adata, keep)
    keep[total] = False
    if not keep.all():
        named = examples(adata.var_names[~keep], limit=6)
        if not keep.any():
            raise InputError(f"holds no genes, only {named}", where=where, fix="give the matrix of the genes")
        what = f"{(~keep).sum():,} entries are no genes and left out, also of the cell totals"
        warn(f"{what}: {named}", where=where)
        adata = _kept(adata, np.ones(adata.n_obs, dtype=bool), keep)
    cells = np.array([NO_CELLS.fullmatch(str(name)) is None for name in adata.obs_names])
    if not cells.all() and cells.any():
        warn(
            f"{(~cells).sum():,} entries are no cells and left out: {examples(adata.obs_names[~cells])}",
            where=where,
        )
        adata = _kept(adata, cells, np.ones(adata.n_vars, dtype=bool))
    if spikes := [name for name in adata.var_names if SPIKES.fullmatch(str(name))]:
        what = (
            f"{len(spikes):,} entries are spike-ins and count in the totals of the cells: {examples(spikes)}"
        )
        warn(what, where=where, fix="take them out unless they are to scale the cells")
    return adata


def _of_genes(adata: AnnData, where: object) -> AnnData:
    """Without features of other kinds than expression, where `var` says of which kind they are."""
    name = next((name for name in ("feature_types", "feature_type") if name in adata.var), None)
    if name is None:
        return adata
    kinds = adata.var[name].astype(str)
    genes = kinds.eq(GENES).to_numpy()
    if genes.all() or not genes.any():
        return adata
    shown = examples(f"{count:,} {kind}" for kind, count in kinds[~genes].value_counts().items())
    warn(f"features of other kinds than {GENES} are left out: {shown}", where=where)
    return _kept(adata, np.ones(adata.n_obs, dtype=bool), genes)


def _no_summary(adata: AnnData, known_genes: Collection[str]) -> NDArray[np.bool_]:
    known = set(known_genes)
    names = adata.var_names.astype(str)
    bare = HTSEQ.intersection(names.str.lower())
    bare = bare if len(bare) >= HTSEQ_TOGETHER else set()
    return np.array(
        [not (SUMMARIES.fullmatch(name) or name.lower() in bare) or name in known for name in names]
    )


def _totals(adata: AnnData, keep: NDArray[np.bool_]) -> list[int]:
    """The entry, of those kept, that is the sum of all others in every cell."""
    if keep.sum() < FEW_GENES or adata.n_obs < FEW_CELLS or adata.X.dtype.kind not in "iuf":
        return []
    by_gene = np.zeros(adata.n_vars)
    for cells in row_chunks(adata.X):
        by_gene += np.asarray(cells.sum(axis=0, dtype=np.float64)).ravel()
    by_gene *= keep
    half = by_gene.sum() / 2
    genes = np.flatnonzero(np.isclose(by_gene, half, rtol=1e-5)) if half > 0 else np.empty(0, np.intp)
    of_all = np.ones(genes.size, dtype=bool)
    for cells in row_chunks(adata.X) if genes.size else ():
        by_cell = np.asarray(cells @ keep.astype(np.float64)).ravel() / 2
        columns = cells[:, genes].toarray() if sp.issparse(cells) else cells[:, genes]
        of_all &= np.isclose(columns, by_cell[:, None], rtol=1e-4).all(axis=0)
    found = genes[of_all].tolist()
    return found if len(found) == 1 else []


def _kept(adata: AnnData, cells: NDArray[np.bool_], genes: NDArray[np.bool_]) -> AnnData:
    from anndata import AnnData

    matrix: Any = adata.X
    if hasattr(matrix, "to_memory"):  # on disk: what is left out is not held either
        matrix = stacked(rows if genes.all() else rows[:, genes] for rows in row_chunks(matrix))
    else:
        matrix = matrix if sp.issparse(matrix) else matrix[:]
        matrix = matrix if genes.all() else matrix[:, genes]
    matrix = matrix if cells.all() else matrix[cells]
    return AnnData(matrix, obs=adata.obs[cells], var=adata.var[genes], uns=adata.uns)
