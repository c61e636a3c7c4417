"""Tuning: equally many trials for every model compared, judged on validation alone, kept in a journal."""

from grnpyg.studies.search.tune import Event, ModelResult, Trial, tune
from grnpyg.studies.search.tuning import Candidate, Tuning, read_tuning

__all__ = ["Candidate", "Event", "ModelResult", "Trial", "Tuning", "read_tuning", "tune"]
