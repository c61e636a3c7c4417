"""Sets of genes from a GMT file of the user's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from grnpyg.core.errors import InputError
from grnpyg.data.text.files import read_text
from grnpyg.knowledge.base import Facts, Tier, knowledge
from grnpyg.knowledge.genes import Genes
from grnpyg.knowledge.motif_sets import share_of_sets
from grnpyg.knowledge.own_file import OwnFile
from grnpyg.knowledge.refused import refuse_label_database
from grnpyg.knowledge.sets import idf_space, members

if TYPE_CHECKING:
    from anndata import AnnData


@knowledge.register("gene_sets")
class GeneSets(OwnFile):
    """Sets of genes from a GMT file: pathways, complexes, co-mentions, the rarer the more they count.

    Similarity: cosine of the vectors of log(genes / genes of the set). A set that bears the name of a TF also
    gives a number to that TF and each of its genes: the share of the TF's sets that hold it.

    Args:
        path: the file; a line is name, description and genes, separated by tabs.
        label: what the source is called in the graph and in reports; None: the file's name.
        tier: `measured`, `curated`, or `literature` where papers went into the sets.
        largest: genes that a set may have; those of more say little.
    """

    def __init__(
        self,
        *,
        path: str = "",
        label: str | None = None,
        tier: Tier = "curated",
        largest: Annotated[int, Field(ge=2)] = 400,
    ) -> None:
        super().__init__(path, label, tier)
        self.largest = largest

    def facts(self, genes: Genes, cells: AnnData | None, seed: int) -> Facts:
        """See `KnowledgeSource.facts`."""
        self.check()
        table = self._table()
        first, notes = self.matched(list(dict.fromkeys(table["symbol"])), genes)
        place = dict(zip(dict.fromkeys(table["symbol"]), first.tolist(), strict=True))
        rows = table["symbol"].map(place).to_numpy(np.intp)
        found = members(genes, rows, table["set"])
        names, sizes = np.unique(table["set"].to_numpy(object), return_counts=True)
        here = np.unique(table["set"].to_numpy(object)[rows >= 0])
        sizes = sizes[np.searchsorted(names, here)]
        small = np.flatnonzero(sizes <= self.largest)
        space = idf_space(found[:, small], sizes[small], table["symbol"].nunique())
        tf = np.isin(own := genes.own_rows(list(here)), genes.tfs)
        direct = share_of_sets(found, np.where(tf, own, -1).tolist())
        notes = (*notes, f"{small.size:,} of {len(names):,} sets have 1 to {self.largest:,} genes")
        known = np.asarray(found.sum(axis=1)).ravel() > 0
        return Facts(known=known, space=space, direct=direct if tf.any() else None, sets=found, notes=notes)

    def _table(self) -> pd.DataFrame:
        """`set` and `symbol`, each pair once."""
        lines = [line.split("\t") for line in read_text(self.path).split("\n") if line.strip()]
        if short := next((n for n, line in enumerate(lines, start=1) if len(line) < 3), None):
            fix = "a GMT line is name<TAB>description<TAB>gene<TAB>gene..."
            raise InputError(f"line {short} has no genes", where=self.path, fix=fix)
        for text in (lines[0][0], lines[0][1]):
            refuse_label_database(text, where=self.path)
        pairs = [(line[0].strip(), gene.strip()) for line in lines for gene in line[2:] if gene.strip()]
        return pd.DataFrame(pairs, columns=["set", "symbol"]).drop_duplicates()
