"""Focal loss: easy pairs count less."""

from __future__ import annotations

from typing import Annotated

import torch.nn.functional as F  # noqa: N812 (PyTorch's own convention)
from pydantic import Field
from torch import Tensor

from grnpyg.models.losses.base import Loss, losses


@losses.register("focal")
class Focal(Loss):
    """mean of -(1 - q)^gamma log q, where q is the probability given to the true label.

    Lin et al. 2017, arXiv 1708.02002, equation 4; gamma 0 is the binary cross-entropy.

    Args:
        gamma: how fast the weight of a pair decreases as it is learned.
    """

    def __init__(self, *, gamma: Annotated[float, Field(ge=0)] = 2.0) -> None:
        self.gamma = gamma

    def __call__(self, logits: Tensor, label: Tensor, pairs: Tensor) -> Tensor:
        """See `Loss`."""
        signed = (2 * label - 1) * logits  # q = sigmoid(signed)
        weight = (-signed).sigmoid() ** self.gamma
        return -(weight * F.logsigmoid(signed)).mean()
