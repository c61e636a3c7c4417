"""Binary cross-entropy in logit space."""

from __future__ import annotations

import torch.nn.functional as F  # noqa: N812 (PyTorch's own convention)
from torch import Tensor

from grnpyg.models.losses.base import Loss, losses


@losses.register("bce")
class BinaryCrossEntropy(Loss):
    """mean of -log p for positives and -log(1 - p) for negatives, p = sigmoid(logit)."""

    def __call__(self, logits: Tensor, label: Tensor, pairs: Tensor) -> Tensor:
        """See `Loss`."""
        return F.binary_cross_entropy_with_logits(logits, label)
