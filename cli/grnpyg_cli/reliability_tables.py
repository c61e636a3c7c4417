"""Tables of claimed probabilities beside what came true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grnpyg_cli.output import number, print_table, say

if TYPE_CHECKING:
    from grnpyg.evaluation import Reliability


def show_reliability(result: Reliability) -> None:
    """Print the bins, then what they come to."""
    rows = [
        [
            f"{row['low']:g} to {row['high']:g}",
            f"{row['pairs']:,.0f}",
            number(row["claimed"], 4),
            number(row["hit_rate"], 4),
            f"{number(row['hit_low'], 4)} to {number(row['hit_high'], 4)}",
            f"{row['hits']:,.0f}",
        ]
        for row in result.table.to_dict("records")
    ]
    headings = ["probability", "pairs", "claimed", "hit rate", "95 %", "hits"]
    print_table(headings, rows, title=f"probabilities judged by {result.judge}")
    say(result.sentence())
