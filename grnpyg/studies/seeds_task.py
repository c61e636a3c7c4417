"""What a task that trains seeds together runs: `python -m grnpyg.studies.seeds_task FOLDER INDEX`."""

from __future__ import annotations

import sys
from pathlib import Path

from grnpyg.core.errors import warned
from grnpyg.studies.datasets import Datasets
from grnpyg.studies.jobs import JobFolder, exit_code
from grnpyg.studies.store import Store
from grnpyg.studies.trial import trial_of
from grnpyg.training import TrainOptions, prepare, train_together


def work(folder: Path, index: int) -> int:
    """Train the trials that a line of a job names, write their runs, and say that it is done.

    Raises:
        InputError: the data cannot be used, or something stands in the way of a run.
    """
    job = JobFolder(folder)
    (line,) = job.of_task(index)
    runs = job.path.parent.parent
    trials, store = [trial_of(one) for one in line["trials"]], Store(runs)
    config = trials[0].config
    with warned() as said:
        ready = prepare(config, Datasets().get(config))
        options = [TrainOptions(runs, line["device"], mend=True, notes=trial.notes) for trial in trials]
        for trial in trials:
            store.forget(trial)
        train_together([trial.config for trial in trials], options, ready)
    job.add_event(index, {"kind": "done", "warnings": said})
    return 0


if __name__ == "__main__":
    sys.exit(exit_code(work))
