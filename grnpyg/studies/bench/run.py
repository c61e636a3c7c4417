"""Run the trials of a suite, each in a process of its own, and keep what they cost."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grnpyg.core.errors import GrnpygError
from grnpyg.studies.bench.costs import Cost, Costs
from grnpyg.studies.bench.suite import ENTRY, SEED
from grnpyg.studies.executors import Event, Executor
from grnpyg.studies.run import Summary, run_studies, run_trials
from grnpyg.studies.store import Store
from grnpyg.studies.study import Study
from grnpyg.studies.trial import Trial


def run_suite(
    suite: Study, runs: Path, executor: Executor, on_event: Callable[[Event], None] = lambda event: None
) -> Summary:
    """Run the trials that are not done; failed ones are tried again and do not stop the others.

    A run that was never measured, because a study made it or because it was interrupted, is made once more in
    a temporary folder. The run itself stays as it is.

    Args:
        suite: from `read_suite`.
        runs: folder of the run directories, and of the costs in `.bench`.
        executor: measures every trial: `LocalExecutor(fresh_process=True)`. Trials that run side by side slow
            each other down, so that times are comparable only for one number of jobs.
        on_event: is called with every event, in this thread.

    Raises:
        InputError: the folder cannot be written, or the input files of a finished run have changed since.
        GrnpygError: a process cannot be started, or two entries were evaluated on different pairs.
    """
    store, costs = Store(runs), Costs(runs)
    begun = {trial.hash for trial in suite.trials if store.state(trial) == "interrupted"}

    def measure(event: Event) -> None:
        memory, seconds = event.peak_memory_mb, event.wall_seconds
        if memory is not None and seconds is not None and event.trial.hash not in begun:
            costs.write(event.trial, Cost(round(seconds, 3), round(memory, 1)))

    def note(event: Event) -> None:
        measure(event)
        on_event(event)

    summary = run_studies([suite], runs, executor, note)
    begun.clear()
    if left := [trial for trial in suite.trials if store.manifest(trial) and costs.read(trial) is None]:
        costs.folder.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=costs.folder) as folder:
            run_trials(left, Path(folder), executor, measure)
    require_same_pairs(suite, store)
    return summary


def require_same_pairs(suite: Study, store: Store) -> None:
    """Check by their digests that all entries of a seed were evaluated on the same pairs.

    Raises:
        GrnpygError: two were not.
    """
    seen: dict[str, tuple[Any, Trial]] = {}
    for trial in suite.trials:
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
