"""InfoNCE in both directions: the gene among genes for its TF, the TF among TFs for its gene."""

from __future__ import annotations

from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor

from grnpyg.models.losses.base import EpochPairs, Loss, losses
from grnpyg.models.losses.by_node import against_own_negatives


@losses.register("two_way_info_nce")
class TwoWayInfoNCE(Loss):
    """Mean of two sampled softmaxes: over the genes of each positive's TF, over the TFs of its gene.

    Each is -log( e^s / (e^s + sum of e^(n - log(K q)) ) over the K negatives n of that TF, or gene, in the
    batch, where q is the share of the negatives whose other end is the one of n: the sum then estimates that
    over all genes, or TFs, whatever the sampler prefers (logQ, Bengio and Senécal 2008, IEEE TNN 19,
    equation 8; counted as in Yi et al. 2019, RecSys, section 4). The two directions are those of Radford
    et al. 2021 (CLIP), arXiv 2103.00020, figure 3. It does not fix the level of the logits, like `info_nce`.

    Args:
        in_batch: how many other positives give negatives to each, see `Loss`; 0: sampled negatives alone.
        corrected: subtract log(K q).
    """

    by_node = True

    def __init__(self, *, in_batch: Annotated[int, Field(ge=0, le=1024)] = 8, corrected: bool = True) -> None:
        self.in_batch, self.corrected = in_batch, corrected
        self._log_share: tuple[Tensor, Tensor] | None = None  # of each TF, of each gene

    def begin(self, epoch: EpochPairs) -> None:
        """Count how often each node is an end of a negative."""
        sizes = (epoch.num_tfs, epoch.num_genes)
        weight = torch.where(epoch.label > 0.5, float(self.in_batch), 1.0)
        tf, gene = (
            torch.bincount(ends, weight, size).float() + 1
            for ends, size in zip(epoch.index, sizes, strict=True)
        )
        self._log_share = (tf / tf.sum()).log(), (gene / gene.sum()).log()

    def __call__(self, logits: Tensor, label: Tensor, pairs: Tensor) -> Tensor:
        """See `Loss`."""
        found = [self._one_way(logits, label, pairs, end) for end in (0, 1)]
        found = [loss for loss in found if loss.numel()]
        return torch.stack([loss.mean() for loss in found]).mean() if found else 0 * logits.sum()

    def _one_way(self, logits: Tensor, label: Tensor, pairs: Tensor, end: int) -> Tensor:
        own, other = pairs[end], pairs[1 - end]
        corrected = None
        if self.corrected and self._log_share is not None:
            negatives = torch.bincount(own[label < 0.5], minlength=int(own.max()) + 1)
            share = self._log_share[1 - end].to(logits.device)[other]
            corrected = logits - negatives[own].clamp(min=1).log() - share
        return against_own_negatives(logits, label, own, corrected)[0]
