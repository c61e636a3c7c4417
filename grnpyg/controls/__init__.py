"""Controls, one file each: a score that remains did not come from what the control removes."""

from grnpyg.controls.base import Control, controls
from grnpyg.controls.expression_noise import ExpressionNoise
from grnpyg.controls.rewired_labels import RewiredLabels
from grnpyg.controls.shuffled_knowledge import ShuffledKnowledge
from grnpyg.controls.shuffled_test_genes import ShuffledTestGenes

__all__ = [
    "Control",
    "ExpressionNoise",
    "RewiredLabels",
    "ShuffledKnowledge",
    "ShuffledTestGenes",
    "controls",
]
