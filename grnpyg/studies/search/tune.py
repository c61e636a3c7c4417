"""Run what is left of a tuning: models ask for trials, an executor trains them, their runs are the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TypeVar

from grnpyg.core.errors import GrnpygError
from grnpyg.core.files import require_writable
from grnpyg.runs import Run
from grnpyg.runs.place import find_run
from grnpyg.studies.executors import Event, Executor
from grnpyg.studies.run import run_trials
from grnpyg.studies.search.journal import Draw, ModelTrials, opened
from grnpyg.studies.search.tuning import MODEL, NUMBER, Tuning
from grnpyg.studies.store import Store
from grnpyg.studies.trial import Trial

T = TypeVar("T")


@dataclass(frozen=True)
class ModelResult:
    """The finished trials of a model.

    Attributes:
        model: its name.
        trials: as many as every other model has.
    """

    model: str
    trials: tuple[Draw, ...]

    @property
    def ranked(self) -> list[Draw]:
        """The trials that have a value, the best first; of equal ones the earlier."""
        done = [draw for draw in self.trials if draw.value is not None]
        return sorted(done, key=lambda draw: (-(draw.value or 0.0), draw.number))


def tune(
    tuning: Tuning,
    runs: Path,
    executor: Executor,
    on_event: Callable[[Event, Draw], None] = lambda event, draw: None,
) -> list[ModelResult]:
    """Run the trials of a tuning that are left and return how every trial did.

    Every trial is an ordinary run. A finished trial is never run again, and an interrupted one continues from
    its checkpoint with the same parameters. A trial whose training diverges counts like any other. If the
    file asks for more trials than before, the further ones are run. The trials of different models are
    trained in parallel, and so are those of one batch (`Tuning.batch`): what is drawn does not depend on the
    number of jobs.

    Args:
        tuning: from `read_tuning`.
        runs: folder of the run directories; the journal is kept in `.tuning` below it.
        executor: where the trials are trained, for example `LocalExecutor(jobs=4)`.
        on_event: is called with every event, and with the draw as it stands after it.

    Raises:
        InputError: the journal is of another tuning, or the data cannot be used.
        GrnpygError: a trial failed for another reason than divergence, or every trial of a model diverged.

    Example:
        >>> best = tune(read_tuning(Path("tuning.yaml")), Path("runs"), LocalExecutor(jobs=4))[0].ranked[0]
    """
    require_writable(runs, "--runs")
    store = Store(runs)
    with opened(runs / ".tuning" / tuning.name) as storage:
        models = {one.name: ModelTrials(storage, tuning, one) for one in tuning.candidates}

        def note(event: Event) -> Iterable[Trial]:
            model, number = models[event.trial.levels[MODEL]], int(event.trial.levels[NUMBER])
            if event.kind in ("done", "reused"):
                model.tell(number, tuning.objective.of(Run.load(store.path(event.trial))))
            elif event.kind == "failed" and store.diverged(event.trial):
                model.tell(number, None)
            on_event(event, model.draw(number))
            return model.ask()

        for draw in _in_turn(model.finished for model in models.values()):
            on_event(Event("reused", draw.trial), draw)
        first = _in_turn(model.ask() for model in models.values())
        summary = run_trials(first, runs, executor, note)
        results = [ModelResult(name, tuple(model.finished)) for name, model in models.items()]
    for trial, error in summary.failed:
        if not store.diverged(trial):
            raise GrnpygError(f"{trial.name} failed: {error}. The same command tries it again")
    if summary.interrupted:
        trial, reason = summary.interrupted[0]
        raise GrnpygError(f"{trial.name} was interrupted: {reason}. The same command goes on with it")
    for result in results:
        if not result.ranked:
            raise GrnpygError(f"every trial of the model {result.model} diverged: lower its training.lr")
    return results


def _in_turn(lists: Iterable[list[T]]) -> list[T]:
    """The first of every list, then the second of every list, ..."""
    return [one for turn in zip_longest(*lists) for one in turn if one is not None]


def best_run(runs: Path, result: ModelResult) -> Path:
    """The directory of a model's best trial."""
    return find_run(runs, result.ranked[0].trial.hashes)
