"""The data of a trial: cells read and normalised again, against cells kept by an earlier trial.

    python benchmarks/speed/loading.py run    measures and stores results/loading_speed.csv
    python benchmarks/speed/write.py          writes the table into benchmarks/speed/README.md

Processor seconds of a fresh process, as each task of a cluster is one; one thread. Sides alternate; a ratio
is the median over the rounds. `brain` has to be in the cache (`grnpyg data fetch brain symbol-labels`).
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import speed

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "results" / "loading_speed.csv"
SETS = {"bundled": "bundled", "brain": "symbol-labels"}  # cells -> labels
AGAIN, KEPT, ROUNDS = "read again", "kept", 5
LOAD = """
import sys, time
from grnpyg import build_grn
start = time.process_time()
build_grn(sys.argv[1], sys.argv[2])
print(time.process_time() - start)
"""


def seconds(cells: str, side: str) -> float:
    """Processor seconds of a process that loads a data set."""
    own = {"OMP_NUM_THREADS": "1", "GRNPYG_PREPARED": "off" if side == AGAIN else "10"}
    command = [sys.executable, "-c", LOAD, cells, SETS[cells]]
    done = subprocess.run(command, env=os.environ | own, capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> None:
    """Measure both sides of every data set."""
    rows = []
    for cells in SETS:
        seconds(cells, KEPT)  # so that it is kept
        for round_ in range(ROUNDS):
            for side in (AGAIN, KEPT):
                rows.append({"cells": cells, "round": round_, "side": side, "seconds": seconds(cells, side)})
                print(rows[-1], file=sys.stderr)
    about = {"date": date.today().isoformat(), "processor": speed.processor(), "scanpy": version("scanpy")}
    pd.DataFrame(rows).assign(threads=1, **about).to_csv(RESULTS, index=False, float_format="%.4g")


def sections() -> dict[str, str]:
    """What stands between the markers of README.md."""
    table = pd.read_csv(RESULTS)
    about = table.iloc[0]
    lines = [
        f"{about['processor']}, {about['date']}, scanpy {about['scanpy']}, one thread, "
        f"{table['round'].nunique()} rounds:",
        "",
        "| cells | read again, seconds | kept, seconds | times as fast |",
        "|---|---|---|---|",
    ]
    for cells, own in table.groupby("cells", sort=False):
        sides = own.pivot(index="round", columns="side", values="seconds")
        ratio = float(np.median(sides[AGAIN] / sides[KEPT]))
        lines.append(f"| {cells} | {sides[AGAIN].median():.2f} | {sides[KEPT].median():.2f} | {ratio:.2f} |")
    return {"loading": "\n".join(lines)}


if __name__ == "__main__":
    if sys.argv[1:] == ["run"]:
        main()
    else:
        sys.exit(__doc__)
