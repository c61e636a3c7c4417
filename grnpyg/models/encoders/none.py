"""No encoder: no vector of a node, for models that score by pair features alone."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor
from torch_geometric.data import HeteroData

from grnpyg.data.graph import GENE, TF
from grnpyg.models.encoders.base import NodeEncoder, encoders


@encoders.register("none")
class NoEncoder(NodeEncoder):
    """z of width 0: the structure term is the model. It goes with the head `zero`.

    Args:
        data: the graph.
    """

    uses_messages: ClassVar[bool] = False

    def __init__(self, data: HeteroData) -> None:
        super().__init__(0)

    def forward(self, data: HeteroData) -> dict[str, Tensor]:
        """See `NodeEncoder.forward`."""
        return {kind: data[kind].x.new_empty(int(data[kind].num_nodes), 0) for kind in (TF, GENE)}
