"""`grnpyg activity`: how active each TF is in each cell."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from grnpyg_cli import options as o
from grnpyg_cli.groups import grouped
from grnpyg_cli.output import Json, number, print_json, print_table, say

SHOWN = 10  # TFs


@grouped
def activity(
    cells: Annotated[Path, typer.Argument(help="Cells as .h5ad.")],
    network: Annotated[
        Path, typer.Argument(help="What `grnpyg predict` wrote, or any file that --labels reads.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="The cells with activities: .h5ad")],
    edges: o.EdgeOptions,
    activities: Annotated[
        Path | None, typer.Option(help="Also write cells x TFs, to plot with color=TF: .h5ad")
    ] = None,
    method: Annotated[str, typer.Option(help="ulm, mlm, aucell, viper, waggr or zscore.")] = "ulm",
    tmin: Annotated[int, typer.Option(min=1, help="Leave out TFs with fewer measured targets.")] = 5,
    layer: Annotated[str | None, typer.Option(help="Layer of the cells to read.")] = None,
    use_raw: Annotated[bool, typer.Option("--use-raw", help="Read .raw of the cells.")] = False,
    var_names: Annotated[
        str | None, typer.Option(help="Column of var with the gene names. (default: index)")
    ] = None,
    state: Annotated[
        Literal["counts", "normalised", "log", "scaled"] | None,
        typer.Option(help="What the values are. (default: found out)"),
    ] = None,
    aliases: Annotated[
        bool, typer.Option("--aliases/--no-aliases", help="Read former gene names as those of the cells.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Score the activity of each TF in each cell by its targets, through decoupler.

    The activities are in obsm["grnpyg_activity"] of the output, which is otherwise as it was.

    Example: grnpyg activity cells.h5ad network.parquet --top 5000 -o scored.h5ad
    """
    from grnpyg.core import InputError, check_output, require_other
    from grnpyg.networks import activity as score
    from grnpyg.networks import activity_anndata
    from grnpyg.networks.export import read_cells, write_h5ad

    for path in (output, activities):
        if path is not None:
            check_output(path, (".h5ad",))
            require_other(path, cells, network)
    if activities is not None and activities.absolute() == output.absolute():
        raise InputError("is the file of -o, too", where="--activities", fix="name another file")
    table = edges.read(network)
    result = score(
        cells,
        table,
        method=method,
        tmin=tmin,
        layer=layer,
        use_raw=use_raw,
        var_names=var_names,
        state=state,
        aliases=aliases,
        where=network,
    )
    for line in result.sentences:
        say(line)
    adata = read_cells(cells)
    result.add_to(adata)
    write_h5ad(adata, output)
    if activities is not None:
        write_h5ad(activity_anndata(adata), activities)
    scores = result.scores
    if as_json:
        print_json(
            {
                "cells": len(scores),
                "tfs": len(scores.columns),
                "method": method,
                "state": result.state,
                "left_out": list(result.left_out),
                "output": str(output),
                "activities": None if activities is None else str(activities),
            }
        )
        return
    varied = scores.std().sort_values(ascending=False, kind="stable").index[:SHOWN]
    rows = [
        [tf, f"{result.targets[tf]:,}", *(number(float(v), 2) for v in (scores[tf].mean(), scores[tf].std()))]
        for tf in varied
    ]
    print_table(["TFs that differ most", "targets", "mean", "sd"], rows)
    say(f'next: acts = decoupler.pp.get_obsm(scanpy.read_h5ad("{output}"), "grnpyg_activity")')
