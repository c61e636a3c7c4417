"""Importances of units, one file each."""

from grnpyg.compress.importances.activation_variance import ActivationVariance
from grnpyg.compress.importances.base import Importance, importances
from grnpyg.compress.importances.frequency_norm import FrequencyNorm
from grnpyg.compress.importances.magnitude import Magnitude
from grnpyg.compress.importances.random_importance import RandomImportance
from grnpyg.compress.importances.taylor import Taylor

__all__ = [
    "ActivationVariance",
    "FrequencyNorm",
    "Importance",
    "Magnitude",
    "RandomImportance",
    "Taylor",
    "importances",
]
