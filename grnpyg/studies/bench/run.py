"""Run the trials of a suite one after another, each in a process of its own, and keep what they cost."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from grnpyg.core.errors import GrnpygError
from grnpyg.runs.manifest import MethodCost
from grnpyg.studies.bench.costs import Cost, Costs
from grnpyg.studies.bench.suite import ENTRY, SEED, Suite
from grnpyg.studies.executors import Event, LocalExecutor
from grnpyg.studies.run import Summary, run_studies
from grnpyg.studies.store import Store
from grnpyg.studies.trial import Trial

Tell = Callable[[Event], None]


def run_suite(
    suite: Suite,
    runs: Path,
    on_event: Tell = lambda event: None,
    *,
    threads: int | None = None,
    device: str = "auto",
) -> Summary:
    """Run what is not there yet; failed trials are tried again and do not stop the others.

    A run that is there and was never measured, because a study made it, is made once more in a temporary
    folder for what it costs, and stays as it is.

    Args:
        suite: from `read_suite`.
        runs: folder of the run directories, and of the costs in `.bench`.
        on_event: is told what happens, in this thread.
        threads: of each process; by default one for each processor.
        device: `auto`, `cpu` or `cuda`.

    Raises:
        InputError: the folder cannot be written, or a run read other contents of the same files.
        GrnpygError: a process cannot be started, or two entries were evaluated on different pairs.
    """
    store, costs = Store(runs), Costs(runs)
    parts = []
    for trial in suite.study.trials:
        row = suite.rows[trial.levels[ENTRY]]
        measured = _Measured(trial, runs, on_event)
        parts.append(measured.run(suite, LocalExecutor(jobs=1, threads=threads, device=device)))
        if store.manifest(trial) is None or costs.read(trial) is not None:
            continue
        if not measured.whole:
            costs.folder.mkdir(exist_ok=True)
            with tempfile.TemporaryDirectory(dir=costs.folder) as folder:
                measured = _Measured(trial, Path(folder))
                measured.run(suite, LocalExecutor(jobs=1, threads=threads, device=device))
        if measured.whole:
            costs.write(trial, _cost(trial, store, row, measured))
    require_same_pairs(suite, store)
    return Summary(
        tuple(trial for part in parts for trial in part.reused),
        tuple(trial for part in parts for trial in part.done),
        tuple(failure for part in parts for failure in part.failed),
    )


class _Measured:
    """One trial in a process of its own: how long it took and how much memory it needed."""

    def __init__(self, trial: Trial, runs: Path, on_event: Tell = lambda event: None) -> None:
        self.trial, self.runs, self.on_event = trial, runs, on_event
        self.model = not trial.config.evaluation.baselines
        self.seconds = 0.0
        self.memory: float | None = None

    def run(self, suite: Suite, executor: LocalExecutor) -> Summary:
        resumed = Store(self.runs).state(self.trial) == "interrupted"
        started = time.perf_counter()

        def note(event: Event) -> None:
            if event.kind == "done" and not resumed:
                self.seconds, self.memory = time.perf_counter() - started, event.peak_memory_mb
            # no model is trained for a baseline's row
            self.on_event(event if self.model else replace(event, validation_ap=None))

        return run_studies([replace(suite.study, trials=(self.trial,), file=None)], self.runs, executor, note)

    @property
    def whole(self) -> bool:
        """Whether all of the trial was done here, and nowhere else."""
        return self.memory is not None


def _cost(trial: Trial, store: Store, row: str, measured: _Measured) -> Cost:
    manifest = store.manifest(trial)
    assert manifest is not None
    assert measured.memory is not None
    own = _model_cost(store.path(trial)) if row == "model" else manifest.costs[row]
    return Cost(
        own.seconds,
        round(measured.seconds, 3),
        round(measured.memory, 1),
        own.parameters,
        own.macs_per_pair,
        manifest.machine.threads,
    )


def _model_cost(path: Path) -> MethodCost:
    from grnpyg.models.cost import macs_per_pair
    from grnpyg.runs import Run

    run = Run.load(path)
    return MethodCost(
        seconds=float(run.epochs["seconds"].sum()),
        parameters=run.manifest.parameters.total,
        macs_per_pair=macs_per_pair(run.model, run.split.graph),
    )


def require_same_pairs(suite: Suite, store: Store) -> None:
    """Check by their digests that all entries of a seed were evaluated on the same pairs.

    Raises:
        GrnpygError: two were not.
    """
    seen: dict[str, tuple[Any, Trial]] = {}
    for trial in suite.study.trials:
        manifest = store.manifest(trial)
        if manifest is None:
            continue
        digests = manifest.split.evaluation_sha256
        before, other = seen.setdefault(trial.levels[SEED], (digests, trial))
        if digests != before:
            raise GrnpygError(
                f"{other.levels[ENTRY]} and {trial.levels[ENTRY]} were evaluated on different pairs "
                f"(seed {trial.levels[SEED]}): {store.path(other)}, {store.path(trial)}"
            )
