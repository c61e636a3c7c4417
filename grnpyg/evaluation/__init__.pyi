from .compare import compare
from .comparison import Comparison
from .evaluate import EvalOptions, evaluate
from .negatives_report import sentence
from .result import EvaluationResult, SubsetResult

__all__ = [
    "Comparison",
    "EvalOptions",
    "EvaluationResult",
    "SubsetResult",
    "compare",
    "evaluate",
    "sentence",
]
