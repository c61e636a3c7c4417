from . import metrics, recipes, studies, testing
from .api.evaluate import evaluate
from .api.grn import build_grn
from .api.later import evaluate_later
from .api.networks import network
from .api.predictor import LinkPredictor
from .api.runs import compare, load, predict, prune, rerank, train
from .api.split import Split, split
from .core.errors import GrnpygError, InputError
from .data.grn import GRN
from .evaluation.pair_list import PairList
from .evaluation.result import EvaluationResult
from .models import baselines, encoders, heads
from .report import pl
from .resolve import make_config
from .runs import Run

__version__: str

__all__ = [
    "GRN",
    "EvaluationResult",
    "GrnpygError",
    "InputError",
    "LinkPredictor",
    "PairList",
    "Run",
    "Split",
    "__version__",
    "baselines",
    "build_grn",
    "compare",
    "encoders",
    "evaluate",
    "evaluate_later",
    "heads",
    "load",
    "make_config",
    "metrics",
    "network",
    "pl",
    "predict",
    "prune",
    "recipes",
    "rerank",
    "split",
    "studies",
    "testing",
    "train",
]
