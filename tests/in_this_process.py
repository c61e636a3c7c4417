"""An executor without processes, for tests that look at what happens around the training."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from grnpyg.studies.datasets import Datasets
from grnpyg.studies.executors import Event, Executor, OnEvent
from grnpyg.studies.store import Store
from grnpyg.studies.trial import Trial
from grnpyg.studies.worker import train_trial


class InThisProcess(Executor):
    """Trains one trial after another as a worker does."""

    def __init__(self, *, fresh_process: bool = False, **options: Any) -> None:
        self.fresh_process = fresh_process

    def run(self, trials: Iterable[Trial], store: Store, on_event: OnEvent) -> None:
        """Train every trial, in order."""
        waiting, datasets = deque(trials), Datasets()
        while waiting:
            trial = waiting.popleft()
            waiting.extend(on_event(Event("started", trial)) or ())
            answer = train_trial(trial, store, datasets, "cpu")
            wall = 0.5 if self.fresh_process else None
            waiting.extend(on_event(Event(answer.pop("kind"), trial, **answer, wall_seconds=wall)) or ())
