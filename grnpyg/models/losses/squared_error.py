"""Squared error of the probability (half the Brier score)."""

from __future__ import annotations

from torch import Tensor

from grnpyg.models.losses.base import Loss, losses


@losses.register("squared_error")
class SquaredError(Loss):
    """mean of (p - y)^2 / 2, p = sigmoid(logit); its gradient in the logit is (p - y) p (1 - p).

    The gradient of a pair vanishes as p saturates, even on the wrong side. Once float32 rounds p to 0 or 1,
    the pair contributes nothing any more.
    """

    def __call__(self, logits: Tensor, label: Tensor, pairs: Tensor) -> Tensor:
        """See `Loss`."""
        return (logits.sigmoid() - label).square().mean() / 2
