"""Margin ranking: every positive above every negative of the batch by a margin."""

from __future__ import annotations

from typing import Annotated

import torch.nn.functional as F  # noqa: N812 (PyTorch's own convention)
from pydantic import Field
from torch import Tensor

from grnpyg.models.losses.base import Loss, losses


@losses.register("margin")
class Margin(Loss):
    """mean of max(0, margin - (s - n)) over all positives s and negatives n of the batch.

    It compares logits and does not fix their level, like `info_nce`.

    Args:
        margin: in units of the logit.
    """

    def __init__(self, *, margin: Annotated[float, Field(gt=0)] = 1.0) -> None:
        self.margin = margin

    def __call__(self, logits: Tensor, label: Tensor, pairs: Tensor) -> Tensor:
        """See `Loss`."""
        positive, negative = logits[label > 0.5], logits[label < 0.5]
        if not positive.numel() or not negative.numel():
            return 0 * logits.sum()
        return F.relu(self.margin - positive.unsqueeze(1) + negative).mean()
