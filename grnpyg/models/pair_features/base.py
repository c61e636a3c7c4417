"""Base class of pair features: message edges -> numbers for every TF-gene pair."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csc_array, csr_array
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.core.registry import Registry
from grnpyg.data.graph import REGULATES, num_nodes
from grnpyg.models.groups import KNOWN_EDGES
from grnpyg.models.pair_features.numbers import PairNumber


@dataclass(frozen=True)
class Messages:
    """The message edges of a graph as a sparse matrix.

    Attributes:
        graph: the graph.
    """

    graph: HeteroData
    _common: dict[float, NDArray[np.float32]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def edges(self) -> csr_array:
        """(num_tfs, num_genes) float32, 1 for an edge."""
        tf, gene = self.graph[REGULATES].edge_index.cpu().numpy()
        return csr_array((np.ones(tf.size, np.float32), (tf, gene)), shape=num_nodes(self.graph))

    @cached_property
    def by_gene(self) -> csc_array:
        """`edges` by column: as a factor on the right, whose columns are read, it is held once for all."""
        return csc_array(self.edges)

    @cached_property
    def tf_degree(self) -> NDArray[np.float32]:
        """(num_tfs,) message edges of each TF."""
        degree: NDArray[np.float32] = self.edges.sum(axis=1)
        return degree

    @cached_property
    def gene_degree(self) -> NDArray[np.float32]:
        """(num_genes,) message edges of each gene."""
        degree: NDArray[np.float32] = self.edges.sum(axis=0)
        return degree

    def weighted(self, *, tf: ArrayLike = 1.0, gene: ArrayLike = 1.0) -> csr_array:
        """The edges times a factor of the TF, (num_tfs,), and one of the gene, (num_genes,)."""
        rows, columns = self.edges.nonzero()
        tfs, genes = (
            np.broadcast_to(np.asarray(given, np.float32), size)
            for given, size in zip((tf, gene), self.edges.shape, strict=True)
        )
        return csr_array((tfs[rows] * genes[columns], (rows, columns)), shape=self.edges.shape)

    def common(self, power: float = 0.0) -> NDArray[np.float32]:
        """(num_tfs, num_tfs): sum over the common targets of two TFs of 1 / degree^power; diagonal 0."""
        if power not in self._common:
            weighted = self.weighted(gene=np.maximum(self.gene_degree, 1) ** -power)
            table = (weighted @ self.edges.T).toarray()
            np.fill_diagonal(table, 0)
            self._common[power] = table
        return self._common[power]


class PairFeature(ABC):
    """Base of all pair features: numbers for every pair, in closed form from the message edges.

    The caller removes the edges of the pairs that are scored from the message edges first, so that their
    features do not contain the answer. What a feature says of a pair that is a message edge is never read,
    so a term of the pair's own edge may be left out; it must be finite.

    Attributes:
        num_values: how many numbers a pair gets, where this is the same for every graph; see `width`.
        needs: co-expression matrices that the graph must hold, see `grnpyg.data.coexpression`.
        group: what a score that the numbers raise is explained by, see `grnpyg.models.groups`.
    """

    num_values: ClassVar[int]
    group: ClassVar[str] = KNOWN_EDGES
    needs: ClassVar[tuple[str, ...]] = ()

    def width(self, graph: HeteroData) -> int:
        """How many numbers a pair of this graph gets: `num_values`, if the feature does not override it.

        It is asked before training; it must be the same for all graphs with the same nodes.
        """
        return self.num_values

    @abstractmethod
    def numbers(self, messages: Messages) -> list[PairNumber]:
        """`width` numbers, finite and of the order of 1 (take logarithms of counts), in closed form.

        Memory: factors with as many rows or columns as there are TFs, and sparse matrices, but nothing dense
        of the size TFs x genes or genes x genes. See `grnpyg.models.pair_features.numbers`.
        """

    def checked(self, messages: Messages) -> list[PairNumber]:
        """`numbers`, checked for their count and shape.

        Raises:
            InputError: another count than `width`, or the shape of another graph.
        """
        numbers, shape = self.numbers(messages), messages.edges.shape
        where, width = f"pair feature {type(self).__name__}", self.width(messages.graph)
        if len(numbers) != width:
            raise InputError(f"gives {len(numbers)} numbers for a pair but declares {width}", where=where)
        for number in numbers:
            if number.shape != shape:
                raise InputError(
                    f"gives a number of shape {number.shape} for {shape[0]} TFs x {shape[1]} genes",
                    where=where,
                )
        return numbers


pair_features: Registry[PairFeature] = Registry("pair_feature", PairFeature)
