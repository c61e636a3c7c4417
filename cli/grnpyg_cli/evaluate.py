"""`grnpyg eval`: evaluate a run and the baselines on held-out pairs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grnpyg_cli import options as o
from grnpyg_cli.metric_tables import calibration_lines, ranking_lines, set_lines
from grnpyg_cli.output import Json, print_json, print_table, say

if TYPE_CHECKING:
    from grnpyg.evaluation import SubsetResult


def evaluate(
    run: Annotated[Path, typer.Argument(help="Run directory.")],
    split: Annotated[
        str,
        typer.Option(help="Held-out subset: test (all test subsets), validation, test_cold_tf, ..."),
    ] = "test",
    negatives: Annotated[
        str | None,
        typer.Option(help="Settings, such as uniform,same_tf,degree_matched,hard. (default: all stored)"),
    ] = None,
    ranking: Annotated[
        bool, typer.Option("--ranking", help="Also rank all genes for each TF; scores every pair.")
    ] = False,
    calibrate: Annotated[
        str | None, typer.Option(help="temperature, isotonic or none: fit on validation, report on the test.")
    ] = None,
    prior: Annotated[
        float | None,
        typer.Option(help="Share of true edges among pairs to score. (default: density of the labels)"),
    ] = None,
    resamples: Annotated[int, typer.Option(min=0, help="Bootstrap resamples behind the intervals.")] = 1000,
    seed: Annotated[
        int | None, typer.Option(help="Must equal the run's seed: its pairs are stored, none are drawn.")
    ] = None,
    trust_plugins: o.TrustPlugins = False,
    as_json: Json = False,
) -> None:
    """Evaluate a run on its held-out pairs; the gain over node degree comes first.

    Example: grnpyg eval runs/1f0c5d2a9b3e --negatives uniform,same_tf,degree_matched,hard --ranking
    """
    from grnpyg.core import InputError
    from grnpyg.evaluation import EvalOptions
    from grnpyg.evaluation import evaluate as evaluate_run
    from grnpyg.runs import Run

    loaded = Run.load(run, trust_plugins=trust_plugins)
    if seed is not None and seed != loaded.config.seed:
        raise InputError(
            f"the run's evaluation pairs were drawn with seed {loaded.config.seed}",
            where="--seed",
            fix="train with another seed to draw others",
        )
    if loaded.manifest.status == "interrupted":
        say(f"note: this run was interrupted after epoch {loaded.manifest.epochs}")
    settings = [] if negatives is None else [name.strip() for name in negatives.split(",") if name.strip()]
    options = EvalOptions(settings, ranking, resamples, calibrate, prior)
    result = evaluate_run(loaded, split, options)
    if as_json:
        print_json(result.to_dict())
        return
    name = loaded.config.model_name
    if result.leaks:
        leaks = ", ".join(result.leaks)
        say(f"note: this run leaks ({leaks}): compare only with runs on the same split and negatives")
    if loaded.config.control:
        say(f"note: control {loaded.config.control}")
    for subset, own in result.subsets.items():
        _show(subset, {result.model: name}, own, loaded.config.evaluation.ratio)


def _show(subset: str, names: dict[str, str], result: SubsetResult, ratio: float) -> None:
    """Print the tables of a subset; `names` gives the display names of methods."""
    from grnpyg.evaluation import sentence

    for setting, table in result.settings.items():
        reached = result.negatives[setting]
        counts = f"{reached.positives:,} positives, {reached.negatives:,} negatives"
        methods = {names.get(method, method): metrics for method, metrics in table.items()}
        print_table(*set_lines(methods), title=f"{subset}, {setting} negatives ({counts})")
        if line := sentence(reached, setting, ratio):
            say(f"note: {line}")
    if result.ranking is not None:
        methods = {names.get(method, method): metrics for method, metrics in result.ranking.metrics.items()}
        tfs = next(iter(methods.values()))["ranked_tfs"]
        print_table(*ranking_lines(methods), title=f"{result.ranking.universe} ({tfs} TFs averaged)")
    if result.calibration:
        prior = next(iter(result.calibration.values())).prior
        title = f"{subset}: calibration where {prior:.3g} are true edges"
        print_table(*calibration_lines(result.calibration), title=title)
