"""InfoNCE: each positive against all negatives of the batch."""

from __future__ import annotations

import torch
from torch import Tensor

from grnpyg.models.losses.base import Loss, losses


@losses.register("info_nce")
class InfoNCE(Loss):
    """mean over positives of -log( e^s / (e^s + sum of e^n over the batch's negatives n) ), s the logit.

    van den Oord et al. 2018, arXiv 1807.03748, equation 4, with the sampled negatives shared by the batch.
    The temperature is the head's. The loss compares logits and does not fix their level, so accuracy at
    logit 0 and probabilities are meaningless.
    """

    def __call__(self, logits: Tensor, label: Tensor, pairs: Tensor) -> Tensor:
        """See `Loss`."""
        positive, negative = logits[label > 0.5], logits[label < 0.5]
        if not positive.numel() or not negative.numel():
            return 0 * logits.sum()
        against = negative.logsumexp(0).expand_as(positive)
        return (torch.logaddexp(positive, against) - positive).mean()
