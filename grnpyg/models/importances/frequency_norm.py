"""The paper's importance: how often a unit is active and how large its weights are."""

from __future__ import annotations

from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor

from grnpyg.models.importances.base import Importance, importances
from grnpyg.models.importances.profile import Profile
from grnpyg.models.width_groups import Group


@importances.register("frequency_norm")
class FrequencyNorm(Importance):
    """alpha * (share of training pairs on which it is active) + (1 - alpha) * (mean normalised norm).

    The norm is the L2 norm of each weight slice of the unit, in the paper its column of fc1 and its row of
    fc2. Each is scaled to [0, 1] over the units (0.5 if all are equal), then averaged. A unit without
    activation function is always active, so only its norms count.

    Args:
        alpha: weight of the frequency.
    """

    def __init__(self, *, alpha: Annotated[float, Field(ge=0, le=1)] = 0.5) -> None:
        self.alpha = alpha

    @staticmethod
    def scaled(norm: Tensor) -> Tensor:
        """(width,) scaled to [0, 1]; 0.5 if all are equal."""
        low, high = norm.min(), norm.max()
        return (norm - low) / (high - low) if high > low else torch.full_like(norm, 0.5)

    def score(self, group: Group, width: int, profile: Profile) -> Tensor:
        """See `Importance.score`."""
        norm = torch.stack([self.scaled(norm) for norm in profile.norms(group, width)]).mean(0)
        return self.alpha * profile.activity(group) + (1 - self.alpha) * norm
