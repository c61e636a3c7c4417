"""How far a study is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from grnpyg.studies.estimate import seconds_left
from grnpyg.studies.store import State, Store
from grnpyg.studies.study import Study, Trial

STATES: tuple[State, ...] = ("done", "running", "failed", "interrupted", "pending")


@dataclass(frozen=True)
class Status:
    """The trials of a study and where they stand.

    Attributes:
        trials: every trial with its state; two trials with one config have one run and are both here.
        errors: the failed trials with their errors.
        seconds_left: an estimate for what is not done, failed trials included; None if nothing is done.
    """

    trials: tuple[tuple[Trial, State], ...]
    errors: tuple[tuple[Trial, str], ...]
    seconds_left: float | None

    @property
    def counts(self) -> dict[str, int]:
        """State -> number of trials."""
        counted = Counter(state for _, state in self.trials)
        return {state: counted[state] for state in STATES}


def study_status(study: Study, runs: Path, jobs: int | None = None) -> Status:
    """Look at the folder of the runs.

    Args:
        study: from `read_study`.
        runs: the folder; it may be missing.
        jobs: for the estimate; by default as many as are running, at least one.
    """
    store = Store(runs)
    trials = tuple((trial, store.state(trial)) for trial in study.trials)
    todo = [trial for trial, state in trials if state != "done"]
    running = {trial.hash for trial, state in trials if state == "running"}
    seconds = {
        trial.hash: manifest.seconds
        for trial in study.trials
        if (manifest := store.manifest(trial)) is not None
    }
    return Status(
        trials,
        tuple((trial, store.error(trial)) for trial, state in trials if state == "failed"),
        seconds_left(todo, study.trials, seconds, jobs or max(1, len(running))),
    )
