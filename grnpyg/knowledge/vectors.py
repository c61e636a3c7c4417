"""Vectors of genes from a file of the user's: ESM2, scGPT, GenePT, or measurements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from grnpyg.knowledge.base import Facts, Tier, knowledge
from grnpyg.knowledge.genes import Genes
from grnpyg.knowledge.nearest import Vectors, unit_rows
from grnpyg.knowledge.own_file import OwnFile
from grnpyg.knowledge.vector_files import read_vectors

if TYPE_CHECKING:
    from anndata import AnnData

MOSTLY = 0.5  # of the values are 0: the columns are sets


@knowledge.register("vectors")
class GeneVectorFile(OwnFile):
    """A vector for each gene from a file: ESM2, scGPT, GenePT, or measurements of your own.

    Similarity: cosine of the vectors, less their mean over the genes.

    Args:
        path: npz with `genes` and `vectors`, or Parquet, h5ad, CSV or TSV with a row per gene.
        label: what the source is called in the graph and in reports; None: the file's name.
        tier: `measured`, `curated`, or `literature` where papers or descriptions went into the vectors, as
            into GenePT's.
        key: of an h5ad: `X`, `obsm/NAME` or `varm/NAME`.
        centre: whether the mean vector is taken off, which all vectors of a language model have in common.
    """

    def __init__(
        self,
        *,
        path: str = "",
        label: str | None = None,
        tier: Tier = "measured",
        key: str = "X",
        centre: bool = True,
    ) -> None:
        super().__init__(path, label, tier)
        self.key, self.centre = key, centre

    def facts(self, genes: Genes, cells: AnnData | None, seed: int) -> Facts:
        """See `KnowledgeSource.facts`."""
        self.check()
        read = read_vectors(self.path, self.key, genes.key)
        rows, notes = self.matched(read.names, genes)
        here = rows >= 0
        values = read.values[here]
        sets = None
        if (values == 0).mean() >= MOSTLY:  # a table of sets: it must not be that of the labels
            held = np.zeros((len(genes.names), values.shape[1]), bool)
            held[rows[here]] = values != 0
            sets = sp.csr_array(held)
        if self.centre:
            values = values - values.mean(axis=0)
        matrix = np.zeros((len(genes.names), values.shape[1]))
        matrix[rows[here]] = values
        unit = unit_rows(matrix)
        notes = (*notes, f"{values.shape[1]:,} numbers each")
        return Facts(known=np.abs(unit).sum(axis=1) > 0, space=Vectors(unit), sets=sets, notes=notes)
