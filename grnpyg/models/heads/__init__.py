"""Heads (scorers, decoders, predictors), one file each."""

from grnpyg.models.heads.base import Head, PairShape, heads
from grnpyg.models.heads.bilinear import BilinearHead
from grnpyg.models.heads.cross import CrossHead
from grnpyg.models.heads.dual import DualHead
from grnpyg.models.heads.zero import ZeroHead

__all__ = ["BilinearHead", "CrossHead", "DualHead", "Head", "PairShape", "ZeroHead", "heads"]
