"""`grnpyg eval`: a run's stored pairs, scored again, beside the baselines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grnpyg_cli.output import Json, metric_lines, print_json, print_table, say


def evaluate(
    run: Annotated[Path, typer.Argument(help="Run directory.")],
    split: Annotated[str, typer.Option(help="test or validation.")] = "test",
    seed: Annotated[
        int | None, typer.Option(help="Must be the run's own: its pairs are stored, nothing is drawn.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Evaluate a run on its stored validation or test pairs, beside degree and additive baselines.

    Example: grnpyg eval runs/1f0c5d2a9b3e --split test
    """
    from grnpyg.errors import InputError, unknown
    from grnpyg.evaluation.evaluate import evaluate as evaluate_run
    from grnpyg.runs import Run

    if split not in ("validation", "test"):
        raise unknown("split", split, ("validation", "test"), where="--split")
    loaded = Run.load(run)
    if seed is not None and seed != loaded.config.seed:
        raise InputError(
            f"the run's evaluation pairs were drawn with seed {loaded.config.seed}",
            where="--seed",
            fix="train with another seed to draw others",
        )
    if loaded.manifest["status"] == "interrupted":
        say(f"note: this run was interrupted after epoch {loaded.manifest['epochs']}")
    result = evaluate_run(loaded, split)
    if as_json:
        print_json(result)
        return
    name = f"{loaded.config.encoder['name']} + {loaded.config.head['name']}"
    for regime, metrics in result["regimes"].items():
        rows = {name: metrics} | {row: regimes[regime] for row, regimes in result["baselines"].items()}
        counts = f"{metrics['positives']:,} positives, {metrics['negatives']:,} negatives"
        print_table(*metric_lines(rows), title=f"{split}, {regime} negatives ({counts})")
