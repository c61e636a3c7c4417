"""Base class of importances: how much a model needs each unit of a group."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor

from grnpyg.core.registry import Registry
from grnpyg.models.importances.profile import Profile
from grnpyg.models.width_groups import Group


class Importance(ABC):
    """Base of all importances; the keyword-only parameters of a subclass are its options."""

    @abstractmethod
    def score(self, group: Group, width: int, profile: Profile) -> Tensor:
        """The importance of every unit; only the order within a group counts.

        Args:
            group: with names as they are in the model.
            width: its units.
            profile: statistics of the units on training pairs.

        Returns:
            (width,), higher = kept longer; of equal values the unit with the lower index stays.
        """


importances: Registry[Importance] = Registry("importance", Importance)
