"""Importances of units, one file each."""

from grnpyg.models.importances.activation_variance import ActivationVariance
from grnpyg.models.importances.base import Importance, importances
from grnpyg.models.importances.frequency_norm import FrequencyNorm
from grnpyg.models.importances.magnitude import Magnitude
from grnpyg.models.importances.random_importance import RandomImportance
from grnpyg.models.importances.taylor import Taylor

__all__ = [
    "ActivationVariance",
    "FrequencyNorm",
    "Importance",
    "Magnitude",
    "RandomImportance",
    "Taylor",
    "importances",
]
