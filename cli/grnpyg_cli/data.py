"""`grnpyg data`: list the named data sets, say all about one, and fetch them into the cache."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from grnpyg_cli import options as o
from grnpyg_cli.data_tables import about, details, overview
from grnpyg_cli.groups import grouped
from grnpyg_cli.metric_tables import sign_lines
from grnpyg_cli.output import Json, print_json, print_table, say

app = typer.Typer(no_args_is_help=True, help="Named data sets: list, info, fetch; check your own data.")


@app.command("list")
def list_data(
    prefix: Annotated[
        str | None, typer.Argument(metavar="[PREFIX]", help="Show each data set whose name begins so.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show each member of a family.")] = False,
    as_json: Json = False,
) -> None:
    """List the named data sets, their licences and whether they are here.

    Example: grnpyg data list beeline
    """
    from grnpyg.core import unknown
    from grnpyg.data import catalog

    known = [entry for entry in catalog.entries().values() if entry.name.startswith((prefix or "").lower())]
    if not known:
        names = {entry.family or entry.name for entry in catalog.entries().values()}
        raise unknown("data set or beginning of a name", prefix, names)
    present = {entry.name: catalog.cached(entry.name) is not None for entry in known}
    if as_json:
        rows = [
            entry.model_dump(mode="json") | {"size": entry.size, "cached": present[entry.name]}
            for entry in known
        ]
        typer.echo(json.dumps({"cache": str(catalog.cache_dir()), "data_sets": rows}))
        return
    for line in overview(known, present, each=everything or prefix is not None):
        typer.echo(line)
    typer.echo(f"\nThe cache: {catalog.cache_dir()}")
    if not everything and prefix is None:
        typer.echo("All about one: grnpyg data info NAME. Each of a family: grnpyg data list beeline")


@app.command()
def info(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A data set.")], as_json: Json = False
) -> None:
    """Say all about a data set: source, licence, hashes, how to get and use it, where it is.

    Example: grnpyg data info symbol-labels
    """
    from grnpyg.data import catalog

    entry = catalog.get(name)
    facts = about(entry)
    if as_json:
        here = {"size": entry.size, "cached": catalog.cached(name) is not None}
        print_json({"cache": str(catalog.cache_dir()), **entry.model_dump(mode="json"), **here, **facts})
        return
    for line in details(entry, facts):
        typer.echo(line)


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
        from grnpyg.networks import sign_accuracy

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
