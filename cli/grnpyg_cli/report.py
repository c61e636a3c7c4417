"""`grnpyg report`: a network, a run or a study as one HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grnpyg_cli import options as o
from grnpyg_cli.output import Json, print_json, say


def report(
    path: Annotated[
        Path, typer.Argument(help="Folder or table of a network, a run directory, or a study file.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The page, .html. (default: report.html in or beside PATH)"),
    ] = None,
    figures: Annotated[
        Path | None, typer.Option(help="Folder for every figure as SVG, PDF and PNG, and its numbers as CSV.")
    ] = None,
    runs: o.Runs = Path("runs"),
    source: Annotated[
        Path | None,
        typer.Option("--from", help="Of a study: read rows written by `study export` instead of runs."),
    ] = None,
    trust_plugins: o.TrustPlugins = False,
    as_json: Json = False,
) -> None:
    """Write one HTML file that opens anywhere: what was found, what it is worth, and how it was made.

    Of a network: new edges by probability, gain over degree, reliability, a table of edges to sort and
    filter, and every TF with its targets. Of a run or a study: scores beside degree and additive.

    Example: grnpyg report network -o report.html
    """
    from grnpyg.report import write_report

    made = write_report(
        path, output, figures=figures, runs=runs, rows=source, trust_plugins=trust_plugins, say=say
    )
    if as_json:
        print_json(made.to_dict())
        return
    if made.figures:
        say(f"{len(made.figures)} files of figures in {figures}")
    typer.echo(f"{made.file}: report of a {made.kind}, {made.bytes / 1e6:.1f} MB; open it in a browser")
