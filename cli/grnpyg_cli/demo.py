"""`grnpyg demo`: the main job, a network of the bundled immune cells."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

import grnpyg_data
from grnpyg_cli import options as o
from grnpyg_cli.network import run, show
from grnpyg_cli.output import Json, say

CELLS = grnpyg_data.path("immune.h5ad")
SEEDS = 1  # one training, to be quick; `grnpyg network` averages three


def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of the network.")] = Path("demo"),
    seed: o.Seed = None,
    as_json: Json = False,
) -> None:
    """Complete the network of the bundled immune cells: train one model, write network and regulons.

    Example: grnpyg demo
    """
    from grnpyg.pipeline import NetworkOptions, make_plan
    from grnpyg.studies.executors import executors

    started = time.perf_counter()
    plan = make_plan("bundled", NetworkOptions("bundled", seeds=SEEDS, seed=42 if seed is None else seed))
    for line in [*plan.report.lines(), *plan.lines(1)]:
        say(line)
    made = run(plan, output, executors.build("local", jobs=1), 1)
    show(made.summary, made.edges, output, CELLS, as_json=as_json)
    say(f"{time.perf_counter() - started:.0f} s in all")
