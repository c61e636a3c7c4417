"""`grnpyg effective-rank`: how many directions a run's representations of pairs really use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grnpyg_cli import options as o
from grnpyg_cli.output import Json, number, print_json, print_table, say


def effective_rank(
    run: Annotated[Path, typer.Argument(help="Run directory.")],
    split: Annotated[str, typer.Option(help="Held-out subset: test, validation, ...")] = "test",
    modules: Annotated[
        str | None,
        typer.Option(help="Modules joined by +, such as head.mlp.1. (default: those the head declares)"),
    ] = None,
    pairs: Annotated[int, typer.Option(min=2, help="Largest number of pairs.")] = 5000,
    centred: Annotated[bool, typer.Option("--centred", help="Subtract the mean of every channel.")] = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Write the singular values: spectrum.tsv or spectrum.parquet."),
    ] = None,
    trust_plugins: o.TrustPlugins = False,
    as_json: Json = False,
) -> None:
    """Measure the effective rank of the layer in which a head represents a pair.

    Two measures: the participation ratio and the exponential of the spectrum's entropy.

    Example: grnpyg effective-rank runs/1f0c5d2a9b3e -o spectrum.tsv
    """
    from grnpyg.compress import RankOptions
    from grnpyg.compress import effective_rank as measure
    from grnpyg.core import TABLE_SUFFIXES, check_output, write_table
    from grnpyg.runs import Run

    if output is not None:
        check_output(output, TABLE_SUFFIXES)
    names = () if modules is None else tuple(modules.split("+"))
    rank = measure(Run.load(run, trust_plugins=trust_plugins), split, RankOptions(names, pairs, centred))
    if output is not None:
        table = rank.to_frame()
        write_table(table, output)
        say(f"{len(table):,} singular values in {output}")
    if as_json:
        print_json({"run": str(run), "split": split, **rank.to_dict()})
        return
    title = f"{' + '.join(rank.layers)}: {rank.channels:,} channels, {rank.pairs:,} pairs"
    lines = [
        ["participation ratio", number(rank.participation_ratio, 2)],
        ["entropy", number(rank.entropy_rank, 2)],
    ]
    print_table(["", "effective rank"], lines, title=title)
