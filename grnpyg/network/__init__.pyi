from . import export, keys
from .predict import SUFFIXES, predict, ranked_pairs, write_table
from .read import read_network

__all__ = [
    "SUFFIXES",
    "export",
    "keys",
    "predict",
    "ranked_pairs",
    "read_network",
    "write_table",
]
