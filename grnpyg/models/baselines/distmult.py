"""DistMult: one weight per dimension."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from torch_geometric.nn import kge

from grnpyg.models.baselines.base import baselines
from grnpyg.models.baselines.kge import KnowledgeGraphEmbedding
from grnpyg.models.baselines.training_graph import TrainingGraph


@baselines.register("distmult")
class DistMult(KnowledgeGraphEmbedding):
    """DistMult: score = <h, r, t> (Yang et al. 2015, arXiv 1412.6575), margin ranking loss.

    Args:
        hidden_channels: of the vectors.
        epochs: passes over the training edges.
        lr: learning rate of Adam.
        weight_decay: L2 penalty of Adam.
        batch_size: edges in a batch.
    """

    macs_per_dimension = 2

    def __init__(
        self,
        *,
        hidden_channels: Annotated[int, Field(ge=1)] = 64,
        epochs: Annotated[int, Field(ge=0)] = 20,
        lr: Annotated[float, Field(gt=0)] = 0.01,
        weight_decay: Annotated[float, Field(ge=0)] = 1e-4,
        batch_size: Annotated[int, Field(ge=1)] = 2048,
    ) -> None:
        super().__init__(hidden_channels, epochs, lr, weight_decay, batch_size)

    def build(self, graph: TrainingGraph) -> Any:
        """See `PyGModel.build`."""
        return kge.DistMult(graph.num_nodes, 1, self.hidden_channels)
