"""Cross-entropy beyond degree: what the degrees explain is given, so that the model learns the rest."""

from __future__ import annotations

from typing import Annotated

import torch
import torch.nn.functional as F  # noqa: N812 (PyTorch's own convention)
from pydantic import Field
from torch import Tensor

from grnpyg.models.losses.base import EpochPairs, Loss, losses


@losses.register("degree_debiased")
class DegreeDebiased(Loss):
    """Binary cross-entropy of logit + strength * log((d_tf + 1) (d_gene + 1)), degrees on training edges.

    The offset, less its mean over the pairs of the epoch, is there in training and not in scoring: a logit
    adjustment, Menon et al. 2021, arXiv 2007.07314, equation 10, with the degree product in place of the
    class prior. The score then says what a pair has beyond the degrees of its ends, and where positives
    differ from negatives by degree, as uniform ones do, it is worse than a model that may use degree.

    Args:
        strength: of the offset; 0 is `bce`.
    """

    by_node = True

    def __init__(self, *, strength: Annotated[float, Field(ge=0, le=10)] = 1.0) -> None:
        self.strength = strength
        self._log_degree: tuple[Tensor, Tensor] | None = None  # of each TF, of each gene, plus one
        self._mean = 0.0

    def begin(self, epoch: EpochPairs) -> None:
        """Count the degrees."""
        sizes = (epoch.num_tfs, epoch.num_genes)
        tf, gene = (
            torch.bincount(ends, minlength=size).add(1.0).log()
            for ends, size in zip(epoch.edges, sizes, strict=True)
        )
        self._log_degree = tf, gene
        self._mean = float((tf[epoch.index[0]] + gene[epoch.index[1]]).mean())

    def __call__(self, logits: Tensor, label: Tensor, pairs: Tensor) -> Tensor:
        """See `Loss`."""
        if self._log_degree is not None:
            tf, gene = (logs.to(logits.device) for logs in self._log_degree)
            logits = logits + self.strength * (tf[pairs[0]] + gene[pairs[1]] - self._mean)
        return F.binary_cross_entropy_with_logits(logits, label)
