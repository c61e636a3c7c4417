"""Train the trials of some studies that are not done yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from grnpyg.core.errors import InputError
from grnpyg.core.inputs import Input
from grnpyg.runs import Manifest
from grnpyg.studies.datasets import dataset_key
from grnpyg.studies.executors import Event, Executor
from grnpyg.studies.plan import write_plan
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
    """

    reused: tuple[Trial, ...]
    done: tuple[Trial, ...]
    failed: tuple[tuple[Trial, str], ...]


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
    executor: Executor,
    on_event: Callable[[Event], None] = lambda event: None,
    *,
    stored: Set[str] = frozenset(),
) -> Summary:
    """Train the trials that are not done, in the order of the studies. Failed ones are tried again.

    If a trial fails, its error is kept in the store and the others go on. A study that was killed continues
    from the checkpoints of its trials.

    Args:
        studies: from `read_study`, their widths resolved by `resolve_widths`.
        runs: folder of the run directories; the plans for `study status` are written there as well.
        executor: trains the trials, for example `LocalExecutor(jobs=2)`.
        on_event: called with every event, in this thread.
        stored: config hashes of trials whose rows are kept elsewhere; they count as done.

    Raises:
        InputError: the folder cannot be written, widths are not matched yet, or the data of a finished run
            have changed since.
        GrnpygError: the executor cannot start its workers.
    """
    from grnpyg.training.scratch import require_writable

    require_writable(runs)
    runs.mkdir(parents=True, exist_ok=True)
    store = Store(runs)
    happened: dict[str, Event] = {}

    def note(event: Event) -> None:
        happened[event.trial.hash] = event
        on_event(event)

    todo, known = [], dict[str, dict[str, Input]]()
    for trial in unique(studies):
        manifest = store.manifest(trial)
        if manifest is not None:
            _require_same_inputs(trial, manifest, store, known)
        if manifest is not None or not stored.isdisjoint(trial.hashes):
            note(Event("reused", trial, None if manifest is None else manifest.seconds))
        else:
            todo.append(trial)
    for study in studies:
        write_plan(study, runs)
    if todo:
        executor.run(todo, store, note)
    events = list(happened.values())
    return Summary(
        tuple(event.trial for event in events if event.kind == "reused"),
        tuple(event.trial for event in events if event.kind == "done"),
        tuple((event.trial, event.error) for event in events if event.kind == "failed"),
    )


def _require_same_inputs(
    trial: Trial, manifest: Manifest, store: Store, known: dict[str, dict[str, Input]]
) -> None:
    """Refuse to reuse a run whose data have changed since. Data that are not here are not checked."""
    from grnpyg.data.inputs import input_hashes

    key = dataset_key(trial.config)
    if key not in known:
        try:
            known[key] = input_hashes(trial.config.data)
        except InputError:
            known[key] = {}
    before = manifest.inputs
    changed = [role for role, read in known[key].items() if before.get(role, read) != read]
    if changed:
        raise InputError(
            f"its {changed[0]} ({known[key][changed[0]]['source']}) changed since the run",
            where=store.path(trial),
            fix="remove the run to train it again, or put the file back",
        )
