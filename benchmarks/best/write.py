"""What the best recipes reach, and what each part of them is worth, in README.md beside this file.

python benchmarks/best/write.py      from results/best_*.csv
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from elsewhere import table as elsewhere
from heads import heads, heads_on_unseen_nodes

from grnpyg.studies import fill_sections, read_rows, read_study
from knowledge_tables import COLUMNS, breadth, sources, stable

HERE = Path(__file__).resolve().parent
CHANGES = {  # level -> words
    "recipe": "the recipe",
    "harder-negatives": "training negatives 1:2:2 uniform, same TF, degree-matched (recipe: 3:1:1)",
    "uniform-negatives": "uniform negatives alone",
    "no-family": "without relatives by symbol",
    "no-structure": "without any pair structure",
    "no-messages": "vectors of the nodes in place of GraphSAGE",
    "no-expression": "without expression",
}


def main() -> None:
    """Write the table between its markers."""
    readme = HERE / "README.md"
    readme.write_text(fill_sections(readme.read_text(), sections()))


def sections() -> dict[str, str]:
    """Marker -> text."""
    study = read_study(HERE / "studies" / "limits.yaml")
    table = read_rows(study, HERE.parent / "results" / "best_limits.csv")

    def values(change: str, row: str, column: str) -> pd.Series:
        """One number a seed."""
        regime, metric, _ = COLUMNS[column]
        own = table[(table["change"] == change) & (table["row"] == row) & (table["regime"] == regime)]
        return own.set_index("run_seed")[metric]

    lines = [f"| test | {' | '.join(COLUMNS)} | seeds |", f"|{'---|' * (len(COLUMNS) + 2)}"]
    for change, words in CHANGES.items():
        cells = []
        for column, (*_, digits) in COLUMNS.items():
            own = values(change, "model", column)
            difference = (own - values("recipe", "model", column)).mean()
            beside = "" if change == "recipe" else f" ({difference:+.{digits}f})"
            cells.append(f"{own.mean():.{digits}f}{beside}")
        count = values(change, "model", "uniform").count()
        lines.append(f"| {words} | {' | '.join(cells)} | {count} |")
    for row, words in {"degree_product": "degree product", "additive": "additive"}.items():
        cells = [f"{values('recipe', row, c).mean():.{d}f}" for c, (*_, d) in COLUMNS.items()]
        lines.append(f"| *{words}* | {' | '.join(cells)} | {values('recipe', row, 'uniform').count()} |")
    return {
        "limits": "\n".join([*lines, "", "In brackets: difference from the recipe with the same seeds."]),
        "elsewhere": "\n".join(elsewhere()),
        "heads": "\n".join(heads()),
        "heads-cold": "\n".join(heads_on_unseen_nodes()),
        "sources": "\n".join(sources()),
        "breadth": "\n".join(breadth()),
        "stable": "\n".join(stable()),
    }


if __name__ == "__main__":
    main()
