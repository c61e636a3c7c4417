"""Pair structure: what the message edges around a TF and a gene say about the pair, one file each."""

from grnpyg.pair_features.base import Messages, PairFeature, pair_features
from grnpyg.pair_features.coexpression import Coexpression
from grnpyg.pair_features.degree import Degree
from grnpyg.pair_features.ease import EaseScores
from grnpyg.pair_features.family import Family
from grnpyg.pair_features.gene_neighbours import GeneNeighbours
from grnpyg.pair_features.own_gene import OwnGene
from grnpyg.pair_features.svd import SVDScores
from grnpyg.pair_features.tf_neighbours import TFNeighbours
from grnpyg.pair_features.walks import Walks

__all__ = [
    "Coexpression",
    "Degree",
    "EaseScores",
    "Family",
    "GeneNeighbours",
    "Messages",
    "OwnGene",
    "PairFeature",
    "SVDScores",
    "TFNeighbours",
    "Walks",
    "pair_features",
]
