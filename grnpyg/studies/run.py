"""Run the trials that are not done yet: of studies, of a suite, of a tuning."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from grnpyg.core.errors import InputError
from grnpyg.core.files import require_writable
from grnpyg.runs import Manifest
from grnpyg.studies.executors import Event, Executor, OnEvent
from grnpyg.studies.plan import write_plan
from grnpyg.studies.seeds import SeedsTogether
from grnpyg.studies.store import Store
from grnpyg.studies.study import Study
from grnpyg.studies.trial import Trial


@dataclass(frozen=True)
class Summary:
    """How the trials of a call ended, each config counted once.

    Attributes:
        reused: were done before.
        done: finished during this call, here or in another process.
        failed: trial and error.
        interrupted: trial and what is known of the reason; the same call goes on with them.
        queued: trial and its job, of an executor that does not wait for its cluster.
    """

    reused: tuple[Trial, ...]
    done: tuple[Trial, ...]
    failed: tuple[tuple[Trial, str], ...]
    interrupted: tuple[tuple[Trial, str], ...] = ()
    queued: tuple[tuple[Trial, str], ...] = ()


def unique(studies: Sequence[Study]) -> list[Trial]:
    """The trials of the studies in order; of trials with the same config only the first."""
    trials: dict[str, Trial] = {}
    for study in studies:
        for trial in study.trials:
            trials.setdefault(trial.hash, trial)
    return list(trials.values())


def run_studies(
    studies: Sequence[Study],
    runs: Path,
    executor: Executor | SeedsTogether,
    on_event: OnEvent = lambda event: None,
    *,
    stored: Set[str] = frozenset(),
) -> Summary:
    """Train the trials that are not done, in the order of the studies; see `run_trials`.

    The studies come from `read_study`, their widths resolved by `resolve_widths`. Their plans are written
    beside the runs, for `study status`.

    Example:
        >>> study = resolve_widths(read_study(Path("study.yaml")))
        >>> run_studies([study], Path("runs"), LocalExecutor(jobs=2))
    """
    return run_trials(unique(studies), runs, executor, on_event, stored=stored, plans=studies)


def run_trials(
    trials: Iterable[Trial],
    runs: Path,
    executor: Executor | SeedsTogether,
    on_event: OnEvent = lambda event: None,
    *,
    stored: Set[str] = frozenset(),
    plans: Iterable[Study] = (),
) -> Summary:
    """Train the trials that are not done, and those that `on_event` returns; failed ones are tried again.

    A failed trial keeps its error in the store and the others go on. After an interruption the same call
    continues from the checkpoints.

    Args:
        trials: of studies, a suite or a tuning.
        runs: folder of the run directories.
        executor: where the trials are trained, for example `LocalExecutor(jobs=2)`, or
            `SeedsTogether(LocalExecutor(), 8)`.
        on_event: is called with every event, in this thread; may return further trials.
        stored: config hashes of trials whose results are stored elsewhere; they count as done.
        plans: studies whose plans are written once the finished runs have been checked.

    Raises:
        InputError: the folder cannot be written, or the input files of a finished run have changed since.
        GrnpygError: the executor cannot start its workers.
    """
    require_writable(runs, "--runs")
    runs.mkdir(parents=True, exist_ok=True)
    store = Store(runs)
    happened: dict[str, Event] = {}

    def note(event: Event) -> Iterable[Trial]:
        happened[event.trial.hash] = event
        return on_event(event) or ()

    def to_train(queue: deque[Trial]) -> list[Trial]:
        left = []
        while queue:
            trial = queue.popleft()
            manifest = store.manifest(trial)
            if manifest is not None:
                _require_same_inputs(trial, manifest, store)
            if manifest is not None or not stored.isdisjoint(trial.hashes):
                queue.extend(note(Event("reused", trial, None if manifest is None else manifest.seconds)))
            else:
                left.append(trial)
        return left

    first = to_train(deque(trials))
    for study in plans:
        write_plan(study, runs)
    if first:
        executor.run(first, store, lambda event: to_train(deque(note(event))))
    events = list(happened.values())
    return Summary(
        tuple(event.trial for event in events if event.kind == "reused"),
        tuple(event.trial for event in events if event.kind == "done"),
        tuple((event.trial, event.error) for event in events if event.kind == "failed"),
        tuple((event.trial, event.error) for event in events if event.kind == "interrupted"),
        tuple((event.trial, event.where) for event in events if event.kind == "queued"),
    )


def _require_same_inputs(trial: Trial, manifest: Manifest, store: Store) -> None:
    """Refuse a finished run whose data or plug-ins have changed since; missing files do not matter."""
    from grnpyg.training.prepare import inputs

    try:
        read = inputs(trial.config)
    except InputError:
        return
    if changed := [role for role in read if manifest.inputs.get(role, read[role]) != read[role]]:
        raise InputError(
            f"its {changed[0]} ({read[changed[0]]['source']}) changed since the run",
            where=store.path(trial),
            fix="remove the run to train it again, or put the file back",
        )
