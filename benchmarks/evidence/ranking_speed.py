"""Time and peak memory of the full ranking and of its bootstrap, at the size of the paper's labels.

    python benchmarks/evidence/ranking_speed.py     measures and stores results/ranking_speed.csv

Random scores, about 15 positives a TF. `resamples` 0 is `ranking_metrics`, else `bootstrap_ranking` of one
row of scores. Both use one thread; `seconds` is wall time, so a busy machine shows. Each has a process of its
own, whose peak includes Python, the libraries and the data. Kernels are compiled before the clock starts.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from grnpyg.metrics import RankingSet, bootstrap_ranking, ranking_metrics

RESULTS = Path(__file__).resolve().parents[1] / "results" / "ranking_speed.csv"
TFS, GENES, POSITIVES = 820, 5863, 15
RESAMPLES = (0, 1000)


def data(tfs: int, genes: int) -> tuple[RankingSet, np.ndarray]:
    """A random ranking set with 1 % of the cells filtered, and float32 scores that know a little."""
    rng = np.random.default_rng(0)
    label, candidate = rng.random((tfs, genes)) < POSITIVES / genes, rng.random((tfs, genes)) > 0.01
    scores = (rng.normal(size=(tfs, genes)) + label).astype(np.float32)
    return RankingSet(np.arange(tfs), np.arange(genes), label & candidate, candidate, "random cells"), scores


def compute(shown: RankingSet, scores: np.ndarray, resamples: int) -> None:
    """What is measured."""
    if resamples:
        bootstrap_ranking(shown, {"model": scores}, resamples=resamples, seed=0)
    else:
        ranking_metrics(shown, scores)


def measure(resamples: int) -> None:
    """Print seconds and peak megabytes (10^6 bytes) of this process."""
    compute(*data(20, 200), resamples)
    shown, scores = data(TFS, GENES)
    start = time.perf_counter()
    compute(shown, scores, resamples)
    seconds = time.perf_counter() - start
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)


def main() -> None:
    """Measure each in a fresh process."""
    versions = " ".join(f"{name}={version(name)}" for name in ("numpy", "numba", "pandas"))
    rows = []
    for resamples in RESAMPLES:
        command = [sys.executable, __file__, str(resamples)]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        seconds, peak = map(float, printed.split())
        row = {"tfs": TFS, "genes": GENES, "resamples": resamples, "threads": 1, "seconds": round(seconds, 2)}
        rows.append(row | {"peak_mb": round(peak), "versions": versions})
        print(rows[-1], file=sys.stderr)
    pd.DataFrame(rows).to_csv(RESULTS, index=False)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        measure(int(sys.argv[1]))
    else:
        main()
