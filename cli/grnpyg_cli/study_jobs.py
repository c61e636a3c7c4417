"""`grnpyg study cancel` and `grnpyg study logs`: the jobs of a study on a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grnpyg_cli import options as o
from grnpyg_cli.output import Json, print_json, say


def cancel(
    study: Annotated[Path, typer.Argument(metavar="STUDY.yaml", help="The study.", show_default=False)],
    runs: o.Runs = Path("runs"),
    as_json: Json = False,
) -> None:
    """Take the jobs of a study out of the cluster's queue. What is finished and every checkpoint are kept.

    Example: grnpyg study cancel balanced.yaml
    """
    from grnpyg.studies import cancel_trials, plan_at

    plan = plan_at(study, runs)
    cancelled = cancel_trials(runs, [trial.hash for trial in plan.trials if trial.hash])
    tasks = sorted(set(cancelled.values()))
    if as_json:
        content = {"study": plan.study, "runs": str(runs), "tasks": tasks, "trials": len(cancelled)}
        print_json(content)
    elif tasks:
        say(f"cancelled {len(tasks)} tasks with {len(cancelled)} trials: {', '.join(tasks[:10])}")
        say(f"next: grnpyg study status {study} --runs {runs}")
    else:
        say(f"nothing of the study {plan.study} is in the queue")


def logs(
    trial: Annotated[
        str, typer.Argument(metavar="TRIAL", help="The config's hash, as `status --trials` shows it.")
    ],
    runs: o.Runs = Path("runs"),
    as_json: Json = False,
) -> None:
    """Print what the job of a trial has printed, or the traceback of a trial that failed on this machine.

    Example: grnpyg study logs 1f0c5d2a9b3e
    """
    from grnpyg.studies import log_of

    found = log_of(runs, trial)
    if as_json:
        print_json({"trial": trial, "runs": str(runs), "log": str(found), "text": text_of(found)})
    else:
        say(f"log: {found}")
        typer.echo(text_of(found), nl=False)


def text_of(log: Path) -> str:
    """A log as text; of the record of a failure its traceback."""
    import json

    text = log.read_text(errors="replace")
    if log.suffix != ".json":
        return text
    try:
        content = json.loads(text)
        return f"{content['error']}\n{content['traceback']}"
    except (ValueError, LookupError, TypeError, RecursionError):
        return text
