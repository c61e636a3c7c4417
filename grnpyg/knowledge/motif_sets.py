"""Motif sets: genes with the same motifs near their start, and the TFs that the motifs are named after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
import scipy.sparse as sp

from grnpyg.knowledge.base import Facts, KnowledgeSource, Tier, knowledge
from grnpyg.knowledge.genes import Genes, current_names
from grnpyg.knowledge.sets import idf_space, members
from grnpyg.knowledge.tables import fetched, read

if TYPE_CHECKING:
    from anndata import AnnData


@knowledge.register("motif_sets")
class MotifSets(KnowledgeSource):
    """MSigDB C3: genes with a motif near their start, and the TF that the motif is named after.

    Similarity of genes: cosine of the vectors of log(genes / genes with the motif). Number of a TF and a
    gene: the share of the TF's sets that hold the gene. These sets are predictions of targets: the overlap
    with the labels is reported.
    """

    date = "2020"
    licence = "CC BY 4.0; TRANSFAC's names"
    tier: Tier = "measured"
    fetched: ClassVar[tuple[str, ...]] = ("motif-sets-c3",)
    gives = ("genes",)

    def facts(self, genes: Genes, cells: AnnData | None, seed: int) -> Facts:
        """See `KnowledgeSource.facts`."""
        table = read(fetched("motif-sets-c3"), ("set", "symbol"))
        current = current_names(table["symbol"].tolist(), "human")
        table = table.assign(symbol=table["symbol"].map(current)).drop_duplicates()
        rows = genes.rows(table["symbol"].tolist())
        found = members(genes, rows, table["set"])
        names, sizes = np.unique(table["set"].to_numpy(object), return_counts=True)
        here = np.unique(table["set"].to_numpy(object)[rows >= 0])
        space = idf_space(found, sizes[np.searchsorted(names, here)], table["symbol"].nunique())
        direct = share_of_sets(found, [tf_of(name, genes) for name in here])
        note = f"{np.unique(direct.nonzero()[0]).size:,} TFs have motifs of their name"
        known = np.asarray(found.sum(axis=1)).ravel() > 0
        return Facts(known=known, space=space, direct=direct, notes=(note,))


def tf_of(name: str, genes: Genes) -> int:
    """The TF that a set is named after (`V$GATA1_02`, `GGGCGGR_SP1_Q6`), its place in `genes`; or -1."""
    words = [word for word in name.removeprefix("V$").split("_") if word]
    rows = genes.own_rows(words) if words else np.empty(0, np.intp)
    tfs = set(genes.tfs.tolist())
    return next((int(row) for row in rows if row in tfs), -1)


def share_of_sets(found: Any, tfs: list[int]) -> sp.csr_array:
    """(n, n) numbers of a TF and a gene: the share of the TF's sets that hold the gene.

    Args:
        found: (n, num_sets) bool, sparse.
        tfs: (num_sets,) the TF of each set, -1 for none.
    """
    named = np.flatnonzero(np.asarray(tfs, np.intp) >= 0)
    tf = np.asarray(tfs, np.intp)[named]
    count = pd.Series(tf).map(pd.Series(tf).value_counts()).to_numpy(np.float64)
    of_tf = sp.csr_array((1 / count, (tf, named)), shape=(found.shape[0], found.shape[1]))
    return (of_tf @ found.T.astype(np.float64)).tocsr()
