"""ComplEx: DistMult over complex numbers, so that the score depends on the direction of an edge."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from torch_geometric.nn import kge

from grnpyg.models.baselines.base import baselines
from grnpyg.models.baselines.kge import KnowledgeGraphEmbedding
from grnpyg.models.baselines.training_graph import TrainingGraph


@baselines.register("complex")
class ComplEx(KnowledgeGraphEmbedding):
    """ComplEx: score = Re <h, r, conj t> (Trouillon et al. 2016, arXiv 1606.06357), cross-entropy.

    Args:
        hidden_channels: of the real and of the imaginary parts.
        epochs: passes over the training edges.
        lr: learning rate of Adam.
        weight_decay: L2 penalty of Adam.
        batch_size: edges in a batch.
    """

    macs_per_dimension = 8  # four products of three

    def __init__(
        self,
        *,
        hidden_channels: Annotated[int, Field(ge=1)] = 64,
        epochs: Annotated[int, Field(ge=0)] = 40,
        lr: Annotated[float, Field(gt=0)] = 0.01,
        weight_decay: Annotated[float, Field(ge=0)] = 1e-4,
        batch_size: Annotated[int, Field(ge=1)] = 2048,
    ) -> None:
        super().__init__(hidden_channels, epochs, lr, weight_decay, batch_size)

    def build(self, graph: TrainingGraph) -> Any:
        """See `PyGModel.build`."""
        return kge.ComplEx(graph.num_nodes, 1, self.hidden_channels)
