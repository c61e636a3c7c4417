"""`grnpyg export`: a network in another format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grnpyg_cli import options as o
from grnpyg_cli.groups import grouped
from grnpyg_cli.output import Json, print_json, say


@grouped
def export(
    network: Annotated[
        Path, typer.Argument(help="What `grnpyg predict` wrote, or any file that --labels reads.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Its suffix says the format: `grnpyg list formats`.")
    ],
    edges: o.EdgeOptions,
    format: Annotated[
        str | None, typer.Option("--format", help="Another format, such as decoupler or pyscenic.")
    ] = None,
    cells: Annotated[
        Path | None, typer.Option(help="With .h5ad and .h5mu: h5ad whose cells the network is put beside.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a network in another format, or a part of it.

    Example: grnpyg export network.parquet --new --top 1000 -o regulons.gmt
    """
    from grnpyg.core import require_other
    from grnpyg.networks.export import format_of, formats

    chosen = format_of(output, format, cells)
    require_other(output, network, *([] if cells is None else [cells]))
    table = edges.read(network)
    chosen.write(table, output)
    tfs, targets = table["TF"].nunique(), table["target"].nunique()
    name = formats.name_of(type(chosen))
    if as_json:
        print_json(
            {
                "network": str(network),
                "output": str(output),
                "format": name,
                "pairs": len(table),
                "tfs": tfs,
                "targets": targets,
            }
        )
        return
    say(f"{len(table):,} pairs of {tfs:,} TFs and {targets:,} targets in {output} ({name})")
