from .compare import compare
from .comparison import Comparison
from .evaluate import EvalOptions, evaluate
from .later import LaterOptions, LaterResult, evaluate_later
from .negatives_report import sentence
from .pair_list import PairList
from .result import EvaluationResult, SubsetResult
from .strongest import Stronger, stronger_baseline

__all__ = [
    "Comparison",
    "EvalOptions",
    "EvaluationResult",
    "LaterOptions",
    "LaterResult",
    "PairList",
    "Stronger",
    "SubsetResult",
    "compare",
    "evaluate",
    "evaluate_later",
    "sentence",
    "stronger_baseline",
]
