"""Jobs: lists of tasks that SLURM runs as arrays. What a task does is for the caller to say; see `Jobs`."""

from grnpyg.studies.jobs.folder import JobFolder, Line, job_folders
from grnpyg.studies.jobs.jobs import Jobs
from grnpyg.studies.jobs.process import STOPPED, command_of, exit_code
from grnpyg.studies.jobs.resources import Resources, SlurmTime, Value, Words
from grnpyg.studies.jobs.slurm import LiveTask, SlurmError, cancel, seconds_left

__all__ = [
    "STOPPED",
    "JobFolder",
    "Jobs",
    "Line",
    "LiveTask",
    "Resources",
    "SlurmError",
    "SlurmTime",
    "Value",
    "Words",
    "cancel",
    "command_of",
    "exit_code",
    "job_folders",
    "seconds_left",
]
