"""Baselines, one file each; every published score is shown beside them."""

from grnpyg.models.baselines.additive import Additive
from grnpyg.models.baselines.base import Baseline, baselines, needed_coexpression
from grnpyg.models.baselines.complex import ComplEx
from grnpyg.models.baselines.correlation import Pearson, Spearman
from grnpyg.models.baselines.degree import DegreeProduct, GeneDegree, TFDegree
from grnpyg.models.baselines.distmult import DistMult
from grnpyg.models.baselines.ease import EaseGene, EaseTF
from grnpyg.models.baselines.expression import (
    ExpressionGradientBoosting,
    ExpressionLogistic,
    ExpressionRandomForest,
)
from grnpyg.models.baselines.family import Family
from grnpyg.models.baselines.gae import GAE, VGAE
from grnpyg.models.baselines.lightgcn import BPR, LightGCN
from grnpyg.models.baselines.metapath2vec import MetaPath2Vec
from grnpyg.models.baselines.namespace_match import NamespaceMatch
from grnpyg.models.baselines.oracle import Oracle
from grnpyg.models.baselines.random_score import RandomScore
from grnpyg.models.baselines.rotate import RotatE
from grnpyg.models.baselines.rows import RowBaseline
from grnpyg.models.baselines.svd import SVD
from grnpyg.models.baselines.transe import TransE

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
    "RowBaseline",
    "Spearman",
    "TFDegree",
    "TransE",
    "baselines",
    "needed_coexpression",
]
