"""`grnpyg network`: from cells to a ranked network and regulons."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from grnpyg_cli import executor_options as x
from grnpyg_cli import options as o
from grnpyg_cli.groups import grouped
from grnpyg_cli.metric_tables import gain_lines
from grnpyg_cli.output import Json, number, print_json, print_table, say

SHOWN = ["TF", "target", "importance", "probability", "frequency"]


@dataclass(frozen=True)
class KnownEdges(o.DataOptions):
    """The options of data without `--data`, in whose place the argument CELLS stands."""

    data: Annotated[str | None, typer.Option("--data", hidden=True)] = None


@grouped
def network(
    cells: Annotated[
        Path, typer.Argument(metavar="CELLS.h5ad", help="Expression: any file that `--data` reads.")
    ],
    data: KnownEdges,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of the network.")] = Path("network"),
    seeds: Annotated[int, typer.Option(min=1, help="How many trainings to average.")] = 3,
    top: Annotated[int, typer.Option(min=1, help="How many new edges to keep.")] = 100_000,
    universe: Annotated[
        str, typer.Option(help="Whose pairs: those that the labels name, or all that is measured.")
    ] = "labels",
    assignments: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Set any key of the config.")
    ] = None,
    plan_only: Annotated[bool, typer.Option("--plan", help="Say what would be done, and stop.")] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="How many trainings at a time. (default: processors)")
    ] = None,
    threads: o.Threads = None,
    device: o.Device = "auto",
    executor: x.Name = None,
    executor_options: x.Options = None,
    seed: o.Seed = None,
    as_json: Json = False,
) -> None:
    """Rank the missing edges of a tissue: read the cells, train several models, write network and regulons.

    Known edges come with grnpyg for human cells; name your own with --labels. Stop it at any time: the same
    command goes on where it was.

    Example: grnpyg network cells.h5ad -o network
    """
    from grnpyg.core import InputError
    from grnpyg.pipeline import NetworkOptions, make_plan, require_fits, require_folder
    from grnpyg.studies.executors import cpus

    if data.data is not None:
        raise InputError(
            f"the cells are {cells}, and --data names others", where="grnpyg network", fix="leave --data out"
        )
    section, tfs = data.section, None
    labels, species = section.pop("labels", None), section.pop("species", None)
    if universe == "measured":  # a list of TFs says there who is a candidate
        tfs = section.pop("tfs", None)
    given = NetworkOptions(
        labels, species, seeds, 42 if seed is None else seed, top, universe, tfs, section, assignments or ()
    )
    require_folder(output)
    plan = make_plan(cells, given)
    if executor in (None, "local") and jobs is None and not x.names("jobs", executor_options):
        jobs = min(seeds, cpus())
    chosen = x.make_executor(
        executor, executor_options, jobs=jobs, threads=threads, device=None if device == "auto" else device
    )
    at_once = min(seeds, chosen.jobs or seeds)
    for line in [*plan.report.lines(), *plan.lines(at_once)]:
        say(line)
    if chosen.here:  # the memory of a cluster's nodes is not known
        require_fits(plan.cost, at_once)
    if plan_only:
        if as_json:
            print_json(plan.to_dict())
        return
    made = run(plan, output, chosen, at_once)
    show(made.summary, made.edges, output, cells, as_json=as_json)


def run(plan: Any, output: Path, executor: Any, jobs: int) -> Any:
    """Make a network, with the progress of its trainings on stderr."""
    from grnpyg.pipeline import complete, write_plan
    from grnpyg_cli.study_progress import StudyProgress

    bar = sys.stderr.isatty()
    study = write_plan(plan, output)
    try:
        with StudyProgress(study.trials, jobs, bar=bar) as progress:
            return complete(plan, study, output, executor, say=say, on_event=progress.note, progress=bar)
    except KeyboardInterrupt:
        say("interrupted: what was finished is kept; the same command goes on with it")
        raise typer.Exit(1) from None


def report_of(output: Path) -> Path | None:
    """Write the page of the network that lies in a folder, without what takes more than a few seconds.

    A network whose page cannot be written is a network all the same: what is wrong is said.
    """
    from grnpyg.core import InputError
    from grnpyg.report import write_report

    try:
        return write_report(output, thorough=False).file
    except (InputError, OSError) as error:
        say(f"warning: no report.html ({error}); `grnpyg report {output}` writes it")
        return None


def show(summary: dict[str, Any], edges: Any, output: Path, cells: Path, *, as_json: bool) -> None:
    """The gain over degree, the best new edges, and where everything lies."""
    from grnpyg.pipeline import LIKELY

    best = edges[~edges["known"]].head(10)
    if as_json:
        page = report_of(output)
        found = {"report": None if page is None else str(page), "best": best.to_dict("records")}
        print_json({**summary, "output": str(output), **found})
        return
    print_table(*gain_lines(summary["gains"]), title="AUROC of held-out edges, mean over the trainings")
    rows = [
        [f"{tf} -> {target}", number(importance, 3), number(probability, 3), number(frequency, 2)]
        for tf, target, importance, probability, frequency in best[SHOWN].itertuples(index=False)
    ]
    print_table(["best new edges", "importance", "probability", "frequency"], rows)
    stand_ins = [name for name in summary["handed_out"] if name != "model"]
    if stand_ins:
        names, all_of = ", ".join(sorted(set(stand_ins))), len(summary["handed_out"])
        say(
            f"note: in {len(stand_ins)} of {all_of} trainings {names} beats the model on the validation "
            "edges and stands in for it (`--set fallback=false` keeps the model)"
        )
    counts, regulons = summary["edges"], summary["regulons"]
    if (page := report_of(output)) is not None:
        typer.echo(f"{page}: open it in a browser")
    typer.echo(f"{output / 'network.parquet'}: {counts['known']:,} known and {counts['new']:,} new edges")
    typer.echo(
        f"{output / 'regulons.gmt'}: {regulons['tfs']:,} TFs, {regulons['edges']:,} edges: the known ones, "
        f"and new ones of probability {LIKELY:g} or more"
    )
    say(f"next: grnpyg activity {cells} {output / 'regulons.gmt'} -o scored.h5ad")
