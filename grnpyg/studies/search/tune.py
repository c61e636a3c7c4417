"""Run what is left of a tuning: every trial is an ordinary run, seen by its validation only."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from grnpyg.core.config import ExperimentConfig
from grnpyg.core.errors import GrnpygError, InputError
from grnpyg.core.files import require_writable
from grnpyg.experiment import run_experiment
from grnpyg.resolve import known_hashes
from grnpyg.runs import Run
from grnpyg.runs.place import find_run
from grnpyg.studies.datasets import Datasets
from grnpyg.studies.search.journal import next_params, opened, require_optuna, study_of
from grnpyg.studies.search.tuning import Candidate, Tuning
from grnpyg.training.prepare import prepare
from grnpyg.training.train import TrainOptions

if TYPE_CHECKING:
    import optuna


@dataclass(frozen=True)
class Trial:
    """A finished trial.

    Attributes:
        model: its name.
        number: counted from 1.
        params: config key -> value.
        config: of its run.
        value: the objective; None where the training diverged.
    """

    model: str
    number: int
    params: Mapping[str, Any]
    config: ExperimentConfig
    value: float | None


@dataclass(frozen=True)
class ModelResult:
    """What a model's trials gave.

    Attributes:
        model: its name.
        trials: as many as every other model has.
    """

    model: str
    trials: tuple[Trial, ...]

    @property
    def ranked(self) -> list[Trial]:
        """The trials that have a value, the best first; of equal ones the earlier."""
        done = [trial for trial in self.trials if trial.value is not None]
        return sorted(done, key=lambda trial: (-(trial.value or 0.0), trial.number))


@dataclass(frozen=True)
class Event:
    """What happened to a trial: `started`, `done`, `diverged` (with `error`) or `known` from before."""

    kind: Literal["started", "done", "diverged", "known"]
    trial: Trial
    error: str = ""


def tune(
    tuning: Tuning,
    options: TrainOptions = TrainOptions(),
    on_event: Callable[[Event], None] = lambda event: None,
) -> list[ModelResult]:
    """Run what is left of a tuning, the models in turn, and say how every trial did.

    A trial that was interrupted goes on from its checkpoint with the parameters it had, a finished one is
    never run again. A trial whose training diverges counts like any other. With more trials in the file than
    before, the further ones are run.

    Args:
        tuning: from `read_tuning`.
        options: where and how to train; `resume` and `overwrite` are the tuning's own.
        on_event: is told what happens.

    Raises:
        InputError: no Optuna, a journal of another tuning, or data that cannot be used.
        GrnpygError: no trial of a model has a value.
        KeyboardInterrupt: Ctrl-C; the same call goes on where it was.
    """
    require_optuna()
    require_writable(options.runs, "--runs")
    datasets = Datasets()
    with opened(options.runs / ".tuning" / tuning.name) as storage:
        studies = [(candidate, study_of(storage, tuning, candidate)) for candidate in tuning.candidates]
        for number in range(tuning.trials):
            for candidate, study in studies:
                trials = study.trials
                if number < len(trials) and trials[number].state.is_finished():
                    on_event(Event("known", _trial(candidate, trials[number])))
                    continue
                if number == len(trials):
                    _draw(study, tuning, candidate)
                trial = _trial(candidate, study.trials[number])
                on_event(Event("started", trial))
                error = _run(study, number, trial.config, tuning, options, datasets)
                kind: Literal["done", "diverged"] = "diverged" if error else "done"
                on_event(Event(kind, _trial(candidate, study.trials[number]), error))
        results = [
            ModelResult(c.name, tuple(_trial(c, t) for t in study.trials[: tuning.trials]))
            for c, study in studies
        ]
    for result in results:
        if not result.ranked:
            raise GrnpygError(f"every trial of the model {result.model} diverged: lower its training.lr")
    return results


def _draw(study: optuna.Study, tuning: Tuning, candidate: Candidate) -> None:
    """Write the next trial with all its parameters, in one line of the journal."""
    import optuna

    params, distributions = next_params(study.trials, tuning, candidate)
    running = optuna.trial.TrialState.RUNNING
    study.add_trial(optuna.trial.create_trial(state=running, params=params, distributions=distributions))


def _run(
    study: optuna.Study,
    number: int,
    config: ExperimentConfig,
    tuning: Tuning,
    options: TrainOptions,
    datasets: Datasets,
) -> str:
    """Train a trial and write down its value; the error where training diverged, else nothing."""
    import optuna

    again = TrainOptions(
        options.runs, options.device, options.devices, resume=True, progress=options.progress
    )
    try:
        run = run_experiment(config, again, prepared=lambda: prepare(config, datasets.get(config)))
    except InputError:
        raise
    except GrnpygError as error:
        study.tell(number, state=optuna.trial.TrialState.PRUNED)  # to the sampler the worst that there is
        return str(error)
    finally:
        gc.collect()  # a trainer and its model refer to each other
    _require_complete(run)
    study.tell(number, tuning.objective.mean(tuning.objective.values(run)))
    return ""


def _require_complete(run: Run) -> None:
    if run.manifest.status == "complete":
        return
    if run.reused:
        raise InputError(
            "was interrupted and its checkpoint is gone", where=run.path, fix="remove it to train it again"
        )
    raise KeyboardInterrupt


def _trial(candidate: Candidate, frozen: optuna.trial.FrozenTrial) -> Trial:
    """A trial as the caller knows it; the config follows from the parameters."""
    params = {key: frozen.params[key] for key in candidate.space}
    try:
        config = candidate.config(params)
    except InputError as error:
        at = " ".join(f"{key}={value}" for key, value in params.items())
        raise InputError(str(error), where=f"model {candidate.name}, {at}") from None
    value = frozen.values[0] if frozen.values else None
    return Trial(candidate.name, frozen.number + 1, params, config, value)


def best_run(runs: Path, result: ModelResult) -> Path:
    """Where the run of a model's best trial lies."""
    return find_run(runs, known_hashes(result.ranked[0].config))
