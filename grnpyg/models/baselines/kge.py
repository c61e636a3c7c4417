"""Knowledge-graph embeddings of PyG with the single relation `regulates`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from grnpyg.models.baselines.pyg_model import PyGModel
from grnpyg.models.baselines.training_graph import TrainingGraph

BLOCK = 1 << 13  # pairs scored at a time, so that intermediate values fit the cache
Triples = tuple[Tensor, Tensor, Tensor]  # heads, relations, tails


class KnowledgeGraphEmbedding(PyGModel):
    """A model of `torch_geometric.nn.kge` with its default loss; a subclass names the model.

    Half of the negatives replace the head, half the tail. PyG draws both from all nodes. Here a head stays a
    TF and a tail a gene: otherwise node types alone would reveal every second negative.
    """

    macs_per_dimension: ClassVar[int]

    def __init__(
        self, hidden_channels: int, epochs: int, lr: float, weight_decay: float, batch_size: int
    ) -> None:
        super().__init__(epochs, lr, weight_decay)
        self.hidden_channels, self.batch_size = hidden_channels, batch_size

    @abstractmethod
    def build(self, graph: TrainingGraph) -> Any:
        """See `PyGModel.build`."""

    def losses(self, model: Any, graph: TrainingGraph, generator: torch.Generator) -> Iterator[Tensor]:
        """See `PyGModel.losses`."""

        def random_sample(head_index: Tensor, rel_type: Tensor, tail_index: Tensor) -> Triples:
            pairs = torch.stack([head_index, tail_index - graph.sizes[0]])
            parts = zip((0, 1), pairs.tensor_split(2, dim=1), strict=True)
            drawn = torch.cat([graph.corrupt(part, end, generator) for end, part in parts], dim=1)
            head, tail = graph.homogeneous(drawn)
            return head, rel_type, tail

        model.random_sample = random_sample
        for pairs in graph.batches(self.batch_size, generator):
            yield model.loss(*_triples(graph.homogeneous(pairs)))

    def keep(self, model: Any, graph: TrainingGraph) -> None:
        """Store the model."""
        for name in ("node_emb", "node_emb_im"):
            if hasattr(model, name):
                table = getattr(model, name).weight
                table.copy_(graph.with_means(table, graph.edge_index()))
        self.model, self.num_tfs = model, graph.sizes[0]

    @torch.no_grad()
    def score(self, edge_label_index: Tensor) -> NDArray[np.float64]:
        """See `Baseline.score`."""
        pairs = torch.stack([edge_label_index[0], edge_label_index[1] + self.num_tfs])
        blocks = [self.model(*_triples(some)) for some in pairs.split(BLOCK, dim=1)]
        scores: NDArray[np.float64] = torch.cat(blocks).double().numpy()
        return scores

    @property
    def macs_per_pair(self) -> int:
        """See `Baseline.macs_per_pair`: the products of the score function, per dimension."""
        return self.macs_per_dimension * self.hidden_channels


def _triples(pairs: Tensor) -> Triples:
    return pairs[0], torch.zeros_like(pairs[0]), pairs[1]
