"""Disturb a study on a SLURM cluster again and again, and compare it with one on this machine.

PYTHONPATH=tests python benchmarks/resilience/jobs.py   stores results/resilience_jobs.csv

The study, the cluster of one node, and what is done to them are those of the test (tests/slurm/disturbed.py).
Needs Debian's slurm-wlm and munge.
"""

from __future__ import annotations

import os
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from slurm.cluster import cluster
from slurm.disturbed import DEEDS, contents, disturb, finished, sixteen, states, table, told

from grnpyg.studies import run_studies
from grnpyg.studies.executors import LocalExecutor

RESULTS = Path(__file__).resolve().parents[1] / "results" / "resilience_jobs.csv"


def main() -> None:
    """Store what came out."""
    with tempfile.TemporaryDirectory() as folder:
        row = {"date": date.today().isoformat(), **compared(Path(folder))}
    pd.DataFrame([row]).to_csv(RESULTS, index=False)
    print(row, file=sys.stderr)


def compared(folder: Path) -> dict[str, Any]:
    """Run the study on a cluster and here: what was done to it, and whether the results are the same."""
    study, runs, local = sixteen(folder), folder / "runs", folder / "local"
    with cluster() as slurm:
        os.environ.update(slurm.variables)
        disturb(slurm, study, runs)
    run_studies([study], local, LocalExecutor(jobs=2, threads=1))
    times = finished(runs)
    events = [event["kind"] for event in told(runs)]
    return {
        "trials": len(study.trials),
        "cancels": DEEDS["cancel"],
        "requeues": DEEDS["requeue"],
        "submitters_killed": 1,
        "slurmd_restarts": DEEDS["restart slurmd"],
        "starts": events.count("started"),
        "done": states(study, runs)["done"],
        "finished_once": sum(times[trial.hash] == 1 for trial in study.trials),
        "tables_equal": table(study, runs) == table(study, local),
        "predictions_and_weights_equal": contents(study, runs) == contents(study, local),
    }


if __name__ == "__main__":
    main()
