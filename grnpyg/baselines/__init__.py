"""Baselines, one file each; their rows stand beside every published number."""

from grnpyg.baselines.additive import Additive
from grnpyg.baselines.base import Baseline, baselines
from grnpyg.baselines.degree import DegreeProduct, TFDegree
from grnpyg.baselines.expression import (
    ExpressionGradientBoosting,
    ExpressionLogistic,
    ExpressionRandomForest,
)
from grnpyg.baselines.namespace_match import NamespaceMatch

__all__ = [
    "Additive",
    "Baseline",
    "DegreeProduct",
    "ExpressionGradientBoosting",
    "ExpressionLogistic",
    "ExpressionRandomForest",
    "NamespaceMatch",
    "TFDegree",
    "baselines",
]
