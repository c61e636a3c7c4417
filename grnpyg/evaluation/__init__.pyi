from .compare import compare
from .comparison import Comparison
from .evaluate import EvalOptions, evaluate
from .negatives_report import sentence
from .result import EvaluationResult, SubsetResult
from .strongest import Stronger, stronger_baseline

__all__ = [
    "Comparison",
    "EvalOptions",
    "EvaluationResult",
    "Stronger",
    "SubsetResult",
    "compare",
    "evaluate",
    "sentence",
    "stronger_baseline",
]
