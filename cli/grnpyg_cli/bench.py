"""`grnpyg bench`: models and baselines on the same pairs, with what they cost."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grnpyg_cli import executor_options as x
from grnpyg_cli import options as o
from grnpyg_cli.output import Json, print_json, print_table, say

if TYPE_CHECKING:
    from grnpyg.studies.bench import BenchTable

SUFFIXES = (".md", ".csv")


def bench(
    suite: Annotated[Path, typer.Argument(metavar="SUITE.yaml", help="The suite.", show_default=False)],
    runs: o.Runs = Path("runs"),
    seed: Annotated[
        int | None, typer.Option(min=0, help="Run only this seed. (default: the seeds of the suite)")
    ] = None,
    jobs: x.Jobs = None,
    threads: o.Threads = None,
    device: o.Device = "auto",
    executor: x.Name = None,
    executor_options: x.Options = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="bench.md or bench.csv")] = None,
    as_json: Json = False,
) -> None:
    """Run every entry of a suite on the same split and pairs, each in its own process, and compare.

    Finished entries are not run again. Degree and additive baselines are always shown. Times depend on the
    load of the machine: compare only times with the same --jobs. Exit code 1 if an entry failed.

    Example: grnpyg bench suite.yaml --seed 42 -o bench.md
    """
    from grnpyg.core import check_output, write_text
    from grnpyg.studies.bench import bench_table, read_suite, render, run_suite
    from grnpyg_cli.study import failure, say_summary
    from grnpyg_cli.study_progress import StudyProgress

    if output is not None:
        check_output(output, SUFFIXES)
    loaded = read_suite(suite, () if seed is None else (seed,))
    chosen = x.make_executor(
        executor,
        executor_options,
        jobs=jobs,
        threads=threads,
        device=None if device == "auto" else device,
        fresh_process=True,
    )
    try:
        with StudyProgress(loaded.trials, x.at_a_time(chosen), bar=sys.stderr.isatty()) as progress:
            summary = run_suite(loaded, runs, chosen, progress.note)
    except KeyboardInterrupt:
        say("interrupted: finished entries are kept; the same command continues with the others")
        raise typer.Exit(1) from None
    say_summary(summary, with_study=False)
    bad = len(summary.failed) + len(summary.interrupted)
    table = bench_table(loaded, runs) if bad < len(loaded.trials) else None
    if output is not None and table is not None:
        write_text(output, render(table, output.suffix))
        say(f"table in {output}")
    if as_json:
        print_json(
            {
                "suite": loaded.name,
                "runs": str(runs),
                "trials": len(loaded.trials),
                "reused": len(summary.reused),
                "done": len(summary.done),
                "failed": len(summary.failed),
                "interrupted": len(summary.interrupted),
                "failures": [failure(trial, error) for trial, error in summary.failed],
                "entries": [] if table is None else table.records,
            }
        )
    elif table is not None and output is None:
        _show(table)
    if bad:
        raise typer.Exit(1)


def _show(table: BenchTable) -> None:
    """Scores and costs as two tables."""
    from grnpyg.studies.bench import FIGURES, lines

    title = "AUROC by kind of negatives; full ranking: mean AUROC per TF, median of AP over chance"
    print_table(*lines(table, table.scores), title=title, file_width=120)
    print_table(*lines(table, FIGURES), title="cost", file_width=120)
