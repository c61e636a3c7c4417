"""The genes' axis of an expression matrix: entries that are no genes, and the names of the others."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np

from grnpyg.core.errors import InputError, examples, warn

if TYPE_CHECKING:
    from anndata import AnnData

# What counting and quality control write among the genes: HTSeq, STAR, Seurat, scanpy.
SUMMARIES = re.compile(
    r"__(no_feature|ambiguous|too_low_aqual|not_aligned|alignment_not_unique)"
    r"|n_(unmapped|multimapping|nofeature|ambiguous)"
    r"|(ncount|nfeature)_\w+|n_(umis?|genes?|counts?|features?)|n(genes?|umis?)|n_(genes|cells)_by_\w+"
    r"|(log1?0?p?_)?(total|n_genes)_(by_)?(counts|umis?|features)(_\w+)?"
    r"|(percent|pct|perc)[._]\w[\w.]*|log10genesperumi|(s|g2m)[._]score|doublet[._]scores?",
    re.IGNORECASE,
)


def without_summaries(adata: AnnData, known_genes: Collection[str], *, where: object) -> AnnData:
    """Leave out entries such as `__no_feature` and `nCount_RNA`, which would enter the totals of the cells.

    A name in `known_genes` stays. A matrix on disk with such entries is read into memory.

    Raises:
        InputError: there are no other entries.
    """
    from anndata import AnnData

    known = set(known_genes)
    keep = np.array([not SUMMARIES.fullmatch(name) or name in known for name in adata.var_names.astype(str)])
    if keep.all():
        return adata
    named = examples(adata.var_names[~keep], limit=6)
    if not keep.any():
        raise InputError(f"holds no genes, only {named}", where=where, fix="give the matrix of the genes")
    warn(
        f"{(~keep).sum():,} entries are no genes and left out, also of the cell totals: {named}", where=where
    )
    matrix: Any = adata.X.to_memory() if hasattr(adata.X, "to_memory") else adata.X[:]
    return AnnData(matrix[:, keep], obs=adata.obs, var=adata.var[keep], uns=adata.uns)
