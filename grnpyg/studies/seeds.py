"""Seeds of a trial trained together in one process, and the other trials by an executor as ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from grnpyg.core.errors import InputError, warn
from grnpyg.studies.executors import Event, Executor, OnEvent, Task
from grnpyg.studies.store import Store
from grnpyg.studies.trial import Trial, line_of

MODULE = "grnpyg.studies.seeds_task"


class SeedsTogether:
    """Trains seeds of a trial together, see `grnpyg.training.train_together`, in tasks of an executor.

    Trials that cannot be stacked, have no other seed beside them, or are begun already, are trained one by
    one by the same executor, and so is what a task did not bring to its end.

    Args:
        executor: trains the trials and runs the tasks.
        size: the most seeds that are trained together; memory grows with them.
        device: `auto`, `cpu` or `cuda`.

    Raises:
        InputError: the executor does not wait for its cluster.
    """

    def __init__(self, executor: Executor, size: int, *, device: str = "auto") -> None:
        if executor.detach:
            raise InputError(
                "the trials that cannot be trained together have to wait for the others",
                where="--batch-seeds",
                fix="leave --detach out",
            )
        self.executor, self.size, self.device = executor, size, device

    def run(self, trials: Iterable[Trial], store: Store, on_event: OnEvent) -> None:
        """See `Executor.run`."""
        first = list(trials)
        stacks = self._stacks([trial for trial in first if store.state(trial) in ("pending", "failed")])
        stacked = [trial for stack in stacks for trial in stack]
        for trial in stacked:
            on_event(Event("started", trial))
        lines = [{"device": self.device, "trials": [line_of(trial) for trial in stack]} for stack in stacks]
        tasks = self.executor.run_tasks(MODULE, lines, store.runs) if lines else []
        for task, stack in zip(tasks, stacks, strict=True):
            _say(task, stack, store)
        more = list[Trial]()
        for trial in stacked:
            if (manifest := store.manifest(trial)) is not None:
                more += on_event(Event("done", trial, manifest.seconds)) or ()
        hashes = {trial.hash for trial in stacked}
        left = [trial for trial in first if trial.hash not in hashes or store.manifest(trial) is None]
        self.executor.run([*left, *more], store, on_event)

    def _stacks(self, trials: Sequence[Trial]) -> list[list[Trial]]:
        """Trials that are trained together; says how many are not, and why."""
        from grnpyg.training import why_alone  # imports torch

        reasons = Counter[str]()
        families: dict[str, list[Trial]] = {}
        for trial in trials:
            if reason := why_alone(trial.config):
                reasons[reason] += 1
            else:
                but_the_seed = trial.config.model_copy(update={"seed": 0}).model_dump_json()
                families.setdefault(but_the_seed, []).append(trial)
        stacks = [
            family[start : start + self.size]
            for family in families.values()
            for start in range(0, len(family), self.size)
        ]
        reasons["no other seed is left beside it"] = sum(len(stack) == 1 for stack in stacks)
        alone = [f"{reason} ({count})" for reason, count in reasons.items() if count]
        if alone:
            what = f"{reasons.total()} of {len(trials)} trials are trained one by one: {'; '.join(alone)}"
            warn(what, where="--batch-seeds")
        return [stack for stack in stacks if len(stack) > 1]


def _say(task: Task, stack: Sequence[Trial], store: Store) -> None:
    """Pass on what a task said, or that it did not come to its end."""
    events = task.job.events(task.number)
    for line in (line for event in events for line in event.get("warnings", ())):
        warn(line)
    left = sum(store.manifest(trial) is None for trial in stack)
    if left:
        why = "a training diverged" if task.done else task.job.last_words(task.number)
        what = (
            f"{left} of {len(stack)} seeds of {stack[0].study}: {stack[0].name} are trained one by one: {why}"
        )
        warn(what, where="--batch-seeds")
