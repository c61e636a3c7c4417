"""`grnpyg prune`: make a smaller run from a run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from grnpyg_cli import options as o
from grnpyg_cli.output import Json, number, print_json, print_table, say

if TYPE_CHECKING:
    from grnpyg.core import PruneConfig
    from grnpyg.metrics import MethodTable
    from grnpyg.runs import Run
    from grnpyg.training import TrainOptions


def prune(
    run: Annotated[Path, typer.Argument(help="Run directory.")],
    ratio: Annotated[
        float | None, typer.Option(help="Share of the units to remove, from 0 to below 1.")
    ] = None,
    curve: Annotated[bool, typer.Option("--curve", help="All 13 levels from 0 to 90 %.")] = False,
    what: Annotated[
        Literal["hidden", "embedding", "all"], typer.Option(help="Which widths to cut.")
    ] = "hidden",
    importance: Annotated[
        str, typer.Option(help="How to choose the units to remove: see `grnpyg list importances`.")
    ] = "activation_variance",
    finetune_epochs: Annotated[int, typer.Option(help="Epochs of fine-tuning after each cut; 0: none.")] = 0,
    finetune_lr: Annotated[
        float | None, typer.Option(help="Learning rate of fine-tuning. (default: the run's)")
    ] = None,
    optimizer: Annotated[
        Literal["fresh", "warm_up", "carried"], typer.Option(help="Adam's state when fine-tuning begins.")
    ] = "fresh",
    keep_optimizer: Annotated[
        bool, typer.Option("--keep-optimizer", help="Store the state of Adam for a later step.")
    ] = False,
    split: Annotated[str, typer.Option(help="Held-out subset to report.")] = "test",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="With --curve: table.tsv or table.parquet.")
    ] = None,
    runs: Annotated[
        Path | None, typer.Option(help="Folder of the new run. (default: the folder of the given run)")
    ] = None,
    device: o.Device = "auto",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Prune again, replacing a run.")] = False,
    seed: Annotated[
        int | None, typer.Option(help="Must equal the run's seed, which decides all random numbers.")
    ] = None,
    trust_plugins: o.TrustPlugins = False,
    as_json: Json = False,
) -> None:
    """Remove the least important units and write an ordinary, smaller run.

    Choose a level by its scores with --split validation; use the test subset only for the chosen level.

    Example: grnpyg prune runs/1f0c5d2a9b3e --ratio 0.6 --what all --finetune-epochs 10
    """
    from grnpyg.core import TABLE_SUFFIXES, InputError, check_output, unknown
    from grnpyg.resolve import prune_step
    from grnpyg.runs import Run
    from grnpyg.training import TrainOptions

    if curve == (ratio is not None):
        raise InputError("give either --ratio or --curve", where="grnpyg prune")
    if output is not None and not curve:
        raise InputError("only a curve has a table", where="--output", fix="add --curve, or leave it out")
    if output is not None:
        check_output(output, TABLE_SUFFIXES)
    step = prune_step(
        ratio=0.0 if ratio is None else ratio,
        what=what,
        importance=importance,
        finetune_epochs=finetune_epochs,
        finetune_lr=finetune_lr,
        optimizer=optimizer,
    )
    loaded = Run.load(run, trust_plugins=trust_plugins)
    if seed is not None and seed != loaded.config.seed:
        raise InputError(f"the run was trained with seed {loaded.config.seed}", where="--seed")
    if split not in loaded.split.held_out:
        raise unknown("subset", split, loaded.split.held_out, where=run)
    if loaded.manifest.status == "interrupted":
        say(f"note: this run was interrupted after epoch {loaded.manifest.epochs}")
    folder = run.resolve().parent if runs is None else runs
    options = TrainOptions(
        folder,
        device,
        overwrite=overwrite,
        progress=sys.stderr.isatty(),
        keep_optimizer=keep_optimizer,
    )
    if curve:
        _curve(loaded, step, options, split, output, as_json=as_json)
    else:
        _one(loaded, step, options, split, as_json=as_json)


def _one(run: Run, step: PruneConfig, options: TrainOptions, subset: str, *, as_json: bool) -> None:
    from grnpyg.compress import Reference, beside, compression
    from grnpyg.compress import prune as prune_run

    reference = Reference(run)
    pruned = prune_run(reference, step, options, say=say)
    figures = compression(pruned, subset)
    if subset in reference.ranked:
        figures["per_tf_auroc_before"] = reference.per_tf_auroc(reference.model, subset)
    if as_json:
        print_json(
            {
                "run": str(pruned.path),
                "reused": pruned.reused,
                "split": subset,
                "seconds": pruned.manifest.seconds,
                **_whole(figures),
                "baselines": beside(pruned, subset).to_dict(),
            }
        )
        return
    names = {
        "parameters": 0,
        "embedding_parameters": 0,
        "macs_per_pair": 0,
        "weight_bytes": 0,
        "auroc": 4,
        "ap": 4,
        "per_tf_auroc": 4,
    }
    lines = [
        [
            name,
            number(figures[f"{name}_before"], digits),
            number(figures[name], digits),
            _share(figures, name),
        ]
        for name, digits in names.items()
        if name in figures
    ]
    lines += [["latency of a pass", "", "", f"{figures['latency_ratio']:.3f}"]]
    print_table(
        ["", "before", "after", "ratio"], lines, title=f"{subset}, {step.ratio:g} of {step.what} removed"
    )
    say(_beside(beside(pruned, subset)))
    say(f"Spearman correlation of the scores: {figures['score_spearman']:.4f}")
    typer.echo(f"run: {pruned.path}")
    say(f"next: grnpyg eval {pruned.path}")


def _curve(
    run: Run, step: PruneConfig, options: TrainOptions, subset: str, output: Path | None, *, as_json: bool
) -> None:
    import pandas as pd

    from grnpyg.compress import beside, curve
    from grnpyg.core import write_table

    rows = []
    for level in curve(run, step, options, subset=subset, say=say):
        row = level.to_dict()
        rows.append(_whole(row))
        kind = f"fine-tuned {row['finetune_epochs']} epochs" if row["finetune_epochs"] else "post hoc"
        say(f"{row['ratio']:.2f} {kind}: AUROC {row['auroc']:.4f}, retention {row['retention_auroc']:.4f}")
    if output is not None:
        write_table(pd.DataFrame(rows), output)
        say(f"{len(rows)} rows in {output}")
    baselines = beside(run, subset)
    if as_json:
        print_json({"run": str(run.path), "split": subset, "rows": rows, "baselines": baselines.to_dict()})
        return
    digits = {"retention_auroc": 4, "auroc": 4, "ap": 4, "per_tf_auroc": 4, "score_spearman": 4}
    lines = [
        [
            f"{row['ratio']:.2f}",
            str(row["finetune_epochs"]),
            number(row["parameters"], 0),
            number(row["macs_per_pair"], 0),
            number(row["latency_ratio"], 3),
            *(number(row.get(name), places) for name, places in digits.items()),
        ]
        for row in rows
    ]
    headings = [
        "removed",
        "epochs",
        "parameters",
        "MACs",
        "latency",
        "retention",
        "AUROC",
        "AP",
        "TF AUROC",
        "rho",
    ]
    print_table(headings, lines, title=f"{subset}: {step.what} pruned by {step.importance['name']}")
    say(_beside(baselines))


WHOLE = ("parameters", "macs_per_pair", "bytes")


def _whole(figures: dict[str, Any]) -> dict[str, Any]:
    """Counts as whole numbers."""
    return {
        name: int(value) if any(word in name for word in WHOLE) else value for name, value in figures.items()
    }


def _share(figures: dict[str, float], name: str) -> str:
    before = figures[f"{name}_before"]
    return f"{figures[name] / before:.3f}" if before else "-"


def _beside(baselines: MethodTable) -> str:
    rows = ", ".join(f"{row} {number(metrics['auroc'])}" for row, metrics in baselines.items())
    return f"AUROC of the baselines: {rows}"
