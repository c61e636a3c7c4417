"""Kill a study at random moments, let it finish, and compare it with one that nothing disturbed.

python benchmarks/resilience/kill.py [KILLS]   20 kills by default; stores results/resilience.csv
"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results" / "resilience.csv"
STUDY = HERE / "study.yaml"
GRNPYG = [sys.executable, "-m", "grnpyg_cli.main"]
LONGEST = 16.0  # seconds from a start to its kill; imports and data take about a third


def study(command: str, *options: str) -> list[str]:
    """A command line of `grnpyg study`."""
    return [*GRNPYG, "study", command, str(STUDY), *options]


def workers(runs: Path) -> list[str]:
    """Two workers of one thread."""
    return ["--runs", str(runs), "--jobs", "2", "--threads", "1"]


def main(kills: int) -> None:
    """Run the study twice, once disturbed."""
    with tempfile.TemporaryDirectory() as folder:
        whole, killed = Path(folder, "whole"), Path(folder, "killed")
        subprocess.run(study("run", *workers(whole)), check=True)
        rng, moments = random.Random(0), []
        while len(moments) < kills:
            run = subprocess.Popen(
                study("run", *workers(killed)),
                stderr=subprocess.DEVNULL,
            )
            try:
                run.wait(rng.uniform(0, LONGEST))
                raise SystemExit(f"the study was over after {len(moments)} kills: lengthen it")
            except subprocess.TimeoutExpired:
                os.kill(run.pid, signal.SIGKILL)
                run.wait()
            moments.append(len(list(killed.glob("*/manifest.json"))))
            print(f"kill {len(moments)}: {moments[-1]} cells done", file=sys.stderr)
            time.sleep(rng.uniform(0, 0.5))
        subprocess.run(study("run", *workers(killed)), check=True)
        tables = {runs: table(runs) for runs in (whole, killed)}
        predictions = {runs: contents(runs) for runs in (whole, killed)}
        row = {
            "date": date.today().isoformat(),
            "kills": kills,
            "cells": len(predictions[whole]),
            "cells_done_at_the_kills": " ".join(map(str, moments)),
            "tables_equal": tables[whole] == tables[killed],
            "predictions_and_weights_equal": predictions[whole] == predictions[killed],
            "table_sha256": hashlib.sha256(tables[killed]).hexdigest(),
        }
    pd.DataFrame([row]).to_csv(RESULTS, index=False)
    print(row, file=sys.stderr)


def table(runs: Path) -> bytes:
    """The study's table at full precision."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "table.csv")
        subprocess.run(study("table", "--runs", str(runs), "-o", str(file)), check=True, capture_output=True)
        return file.read_bytes()


def contents(runs: Path) -> dict[str, str]:
    """Trial -> SHA-256 of its predictions, metrics and weights."""
    names = ("predictions.parquet", "metrics.parquet", "model.safetensors")
    return {
        path.parent.name: hashlib.sha256(
            b"".join((path.parent / name).read_bytes() for name in names)
        ).hexdigest()
        for path in sorted(runs.glob("*/manifest.json"))
    }


def sections() -> dict[str, str]:
    """What stands between the markers of README.md."""
    row = pd.read_csv(RESULTS).iloc[-1]
    verdict = {True: "equal to the bit", False: "NOT equal"}
    text = (
        f"{row['date']}: {row['kills']} times SIGKILL over {row['cells']} cells (done at the kills: "
        f"{row['cells_done_at_the_kills']}). Tables {verdict[bool(row['tables_equal'])]}, predictions, "
        f"metrics and weights {verdict[bool(row['predictions_and_weights_equal'])]}."
    )
    return {"resilience": text}


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
