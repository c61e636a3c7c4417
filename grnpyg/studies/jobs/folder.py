"""The folder of a job: what its tasks have to do, and what they say.

RUNS/.jobs/<name>/trials.jsonl   one line a piece of work, with the index of its task
                  sbatch.sh      what SLURM was given
                  job.json       number in SLURM, time, machine and options
                  log/3.log      what task 3 printed
                  log/3.jsonl    what happened in task 3, one line an event

All of it is data: nothing of a folder that is there already is ever executed or handed to SLURM.
"""

from __future__ import annotations

import datetime
import json
import re
import secrets
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from grnpyg.core.errors import clean
from grnpyg.core.files import write_text

JOBS, WORK, SCRIPT, FACTS, LOG = ".jobs", "trials.jsonl", "sbatch.sh", "job.json", "log"
# So that no job of another program is meant; the microseconds put jobs in the order of submission.
NAME = re.compile(r"grnpyg-\d{8}-\d{6}(\d{6})?-[0-9a-f]{6}")
HASHED = re.compile(r'^\{"task": (\d+), "hash": "([0-9a-f]+)"', re.MULTILINE)
FIRST_WORDS = "grnpyg: job "  # of every start of a task
LIMIT = 1 << 28  # bytes of a file that is read
TAIL = 1 << 14  # bytes of the end of a log
KEPT = 24 * 3600.0  # seconds that a job stays whose work is done: who waits for it reads what it said
Line = dict[str, Any]


@dataclass(frozen=True)
class JobFolder:
    """A job that was submitted, or is about to be.

    Attributes:
        path: its folder; its name is the name of the job in SLURM.
    """

    path: Path

    @classmethod
    def make(cls, runs: Path, tasks: Sequence[Sequence[Line]]) -> JobFolder:
        """A new job in a folder of runs, which says what each of its tasks has to do.

        Old jobs there whose work is done are removed, see `remove_done`.
        """
        remove_done(runs)
        now = datetime.datetime.now(datetime.UTC)
        job = cls(runs.absolute() / JOBS / f"grnpyg-{now:%Y%m%d-%H%M%S%f}-{secrets.token_hex(3)}")
        job._write_work(tasks)
        return job

    @property
    def name(self) -> str:
        """Of the job."""
        return self.path.name

    def _write_work(self, tasks: Sequence[Sequence[Line]]) -> None:
        (self.path / LOG).mkdir(parents=True)
        lines = [{"task": index, **line} for index, task in enumerate(tasks) for line in task]
        write_text(self.path / WORK, "".join(f"{json.dumps(line)}\n" for line in lines))

    @cached_property
    def work(self) -> list[Line]:
        """The lines of all tasks, each with its `task`; none where the file cannot be read."""
        return [line for line in _lines(self.path / WORK) if isinstance(line.get("task"), int)]

    @cached_property
    def task_of(self) -> dict[str, int]:
        """Hash -> index of the task, of lines with a `hash`; read without the rest of the lines."""
        try:
            text = (self.path / WORK).read_text(errors="replace")
        except OSError:
            return {}
        return {hash_: int(task) for task, hash_ in HASHED.findall(text)}

    def of_task(self, index: int) -> list[Line]:
        """The lines of one task."""
        return [line for line in self.work if line["task"] == index]

    def write_facts(self, facts: Line) -> None:
        """Write job.json, whole or not at all."""
        write_text(self.path / FACTS, f"{json.dumps(facts, indent=2)}\n")

    @property
    def facts(self) -> Line:
        """What job.json says; empty where it cannot be read."""
        try:
            file = self.path / FACTS
            content = json.loads(file.read_text()) if file.stat().st_size <= LIMIT else None
        except (OSError, ValueError, RecursionError):
            return {}
        return content if isinstance(content, dict) else {}

    def log(self, index: int) -> Path:
        """What a task printed, from every time that it was started."""
        return self.path / LOG / f"{index}.log"

    def events(self, index: int) -> list[Line]:
        """What a task says that happened, in order; a line that is being written is left out."""
        return _lines(self.path / LOG / f"{index}.jsonl")

    def add_event(self, index: int, event: Line) -> None:
        """Add a line to the events of a task: one write, so that a reader never sees a part of two."""
        with (self.path / LOG / f"{index}.jsonl").open("a") as file:
            file.write(f"{json.dumps(event)}\n")

    def last_words(self, index: int) -> str:
        """The last line that a task printed, or why there is none."""
        try:
            with self.log(index).open("rb") as file:
                file.seek(max(0, self.log(index).stat().st_size - TAIL))
                lines = [line.strip() for line in file.read().decode(errors="replace").splitlines()]
        except OSError:
            return "it never began: it was cancelled, or its node does not see the folder of the runs"
        *_, last = ["it printed nothing", *filter(None, lines)]
        return "it was ended before it did anything" if last.startswith(FIRST_WORDS) else clean(last)


def job_folders(runs: Path) -> list[JobFolder]:
    """All jobs of a folder of runs, the oldest first."""
    folder = runs / JOBS
    if not folder.is_dir() or folder.is_symlink():
        return []
    return [JobFolder(path) for path in sorted(folder.iterdir()) if NAME.fullmatch(path.name)]


def remove_done(runs: Path) -> None:
    """Remove the folders of jobs, logs included, that are of no use any more.

    Nothing has happened in them for a day, and every piece of their work is done, by themselves or, where it
    was cancelled or failed, by another job. What nobody has done yet stays, with the log that says why.
    """
    jobs = job_folders(runs)
    if old := [job for job in jobs if _last_written(job) < time.time() - KEPT]:
        done = {key for job in jobs for key in _work_of(job, done=True)}
        for job in old:
            if job.work and _work_of(job) <= done:
                shutil.rmtree(job.path, ignore_errors=True)


def _last_written(job: JobFolder) -> float:
    """When something was written into the folder of a job."""
    try:
        return max(path.stat().st_mtime for path in (job.path, *job.path.rglob("*")))
    except OSError:  # another process is removing it
        return time.time()


def _work_of(job: JobFolder, *, done: bool = False) -> set[str]:
    """What a job has to do, or of it what it says that it has done: hashes, or lines without one."""
    work = job.work
    if done:
        said = {
            (task, str(event.get("hash")))
            for task in {line["task"] for line in work}
            for event in job.events(task)
            if event.get("kind") == "done"
        }
        work = [line for line in work if (line["task"], str(line.get("hash"))) in said]
    plain = ({key: value for key, value in line.items() if key != "task"} for line in work)
    return {str(line.get("hash") or json.dumps(line, sort_keys=True)) for line in plain}


def _lines(file: Path) -> list[Line]:
    try:
        text = file.read_text(errors="replace") if file.stat().st_size <= LIMIT else ""
    except OSError:
        return []
    found = []
    for line in text.splitlines(keepends=True):
        try:
            content = json.loads(line) if line.endswith("\n") else None
        except (ValueError, RecursionError):
            continue
        if isinstance(content, dict):
            found.append(content)
    return found
