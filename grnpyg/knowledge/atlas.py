"""The Human Protein Atlas: genes that are active in the same tissues and cell lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from grnpyg.knowledge.base import Facts, KnowledgeSource, Tier, knowledge
from grnpyg.knowledge.genes import Genes
from grnpyg.knowledge.samples import profile_facts, read_samples
from grnpyg.knowledge.tables import fetched

if TYPE_CHECKING:
    from anndata import AnnData


@knowledge.register("atlas")
class Atlas(KnowledgeSource):
    """Human Protein Atlas: genes active in the same of 130 tissues, blood cells and cell lines.

    Similarity: correlation of log(1 + value) over the samples. Numbers of a gene: its mean and maximum.
    """

    date = "2018"
    licence = "CC BY-SA 3.0"
    tier: Tier = "measured"
    fetched: ClassVar[tuple[str, ...]] = ("hpa-rna",)

    def facts(self, genes: Genes, cells: AnnData | None, seed: int) -> Facts:
        """See `KnowledgeSource.facts`."""
        return profile_facts(read_samples(fetched("hpa-rna")), genes, logarithm=True)
