"""`grnpyg demo`: the main task on the bundled data."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from grnpyg_cli import options as o
from grnpyg_cli.metric_tables import signed
from grnpyg_cli.output import Json, number, print_json, print_table, say

if TYPE_CHECKING:
    from grnpyg.evaluation import EvaluationResult

CONFIG = Path(__file__).with_name("demo.yaml")


def demo(runs: o.Runs = Path("runs"), seed: o.Seed = None, as_json: Json = False) -> None:
    """Train a dual and a cross encoder of equal size on the bundled data; test both beside the baselines.

    Example: grnpyg demo
    """
    import typer

    from grnpyg.core import read_yaml
    from grnpyg.evaluation import evaluate
    from grnpyg.models import count_parameters, match
    from grnpyg.resolve import make_config
    from grnpyg.training import TrainOptions, prepare, train

    started = time.perf_counter()
    values = read_yaml(CONFIG) | ({} if seed is None else {"seed": seed})
    dual, cross = (make_config({**values, "head": {**values["head"], "name": h}}) for h in ("dual", "cross"))
    prepared = prepare(dual)
    for line in prepared.grn.report.lines():
        say(line)
    graph = prepared.grn.graph
    budget = count_parameters(graph, dual.encoder, dual.head)
    encoder, head, reached = match(graph, cross.encoder, cross.head, budget)
    cross = cross.model_copy(update={"encoder": encoder, "head": head})
    note = f"matched to {budget:,} parameters: {reached:,}"
    options = TrainOptions(runs, resume=True, progress=sys.stderr.isatty(), notes=(note,))
    loaded = time.perf_counter()
    trained = {}
    for config in (dual, cross):
        say(f"training lookup + {config.head['name']}")
        trained[config.head["name"]] = train(config, options, prepared=lambda: prepared)
        if trained[config.head["name"]].manifest.status == "interrupted":
            say("interrupted: run `grnpyg demo` again to continue")
            raise typer.Exit(1)
    training_seconds = time.perf_counter() - loaded
    results = {name: evaluate(run, "test") for name, run in trained.items()}
    best = max(results, key=lambda name: results[name].subsets["test"].settings["uniform"]["model"]["ap"])
    next_command = f"grnpyg predict {trained[best].path} --top 1000 -o edges.tsv"
    if as_json:
        print_json(
            {
                "counts": prepared.grn.report.counts,
                "models": {name: result.to_dict() for name, result in results.items()},
                "training_seconds": round(training_seconds, 1),
                "seconds": round(time.perf_counter() - started, 1),
                "next": next_command,
            }
        )
        return
    print_table(
        *lines(results, best), title="test AUROC, negatives 1:1 (over degree: uniform negatives, x100)"
    )
    typer.echo("With uniform negatives node degree is hard to beat; the other columns rule it out.")
    for name, run in trained.items():
        typer.echo(f"{name}: {run.path}")
    say(f"trained in {training_seconds:.0f} s, {time.perf_counter() - started:.0f} s in all")
    typer.echo(f"next: {next_command}")


def lines(results: Mapping[str, EvaluationResult], best: str) -> tuple[list[str], list[list[str]]]:
    """Headings and lines of the demo's table: both models, then the baselines, a column for each setting."""
    tables = {name: result.subsets["test"].settings for name, result in results.items()}
    methods = {name: (own, "model") for name, own in tables.items()}
    methods |= {name: (tables[best], name) for name in tables[best]["uniform"] if name != "model"}
    settings = [*tables[best]]
    headings = ["", "over degree", *(name.removeprefix("degree_").replace("_", " ") for name in settings)]
    return headings, [
        [
            name,
            signed(own["uniform"][method], "gain_over_degree"),
            *(number(own[setting][method]["auroc"], 3) for setting in settings),
        ]
        for name, (own, method) in methods.items()
    ]
