"""Positions on the chromosomes: genes that lie side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from grnpyg.knowledge.base import Facts, KnowledgeSource, Tier, knowledge
from grnpyg.knowledge.genes import Genes
from grnpyg.knowledge.nearest import Ids
from grnpyg.knowledge.tables import bundled, read

if TYPE_CHECKING:
    from anndata import AnnData


@dataclass(frozen=True)
class Chromosomes:
    """Genes on chromosomes: similarity 1 / (1 + distance / scale), 0 from `limit` scales on.

    Args:
        chromosome: (n,) number of the chromosome, -1 where it is not known.
        middle: (n,) base pairs.
        scale: base pairs.
    """

    chromosome: NDArray[np.intp]
    middle: NDArray[np.floating[Any]]
    scale: float
    limit: ClassVar[float] = 50.0

    def between(self, rows: Ids, columns: Ids) -> NDArray[np.float64]:
        """See `Space.between`."""
        apart = np.abs(self.middle[rows][:, None] - self.middle[columns]) / self.scale
        same = self.chromosome[rows][:, None] == self.chromosome[columns]
        same &= (self.chromosome[rows] >= 0)[:, None] & (apart < self.limit)
        return np.where(same, 1 / (1 + apart), 0.0)


@knowledge.register("position")
class Position(KnowledgeSource):
    """Distance of genes on the chromosome (GRCh38).

    Similarity: 1 / (1 + distance of the genes' middles / scale), and 0 from 50 scales on. Worth little: a
    gain of .001 to .002 in the measurements that chose the sources.

    Args:
        scale: base pairs at which the similarity is a half.
    """

    date = "August 2022"
    licence = "free to use"
    tier: Tier = "measured"
    bundled: ClassVar[tuple[str, ...]] = ("positions_human.tsv.gz",)

    def __init__(self, *, scale: Annotated[float, Field(gt=0)] = 1e5) -> None:
        self.scale = scale

    def facts(self, genes: Genes, cells: AnnData | None, seed: int) -> Facts:
        """See `KnowledgeSource.facts`."""
        table = read(bundled("positions_human.tsv.gz"), ("symbol", "chromosome", "start", "end"))
        table = table.drop_duplicates("symbol")
        rows = genes.rows(table["symbol"].tolist())
        chromosome = np.full(len(genes.names), -1, np.intp)
        middle = np.zeros(len(genes.names))
        codes = np.unique(table["chromosome"].to_numpy(object), return_inverse=True)[1]
        halves = (table["start"].astype(np.int64) + table["end"].astype(np.int64)).to_numpy() / 2
        chromosome[rows[rows >= 0]], middle[rows[rows >= 0]] = codes[rows >= 0], halves[rows >= 0]
        return Facts(known=chromosome >= 0, space=Chromosomes(chromosome, middle, self.scale))
