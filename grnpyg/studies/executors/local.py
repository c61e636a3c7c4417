"""Trials in parallel processes on this machine."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterable, Sequence
from multiprocessing.connection import wait
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from grnpyg.core.errors import GrnpygError, InputError, warn
from grnpyg.core.stopping import Stopped
from grnpyg.studies.executors.base import Event, Executor, OnEvent, Task, Threads, executors
from grnpyg.studies.executors.process import Worker
from grnpyg.studies.executors.tasks_here import run_here
from grnpyg.studies.jobs import JobFolder, Line
from grnpyg.studies.store import Store
from grnpyg.studies.trial import Trial

GRACE = 90.0  # seconds that workers have to end when this process is told to end; a scheduler gives 30 to 120
POLL = 1.0  # seconds between two looks at a trial that another process is training


STOPPED = "SIGTERM ended its worker"


def cpus() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@executors.register("local")
class LocalExecutor(Executor):
    """Worker processes on this machine, each with its share of the threads.

    A worker is kept from trial to trial, with the data sets that it loaded. It never outlives its parent. If
    it dies, its trial counts as failed and another worker takes its place. SIGTERM is no failure: a worker
    that gets it writes a checkpoint and ends, and this process asks its workers to do so before it ends.

    Args:
        jobs: how many trials are trained at a time.
        threads: of each worker; by default the processors divided by `jobs`. The number decides the last bits
            of a result: with the same number of threads, results are the same for any number of jobs.
        device: `auto`, `cpu` or `cuda`.
        fresh_process: every trial gets a new process, whose wall time and peak memory are measured.
    """

    here: ClassVar[bool] = True

    def __init__(
        self,
        *,
        jobs: Annotated[int, Field(ge=1, le=1024)] = 1,
        threads: Threads | None = None,
        device: str = "auto",
        fresh_process: bool = False,
    ) -> None:
        if device not in ("auto", "cpu", "cuda"):
            raise InputError(f"{device!r} is not auto, cpu or cuda", where="device")
        self.jobs: int = jobs
        self.device, self.fresh_process = device, fresh_process
        self.threads = max(1, cpus() // jobs) if threads is None else threads

    def run(self, trials: Iterable[Trial], store: Store, on_event: OnEvent) -> None:
        """Train every trial; see `Executor.run`."""
        session = _Session(self, trials, store, on_event)
        try:
            session.run()
        except Stopped:  # nobody is in a hurry: every trial may write its checkpoint
            for worker in session.workers:
                worker.ask_to_end()
            until = time.monotonic() + GRACE
            for worker in session.workers:
                worker.wait(max(0.0, until - time.monotonic()))
            raise
        finally:
            for worker in session.workers:
                worker.stop()

    def run_tasks(self, module: str, tasks: Sequence[Line], folder: Path) -> list[Task]:
        """Run other work than trials; see `Executor.run_tasks`."""
        job = JobFolder.make(folder, [[task] for task in tasks])
        run_here(module, job, len(tasks), at_once=self.jobs, threads=self.threads)
        return [Task(job, index) for index in range(len(tasks))]


class _Session:
    """One call of `LocalExecutor.run`: trials that wait, that are at work, and that another process has."""

    def __init__(
        self, executor: LocalExecutor, trials: Iterable[Trial], store: Store, on_event: OnEvent
    ) -> None:
        self.executor, self.store, self.on_event = executor, store, on_event
        self.waiting, self.elsewhere = deque(trials), list[Trial]()
        self.told = set[str]()  # trials that were said to be elsewhere
        self.workers: list[Worker] = []

    @property
    def busy(self) -> list[Worker]:
        return [worker for worker in self.workers if worker.trial is not None]

    def run(self) -> None:
        while True:
            while self.waiting and len(self.busy) < self.executor.jobs:
                self.begin(self.waiting.popleft())
            if not self.busy and not self.elsewhere:
                return
            busy = {worker.fileno(): worker for worker in self.busy}
            for answers in wait(list(busy), POLL if self.elsewhere else None):
                assert isinstance(answers, int)
                self.hear(busy[answers])
            self.look_elsewhere()

    def tell(self, event: Event) -> None:
        """Report an event; what it leads to is queued behind the others."""
        self.waiting.extend(self.on_event(event) or ())

    def begin(self, trial: Trial) -> None:
        """Give the trial to a worker, unless it is done by now or another process is training it."""
        state = self.store.state(trial)
        if state == "done":
            self.tell(Event("done", trial, self.seconds(trial)))
            return
        if state == "running":
            self.elsewhere.append(trial)
            self.tell(Event("elsewhere", trial))
            return
        for worker in [worker for worker in self.workers if worker.trial is None and not worker.alive]:
            self.dismiss(worker)
        idle = [worker for worker in self.workers if worker.trial is None]
        if not idle:
            idle.append(Worker(self.store.runs, self.executor.threads, self.executor.device))
            self.workers.append(idle[0])
        idle[0].send(trial)
        self.tell(Event("started", trial))

    def hear(self, worker: Worker) -> None:
        """Take an answer from a worker, or note that it died."""
        trial, answer = worker.trial, worker.answer()
        assert trial is not None
        if answer is None and worker.told_to_end:
            self.dismiss(worker)
            self.tell(Event("interrupted", trial, error=STOPPED))
        elif answer is None:
            reason = worker.ending()
            self.dismiss(worker)
            if not worker.ready:
                raise GrnpygError(f"no worker can be started: {reason}")
            if self.store.state(trial) == "done":  # it died between the two
                self.tell(Event("done", trial, self.seconds(trial)))
            else:
                self.store.fail(trial, reason)
                self.tell(Event("failed", trial, error=reason))
        elif answer["kind"] == "ready":
            worker.ready = True
        else:
            worker.trial = None
            for line in answer.get("warnings", ()):
                warn(line)
            fresh = self.executor.fresh_process
            if fresh or answer.get("spent"):
                self.dismiss(worker)
            if answer["kind"] == "elsewhere":
                self.elsewhere.append(trial)
                if trial.hash in self.told:
                    return
                self.told.add(trial.hash)
            if answer["kind"] == "interrupted":
                answer["error"] = STOPPED
            names = ("seconds", "validation_ap", "error", "peak_memory_mb")
            shown = {key: answer[key] for key in names if key in answer}
            wall = time.perf_counter() - worker.started if fresh else None
            self.tell(Event(answer["kind"], trial, **shown, wall_seconds=wall))

    def look_elsewhere(self) -> None:
        """Take up what other processes have let go of: done, failed, or to be continued here."""
        for trial in [trial for trial in self.elsewhere if self.store.state(trial) != "running"]:
            self.elsewhere.remove(trial)
            if self.store.state(trial) == "failed":
                self.tell(Event("failed", trial, error=self.store.error(trial)))
            else:
                self.waiting.append(trial)  # behind the others: what it is cut from may still be in work

    def dismiss(self, worker: Worker) -> None:
        worker.stop()
        self.workers.remove(worker)

    def seconds(self, trial: Trial) -> float | None:
        manifest = self.store.manifest(trial)
        return None if manifest is None else manifest.seconds
