"""Heads (scorers, decoders, predictors), one file each."""

from grnpyg.heads.base import Head, PairShape, heads
from grnpyg.heads.bilinear import BilinearHead
from grnpyg.heads.cross import CrossHead
from grnpyg.heads.dual import DualHead

__all__ = ["BilinearHead", "CrossHead", "DualHead", "Head", "PairShape", "heads"]
