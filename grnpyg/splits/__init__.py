"""Splits: which known edges are for training, validation and test."""

from grnpyg.splits.base import Splitter, splits
from grnpyg.splits.cold_start import COLD_BOTH, COLD_GENE, COLD_TF, ColdStartSplit
from grnpyg.splits.genelink import GenelinkSplit
from grnpyg.splits.given import GivenSplit
from grnpyg.splits.link_split import LabelledPairs, LinkSplit
from grnpyg.splits.pooled import PooledSplit
from grnpyg.splits.transductive import TransductiveSplit

__all__ = [
    "COLD_BOTH",
    "COLD_GENE",
    "COLD_TF",
    "ColdStartSplit",
    "GenelinkSplit",
    "GivenSplit",
    "LabelledPairs",
    "LinkSplit",
    "PooledSplit",
    "Splitter",
    "TransductiveSplit",
    "splits",
]
