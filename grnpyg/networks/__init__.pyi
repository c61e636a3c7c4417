from . import export, keys
from .activity import ACTIVITY_METHODS, Activities, activity, activity_anndata
from .candidates import Candidates
from .diff import NetworkDiff, diff
from .ensemble import as_runs
from .explanation import explanation_of, require_explained
from .predict import predict, ranked_pairs
from .prediction import Prediction, Written
from .ranking import best_in_rows
from .read import read_network
from .rerank import Reranked, rerank
from .retrieval import Amount
from .shards import Made, is_shards, make_shards, read_shards
from .sign_accuracy import sign_accuracy
from .signs import provenance_of, signs_of
from .view import View, ViewOptions
from .wanted import Wanted

__all__ = [
    "ACTIVITY_METHODS",
    "Activities",
    "Amount",
    "Candidates",
    "Made",
    "NetworkDiff",
    "Prediction",
    "Reranked",
    "View",
    "ViewOptions",
    "Wanted",
    "Written",
    "activity",
    "activity_anndata",
    "as_runs",
    "best_in_rows",
    "diff",
    "explanation_of",
    "export",
    "is_shards",
    "keys",
    "make_shards",
    "predict",
    "provenance_of",
    "ranked_pairs",
    "read_network",
    "read_shards",
    "require_explained",
    "rerank",
    "sign_accuracy",
    "signs_of",
]
