"""`grnpyg diff`: what distinguishes two networks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grnpyg_cli.options import assignments_of
from grnpyg_cli.output import Json, number, print_json, print_table, say

if TYPE_CHECKING:
    from grnpyg.networks import NetworkDiff

SHOWN = 10


def diff(
    a: Annotated[Path, typer.Argument(help="Network A, a file of predict or of another tool.")],
    b: Annotated[Path, typer.Argument(help="Network B.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Edges gained, lost and kept: .tsv or .parquet")
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Depth at which edges are gained and lost.")] = 1000,
    depths: Annotated[str, typer.Option("--at", help="Depths of the Jaccard index.")] = "100,1000,10000",
    p: Annotated[
        float, typer.Option("--p", help="Of the rank-biased overlap; mean depth 1 / (1 - p).")
    ] = 0.999,
    new: Annotated[bool, typer.Option("--new", help="Leave out known edges (column known).")] = False,
    columns: Annotated[
        str | None, typer.Option(metavar="source=A,target=B,weight=C", help="Columns of both tables.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare two networks: Jaccard index, rank-biased overlap, edges gained and lost, and this for each TF.

    Example: grnpyg diff liver.tsv kidney.tsv --new --top 1000 -o diff.tsv
    """
    from grnpyg.core import TABLE_SUFFIXES, InputError, check_output, require_other, write_table
    from grnpyg.networks import diff as compare

    if output is not None:
        check_output(output, TABLE_SUFFIXES)
        require_other(output, a, b)
    try:
        at = [int(text) for text in depths.split(",")]
    except ValueError:
        fix = "give for example 100,1000"
        raise InputError(f"{depths!r} are no whole numbers", where="--at", fix=fix) from None
    chosen = None if columns is None else assignments_of(columns)
    found = compare(a, b, depths=at, top=top, p=p, new=new, columns=chosen)
    if output is not None:
        write_table(found.edges, output)
        say(f"{len(found.edges):,} pairs in {output}")
    if as_json:
        content = {"files": [str(a), str(b)], **found.to_dict()}
        print_json(content | {"output": None if output is None else str(output)})
        return
    _show(found)


def _show(found: NetworkDiff) -> None:
    content = found.to_dict()
    for letter, counts in found.counts.items():
        known = f", {counts['known']:,} known edges left out" if counts["known"] else ""
        outside = f"{counts['outside']:,} with a TF or gene that the other does not name"
        say(
            f"note: {letter.upper()} has {counts['pairs']:,} pairs, {outside}{known}: "
            f"{counts['compared']:,} compared"
        )
        if counts["tied"] > 1:
            tied = f"{counts['tied']:,} pairs of {letter.upper()} tie at place {found.top:,}"
            say(f"note: {tied}: they are taken in the order of their names")
    lines = [[f"Jaccard at {k:,}", number(value, 3)] for k, value in found.jaccard.items()]
    share = 100 * content["weight_of_top"]
    overlap = f"rank-biased overlap (p {found.p:g}, {share:.0f} % on the top {found.top:,})"
    lines.append([overlap, number(found.rbo, 3)])
    for name in ("kept", "gained", "lost"):
        lines.append([f"{name} in the top {found.top:,}", f"{content[name]:,}"])
    print_table([f"{found.tfs:,} TFs x {found.genes:,} genes", ""], lines)
    changed = found.per_tf[found.per_tf["jaccard"] < 1]
    rows = [
        [
            row["TF"],
            *(f"{row[key]:,}" for key in ("in_a", "in_b", "gained", "lost")),
            number(row["jaccard"], 2),
        ]
        for row in changed.head(SHOWN).to_dict("records")
    ]
    if rows:
        print_table(["most changed", "in A", "in B", "gained", "lost", "Jaccard"], rows)
