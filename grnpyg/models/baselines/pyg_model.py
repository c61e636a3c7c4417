"""Training loop and scoring shared by the baselines from PyTorch Geometric."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from grnpyg.core.seeding import forked, torch_generator
from grnpyg.models.baselines.base import Baseline
from grnpyg.models.baselines.training_graph import TrainingGraph
from grnpyg.splits.link_split import LabelledPairs, LinkSplit


class PyGModel(Baseline):
    """A model of PyTorch Geometric, trained with Adam for a fixed number of epochs.

    It uses the training edges only and draws its own negatives among TF x gene; the negatives passed to `fit`
    are not used. Held-out edges neither stop training nor choose weights. The default options were chosen
    once, by validation edges, for all data.

    Attributes:
        epochs: passes over the training edges.
        lr: learning rate of Adam.
        weight_decay: L2 penalty of Adam.
    """

    def __init__(self, epochs: int, lr: float, weight_decay: float) -> None:
        self.epochs, self.lr, self.weight_decay = epochs, lr, weight_decay

    @abstractmethod
    def build(self, graph: TrainingGraph) -> nn.Module:
        """The model, with initial weights from the global generator."""

    @abstractmethod
    def losses(self, model: nn.Module, graph: TrainingGraph, generator: torch.Generator) -> Iterator[Tensor]:
        """Yield the loss of every batch of an epoch; the optimiser steps before the next one."""

    @abstractmethod
    def keep(self, model: nn.Module, graph: TrainingGraph) -> None:
        """Store what scoring needs; called without gradients, in evaluation mode."""

    def fit(self, split: LinkSplit, pairs: LabelledPairs) -> None:
        """Train on the training edges; the state of global generators is restored."""
        graph, purpose = TrainingGraph.of(split), f"baseline {type(self).__name__}"
        with forked(self.seed, purpose):
            model = self.build(graph).train()
            adam = torch.optim.Adam(model.parameters(), lr=self.lr, weight_decay=self.weight_decay)
            for epoch in range(self.epochs):
                for loss in self.losses(model, graph, torch_generator(self.seed, purpose, epoch)):
                    adam.zero_grad()
                    loss.backward()
                    adam.step()
        self.num_parameters = sum(weight.numel() for weight in model.parameters())
        with torch.no_grad():
            self.keep(model.eval(), graph)

    @property
    def parameters(self) -> int:
        """See `Baseline.parameters`."""
        return self.num_parameters


class DotProduct(PyGModel):
    """A model that yields one vector per node; score = inner product of the two."""

    def keep(self, model: nn.Module, graph: TrainingGraph) -> None:
        """Store the vectors, in float64."""
        vectors = self.vectors(model, graph).double().numpy()
        self.z_tf, self.z_gene = np.split(vectors, [graph.sizes[0]])

    @abstractmethod
    def vectors(self, model: nn.Module, graph: TrainingGraph) -> Tensor:
        """(num_nodes, d) vectors of the homogeneous view."""

    def score(self, edge_label_index: Tensor) -> NDArray[np.float64]:
        """See `Baseline.score`."""
        tf, gene = edge_label_index.numpy()
        scores: NDArray[np.float64] = np.einsum("nd,nd->n", self.z_tf[tf], self.z_gene[gene])
        return scores

    def score_all(self, tf_index: Tensor, gene_index: Tensor) -> NDArray[np.float64]:
        """See `Baseline.score_all`."""
        scores: NDArray[np.float64] = self.z_tf[tf_index.numpy()] @ self.z_gene[gene_index.numpy()].T
        return scores

    @property
    def macs_per_pair(self) -> int:
        """See `Baseline.macs_per_pair`: one per dimension."""
        return int(self.z_tf.shape[1])


def inner_products(z: Tensor, pairs: Tensor) -> Tensor:
    """(n,) inner products of the rows `pairs` (2, n) of z (num_nodes, d).

    With `index_select`, because the gradient of `z[index]` is not deterministic on several threads.
    """
    return (z.index_select(0, pairs[0]) * z.index_select(0, pairs[1])).sum(dim=1)
