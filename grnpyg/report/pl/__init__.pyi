from .comparisons import cold_start, cost, gain, imbalance, strata
from .compression import effective_rank, pruning
from .curves import precision_recall, roc, training
from .probabilities import probabilities, reliability, stability
from .style import PALETTE
from .targets import network_view, tf

__all__ = [
    "PALETTE",
    "cold_start",
    "cost",
    "effective_rank",
    "gain",
    "imbalance",
    "network_view",
    "precision_recall",
    "probabilities",
    "pruning",
    "reliability",
    "roc",
    "stability",
    "strata",
    "tf",
    "training",
]
