"""A logit of 0 for every pair, for models that score by pair features alone."""

from __future__ import annotations

from torch import Tensor

from grnpyg.models.heads.base import Head, PairShape, heads


@heads.register("zero")
class ZeroHead(Head):
    """logit = 0: the structure term beside it is the model. It reads no vector of a node.

    Args:
        shape: the sizes of the inputs.
    """

    def __init__(self, shape: PairShape) -> None:
        super().__init__()

    def forward(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> Tensor:
        """See `Head.forward`."""
        return z_tf.new_zeros(edge_label_index.size(1))

    def terms(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> dict[str, Tensor]:
        """None; see `Head.terms`."""
        return {}
