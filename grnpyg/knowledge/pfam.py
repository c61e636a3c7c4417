"""Pfam: genes whose proteins share domains."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from grnpyg.knowledge.base import Facts, KnowledgeSource, Tier, knowledge
from grnpyg.knowledge.genes import Genes
from grnpyg.knowledge.sets import idf_space, members
from grnpyg.knowledge.tables import bundled, read

if TYPE_CHECKING:
    from anndata import AnnData


@knowledge.register("pfam")
class Pfam(KnowledgeSource):
    """Pfam domains that the proteins of genes share, the rarer the more they count.

    Similarity: cosine of the vectors of log(genes / genes with the domain).
    """

    date = "September 2022"
    licence = "CC0"
    tier: Tier = "measured"
    bundled: ClassVar[tuple[str, ...]] = ("pfam_human.tsv.gz",)

    def facts(self, genes: Genes, cells: AnnData | None, seed: int) -> Facts:
        """See `KnowledgeSource.facts`."""
        table = read(bundled("pfam_human.tsv.gz"), ("symbol", "pfam_id"))
        found = members(genes, genes.rows(table["symbol"].tolist()), table["pfam_id"])
        domains, sizes = np.unique(table["pfam_id"].to_numpy(object), return_counts=True)
        here = np.unique(table["pfam_id"][genes.rows(table["symbol"].tolist()) >= 0].to_numpy(object))
        space = idf_space(found, sizes[np.searchsorted(domains, here)], table["symbol"].nunique())
        return Facts(known=np.asarray(found.sum(axis=1)).ravel() > 0, space=space)
