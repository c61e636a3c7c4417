"""`grnpyg compare`: two runs on the same held-out pairs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grnpyg_cli import options as o
from grnpyg_cli.metric_tables import signed
from grnpyg_cli.output import Json, number, print_json, print_table, say

if TYPE_CHECKING:
    from grnpyg.evaluation import Comparison


def compare(
    run_a: Annotated[Path, typer.Argument(help="Run directory A.")],
    run_b: Annotated[Path, typer.Argument(help="Run directory B; differences are A - B.")],
    split: Annotated[str, typer.Option(help="Held-out subset; test has all test subsets.")] = "test",
    ranking: Annotated[
        bool, typer.Option("--ranking", help="Also compare the full rankings; scores every pair.")
    ] = False,
    resamples: Annotated[int, typer.Option(min=1, help="Bootstrap resamples behind the intervals.")] = 1000,
    trust_plugins: o.TrustPlugins = False,
    as_json: Json = False,
) -> None:
    """Compare two runs: difference with a two-way bootstrap interval, per-TF Wilcoxon test, DeLong test.

    If B is a control of A, read the column `kept`: the share of A's score above chance that B keeps.

    Example: grnpyg compare runs/1f0c5d2a9b3e runs/77ab01c2d3e4
    """
    from grnpyg.evaluation import compare as compare_runs
    from grnpyg.runs import Run

    result = compare_runs(
        Run.load(run_a, trust_plugins=trust_plugins),
        Run.load(run_b, trust_plugins=trust_plugins),
        split,
        ranking=ranking,
        resamples=resamples,
    )
    if as_json:
        print_json(result.to_dict())
        return
    if result.other_pairs:
        say(f"note: the runs have different pairs in {', '.join(result.other_pairs)}: left out")
    for subset, settings in result.subsets.items():
        lines = [[setting, *_line(one)] for setting, one in settings.items()]
        headings = ["", "A", "B", "A - B, x100", "kept", "TFs", "effect", "p", "DeLong"]
        print_table(headings, lines, title=f"{subset}: AUROC of A and B (ranking: mean of the TFs)")
    say("A - B: 95 % two-way bootstrap. kept: (B - .5) / (A - .5), what remains if B is a control of A.")
    say("TFs, effect, p: Wilcoxon over the TFs' AUROC, p by Holm. DeLong: p, assuming independent pairs.")


def _line(one: Comparison) -> list[str]:
    per_tf, delong = one.per_tf, one.delong
    return [
        number(one.auroc_a, 3),
        number(one.auroc_b, 3),
        signed({"d": one.difference, "d_low": one.low, "d_high": one.high}, "d"),
        number(one.surviving_share, 2),
        number(None if per_tf is None else per_tf.n),
        number(None if per_tf is None else per_tf.effect_size, 2),
        number(one.p_holm, 3),
        number(None if delong is None else delong.p, 3),
    ]
