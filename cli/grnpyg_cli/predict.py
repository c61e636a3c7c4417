"""`grnpyg predict`: the ranked network of one or more runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from grnpyg_cli import executor_options as x
from grnpyg_cli import options as o
from grnpyg_cli.output import Json, number, print_json, print_table, say, say_stand_in
from grnpyg_cli.reranking import Pair
from grnpyg_cli.shards import Elsewhere, make, make_elsewhere, require_executor, require_nothing_cut, share_of

SHOWN = 10  # pairs on the screen


def predict(
    run: Annotated[
        list[Path] | None,
        typer.Argument(help="Run directories: one, or several seeds.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Its suffix says the format: `grnpyg list formats`.")
    ] = None,
    format: Annotated[
        str | None, typer.Option("--format", help="Another format, such as decoupler or pyscenic.")
    ] = None,
    new: Annotated[
        bool, typer.Option("--new", help="Leave known edges out; without a file they always are.")
    ] = False,
    top: Annotated[int | None, typer.Option(min=1, help="Only the best N pairs. (default: all)")] = None,
    per_tf: Annotated[int | None, typer.Option(min=1, help="Only the best N pairs of each TF.")] = None,
    tf: Annotated[list[str] | None, typer.Option(help="Only pairs of this TF; may be repeated.")] = None,
    gene: Annotated[list[str] | None, typer.Option(help="Only pairs of this gene; may be repeated.")] = None,
    min_probability: Annotated[
        float | None, typer.Option(help="Only pairs of at least this probability.")
    ] = None,
    calibrate: Annotated[
        str | None,
        typer.Option(
            help="temperature, isotonic or none, with drawn negatives. (default: all unknown pairs)"
        ),
    ] = None,
    prior: Annotated[
        float | None,
        typer.Option(help="Share of the unknown pairs that are edges; another way to say --new-edges."),
    ] = None,
    new_edges: Annotated[
        float | None,
        typer.Option(help="Edges that can still be found. (default: a fifth of the known edges)"),
    ] = None,
    fdr: Annotated[
        float | None,
        typer.Option(help="Only new edges of at most this false discovery rate; needs --null."),
    ] = None,
    null: Annotated[
        list[Path] | None,
        typer.Option(help="With --fdr: run of the same config on rewired labels; may be repeated."),
    ] = None,
    universe: Annotated[
        str, typer.Option(help="labels, or measured: also all measured genes and all TFs of a list.")
    ] = "labels",
    tfs: Annotated[
        str | None,
        typer.Option(help="With --universe measured: TFs, a catalogue name or a file. (default: bundled)"),
    ] = None,
    shards: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Keep all scores in a folder of parts; with -o they are merged."),
    ] = None,
    task: Annotated[
        str | None, typer.Option(metavar="I/N", help="With --shards: make only the I-th of N shares of it.")
    ] = None,
    executor: Annotated[
        str | None, typer.Option(help="With --shards: make the parts in tasks of local, slurm or ray.")
    ] = None,
    executor_options: x.Options = None,
    tasks: Annotated[
        int | None, typer.Option(min=1, help="With --executor: into how many tasks. (default: 8)")
    ] = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="With a cluster: submit the tasks, and do not wait.")
    ] = False,
    precision: Annotated[
        Literal["auto", "fp32", "bf16"],
        typer.Option(help="Of the scores; bf16 is faster for cross-encoders. auto: what the processor has."),
    ] = "fp32",
    retrieve: Annotated[
        Path | None, typer.Option(metavar="RUN", help="With --rerank: a quick run that ranks all pairs.")
    ] = None,
    rerank: Annotated[
        Path | None, typer.Option(metavar="RUN", help="With --retrieve: a run that scores the best of them.")
    ] = None,
    candidates: Annotated[
        str | None,
        typer.Option(
            metavar="N|P%", help="With --rerank: a share of all pairs, or genes of each TF. (default: 10%)"
        ),
    ] = None,
    index: Annotated[
        str | None, typer.Option(help="With --rerank: torch, or faiss (an extra). (default: torch)")
    ] = None,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Add columns: what degree, known edges, ... add to the importance."),
    ] = False,
    trust_plugins: o.TrustPlugins = False,
    as_json: Json = False,
) -> None:
    """Score every TF x gene pair and write the ranked network; the screen shows the best new edges.

    Example: grnpyg predict runs/1f0c5d2a9b3e --new --top 1000 -o edges.tsv
    """
    from grnpyg.core import InputError, require_other
    from grnpyg.core import precision as precisions
    from grnpyg.networks import Prediction, View, ViewOptions, Wanted, require_explained
    from grnpyg.networks.export import format_of
    from grnpyg.runs import Run

    if output is not None:
        written_as = format_of(output, format)
        if explain and not written_as.every_column:
            fix = "write .tsv, .csv, .parquet, .graphml, .h5ad or .h5mu"
            raise InputError("this format has no place for the columns of --explain", where=output, fix=fix)
    elif format is not None:
        raise InputError("a format needs a file", where="--format", fix="name it with -o FILE")
    both = Pair(retrieve, rerank, candidates, index)
    whole = {
        "--fdr": fdr,
        "--null": null,
        "--shards": shards,
        "--task": task,
        "--executor": executor,
        "--explain": explain,
    }
    reranked = both.require(run, whole)
    run = both.named if reranked else run or []
    share = share_of(shards, task, output)
    elsewhere = Elsewhere(executor, executor_options, tasks, detach, trust_plugins)
    require_executor(elsewhere, shards, task, output)
    # known edges are not shown on the screen, so they take no place either
    pair = bool(tf and gene)  # whoever names both ends wants to see the pair, known or not
    hidden = output is None and shards is None and not new and not pair
    meant = precisions.chosen(precision)
    options = ViewOptions(new or hidden, calibrate, prior, new_edges, universe, tfs, meant)
    wanted = Wanted(top, per_tf, tf or (), gene or (), options.new, min_probability)  # before a run is read
    loaded = [Run.load(path, trust_plugins=trust_plugins) for path in run]
    for one in loaded:
        if output is not None:
            require_other(output, *(Path(read["source"]) for read in one.manifest.inputs.values()))
        _say_notes(one)
    view = both.view(loaded[0], loaded[1], options) if reranked else View(loaded, options)
    progress = sys.stderr.isatty()
    _say_precision(view, precision)
    if explain:
        require_explained(view, shards)
    if shards is not None and output is None:
        require_nothing_cut(wanted, fdr)
    if executor is not None and shards is not None:
        make_elsewhere(view, shards, elsewhere, as_json=as_json)
        if detach:
            return
    if shards is not None and output is None:
        make(view, shards, share, runs=run, as_json=as_json, progress=progress)
        return
    prediction = Prediction(
        view,
        wanted,
        fdr,
        [Run.load(path, trust_plugins=trust_plugins) for path in null or ()],
        whole=output is not None and not format_of(output, format).by_parts,
        shards=shards,
        explain=explain,
        progress=progress,
        say=say,
    )
    written = prediction.write(output, format, shown=SHOWN)
    if output is not None:
        say(f"{written.pairs:,} pairs in {output}")
    known = int(loaded[0].graph["tf", "regulates", "gene"].num_edges)
    left_out = known if options.new else written.known
    best = written.head if pair else written.best_new
    if as_json:
        shown = written.head if output is not None else best
        print_json(
            {
                "run": str(run[0]),
                "runs": [str(path) for path in run],
                "pairs": written.pairs,
                "known": written.known,
                "known_left_out": known if options.new else 0,
                "output": None if output is None else str(output),
                "precision": view.precision,
                **({"reranked": both.facts(view)} if reranked else {}),
                "probability": written.probability,
                **({"explained": prediction.explanation.to_dict()} if prediction.explanation else {}),
                "best": shown.to_dict("records"),
            }
        )
        return
    _print_best(best, several=len(view.runs) > 1)
    if left_out and not pair:
        say(f"{left_out:,} known edges are left out of this view" + _where(new, hidden))


def _say_precision(view: Any, asked: str) -> None:
    """In which precision the scores are, where it was not left as it is."""
    from grnpyg.core import precision

    if asked == "fp32":
        return
    slow = "" if precision.has_bf16() else ", which this processor has no instructions for: fp32 is faster"
    other = "" if view.options.precision == "fp32" else ": no model here gains by bf16"
    say(f"precision: bf16{slow}" if view.precision == "bf16" else f"precision: fp32{other}")


def _where(new: bool, hidden: bool) -> str:
    if hidden:
        return "; a file (`-o edges.tsv`) holds them too"
    return "" if new else "; the file holds them"


def _print_best(best: Any, *, several: bool) -> None:
    further = {"sd": 3, "frequency": 2} if several else {}
    headings = list(further) or ["in TF", "by degree"]
    because = [name for name in best.columns if name.startswith("because_") and best[name].any()]
    if because:  # in the place of other columns: a screen is narrow
        headings = [name.removeprefix("because_").replace("_", " ") for name in because]
    rows = []
    for row in best.to_dict("records"):
        name = f"{row['TF']} -> {row['target']}" + (" (known)" if row["known"] else "")
        cells = [name, number(row["importance"], 3), number(row["probability"])]
        own = [number(row[name], digits) for name, digits in further.items()]
        own = own or [f"{row['rank_in_tf']:,}", f"{row['degree_rank']:,.0f}"]
        rows.append([*cells, *([f"{row[name]:+.3f}" for name in because] or own), f"{row['rank']:,}"])
    head = "best new edges" if not best["known"].any() else "pairs"
    print_table([head, "importance", "probability", *headings, "rank"], rows)


def _say_notes(run: Any) -> None:
    """What a reader of the network should know of a run."""
    counts = run.manifest.data.counts
    tfs, genes = (counts.get(f"{kind}_without_expression", 0) for kind in ("tfs", "genes"))
    if run.graph["gene"].num_features and (tfs or genes):
        say(f"note: {tfs:,} TFs and {genes:,} genes have no expression; their features are zeros")
    if run.config.control is not None:
        say(f"note: control {run.config.control}")
    say_stand_in(run)
