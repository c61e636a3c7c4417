"""Executors, one file each: where the trials of a study are trained."""

from grnpyg.studies.executors.base import Event, Executor, OnEvent, executors
from grnpyg.studies.executors.local import LocalExecutor

__all__ = ["Event", "Executor", "LocalExecutor", "OnEvent", "executors"]
