"""Listwise loss: the positives of a TF against the list of its negatives."""

from __future__ import annotations

from torch import Tensor
from torch_geometric.utils import scatter

from grnpyg.models.losses.base import Loss, losses
from grnpyg.models.losses.by_node import against_own_negatives


@losses.register("listwise")
class Listwise(Loss):
    """mean over TFs of the mean over their positives s of -log( e^s / (e^s + sum of e^n) ).

    n are the negatives of the same TF: this is the top-one probability of Cao et al. 2007 (ListNet), ICML,
    equation 2, of each positive in the list of its TF's negatives. Every TF of the batch counts alike, as in
    the AUROC per TF. The loss does not fix the level of the logits, like `info_nce`, and needs negatives of
    the TFs of a batch, like `bpr`.
    """

    by_node = True

    def __call__(self, logits: Tensor, label: Tensor, pairs: Tensor) -> Tensor:
        """See `Loss`."""
        loss, tf = against_own_negatives(logits, label, pairs[0])
        if not loss.numel():
            return 0 * logits.sum()
        _, tf = tf.unique(return_inverse=True)
        of_tfs: Tensor = scatter(loss, tf, reduce="mean")
        return of_tfs.mean()
