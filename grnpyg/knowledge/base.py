"""Base class of knowledge sources: facts about genes from outside the labels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from grnpyg.core.registry import Registry
from grnpyg.knowledge.genes import Genes
from grnpyg.knowledge.nearest import Space
from grnpyg.knowledge.tables import MissingError, bundled, fetched

if TYPE_CHECKING:
    from anndata import AnnData

Tier = Literal["measured", "curated", "literature"]
TIERS: tuple[Tier, ...] = get_args(Tier)
Gives = Literal["genes", "tfs", "direct"]


@dataclass(frozen=True)
class Facts:
    """What a source says about the genes of a graph, n of them.

    Attributes:
        known: (n,) bool, the genes that the source knows.
        space: gives the similarity of two genes; None where there is none.
        direct: (n, n) sparse numbers of a TF (row) and a gene (column), beside those of the space; or None.
        numbers: name -> (n,) of each gene, nan where it is not known.
        sets: (n, num_sets) bool, sparse, of what the labels must not be a copy; or None.
        notes: sentences for the report.
    """

    known: NDArray[np.bool_]
    space: Space | None = None
    direct: Any = None
    numbers: Mapping[str, NDArray[np.floating[Any]]] = field(default_factory=dict)
    sets: Any = None
    notes: tuple[str, ...] = ()


class KnowledgeSource(ABC):
    """Base of all knowledge sources.

    The first line of a subclass's docstring says what the source is. A subclass declares the attributes
    below and writes `facts`.

    Attributes:
        entities: what the facts are about: genes, or TFs alone.
        date: when the facts were collected.
        licence: of the facts.
        species: of the table; mouse is read through one-to-one orthologs.
        tier: `measured` (expression, sequence, position), `curated` (by experts, for genes at large) or
            `literature` (from papers, which may also be the source of the labels: never read unasked).
        bundled: names of its bundled tables.
        fetched: names of the catalogue's data sets that it reads.
        gives: the similarities that its space is asked for: of `genes` with genes, of `tfs` with TFs, and
            `direct`, of the gene of a TF with a gene.
        own: whether it reads what the user gives: it is refused rather than left out where it fits badly.
    """

    entities: ClassVar[Literal["genes", "TFs"]] = "genes"
    date: ClassVar[str]
    licence: ClassVar[str]
    species: ClassVar[str] = "human; mouse through one-to-one orthologs"
    tier: Tier
    bundled: ClassVar[tuple[str, ...]] = ()
    fetched: ClassVar[tuple[str, ...]] = ()
    gives: ClassVar[tuple[Gives, ...]] = ("genes", "tfs", "direct")
    own: ClassVar[bool] = False

    @abstractmethod
    def facts(self, genes: Genes, cells: AnnData | None, seed: int) -> Facts:
        """What the source says about some genes.

        Args:
            genes: the genes of the graph.
            cells: cells x genes with log values and the graph's names, where there is expression.
            seed: of random numbers, where it needs some.

        Raises:
            MissingError: a table is not here, or there is no expression.
            InputError: a file that cannot be used.
        """

    @classmethod
    def origin(cls) -> str:
        """Where its facts come from: bundled tables, data sets of the catalogue, or the user."""
        return ", ".join([*cls.bundled, *cls.fetched]) or "the user"

    def files(self) -> list[Path]:
        """The files that it reads, for the hashes of a run.

        Raises:
            MissingError: one is not here.
        """
        return [*(bundled(name) for name in self.bundled), *(fetched(name) for name in self.fetched)]

    @property
    def present(self) -> bool:
        """Whether its files are here."""
        try:
            return all(path.is_file() for path in self.files())
        except MissingError:
            return False


knowledge: Registry[KnowledgeSource] = Registry("knowledge_source", KnowledgeSource)
