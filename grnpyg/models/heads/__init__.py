"""Heads (scorers, decoders, predictors), one file each."""

from grnpyg.models.heads.additive_dual import AdditiveDualHead
from grnpyg.models.heads.base import Head, PairShape, heads
from grnpyg.models.heads.bilinear import BilinearHead
from grnpyg.models.heads.bilinear_low_rank import BilinearLowRankHead
from grnpyg.models.heads.cross import CrossHead
from grnpyg.models.heads.cross_attention import CrossAttentionHead
from grnpyg.models.heads.dual import DualHead
from grnpyg.models.heads.factorising import FactorisingHead
from grnpyg.models.heads.late_interaction import LateInteractionHead
from grnpyg.models.heads.poly import PolyHead
from grnpyg.models.heads.several_vectors import SeveralVectorsHead
from grnpyg.models.heads.tucker import TuckerHead
from grnpyg.models.heads.zero import ZeroHead

__all__ = [
    "AdditiveDualHead",
    "BilinearHead",
    "BilinearLowRankHead",
    "CrossAttentionHead",
    "CrossHead",
    "DualHead",
    "FactorisingHead",
    "Head",
    "LateInteractionHead",
    "PairShape",
    "PolyHead",
    "SeveralVectorsHead",
    "TuckerHead",
    "ZeroHead",
    "heads",
]
