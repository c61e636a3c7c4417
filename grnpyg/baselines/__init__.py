"""Baselines, one file each; their rows stand beside every published number."""

from grnpyg.baselines.additive import Additive
from grnpyg.baselines.base import Baseline, baselines, needed_coexpression
from grnpyg.baselines.correlation import Pearson, Spearman
from grnpyg.baselines.degree import DegreeProduct, GeneDegree, TFDegree
from grnpyg.baselines.ease import EaseGene, EaseTF
from grnpyg.baselines.expression import (
    ExpressionGradientBoosting,
    ExpressionLogistic,
    ExpressionRandomForest,
)
from grnpyg.baselines.namespace_match import NamespaceMatch
from grnpyg.baselines.oracle import Oracle
from grnpyg.baselines.random_score import RandomScore
from grnpyg.baselines.svd import SVD
from grnpyg.baselines.table import TableBaseline

__all__ = [
    "SVD",
    "Additive",
    "Baseline",
    "DegreeProduct",
    "EaseGene",
    "EaseTF",
    "ExpressionGradientBoosting",
    "ExpressionLogistic",
    "ExpressionRandomForest",
    "GeneDegree",
    "NamespaceMatch",
    "Oracle",
    "Pearson",
    "RandomScore",
    "Spearman",
    "TFDegree",
    "TableBaseline",
    "baselines",
    "needed_coexpression",
]
