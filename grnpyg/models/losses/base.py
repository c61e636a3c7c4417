"""Base class of losses: logits and labels of one batch -> one number."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.core.registry import Registry
from grnpyg.data.graph import REGULATES, num_nodes


@dataclass(frozen=True)
class EpochPairs:
    """What a loss may know of an epoch before its first batch.

    Attributes:
        edges: (2, E) all training edges.
        index: (2, n) the pairs of the epoch, positives and negatives.
        label: (n,) 1.0 for a positive, 0.0 for a negative.
        num_tfs: TFs of the graph.
        num_genes: genes of the graph.
    """

    edges: Tensor
    index: Tensor
    label: Tensor
    num_tfs: int
    num_genes: int

    @classmethod
    def of(cls, graph: HeteroData, index: Tensor, label: Tensor) -> EpochPairs:
        """Pairs (2, n) with labels (n,), on a graph whose `regulates` edges are the training edges."""
        return cls(graph[REGULATES].edge_index, index, label, *num_nodes(graph))


class Loss(ABC):
    """Base of all losses; the keyword-only parameters of a subclass are its options.

    Attributes:
        by_node: whether it matters which pairs the logits belong to.
        in_batch: with how many other positives of the batch each positive is crossed: the TF of one and the
            gene of the other make a further negative, unless it is a training edge.
    """

    by_node: ClassVar[bool] = False
    in_batch: int = 0

    def begin(self, epoch: EpochPairs) -> None:
        """Take note of an epoch that begins; most losses need not."""
        return

    @abstractmethod
    def __call__(self, logits: Tensor, label: Tensor, pairs: Tensor) -> Tensor:
        """The loss of a batch.

        Args:
            logits: (num_pairs,) raw logits.
            label: (num_pairs,) 1.0 for a positive, 0.0 for a negative.
            pairs: (2, num_pairs) ids of TF and gene.

        Returns:
            (), differentiable in the logits; 0 (with gradient 0) if the batch has nothing to compare.
        """


losses: Registry[Loss] = Registry("loss", Loss)
