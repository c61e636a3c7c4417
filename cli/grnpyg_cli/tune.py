"""`grnpyg tune`: search a space on validation, with the same number of trials for every model."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from grnpyg_cli import executor_options as x
from grnpyg_cli import options as o
from grnpyg_cli.output import Json, number, print_json, print_table, say

if TYPE_CHECKING:
    from grnpyg.studies.executors import Event
    from grnpyg.studies.search import Draw, ModelResult, Tuning


def tune(
    file: Annotated[Path, typer.Argument(metavar="TUNING.yaml", help="The tuning.", show_default=False)],
    runs: o.Runs = Path("runs"),
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of best-MODEL.yaml.")] = Path(),
    top: Annotated[int, typer.Option(min=1, help="How many trials of each model to show.")] = 5,
    jobs: x.Jobs = None,
    threads: o.Threads = None,
    device: o.Device = "auto",
    executor: x.Name = None,
    executor_options: x.Options = None,
    seed: o.Seed = None,
    as_json: Json = False,
) -> None:
    """Tune the models of a file with equal budgets, on validation only; write best-MODEL.yaml for each.

    Every trial is an ordinary run. A stopped tuning continues where it was. With --jobs, models are tuned in
    parallel. The trials of one model are drawn one by one, or `batch` at a time if the file sets that,
    independent of --jobs. The file has a base config, a space, models, trials and an objective:

    {base: recipe:best-practice-dual, trials: 20, objective: auroc@degree_matched,
    models: {dual: {}, cross: recipe:best-practice-cross},
    space: {training.lr: {low: 0.0001, high: 0.01, log: true}, encoder.embedding_dim: {choices: [128, 512]}}}

    Example: grnpyg tune tuning.yaml && grnpyg train --config best-dual.yaml
    """
    from grnpyg.core import check_output
    from grnpyg.studies.search import read_tuning
    from grnpyg.studies.search import tune as run_tuning
    from grnpyg_cli.study_progress import StudyProgress

    chosen = x.make_executor(
        executor, executor_options, jobs=jobs, threads=threads, device=None if device == "auto" else device
    )
    tuning = read_tuning(file, seed)
    for candidate in tuning.candidates:
        check_output(_best(output, candidate.name), (".yaml",))
    total, best = tuning.trials * len(tuning.candidates), dict[str, float]()
    try:
        with StudyProgress([], x.at_a_time(chosen), bar=sys.stderr.isatty(), total=total) as progress:

            def note(event: Event, draw: Draw) -> None:
                progress.note(event, _line(tuning, event, draw, best))

            results = run_tuning(tuning, runs, chosen, note)
    except KeyboardInterrupt:
        say("interrupted: finished trials and checkpoints are kept; the same command continues with them")
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


def _line(tuning: Tuning, event: Event, draw: Draw, best: dict[str, float]) -> str:
    """The line for a trial that has just got its value."""
    if draw.value is None:
        return ""
    best[draw.model] = max(draw.value, best.get(draw.model, draw.value))
    if event.kind == "reused":
        return ""
    params = " ".join(f"{key}={_short(value)}" for key, value in draw.params.items())
    name = f"{draw.model}: trial {draw.number} of {tuning.trials}"
    return f"{name}: {number(draw.value)} (best {number(best[draw.model])}): {params}"


def _show(tuning: Tuning, result: ModelResult, runs: Path, top: int) -> None:
    """Print the best trials of a model, followed by the degree and additive scores."""
    from grnpyg.runs import Run
    from grnpyg.studies.search import best_run

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
    if path.is_dir():  # do not lose a finished trial
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
    from grnpyg.core import write_text

    best = result.ranked[0]
    text = (
        f"# Trial {best.number} of {len(result.trials)} of the model {result.model}, tuning {tuning.name}:\n"
        f"# {_objective(tuning)} on validation {best.value:.4f}. Written by `grnpyg tune`.\n"
        f"{best.trial.config.to_yaml()}"
    )
    write_text(_best(output, result.model), text)


def _described(tuning: Tuning, result: ModelResult, runs: Path, output: Path) -> dict[str, Any]:
    from grnpyg.runs import Run
    from grnpyg.studies.search import best_run

    path = best_run(runs, result)
    best = result.ranked[0]
    return {
        "model": result.model,
        "best": {**_of_trial(best), "run": str(path), "config": str(_best(output, result.model))},
        "baselines": tuning.objective.baselines(Run.load(path)) if path.is_dir() else {},
        "trials": [_of_trial(trial) for trial in result.trials],
    }


def _of_trial(draw: Draw) -> dict[str, Any]:
    return {
        "trial": draw.number,
        "value": draw.value,
        "params": dict(draw.params),
        "max_epochs": draw.trial.config.training.max_epochs,
        "config_hash": draw.trial.hash,
    }


def _best(output: Path, model: str) -> Path:
    return output / f"best-{model}.yaml"


def _objective(tuning: Tuning) -> str:
    names = tuning.objective.names
    return next(iter(names)) if len(names) == 1 else " + ".join(f"{w:g} {name}" for name, w in names.items())


def _short(value: Any) -> str:
    """A value for a line or a table; the file of the best trial has all digits."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
