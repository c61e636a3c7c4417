"""Tables of `grnpyg eval --later`.

TF is the mean AUROC of single TFs, AP x the median of their AP over chance, deg. the AUROC on degree-matched
negatives.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grnpyg_cli.output import number, print_table, say
from grnpyg_cli.reliability_tables import show_reliability

if TYPE_CHECKING:
    from grnpyg.evaluation import LaterResult

COLUMNS = {  # metric -> heading, digits
    "auroc": ("AUROC", 3),
    "ap": ("AP", 3),
    "precision_at_100": ("p@100", 2),
    "precision_at_1000": ("p@1k", 2),
    "precision_at_10000": ("p@10k", 2),
    "per_tf_auroc": ("TF", 3),
    "ap_ratio": ("AP x", 1),
    "degree_matched_auroc": ("deg.", 3),
}


def show_later(result: LaterResult, name: str) -> None:
    """Print the result; `name` is the display name of the run's model."""
    names = {"model": name}
    methods = {names.get(method, method): own for method, own in result.metrics.items()}
    say(f"{result.universe}: {result.unlabelled:,} pairs, {result.positives:,} of them positive")
    print_table(
        ["", *(heading for heading, _ in COLUMNS.values())],
        [
            [method, *(number(own[metric], digits) for metric, (_, digits) in COLUMNS.items())]
            for method, own in methods.items()
        ],
        title=f"new edges of {Path(result.truth.source).name}",
    )
    if "model" in result.metrics and "auroc_low" in result.metrics["model"]:
        print_table(*_intervals(result), title=f"{name}, 95 % intervals", words=True)
    for by, own in result.strata.groupby("by", sort=False):
        print_table(*_wide(own, "stratum", names), title=f"AUROC by {by}")
    for judged in result.reliability:
        show_reliability(judged)
    signs = result.signs[result.signs["positives"] > 0] if len(result.signs) else result.signs
    if len(signs):
        print_table(*_wide(signs, "sign", names), title="AUROC by sign of the new edge")


def _intervals(result: LaterResult) -> tuple[list[str], list[list[str]]]:
    own, over = result.metrics["model"], result.over_degree["model"]
    lines = []
    for metric, (heading, digits) in COLUMNS.items():
        ends = (own[f"{metric}_low"], own[f"{metric}_high"])
        lines.append(
            [heading, number(own[metric], digits), _ends(*ends, digits), *_signed(over[metric], digits)]
        )
    return ["", "value", "interval", "over degree", "interval"], lines


def _signed(values: Mapping[str, float], digits: int) -> list[str]:
    difference = values["value"]
    shown = "-" if difference != difference else f"{difference:+.{digits}f}"
    return [shown, _ends(values["low"], values["high"], digits)]


def _ends(low: float, high: float, digits: int) -> str:
    return f"{number(low, digits)} to {number(high, digits)}"


def _wide(table: Any, key: str, names: Mapping[str, str]) -> tuple[list[str], list[list[str]]]:
    """A line per method, a column per value of `key` with its positives."""
    counts = table.drop_duplicates(key).set_index(key)["positives"]
    wide = table.pivot(index="method", columns=key, values="auroc")
    methods = list(dict.fromkeys(table["method"]))
    headings = [f"{value} ({count:,})" for value, count in counts.items()]
    lines = [
        [names.get(method, method), *(number(float(wide.loc[method, value]), 3) for value in counts.index)]
        for method in methods
    ]
    return ["positives", *headings], lines
