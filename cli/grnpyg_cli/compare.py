"""`grnpyg compare`: two runs on the same held-out pairs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from grnpyg_cli.metric_tables import signed
from grnpyg_cli.output import Json, number, print_json, print_table, say


def compare(
    run_a: Annotated[Path, typer.Argument(help="Run directory A.")],
    run_b: Annotated[Path, typer.Argument(help="Run directory B; differences are A - B.")],
    split: Annotated[str, typer.Option(help="Held-out part: test (with all its cells), ...")] = "test",
    ranking: Annotated[
        bool, typer.Option("--ranking", help="Compare the full rankings too; scores every pair.")
    ] = False,
    resamples: Annotated[int, typer.Option(min=1, help="Bootstrap resamples behind the intervals.")] = 1000,
    as_json: Json = False,
) -> None:
    """Compare two runs: difference with its two-way bootstrap interval, per-TF Wilcoxon test, DeLong.

    Where B is a control of A, the share of A's score above chance that survives it is what to read.

    Example: grnpyg compare runs/1f0c5d2a9b3e runs/77ab01c2d3e4
    """
    from grnpyg.evaluation.compare import compare as compare_runs
    from grnpyg.runs import Run

    result = compare_runs(Run.load(run_a), Run.load(run_b), split, ranking=ranking, resamples=resamples)
    if as_json:
        print_json(result)
        return
    if result["other_pairs"]:
        say(f"note: the runs have other pairs in {', '.join(result['other_pairs'])}: left out")
    for part, regimes in result["parts"].items():
        lines = [[regime, *_line(r)] for regime, r in regimes.items()]
        headings = ["", "A", "B", "A - B, x100", "kept", "TFs", "effect", "p", "DeLong"]
        print_table(headings, lines, title=f"{part}: AUROC of A and B (ranking: mean of the TFs)")
    say("A - B: 95 % two-way bootstrap. kept: (B - .5) / (A - .5), what survives where B is a control of A.")
    say("TFs, effect, p: Wilcoxon over the TFs' AUROC, p by Holm. DeLong: its p, pairs taken as independent.")


def _line(r: dict[str, Any]) -> list[str]:
    per_tf, delong = r.get("per_tf", {}), r.get("delong", {})
    return [
        number(r["auroc_a"], 3),
        number(r["auroc_b"], 3),
        signed({"d": r["difference"], "d_low": r.get("low"), "d_high": r.get("high")}, "d"),
        number(r["surviving_share"], 2),
        number(per_tf.get("n")),
        number(per_tf.get("effect_size"), 2),
        number(per_tf.get("p_holm"), 3),
        number(delong.get("p"), 3),
    ]
