"""Which trials are in the queue of a cluster, and what their jobs say of them. Imports nothing heavy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grnpyg.core.errors import InputError
from grnpyg.core.files import unlinked
from grnpyg.studies.jobs import JobFolder, Jobs, LiveTask, cancel, job_folders

HASH = re.compile("[0-9a-f]+")


@dataclass(frozen=True)
class Place:
    """Where a trial is, or was, on a cluster.

    Attributes:
        job: its task, as SLURM has it, `17_3`.
        state: `queued` or `running`; None once its task is over.
        node: where it runs.
        log: what its task prints.
        note: why it waits, or what is known of why its task is over.
    """

    job: str
    state: str | None
    node: str
    log: Path
    note: str


def queued(jobs: Jobs, live: Iterable[LiveTask]) -> dict[str, tuple[JobFolder, LiveTask]]:
    """Config hash -> job and task of every trial that waits or runs in the queue."""
    folders = {job.name: job for job in jobs.folders}
    tasks = {(task.job, task.index): task for task in live if task.job in folders}
    return {
        hash_: (folders[name], tasks[name, index])
        for name in dict.fromkeys(job for job, _ in tasks)
        for hash_, index in folders[name].task_of.items()
        if (name, index) in tasks
    }


def places(jobs: Jobs, live: Iterable[LiveTask], hashes: Iterable[str]) -> dict[str, Place]:
    """Config hash -> where the trial is, or was last, of those that a job has or had."""
    there, wanted = queued(jobs, live), set(hashes)
    found = {hash_: _live(job, task, hash_) for hash_, (job, task) in there.items() if hash_ in wanted}
    for job in reversed(jobs.folders):  # the newest first
        if not (left := wanted - found.keys()):
            break
        found |= {hash_: _over(job, job.task_of[hash_]) for hash_ in left & job.task_of.keys()}
    return found


def _live(job: JobFolder, task: LiveTask, hash_: str) -> Place:
    started = last_events(job.events(task.index)).get(hash_, {}).get("kind") == "started"
    running = task.state == "running" and started
    log, note = job.log(task.index), "" if running else task.reason
    return Place(task.id, "running" if running else "queued", task.node, log, note)


def _over(job: JobFolder, index: int) -> Place:
    number = f"{job.facts.get('job') or job.name}_{index}"
    return Place(number, None, "", job.log(index), why_gone(job, index))


def cancel_trials(runs: Path, hashes: Iterable[str]) -> dict[str, str]:
    """Take the tasks of these trials out of the queue.

    Returns:
        Config hash -> task, of every trial of them.

    Raises:
        SlurmError: SLURM has no answer, or refuses.
    """
    jobs, wanted = Jobs(runs), set(hashes)
    there = queued(jobs, jobs.live())
    tasks = {task.id for hash_, (_, task) in there.items() if hash_ in wanted}
    cancel(sorted(tasks))
    return {hash_: task.id for hash_, (_, task) in there.items() if task.id in tasks}


def log_of(runs: Path, hash_: str) -> Path:
    """What the newest job of a trial prints, or the record of its failure where it had no job.

    Raises:
        InputError: there is neither.
    """
    for job in reversed(job_folders(runs)):
        if hash_ in job.task_of and (log := job.log(job.task_of[hash_])).is_file():
            return unlinked(runs, *log.relative_to(runs).parts)
    record = unlinked(runs, ".failed", f"{hash_}.json") if HASH.fullmatch(hash_) else None
    if record is not None and record.is_file():
        return record
    raise InputError(
        f"no job and no failure of the trial {hash_}",
        where=runs,
        fix="`grnpyg study status STUDY.yaml --trials` shows the trials by their hash",
    )


def why_gone(job: JobFolder, index: int) -> str:
    """Why a task is in no queue and has left something undone, as far as its files tell."""
    number = f"job {job.facts.get('job') or job.name}_{index} is over"
    last = [*job.events(index)[-1:], {}][0]
    if last.get("kind") != "stopped":
        return f"{number}: {job.last_words(index)}"
    if not last.get("time_is_over"):
        return f"{number}: it was told to end"
    return f"{number}: its time was over" + ("" if last.get("progress") else ", too short for an epoch")


def last_events(events: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The last event of every trial."""
    return {event["hash"]: event for event in events if isinstance(event.get("hash"), str)}
