"""`grnpyg study`: a grid of experiments: run it, follow its progress, read its tables."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grnpyg_cli import executor_options as x
from grnpyg_cli import options as o
from grnpyg_cli.output import Json, print_json, print_table, say
from grnpyg_cli.study_jobs import cancel, logs

if TYPE_CHECKING:
    from grnpyg.studies import AnyTrial, Status, Summary

app = typer.Typer(
    no_args_is_help=True, help="A grid of experiments: run, status, cancel, logs, table, export."
)

app.command("cancel")(cancel)
app.command("logs")(logs)

SUFFIXES = {".md": "md", ".csv": "csv", ".tex": "latex"}
StudyFile = Annotated[Path, typer.Argument(metavar="STUDY.yaml", help="The study.", show_default=False)]
Subset = Annotated[str, typer.Option(help="test or validation.")]


@app.command()
def run(
    studies: Annotated[
        list[Path], typer.Argument(metavar="STUDY.yaml...", help="One or more studies.", show_default=False)
    ],
    runs: o.Runs = Path("runs"),
    jobs: x.Jobs = None,
    threads: o.Threads = None,
    device: o.Device = "auto",
    stored: Annotated[
        list[Path] | None,
        typer.Option(help="Rows written by `study export`; their trials are not run again. Can be repeated."),
    ] = None,
    executor: x.Name = None,
    executor_options: x.Options = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="With a cluster: submit the trials, and do not wait.")
    ] = False,
    batch_seeds: Annotated[
        int | None,
        typer.Option(
            min=2,
            help="Train up to so many seeds of a trial together, as one stacked model. It pays on a GPU.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Train all unfinished trials in parallel. A stopped study continues where it was.

    Failed trials are tried again. Exit code 1 if a trial failed or was interrupted. With `--executor slurm`
    trials are trained as job arrays of a cluster, where they stay when this command ends; trials that are in
    its queue already are waited for, not submitted again.

    Example: grnpyg study run balanced.yaml --jobs 2
    """
    from grnpyg.studies import SeedsTogether, read_study, resolve_widths, run_studies, stored_hashes
    from grnpyg_cli.study_progress import StudyProgress

    loaded = [resolve_widths(read_study(path)) for path in studies]
    done = {hash_ for path in stored or () for hash_ in stored_hashes(path)}
    chosen = x.make_executor(
        executor,
        executor_options,
        section=x.section_of(loaded, executor),
        detach=detach,
        jobs=jobs,
        threads=threads,
        device=None if device == "auto" else device,
    )
    try:
        trials = [trial for study in loaded for trial in study.trials]
        with StudyProgress(trials, x.at_a_time(chosen), bar=sys.stderr.isatty()) as progress:
            trainer = SeedsTogether(chosen, batch_seeds, device=device) if batch_seeds else chosen
            summary = run_studies(loaded, runs, trainer, progress.note, stored=done)
    except KeyboardInterrupt:
        if chosen.queues:
            say(f"interrupted: the jobs go on; `grnpyg study cancel {studies[0]} --runs {runs}` ends them")
        else:
            say("interrupted: finished trials and checkpoints are kept; the same command continues with them")
        raise typer.Exit(1) from None
    if as_json:
        print_json(
            {
                "studies": [study.name for study in loaded],
                "runs": str(runs),
                "trials": sum(len(study.trials) for study in loaded),
                "reused": len(summary.reused),
                "done": len(summary.done),
                "failed": len(summary.failed),
                "interrupted": len(summary.interrupted),
                "queued": len(summary.queued),
                "failures": [failure(trial, error) for trial, error in summary.failed],
                "interruptions": [failure(trial, error) for trial, error in summary.interrupted],
            }
        )
    else:
        say_summary(summary)
        command = f"status {studies[0]} --trials" if summary.queued else f"table {studies[0]}"
        say(f"next: grnpyg study {command} --runs {runs}")
    if summary.failed or summary.interrupted:
        raise typer.Exit(1)


def say_summary(summary: Summary, *, with_study: bool = True) -> None:
    """How the trials ended, and where those are that wait; each with the name of its study or without."""
    counts = f"{len(summary.done)} done now, {len(summary.reused)} before, {len(summary.failed)} failed"
    more = {"interrupted": len(summary.interrupted), "queued": len(summary.queued)}
    say(", ".join([counts, *(f"{count} {state}" for state, count in more.items() if count)]))
    for trial, error in summary.failed:
        say(f"failed: {trial.study + ': ' if with_study else ''}{trial.name}: {error}")
    for trial, error in summary.interrupted:
        say(f"interrupted: {trial.study + ': ' if with_study else ''}{trial.name}: {error}")
    if jobs := sorted({where.partition("_")[0] for _, where in summary.queued}, key=len):
        say(f"{len(summary.queued)} trials are in the queue, job {', '.join(jobs)}")
    if summary.interrupted:
        say("the same command goes on with what was interrupted")


@app.command()
def status(
    study: StudyFile,
    runs: o.Runs = Path("runs"),
    trials: Annotated[bool, typer.Option("--trials", help="List every trial.")] = False,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Trials at a time, to estimate the time left. (default: those running)"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show how many trials are done, running, failed, interrupted, queued and pending, and the time left.

    Of trials on a cluster, `--trials` shows job, node and log.

    Example: grnpyg study status balanced.yaml --trials
    """
    from grnpyg.studies import duration, study_status

    found = study_status(study, runs, jobs)
    if found.unmatched:
        say(
            f"{found.unmatched} trials count as pending: their widths have not been matched to the data; "
            "`grnpyg study run` does that"
        )
    if found.unknown:
        say(f"what is queued is not known: {found.unknown}")
    if as_json:
        listed = [
            {"trial": trial.name, "config_hash": trial.hash or None, "state": state, **place(found, trial)}
            for trial, state in found.trials
        ]
        print_json(
            {
                "study": found.study,
                "runs": str(runs),
                "trials": len(found.trials),
                **found.counts,
                "seconds_left": found.seconds_left,
                "failures": [failure(trial, error) for trial, error in found.errors],
                "queue_unknown": found.unknown or None,
                **({"states": listed} if trials else {}),
            }
        )
        return
    counts = ", ".join(f"{count} {state}" for state, count in found.counts.items())
    typer.echo(f"{found.study}: {len(found.trials)} trials: {counts}; {duration(found.seconds_left)} left")
    for trial, error in found.errors:
        typer.echo(f"failed: {trial.name}: {error}")
    for state, note, count in noted(found):
        typer.echo(f"{count} {state}: {note}")
    if trials:
        rows = [[trial.hash or "-", state, trial.name] for trial, state in found.trials]
        headings = ["run", "state", "trial"]
        if found.places:
            headings += ["job", "node", "log"]
            more = [place(found, trial) for trial, _ in found.trials]
            rows = [
                [*row, *(it[key] or "-" for key in headings[3:])] for row, it in zip(rows, more, strict=True)
            ]
        print_table(headings, rows, words=True, file_width=200 if found.places else None)


def place(found: Status, trial: AnyTrial) -> dict[str, str | None]:
    """Where on a cluster a trial is or was, for JSON."""
    known = found.places.get(trial.hash)
    if known is None:
        return {"job": None, "node": None, "log": None, "note": None}
    log = str(known.log) if known.log.exists() else None
    return {"job": known.job, "node": known.node or None, "log": log, "note": known.note or None}


def noted(found: Status) -> list[tuple[str, str, int]]:
    """State, note and number of trials, of what a cluster says of trials that wait or have lost their job."""
    from collections import Counter

    notes = Counter(
        (state, found.places[trial.hash].note)
        for trial, state in found.trials
        if state in ("queued", "pending", "interrupted") and trial.hash in found.places
    )
    return [(state, note, count) for (state, note), count in notes.items() if note]


@app.command()
def table(
    study: StudyFile,
    runs: o.Runs = Path("runs"),
    source: Annotated[
        Path | None, typer.Option("--from", help="Read rows written by `study export` instead of runs.")
    ] = None,
    metrics: Annotated[
        list[str] | None,
        typer.Option(
            "--metric", help="Metric, repeatable. (default: gains over degree and additive, AUROC, AP)"
        ),
    ] = None,
    methods: Annotated[
        list[str] | None,
        typer.Option(
            "--method",
            help="Model or baseline, repeatable; degree_product and additive stay. (default: all)",
        ),
    ] = None,
    style: Annotated[
        str | None, typer.Option("--format", help="md, csv or latex. (default: by the file's suffix, or md)")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="table.md, table.csv or table.tex")
    ] = None,
    subset: Subset = "test",
    as_json: Json = False,
) -> None:
    """Average the finished trials, for models and baselines, and show paired differences.

    Example: grnpyg study table balanced.yaml --metric auroc --format latex
    """
    from grnpyg.core import check_output, unknown, write_text
    from grnpyg.studies import STYLES, read_rows, read_study, render, resolve_widths, study_rows, study_tables

    check_subset(subset)
    if style is not None and style not in STYLES:
        raise unknown("format", style, STYLES, where="--format")
    if output is not None:
        check_output(output, tuple(SUFFIXES))
        style = style or SUFFIXES[output.suffix]
    loaded = read_study(study)
    if source is None:
        rows = study_rows(resolve_widths(loaded), runs, subset)
    else:
        rows = read_rows(loaded, source, subset, say)
    tables = study_tables(loaded, rows, metrics or (), methods or ())
    text = render(tables, style or "md")
    if output is not None:
        write_text(output, text)
        say(f"table in {output}")
    if as_json:
        print_json(
            {
                "study": tables.study,
                "part": subset,
                "runs": tables.runs,
                "done": tables.runs - len(tables.missing),
                "rows": tables.rows,
                "differences": tables.differences,
                "spread": tables.spread,
                "missing": tables.missing,
            }
        )
    elif output is None:
        typer.echo(text, nl=False)


@app.command()
def export(
    study: StudyFile,
    output: Annotated[Path, typer.Option("-o", "--output", help="rows.csv or rows.parquet")],
    runs: o.Runs = Path("runs"),
    subset: Subset = "test",
    as_json: Json = False,
) -> None:
    """Write one row per trial, setting and method, with every metric.

    In an existing file the rows of trials whose runs are missing are kept.

    Example: grnpyg study export balanced.yaml -o rows.csv
    """
    from grnpyg.core import check_output
    from grnpyg.studies import SUFFIXES, read_study, resolve_widths, store_rows, study_rows, write_rows

    check_subset(subset)
    check_output(output, SUFFIXES)
    loaded = resolve_widths(read_study(study))
    rows = study_rows(loaded, runs, subset)
    if output.exists():
        store_rows(loaded, rows, output, say)
    else:
        write_rows(rows, output)
    done = rows["config_hash"].nunique()
    if as_json:
        print_json({"study": loaded.name, "output": str(output), "rows": len(rows), "runs": done})
    else:
        say(f"{len(rows):,} rows of {done} runs in {output}")


def failure(trial: AnyTrial, error: str) -> dict[str, str]:
    """A failed trial for JSON."""
    return {"study": trial.study, "trial": trial.name, "config_hash": trial.hash, "error": error}


def check_subset(subset: str) -> None:
    """Refuse a name that is not a held-out subset of any split."""
    from grnpyg.core import unknown
    from grnpyg.splits import COLD_BOTH, COLD_GENE, COLD_TF

    known = ("test", "validation", COLD_TF, COLD_GENE, COLD_BOTH)
    if subset not in known:
        raise unknown("subset", subset, known, where="--subset")
