"""Activation variance: a unit that hardly moves is a constant."""

from __future__ import annotations

from torch import Tensor

from grnpyg.models.importances.base import Importance, importances
from grnpyg.models.importances.profile import Profile
from grnpyg.models.width_groups import Group


@importances.register("activation_variance")
class ActivationVariance(Importance):
    """Variance of a unit's output over the training pairs (Polyak and Wolf 2015, IEEE Access 3)."""

    def score(self, group: Group, width: int, profile: Profile) -> Tensor:
        """See `Importance.score`."""
        return profile.variance(group)
