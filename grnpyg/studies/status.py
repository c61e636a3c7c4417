"""How far a study is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grnpyg.studies.estimate import seconds_left
from grnpyg.studies.jobs import Jobs, SlurmError
from grnpyg.studies.plan import Plan, plan_of, read_plan
from grnpyg.studies.queued import Place, places
from grnpyg.studies.store import State, Store
from grnpyg.studies.trial import PlannedTrial

STATES: tuple[State, ...] = ("done", "running", "failed", "interrupted", "queued", "pending")


@dataclass(frozen=True)
class Status:
    """The trials of a study and where they stand.

    Attributes:
        study: name of the study.
        trials: every trial with its state. Two trials with the same config share one run; both are listed.
        errors: the failed trials with their errors.
        seconds_left: an estimate for all that is not done, failed trials included; None if nothing is done.
        places: config hash -> where on a cluster the trial is or was, of unfinished trials that have been
            submitted.
        unknown: why the queue of the cluster is not known; empty if it is, or if there is none.
    """

    study: str
    trials: tuple[tuple[PlannedTrial, State], ...]
    errors: tuple[tuple[PlannedTrial, str], ...]
    seconds_left: float | None
    places: Mapping[str, Place] = field(default_factory=dict)
    unknown: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """State -> number of trials."""
        counted = Counter(state for _, state in self.trials)
        return {state: counted[state] for state in STATES}

    @property
    def unmatched(self) -> int:
        """How many trials count as pending only because their widths have not been matched to the data."""
        return sum(not trial.hash for trial, _ in self.trials)


def study_status(file: Path, runs: Path, jobs: int | None = None) -> Status:
    """Read from the folder of the runs how far a study is. Never loads data.

    The plan that `study run` wrote is enough, as long as nothing that it was made from has changed. Otherwise
    the study file is read and checked, which imports every component (seconds).

    Args:
        file: the study file.
        runs: folder of the run directories; it may be missing.
        jobs: how many trials at a time the estimate assumes; by default as many as are running, at least one.

    Raises:
        InputError: the study file is not valid.
    """
    plan, store = plan_at(file, runs), Store(runs)
    stored = [(trial, _state(store, trial)) for trial in plan.trials]
    where, unknown = _places(runs, [trial.hash for trial, state in stored if trial.hash and state != "done"])
    trials = [(trial, _with_queue(state, where.get(trial.hash))) for trial, state in stored]
    running = {trial.hash for trial, state in trials if state == "running"}
    seconds = {
        trial.hash: manifest.seconds
        for trial in plan.trials
        if trial.hash and (manifest := store.manifest(trial)) is not None
    }
    todo = [trial for trial, state in trials if state != "done"]
    return Status(
        plan.study,
        tuple(trials),
        tuple((trial, store.error(trial)) for trial, state in trials if state == "failed"),
        seconds_left(todo, plan.trials, seconds, jobs or max(1, len(running))),
        where,
        unknown,
    )


def plan_at(file: Path, runs: Path) -> Plan:
    """The plan of a study: the one beside the runs, or made anew, which imports every component.

    Raises:
        InputError: the study file is not valid.
    """
    plan = read_plan(file, runs)
    if plan is None:
        from grnpyg.studies.study import read_study  # imports torch

        plan = plan_of(read_study(file))
    return plan


def _places(runs: Path, hashes: Sequence[str]) -> tuple[dict[str, Place], str]:
    """Where unfinished trials are on a cluster, and why that is not known."""
    jobs = Jobs(runs)
    if not hashes or not jobs.folders:
        return {}, ""
    try:
        return places(jobs, jobs.live(), hashes), ""
    except SlurmError as error:
        return {}, error.what


def _with_queue(state: State, place: Place | None) -> State:
    """The state of a trial, with what the queue knows of it."""
    if place is None or state == "failed":
        return state
    if place.state == "running":
        return "running"
    return "queued" if place.state == "queued" and state != "running" else state


def _state(store: Store, trial: PlannedTrial) -> State:
    return store.state(trial) if trial.hash else "pending"
