from . import export, keys
from .activity import ACTIVITY_METHODS, Activities, activity, activity_anndata
from .candidates import Candidates
from .diff import NetworkDiff, diff
from .predict import predict, ranked_pairs
from .read import read_network
from .sign_accuracy import sign_accuracy
from .signs import provenance_of, signs_of
from .wanted import Wanted

__all__ = [
    "ACTIVITY_METHODS",
    "Activities",
    "Candidates",
    "NetworkDiff",
    "Wanted",
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
]
