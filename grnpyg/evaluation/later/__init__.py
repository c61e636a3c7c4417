"""The later-curation benchmark: which unlabelled pairs does a later database report?"""

from grnpyg.evaluation.later.evaluate import LaterOptions, evaluate_later
from grnpyg.evaluation.later.reliability import judge_by_later
from grnpyg.evaluation.later.result import LaterResult

__all__ = ["LaterOptions", "LaterResult", "evaluate_later", "judge_by_later"]
