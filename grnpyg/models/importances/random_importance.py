"""Random: the control of every other importance."""

from __future__ import annotations

import torch
from torch import Tensor

from grnpyg.models.importances.base import Importance, importances
from grnpyg.models.importances.profile import Profile
from grnpyg.models.width_groups import Group


@importances.register("random")
class RandomImportance(Importance):
    """Uniform numbers, drawn from the run's seed."""

    def score(self, group: Group, width: int, profile: Profile) -> Tensor:
        """See `Importance.score`."""
        return torch.rand(width, generator=profile.generator(group))
