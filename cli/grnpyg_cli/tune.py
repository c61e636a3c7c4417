"""`grnpyg tune`: search a space on validation, with the same number of trials for every model."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from grnpyg_cli import options as o
from grnpyg_cli.output import Json, number, print_json, print_table, say

if TYPE_CHECKING:
    from grnpyg.studies.search import Event, ModelResult, Trial, Tuning


def tune(
    file: Annotated[Path, typer.Argument(metavar="TUNING.yaml", help="The tuning.", show_default=False)],
    runs: o.Runs = Path("runs"),
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of best-MODEL.yaml.")] = Path(),
    top: Annotated[int, typer.Option(min=1, help="How many trials of each model the tables show.")] = 5,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    seed: o.Seed = None,
    as_json: Json = False,
) -> None:
    """Tune the models of a file with equal budgets, by validation alone; write best-MODEL.yaml for each.

    Every trial is an ordinary run; a tuning that was stopped goes on where it was. The file
    has a base config, a space, models, trials and an objective:

    {base: recipe:best-practice-dual, trials: 20, objective: auroc@degree_matched,
    models: {dual: {}, cross: recipe:best-practice-cross},
    space: {training.lr: {low: 0.0001, high: 0.01, log: true}, encoder.embedding_dim: {choices: [128, 512]}}}

    Example: grnpyg tune tuning.yaml && grnpyg train --config best-dual.yaml
    """
    from grnpyg.core.errors import unknown
    from grnpyg.core.files import check_output
    from grnpyg.studies.search.journal import require_optuna

    if device not in ("auto", "cpu", "cuda"):
        raise unknown("device", device, ("auto", "cpu", "cuda"), where="--device")
    require_optuna()
    from grnpyg.studies.search import read_tuning
    from grnpyg.studies.search import tune as run_trials
    from grnpyg.training.train import TrainOptions

    tuning = read_tuning(file, seed)
    for candidate in tuning.candidates:
        check_output(_best(output, candidate.name), (".yaml",))
    options = TrainOptions(runs, device, progress=sys.stderr.isatty())
    try:
        results = run_trials(tuning, options, Progress(tuning).note)
    except KeyboardInterrupt:
        say("interrupted: finished trials and checkpoints are kept; the same command goes on with them")
        raise typer.Exit(1) from None
    for result in results:
        _write_best(tuning, result, output)
    if as_json:
        objective, models = tuning.objective.names, [_described(tuning, r, runs, output) for r in results]
        print_json(
            {
                "tuning": tuning.name,
                "runs": str(runs),
                "objective": objective,
                "trials": tuning.trials,
                "seed": tuning.seed,
                "models": models,
            }
        )
        return
    for result in results:
        _show(tuning, result, runs, top)
    for result in results:
        say(f"next: grnpyg train --config {_best(output, result.model)} --runs {runs}")


class Progress:
    """A line on stderr for every trial that ends, with the time left.

    Args:
        tuning: what is run.
    """

    def __init__(self, tuning: Tuning) -> None:
        self._tuning = tuning
        self._best: dict[str, float] = {}
        self._ended = self._known = 0
        self._start = time.perf_counter()

    def note(self, event: Event) -> None:
        """Show what happened."""
        from grnpyg.studies.estimate import duration

        if event.kind == "started":
            return
        trial, total = event.trial, self._tuning.trials * len(self._tuning.candidates)
        self._ended += 1
        self._known += event.kind == "known"
        if trial.value is not None:
            self._best[trial.model] = max(trial.value, self._best.get(trial.model, trial.value))
        if event.kind == "known":
            return
        spent = (time.perf_counter() - self._start) / (self._ended - self._known)
        left = duration(spent * (total - self._ended))
        what = event.error if event.kind == "diverged" else number(trial.value)
        best = number(self._best.get(trial.model))
        name = f"{trial.model}: trial {trial.number} of {self._tuning.trials}"
        say(f"{name}: {what} (best {best}): {_words(trial)}; {left} left")


def _show(tuning: Tuning, result: ModelResult, runs: Path, top: int) -> None:
    """The best trials of a model, degree and additive baselines below."""
    from grnpyg.runs import Run
    from grnpyg.studies.search.tune import best_run

    keys = list(result.trials[0].params)
    rows = [
        [
            str(trial.number),
            number(trial.value),
            *map(_short, trial.params.values()),
        ]
        for trial in result.ranked[:top]
    ]
    path = best_run(runs, result)
    if path.is_dir():  # a finished trial is not missed
        rows += [
            [row, number(value), *("" for _ in keys)]
            for row, value in tuning.objective.baselines(Run.load(path)).items()
        ]
    title = f"{result.model}: best of {len(result.trials)} trials by {_objective(tuning)} on validation"
    ends = [key.rpartition(".")[2] for key in keys]
    headings = [end if ends.count(end) == 1 else key for key, end in zip(keys, ends, strict=True)]
    print_table(["trial", "value", *(text.replace("_", " ") for text in headings)], rows, title=title)
    typer.echo(f"run: {path}")


def _write_best(tuning: Tuning, result: ModelResult, output: Path) -> None:
    """Write the config file of the best trial, whole or not at all."""
    from grnpyg.core.files import write_text

    best = result.ranked[0]
    text = (
        f"# Trial {best.number} of {len(result.trials)} of the model {result.model}, tuning {tuning.name}:\n"
        f"# {_objective(tuning)} on validation {best.value:.4f}. Written by `grnpyg tune`.\n"
        f"{best.config.to_yaml()}"
    )
    write_text(_best(output, result.model), text)


def _described(tuning: Tuning, result: ModelResult, runs: Path, output: Path) -> dict[str, Any]:
    from grnpyg.runs import Run
    from grnpyg.studies.search.tune import best_run

    path = best_run(runs, result)
    best = result.ranked[0]
    return {
        "model": result.model,
        "best": {**_of_trial(best), "run": str(path), "config": str(_best(output, result.model))},
        "baselines": tuning.objective.baselines(Run.load(path)) if path.is_dir() else {},
        "trials": [_of_trial(trial) for trial in result.trials],
    }


def _of_trial(trial: Trial) -> dict[str, Any]:
    from grnpyg.resolve import config_hash

    return {
        "trial": trial.number,
        "value": trial.value,
        "params": dict(trial.params),
        "max_epochs": trial.config.training.max_epochs,
        "config_hash": config_hash(trial.config),
    }


def _best(output: Path, model: str) -> Path:
    return output / f"best-{model}.yaml"


def _objective(tuning: Tuning) -> str:
    names = tuning.objective.names
    return next(iter(names)) if len(names) == 1 else " + ".join(f"{w:g} {name}" for name, w in names.items())


def _words(trial: Trial) -> str:
    return " ".join(f"{key}={_short(value)}" for key, value in trial.params.items())


def _short(value: Any) -> str:
    """A value for a line or a table; the file of the best trial has every digit."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
