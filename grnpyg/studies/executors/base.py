"""What an executor is: it trains trials somewhere and tells what happens."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from grnpyg.core.registry import Registry
from grnpyg.studies.store import Store
from grnpyg.studies.trial import Trial


@dataclass(frozen=True)
class Event:
    """Something that happened to a trial.

    Attributes:
        kind: `reused` (was done already), `started`, `elsewhere` (another process is training it: it is
            waited for), `done` or `failed`.
        trial: the trial.
        seconds: of training, where it is done.
        validation_ap: of the model, mean over the monitored regimes, where it is done.
        error: in one line, where it failed.
        peak_memory_mb: of the process that trained it, over all trials that it was given, where it is done.
    """

    kind: Literal["reused", "started", "elsewhere", "done", "failed"]
    trial: Trial
    seconds: float | None = None
    validation_ap: float | None = None
    error: str = ""
    peak_memory_mb: float | None = None


class Executor(ABC):
    """Base of all executors.

    A subclass takes its options as keyword-only parameters, at least the `jobs`, `threads` and `device` that
    the command line hands over, and writes `run`. What it starts, on this machine
    or another, hands a trial to `grnpyg.studies.worker.train_trial`, which writes the run directory or the
    record of the failure; all that it shares with the others is the folder of the runs.
    """

    @abstractmethod
    def run(self, trials: Sequence[Trial], store: Store, on_event: Callable[[Event], None]) -> None:
        """Train every trial, in order, and return when each one is done or failed.

        A trial that fails does not stop the others. A trial that another process is training is waited for.
        An exception, Ctrl-C above all, ends everything that was started before it is passed on.

        Args:
            trials: no config twice.
            store: where they stand.
            on_event: to be told what happens, in the calling thread.

        Raises:
            GrnpygError: nothing can be started at all.
        """


executors: Registry[Executor] = Registry("executor", Executor)
