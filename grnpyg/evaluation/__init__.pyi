from .compare import compare
from .comparison import Comparison
from .evaluate import EvalOptions, evaluate
from .later import LaterOptions, LaterResult, evaluate_later, judge_by_later
from .negatives_report import sentence
from .pair_list import PairList
from .result import EvaluationResult, SubsetResult
from .run_reliability import Reliability, run_reliability
from .strongest import Stronger, stronger_baseline

__all__ = [
    "Comparison",
    "EvalOptions",
    "EvaluationResult",
    "LaterOptions",
    "LaterResult",
    "PairList",
    "Reliability",
    "Stronger",
    "SubsetResult",
    "compare",
    "evaluate",
    "evaluate_later",
    "judge_by_later",
    "run_reliability",
    "sentence",
    "stronger_baseline",
]
