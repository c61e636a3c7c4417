"""Families of TFs by their DNA-binding domains and motifs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from grnpyg.knowledge.base import Facts, Gives, KnowledgeSource, Tier, knowledge
from grnpyg.knowledge.genes import Genes, current_names
from grnpyg.knowledge.sets import idf_space, members
from grnpyg.knowledge.tables import bundled, fetched, read

if TYPE_CHECKING:
    from anndata import AnnData

Scheme = Literal["jaspar_class", "jaspar_family", "gimme_family", "gimme_motif", "cisbp", "lambert"]
FETCHED: dict[Scheme, tuple[str, tuple[str, str]]] = {
    "cisbp": ("cisbp-tf", ("TF_Name", "Family_Name")),
    "lambert": ("lambert-tfs", ("HGNC symbol", "DBD")),
}


@knowledge.register("tf_family")
class TFFamily(KnowledgeSource):
    """Families of TFs by DNA-binding domain and by motif, the rarer the more they count.

    Similarity of two TFs: cosine of the vectors of log(TFs / TFs in the family), over all schemes.

    Args:
        schemes: which families: class and family of TFClass in JASPAR 2026, family and motif of gimme's
            vertebrate motifs, both bundled; `cisbp` and `lambert` are data sets of the catalogue.
    """

    entities: ClassVar[Literal["genes", "TFs"]] = "TFs"
    date = "2018 to 2025"
    licence = "CC BY 4.0, MIT"
    tier: Tier = "curated"
    bundled: ClassVar[tuple[str, ...]] = ("tf_families_human.tsv.gz",)
    gives: ClassVar[tuple[Gives, ...]] = ("tfs",)

    def __init__(
        self,
        *,
        schemes: Annotated[tuple[Scheme, ...], Field(min_length=1)] = (
            *("jaspar_class", "jaspar_family", "gimme_family", "gimme_motif"),
        ),
    ) -> None:
        self.schemes = tuple(dict.fromkeys(schemes))

    def files(self) -> list[Path]:
        """See `KnowledgeSource.files`."""
        listed: list[Callable[[], Path]] = [
            *([lambda: bundled(self.bundled[0])] if set(self.schemes) - set(FETCHED) else []),
            *(lambda s=s: fetched(FETCHED[s][0]) for s in self.schemes if s in FETCHED),
        ]
        return [path() for path in listed]

    def facts(self, genes: Genes, cells: AnnData | None, seed: int) -> Facts:
        """See `KnowledgeSource.facts`."""
        table = pd.concat([self._scheme(scheme) for scheme in self.schemes]).drop_duplicates()
        rows = genes.rows(table["symbol"].tolist())
        found = members(genes, rows, table["family"])
        families, sizes = np.unique(table["family"].to_numpy(object), return_counts=True)
        here = np.unique(table["family"].to_numpy(object)[rows >= 0])
        space = idf_space(found, sizes[np.searchsorted(families, here)], table["symbol"].nunique())
        return Facts(known=np.asarray(found.sum(axis=1)).ravel() > 0, space=space)

    def _scheme(self, scheme: Scheme) -> pd.DataFrame:
        """`symbol` and `family` of one scheme; what says that a family is unknown is left out."""
        if scheme in FETCHED:
            entry, (symbol, family) = FETCHED[scheme]
            table = read(fetched(entry), (symbol, family)).set_axis(["symbol", "family"], axis=1)
            current = current_names(table["symbol"].tolist(), "human")
            table["symbol"] = table["symbol"].map(current)
        else:
            table = read(bundled(self.bundled[0]), ("symbol", "scheme", "family"))
            table = table[table["scheme"] == scheme][["symbol", "family"]]
        table = table[~table["family"].str.lower().isin(["", "unknown", "na"])]
        return table.assign(family=f"{scheme}:" + table["family"])
