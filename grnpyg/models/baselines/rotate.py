"""RotatE: a relation is a rotation of every complex coordinate."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from torch_geometric.nn import kge

from grnpyg.models.baselines.base import baselines
from grnpyg.models.baselines.kge import KnowledgeGraphEmbedding
from grnpyg.models.baselines.training_graph import TrainingGraph


@baselines.register("rotate")
class RotatE(KnowledgeGraphEmbedding):
    """RotatE: score = margin - |h o r - t|, r a rotation (Sun et al. 2019, arXiv 1902.10197), cross-entropy.

    Args:
        hidden_channels: of the real and of the imaginary parts.
        epochs: passes over the training edges.
        lr: learning rate of Adam.
        weight_decay: L2 penalty of Adam.
        batch_size: edges in a batch.
    """

    macs_per_dimension = 6  # four of the rotation, two squares

    def __init__(
        self,
        *,
        hidden_channels: Annotated[int, Field(ge=1)] = 64,
        epochs: Annotated[int, Field(ge=0)] = 60,
        lr: Annotated[float, Field(gt=0)] = 0.01,
        weight_decay: Annotated[float, Field(ge=0)] = 1e-5,
        batch_size: Annotated[int, Field(ge=1)] = 2048,
    ) -> None:
        super().__init__(hidden_channels, epochs, lr, weight_decay, batch_size)

    def build(self, graph: TrainingGraph) -> Any:
        """See `PyGModel.build`."""
        return kge.RotatE(graph.num_nodes, 1, self.hidden_channels)
