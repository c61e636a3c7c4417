"""Store what the runs of the evidence studies say, as rows that README.md is written from.

    python benchmarks/evidence/collect.py --runs runs

Writes `benchmarks/results/evidence_*.csv`. Rows of cells whose runs are not there stay as they are stored.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd

from grnpyg.runs import read_epochs
from grnpyg.studies import Store, Study, orphans, read_study, store_rows, study_rows

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results"
CURVES = "monitor"  # the study whose epochs are kept
CONTROLS = "controls"  # the study with most rows: columns that no table reads are left out
STRATA = ("auroc_low_degree", "auroc_middle_degree", "auroc_high_degree", "degree_spearman")
EPOCH = ["epoch", "val_auroc@uniform", "val_auroc@degree_matched"]


def main(runs: Path) -> None:
    """Write every table of rows."""
    for path in sorted((HERE / "studies").glob("*.yaml")):
        study = read_study(path)
        stored = RESULTS / f"evidence_{path.stem}.csv"
        rows = study_rows(study, runs)
        if path.stem == CONTROLS:
            rows = rows.drop(columns=[name for name in STRATA if name in rows])
        print(store_rows(study, rows, stored), file=sys.stderr)
        if path.stem == CURVES:
            _store_epochs(study, runs)


def _store_epochs(study: Study, runs: Path) -> None:
    """Validation of two regimes after each epoch, of the cells whose runs are there; what is stored stays."""
    store, tables, new = Store(runs), [], set[str]()
    for cell in study.trials:
        if (manifest := store.manifest(cell)) is not None:
            new |= set(cell.hashes)
            table = read_epochs(store.path(cell), manifest)[EPOCH]
            tables.append(table.assign(**cell.levels, config_hash=cell.hash))
    path = RESULTS / "evidence_epochs.csv"
    if path.exists():
        stored = pd.read_csv(path, dtype={"seed": str, "config_hash": str})
        current = {hash_ for cell in study.trials for hash_ in cell.hashes}
        if warning := orphans(stored[~stored["config_hash"].isin(current)], study.axes, path.name):
            print(warning, file=sys.stderr)
        tables.append(stored[~stored["config_hash"].isin(new)])
    if tables:
        whole = pd.concat(tables).sort_values(["config_hash", "epoch"], kind="stable")
        whole.to_csv(path, index=False, float_format="%.6g")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    main(parser.parse_args().runs)
