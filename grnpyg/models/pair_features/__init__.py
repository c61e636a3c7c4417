"""Pair features: numbers for a TF-gene pair from the message edges around it, one file each."""

from grnpyg.models.pair_features.base import Messages, PairFeature, pair_features
from grnpyg.models.pair_features.bpr import BPR
from grnpyg.models.pair_features.coexpression import Coexpression
from grnpyg.models.pair_features.degree import Degree
from grnpyg.models.pair_features.direct import Direct
from grnpyg.models.pair_features.ease import EaseScores
from grnpyg.models.pair_features.family import Family
from grnpyg.models.pair_features.gene_neighbours import GeneNeighbours
from grnpyg.models.pair_features.node_facts import NodeFacts
from grnpyg.models.pair_features.numbers import PairNumber, table
from grnpyg.models.pair_features.own_gene import OwnGene
from grnpyg.models.pair_features.similar_genes import SimilarGenes
from grnpyg.models.pair_features.similar_tfs import SimilarTFs
from grnpyg.models.pair_features.spectral import Spectral
from grnpyg.models.pair_features.svd import SVDScores
from grnpyg.models.pair_features.tf_neighbours import TFNeighbours
from grnpyg.models.pair_features.walks import Walks

__all__ = [
    "BPR",
    "Coexpression",
    "Degree",
    "Direct",
    "EaseScores",
    "Family",
    "GeneNeighbours",
    "Messages",
    "NodeFacts",
    "OwnGene",
    "PairFeature",
    "PairNumber",
    "SVDScores",
    "SimilarGenes",
    "SimilarTFs",
    "Spectral",
    "TFNeighbours",
    "Walks",
    "pair_features",
    "table",
]
