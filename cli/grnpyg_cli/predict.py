"""`grnpyg predict`: the ranked network of a run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from grnpyg_cli import options as o
from grnpyg_cli.output import Json, print_json, print_table, say


def predict(
    run: Annotated[Path, typer.Argument(help="Run directory.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Its suffix says the format: `grnpyg list formats`.")
    ] = None,
    format: Annotated[
        str | None, typer.Option("--format", help="Another format, such as decoupler or pyscenic.")
    ] = None,
    top: Annotated[int | None, typer.Option(min=1, help="Only the best N pairs. (default: all)")] = None,
    calibrate: Annotated[
        str | None,
        typer.Option(help="temperature, isotonic or none: fit the probabilities on the validation pairs."),
    ] = None,
    prior: Annotated[
        float | None,
        typer.Option(help="With --calibrate: share of true edges. (default: density of the labels)"),
    ] = None,
    trust_plugins: o.TrustPlugins = False,
    as_json: Json = False,
) -> None:
    """Score every TF x gene pair and write the ranked network; known edges are marked.

    Example: grnpyg predict runs/1f0c5d2a9b3e --top 1000 -o edges.tsv
    """
    from grnpyg.core import InputError
    from grnpyg.network import predict as predict_run
    from grnpyg.network.export import format_of, write_network
    from grnpyg.runs import Run

    if output is not None:
        format_of(output, format)
    elif format is not None:
        raise InputError("a format needs a file", where="--format", fix="name it with -o FILE")
    loaded = Run.load(run, trust_plugins=trust_plugins)
    counts = loaded.manifest.data.counts
    tfs, genes = (counts.get(f"{kind}_without_expression", 0) for kind in ("tfs", "genes"))
    if loaded.graph["gene"].num_features and (tfs or genes):
        say(f"note: {tfs:,} TFs and {genes:,} genes have no expression; their features are zeros")
    if loaded.config.control is not None:
        say(f"note: control {loaded.config.control}")
    table = predict_run(loaded, top=top, calibrate=calibrate, prior=prior, progress=sys.stderr.isatty())
    if output is not None:
        write_network(table, output, format)
        say(f"{len(table):,} pairs in {output}")
    best = table.head(10)
    if as_json:
        print_json(
            {
                "run": str(run),
                "pairs": len(table),
                "known": int(table["known"].sum()),
                "output": None if output is None else str(output),
                "best": best.to_dict("records"),
            }
        )
        return
    rows = [
        [f"{tf} -> {target}", f"{importance:.3f}", f"{probability:.4f}", "yes" if known else ""]
        for tf, target, importance, probability, known in best.itertuples(index=False)
    ]
    print_table(["best pairs", "importance", "probability", "known"], rows)
