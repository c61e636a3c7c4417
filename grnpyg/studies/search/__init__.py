"""Tuning: equally many trials for every model compared, judged by validation alone, kept in a journal."""

from grnpyg.studies.search.journal import Draw
from grnpyg.studies.search.tune import ModelResult, best_run, tune
from grnpyg.studies.search.tuning import Candidate, Tuning, read_tuning

__all__ = ["Candidate", "Draw", "ModelResult", "Tuning", "best_run", "read_tuning", "tune"]
