"""Gene Ontology: genes that share specific terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
import pandas as pd
import scipy.sparse as sp
from pydantic import Field

from grnpyg.core.errors import InputError
from grnpyg.knowledge.base import Facts, KnowledgeSource, Tier, knowledge
from grnpyg.knowledge.genes import Genes
from grnpyg.knowledge.sets import idf_space
from grnpyg.knowledge.tables import bundled, read

if TYPE_CHECKING:
    from anndata import AnnData


@knowledge.register("go")
class GeneOntology(KnowledgeSource):
    """Gene Ontology terms that genes share, the rarer the more they count.

    A gene also has every term above its own (`is a`, `part of`). Similarity: cosine of the vectors of
    log(genes / genes with the term). Number of a gene: log(1 + its terms).

    Args:
        smallest: genes that a term must have, over the whole table.
        largest: genes that a term may have; those of more say little.
    """

    date = "July 2022"
    licence = "CC BY 4.0"
    tier: Tier = "curated"
    bundled: ClassVar[tuple[str, ...]] = ("go_human.tsv.gz", "go_parents.tsv.gz")

    def __init__(
        self,
        *,
        smallest: Annotated[int, Field(ge=1)] = 2,
        largest: Annotated[int, Field(ge=1)] = 400,
    ) -> None:
        if smallest > largest:
            raise InputError(f"smallest is {smallest}, more than largest, {largest}", where="knowledge go")
        self.smallest, self.largest = smallest, largest

    def facts(self, genes: Genes, cells: AnnData | None, seed: int) -> Facts:
        """See `KnowledgeSource.facts`."""
        own = read(bundled("go_human.tsv.gz"), ("symbol", "go_id"))
        parents = read(bundled("go_parents.tsv.gz"), ("term", "parent"))
        symbols, table = with_ancestors(own, parents)
        sizes = np.asarray(table.sum(axis=0)).ravel()
        kept = np.flatnonzero((sizes >= self.smallest) & (sizes <= self.largest))
        row = pd.Index(symbols).get_indexer(pd.Index(genes.names))
        described = table[row][:, kept] * (row >= 0)[:, None]
        terms = np.asarray(described.sum(axis=1)).ravel()
        known = terms > 0
        return Facts(
            known=known,
            space=idf_space(described, sizes[kept], len(symbols)),
            numbers={"terms": np.where(known, np.log1p(terms), np.nan)},
            notes=(f"{kept.size:,} terms of {self.smallest:,} to {self.largest:,} genes",),
        )


def with_ancestors(own: pd.DataFrame, parents: pd.DataFrame) -> tuple[list[str], Any]:
    """Every gene with its terms and those above them.

    Args:
        own: `symbol`, `go_id`.
        parents: `term`, `parent`.

    Returns:
        The genes, and (num_genes, num_terms) 0 or 1, sparse.
    """
    gene, symbols = pd.factorize(own["symbol"], sort=True)
    terms = pd.Index(sorted({*own["go_id"], *parents["term"], *parents["parent"]}))
    ends = (terms.get_indexer(pd.Index(parents["term"])), terms.get_indexer(pd.Index(parents["parent"])))
    above = sp.csr_array((np.ones(len(parents), np.float32), ends), shape=(len(terms),) * 2)
    has = (gene, terms.get_indexer(pd.Index(own["go_id"])))
    table = sp.csr_array((np.ones(len(own), np.float32), has), shape=(len(symbols), len(terms)))
    table.data[:] = 1
    while True:  # one step up at a time, until nothing is added
        higher = (table + table @ above).tocsr()
        higher.sum_duplicates()
        higher.data[:] = 1
        if higher.nnz == table.nnz:
            return list(symbols), table
        table = higher
