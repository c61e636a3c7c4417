"""`grnpyg train`: one model, from data to run directory."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from grnpyg_cli import options as o
from grnpyg_cli.groups import grouped
from grnpyg_cli.metric_tables import set_lines
from grnpyg_cli.output import Json, print_json, print_table, say

if TYPE_CHECKING:
    from grnpyg.core import ExperimentConfig
    from grnpyg.runs import Run
    from grnpyg.training import Prepared, TrainOptions


@grouped
def train(
    data: o.DataOptions,
    experiment: o.ExperimentOptions,
    encoder: Annotated[
        str | None, typer.Option(help="Node encoder: a name or my_file:MyEncoder. (default: the recipe's)")
    ] = None,
    head: Annotated[
        str | None, typer.Option(help="Head: a name or my_file:MyHead. (default: the recipe's)")
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(help="Fit this baseline in place of encoder and head: see `grnpyg list baselines`."),
    ] = None,
    ratio: Annotated[
        float | None, typer.Option(help="Training negatives per positive. (default: the recipe's)")
    ] = None,
    max_epochs: Annotated[
        int | None, typer.Option(help="0: only build the model and count parameters. (default: the recipe's)")
    ] = None,
    precision: Annotated[Literal["fp32", "bf16"] | None, typer.Option(help="(default: fp32)")] = None,
    control: Annotated[
        str | None,
        typer.Option(help="Remove what a score should come from: see `grnpyg list controls`."),
    ] = None,
    match: Annotated[
        str | None,
        typer.Option(help="Parameter count, or a run with that count, to match by changing widths."),
    ] = None,
    teacher: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN",
            help="Learn the scores of this run as well: `training.teacher`. It lies in --runs.",
        ),
    ] = None,
    runs: o.Runs = Path("runs"),
    device: o.Device = "auto",
    devices: Annotated[
        int | None,
        typer.Option(min=1, help="Devices of this machine that share each batch. (default: 1)"),
    ] = None,
    nodes: Annotated[
        int | None,
        typer.Option(min=1, help="Machines that share each batch, started by torchrun or srun."),
    ] = None,
    run_dir: Annotated[
        Path | None,
        typer.Option("--run-dir", help="The run directory itself, in place of one in --runs."),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Continue an interrupted run; with --resume=auto, do what is left, if anything."
        ),
    ] = False,
    resume_auto: Annotated[bool, typer.Option("--resume-auto", hidden=True)] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Train again, replacing a run.")] = False,
    keep_optimizer: Annotated[
        bool,
        typer.Option("--keep-optimizer", help="Store the state of Adam for `prune --optimizer carried`."),
    ] = False,
    trackers: Annotated[
        list[str] | None,
        typer.Option(
            "--tracker",
            metavar="NAME[:FOLDER]",
            help="Also tell mlflow, tensorboard or wandb of the training. May be repeated.",
        ),
    ] = None,
    trust_plugins: o.TrustPlugins = False,
    as_json: Json = False,
) -> None:
    """Train one model, or fit a baseline, and write its run directory; show its validation metrics.

    Where no option names an encoder, a head or a baseline, the model is that of the recipe best. Beside a
    named encoder the head is dual, beside a named head the encoder is lookup, trained for 60 epochs.

    Example: grnpyg train --data brain --labels symbol-labels --head cross --seed 1
    """
    from grnpyg.core import InputError, agreed_devices, launched
    from grnpyg.training import TrainOptions, joined

    launch = launched()
    with joined(launch) as ranks:
        if baseline is not None:
            refuse_with_baseline(
                encoder=encoder,
                head=head,
                max_epochs=max_epochs,
                precision=precision,
                match=match,
                keep_optimizer=keep_optimizer or None,
                teacher=teacher,
            )
        if (resume or resume_auto) and overwrite:
            raise InputError(
                "--resume goes on with a run and --overwrite forgets it", where="grnpyg train", fix="give one"
            )
        options = TrainOptions(
            runs,
            device,
            agreed_devices(launch, devices, nodes),
            "auto" if resume_auto else resume,
            overwrite,
            progress=sys.stderr.isatty(),
            keep_optimizer=keep_optimizer,
            run_dir=run_dir,
            ranks=ranks,
            trackers=tuple(trackers or ()),
        )
        training = {"max_epochs": max_epochs, "precision": precision}
        sections = {
            "data": data.section,
            "training": {key: value for key, value in training.items() if value is not None},
            "negatives": {} if ratio is None else {"ratio": ratio},
        }
        if teacher is not None:
            sections["training"]["teacher"] = {"changes": config_of(teacher, options, trust_plugins)}
        if control is not None:
            assignments = [*(experiment.assignments or []), f"control={control}"]
            experiment = replace(experiment, assignments=assignments)
        named = {"encoder": encoder, "head": head, "baseline": baseline}
        run = trained(experiment, sections, named, options, match, trust_plugins)
        if run is not None:
            show(run, as_json)


def config_of(teacher: Path, options: TrainOptions, trust_plugins: bool) -> dict[str, Any]:
    """The config of a run that is to teach another one."""
    from grnpyg.core import InputError
    from grnpyg.runs import Run

    run = Run.load(teacher, trust_plugins=trust_plugins)
    runs = options.runs if options.run_dir is None else options.run_dir.parent
    if run.path.resolve().parent != runs.resolve():
        raise InputError(
            f"lies in another folder than the new run, which belongs in {runs}",
            where=f"--teacher {teacher}",
            fix=f"give --runs {teacher.parent}",
        )
    return run.config.model_dump(mode="json")


def trained(
    experiment: o.ExperimentOptions,
    sections: dict[str, Any],
    named: dict[str, str | None],
    options: TrainOptions,
    match: str | None,
    trust_plugins: bool,
) -> Run | None:
    """Make the config and train it; None in the processes that only share the batches of the first one."""
    from grnpyg import recipes
    from grnpyg import train as train_run
    from grnpyg.training import follow

    follows = options.ranks is not None and not options.ranks.first
    tell = _silent if follows else say
    config = experiment.make(sections, named, default=recipes.BEST if match is None else None)
    if experiment.recipe is not None:
        tell(f"recipe {experiment.recipe}: {recipes.summary(experiment.recipe)}")
        tell(f"measured: {recipes.measured_line(experiment.recipe)}")
    prepared: Callable[[], Prepared] | None = None
    if match is not None:
        config, prepared, note = matched(config, match, trust_plugins)
        tell(note)
        options = replace(options, notes=(note,))
    if follows:
        follow(config, options, prepared=prepared)
        return None
    return train_run(config, options, prepared=prepared, say=tell)


def _silent(line: str) -> None:
    pass


def show(run: Run, as_json: bool) -> None:
    """Print the validation metrics of a run, and what to know about them.

    Raises:
        typer.Exit: code 1, if the training was interrupted.
    """
    from grnpyg.metrics import MethodTable

    manifest = run.manifest
    setting = run.config.monitored_among(manifest.split.negatives_reached)[0]
    metrics = MethodTable.from_lines(run.metrics("validation", [setting])).to_dict()
    if as_json:
        model, *others = ("model", *(name for name in metrics if name.startswith("model_")))
        print_json(
            {
                "run": str(run.path),
                "status": manifest.status,
                "reused": run.reused,
                "config_hash": manifest.config_hash,
                "parameters": manifest.parameters.total,
                "parameters_by_part": manifest.parameters.to_dict(),
                "handed_out": manifest.handed_out or "model",
                "best_epoch": manifest.best_epoch,
                "epochs": manifest.epochs,
                "validation": metrics.pop(model, {}),
                "other_weights": {name: metrics.pop(name) for name in others if name in metrics},
                "baselines": metrics,
                "seconds": manifest.seconds,
            }
        )
    else:
        name = run.config.model_name
        headings, lines = set_lines(
            {(name if method == "model" else method): m for method, m in metrics.items()}
        )
        title = f"validation, {setting} negatives {run.config.evaluation.ratio:g}:1"
        print_table(headings, lines, title=title)
        for line in shortfalls(run):
            say(f"note: {line}")
        beaten(run)
        if run.config.baseline is None:
            say(f"best epoch {manifest.best_epoch} of {manifest.epochs}")
        typer.echo(f"run: {run.path}")
        say(f"next: grnpyg eval {run.path}")
    if manifest.status == "complete" and improving_at_the_end(run):
        say(f"note: the last epoch, {manifest.epochs}, was the best: a larger --max-epochs may give more")
    if manifest.status == "interrupted":
        say(f"interrupted: the best weights so far are kept in {run.path}; continue with --resume")
        raise typer.Exit(1)


def refuse_with_baseline(**options: object) -> None:
    """Refuse options of trained models together with `--baseline`."""
    from grnpyg.core import InputError

    for name, value in options.items():
        if value is not None:
            option = f"--{name.replace('_', '-')}"
            raise InputError(
                f"{option} is for models that are trained", where="--baseline", fix="leave one of them out"
            )


def improving_at_the_end(run: Run) -> bool:
    """Whether training ended at `max_epochs` with its best epoch last."""
    last = run.config.training.max_epochs
    return run.config.baseline is None and last > 0 and run.manifest.best_epoch == last


def beaten(run: Run) -> None:
    """Say where a baseline beats the trained model on validation pairs, and which one the run scores with."""
    from grnpyg.evaluation import stronger_baseline

    if run.config.baseline is not None or not run.config.training.max_epochs:
        return
    stronger = stronger_baseline(run.config, run.metrics("validation"))
    if stronger is None:
        return
    if run.manifest.handed_out is None:
        say(f"note: {stronger}; `--set fallback=true` lets the run score with it")
    else:
        say(f"note: {stronger}; this run scores with it (`--set fallback=false` keeps the model)")


def shortfalls(run: Run) -> list[str]:
    """Sentences on evaluation negatives that fell short of the ratio asked for."""
    from grnpyg.evaluation import sentence

    lines = [
        sentence(facts, setting, run.config.evaluation.ratio)
        for setting, subsets in run.manifest.split.negatives_reached.items()
        for facts in subsets.values()
    ]
    return [line for line in lines if line]


def matched(
    config: ExperimentConfig, reference: str, trust_plugins: bool = False
) -> tuple[ExperimentConfig, Callable[[], Prepared], str]:
    """The config with widths that match a parameter count or that of a run, and how well they do."""
    from grnpyg.core import InputError
    from grnpyg.models import match
    from grnpyg.runs import Run
    from grnpyg.training import prepare

    if config.baseline is not None:
        raise InputError("a baseline has no widths to match", where="--match", fix="leave it out")
    digits = reference.replace(",", "").replace("_", "")
    if digits.isdecimal() and int(digits) > 0:
        budget = int(digits)
    elif Path(reference).is_dir():
        budget = Run.load(Path(reference), trust_plugins=trust_plugins).manifest.parameters.total
    else:
        raise InputError(f"{reference!r} is neither a parameter count nor a run directory", where="--match")
    prepared = prepare(config)
    encoder, head, count = match(prepared.grn.graph, config.encoder, config.head, budget)
    difference = 100 * (count - budget) / budget
    note = f"matched to {budget:,} parameters: {count:,} ({difference:+.3f} %)"
    return config.model_copy(update={"encoder": encoder, "head": head}), lambda: prepared, note
