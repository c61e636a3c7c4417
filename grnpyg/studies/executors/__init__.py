"""Executors, one file each: where the trials of a study are trained."""

from grnpyg.studies.executors.base import Event, Executor, OnEvent, executors
from grnpyg.studies.executors.local import LocalExecutor, cpus
from grnpyg.studies.executors.process import KEEP_MEMORY, environment

__all__ = ["KEEP_MEMORY", "Event", "Executor", "LocalExecutor", "OnEvent", "cpus", "environment", "executors"]
