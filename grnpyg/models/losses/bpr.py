"""Bayesian personalised ranking: each positive of a TF above each of its negatives."""

from __future__ import annotations

import torch.nn.functional as F  # noqa: N812 (PyTorch's own convention)
from torch import Tensor

from grnpyg.models.losses.base import Loss, losses


@losses.register("bpr")
class BPR(Loss):
    """mean of -log sigmoid(s - n) over the positives s and negatives n of the batch that share a TF.

    Rendle et al. 2009, arXiv 1205.2618, section 4.1, with TFs as users and genes as items. It compares logits
    of one TF and does not fix their level, like `info_nce`. A batch needs negatives of the TFs of its
    positives: the samplers `same_tf` and `mixed` draw them.
    """

    by_node = True

    def __call__(self, logits: Tensor, label: Tensor, pairs: Tensor) -> Tensor:
        """See `Loss`."""
        positive, negative = label > 0.5, label < 0.5
        one_tf = pairs[0][positive].unsqueeze(1) == pairs[0][negative]  # (positives, negatives)
        first, second = one_tf.nonzero(as_tuple=True)
        if not first.numel():
            return 0 * logits.sum()
        return F.softplus(logits[negative][second] - logits[positive][first]).mean()
