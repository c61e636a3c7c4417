"""Negative samplers, one file each."""

from grnpyg.negatives.base import (
    NegativeSampler,
    evaluation_sets,
    negatives,
    require_feasible,
    training_pairs,
)
from grnpyg.negatives.uniform import UniformNegatives

__all__ = [
    "NegativeSampler",
    "UniformNegatives",
    "evaluation_sets",
    "negatives",
    "require_feasible",
    "training_pairs",
]
