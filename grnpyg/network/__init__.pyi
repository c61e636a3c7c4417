from .diff import NetworkDiff, diff
from .predict import SUFFIXES, predict, ranked_pairs, write_table
from .sign_accuracy import sign_accuracy
from .signs import provenance_of, signs_of

__all__ = [
    "SUFFIXES",
    "NetworkDiff",
    "diff",
    "predict",
    "provenance_of",
    "ranked_pairs",
    "sign_accuracy",
    "signs_of",
    "write_table",
]
