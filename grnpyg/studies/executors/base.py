"""What an executor is: it trains trials somewhere and tells what happens."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from grnpyg.core.registry import Registry
from grnpyg.studies.store import Store
from grnpyg.studies.trial import Trial


@dataclass(frozen=True)
class Event:
    """Something that happened to a trial.

    Attributes:
        kind: `reused` (it was done already), `started`, `elsewhere` (another process is training it, and the
            executor waits for it), `done` or `failed`.
        trial: the trial.
        seconds: how long the training took, if it is done.
        validation_ap: AP of the model, mean over the monitored settings, if it is done.
        error: one line, if it failed.
        peak_memory_mb: peak memory of the process that trained it, if it is done and the executor knows.
        wall_seconds: from the start of the trial's own process to its answer, if it had one.
    """

    kind: Literal["reused", "started", "elsewhere", "done", "failed"]
    trial: Trial
    seconds: float | None = None
    validation_ap: float | None = None
    error: str = ""
    peak_memory_mb: float | None = None
    wall_seconds: float | None = None


# Is told of every event and may return further trials, which are trained after those that wait.
OnEvent = Callable[[Event], Iterable[Trial] | None]


class Executor(ABC):
    """Base of all executors.

    A subclass takes its options as keyword-only parameters and implements `run`. It accepts at least `jobs`,
    `threads`, `device` and `fresh_process`, which the command line sets. Whatever it starts, on this machine
    or another, calls `grnpyg.studies.worker.train_trial`, which writes the run directory or the record of
    the failure. Workers share nothing but the folder of the runs.
    """

    @abstractmethod
    def run(self, trials: Iterable[Trial], store: Store, on_event: OnEvent) -> None:
        """Train every trial, in order, and return when each one is done or failed.

        A trial that fails does not stop the others. A trial that another process is training is waited for.
        `on_event` may return further trials: a search draws the next ones when it learns how earlier ones
        did. They are added to the end of the queue, and `run` returns when nothing is left in it. Two trials
        of the queue may have the same config; the second one then finds the run of the first.

        An exception, Ctrl-C above all, stops everything that was started and is passed on.

        Args:
            trials: the first trials of the queue.
            store: where the trials stand.
            on_event: is called with every event in the calling thread, one call at a time.

        Raises:
            GrnpygError: no trial can be started at all.
        """


executors: Registry[Executor] = Registry("executor", Executor)
