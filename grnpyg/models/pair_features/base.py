"""Base class of pair features: message edges -> numbers for every TF-gene pair."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from torch_geometric.data import HeteroData

from grnpyg.core.errors import InputError
from grnpyg.core.registry import Registry
from grnpyg.data.graph import REGULATES, num_nodes

Table = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Messages:
    """The message edges of a graph as a table.

    Attributes:
        graph: the graph.
    """

    graph: HeteroData

    @cached_property
    def edges(self) -> NDArray[np.float32]:
        """(num_tfs, num_genes), 1 for an edge, else 0."""
        table = np.zeros(num_nodes(self.graph), np.float32)
        table[tuple(self.graph[REGULATES].edge_index.cpu().numpy())] = 1.0
        return table

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


class PairFeature(ABC):
    """Base of all pair features: numbers for every pair, in closed form from the message edges.

    The caller removes the edges of training pairs from the message edges first, so that their features do
    not contain the answer.

    Attributes:
        num_tables: how many numbers a pair gets.
        needs: co-expression matrices that the graph must hold, see `grnpyg.data.coexpression`.
    """

    num_tables: ClassVar[int]
    needs: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def tables(self, messages: Messages) -> list[Table]:
        """`num_tables` tables (num_tfs, num_genes), finite, of the order of 1; use logarithms of counts."""

    def checked(self, messages: Messages) -> list[Table]:
        """`tables`, checked for number, shape and range.

        Raises:
            InputError: the number of tables or a shape is wrong, or a value is not finite in half precision.
        """
        tables, shape = self.tables(messages), messages.edges.shape
        name = type(self).__name__
        if len(tables) != self.num_tables:
            raise InputError(
                f"gives {len(tables)} tables but declares num_tables = {self.num_tables}",
                where=f"pair feature {name}",
            )
        for table in tables:
            if table.shape != shape:
                raise InputError(
                    f"gives a table of shape {table.shape} for {shape[0]} TFs x {shape[1]} genes",
                    where=f"pair feature {name}",
                )
            if not np.abs(table).max(initial=0) <= np.finfo(np.float16).max:  # nan is not
                raise InputError(
                    "gives values that are not finite in half precision",
                    where=f"pair feature {name}",
                    fix="scale them down, for example by a logarithm",
                )
        return tables


def signed_log(table: Table, unit: float) -> Table:
    """sign(x) log(1 + |x| / unit): spreads small scores and compresses large ones.

    Args:
        table: any shape.
        unit: the smallest score that should differ clearly from 0.
    """
    result: Table = np.sign(table) * np.log1p(np.abs(table) / unit)
    return result


def cosine(x: Table, weight: Table) -> Table:
    """Cosine similarity of the rows of `x` (n, m) with weights (m,) of the columns; (n, n), diagonal 0."""
    common: Table = (x * weight) @ x.T
    length = np.sqrt(np.maximum(common.diagonal(), 1e-9))
    common = common / length[:, None] / length[None, :]
    np.fill_diagonal(common, 0)
    return common


pair_features: Registry[PairFeature] = Registry("pair_feature", PairFeature)
