"""`grnpyg bench`: models and baselines on the same pairs, with what they cost."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grnpyg_cli import options as o
from grnpyg_cli.output import Json, print_json, print_table, say

if TYPE_CHECKING:
    from grnpyg.studies.bench import BenchTable

SUFFIXES = (".md", ".csv")


def bench(
    suite: Annotated[Path, typer.Argument(metavar="SUITE.yaml", help="The suite.", show_default=False)],
    runs: o.Runs = Path("runs"),
    seed: Annotated[
        int | None, typer.Option(min=0, help="This seed alone. (default: those of the suite)")
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(min=1, help="Of each process; decides the last bits. (default: processors)"),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="bench.md or bench.csv")] = None,
    as_json: Json = False,
) -> None:
    """Run every entry of a suite on the same split and pairs, each in a process of its own, and compare.

    What is there already is not run again. Degree and additive rows are always shown. Exit code 1 if an entry
    failed.

    Example: grnpyg bench suite.yaml --seed 42 -o bench.md
    """
    from grnpyg.core.files import check_output, write_text
    from grnpyg.studies.bench import bench_table, read_suite, run_suite
    from grnpyg.studies.bench.table import render
    from grnpyg_cli.study import failure
    from grnpyg_cli.study_progress import StudyProgress

    if output is not None:
        check_output(output, SUFFIXES)
    loaded = read_suite(suite, () if seed is None else (seed,))
    try:
        with StudyProgress([loaded.study], 1, bar=sys.stderr.isatty()) as progress:
            summary = run_suite(loaded, runs, progress.note, threads=threads, device=device)
    except KeyboardInterrupt:
        say("interrupted: finished entries are kept; the same command goes on with the others")
        raise typer.Exit(1) from None
    say(f"{len(summary.done)} done now, {len(summary.reused)} before, {len(summary.failed)} failed")
    for trial, error in summary.failed:
        say(f"failed: {trial.name}: {error}")
    table = bench_table(loaded, runs) if len(summary.failed) < len(loaded.study.trials) else None
    if output is not None and table is not None:
        write_text(output, render(table, output.suffix))
        say(f"table in {output}")
    if as_json:
        print_json(
            {
                "suite": loaded.study.name,
                "runs": str(runs),
                "trials": len(loaded.study.trials),
                "reused": len(summary.reused),
                "done": len(summary.done),
                "failed": len(summary.failed),
                "failures": [failure(trial, error) for trial, error in summary.failed],
                "entries": [] if table is None else table.records,
            }
        )
    elif table is not None and output is None:
        _show(table)
    if summary.failed:
        raise typer.Exit(1)


def _show(table: BenchTable) -> None:
    """Scores and costs as two tables."""
    from grnpyg.studies.bench.costs import FIGURES
    from grnpyg.studies.bench.table import lines

    title = "AUROC by kind of negatives; full ranking: mean AUROC per TF, median of AP over chance"
    print_table(*lines(table, table.scores), title=title, file_width=120)
    print_table(*lines(table, FIGURES), title="cost", file_width=120)
