"""What a task of a SLURM job runs: `python -m grnpyg.studies.executors.slurm_task FOLDER INDEX`.

It trains the trials of its group, one after another, in a worker process of its own, and writes what happens
beside its log. Told to end (SIGTERM: the end of its time, a cancel, a node taken away), it lets the worker
write its checkpoint and leaves the rest of the group alone. Started again, it goes on.
"""

from __future__ import annotations

import datetime
import os
import sys
from pathlib import Path
from typing import Any

from grnpyg.core.errors import warned
from grnpyg.core.stopping import Stopped
from grnpyg.core.version import __version__
from grnpyg.studies.executors.base import Event
from grnpyg.studies.executors.local import LocalExecutor
from grnpyg.studies.jobs import STOPPED, JobFolder, exit_code, seconds_left
from grnpyg.studies.jobs.resources import GRACE
from grnpyg.studies.store import Store
from grnpyg.studies.trial import PlannedTrial, Trial, trial_of

LATE = 90  # seconds: SLURM tells it up to a minute too early


class Task:
    """The task `index` of a job.

    Args:
        folder: of the job.
        index: of the task.
    """

    def __init__(self, folder: Path, index: int) -> None:
        self.job, self.index = JobFolder(folder), index
        self.store = Store(folder.parent.parent)

    def run(self) -> int:
        """Train what is not done; the exit code."""
        worker = self.job.facts.get("worker") or {}
        executor = LocalExecutor(
            jobs=1,
            threads=worker.get("threads"),
            device=worker.get("device", "auto"),
            fresh_process=worker.get("fresh_process", False),
        )
        trials = [trial for line in self.job.of_task(self.index) if (trial := self.trial(line)) is not None]
        left = [trial for trial in trials if self.store.state(trial) not in ("done", "failed")]
        print(f"{len(left)} of {len(trials)} trials to train", flush=True)
        before = self.progress(trials)
        self.begun = {trial.hash for trial in left if self.store.checkpointed(trial) is not None}
        try:
            with warned() as self.warnings:
                executor.run(left, self.store, self.note)
        except Stopped:
            over = time_is_over()
            progress = self.progress(trials) != before
            self.say({"kind": "stopped", "time_is_over": over, "progress": progress})
            print(f"told to end{', the time is over' if over else ''}: checkpoints are kept", flush=True)
            return STOPPED
        return int(any(self.store.state(trial) != "done" for trial in trials))

    def progress(self, trials: list[Trial]) -> list[object]:
        """Changes with every trial that is done, and with every checkpoint."""
        return [self.store.manifest(trial) is None and self.store.checkpointed(trial) for trial in trials]

    def trial(self, line: dict[str, Any]) -> Trial | None:
        """The trial of a line; None, with a record of the failure, if this grnpyg names its run otherwise."""
        trial = trial_of(line)
        if trial.hash == line["hash"]:
            return trial
        known = PlannedTrial(study=trial.study, levels=trial.levels, hashes=(line["hash"],))
        reason = f"the job has grnpyg {__version__}, which gives this config another hash: use one version"
        self.store.fail(known, reason)
        self.say({"kind": "failed", "hash": line["hash"]})
        return None

    def note(self, event: Event) -> None:
        """Write down an event, and print it."""
        figures = ("seconds", "validation_ap", "peak_memory_mb", "wall_seconds", "error")
        what = {name: value for name in figures if (value := getattr(event, name)) not in (None, "")}
        if event.trial.hash in self.begun:  # the time of a part is not what the trial costs
            what.pop("wall_seconds", None)
        lines, self.warnings[:] = list(self.warnings), []
        self.say({"kind": event.kind, "hash": event.trial.hash, **what, "warnings": lines})
        print(f"{event.kind}: {event.trial.hash} {event.trial.name} {event.error}".rstrip(), flush=True)
        for line in lines:
            print(f"warning: {line}", flush=True)

    def say(self, event: dict[str, Any]) -> None:
        """Add an event to the job's."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        self.job.add_event(self.index, {**event, "time": now})


def time_is_over() -> bool:
    """Whether SLURM ends this task because its time is over, of which it tells two minutes before."""
    job = os.environ.get("SLURM_JOB_ID")
    left = None if job is None else seconds_left(job)
    return left is not None and left < GRACE + LATE


if __name__ == "__main__":
    sys.exit(exit_code(lambda folder, index: Task(folder, index).run()))
