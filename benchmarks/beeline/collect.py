"""Store what the runs of the BEELINE studies say, as rows that README.md is written from.

    python benchmarks/beeline/collect.py --runs runs

Writes `benchmarks/results/beeline_*.csv`. Rows of cells whose runs are not there stay as they are stored.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from grnpyg.studies import read_study, store_rows, study_rows

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results"


def main(runs: Path, results: Path = RESULTS) -> None:
    """Write every table of rows."""
    for path in sorted((HERE / "studies").glob("*.yaml")):
        study = read_study(path)
        stored = results / f"beeline_{path.stem}.csv"
        rows = study_rows(study, runs)
        unread = [name for name in rows if name.startswith("auroc_") or name == "degree_spearman"]
        print(store_rows(study, rows.drop(columns=unread), stored), file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    main(parser.parse_args().runs)
