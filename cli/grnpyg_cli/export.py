"""`grnpyg export`: a network in another format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grnpyg_cli.options import assignments_of
from grnpyg_cli.output import Json, print_json, say


def export(
    network: Annotated[
        Path, typer.Argument(help="What `grnpyg predict` wrote, or any file that --labels reads.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Its suffix says the format: `grnpyg list formats`.")
    ],
    format: Annotated[
        str | None, typer.Option("--format", help="Another format, such as decoupler or pyscenic.")
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Leave out the edges of the labels.")] = False,
    top: Annotated[int | None, typer.Option(help="Only the best N pairs. (default: all)")] = None,
    min_probability: Annotated[
        float | None, typer.Option(metavar="P", help="Only pairs of at least this probability.")
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(metavar="source=TF,target=Gene", help="Columns of another tool's table."),
    ] = None,
    cells: Annotated[
        Path | None, typer.Option(help="With .h5ad and .h5mu: h5ad whose cells the network is put beside.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a network in another format, or a part of it.

    Example: grnpyg export network.parquet --new --top 1000 -o regulons.gmt
    """
    from grnpyg.networks import read_network
    from grnpyg.networks.export import cut, format_of, formats

    chosen = format_of(output, format, cells)
    read = read_network(network, None if columns is None else assignments_of(columns))
    table = cut(
        read,
        new=new,
        top=top,
        min_probability=min_probability,
        where=network,
    )
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
