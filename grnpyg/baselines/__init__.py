"""Baselines, one file each; their rows stand beside every published number."""

from grnpyg.baselines.additive import Additive
from grnpyg.baselines.base import Baseline, baselines, needed_coexpression
from grnpyg.baselines.complex import ComplEx
from grnpyg.baselines.correlation import Pearson, Spearman
from grnpyg.baselines.degree import DegreeProduct, GeneDegree, TFDegree
from grnpyg.baselines.distmult import DistMult
from grnpyg.baselines.ease import EaseGene, EaseTF
from grnpyg.baselines.expression import (
    ExpressionGradientBoosting,
    ExpressionLogistic,
    ExpressionRandomForest,
)
from grnpyg.baselines.family import Family
from grnpyg.baselines.gae import GAE, VGAE
from grnpyg.baselines.lightgcn import BPR, LightGCN
from grnpyg.baselines.metapath2vec import MetaPath2Vec
from grnpyg.baselines.namespace_match import NamespaceMatch
from grnpyg.baselines.oracle import Oracle
from grnpyg.baselines.random_score import RandomScore
from grnpyg.baselines.rotate import RotatE
from grnpyg.baselines.svd import SVD
from grnpyg.baselines.table import TableBaseline
from grnpyg.baselines.transe import TransE

__all__ = [
    "BPR",
    "GAE",
    "SVD",
    "VGAE",
    "Additive",
    "Baseline",
    "ComplEx",
    "DegreeProduct",
    "DistMult",
    "EaseGene",
    "EaseTF",
    "ExpressionGradientBoosting",
    "ExpressionLogistic",
    "ExpressionRandomForest",
    "Family",
    "GeneDegree",
    "LightGCN",
    "MetaPath2Vec",
    "NamespaceMatch",
    "Oracle",
    "Pearson",
    "RandomScore",
    "RotatE",
    "Spearman",
    "TFDegree",
    "TableBaseline",
    "TransE",
    "baselines",
    "needed_coexpression",
]
