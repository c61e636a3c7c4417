"""Magnitude: the size of a unit's weights."""

from __future__ import annotations

import torch
from torch import Tensor

from grnpyg.models.importances.base import Importance, importances
from grnpyg.models.importances.profile import Profile
from grnpyg.models.width_groups import Group


@importances.register("magnitude")
class Magnitude(Importance):
    """L2 norm of the weights that make or read a unit (Li et al. 2017, arXiv 1608.08710, over the group)."""

    def score(self, group: Group, width: int, profile: Profile) -> Tensor:
        """See `Importance.score`."""
        return torch.stack(profile.norms(group, width)).square().sum(0).sqrt()
