from . import baselines, encoders, heads, importances, losses, pair_features
from .matching import count_parameters, match
from .predictor import PairModel, build_model
from .scorer import Scorer, TrainedModel

__all__ = [
    "PairModel",
    "Scorer",
    "TrainedModel",
    "baselines",
    "build_model",
    "count_parameters",
    "encoders",
    "heads",
    "importances",
    "losses",
    "match",
    "pair_features",
]
