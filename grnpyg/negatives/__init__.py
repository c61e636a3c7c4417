"""Negative samplers, one file each."""

from grnpyg.negatives.base import NegativeSampler, NoPairError, negatives
from grnpyg.negatives.degree_matched import DegreeMatchedNegatives
from grnpyg.negatives.feasible import feasible_ratio, free_pairs, require_feasible, require_left
from grnpyg.negatives.given import GivenNegatives
from grnpyg.negatives.hard import HardNegatives
from grnpyg.negatives.mixed import MixedNegatives
from grnpyg.negatives.same_tf import SameTFNegatives
from grnpyg.negatives.sets import evaluation_sets, training_pairs
from grnpyg.negatives.uniform import UniformNegatives

__all__ = [
    "DegreeMatchedNegatives",
    "GivenNegatives",
    "HardNegatives",
    "MixedNegatives",
    "NegativeSampler",
    "NoPairError",
    "SameTFNegatives",
    "UniformNegatives",
    "evaluation_sets",
    "feasible_ratio",
    "free_pairs",
    "negatives",
    "require_feasible",
    "require_left",
    "training_pairs",
]
