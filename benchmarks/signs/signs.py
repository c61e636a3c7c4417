"""How well the rule of `grnpyg.networks` tells the sign of an edge, on known signs that are held out.

    python benchmarks/signs/signs.py run      measures (2 minutes) and stores results/signs.csv
    python benchmarks/signs/signs.py write    writes the table into benchmarks/signs/README.md

The label sets are names of the catalogue; those that are not bundled have to be fetched first. Correlations
are those over the bundled cells.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pandas as pd

from grnpyg import __version__, build_grn
from grnpyg.networks import sign_accuracy
from grnpyg.studies import fill_sections

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results" / "signs.csv"
LABELS = {
    "trrust": "TRRUST",
    "collectri": "CollecTRI",
    "bundled": "DoRothEA A to C",
    "dorothea": "DoRothEA A to E",
}


def main() -> None:
    """Measure or write."""
    if sys.argv[1:] == ["run"]:
        RESULTS.write_text(measured().to_csv(index=False, float_format="%.4f"))
    elif sys.argv[1:] == ["write"]:
        readme = HERE / "README.md"
        readme.write_text(fill_sections(readme.read_text(), sections()))
    else:
        sys.exit(str(__doc__))


def measured() -> pd.DataFrame:
    """One line a label set and method."""
    tables = []
    for labels in LABELS:
        grn = build_grn("bundled", labels, coexpression=["pearson"])
        tables.append(sign_accuracy(grn.graph).assign(labels=labels))
    rows = pd.concat(tables, ignore_index=True).assign(grnpyg=__version__, date=date.today().isoformat())
    return rows[["labels", *(column for column in rows if column != "labels")]]


def sections() -> dict[str, str]:
    """Marker -> text."""
    rows = pd.read_csv(RESULTS)
    lines = [
        "| labels | signed edges | method | accuracy | balanced | AUROC | given a sign | of these right "
        "(activation / repression) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows.itertuples():
        about = f"{LABELS[row.labels]} | {row.edges:,}" if row.method == "all activation" else " | "
        given = " | "
        if row.method == "rule":
            right = f"{row.right:.3f} ({_number(row.right_activating)} / {_number(row.right_repressing)})"
            given = f"{100 * row.signed:.0f} % | {right}"
        figures = f"{row.accuracy:.3f} | {row.balanced_accuracy:.3f} | {row.auroc:.3f}"
        lines.append(f"| {about} | {row.method} | {figures} | {given} |")
    return {"signs": "\n".join(lines)}


def _number(value: float) -> str:
    return "none given" if value != value else f"{value:.3f}"


if __name__ == "__main__":
    main()
