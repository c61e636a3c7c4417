"""What an executor is: it trains trials somewhere and tells what happens, and runs other tasks there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field

from grnpyg.core.errors import InputError
from grnpyg.core.registry import Registry
from grnpyg.studies.jobs import JobFolder, Line
from grnpyg.studies.store import Store
from grnpyg.studies.trial import Trial


@dataclass(frozen=True)
class Event:
    """Something that happened to a trial.

    Attributes:
        kind: `reused` (it was done already), `queued` (it waits for its turn on a cluster), `started`,
            `elsewhere` (another process is training it, and the executor waits for it), `done`, `failed`, or
            `interrupted`: its process was told to end, nothing failed, and the same call goes on with it.
        trial: the trial.
        seconds: how long the training took, if it is done.
        validation_ap: AP of the model, mean over the monitored settings, if it is done.
        error: one line, if it failed; if it was interrupted, what is known of the reason.
        peak_memory_mb: peak memory of the process that trained it, if it is done and the executor knows.
        wall_seconds: from the start of the trial's own process to its answer, if it had one.
        where: the job that it waits in or runs in, where the executor has jobs.
    """

    kind: Literal["reused", "queued", "started", "elsewhere", "done", "failed", "interrupted"]
    trial: Trial
    seconds: float | None = None
    validation_ap: float | None = None
    error: str = ""
    peak_memory_mb: float | None = None
    wall_seconds: float | None = None
    where: str = ""


Count = Annotated[int, Field(ge=1, le=100_000)]
Threads = Annotated[int, Field(ge=1, le=1024)]
Device = Literal["auto", "cpu", "cuda"]

# Is told of every event and may return further trials, which are trained after those that wait.
OnEvent = Callable[[Event], Iterable[Trial] | None]


class Executor(ABC):
    """Base of all executors.

    A subclass takes its options as keyword-only parameters and implements `run`. It accepts at least `jobs`,
    `threads`, `device` and `fresh_process`, which the command line sets where they are given. Whatever it
    starts, on this machine or another, calls `grnpyg.studies.worker.train_trial`, which writes the run
    directory or the record of the failure. Workers share nothing but the folder of the runs.

    Attributes:
        queues: it hands trials to a cluster, where they stay when this process ends; it has the option
            `detach`.
        detach: `run` and `run_tasks` return when all of it waits in the queue.
        here: trials are trained on this machine, whose memory they share.
        jobs: how many trials are trained at a time, for estimates; None: nobody can tell.
    """

    queues: ClassVar[bool] = False
    here: ClassVar[bool] = False
    detach: bool = False
    jobs: int | None = None

    @abstractmethod
    def run(self, trials: Iterable[Trial], store: Store, on_event: OnEvent) -> None:
        """Train every trial, in order, and return when each one is done, failed or interrupted.

        A trial that fails does not stop the others. A trial that another process is training is waited for.
        `on_event` may return further trials: a search draws the next ones when it learns how earlier ones
        did. They are added to the end of the queue, and `run` returns when nothing is left in it. Two trials
        of the queue may have the same config; the second one then finds the run of the first.

        An exception, Ctrl-C above all, stops everything that was started on this machine and is passed on.
        An executor with `queues` leaves what it gave to its cluster there.

        Args:
            trials: the first trials of the queue.
            store: where the trials stand.
            on_event: is called with every event in the calling thread, one call at a time.

        Raises:
            GrnpygError: no trial can be started at all.
        """

    def run_tasks(self, module: str, tasks: Sequence[Line], folder: Path) -> list[Task]:
        """Run `python -m module FOLDER INDEX` for each line of work, and return when all are over.

        A line that waits or runs in a queue already is not queued again.
        An exception, Ctrl-C above all, stops what was started on this machine and is passed on.

        Args:
            module: reads its line with `JobFolder(folder).of_task(index)`, and adds the event `done` to those
                of its task when it has done the work.
            tasks: what each task has to do.
            folder: where the jobs are written down, in `.jobs`; seen by every machine.

        Returns:
            Where the log and the events of each task are, in order. With `detach`, as soon as all wait.

        Raises:
            InputError: this executor trains trials and nothing else.
            GrnpygError: no task can be started at all.
        """
        raise InputError(
            "this executor trains trials and runs no other tasks",
            where="--executor",
            fix="use local, slurm or ray",
        )

    def queued(self, folder: Path) -> list[Task]:
        """The tasks of `run_tasks` for this folder that wait or run in the queue of a cluster."""
        return []


class Task(NamedTuple):
    """One task of `Executor.run_tasks`.

    Attributes:
        job: where its log and its events are.
        number: of the task, from 0.
    """

    job: JobFolder
    number: int

    @property
    def line(self) -> Line:
        """What it has to do, as `run_tasks` was told; empty where that cannot be read."""
        lines = [*self.job.of_task(self.number), {}]
        return {key: value for key, value in lines[0].items() if key != "task"}

    @property
    def done(self) -> bool:
        """Whether it says that it has done its work."""
        return any(event.get("kind") == "done" for event in self.job.events(self.number))


executors: Registry[Executor] = Registry("executor", Executor)
