"""No head: a logit of 0, for models that score by pair features alone."""

from __future__ import annotations

from torch import Tensor

from grnpyg.models.heads.base import Head, PairShape, heads


@heads.register("none")
class NoHead(Head):
    """logit = 0 for every pair: the structure term is the model. It goes with the encoder `none`.

    Args:
        shape: the sizes of the inputs.
    """

    def __init__(self, shape: PairShape) -> None:
        super().__init__()

    def forward(self, z_tf: Tensor, z_gene: Tensor, edge_label_index: Tensor) -> Tensor:
        """See `Head.forward`."""
        return z_tf.new_zeros(edge_label_index.size(1))
