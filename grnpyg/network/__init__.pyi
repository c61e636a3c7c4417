from . import export, keys
from .activity import ACTIVITY_METHODS, Activities, activity, activity_anndata
from .predict import SUFFIXES, predict, ranked_pairs, write_table
from .read import read_network

__all__ = [
    "ACTIVITY_METHODS",
    "SUFFIXES",
    "Activities",
    "activity",
    "activity_anndata",
    "export",
    "keys",
    "predict",
    "ranked_pairs",
    "read_network",
    "write_table",
]
