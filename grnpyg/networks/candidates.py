"""Which pairs of a graph are candidates, and what its known edges say of each."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.data.graph import ENCODED_BY, GENE, REGULATES, TF, num_nodes, pair_codes
from grnpyg.networks.signs import provenance_of, signs_of

Codes = NDArray[np.int64]  # (n,) `tf * num_genes + gene`
NEAR = 3  # names that are shown for one that is not there


@dataclass(frozen=True)
class Candidates:
    """TF x gene without a TF and its own gene, and with `new` also without the known edges.

    Args:
        graph: nodes and known edges.
        new: leave the known edges out.
        labels: where the known edges are from: a name of the catalogue or a file.
    """

    graph: HeteroData
    new: bool = False
    labels: str = ""

    @property
    def shape(self) -> tuple[int, int]:
        """(number of TFs, number of genes)."""
        return num_nodes(self.graph)

    @cached_property
    def names(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Names of the TFs and of the genes."""
        tfs, genes = (np.asarray(self.graph[kind].name, dtype=object) for kind in (TF, GENE))
        return tfs, genes

    @cached_property
    def _own(self) -> Codes:
        return np.sort(pair_codes(self.graph, self.graph[ENCODED_BY].edge_index).numpy())

    @cached_property
    def _known(self) -> Codes:
        """(E,) known edges, ascending."""
        return np.sort(pair_codes(self.graph, self.graph[REGULATES].edge_index).numpy())

    @cached_property
    def out(self) -> Codes:
        """(n,) pairs that are no candidates, ascending."""
        return np.union1d(self._own, self._known) if self.new else self._own

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1] - self.out.size

    @property
    def num_known(self) -> int:
        """Number of known edges."""
        return int(self._known.size)

    def rows(self, start: int, stop: int) -> NDArray[np.bool_]:
        """(stop - start, num_genes) which pairs of some TFs are candidates."""
        num_genes = self.shape[1]
        found = np.ones((stop - start) * num_genes, dtype=bool)
        first, last = np.searchsorted(self.out, [start * num_genes, stop * num_genes])
        found[self.out[first:last] - start * num_genes] = False
        return found.reshape(stop - start, num_genes)

    def known(self, codes: Codes) -> NDArray[np.bool_]:
        """(n,) which pairs are known edges."""
        return _find(self._known, codes)[1]

    def known_rows(self, start: int, stop: int) -> NDArray[np.bool_]:
        """(stop - start, num_genes) which pairs of some TFs are known edges."""
        num_genes, edges = self.shape[1], self._known
        found = np.zeros((stop - start) * num_genes, dtype=bool)
        first, last = np.searchsorted(edges, [start * num_genes, stop * num_genes])
        found[edges[first:last] - start * num_genes] = True
        return found.reshape(stop - start, num_genes)

    @cached_property
    def sign(self) -> Callable[[Codes], NDArray[np.int8]]:
        """Gives (n,) signs of pairs: 1, -1, or 0 for an unknown one, see `signs_of`."""
        return signs_of(self.graph)

    @cached_property
    def provenance(self) -> Callable[[Codes], NDArray[Any]]:
        """Gives (n,) what the labels say of known edges, see `provenance_of`."""
        return provenance_of(self.graph, self.labels)

    @cached_property
    def _degrees(self) -> tuple[Codes, Codes]:
        """Known edges of each TF and of each gene."""
        tf, gene = self.graph[REGULATES].edge_index.numpy()
        return np.bincount(tf, minlength=self.shape[0]), np.bincount(gene, minlength=self.shape[1])

    def cold(self, codes: Codes) -> NDArray[Any]:
        """(n,) which end has no known edge: empty, `TF`, `target` or `both`."""
        tf, gene = (
            degree[at] == 0 for degree, at in zip(self._degrees, np.divmod(codes, self.shape[1]), strict=True)
        )
        words: NDArray[Any] = np.array(["", "TF", "target", "both"], dtype=object)[tf + 2 * gene]
        return words

    def degree_rank(self, codes: Codes) -> NDArray[np.float64]:
        """(n,) place of pairs when all candidates are ranked by the product of their ends' known edges.

        Counted by classes of equal degree, so that no list of all pairs is made. Equal products share the
        mean of their places.
        """
        levels, places = self._degree_places
        place: NDArray[np.float64] = places[np.searchsorted(levels, self._product(codes))]
        return place

    @cached_property
    def _degree_places(self) -> tuple[Codes, NDArray[np.float64]]:
        """The products of degrees that there are, ascending, and the place of each."""
        of_tf, of_gene = self._degrees
        (tfs, many_tfs), (genes, many_genes) = (np.unique(d, return_counts=True) for d in (of_tf, of_gene))
        products = np.concatenate([np.multiply.outer(tfs, genes).ravel(), self._product(self.out)])
        counts = np.concatenate([np.multiply.outer(many_tfs, many_genes).ravel(), -np.ones_like(self.out)])
        levels, at = np.unique(products, return_inverse=True)
        count = np.bincount(at, counts, minlength=levels.size)
        above = count.sum() - np.cumsum(count)
        return levels, above + (count + 1) / 2

    def _product(self, codes: Codes) -> Codes:
        tf, gene = np.divmod(codes, self.shape[1])
        product: Codes = self._degrees[0][tf] * self._degrees[1][gene]
        return product

    def ids(self, kind: str, names: Collection[str], where: str) -> NDArray[np.intp]:
        """Which TFs or genes some names are, ascending.

        Args:
            kind: `TF` or `GENE` of `grnpyg.data.graph`.
            names: as in the graph; case is ignored where it leaves one name.
            where: for the message.

        Raises:
            InputError: an unknown name, with near ones.
        """
        own = [str(name) for name in self.names[kind == GENE]]
        at = {name: place for place, name in enumerate(own)}
        return np.unique(np.array([at[_named(name, own, kind, where)] for name in names], dtype=np.intp))


def _named(name: str, own: list[str], kind: str, where: str) -> str:
    if name in own:
        return name
    same = [other for other in own if other.lower() == name.lower()]
    if len(same) == 1:
        return same[0]
    lower = {other.lower(): other for other in own}
    near = [lower[other] for other in difflib.get_close_matches(name.lower(), lower, NEAR, cutoff=0.5)]
    said = f"near names: {', '.join(near)}" if near else f"the graph has {len(own):,}, such as {own[0]}"
    raise InputError(f"no {'TF' if kind == TF else 'gene'} is called {name!r}", where=where, fix=said)


def _find(edges: Codes, codes: Codes) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Where codes stand among sorted ones, and whether they do."""
    if not edges.size:
        return np.zeros(codes.size, np.intp), np.zeros(codes.size, dtype=bool)
    at = np.minimum(np.searchsorted(edges, codes), edges.size - 1)
    return at, edges[at] == codes
