"""`grnpyg data`: list the named data sets and fetch them into the cache."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from grnpyg_cli import options as o
from grnpyg_cli.groups import grouped
from grnpyg_cli.metric_tables import sign_lines
from grnpyg_cli.output import Json, print_json, print_table, say

app = typer.Typer(no_args_is_help=True, help="Named data sets: list, fetch; check your own data.")


@app.command("list")
def list_data(as_json: Json = False) -> None:
    """List the named data sets, their licences and whether they are in the cache.

    Example: grnpyg data list --json
    """
    from grnpyg.data import catalog

    known = catalog.entries().values()
    present = {entry.name: catalog.cached(entry.name) is not None for entry in known}
    if as_json:
        rows = [
            entry.model_dump(mode="json") | {"size": entry.size, "cached": present[entry.name]}
            for entry in known
        ]
        typer.echo(json.dumps({"cache": str(catalog.cache_dir()), "data_sets": rows}))
        return
    from rich.console import Console
    from rich.filesize import decimal
    from rich.table import Table

    table = Table(caption=f"cache: {catalog.cache_dir()}")
    for heading in ("name", "kind", "size", "here", "licence", "description"):
        table.add_column(heading, no_wrap=heading == "name", justify="right" if heading == "size" else "left")
    for entry in known:
        here = "yes" if present[entry.name] else "no"
        table.add_row(entry.name, entry.kind, decimal(entry.size), here, entry.licence, entry.description)
    Console().print(table)


@app.command()
def fetch(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="Data sets to fetch.")] = None,
    mirror: Annotated[
        Path | None,
        typer.Option("--from", metavar="DIR", help="Copy from this folder instead of downloading."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Fetch every data set.")] = False,
    as_json: Json = False,
) -> None:
    """Fetch data sets into the cache; every file is verified by its SHA-256.

    With --all, data sets without a public address are skipped unless --from names a folder that has them.

    Example: grnpyg data fetch brain symbol-labels --from ~/mirror
    """
    from grnpyg.core import InputError
    from grnpyg.data import catalog

    if bool(names) == everything:
        raise InputError("name data sets or give --all, one of the two", where="grnpyg data fetch")
    if mirror is not None and not mirror.is_dir():
        raise InputError("folder not found", where=mirror, fix="--from takes an existing folder")
    wanted = [catalog.get(name) for name in names] if names else list(catalog.entries().values())
    skipped = [entry.name for entry in wanted if everything and mirror is None and not entry.fetchable]
    fetched = {
        entry.name: [str(path) for path in catalog.fetch(entry.name, mirror=mirror, progress=True)]
        for entry in wanted
        if entry.name not in skipped
    }
    if as_json:
        found = {"cache": str(catalog.cache_dir()), "fetched": fetched, "skipped": skipped}
        typer.echo(json.dumps(found))
        return
    for name, paths in fetched.items():
        typer.echo(f"{name}: {', '.join(paths)}")
    for name in skipped:
        typer.echo(f"{name}: skipped, no public address; fetch it with --from DIR", err=True)


@app.command()
@grouped
def check(
    data: o.DataOptions,
    experiment: o.ExperimentOptions,
    signs: Annotated[
        bool,
        typer.Option("--signs", help="Also judge the rule for signs of new edges on the known ones."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Read expression and labels, match their identifiers, and report what a run would use.

    Example: grnpyg data check --data my.h5ad --labels my_regulons.tsv
    """
    from grnpyg.data import input_hashes, load_grn
    from grnpyg.knowledge import extension, knowledge_hashes

    config = experiment.make({"data": data.section})
    added = extension(config.knowledge)
    grn = load_grn(config.data, config.features, config.seed, extension=added)
    report, found = grn.report, None
    if signs:
        from grnpyg.network import sign_accuracy

        found = sign_accuracy(grn.graph)
    for line in report.warnings:
        say(f"warning: {line}")
    if as_json:
        hashes = input_hashes(config.data) | knowledge_hashes(config.knowledge)
        judged = {} if found is None else {"signs": found.to_dict("records")}
        print_json({"inputs": hashes, **report.to_dict(), **judged})
        return
    typer.echo(report)
    if found is not None:
        print_table(*sign_lines(found), title="Signs held out, five-fold: share that is right")
