"""The nodes of a graph as genes that tables know: by current human symbols, mouse through orthologs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from torch_geometric.data import HeteroData

from grnpyg.data.graph import GENE, TF
from grnpyg.data.matching.aliases import species_of
from grnpyg.data.matching.species import mouse_in_capitals
from grnpyg.data.names.namespaces import detect, namespace, without_version
from grnpyg.data.names.symbols import Species, symbols
from grnpyg.knowledge.nearest import Ids
from grnpyg.knowledge.tables import identifiers, orthologs


@dataclass(frozen=True)
class Genes:
    """The genes that the nodes of a graph stand for, each once.

    Attributes:
        species: of the names; None where most are no current symbols of human or mouse.
        names: (n,) distinct genes: the current symbol of the human gene, or of its human ortholog, also
            where the graph names it by an identifier. A name that no table knows stands for itself.
        key: node name -> its gene in `names`.
        tfs: (num_tfs,) which gene each TF is.
        genes: (num_genes,) which gene each gene node is.
    """

    species: Species | None
    names: tuple[str, ...]
    key: Mapping[str, str]
    tfs: Ids
    genes: Ids

    @classmethod
    def of(cls, graph: HeteroData, species: Species | None = None) -> Genes:
        """The genes of a graph; without a species most of the names tell it."""
        nodes = sorted({*graph[TF].name, *graph[GENE].name})
        species = species or species_of(nodes)
        key = current_names(nodes, species)
        names = tuple(sorted(set(key.values())))
        number = {name: place for place, name in enumerate(names)}
        tfs, genes = (
            np.array([number[key[name]] for name in graph[kind].name], np.intp) for kind in (TF, GENE)
        )
        return cls(species, names, key, tfs, genes)

    @cached_property
    def number(self) -> dict[str, int]:
        """Gene -> its place in `names`."""
        return {name: place for place, name in enumerate(self.names)}

    def rows(self, names: Sequence[str]) -> Ids:
        """(num_names,) which gene each name of a table is; -1 for none of the graph.

        Args:
            names: current human symbols.
        """
        return np.array([self.number.get(name, -1) for name in names], np.intp)

    def own_rows(self, names: Sequence[str]) -> Ids:
        """Like `rows`, for the names of a user's file: as in the graph, or other names of the same genes."""
        plain = [without_version(name.strip()) for name in names]
        current = current_names(plain, self.species)
        exact = self.rows([self.key.get(name, "") for name in plain])
        return np.where(exact >= 0, exact, self.rows([current[name] for name in plain]))

    @property
    def kind(self) -> str:
        """What the names are: `symbol`, `ensembl`, ..."""
        return detect(self.key).main


def current_names(names: Sequence[str], species: Species | None) -> dict[str, str]:
    """Name or identifier -> the current symbol of its human gene; one that is not known stays as it is.

    Args:
        names: distinct or not.
        species: of the names. None: they are read as human ones, as most tables are.
    """
    known = symbols(species or "human")
    to_human = orthologs() if species == "mouse" else {}
    capitals = mouse_in_capitals() if species == "mouse" else {}
    found = {}
    for name in names:
        symbol = name if name in known.current else known.former.get(name, name)
        if symbol == name and name not in known.current and namespace(name) != "symbol":
            symbol = identifiers().get(without_version(name), name)
        if symbol not in known.current:
            symbol = capitals.get(symbol, symbol)  # STAT1 of a mouse is Stat1
        found[name] = to_human.get(symbol, symbol)
    return found
