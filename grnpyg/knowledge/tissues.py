"""GTEx: genes that are active in the same tissues."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from grnpyg.knowledge.base import Facts, KnowledgeSource, Tier, knowledge
from grnpyg.knowledge.genes import Genes
from grnpyg.knowledge.samples import profile_facts, read_samples
from grnpyg.knowledge.tables import bundled

if TYPE_CHECKING:
    from anndata import AnnData

TABLE = "expression_gtex_human.tsv.gz"


@knowledge.register("tissues")
class Tissues(KnowledgeSource):
    """GTEx: genes active in the same of 53 human tissues and cell lines.

    Similarity: correlation of the median log2(TPM + 1) over the tissues. Numbers of a gene: its mean and
    maximum. DoRothEA's low confidence levels hold pairs inferred from GTEx: on such labels a gain is in part
    their own evidence.
    """

    date = "2017"
    licence = "GTEx open access"
    tier: Tier = "measured"
    bundled: ClassVar[tuple[str, ...]] = (TABLE,)

    def facts(self, genes: Genes, cells: AnnData | None, seed: int) -> Facts:
        """See `KnowledgeSource.facts`."""
        return profile_facts(read_samples(bundled(TABLE)), genes, logarithm=False)
