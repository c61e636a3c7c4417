"""Taylor: the first-order change of the loss if a unit is removed."""

from __future__ import annotations

from torch import Tensor

from grnpyg.models.importances.base import Importance, importances
from grnpyg.models.importances.profile import Profile
from grnpyg.models.width_groups import Group


@importances.register("taylor")
class Taylor(Importance):
    """Mean over training batches of (sum over the weights that compute a unit of gradient * weight)^2.

    Molchanov et al. 2019, arXiv 1906.10771, equation 8 with the weights of a unit as one group: the squared
    first-order change of the loss when the unit's output becomes zero.
    """

    def score(self, group: Group, width: int, profile: Profile) -> Tensor:
        """See `Importance.score`."""
        return profile.taylor(group)
