"""Executors, one file each: where the trials of a study are trained and the parts of a network are made."""

from grnpyg.studies.executors.base import Event, Executor, OnEvent, Task, executors
from grnpyg.studies.executors.local import LocalExecutor, cpus
from grnpyg.studies.executors.process import KEEP_MEMORY, environment
from grnpyg.studies.executors.ray import RayExecutor
from grnpyg.studies.executors.slurm import SlurmExecutor

__all__ = [
    "KEEP_MEMORY",
    "Event",
    "Executor",
    "LocalExecutor",
    "OnEvent",
    "RayExecutor",
    "SlurmExecutor",
    "Task",
    "cpus",
    "environment",
    "executors",
]
