"""`grnpyg eval`: a run's candidate sets, scored again, beside the baselines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from grnpyg_cli.metric_tables import calibration_lines, ranking_lines, set_lines
from grnpyg_cli.output import Json, number, print_json, print_table, say

if TYPE_CHECKING:
    from grnpyg.compress.effective_rank import RankOptions
    from grnpyg.runs import Run


def evaluate(
    run: Annotated[Path, typer.Argument(help="Run directory.")],
    split: Annotated[
        str, typer.Option(help="Held-out part: test (with all its cells), validation, test_cold_tf, ...")
    ] = "test",
    negatives: Annotated[
        str | None,
        typer.Option(help="Regimes, such as uniform,same_tf,degree_matched,hard. (default: as stored)"),
    ] = None,
    ranking: Annotated[
        bool, typer.Option("--ranking", help="Rank all genes for each TF as well; scores every pair.")
    ] = False,
    calibrate: Annotated[
        str | None, typer.Option(help="temperature, isotonic or none: fit on validation, report on the test.")
    ] = None,
    prior: Annotated[
        float | None,
        typer.Option(help="Share of true edges where the network is used. (default: density of the labels)"),
    ] = None,
    resamples: Annotated[int, typer.Option(min=0, help="Bootstrap resamples behind the intervals.")] = 1000,
    effective_rank: Annotated[
        bool, typer.Option("--effective-rank", help="Effective rank of what the model makes of the pairs.")
    ] = False,
    layer: Annotated[
        str | None, typer.Option(help="Modules joined by +, as head.mlp.1. (default: the head's own)")
    ] = None,
    rank_pairs: Annotated[
        int | None, typer.Option(help="Pairs at most behind the effective rank. (default: 5000)")
    ] = None,
    centred: Annotated[
        bool, typer.Option("--centred", help="Subtract each channel's mean before the effective rank.")
    ] = False,
    spectrum: Annotated[
        Path | None, typer.Option(help="Write the singular values: spectrum.tsv or spectrum.parquet.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Must be the run's own: its pairs are stored, nothing is drawn.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Evaluate a run on its held-out pairs; the gain over node degree comes first.

    Example: grnpyg eval runs/1f0c5d2a9b3e --negatives uniform,same_tf,degree_matched,hard --ranking
    """
    from grnpyg.compress.effective_rank import MAX_PAIRS, RankOptions
    from grnpyg.core.errors import InputError
    from grnpyg.evaluation.evaluate import EvalOptions
    from grnpyg.evaluation.evaluate import evaluate as evaluate_run
    from grnpyg.network.predict import check_output
    from grnpyg.runs import Run

    if not effective_rank and (centred or not all(v is None for v in (layer, rank_pairs, spectrum))):
        raise InputError(
            "these options need --effective-rank",
            where="--layer, --rank-pairs, --centred, --spectrum",
            fix="add it",
        )
    if spectrum is not None:
        check_output(spectrum)
    loaded = Run.load(run)
    if seed is not None and seed != loaded.config.seed:
        raise InputError(
            f"the run's evaluation pairs were drawn with seed {loaded.config.seed}",
            where="--seed",
            fix="train with another seed to draw others",
        )
    if loaded.manifest["status"] == "interrupted":
        say(f"note: this run was interrupted after epoch {loaded.manifest['epochs']}")
    regimes = [] if negatives is None else [name.strip() for name in negatives.split(",") if name.strip()]
    options = EvalOptions(
        regimes=regimes, ranking=ranking, resamples=resamples, calibration=calibrate, prior=prior
    )
    rank: dict[str, Any] = {}
    if effective_rank:
        layers = () if layer is None else tuple(layer.split("+"))
        pairs = MAX_PAIRS if rank_pairs is None else rank_pairs
        rank = {"effective_rank": _rank(loaded, split, RankOptions(layers, pairs, centred), spectrum)}
    result = evaluate_run(loaded, split, options) | rank
    if as_json:
        print_json(result)
        return
    name = f"{loaded.config.encoder['name']} + {loaded.config.head['name']}"
    if result["leaks"]:
        say(f"note: this split leaks ({', '.join(result['leaks'])}): compare with nothing outside it")
    if result["control"]:
        say(f"note: control {result['control']}")
    for part, cell in {split: result, **result.get("cells", {})}.items():
        _show(part, name, cell, loaded.config.evaluation.ratio)
    if effective_rank:
        facts = result["effective_rank"]
        title = f"{' + '.join(facts['layers'])}: {facts['channels']:,} channels, {facts['pairs']:,} pairs"
        lines = [[name, number(facts[name], 2)] for name in ("participation_ratio", "entropy_rank")]
        print_table(["", "effective rank"], lines, title=title)


def _rank(run: Run, part: str, options: RankOptions, spectrum: Path | None) -> dict[str, Any]:
    from grnpyg.compress.effective_rank import effective_rank
    from grnpyg.network.predict import write_table

    facts, table = effective_rank(run, part, options)
    if spectrum is not None:
        write_table(table, spectrum)
        say(f"{len(table):,} singular values in {spectrum}")
    return facts


def _show(part: str, name: str, cell: dict[str, Any], ratio: float) -> None:
    from grnpyg.evaluation.negatives_report import sentence

    for regime, metrics in cell["regimes"].items():
        rows = {name: metrics} | {row: regimes[regime] for row, regimes in cell["baselines"].items()}
        counts = f"{metrics['positives']:,} positives, {metrics['negatives']:,} negatives"
        print_table(*set_lines(rows), title=f"{part}, {regime} negatives ({counts})")
        if line := sentence(cell["negatives"][regime], regime, ratio):
            say(f"note: {line}")
    if "ranking" in cell:
        model = cell["ranking"]
        rows = {name: model} | {row: own["ranking"] for row, own in cell["baselines"].items()}
        print_table(*ranking_lines(rows), title=f"{model['universe']} ({model['ranked_tfs']} TFs averaged)")
    if "calibration" in cell:
        reports = cell["calibration"]
        prior = next(iter(reports.values()))["prior"]
        print_table(
            *calibration_lines(reports), title=f"{part}: calibration where {prior:.3g} are true edges"
        )
