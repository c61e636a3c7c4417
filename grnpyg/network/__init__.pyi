from . import export, keys
from .activity import ACTIVITY_METHODS, Activities, activity, activity_anndata
from .diff import NetworkDiff, diff
from .predict import SUFFIXES, predict, ranked_pairs, write_table
from .read import read_network
from .sign_accuracy import sign_accuracy
from .signs import provenance_of, signs_of

__all__ = [
    "ACTIVITY_METHODS",
    "SUFFIXES",
    "Activities",
    "NetworkDiff",
    "activity",
    "activity_anndata",
    "diff",
    "export",
    "keys",
    "predict",
    "provenance_of",
    "ranked_pairs",
    "read_network",
    "sign_accuracy",
    "signs_of",
    "write_table",
]
