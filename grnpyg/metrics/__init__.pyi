from .bootstrap import bootstrap_pairs, bootstrap_ranking
from .calibration import CalibrationReport
from .classification import accuracy, auroc, average_precision, classification_metrics
from .gains import ADDITIVE, ALWAYS, DEGREE, DEGREES
from .info import METRICS
from .method_table import MethodTable
from .paired import delong, holm
from .ranking import RankingSet, ranking_metrics, ranking_set
from .retrieval import best_of_all, best_of_each, shares_to_find
from .survival import surviving_share

__all__ = [
    "ADDITIVE",
    "ALWAYS",
    "DEGREE",
    "DEGREES",
    "METRICS",
    "CalibrationReport",
    "MethodTable",
    "RankingSet",
    "accuracy",
    "auroc",
    "average_precision",
    "best_of_all",
    "best_of_each",
    "bootstrap_pairs",
    "bootstrap_ranking",
    "classification_metrics",
    "delong",
    "holm",
    "ranking_metrics",
    "ranking_set",
    "shares_to_find",
    "surviving_share",
]
